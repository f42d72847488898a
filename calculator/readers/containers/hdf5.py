"""Reader of the structure of an HDF5 file: groups, shapes and types of datasets, and texts in attributes.

The values of datasets are never read, so a large file is read by its headers alone. Superblocks 0 to 3, old
and new groups, and headers 1 and 2 are read. Source: HDF5 File Format Specification 3.0,
https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html. Why this is hand-written:

- ``h5py`` is compiled, and needs NumPy and the HDF5 library, which has a history of memory errors in
  untrusted files.
- The library follows links to other files and unpacks values. Here every read has a limit.
- Its errors are those of C functions, and not a sentence for the person who has the file.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from calculator.core.formatting import short_repr
from calculator.readers.containers.hdf5_bytes import DAMAGED, Fields, Source
from calculator.readers.containers.hdf5_dense import (
    NAMES_OF_ATTRIBUTES,
    NAMES_OF_LINKS,
    FractalHeap,
    tree_records,
)
from calculator.readers.containers.hdf5_values import (
    FLOAT,
    INTEGER,
    Attributes,
    read_dataspace,
    read_datatype,
)
from calculator.readers.model import MAX_DEPTH, MAX_ROWS, ReadError, Shape

SIGNATURE = b"\x89HDF\r\n\x1a\n"

MAX_OBJECTS = 100_000
"""The maximum number of groups and datasets; a model of 10,000 layers has about 60,000."""

MAX_MESSAGES = 500_000
"""The maximum number of messages in the headers of all objects together."""

_MAX_USER_BLOCK = 1 << 20
_SPACE, _LINK_INFO, _TYPE, _LINK = 1, 2, 3, 6
_ATTRIBUTE, _CONTINUATION, _TABLE, _ATTRIBUTE_INFO = 12, 16, 17, 21
"""The types of the messages in an object's header that are read."""

_READ = frozenset({_SPACE, _LINK_INFO, _TYPE, _LINK, _ATTRIBUTE, _CONTINUATION, _TABLE, _ATTRIBUTE_INFO})
_OLD_MESSAGE, _NEW_MESSAGE = struct.Struct("<HHB"), struct.Struct("<BHB")
"""The type, length and flags before a message."""

_SHARED = 2
"""The flag of a message whose contents lie elsewhere in the file."""


@dataclass(frozen=True)
class Dataset:
    """A dataset: its shape and whether its values are whole numbers, or real ones."""

    shape: Shape
    integer: bool = False
    real: bool = True


@dataclass
class Group:
    """A group: its groups and datasets by name, in the order of the file, and the texts in its attributes.

    An attribute that is not text has no texts here.
    """

    children: dict[str, "Group | Dataset"] = field(default_factory=dict)
    attributes: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """Return the only text of an attribute, or "" where it is missing."""
        texts = self.attributes.get(name, ())
        return texts[0] if len(texts) == 1 else ""

    def group(self, name: str) -> "Group | None":
        """Return the group with this name, or ``None``."""
        child = self.children.get(name)
        return child if isinstance(child, Group) else None

    def datasets(self) -> Iterator[tuple[tuple[str, ...], Dataset]]:
        """Yield (path, dataset) for all datasets below, each path as its names from this group on."""
        stack: list[tuple[tuple[str, ...], Group | Dataset]] = [((), self)]
        while stack:
            path, item = stack.pop()
            if isinstance(item, Dataset):
                yield path, item
            else:
                stack.extend(((*path, name), child) for name, child in reversed(item.children.items()))


def find_signature(data: bytes) -> int:
    r"""Return where HDF5 begins in ``data``: at 0, or after a user block of 512, 1024, … bytes. Else −1.

    >>> find_signature(SIGNATURE), find_signature(bytes(512) + SIGNATURE), find_signature(b"PK")
    (0, 512, -1)
    """
    position = 0
    while position < min(len(data), _MAX_USER_BLOCK):
        if data.startswith(SIGNATURE, position):
            return position
        position = position * 2 or 512
    return -1


