"""Small HDF5 files, written byte by byte: superblock 2, new headers, groups with their links in the header.

``old_hdf5`` writes superblocks 0 and 1, old headers, and groups whose names are in a heap and a B-tree.
Checksums are zero, since the reader does not compare them.
Source: HDF5 File Format Specification 3.0, sections II.A, III.A.1, III.B to III.D and IV.A.
"""

import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

UNDEFINED = b"\xff" * 8


class Values:
    """A dataset: its shape, and the class of its values (0 whole numbers, 1 real ones)."""

    def __init__(self, *shape: int, kind: int = 1) -> None:
        self.shape = shape
        self.kind = kind


class Node:
    """A group: its children by name, and its attributes of texts."""

    def __init__(self, attributes: Mapping[str, Any] | None = None, **children: "Node | Values") -> None:
        self.attributes = attributes or {}
        self.children: dict[str, Node | Values] = dict(children)


def tree(shapes: Mapping[str, Sequence[int] | Values], attributes: Mapping[str, Mapping[str, Any]]) -> Node:
    """Return the root of groups for datasets by path; ``attributes`` are those of groups by path."""
    root = Node()

    def group(path: str) -> Node:
        at = root
        for name in filter(None, path.split("/")):
            found = at.children.setdefault(name, Node())
            assert isinstance(found, Node)
            at = found
        return at

    for path, shape in shapes.items():
        parent, _, name = path.rpartition("/")
        group(parent).children[name] = shape if isinstance(shape, Values) else Values(*shape)
    for path, values in attributes.items():
        group(path).attributes = dict(values)
    return root


def message(kind: int, data: bytes, flags: int = 0) -> bytes:
    return struct.pack("<BHB", kind, len(data), flags) + data


def header(*messages: bytes) -> bytes:
    body = b"".join(messages)
    return b"OHDR\x02\x02" + struct.pack("<I", len(body)) + body + bytes(4)


def space(shape: Sequence[int]) -> bytes:
    return struct.pack("<4B", 2, len(shape), 0, 1 if shape else 0) + struct.pack(f"<{len(shape)}Q", *shape)


def datatype(kind: int, size: int) -> bytes:
    return struct.pack("<B3sI", 0x10 | kind, bytes(3), size) + bytes(12)


def attribute(name: str, value: str | Sequence[str]) -> bytes:
    texts = [value] if isinstance(value, str) else list(value)
    size = max((len(text.encode()) for text in texts), default=1)
    kind, shape = datatype(3, size), space(() if isinstance(value, str) else (len(texts),))
    begin = struct.pack("<2B3HB", 3, 0, len(name) + 1, len(kind), len(shape), 0)
    data = b"".join(text.encode().ljust(size, b"\0") for text in texts)
    return message(12, begin + name.encode() + b"\0" + kind + shape + data)


def link(name: str, address: int, kind: int = 0) -> bytes:
    encoded = name.encode()
    begin = struct.pack("<3BH", 1, 9, kind, len(encoded)) if kind else struct.pack("<2BH", 1, 1, len(encoded))
    return message(6, begin + encoded + struct.pack("<Q", address))


def superblock(root: int, end: int) -> bytes:
    return (
        b"\x89HDF\r\n\x1a\n\x02\x08\x08\0"
        + struct.pack("<Q", 0)
        + UNDEFINED
        + struct.pack("<2Q", end, root)
        + bytes(4)
    )


def hdf5(root: Node) -> bytes:
    """Return the file with this root."""
    data = bytearray(48)

    def write(item: Node | Values) -> int:
        if isinstance(item, Values):
            written = header(message(1, space(item.shape)), message(3, datatype(item.kind, 4)))
        else:
            links = [link(name, write(child)) for name, child in item.children.items()]
            texts = [attribute(name, value) for name, value in item.attributes.items()]
            written = header(message(2, b"\0\0" + UNDEFINED * 2), *links, *texts)
        address = len(data)
        data.extend(written)
        return address

    address = write(root)
    data[:48] = superblock(address, len(data))
    return bytes(data)


FILLER = 0xA5
"""Stands in every byte that the specification reserves, and that a reader may not need."""


def old_hdf5(root: Node, version: int = 0, offset_size: int = 8, length_size: int = 8) -> bytes:
    """Return the file with this root; its attributes are left out.

    A table of symbols has one or two children, and a node of a B-tree one or two tables or nodes.
    """
    reserved = bytes([FILLER])
    head = b"\x89HDF\r\n\x1a\n" + bytes([version, 0, 0]) + reserved + bytes([0, offset_size, length_size])
    head += reserved * (9 if version == 0 else 13)
    data = bytearray(len(head) + 6 * offset_size + 24)

    def address(value: int) -> bytes:
        return value.to_bytes(offset_size, "little")

    def length(value: int) -> bytes:
        return value.to_bytes(length_size, "little")

    def added(written: bytes) -> int:
        data.extend(written)
        return len(data) - len(written)

    def old_header(*messages: tuple[int, bytes]) -> bytes:
        body = b""
        for kind, held in messages:
            padded = held + reserved * (-len(held) % 8)
            body += struct.pack("<HHB", kind, len(padded), 0) + reserved * 3 + padded
        return b"\1" + reserved + struct.pack("<HII", len(messages), 1, len(body)) + reserved * 4 + body

    def entry(name: int, child: int) -> bytes:
        return address(name) + address(child) + struct.pack("<I", 0) + reserved * 20

    def node(level: int, children: Sequence[int]) -> int:
        beside = b"\xff" * (2 * offset_size)
        pairs = b"".join(length(0) + address(child) for child in children)
        return added(b"TREE" + struct.pack("<2BH", 0, level, len(children)) + beside + pairs + length(0))

    def write(item: Node | Values) -> int:
        if isinstance(item, Values):
            rank = len(item.shape)
            shape = bytes([1, rank, 0]) + reserved * 5 + b"".join(map(length, item.shape))
            return added(old_header((1, shape), (3, datatype(item.kind, 4))))
        names, entries = bytearray(8), []
        for name, child in item.children.items():
            entries.append(entry(len(names), write(child)))
            names += name.encode() + b"\0"
        tables = [
            added(b"SNOD\1" + reserved + struct.pack("<H", len(pair)) + b"".join(pair))
            for pair in _pairs(entries)
        ]
        nodes, level = [node(0, pair) for pair in _pairs(tables)] or [node(0, [])], 0
        while len(nodes) > 1:
            level += 1
            nodes = [node(level, pair) for pair in _pairs(nodes)]
        text = added(bytes(names))
        heap = added(b"HEAP\0" + reserved * 3 + length(len(names)) + length(1) + address(text))
        return added(old_header((17, address(nodes[0]) + address(heap))))

    top = write(root)
    head += address(0) + b"\xff" * offset_size + address(len(data)) + b"\xff" * offset_size
    data[: len(head) + 2 * offset_size + 24] = head + entry(0, top)
    return bytes(data)


def _pairs(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), 2):
        yield items[start : start + 2]
