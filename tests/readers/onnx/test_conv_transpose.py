"""The paddings of ConvTranspose as PyTorch layers."""

from typing import Any

import pytest

from calculator.core.layer import ConvTranspose
from tests.helpers import onnx_writing as w
from tests.helpers.onnx_models import UP_WEIGHT, only_row, read_nodes


@pytest.mark.parametrize(
    ("attributes", "padding", "extra", "size"),
    [
        ({}, 0, 0, (11, 11)),
        ({"pads": (1, 1, 1, 1)}, 1, 0, (9, 9)),
        ({"pads": (1, 1, 1, 1), "output_padding": (1, 1)}, 1, 1, (10, 10)),
        ({"auto_pad": "VALID"}, 0, 0, (11, 11)),
        # PyTorch's output_padding crops less at the end.
        ({"pads": (1, 1, 0, 0)}, 1, 1, (10, 10)),
        ({"auto_pad": "SAME_LOWER"}, 1, 1, (10, 10)),
        ({"output_shape": (9, 9)}, 1, 0, (9, 9)),
        ({"output_shape": (12, 12)}, 0, 1, (12, 12)),
    ],
)
def test_every_form_of_padding(
    attributes: dict[str, Any], padding: int, extra: int, size: tuple[int, int]
) -> None:
    items = [w.attribute(name, item) for name, item in {"strides": (2, 2), **attributes}.items()]
    row = only_row(read_nodes([w.node("ConvTranspose", ("x", "up.weight"), ("y",), *items)], [UP_WEIGHT]))
    assert row.layer == ConvTranspose(
        in_channels=4,
        out_channels=6,
        kernel_size=3,
        stride=2,
        padding=padding,
        output_padding=extra,
        bias=False,
    )
    assert row.output_size == row.layer.output_size(5) == size
    assert row.multiply_accumulates == row.layer.multiply_accumulates(5) == 4 * 25 * 6 * 9


@pytest.mark.parametrize(
    ("attributes", "extra", "size"),
    [
        ({"auto_pad": "SAME_UPPER"}, 0, 19),
        ({"output_shape": (21, 21)}, 2, 21),
        ({"output_shape": (17, 17)}, 0, 17),
    ],
)
def test_a_kernel_below_its_stride(attributes: dict[str, Any], extra: int, size: int) -> None:
    # The answers of onnxruntime 1.32: SAME adds no rows to reach 20, an output_shape does.
    items = [w.attribute(name, item) for name, item in {"strides": (4, 4), **attributes}.items()]
    row = only_row(read_nodes([w.node("ConvTranspose", ("x", "up.weight"), ("y",), *items)], [UP_WEIGHT]))
    assert row.layer is not None
    assert (row.layer.output_padding, row.layer.padding) == ((extra,) * 2, (1 if size == 17 else 0,) * 2)
    assert row.output_size == row.layer.output_size(5) == (size, size)


@pytest.mark.parametrize(
    "attributes",
    [
        {"pads": (0, 0, 1, 1)},
        {"auto_pad": "SAME_UPPER"},
        {"output_shape": (10, 10), "auto_pad": "SAME_UPPER"},
    ],
)
def test_a_larger_crop_at_the_end_has_no_pytorch_layer(attributes: dict[str, Any]) -> None:
    items = [w.attribute(name, item) for name, item in {"strides": (2, 2), **attributes}.items()]
    row = only_row(read_nodes([w.node("ConvTranspose", ("x", "up.weight"), ("y",), *items)], [UP_WEIGHT]))
    assert (row.layer, row.transposed, row.output_size) == (None, True, (10, 10))
    assert "crop more at the end than at the beginning" in row.note
    assert row.parameter_count == 216


def test_a_kernel_shape_that_is_not_that_of_the_weight() -> None:
    given = w.attribute("kernel_shape", (3, 5))
    row = only_row(read_nodes([w.node("ConvTranspose", ("x", "up.weight"), ("y",), given)], [UP_WEIGHT]))
    assert (row.layer, row.note, row.parameter_count) == (
        None,
        "Its kernel_shape is not that of the weight.",
        216,
    )


def test_an_output_shape_gives_the_padding_only_for_a_known_input() -> None:
    given = w.attribute("output_shape", (9, 9))
    node = w.node("ConvTranspose", ("x", "up.weight"), ("y",), given)
    row = only_row(read_nodes([node], [UP_WEIGHT], (1, 4, "h", 5)))
    assert (row.layer, row.note, row.parameter_count) == (
        None,
        "Its output_shape determines the padding, but the input size is not known.",
        216,
    )
