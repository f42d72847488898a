"""Tables of the answer: exact parts and a working that ends in the total."""

from calculator import ConvTranspose, derive_parameters
from calculator.tables.answer import split, working
from tests.helpers.tables import assert_exact, every_layer


@every_layer
def test_split_and_working(layer: ConvTranspose) -> None:
    parts = split(layer)
    assert_exact(parts, ["count"])
    assert parts.values.tolist() == [["weights", layer.weight_count], ["biases", layer.bias_count]]
    table = working(derive_parameters(layer))
    assert list(table.columns) == ["what", "expression", "value"]
    assert_exact(table, ["value"])
    assert table["value"].tolist()[-1] == layer.parameter_count
