"""A stream that counts what is read from it."""

import io


class CountedStream(io.BytesIO):
    """Bytes in memory, with the number of those that were read."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self.taken += len(data)
        return data
