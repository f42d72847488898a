"""ONNX models for tests: recorded files, and small models put together by hand."""

from calculator.readers.model import Model, Row
from calculator.readers.onnx.file import read_onnx_file
from tests.helpers import onnx_writing as w
from tests.helpers.paths import READER_FILES

UP_WEIGHT = w.tensor("up.weight", (4, 6, 3, 3))
"""The weight of a transposed convolution from 4 to 6 channels with a kernel of 3 × 3."""


def recorded(name: str) -> Model:
    """Return the model in a recorded file."""
    return read_onnx_file((READER_FILES / f"onnx_{name}.onnx").read_bytes(), name=name)


def read_nodes(
    nodes: list[bytes], tensors: list[bytes], shape: tuple[int | str, ...] = (1, 4, 5, 5)
) -> Model:
    """Return the model of these nodes and stored tensors, whose input "x" has this shape."""
    return read_onnx_file(w.model(w.graph(nodes, tensors, [w.value("x", shape)])))


def row_counts(model: Model) -> list[tuple[str, str, int, int, int]]:
    """Return (name, type, weights, biases, others) of each row."""
    return [(row.name, row.type, row.weight_count, row.bias_count, row.other_count) for row in model.rows]


def only_row(model: Model) -> Row:
    """Return the row of a model with a single row."""
    assert len(model.rows) == 1
    return model.rows[0]