def read_hdf5(stream: BinaryIO) -> Group:
    """Return the root group of the HDF5 file in an open, seekable stream.

    Raises ``ReadError`` for other and damaged files, for links to other files, and above the limits.

    >>> import io
    >>> read_hdf5(io.BytesIO(b"PK"))
    Traceback (most recent call last):
    ...
    calculator.readers.model.ReadError: This is not an HDF5 file.
    """
    source = Source(stream)
    stream.seek(0)
    position = find_signature(stream.read(_MAX_USER_BLOCK))
    if position < 0:
        raise ReadError("This is not an HDF5 file.")
    source.base = position
    return _TreeReader(source).read(_root_address(source))


def _root_address(source: Source) -> int | None:
    """Return the address of the root group, after setting the sizes and the base of ``source``."""
    head = source.fields(0, min(128, source.end - source.base))
    head.take(len(SIGNATURE))
    version = head.number(1)
    if version > 3:
        raise ReadError(f"This HDF5 file has a superblock of version {version}; versions 0 to 3 are read.")
    if version < 2:
        head.take(4)
    sizes = head.number(1), head.number(1)
    if any(size not in (2, 4, 8) for size in sizes):
        raise ReadError(f"{DAMAGED}its addresses or lengths have sizes of {sizes} bytes.")
    source.offset_size, source.length_size = sizes
    if version < 2:
        head.take(9 if version == 0 else 13)
    else:
        head.take(1)
    fields = Fields(head.data[head.position :], *sizes)
    base, _, end = fields.address(), fields.address(), fields.address()
    if end is None or end > source.end - (source.base if base == 0 else 0):
        raise ReadError(
            f"This HDF5 file is cut short: it should have {end or 0:,} bytes and has {source.end:,}."
        )
    if version < 2:
        fields.take(2 * source.offset_size)  # The driver's block, and the offset of the root's name.
    return fields.address()


