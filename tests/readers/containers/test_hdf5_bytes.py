"""Bounded reads of an HDF5 file."""

import io

import pytest

from calculator.readers.containers.hdf5_bytes import MAX_READ, Fields, Source
from calculator.readers.model import MAX_TEXT, ReadError


def test_fields_are_little_endian_and_end() -> None:
    fields = Fields(bytes(range(1, 12)), 4, 2)
    assert (fields.number(2), fields.address(), fields.length(), fields.left()) == (
        0x201,
        0x6050403,
        0x807,
        3,
    )
    with pytest.raises(ReadError, match="ends before its last field"):
        fields.take(4)
    assert Fields(b"\xff" * 4, 4, 4).address() is None


def test_a_part_begins_with_its_signature() -> None:
    fields = Fields(b"FRHP\x01", 4, 4)
    fields.expect(b"FRHP")
    assert fields.left() == 1
    with pytest.raises(ReadError, match="FRHP is missing where a part of it begins"):
        Fields(b"FRHX\x01", 4, 4).expect(b"FRHP")


def test_reads_stay_inside_the_file_and_the_budget() -> None:
    assert Source(io.BytesIO(b"abc")).read(1, 2) == b"bc"  # Addresses count from 0 until a base is known.
    source = Source(io.BytesIO(bytes(MAX_TEXT + 10)))
    source.base = 8
    assert source.read(2, 4) == bytes(4)
    for address, size in ((None, 1), (0, MAX_TEXT + 3), (MAX_TEXT + 2, 1), (0, -1)):
        with pytest.raises(ReadError, match="lies outside the file"):
            source.read(address, size)
    with pytest.raises(
        ReadError, match=r"^A part of this HDF5 file has 20,000,001 bytes; at most 20,000,000 are read\.$"
    ):
        source.read(0, MAX_TEXT + 1)
    for _ in range(MAX_READ // MAX_TEXT):
        source.read(0, MAX_TEXT)
    with pytest.raises(
        ReadError, match=r"^The headers of this HDF5 file have more than 64,000,000 bytes, the maximum\.$"
    ):
        source.read(0, MAX_TEXT)
