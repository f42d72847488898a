"""The header of a safetensors file: exact totals, nothing read behind it, nothing that lies believed."""

import io
import json
import re
import time
from typing import Any

import pytest

from calculator.readers.model import ReadError
from calculator.readers.tensors.safetensors import (
    FORMAT,
    read_safetensors,
    read_safetensors_header,
    recognises,
)
from tests.fuzz.fuzz_safetensors import cases
from tests.fuzz.mutations import outcomes
from tests.helpers.paths import READER_FILES

FILE = READER_FILES / "torch-model.safetensors"
"""What safetensors.torch.save_model wrote of the model in torch-snippet.json."""

UP = {"dtype": "F32", "shape": [2, 1, 2], "data_offsets": [0, 16]}


def written(header: object, values: int = 0, length: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode("utf-8")
    return (len(text) if length is None else length).to_bytes(8, "little") + text + bytes(values)


def refused(data: bytes) -> str:
    with pytest.raises(ReadError) as caught:
        read_safetensors(data)
    return str(caught.value)


def test_the_recorded_file() -> None:
    data = FILE.read_bytes()
    assert recognises(data)
    model = read_safetensors(data, name="net")
    # sum(p.numel() for p in model.parameters()) in PyTorch 2.13
    assert (model.parameter_count, model.format, model.name) == (1357, FORMAT, "net")
    counts = {r.name: (r.type, r.weight_count, r.bias_count, r.other_count) for r in model.rows}
    assert counts["again"] == ("ConvTranspose2d", 256, 4, 0)  # the name that save_model kept of up and again
    assert counts["rnn"] == ("LSTM", 390, 80, 0)
    assert counts["scale"] == ("Parameter", 0, 0, 7)
    assert counts["norm"] == ("BatchNorm", 8, 8, 0)
    said = " ".join(model.assumptions)
    assert "3 tensors with 17 values, such as running_mean" in said
    assert "up.weight is again.weight" in said
    assert "every parameter is counted as trainable" in said


class HandCount(io.BytesIO):
    """A file that says it is ten gigabytes long, and notes how much of it is read."""

    taken = 0
    end = 10**10

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self.taken += len(data)
        return data

    def seek(self, place: int, whence: int = 0, /) -> int:
        return self.end if whence == io.SEEK_END else super().seek(place, whence)


def test_only_the_header_is_read() -> None:
    header = {"a.weight": {"dtype": "F16", "shape": [], "data_offsets": [0, 0]}}
    size = 0
    for _ in range(3):  # the header's own length changes with the number in it
        size = (10**10 - len(written(header))) // 2
        header["a.weight"] = {"dtype": "F16", "shape": [size], "data_offsets": [0, size * 2]}
    data = written(header)
    data += b" " * (10**10 - len(data) - 2 * size)
    data = (len(data) - 8).to_bytes(8, "little") + data[8:]
    stream = HandCount(data)
    assert read_safetensors_header(stream).parameter_count == size
    assert stream.taken == len(data) < 200


def test_numbers_in_names_are_in_order() -> None:
    header = {
        f"main.{n}.weight": {"dtype": "F32", "shape": [1], "data_offsets": [4 * i, 4 * i + 4]}
        for i, n in enumerate(sorted(range(12), key=str))
    }
    rows = read_safetensors(written(header, 48)).rows
    assert [row.name for row in rows] == [f"main.{n}" for n in range(12)]


def test_whole_numbers_are_buffers_but_for_weights() -> None:
    header = {
        "e.position_ids": {"dtype": "I64", "shape": [1, 7], "data_offsets": [0, 56]},
        "q.weight": {"dtype": "I8", "shape": [2, 2], "data_offsets": [56, 60]},
    }
    model = read_safetensors(written(header, 60))
    assert [(row.name, row.parameter_count) for row in model.rows] == [("q", 4)]
    assert any("e.position_ids (1 tensor with 7 values)" in sentence for sentence in model.assumptions)


def test_small_numbers() -> None:
    header = {
        "a.weight": {"dtype": "F8_E5M2", "shape": [2, 3], "data_offsets": [0, 6]},
        "b.weight": {"dtype": "F4", "shape": [2, 3], "data_offsets": [6, 9]},
    }
    assert read_safetensors(written(header, 9)).parameter_count == 12
    header["b.weight"] = {"dtype": "F4", "shape": [5], "data_offsets": [6, 9]}  # two and a half bytes
    assert refused(written(header, 9)).endswith("but its shape [5] of F4 takes 3.")


def test_too_many_tensors() -> None:
    header = {str(n): 1 for n in range(50_001)}
    assert refused(written(header)) == "The header lists 50,001 tensors; at most 50,000 are read."


LIES: list[tuple[Any, int, str]] = [
    (
        {"a": {**UP, "dtype": "F33"}},
        16,
        "Tensor 'a' has the dtype 'F33', which is not a dtype of the format.",
    ),
    ({"a": {**UP, "dtype": []}}, 16, "Tensor 'a' has the dtype [], which is not a dtype of the format."),
    (
        {"a": {**UP, "shape": [2, 1, 3]}},
        16,
        "Tensor 'a' has a span of 16 bytes, but its shape [2, 1, 3] of F32 takes 24.",
    ),
    ({"a": {**UP, "shape": [-2, -2]}}, 16, "Tensor 'a' must have whole sizes from 0, received [-2, -2]."),
    ({"a": {**UP, "shape": [True, 4]}}, 16, "Tensor 'a' must have whole sizes from 0, received [True, 4]."),
    ({"a": {**UP, "shape": [10**18] * 64}}, 16, "Tensor 'a' has a span of 16 bytes, but its shape [10000000"),
    ({"a": {**UP, "data_offsets": [16, 0]}}, 16, "Tensor 'a' has a span of -16 bytes, but its shape"),
    ({"a": {**UP, "data_offsets": [0, 16, 3]}}, 16, "Tensor 'a' must have two offsets, received [0, 16, 3]."),
    ({"a": {**UP, "data_offsets": [0.0, 16]}}, 16, "Tensor 'a' must have two offsets, received [0.0, 16]."),
    ({"a": {**UP, "data_offsets": [4, 20]}}, 20, "Tensor 'a' begins at byte 4 and should begin at 0."),
    ({"a": UP, "b": UP}, 16, "Tensor 'b' begins at byte 0 and should begin at 16."),
    ({"a": UP}, 12, "The tensors take 16 bytes, but only 12 are left: the file is cut short."),
    ({"a": UP}, 20, "The tensors take 16 bytes, but 4 more follow them."),
    (
        {"a": {**UP, "more": 1}},
        16,
        "Tensor 'a' must have a dtype, a shape and data_offsets, and nothing else.",
    ),
    ({"a": 1}, 16, "Tensor 'a' must have a dtype, a shape and data_offsets, and nothing else."),
    ({}, 0, "The safetensors file contains no tensors."),
    ({"__metadata__": 1}, 0, "The header's __metadata__ must contain names and texts."),
    (b'{"a":1,"a":2}', 0, "The header of the safetensors file names 'a' twice, so it cannot be trusted."),
    (b'{"a":' + b"[" * 100_000, 0, "The header of the safetensors file is nested more than 200 deep."),
    (b'{"a"', 0, "The header of the safetensors file is not complete JSON (at line 1)."),
    (b"[1]", 0, "The header must be a JSON object with the names of the tensors."),
    (b"{\xff}", 0, "The header is not UTF-8 text, so this is not a safetensors file."),
]


@pytest.mark.parametrize(("header", "values", "sentence"), LIES, ids=range(len(LIES)))
def test_a_header_that_lies(header: object, values: int, sentence: str) -> None:
    assert refused(written(header, values)).startswith(sentence)


def test_lengths_that_lie() -> None:
    assert refused(b"") == "This is not a safetensors file: it has fewer than 8 bytes."
    assert refused(written(b"{}", 0, 100_000_001)) == (
        "The header should have 100,000,001 bytes; the safetensors format allows 100,000,000."
    )
    assert refused(written(b"{}", 0, 2**64 - 1)).startswith(
        "The header should have 18,446,744,073,709,551,615 bytes;"
    )
    assert refused(written(b"{}", 0, 20_000_001)).startswith("The header has 20,000,001 bytes; at most")
    assert refused(written(b"{}", 0, 3)).startswith(
        "The header should have 3 bytes, but only 2 are left: the file is"
    )
    data = FILE.read_bytes()
    assert "cut short" in refused(data[:-1])
    assert "cut short" in refused(data[:100])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"PK\x03\x04" + bytes(100),
        b"<!doctype html><html>",
        b"version https://git-lfs.github.com/spec",
    ],
)
def test_other_files_are_not_recognised(data: bytes) -> None:
    assert not recognises(data)
    assert refused(data)


