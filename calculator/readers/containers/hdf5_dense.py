"""Dense storage of an HDF5 file: the records of a version 2 B-tree, and the objects of a fractal heap.

A new-style object with more than eight links or attributes keeps them in a fractal heap, whose objects a
B-tree lists.
Source: sections III.A.2 and III.G of the HDF5 File Format Specification 3.0.
"""

from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from calculator.readers.containers.hdf5_bytes import DAMAGED, Source
from calculator.readers.model import MAX_DEPTH, ReadError

MAX_NODES = 20_000
"""The maximum number of nodes of one B-tree, and of blocks of one heap."""

MAX_RECORDS = 100_000
"""The maximum number of records of one B-tree."""

NAMES_OF_LINKS, NAMES_OF_ATTRIBUTES = 5, 8
"""The types of the trees that are read."""

_CHECKSUM = 4
_MANAGED = 0
"""The type of a heap object that lies in a block of the heap."""


class _Node(NamedTuple):
    """A node of a B-tree: where it is, the number of its records, and its level above the leaves."""

    address: int | None
    records: int
    level: int


def tree_records(source: Source, address: int | None, kind: int) -> Iterator[bytes]:
    """Yield the records of a version 2 B-tree, in any order. Raises ``ReadError`` above the limits.

    ``kind`` is the type of the tree.
    """
    fields = source.fields(address, 16 + source.offset_size + 2 + source.length_size)
    fields.expect(b"BTHD")
    version, found = fields.number(1), fields.number(1)
    node_size, record_size, depth = fields.number(4), fields.number(2), fields.number(2)
    fields.take(2)
    if version != 0 or found != kind or record_size < 9 or depth > MAX_DEPTH or node_size < 32:
        raise ReadError(f"{DAMAGED}it has an index of an unknown kind.")
    stack, nodes = [_Node(fields.address(), fields.number(2), depth)], 0
    sizes, records = _pointer_sizes(source, node_size, record_size, depth), 0
    while stack:
        node = stack.pop()
        nodes += 1
        records += node.records
        if nodes > MAX_NODES or records > MAX_RECORDS:
            raise ReadError(f"An index of this HDF5 file has more than {MAX_RECORDS:,} names, the maximum.")
        if not node.records:
            continue
        fields = source.fields(node.address, node_size)
        fields.expect(b"BTIN" if node.level else b"BTLF")
        fields.take(2)
        yield from [fields.take(record_size) for _ in range(node.records)]
        if node.level:
            count_size, total_size = sizes[node.level]
            for _ in range(node.records + 1):
                child = _Node(fields.address(), fields.number(count_size), node.level - 1)
                fields.take(total_size)
                stack.append(child)


def _pointer_sizes(source: Source, node_size: int, record_size: int, depth: int) -> list[tuple[int, int]]:
    """Return for each level the sizes of the counts in a pointer to a node: its records, and all below."""
    most = max((node_size - 6 - _CHECKSUM) // record_size, 1)
    count_size = _size_of(most)
    sizes, below = [(0, 0)], most
    for level in range(1, depth + 1):
        total_size = _size_of(below) if level > 1 else 0
        sizes.append((count_size, total_size))
        pointer = source.offset_size + count_size + total_size
        most = max((node_size - 6 - _CHECKSUM - pointer) // (record_size + pointer), 1)
        below = (most + 1) * below + most
    return sizes


def _size_of(maximum: int) -> int:
    """Return the number of bytes for numbers up to ``maximum``."""
    return max((maximum.bit_length() + 7) // 8, 1)


class FractalHeap:
    """A fractal heap, whose objects are read by their identifiers."""

    def __init__(self, source: Source, address: int | None) -> None:
        offset, length = source.offset_size, source.length_size
        fields = source.fields(address, 4 + 1 + 2 + 2 + 1 + 4 + 12 * length + 3 * offset + 2 + 2 * length + 8)
        fields.expect(b"FRHP")
        version = fields.number(1)
        self.id_size, filters = fields.number(2), fields.number(2)
        fields.take(1)
        maximum_object = fields.number(4)
        fields.take(10 * length + 2 * offset)
        self._width, self._start, largest = fields.number(2), fields.length(), fields.length()
        bits = fields.number(2)
        fields.take(2)
        root, rows = fields.address(), fields.number(2)
        if version != 0 or filters or not self._width or not self._start or not 8 <= bits <= 64 or rows > 64:
            raise ReadError("This HDF5 file keeps its names in a packed heap, which is not read.")
        self._source = source
        self._offset_size = (bits + 7) // 8
        self._length_size = _size_of(min(largest, maximum_object))
        # Rows 0 and 1 have blocks of the same size, then each row doubles it.
        self._direct_rows = max((largest // self._start).bit_length() - 1, 0) + 2
        self._blocks: list[tuple[int, int, int]] = []
        """(begin in the heap, size, address) of each block that holds objects."""
        if root is not None:
            self._add_blocks(root, rows)
        self._blocks.sort()

    def _add_blocks(self, root: int, rows: int) -> None:
        """Add the direct blocks below the root block, which is one itself where it has no ``rows``."""
        if not rows:
            self._blocks.append((0, self._start, root))
            return
        stack, visited = [(root, rows, 0)], 0
        while stack:
            address, rows, begin = stack.pop()
            visited += 1
            if visited + len(self._blocks) > MAX_NODES or rows > 64:
                raise ReadError(f"A heap of this HDF5 file has more than {MAX_NODES:,} blocks, the maximum.")
            size = 5 + self._source.offset_size * (1 + rows * self._width) + self._offset_size
            fields = self._source.fields(address, size)
            fields.expect(b"FHIB")
            fields.take(1 + self._source.offset_size + self._offset_size)
            for row in range(rows):
                block = self._start << max(row - 1, 0)
                for _ in range(self._width):
                    child = fields.address()
                    if child is not None and row < self._direct_rows:
                        self._blocks.append((begin, block, child))
                    elif child is not None:
                        inner = (block // (self._start * self._width)).bit_length()
                        stack.append((child, inner, begin))
                    begin += block

    def read(self, identifier: bytes) -> bytes:
        """Return the object with this identifier. Raises ``ReadError`` where the heap does not hold it."""
        if not identifier or identifier[0] >> 4 != _MANAGED:
            raise ReadError("This HDF5 file has an object of a heap that is too large to be read.")
        end = 1 + self._offset_size
        offset = int.from_bytes(identifier[1:end], "little")
        size = int.from_bytes(identifier[end : end + self._length_size], "little")
        place = bisect_right(self._blocks, offset, key=lambda block: block[0]) - 1
        if place >= 0:
            begin, block, address = self._blocks[place]
            if offset + size <= begin + block:
                return self._source.read(address + offset - begin, size)
        raise ReadError(f"{DAMAGED}a name in it lies outside its heap.")
