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
        (changed(TREE + 5, "<B", 8), "an index of an unknown kind"),
        (changed(TREE + 10, "<H", 1), "an index of an unknown kind"),
        (changed(TREE + 12, "<H", 9_999), "an index of an unknown kind"),
        (changed(TREE + 24, "<H", 60_000), "ends before its last field"),
        (changed(TREE + 12, "<H", 1), "BTIN is missing"),
        (changed(HEAP + 7, "<H", 9), "a packed heap, which is not read"),
        (changed(HEAP + 4, "<B", 1), "a packed heap, which is not read"),
    ],
)
def test_damage_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(ReadError, match=words):
        read_hdf5(io.BytesIO(data))


def test_objects_outside_the_heap_are_refused() -> None:
    heap = FractalHeap(Source(io.BytesIO(DATA)), HEAP)
    for identifier, words in ((b"\x00" + b"\xff" * 6, "outside its heap"), (b"\x10" + bytes(6), "too large")):
        with pytest.raises(ReadError, match=words):
            heap.read(identifier)


def test_a_tree_that_contains_itself_ends() -> None:
    node = b"BTIN\0\5" + bytes(11) + struct.pack("<QBQB", 100, 1, 100, 1)
    tree = b"BTHD\0\5" + struct.pack("<IHH2BQHQ", 512, 11, 200, 0, 0, 100, 1, 1)
    source = Source(io.BytesIO(tree.ljust(100, b"\0") + node.ljust(600, b"\0")))
    with pytest.raises(ReadError, match=r"an index of an unknown kind|names, the maximum|BTLF is missing"):
        list(tree_records(source, 0, NAMES_OF_LINKS))
