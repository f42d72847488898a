"""The table of the working ends in the total."""

from calculator import ConvTranspose, derive_parameters
from calculator.tables.answer import working
from tests.helpers.tables import assert_exact, every_layer


@every_layer
def test_working(layer: ConvTranspose) -> None:
    table = working(derive_parameters(layer))
    assert list(table.columns) == ["what", "expression", "value"]
    assert_exact(table, ["value"])
    assert table["value"].tolist()[-1] == layer.parameter_count
