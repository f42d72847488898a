"""The rows of shared, missing and unknown layers."""

import pytest

from tests.helpers import onnx_writing as w
from tests.helpers.onnx_models import only_row, read_nodes, recorded, row_counts


def test_a_tied_weight_is_counted_once() -> None:
    model = recorded("tied_old_train")
    assert [row[1:] for row in row_counts(model)] == [
        ("Gather", 66, 0, 0),
        ("LSTM", 288, 48, 0),
        ("LayerNormalization", 6, 6, 0),
        ("MatMul", 0, 11, 0),
        ("Add", 0, 0, 30),
    ]
    assert model.rows[3].note == "Its weight is counted at e."
    assert model.rows[1].note == ""  # Its two matrices are stored as they are: nothing is computed.


def test_a_layer_used_twice_is_counted_once_and_works_twice() -> None:
    square = w.tensor("k.weight", (4, 4, 3, 3))
    one = w.attribute("pads", (1, 1, 1, 1))
    nodes = [w.node("Conv", (a, "k.weight"), (b,), one) for a, b in (("x", "y"), ("y", "z"))]
    row = only_row(read_nodes(nodes, [square]))
    assert (row.weight_count, row.multiply_accumulates) == (144, 2 * 144 * 25)
    assert "used again" in row.note


def test_a_weight_from_outside_is_unknown_and_not_zero() -> None:
    row = only_row(read_nodes([w.node("ConvTranspose", ("x", "k"), ("y",))], []))
    assert (row.known, row.transposed, row.parameter_count) == (False, True, 0)


def test_an_operator_of_another_domain_is_unknown() -> None:
    row = only_row(read_nodes([w.node("Deform", ("x",), ("y",), domain="vendor")], []))
    assert (row.type, row.known) == ("Deform", False)
    assert "vendor" in row.note


def test_a_product_of_two_constants_is_a_weight_and_not_a_layer() -> None:
    tensors = [w.tensor("a", (4, 2)), w.tensor("b", (2, 6))]
    nodes = [
        w.node("MatMul", ("a", "b"), ("ab",)),
        w.node("MatMul", ("x", "ab"), ("y",)),
    ]
    row = only_row(read_nodes(nodes, tensors, (1, 4)))
    assert (row.type, row.weight_count, row.multiply_accumulates) == ("MatMul", 20, 24)
    assert row.note == "Its weight is computed from 2 stored tensors, which are all counted."
    # Either of the two can also be the weight of an earlier layer.
    for shared in ("a", "b"):
        earlier = w.node("MatMul", ("w", shared), ("v",))
        model = read_nodes([earlier, *nodes], tensors, (1, 4))
        rows = [(row.name, row.weight_count) for row in model.rows]
        assert rows == {"a": [("a", 8), ("y", 12)], "b": [("b", 12), ("a", 8)]}[shared]
        assert model.rows[1].note == f"A part of its weight is counted at {model.rows[0].name}."
    # A product whose result nothing else multiplies is a constant too.
    alone = read_nodes([w.node("MatMul", ("a", "b"), ("ab",)), w.node("Add", ("x", "ab"), ("y",))], tensors)
    assert "MatMul" not in [row.type for row in alone.rows if row.weight_count]


@pytest.mark.parametrize(
    ("operator", "kernel", "bias"),
    # The output channels are the first size of a Conv, and the second of a ConvTranspose.
    [("Conv", (6, 4, 3, 3), 6), ("ConvTranspose", (4, 6, 3, 3), 6)],
)
def test_an_added_bias_has_a_value_for_each_output_channel(
    operator: str, kernel: tuple[int, ...], bias: int
) -> None:
    nodes = [w.node(operator, ("x", "k"), ("y",)), w.node("Add", ("y", "b"), ("z",))]
    row = only_row(read_nodes(nodes, [w.tensor("k", kernel), w.tensor("b", (bias, 1, 1))]))
    assert (row.weight_count, row.bias_count, row.type) == (216, bias, operator)
    other = read_nodes(nodes, [w.tensor("k", kernel), w.tensor("b", (4, 1, 1))])
    assert [row.bias_count for row in other.rows] == [0, 0]


@pytest.mark.parametrize(("turned", "shape"), [(0, (4, 6)), (1, (6, 4))])
def test_the_outputs_of_a_gemm_depend_on_its_attribute(turned: int, shape: tuple[int, int]) -> None:
    nodes = [
        w.node("Gemm", ("x", "k"), ("y",), w.attribute("transB", turned)),
        w.node("Add", ("y", "b"), ("z",)),
    ]
    tensors = [w.tensor("k", shape), w.tensor("b", (6,))]
    row = only_row(read_nodes(nodes, tensors, (1, 4)))
    assert (row.weight_count, row.bias_count, row.multiply_accumulates) == (24, 6, 24)
    wrong = read_nodes(nodes, [tensors[0], w.tensor("b", (4,))], (1, 4))
    assert [row.bias_count for row in wrong.rows] == [0, 0]


def test_only_a_transposed_convolution_can_be_opened() -> None:
    nodes = [w.node("Conv", ("x", "k"), ("y",)), w.node("ConvTranspose", ("y", "l"), ("z",))]
    model = read_nodes(nodes, [w.tensor("k", (4, 4, 3, 3)), w.tensor("l", (4, 4, 3, 3))])
    assert [row.layer is not None for row in model.rows] == [False, True]
    assert [row.transposed for row in model.rows] == [False, True]


