"""The wire format: known bytes from the encoding's own guide, and bytes that lie."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculator.readers.containers.protobuf import Wire, floats, numbers, signed, text, varint
from calculator.readers.model import ReadError
from tests.helpers import onnx_writing as w


def read(data: bytes) -> list[tuple[int, int | bytes]]:
    return [
        (number, bytes(v) if isinstance(v, memoryview) else v)
        for number, v in Wire().fields(memoryview(data))
    ]


def test_the_examples_of_the_guide() -> None:
    # https://protobuf.dev/programming-guides/encoding/: 150, "testing", an embedded message, packed numbers.
    assert read(bytes.fromhex("089601")) == [(1, 150)]
    assert read(bytes.fromhex("120774657374696e67")) == [(2, b"testing")]
    assert read(bytes.fromhex("1a03089601")) == [(3, bytes.fromhex("089601"))]
    assert read(bytes.fromhex("3206038e029ea705")) == [(6, bytes.fromhex("038e029ea705"))]
    assert numbers(memoryview(bytes.fromhex("038e029ea705"))) == [3, 270, 86942]
    assert numbers(2**64 - 2) == [-2]


@given(st.lists(st.tuples(st.integers(1, 2**29 - 1), st.integers(0, 2**64 - 1) | st.binary(max_size=300))))
def test_what_is_written_is_read(parts: list[tuple[int, int | bytes]]) -> None:
    assert read(b"".join(w.field(number, item) for number, item in parts)) == parts


@given(st.integers(0, 2**64 - 1))
def test_numbers_come_back(number: int) -> None:
    data = w.varint(number)
    assert varint(memoryview(data + b"\x01"), 0) == (number, len(data))
    assert signed(number) % 2**64 == number
    assert -(2**63) <= signed(number) < 2**63
    for end in range(len(data)):
        with pytest.raises(ReadError, match="ends in the middle of a number"):
            varint(memoryview(data[:end]), 0)


def test_four_and_eight_bytes() -> None:
    assert read(bytes.fromhex("0d0000803f") + bytes.fromhex("110000000000000040")) == [
        (1, bytes.fromhex("0000803f")),
        (2, bytes.fromhex("0000000000000040")),
    ]
    assert floats(memoryview(bytes.fromhex("0000803f00000040"))) == [1.0, 2.0]
    assert text(memoryview(b"\xff.0")) == "\ufffd.0"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("0896", "ends in the middle of a number"),
        ("12", "ends in the middle of a number"),
        ("08" + "ff" * 10, "^A number in the file has more than 64 bits: the file is damaged.$"),
        ("08" + "ff" * 9 + "02", "^A number in the file has more than 64 bits: the file is damaged.$"),
        ("1205616263", "should have 5 bytes, but only 3 are left"),
        ("12ffffffffffffffffff01", "should have 18,446,744,073,709,551,615 bytes, but only 0 are left"),
        ("0d000080", "should have 4 bytes, but only 3 are left"),
        ("1100", "should have 8 bytes, but only 1 are left"),
        ("0b0c", "wire type 3"),
        ("0c", "wire type 4"),
        ("0e", "wire type 6"),
        ("0f", "wire type 7"),
        ("0000", "impossible number"),
        ("808080801000", "impossible number"),
    ],
)
def test_broken_bytes_are_refused(data: str, said: str) -> None:
    with pytest.raises(ReadError, match=said):
        read(bytes.fromhex(data))


def test_a_list_of_floats_has_whole_floats() -> None:
    with pytest.raises(
        ReadError, match=r"^A list of floats in the file has an invalid length: the file is damaged\.$"
    ):
        floats(memoryview(b"abc"))
    with pytest.raises(
        ReadError, match=r"^A list of floats in the file has an invalid length: the file is damaged\.$"
    ):
        floats(5)


def test_the_number_of_fields_has_a_limit_over_all_messages() -> None:
    wire, three = Wire(5), memoryview(bytes([8, 1] * 3))
    assert len(list(wire.fields(three))) == 3
    with pytest.raises(
        ReadError, match=r"^The file has more fields than any real model, so reading stopped\.$"
    ):
        list(wire.fields(three))


def test_what_is_skipped_is_not_copied() -> None:
    data = memoryview(w.field(9, bytes(10_000_000)))
    [(number, value)] = Wire().fields(data)
    assert number == 9
    assert isinstance(value, memoryview)
    assert value.obj is data.obj
