"""Layers that exporters write as several operators."""

import struct

import pytest

from tests.helpers import onnx_writing as w
from tests.helpers.onnx_models import UP_WEIGHT, only_row, read_nodes, recorded, row_counts


@pytest.mark.parametrize("shape", [(6,), (1, 6, 1, 1), (6, 1, 1)])
@pytest.mark.parametrize("turned", [False, True])
def test_an_add_after_a_layer_is_its_bias(shape: tuple[int, ...], turned: bool) -> None:
    inputs = ("b", "y") if turned else ("y", "b")
    nodes = [w.node("ConvTranspose", ("x", "up.weight"), ("y",)), w.node("Add", inputs, ("z",))]
    row = only_row(read_nodes(nodes, [UP_WEIGHT, w.tensor("b", shape)]))
    assert (row.name, row.weight_count, row.bias_count) == ("up", 216, 6)
    assert row.layer is not None
    assert row.layer.bias


@pytest.mark.parametrize("shape", [(5,), (1, 1, 6, 1), (1, 1, 1, 6), (4, 6, 1, 1), ()])
def test_an_add_of_another_shape_is_not_a_bias(shape: tuple[int, ...]) -> None:
    nodes = [w.node("ConvTranspose", ("x", "up.weight"), ("y",)), w.node("Add", ("y", "b"), ("z",))]
    model = read_nodes(nodes, [UP_WEIGHT, w.tensor("b", shape)])
    assert model.rows[0].bias_count == 0
    assert model.parameter_count == 216 + (0 if shape == () else sum(row.other_count for row in model.rows))
    assert [row.type for row in model.rows] == ["ConvTranspose", *(["Add"] if shape else [])]


def test_a_bias_after_a_transpose_and_a_slice() -> None:
    # TensorFlow's exporter writes NCHW to NHWC, a crop, then the bias on the last axis.
    nodes = [
        w.node("ConvTranspose", ("x", "up.weight"), ("y",)),
        w.node("Transpose", ("y",), ("t",), w.attribute("perm", (0, 2, 3, 1))),
        w.node("Slice", ("t", "starts", "ends"), ("s",)),
        w.node("Add", ("s", "b"), ("z",)),
    ]
    ends = [w.tensor(name, (4,), w.INT64, struct.pack("<4q", 0, 0, 0, 0)) for name in ("starts", "ends")]
    assert only_row(read_nodes(nodes, [UP_WEIGHT, w.tensor("b", (1, 1, 1, 6)), *ends])).bias_count == 6


@pytest.mark.parametrize(
    ("between", "inputs", "bias"),
    [
        ("Identity", (), 0),
        ("Slice", ("shape", "shape"), 0),
        ("Squeeze", (), 6),
        ("Unsqueeze", (), 6),
        ("Reshape", ("shape",), 6),
    ],
)
def test_a_bias_may_have_its_values_along_any_axis_after_a_reshape(
    between: str, inputs: tuple[str, ...], bias: int
) -> None:
    nodes = [
        w.node("ConvTranspose", ("x", "up.weight"), ("y",)),
        w.node(between, ("y", *inputs), ("t",)),
        w.node("Add", ("t", "b"), ("z",)),
    ]
    shape = w.tensor("shape", (4,), w.INT64, struct.pack("<4q", 0, 0, 0, 0))
    model = read_nodes(nodes, [UP_WEIGHT, w.tensor("b", (1, 1, 1, 6)), shape])
    assert (model.rows[0].weight_count, model.rows[0].bias_count) == (216, bias)
    assert model.parameter_count == 222


def test_a_group_norm_in_single_steps() -> None:
    assert [row[1:] for row in row_counts(recorded("norms_old_train"))] == [
        ("Conv", 216, 8, 0),
        ("GroupNormalization", 8, 8, 0),
        ("ConvTranspose", 256, 8, 0),
        ("InstanceNormalization", 8, 8, 0),
    ]


@pytest.mark.parametrize(("name", "bias"), [("const_fold_opt__211", 1), ("norm/eps", 0), ("up.bias", 1)])
def test_with_one_channel_only_its_name_tells_epsilon_from_a_bias(name: str, bias: int) -> None:
    nodes = [w.node("ConvTranspose", ("x", "k"), ("y",)), w.node("Add", ("y", name), ("z",))]
    model = read_nodes(nodes, [w.tensor("k", (4, 1, 3, 3)), w.tensor(name, (1, 1, 1, 1))])
    assert (only_row(model).weight_count, only_row(model).bias_count) == (36, bias)
