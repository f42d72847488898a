"""Damaged and hostile ONNX files: refused with a sentence, or read at once."""

import time

import pytest

from calculator.readers.model import MAX_COUNT, ReadError
from calculator.readers.onnx.file import read_onnx_file
from tests.helpers import onnx_writing as w
from tests.helpers.onnx_models import only_row
from tests.helpers.paths import READER_FILES


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (w.model(w.graph([], [w.tensor("k", (10**9, 10**9, 10))])), "which is impossible"),
        (w.model(w.graph([], [w.tensor("k", (MAX_COUNT + 1, 0))])), "which is impossible"),
        (w.model(w.graph([], [w.tensor("k", (-4, -6))])), r"\(-4, -6\), which is impossible"),
        (w.model(w.graph([], [w.tensor("k", (1,) * 65)])), "more than 64 axes"),
        (w.model(w.graph([], [w.tensor("k", (3, 3), w.FLOAT, bytes(35))])), "35 bytes stored for it"),
        (w.nested_branches(201), "nested more than 200 deep"),
        (w.field(1, 8) + w.field(2, "nothing"), "contains no graph"),
        (w.model(b"") + w.field(7, b""), "two graphs"),
    ],
)
def test_hostile_files_are_refused_with_a_sentence(data: bytes, said: str) -> None:
    began = time.process_time()
    with pytest.raises(ReadError, match=said):
        read_onnx_file(data)
    assert time.process_time() - began < 10


def test_every_truncation_is_refused_or_read() -> None:
    data = (READER_FILES / "onnx_up3_old.onnx").read_bytes()
    refused = 0
    for end in range(len(data)):
        try:
            read_onnx_file(data[:end])
        except ReadError:
            refused += 1
    assert refused > 0.9 * len(data)


def test_a_large_tensor_costs_nothing() -> None:
    large = w.tensor("up.weight", (1024, 1024, 4, 4), w.FLOAT, bytes(4 * 1024 * 1024 * 16))
    data = w.model(w.graph([w.node("ConvTranspose", ("x", "up.weight"), ("y",))], [large]))
    began = time.process_time()
    assert only_row(read_onnx_file(data)).weight_count == 16_777_216
    assert time.process_time() - began < 0.1
