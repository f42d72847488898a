"""Damaged and hostile ONNX files: refused with a sentence, or read at once."""

import re
import time

import numpy as np
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


# TensorProto.DataType of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto: types of numpy, and others
# with the bits in their names.
NUMPY = {
    **{1: "f4", 2: "u1", 3: "i1", 4: "u2", 5: "i2", 6: "i4", 7: "i8", 9: "?"},
    **{10: "f2", 11: "f8", 12: "u4", 13: "u8", 14: "c8", 15: "c16"},
}
OTHERS = {
    16: "BFLOAT16",
    17: "FLOAT8E4M3FN",
    18: "FLOAT8E4M3FNUZ",
    19: "FLOAT8E5M2",
    20: "FLOAT8E5M2FNUZ",
} | {**{21: "UINT4", 22: "INT4", 23: "FLOAT4E2M1", 24: "FLOAT8E8M0", 25: "UINT2", 26: "INT2"}}


@pytest.mark.parametrize("kind", [*NUMPY, *OTHERS])
def test_every_type_has_its_size(kind: int) -> None:
    in_name = int(re.findall(r"\d+", OTHERS.get(kind, "0"))[0])
    size = 12 * in_name // 8 or 12 * np.dtype(NUMPY[kind]).itemsize
    node = w.node("ConvTranspose", ("x", "k"), ("y",))

    def data(stored: int) -> bytes:
        return w.model(w.graph([node], [w.tensor("k", (2, 6), kind, bytes(stored))]))

    assert read_onnx_file(data(size)).format
    for wrong in (size - 1, size + 1):
        with pytest.raises(ReadError, match=rf"{wrong} bytes stored for it, which do not fit"):
            read_onnx_file(data(wrong))


def test_a_sparse_tensor_is_counted_with_its_zeros() -> None:
    # SparseTensorProto of onnx.proto: 1 values, 2 indices, 3 dims; field 15 of a graph.
    dims = b"".join(w.field(3, size) for size in (4, 3, 3, 3))
    sparse = w.field(1, w.tensor("k", (2,), w.FLOAT, bytes(8))) + w.field(2, w.tensor("", (2,))) + dims
    graph = w.graph([w.node("Conv", ("x", "k"), ("y",))]) + w.field(15, sparse)
    model = read_onnx_file(w.model(graph))
    assert only_row(model).weight_count == 4 * 3 * 3 * 3
    assert any("Sparse tensors (1) are counted with their zeros." in said for said in model.assumptions)


# GraphProto in https://github.com/onnx/onnx/blob/main/onnx/onnx.proto: 12 is output, 13 is value_info.
@pytest.mark.parametrize("field", [12, 13])
def test_the_shape_of_a_value_inside_may_be_stated_as_that_of_an_output(field: int) -> None:
    nodes = [w.node("Unknown", ("x",), ("v",)), w.node("ConvTranspose", ("v", "k"), ("y",))]
    body = w.graph(nodes, [w.tensor("k", (4, 6, 3, 3))], [w.value("x", (1, 4, 9, 9))])
    row = only_row(read_onnx_file(w.model(body + w.field(field, w.value("v", (1, 4, 5, 7))))))
    assert (row.input_size, row.output_size) == ((5, 7), (7, 9))
