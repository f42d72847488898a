"""The heaps of names in new HDF5 files: h5py 3.16.0 wrote ``keras2_many.h5`` with ``libver="latest"``."""

import io
import struct

import pytest

from calculator.readers.containers.hdf5 import read_hdf5
from calculator.readers.containers.hdf5_bytes import Source
from calculator.readers.containers.hdf5_dense import NAMES_OF_LINKS, FractalHeap, tree_records
from calculator.readers.model import ReadError
from tests.helpers.paths import READER_FILES

DATA = (READER_FILES / "keras2_many.h5").read_bytes()
TREE, HEAP = DATA.index(b"BTHD"), DATA.index(b"FRHP")


def changed(place: int, form: str, value: int) -> bytes:
    data = bytearray(DATA)
    struct.pack_into(form, data, place, value)
    return bytes(data)


def test_the_tree_lists_every_object_of_the_heap() -> None:
    source = Source(io.BytesIO(DATA))
    heap = FractalHeap(source, HEAP)
    records = list(tree_records(source, TREE, NAMES_OF_LINKS))
    assert len(records) == len({record[4:] for record in records}) == 13
    assert any(b"activation" in heap.read(record[4:]) for record in records)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (changed(TREE + 5, "<B", 8), "damaged: it has an index of an unknown kind."),
        (changed(TREE + 10, "<H", 1), "damaged: it has an index of an unknown kind."),
        (changed(TREE + 12, "<H", 9_999), "damaged: it has an index of an unknown kind."),
        (changed(TREE + 24, "<H", 60_000), "damaged: a part of it ends before its last field."),
        (changed(TREE + 12, "<H", 1), "damaged: BTIN is missing where a part of it begins."),
        (changed(HEAP + 7, "<H", 9), "keeps its names in a packed heap, which is not read."),
        (changed(HEAP + 4, "<B", 1), "keeps its names in a packed heap, which is not read."),
    ],
)
def test_damage_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(ReadError, match=f"^This HDF5 file (is )?{words}$"):
        read_hdf5(io.BytesIO(data))


def test_objects_outside_the_heap_are_refused() -> None:
    heap = FractalHeap(Source(io.BytesIO(DATA)), HEAP)
    for identifier, words in (
        (b"\x00" + b"\xff" * 6, "is damaged: a name in it lies outside its heap."),
        (b"\x10" + bytes(6), "has an object of a heap that is too large to be read."),
    ):
        with pytest.raises(ReadError, match=f"^This HDF5 file {words}$"):
            heap.read(identifier)


def test_a_tree_that_contains_itself_ends() -> None:
    node = b"BTIN\0\5" + bytes(11) + struct.pack("<QBQB", 100, 1, 100, 1)
    tree = b"BTHD\0\5" + struct.pack("<IHH2BQHQ", 512, 11, 200, 0, 0, 100, 1, 1)
    source = Source(io.BytesIO(tree.ljust(100, b"\0") + node.ljust(600, b"\0")))
    with pytest.raises(ReadError, match=r"an index of an unknown kind|names, the maximum|BTLF is missing"):
        list(tree_records(source, 0, NAMES_OF_LINKS))


# By III.A.2: 46 records in a leaf, 24, 22, 22 and 22 in the nodes above it; 1,174, 27,024 and 621,574 records
# below a node of the levels 1 to 3. So a pointer to such a node has totals of 2, 2 and 3 bytes.
@pytest.mark.parametrize("depth", range(5))
def test_a_tree_of_several_levels_is_read(depth: int) -> None:
    totals, size = (0, 0, 2, 2, 3), 11
    data = bytearray(b"BTHD\0\5" + struct.pack("<IHH2x", 512, size, depth) + bytes(18))
    names = iter(range(1, 1000))
    expected: list[bytes] = []

    def record() -> bytes:
        expected.append(struct.pack("<I", next(names)).ljust(size, b"r"))
        return expected[-1]

    def node(level: int) -> int:
        """Write a node with one record, and return its address."""
        held = (b"BTIN" if level else b"BTLF") + b"\0\5" + record()
        for child in [node(level - 1) for _ in range(2)] if level else []:
            below = 2**level - 1 if level > 1 else 0  # A leaf has nothing below.
            held += struct.pack("<QB", child, 1) + below.to_bytes(totals[level], "little")
        data.extend(held.ljust(512, b"\0"))
        return len(data) - 512

    root = node(depth)
    struct.pack_into("<QHQ", data, 16, root, 1, len(expected))
    found = list(tree_records(Source(io.BytesIO(bytes(data))), 0, NAMES_OF_LINKS))
    assert sorted(found) == sorted(expected)
    assert len(found) == 2 ** (depth + 1) - 1


def test_a_heap_with_blocks_of_several_sizes_is_read() -> None:
    # By III.G: rows of 4 blocks of 512, 512, 1,024, 2,048 and 4,096 bytes. Above 1,024 a block is indirect,
    # and has itself 1 row (4 · 512), or 2 rows (8 · 512).
    data = bytearray(256)
    missing = b"\xff" * 8

    def added(block: bytes) -> bytes:
        data.extend(block)
        return struct.pack("<Q", len(data) - len(block))

    def direct(size: int, text: bytes) -> bytes:
        return added((b"FHDB".ljust(30, b"\0") + text).ljust(size, b"\0"))

    def indirect(children: dict[int, bytes], rows: int) -> bytes:
        head = b"FHIB\0" + bytes(8) + bytes(4)
        return added(head + b"".join(children.get(n, missing) for n in range(4 * rows)) + bytes(4))

    inner = indirect({3: direct(512, b"third")}, 1), indirect({5: direct(512, b"fourth")}, 2)
    root = indirect({2: direct(512, b"first"), 9: direct(1024, b"second"), 13: inner[0], 18: inner[1]}, 5)
    head = b"FRHP\0" + struct.pack("<HHBI", 7, 0, 0, 1024) + bytes(8 * 12)
    head += struct.pack("<HQQHH", 4, 512, 1024, 32, 0) + root + struct.pack("<H", 5)
    data[: len(head)] = head
    heap = FractalHeap(Source(io.BytesIO(bytes(data))), 0)
    places = {
        b"first": 1024,
        b"second": 4096 + 1024,
        b"third": 8192 + 2048 + 1536,
        b"fourth": 16384 + 8192 + 2560,
    }
    for text, place in places.items():
        assert heap.read(b"\0" + struct.pack("<IH", place + 30, len(text))) == text
    # In the same block, up to its end.
    assert heap.read(b"\0" + struct.pack("<IH", 1024 + 30, 482)) == b"first".ljust(482, b"\0")
    with pytest.raises(ReadError, match="outside its heap"):
        heap.read(b"\0" + struct.pack("<IH", 1024 + 30, 483))
