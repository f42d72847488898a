"""The bytes of an untrusted HDF5 file: every read is checked against the file and a budget.

Numbers are little-endian. Source: HDF5 File Format Specification 3.0,
https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html
"""

import io
from typing import BinaryIO

from calculator.readers.model import MAX_TEXT, ReadError

MAX_READ = 64_000_000
"""The maximum number of bytes of a file that are read, all reads together; values of tensors are not."""

DAMAGED = "This HDF5 file is damaged: "


class Fields:
    """The fields of a part of the file, one after the other.

    >>> fields = Fields(b"TREE" + bytes([1, 0]), 8, 8)
    >>> fields.take(4), fields.number(2)
    (b'TREE', 1)
    """

    def __init__(self, data: bytes, offset_size: int, length_size: int) -> None:
        self.data = data
        self.position = 0
        self._offset_size = offset_size
        self._length_size = length_size

    def take(self, size: int) -> bytes:
        """Return the next ``size`` bytes. Raises ``ReadError`` where fewer are left."""
        begin, end = self.position, self.position + size
        if size < 0 or end > len(self.data):
            raise ReadError(f"{DAMAGED}a part of it ends before its last field.")
        self.position = end
        return self.data[begin:end]

    def number(self, size: int) -> int:
        """Return the next whole number of ``size`` bytes."""
        return int.from_bytes(self.take(size), "little")

    def address(self) -> int | None:
        """Return the next address, or ``None`` for the undefined address, whose bits are all set."""
        value = self.number(self._offset_size)
        return None if value == (1 << 8 * self._offset_size) - 1 else value

    def length(self) -> int:
        """Return the next length."""
        return self.number(self._length_size)

    def expect(self, signature: bytes) -> None:
        """Skip ``signature``. Raises ``ReadError`` where the next bytes are others."""
        if self.take(len(signature)) != signature:
            raise ReadError(f"{DAMAGED}{signature.decode('ascii')} is missing where a part of it begins.")

    def left(self) -> int:
        """Return the number of bytes that are left."""
        return len(self.data) - self.position


class Source:
    """An open HDF5 file. Addresses count from ``base``, the position of the superblock.

    ``offset_size`` and ``length_size`` are the sizes of addresses and of lengths in bytes.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._left = MAX_READ
        self.base = 0
        self.end = stream.seek(0, io.SEEK_END)
        self.offset_size = 8
        self.length_size = 8

    def fields(self, address: int | None, size: int) -> Fields:
        """Return the ``size`` bytes at ``address``. Raises ``ReadError`` outside the file or the budget."""
        return Fields(self.read(address, size), self.offset_size, self.length_size)

    def read(self, address: int | None, size: int) -> bytes:
        """Return the ``size`` bytes at ``address``. Raises ``ReadError`` outside the file or the budget."""
        if address is None or size < 0 or self.base + address + size > self.end:
            raise ReadError("This HDF5 file is cut short or damaged: a part of it lies outside the file.")
        if size > MAX_TEXT:
            raise ReadError(f"A part of this HDF5 file has {size:,} bytes; at most {MAX_TEXT:,} are read.")
        self._left -= size
        if self._left < 0:
            raise ReadError(f"The headers of this HDF5 file have more than {MAX_READ:,} bytes, the maximum.")
        self._stream.seek(self.base + address)
        data = self._stream.read(size)
        if len(data) != size:
            raise ReadError("This HDF5 file is cut short.")
        return data