def test_a_large_header_takes_no_time() -> None:
    header = {
        f"layers.{n}.attention.query.weight": {
            "dtype": "F32",
            "shape": [1],
            "data_offsets": [4 * n, 4 * n + 4],
        }
        for n in range(20_000)
    }
    start = time.process_time()
    assert read_safetensors(written(header, 80_000)).parameter_count == 20_000
    assert time.process_time() - start < 5


def test_only_read_errors_come_out() -> None:
    models, sentences = outcomes(recognises, read_safetensors, cases(1000, 0))
    assert models > 50
    assert len(set(sentences)) > 30
    assert all(sentence.endswith(".") and len(sentence) < 300 for sentence in sentences)


# The types of https://github.com/huggingface/safetensors/blob/main/safetensors/src/tensor.rs
TYPES = (
    *("BOOL", "F4", "F6_E2M3", "F6_E3M2", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0", "F8_E4M3FNUZ"),
    *("F8_E5M2FNUZ", "I16", "U16", "F16", "BF16", "I32", "U32", "F32", "C64", "F64", "I64", "U64"),
)


@pytest.mark.parametrize("dtype", TYPES)
def test_every_type_has_the_bits_of_its_name(dtype: str) -> None:
    number = re.search(r"\d+", dtype)
    size = 8 * 3 * (int(number[0]) if number else 8) // 8  # 24 values

    def header(end: int) -> dict[str, Any]:
        return {
            "a.weight": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]},
            "b.scale": {"dtype": dtype, "shape": [4, 6], "data_offsets": [24, 24 + end]},
        }

    # Whole numbers and truth values are not trained.
    model = read_safetensors(written(header(size), 24 + size))
    counted = not dtype.startswith(("BOOL", "U", "I"))
    assert model.parameter_count == (30 if counted else 6)
    assert f"of {dtype} takes {size}" in refused(written(header(size + 1), 25 + size))
