"""Shapes, types and texts of HDF5, in all versions of their messages (specification 3.0, section IV.A.2)."""

import io
import struct

import pytest

from calculator.readers.containers.hdf5_bytes import Fields, Source
from calculator.readers.containers.hdf5_values import Attributes, read_dataspace, read_datatype
from calculator.readers.model import ReadError


def fields(data: bytes) -> Fields:
    return Fields(data, 8, 8)


def test_shapes_of_both_versions() -> None:
    first = struct.pack("<8B2Q", 1, 2, 0, 0, 0, 0, 0, 0, 3, 4)
    second = struct.pack("<4B2Q", 2, 2, 0, 1, 3, 4)
    assert read_dataspace(fields(first)) == read_dataspace(fields(second)) == (3, 4)
    assert read_dataspace(fields(bytes([2, 0, 0, 0]))) == ()
    assert read_dataspace(fields(bytes([2, 0, 0, 2]))) is None
    with pytest.raises(ReadError, match="unknown version 7"):
        read_dataspace(fields(bytes([7, 0, 0, 0])))


def test_texts_are_told_from_numbers_and_sequences() -> None:
    assert read_datatype(fields(struct.pack("<B3sI", 0x13, bytes(3), 5))).text
    assert read_datatype(fields(struct.pack("<B3sI", 0x19, b"\1\0\0", 16))).text
    assert not read_datatype(fields(struct.pack("<B3sI", 0x19, bytes(3), 16))).text
    assert not read_datatype(fields(struct.pack("<B3sI", 0x11, bytes(3), 4))).text


@pytest.mark.parametrize("version", [1, 2, 3])
def test_attributes_of_all_versions(version: int) -> None:
    kind, shape = struct.pack("<B3sI", 0x13, bytes(3), 4), struct.pack("<4BQ", 2, 1, 0, 1, 2)
    begin = struct.pack("<2B3H", version, 0, 5, len(kind), len(shape)) + (b"\0" if version == 3 else b"")
    parts = [b"name\0", kind, shape]
    if version == 1:
        parts = [part.ljust(-(-len(part) // 8) * 8, b"\0") for part in parts]
    message = begin + b"".join(parts) + b"ab\0\0abcd"
    assert Attributes(Source(io.BytesIO())).read(fields(message)) == ("name", ("ab", "abcd"))


def test_too_many_and_missing_texts_are_refused() -> None:
    kind = struct.pack("<B3sI", 0x13, bytes(3), 0)
    begin = struct.pack("<2B3HB", 3, 0, 2, 8, 12, 0) + b"a\0" + kind
    with pytest.raises(
        ReadError, match=r"^An attribute of this HDF5 file has 60,000 texts; at most 50,000 are read\.$"
    ):
        Attributes(Source(io.BytesIO())).read(fields(begin + struct.pack("<4BQ", 2, 1, 0, 1, 60_000)))
    heap = (
        bytes(8)
        + b"GCOL\1\0\0\0"
        + struct.pack("<Q", 40)
        + struct.pack("<2H4xQ", 1, 1, 3)
        + b"abc".ljust(8, b"\0")
    )
    longer = struct.pack("<2B3HB", 3, 0, 2, 8, 4, 0) + b"a\0" + struct.pack("<B3sI", 0x19, b"\1\0\0", 16)
    longer += bytes([2, 0, 0, 0])
    attributes = Attributes(Source(io.BytesIO(heap)))
    assert attributes.read(fields(longer + struct.pack("<IQI", 3, 8, 1))) == ("a", ("abc",))
    assert attributes.read(fields(longer + struct.pack("<IQI", 0, 8, 1))) == ("a", ("",))
    for size, index in ((4, 1), (3, 2)):
        with pytest.raises(ReadError, match="a text of an attribute is missing"):
            attributes.read(fields(longer + struct.pack("<IQI", size, 8, index)))
