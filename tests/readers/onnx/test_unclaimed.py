"""Stored tensors that no layer uses as a weight or bias."""

import struct

import pytest

from tests.helpers import onnx_writing as w
from tests.helpers.onnx_models import UP_WEIGHT, only_row, read_nodes, row_counts


def test_scales_and_shapes_are_not_parameters() -> None:
    scales = w.tensor("scales", (4,), w.FLOAT, struct.pack("<4f", 1, 1, 2, 2))
    shape = w.tensor("shape", (2,), w.INT64, struct.pack("<2q", 1, -1))
    nodes = [
        w.node("Resize", ("x", "", "scales"), ("y",)),
        w.node("ConvTranspose", ("y", "up.weight"), ("z",)),
        w.node("Reshape", ("z", "shape"), ("flat",)),
    ]
    row = only_row(read_nodes(nodes, [UP_WEIGHT, scales, shape]))
    assert (row.input_size, row.output_size) == ((10, 10), (12, 12))


def test_a_tensor_of_no_layer_is_listed() -> None:
    model = read_nodes(
        [w.node("Mul", ("x", "gate"), ("y",))], [w.tensor("gate", (4, 1, 1)), w.tensor("left", (7,))]
    )
    assert row_counts(model) == [("gate", "Mul", 0, 0, 4), ("left", "Tensor", 0, 0, 7)]
    assert model.rows[1].note.startswith("Nothing uses it")


def test_the_state_that_a_recurrent_layer_begins_with_can_be_trained() -> None:
    tensors = [
        w.tensor("W", (1, 12, 4)),
        w.tensor("R", (1, 12, 3)),
        w.tensor("B", (1, 24)),
        w.tensor("h0", (1, 1, 3)),
    ]
    model = read_nodes([w.node("LSTM", ("x", "W", "R", "B", "", "h0"), ("y",))], tensors, (5, 1, 4))
    assert row_counts(model) == [("W", "LSTM", 84, 24, 0), ("h0", "LSTM", 0, 0, 3)]


@pytest.mark.parametrize("shape", [(), (1,), (1, 1, 1, 1)])
@pytest.mark.parametrize("name", ["const_fold_opt__211", "norm/eps", "onnx::Add_7", "scale"])
@pytest.mark.parametrize("operator", ["Add", "Mul", "Div", "Sub", "Max"])
def test_a_single_number_is_not_a_parameter(shape: tuple[int, ...], name: str, operator: str) -> None:
    nodes = [w.node("ConvTranspose", ("x", "up.weight"), ("y",)), w.node(operator, ("y", name), ("z",))]
    model = read_nodes(nodes, [UP_WEIGHT, w.tensor(name, shape)])
    assert only_row(model).parameter_count == 216
    [sentence] = [each for each in model.assumptions if each.startswith("Single numbers")]
    assert name in sentence
    assert "a trained parameter of one number looks the same" in sentence


def test_single_numbers_are_named_up_to_a_limit() -> None:
    tensors = [w.tensor(f"s{n}", (1,)) for n in range(5)]
    model = read_nodes([w.node("ConvTranspose", ("x", "up.weight"), ("y",))], [UP_WEIGHT, *tensors])
    assert any("(s0, s1, s2 and 2 more)" in each for each in model.assumptions)


def test_the_one_slope_of_a_prelu_is_a_parameter() -> None:
    model = read_nodes([w.node("PRelu", ("x", "slope"), ("y",))], [w.tensor("slope", (1, 1, 1))])
    assert only_row(model).weight_count == 1
    assert not any("Single numbers" in each for each in model.assumptions)


def test_scales_of_quantisers_are_said() -> None:
    tensors = [w.tensor("q", (4, 6, 3, 3), w.INT8), w.tensor("s", (6,)), w.tensor("zero", (6,), w.INT8)]
    nodes = [
        w.node("DequantizeLinear", ("q", "s", "zero"), ("k",), w.attribute("axis", 1)),
        w.node("ConvTranspose", ("x", "k"), ("y",)),
        w.node("QuantizeLinear", ("y", "t", "u"), ("z",)),
    ]
    model = read_nodes(nodes, [*tensors, w.tensor("t", ()), w.tensor("u", (), w.INT8)])
    assert only_row(model).parameter_count == 216
    assert any(
        "quantisers are settings and not parameters: 14 numbers." in each for each in model.assumptions
    )


@pytest.mark.parametrize("domain", ["qonnx.custom_op.general", "finn.custom_op.general", "onnx.brevitas"])
def test_quantisers_of_qonnx_have_no_parameters(domain: str) -> None:
    # Quant(x, scale, zero point, bits), BipolarQuant(x, scale), Trunc(x, scale, zero point, bits, bits).
    single = [w.tensor(name, ()) for name in ("zero", "bits")]
    nodes = [
        w.node("Quant", ("up.weight", "scale", "zero", "bits"), ("k",), domain=domain),
        w.node("BipolarQuant", ("x", "one"), ("xq",), domain=domain),
        w.node("ConvTranspose", ("xq", "k"), ("y",)),
        w.node("Trunc", ("y", "one", "zero", "bits", "bits"), ("z",), domain=domain),
    ]
    scales = [w.tensor("scale", (1, 6, 1, 1)), w.tensor("one", ())]
    model = read_nodes(nodes, [UP_WEIGHT, *scales, *single])
    row = only_row(model)
    assert (row.parameter_count, row.weight_shape, row.output_size) == (216, (4, 6, 3, 3), (7, 7))
    assert model.complete
    assert any("9 numbers" in each for each in model.assumptions)


def test_another_operator_of_these_domains_stays_unknown() -> None:
    nodes = [
        w.node("ConvTranspose", ("x", "up.weight"), ("y",)),
        w.node("MultiThreshold", ("y",), ("z",), domain="qonnx.custom_op.general"),
        w.node("Quant", ("z",), ("q",), domain="vendor"),
    ]
    assert [row.type for row in read_nodes(nodes, [UP_WEIGHT]).unknown] == ["MultiThreshold", "Quant"]


def test_whole_numbers_that_no_quantiser_reads_are_not_parameters() -> None:
    nodes = [w.node("ConvTranspose", ("x", "up.weight"), ("y",))]
    said = "Tensors of whole numbers (shapes, indices) are not parameters."
    model = read_nodes(nodes, [UP_WEIGHT, w.tensor("index", (3,), w.INT64)])
    assert row_counts(model)[1:] == []
    assert said in model.assumptions
    assert said not in read_nodes(nodes, [UP_WEIGHT, w.tensor("left", (3,))]).assumptions
