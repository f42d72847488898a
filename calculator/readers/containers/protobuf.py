"""The wire format of Protocol Buffers, read strictly and lazily.

A message is a sequence of fields. The value of a length-delimited field is a slice of the same memory, which
is not parsed before a caller does so: skipping a large tensor costs nothing. Why this is hand-written:

- The ``protobuf`` and ``onnx`` packages copy every tensor into memory; a model can have gigabytes.
- Generated classes recurse into every nested message, and have no limit on the number of fields.
- Only a few of ONNX's messages are needed, and the format is small.

Source: https://protobuf.dev/programming-guides/encoding/
"""

import struct
from collections.abc import Iterator

from calculator.readers.model import ReadError

MAX_FIELDS = 5_000_000
"""The maximum number of fields in one file. A network of 10,000 layers has under a million."""

VARINT, EIGHT_BYTES, LENGTH_DELIMITED, FOUR_BYTES = 0, 1, 2, 5
"""The wire types. Types 3 and 4 are no longer in use, 6 and 7 never were."""

MAX_FIELD_NUMBER = 2**29 - 1
UINT64_RANGE = 1 << 64

Value = int | memoryview
"""The value of a field: an unsigned 64-bit number, or the bytes of any other wire type."""


def varint(data: memoryview, at: int) -> tuple[int, int]:
    """Return the unsigned number at position ``at`` and the position after the number.

    Raises ``ReadError`` where the bytes end within the number, and for more than 64 bits.

    >>> varint(memoryview(bytes([0xAC, 0x02])), 0)
    (300, 2)
    """
    result = shift = 0
    for position in range(at, min(at + 10, len(data))):
        byte = data[position]
        result |= (byte & 0x7F) << shift
        if byte < 0x80:
            if result >= UINT64_RANGE:
                break
            return result, position + 1
        shift += 7
    # A 64-bit number takes ten bytes. If fewer bytes are left and none ends the number, the data is cut off.
    if len(data) < at + 10 and shift == 7 * (len(data) - at):
        raise ReadError("The file ends in the middle of a number: it is cut off or damaged.")
    raise ReadError("A number in the file has more than 64 bits: the file is damaged.")


def signed(number: int) -> int:
    """Return the signed number with the same 64 bits as an unsigned number.

    >>> signed(2**64 - 1), signed(5)
    (-1, 5)
    """
    return number - UINT64_RANGE if number >= UINT64_RANGE >> 1 else number


def numbers(value: Value) -> list[int]:
    """Return the signed numbers in the value of a repeated field: a single entry, or all entries packed.

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
    """Return the 32-bit floats in the value of a field: a single entry, or all entries packed.

    Raises ``ReadError`` where the length is not a multiple of four bytes.

    >>> floats(memoryview(bytes([0, 0, 128, 63])))
    [1.0]
    """
    if isinstance(value, int) or len(value) % 4:
        raise ReadError("A list of floats in the file has an invalid length: the file is damaged.")
    return list(struct.unpack(f"<{len(value) // 4}f", value))


def text(value: Value) -> str:
    """Return the text in the value of a field. Bytes that are not UTF-8 become replacement characters.

    >>> text(memoryview(b"up.0"))
    'up.0'
    """
    return "" if isinstance(value, int) else str(value, "utf-8", "replace")


class Wire:
    """A reader of messages that counts their fields and refuses more than ``maximum`` in one file."""

    def __init__(self, maximum: int = MAX_FIELDS) -> None:
        self.remaining = maximum

    def fields(self, data: memoryview) -> Iterator[tuple[int, Value]]:
        """Yield (field number, value) for every field of the message ``data``, in order.

        Raises ``ReadError`` for a length beyond the end, an unused wire type, an impossible field number,
        and too many fields in the file.

        >>> list(Wire().fields(memoryview(bytes([0x08, 0x96, 0x01, 0x18, 0x01]))))
        [(1, 150), (3, 1)]
        """
        at, end = 0, len(data)
        while at < end:
            self.remaining -= 1
            if self.remaining < 0:
                raise ReadError("The file has more fields than any real model, so reading stopped.")
            tag, at = _fast_varint(data, at)
            number, wire_type = tag >> 3, tag & 7
            if not 0 < number <= MAX_FIELD_NUMBER:
                raise ReadError("A field of the file has an impossible number: the file is damaged.")
            if wire_type == VARINT:
                value, at = _fast_varint(data, at)
                yield number, value
                continue
            length, at = _length(data, at, wire_type)
            if length > end - at:
                raise ReadError(
                    f"A field of the file should have {length:,} bytes, but only {end - at:,} are left: "
                    "the file is cut off or damaged."
                )
            yield number, data[at : at + length]
            at += length


def _fast_varint(data: memoryview, at: int) -> tuple[int, int]:
    """Return the same as ``varint``, without its loop for the numbers of one byte, which most numbers are."""
    if at < len(data) and data[at] < 0x80:
        return data[at], at + 1
    return varint(data, at)


def _length(data: memoryview, at: int, wire_type: int) -> tuple[int, int]:
    """Return the length of a value in bytes, and the position where the value begins."""
    if wire_type == LENGTH_DELIMITED:
        return _fast_varint(data, at)
    if wire_type not in (FOUR_BYTES, EIGHT_BYTES):
        raise ReadError(f"A field of the file has the unused wire type {wire_type}: the file is damaged.")
    return (4 if wire_type == FOUR_BYTES else 8), at
