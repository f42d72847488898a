"""Small HDF5 files, written byte by byte: superblock 2, new headers, groups with their links in the header.

Checksums are zero, since the reader does not compare them.
"""

import struct
from collections.abc import Mapping, Sequence
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
