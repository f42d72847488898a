"""The rows of shared, missing and unknown layers."""

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