class _TreeReader:
    """Reads the groups and datasets below the root."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._attributes = Attributes(source)
        self._seen: set[int] = set()
        self._datasets = 0
        self._messages_left = MAX_MESSAGES

    def read(self, root: int | None) -> Group:
        """Return the root group with everything below it."""
        holder = Group()
        stack: list[tuple[Group, str, int | None, int]] = [(holder, "", root, 0)]
        while stack:
            parent, name, address, depth = stack.pop()
            if address is None or address in self._seen:
                raise ReadError(f"In this HDF5 file {short_repr(name)} is linked twice: refused.")
            self._seen.add(address)
            if len(self._seen) > MAX_OBJECTS or depth > MAX_DEPTH:
                raise ReadError(
                    f"This HDF5 file has more than {MAX_OBJECTS:,} groups and datasets, or more than "
                    f"{MAX_DEPTH} levels: the maximum that is read."
                )
            item, links = self._object(address)
            parent.children[name] = item
            if isinstance(item, Dataset):
                self._datasets += 1
                if self._datasets > MAX_ROWS:
                    raise ReadError(f"This HDF5 file has more than {MAX_ROWS:,} datasets, the maximum.")
                continue
            # The children keep their order, though the last one is read first.
            item.children.update(dict.fromkeys((link for link, _ in links), item))
            if len(item.children) != len(links):
                raise ReadError(f"{DAMAGED}a group has two children of the same name.")
            stack.extend((item, link, child, depth + 1) for link, child in links)
        found = holder.children[""]
        if not isinstance(found, Group):
            raise ReadError(f"{DAMAGED}its root is not a group.")
        return found

    def _object(self, address: int) -> tuple[Group | Dataset, list[tuple[str, int | None]]]:
        """Return a group or a dataset, and (name, address) of each child of the group."""
        group, links, is_group = Group(), list[tuple[str, int | None]](), False
        shape: Shape | None = None
        integer, has_space, real = False, False, False
        for kind, flags, fields in self._messages(address):
            if flags & _SHARED:
                if kind in (_SPACE, _LINK, _TABLE):
                    raise ReadError("This HDF5 file keeps shapes in shared messages, which are not read.")
                continue
            if kind == _SPACE:
                shape, has_space = read_dataspace(fields), True
            elif kind == _TYPE:
                datatype = read_datatype(fields)
                integer, real = datatype.kind == INTEGER, datatype.kind == FLOAT
            elif kind == _ATTRIBUTE:
                name, texts = self._attributes.read(fields)
                group.attributes[name] = texts
            elif kind == _ATTRIBUTE_INFO:
                group.attributes.update(self._dense_attributes(fields))
            elif kind in (_TABLE, _LINK, _LINK_INFO):
                is_group = True
                read_links = {_TABLE: self._old_links, _LINK: self._link, _LINK_INFO: self._dense_links}[kind]
                links += read_links(fields)
                if len(links) > MAX_OBJECTS:
                    raise ReadError(f"A group of this HDF5 file has more than {MAX_OBJECTS:,} children.")
        if is_group or not has_space:
            return group, links
        # A dataset without values has no parameters, as one of size 0.
        return Dataset((0,) if shape is None else shape, integer, real), []

    def _dense_attributes(self, fields: Fields) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield (name, texts) of the attributes of an object that keeps them in a fractal heap."""
        for data in self._heap_objects(fields, 2, NAMES_OF_ATTRIBUTES):
            yield self._attributes.read(data)

    def _heap_objects(self, fields: Fields, index_size: int, kind: int) -> list[Fields]:
        """Return the objects of the heap that an info message names, empty where it names none.

        ``index_size`` is the size of the highest creation index, which stands before if a flag is set.
        """
        fields.take(1)
        fields.take(index_size if fields.number(1) & 1 else 0)
        address, tree = fields.address(), fields.address()
        if address is None:
            return []
        heap, source = FractalHeap(self._source, address), self._source
        # A record of links has a hash of four bytes before the identifier of the object.
        begin = 4 if kind == NAMES_OF_LINKS else 0
        identifiers = [record[begin : begin + heap.id_size] for record in tree_records(source, tree, kind)]
        return [Fields(heap.read(each), source.offset_size, source.length_size) for each in identifiers]

    def _messages(self, address: int) -> Iterator[tuple[int, int, Fields]]:
        """Yield (type, flags, contents) of each message in the header of an object."""
        source = self._source
        start = source.read(address, min(16, source.end - source.base - address))
        if start[:4] == b"OHDR":
            flags = start[5] if len(start) > 5 and start[4] == 2 else None
            if flags is None:
                raise ReadError(f"{DAMAGED}the header of an object has an unknown version.")
            before = 6 + (16 if flags & 32 else 0) + (4 if flags & 16 else 0)
            width = 1 << (flags & 3)
            size = source.fields(address + before, width).number(width)
            blocks, is_new, times = [(address + before + width, size)], True, flags & 4
        elif start[:1] == b"\x01" and len(start) == 16:
            blocks, is_new, times = [(address + 16, int.from_bytes(start[8:12], "little"))], False, 0
        else:
            raise ReadError(f"{DAMAGED}the header of an object has an unknown version.")
        visited = set[int]()
        while blocks:
            begin, size = blocks.pop(0)
            if begin in visited:
                raise ReadError(f"{DAMAGED}the header of an object contains itself.")
            visited.add(begin)
            block = source.read(begin, size)
            position, head = 0, (4 + (2 if times else 0)) if is_new else 8
            while position + head <= len(block):
                kind, length, flags = (_NEW_MESSAGE if is_new else _OLD_MESSAGE).unpack_from(block, position)
                position += head + length
                self._messages_left -= 1
                if self._messages_left < 0:
                    raise ReadError(f"This HDF5 file has more than {MAX_MESSAGES:,} messages in its headers.")
                if position > len(block):
                    raise ReadError(f"{DAMAGED}a message of a header ends after it.")
                if kind not in _READ:
                    continue
                data = Fields(block[position - length : position], source.offset_size, source.length_size)
                if kind == _CONTINUATION:
                    place, size = data.address(), data.length()
                    if place is None:
                        raise ReadError(f"{DAMAGED}the header of an object does not continue.")
                    # A continuation of the new kind is framed by OCHK and a checksum of four bytes.
                    blocks.append((place + 4, size - 8) if is_new else (place, size))
                else:
                    yield kind, flags, data

    def _old_links(self, fields: Fields) -> Iterator[tuple[str, int | None]]:
        """Yield the children of an old group, whose B-tree lists tables of symbols."""
        source = self._source
        tree, heap_address = fields.address(), fields.address()
        heap = source.fields(heap_address, 8 + 2 * source.length_size + source.offset_size)
        heap.expect(b"HEAP")
        heap.take(4)
        size, _ = heap.length(), heap.length()
        names = source.read(heap.address(), size)
        stack, visited = [tree], set[int | None]()
        while stack:
            address = stack.pop()
            if address in visited:
                raise ReadError(f"{DAMAGED}the index of a group contains itself.")
            visited.add(address)
            node = source.fields(address, 8 + 2 * source.offset_size)
            node.expect(b"TREE")
            kind, level, entries = node.number(1), node.number(1), node.number(2)
            if kind or address is None:
                raise ReadError(f"{DAMAGED}the index of a group is not that of a group.")
            node.take(2 * source.offset_size)  # The nodes beside it.
            pair = source.length_size + source.offset_size
            pairs = source.fields(address + node.position, entries * pair)
            children = []
            for _ in range(entries):
                pairs.length()
                children.append(pairs.address())
            if level:
                stack.extend(reversed(children))
            else:
                for child in children:
                    if child in visited:
                        raise ReadError(f"{DAMAGED}a table of a group is listed twice.")
                    visited.add(child)
                    yield from self._table(child, names)

    def _table(self, address: int | None, names: bytes) -> Iterator[tuple[str, int | None]]:
        """Yield the children in a table of symbols; ``names`` is the heap of their names."""
        source = self._source
        head = source.fields(address, 8)
        head.expect(b"SNOD")
        head.take(2)
        count, entry = head.number(2), 2 * source.offset_size + 24
        fields = source.fields((address or 0) + 8, count * entry)
        for _ in range(count):
            offset, child, cache = fields.address(), fields.address(), fields.number(4)
            fields.take(20)
            if cache == 2:
                raise _link_error()
            end = names.find(b"\0", offset or 0)
            if offset is None or end < 0:
                raise ReadError(f"{DAMAGED}the name of an object lies outside its heap.")
            yield names[offset:end].decode("utf-8", "replace"), child

    def _link(self, fields: Fields) -> Iterator[tuple[str, int | None]]:
        """Yield the child in a link message."""
        version, flags = fields.number(1), fields.number(1)
        if version != 1:
            raise ReadError(f"{DAMAGED}a link in it has the unknown version {version}.")
        kind = fields.number(1) if flags & 8 else 0
        fields.take((8 if flags & 4 else 0) + (1 if flags & 16 else 0))
        name = fields.take(fields.number(1 << (flags & 3))).decode("utf-8", "replace")
        if kind:
            raise _link_error()
        yield name, fields.address()

    def _dense_links(self, fields: Fields) -> list[tuple[str, int | None]]:
        """Return the children of a new group that keeps them in a fractal heap, by name."""
        data = self._heap_objects(fields, 8, NAMES_OF_LINKS)
        return sorted((link for each in data for link in self._link(each)), key=lambda link: link[0])


def _link_error() -> ReadError:
    """Return the error for a link that leads to another place or file, which Keras does not write."""
    return ReadError("This HDF5 file has links to other places or files, which are not followed: refused.")
