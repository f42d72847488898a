"""Stored tensors that no layer uses as a weight or bias."""

import struct

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
