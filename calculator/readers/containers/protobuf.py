"""The wire format of Protocol Buffers, read strictly and lazily: no schema, no copies, no recursion.

A message is a run of fields. A length-delimited field comes as a slice of the same memory, unread until
somebody asks, so that skipping a large tensor costs nothing.
Source: https://protobuf.dev/programming-guides/encoding/
"""

import struct
from collections.abc import Iterator

from calculator.readers.model import ReadError

MAX_FIELDS = 5_000_000
"""Fields that are read of one file; a network of 10,000 layers has under a million."""

VARINT, EIGHT, LENGTH, FOUR = 0, 1, 2, 5
MAX_NUMBER = 2**29 - 1
BEYOND = 1 << 64

Value = int | memoryview
"""An unsigned 64-bit number, or the bytes of everything else."""


def varint(data: memoryview, at: int) -> tuple[int, int]:
    """Return the unsigned number at ``at`` and the position behind it.

    Raises ``ReadError`` where the bytes end too early, and above 64 bits.

    >>> varint(memoryview(bytes([0xAC, 0x02])), 0)
    (300, 2)
    """
    result = shift = 0
    for position in range(at, min(at + 10, len(data))):
        byte = data[position]
        result |= (byte & 0x7F) << shift
        if byte < 0x80:
            if result >= BEYOND:
                break
            return result, position + 1
        shift += 7
    if len(data) < at + 10 and shift == 7 * (len(data) - at):
        raise ReadError("The file ends in the middle of a number: it is cut off or damaged.")
    raise ReadError("A number in the file has more than 64 bits: the file is damaged.")


def signed(number: int) -> int:
    """Return an unsigned 64-bit number as the signed one with the same bits.

    >>> signed(2**64 - 1), signed(5)
    (-1, 5)
    """
    return number - BEYOND if number >= BEYOND >> 1 else number


def numbers(value: Value) -> list[int]:
    """Return the signed numbers of a repeated field: one of its entries, or all of them packed.

    >>> numbers(7), numbers(memoryview(bytes([1, 2, 3])))
    ([7], [1, 2, 3])
    """
    if isinstance(value, int):
        return [signed(value)]
    result, at = [], 0
    while at < len(value):
        number, at = varint(value, at)
        result.append(signed(number))
    return result


def floats(value: Value) -> list[float]:
    """Return the 32-bit floats of a field: one, or all of them packed. Raises ``ReadError`` for odd bytes.

    >>> floats(memoryview(bytes([0, 0, 128, 63])))
    [1.0]
    """
    if isinstance(value, int) or len(value) % 4:
        raise ReadError("A list of floats in the file has a broken length: the file is damaged.")
    return list(struct.unpack(f"<{len(value) // 4}f", value))


def text(value: Value) -> str:
    """Return the text of a field; bytes that are no UTF-8 become replacement marks.

    >>> text(memoryview(b"up.0"))
    'up.0'
    """
    return "" if isinstance(value, int) else str(value, "utf-8", "replace")


class Wire:
    """Reads the fields of messages, and counts them: no file gets more than ``maximum``."""

    def __init__(self, maximum: int = MAX_FIELDS) -> None:
        self.left = maximum

    def fields(self, data: memoryview) -> Iterator[tuple[int, Value]]:
        """Yield (field number, value) of every field of the message ``data``, in order.

        Raises ``ReadError`` for a length beyond the end, a kind of field that is not in use, a number
        that is none, and too many fields in the whole file.

        >>> list(Wire().fields(memoryview(bytes([0x08, 0x96, 0x01, 0x18, 0x01]))))
        [(1, 150), (3, 1)]
        """
        at, end = 0, len(data)
        while at < end:
            self.left -= 1
            if self.left < 0:
                raise ReadError("The file has more fields than any real model: it is not read further.")
            tag, at = _next(data, at)
            number, kind = tag >> 3, tag & 7
            if not 0 < number <= MAX_NUMBER:
                raise ReadError("A field of the file has an impossible number: the file is damaged.")
            if kind == VARINT:
                value, at = _next(data, at)
                yield number, value
                continue
            length, at = _length(data, at, kind)
            if length > end - at:
                raise ReadError(
                    f"A field of the file says that it has {length:,} bytes, and {end - at:,} are left: "
                    "the file is cut off or damaged."
                )
            yield number, data[at : at + length]
            at += length


def _next(data: memoryview, at: int) -> tuple[int, int]:
    """Return what ``varint`` does, at once for the many numbers of one byte."""
    if at < len(data) and data[at] < 0x80:
        return data[at], at + 1
    return varint(data, at)


def _length(data: memoryview, at: int, kind: int) -> tuple[int, int]:
    if kind == LENGTH:
        return _next(data, at)
    if kind not in (FOUR, EIGHT):
        raise ReadError(f"A field of the file is of kind {kind}, which is not in use: the file is damaged.")
    return (4 if kind == FOUR else 8), at
