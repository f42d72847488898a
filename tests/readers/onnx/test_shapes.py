"""Shapes that follow from operator to operator."""

import struct

import pytest

from calculator.readers.onnx.file import read_onnx_file
from tests.helpers import onnx_writing as w
from tests.helpers.onnx_models import UP_WEIGHT, only_row, read_nodes


@pytest.mark.parametrize(
    ("before", "size"),
    [
        (
            w.node(
                "MaxPool", ("x",), ("v",), w.attribute("kernel_shape", (2, 2)), w.attribute("strides", (2, 2))
            ),
            2,
        ),
        (
            w.node(
                *(
                    "MaxPool",
                    ("x",),
                    ("v",),
                    w.attribute("kernel_shape", (2, 2)),
                    w.attribute("strides", (2, 2)),
                ),
                w.attribute("ceil_mode", 1),
            ),
            3,
        ),
        (
            # A third window would begin in the padding at the end: MaxPool2d(2, 3, 1, ceil_mode=True).
            w.node(
                *(
                    "MaxPool",
                    ("x",),
                    ("v",),
                    w.attribute("kernel_shape", (2, 2)),
                    w.attribute("strides", (3, 3)),
                ),
                *(w.attribute("pads", (1, 1, 1, 1)), w.attribute("ceil_mode", 1)),
            ),
            2,
        ),
        (w.node("Add", ("x", "open"), ("v",)), 5),
        (w.node("GlobalAveragePool", ("x",), ("v",)), 1),
        (w.node("Pad", ("x", "pads"), ("v",)), 8),
        (w.node("Concat", ("x", "x"), ("v",), w.attribute("axis", 0)), 5),
    ],
)
def test_sizes_follow_from_operator_to_operator(before: bytes, size: int) -> None:
    nodes = [before, w.node("ConvTranspose", ("v", "up.weight"), ("y",))]
    pads = w.tensor("pads", (8,), w.INT64, struct.pack("<8q", 0, 0, 1, 1, 0, 0, 2, 2))
    inputs = [w.value("x", (1, 4, 5, 5)), w.value("open", (1, 4, "h", "w"))]
    row = only_row(read_onnx_file(w.model(w.graph(nodes, [UP_WEIGHT, pads], inputs))))
    assert (row.input_size, row.output_size) == ((size,) * 2, (size + 2,) * 2)


def test_sizes_stay_unknown_where_the_file_leaves_them_open() -> None:
    row = only_row(
        read_nodes([w.node("ConvTranspose", ("x", "up.weight"), ("y",))], [UP_WEIGHT], ("n", 4, "h", "w"))
    )
    assert (row.input_size, row.output_size, row.multiply_accumulates) == (None, None, None)
    assert row.layer is not None
