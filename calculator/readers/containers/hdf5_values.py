"""The small values of an HDF5 file: the shape and type of a dataset, and the texts in attributes.

Sources: sections IV.A.2.b (dataspace), IV.A.2.d (datatype), IV.A.2.m (attribute) and III.E (global heap) of
the HDF5 File Format Specification 3.0.
"""

import math
from dataclasses import dataclass

from calculator.readers.containers.hdf5_bytes import DAMAGED, Fields, Source
from calculator.readers.model import MAX_AXES, MAX_COUNT, MAX_ROWS, MAX_TEXT, ReadError, Shape

INTEGER, FLOAT, STRING, SEQUENCE = 0, 1, 3, 9
"""The classes of datatypes that are told apart here; ``SEQUENCE`` has a variable length."""

MAX_TEXTS = 2 * MAX_TEXT
"""The maximum number of bytes of all texts of any length together: one stored text may be used many times."""

_SHARED_TYPE, _SHARED_SPACE = 1, 2


@dataclass(frozen=True)
class Datatype:
    """A datatype: its class, the size of one value in bytes, and whether it is a text of any length."""

    kind: int
    size: int
    text: bool


def read_dataspace(fields: Fields) -> Shape | None:
    """Return a shape, () for a single value, ``None`` for a dataset without values. Raises ``ReadError``."""
    version, axes, flags = fields.number(1), fields.number(1), fields.number(1)
    if version not in (1, 2):
        raise ReadError(f"{DAMAGED}a shape in it has the unknown version {version}.")
    kind = fields.number(1)
    if version == 1:
        fields.take(4)
    elif kind == 2:
        return None
    if axes > MAX_AXES or flags & ~3:
        raise ReadError(f"{DAMAGED}a shape in it has {axes} axes; at most {MAX_AXES} are read.")
    shape = tuple(fields.length() for _ in range(axes))
    if any(size > MAX_COUNT for size in shape) or math.prod(shape) > MAX_COUNT:
        raise ReadError(f"A dataset of this HDF5 file has the shape {shape}, above the maximum of 10^18.")
    return shape


def read_datatype(fields: Fields) -> Datatype:
    """Return a datatype; of its properties only those that tell a text are read."""
    kind, bits, size = fields.number(1) & 15, fields.number(3), fields.number(4)
    return Datatype(kind, size, text=kind == STRING or (kind == SEQUENCE and bits & 15 == 1))


class Attributes:
    """The texts in the attributes of an HDF5 file. Other values are left out."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._collections: dict[int, dict[int, bytes]] = {}
        self._texts_left = MAX_TEXTS

    def read(self, fields: Fields) -> tuple[str, tuple[str, ...]]:
        """Return (name, texts) of an attribute message; without texts where its values are not texts.

        Raises ``ReadError`` for a damaged message, and for more texts than are read.
        """
        version, flags = fields.number(1), fields.number(1)
        if version not in (1, 2, 3):
            raise ReadError(f"{DAMAGED}an attribute in it has the unknown version {version}.")
        sizes = [fields.number(2) for _ in range(3)]
        if version == 3:
            fields.take(1)
        # The parts of version 1 are padded to a multiple of eight bytes.
        padded = [-(-size // 8) * 8 if version == 1 else size for size in sizes]
        parts = [fields.take(size) for size in padded]
        name = parts[0].partition(b"\0")[0].decode("utf-8", "replace")
        if version > 1 and flags & (_SHARED_TYPE | _SHARED_SPACE):
            return name, ()
        kind = read_datatype(self._fields(parts[1]))
        shape = read_dataspace(self._fields(parts[2]))
        if not kind.text or shape is None:
            return name, ()
        count = math.prod(shape)
        if count > MAX_ROWS:
            raise ReadError(
                f"An attribute of this HDF5 file has {count:,} texts; at most {MAX_ROWS:,} are read."
            )
        if kind.kind == STRING:
            return name, tuple(_text(fields.take(kind.size)) for _ in range(count))
        return name, tuple(self._variable_text(fields) for _ in range(count))

    def _fields(self, data: bytes) -> Fields:
        return Fields(data, self._source.offset_size, self._source.length_size)

    def _variable_text(self, fields: Fields) -> str:
        """Return a text of any length, which lies in a collection of the global heap."""
        size, address, index = fields.number(4), fields.address(), fields.number(4)
        if not size or not address:
            return ""
        if address not in self._collections:
            self._collections[address] = self._collection(address)
        data = self._collections[address].get(index)
        if data is None or size > len(data):
            raise ReadError(f"{DAMAGED}a text of an attribute is missing.")
        self._texts_left -= size
        if self._texts_left < 0:
            raise ReadError(f"The texts in this HDF5 file have more than {MAX_TEXTS:,} bytes, the maximum.")
        return _text(data[:size])

    def _collection(self, address: int) -> dict[int, bytes]:
        """Return the objects of a collection of the global heap by their numbers."""
        length = self._source.length_size
        header = self._source.fields(address, 8 + length)
        header.expect(b"GCOL")
        header.take(4)
        fields = self._source.fields(address, min(header.length(), MAX_TEXT))
        fields.take(8 + length)
        objects: dict[int, bytes] = {}
        while fields.left() >= 8 + length:
            index, _, _, size = fields.number(2), fields.number(2), fields.number(4), fields.length()
            if not index:  # The rest of the collection is free.
                break
            objects[index] = fields.take(size)
            fields.take(min(-size % 8, fields.left()))
        return objects


def _text(data: bytes) -> str:
    """Return the text in ``data``, which may end with NULs or with spaces."""
    return data.partition(b"\0")[0].decode("utf-8", "replace").rstrip(" ")