@pytest.mark.parametrize(
    ("operator", "shape", "work"),
    [
        ("MatMul", (1, 4), 24),
        ("MatMul", ("N", 4), 24),
        ("MatMul", (5, 4), None),  # Five samples, or one sample with five rows.
        ("MatMul", (1, 5, 4), 120),
        ("MatMul", (7, 5, 4), 120),  # The first axis is the batch.
        ("MatMul", (1, "T", 4), None),
        ("Gemm", (1, 4), 24),
        ("Gemm", (5, 4), None),
        ("MatMulInteger", (1, 4), None),
        ("FusedMatMul", (1, 4), None),
    ],
)
def test_the_work_of_a_product(operator: str, shape: tuple[int | str, ...], work: int | None) -> None:
    domain = "com.microsoft" if operator == "FusedMatMul" else ""
    node = w.node(operator, ("x", "k"), ("y",), domain=domain)
    row = only_row(read_nodes([node], [w.tensor("k", (4, 6))], shape))
    assert (row.weight_count, row.multiply_accumulates) == (24, work)


def test_a_stored_matrix_on_the_left_has_no_work() -> None:
    row = only_row(read_nodes([w.node("MatMul", ("k", "x"), ("y",))], [w.tensor("k", (6, 4))], (4, 1)))
    assert (row.weight_count, row.multiply_accumulates) == (24, None)


def test_notes_about_weights_of_other_places() -> None:
    nodes = [w.node("ConvTranspose", ("x", "a"), ("y",)), w.node("Conv", ("y", "a", "b"), ("z",))]
    model = read_nodes(nodes, [w.tensor("a", (4, 4, 1, 1)), w.tensor("b", (4,))])
    assert [row.note for row in model.rows] == ["", "Its weight is counted at a."]
    missing = only_row(read_nodes([w.node("Conv", ("x", "k"), ("y",))], []))
    assert missing.note == "Its weight is not stored in the file: it is computed, or an input of the model."
    again = only_row(
        read_nodes(
            [w.node("Conv", (a, "k"), (b,)) for a, b in ("xy", "yz", "zq")], [w.tensor("k", (4, 4, 1, 1))]
        )
    )
    assert again.note == "Its weight is used again, and counted once."
    statistics = [w.tensor(name, (4,)) for name in "sbmv"]
    norm = only_row(read_nodes([w.node("BatchNormalization", ("x", *"sbmv"), ("y",))], statistics))
    assert (norm.parameter_count, norm.note) == (
        8,
        "Its running mean and variance are statistics and not counted.",
    )


@pytest.mark.parametrize("copy", ["", "onnx::MatMul_20"])
def test_the_vectors_of_a_spectral_norm_are_no_parameters(copy: str) -> None:
    # Names and operators as torch.onnx.export writes spectral_norm(Conv2d(4, 8, 3)), which has 296.
    tensors = [
        w.tensor("up.bias", (8,)),
        w.tensor("up.weight_orig", (8, 4, 3, 3)),
        w.tensor("up.weight_u", (8,)),
        w.tensor("up.weight_v", (36,)),
        *([w.tensor(copy, (8, 36))] if copy else []),
    ]
    nodes = [
        *([] if copy else [w.node("Flatten", ("up.weight_orig",), ("matrix",))]),
        w.node("MatMul", (copy or "matrix", "up.weight_v"), ("product",)),
        w.node("MatMul", ("up.weight_u", "product"), ("sigma",)),
        w.node("Div", ("up.weight_orig", "sigma"), ("weight",)),
        w.node("Conv", ("x", "weight", "up.bias"), ("y",)),
    ]
    model = read_nodes(nodes, tensors)
    row = only_row(model)
    assert (row.name, row.weight_count, row.bias_count) == ("up", 288, 8)
    assert "up.weight_u, up.weight_v" in row.note
    assert model.complete


def test_an_unnamed_tensor_of_another_size_leaves_a_spectral_norm_uncounted() -> None:
    tensors = [
        w.tensor("up.weight_orig", (8, 4, 3, 3)),
        w.tensor("up.weight_u", (8,)),
        w.tensor("onnx::MatMul_20", (8, 37)),
    ]
    nodes = [
        w.node("MatMul", ("up.weight_u", "onnx::MatMul_20"), ("sigma",)),
        w.node("Div", ("up.weight_orig", "sigma"), ("weight",)),
        w.node("Conv", ("x", "weight"), ("y",)),
    ]
    model = read_nodes(nodes, tensors)
    assert [(row.known, row.parameter_count) for row in model.rows] == [(False, 0)]


def test_both_tensors_of_a_weight_norm_are_parameters() -> None:
    tensors = [w.tensor("up.weight_g", (8, 1, 1, 1)), w.tensor("up.weight_v", (8, 4, 3, 3))]
    nodes = [
        w.node("Mul", ("up.weight_v", "up.weight_g"), ("weight",)),
        w.node("Conv", ("x", "weight"), ("y",)),
    ]
    assert only_row(read_nodes(nodes, tensors)).weight_count == 296


@pytest.mark.parametrize(
    ("shape", "weight", "work"),
    [
        ((1, 4), (4, 6), 24),
        ((1, 5, 4), (4, 6), 5 * 24),
        ((7, 4), (4, 6), None),  # The first axis may be the batch, or rows of one sample.
        ((1, "rows", 4), (4, 6), None),
        ((1, 5, 4), (1, 4, 6), None),  # A stack of matrices may be repeated along the batch.
        ((4,), (4, 6), None),
    ],
)
def test_the_work_of_a_product_is_that_of_one_sample(
    shape: tuple[int | str, ...], weight: tuple[int, ...], work: int | None
) -> None:
    row = only_row(read_nodes([w.node("MatMul", ("x", "k"), ("y",))], [w.tensor("k", weight)], shape))
    assert (row.weight_count, row.multiply_accumulates) == (24, work)
