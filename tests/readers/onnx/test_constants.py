"""Weights that are computed from stored tensors."""

from calculator.core.layer import ConvTranspose
from tests.helpers import onnx_writing as w
from tests.helpers.onnx_models import only_row, read_nodes, recorded


def test_weight_norm_counts_both_of_its_tensors() -> None:
    row = recorded("wn_old").rows[0]
    assert (row.weight_count, row.bias_count, row.output_size) == (136, 4, (18,))
    assert row.layer == ConvTranspose(in_channels=8, out_channels=4, kernel_size=(4,), stride=2, padding=1)


def test_weights_in_constant_nodes() -> None:
    nodes = [
        w.node("Constant", (), ("k",), w.attribute("value", w.tensor("", (4, 6, 3, 3)))),
        w.node("Constant", (), ("b",), w.attribute("value", w.tensor("", (6,)))),
        w.node("ConvTranspose", ("x", "k", "b"), ("y",)),
    ]
    row = only_row(read_nodes(nodes, []))
    assert (row.weight_shape, row.weight_count, row.bias_count) == ((4, 6, 3, 3), 216, 6)


def test_a_quantized_weight_counts_and_its_scale_does_not() -> None:
    # No name has a single character: the characters of a name are not names.
    kernel = w.tensor("kernel", (4, 6, 3, 3), w.INT8)
    tensors = [kernel, w.tensor("scale", (6,)), w.tensor("zero", (6,), w.INT8)]
    nodes = [
        w.node("DequantizeLinear", ("kernel", "scale", "zero"), ("k",), w.attribute("axis", 1)),
        w.node("ConvTranspose", ("x", "k"), ("y",)),
    ]
    row = only_row(read_nodes(nodes, tensors))
    assert (row.weight_shape, row.parameter_count, row.output_size) == ((4, 6, 3, 3), 216, (7, 7))
    direct = w.node("QLinearConv", ("x", "scale", "zero", "kernel", "scale", "zero", "scale", "zero"), ("y",))
    assert only_row(read_nodes([direct], tensors)).parameter_count == 216


def test_a_constant_of_one_number_that_scales_a_weight_is_no_part_of_it() -> None:
    for name, count in (("const_fold_opt__3", 216), ("up.weight_g", 217)):
        nodes = [w.node("Mul", ("k", name), ("scaled",)), w.node("ConvTranspose", ("x", "scaled"), ("y",))]
        tensors = [w.tensor("k", (4, 6, 3, 3)), w.tensor(name, (1, 1, 1, 1))]
        assert only_row(read_nodes(nodes, tensors)).parameter_count == count


def test_a_mask_that_chooses_the_values_of_a_weight_is_no_part_of_it() -> None:
    # Where(condition, X, Y): https://onnx.ai/onnx/operators/onnx__Where.html. Two kernels of 4·6·3·3.
    shape = (4, 6, 3, 3)
    tensors = [w.tensor("kernel", shape), w.tensor("other", shape), w.tensor("mask", shape, w.INT64)]
    nodes = [
        w.node("Where", ("mask", "kernel", "other"), ("k",)),
        w.node("ConvTranspose", ("x", "k"), ("y",)),
    ]
    assert only_row(read_nodes(nodes, tensors)).parameter_count == 432
