"""Tables of a whole model: the printed columns add up to the totals, digits stay exact."""

from hypothesis import given
from hypothesis import strategies as st

from calculator.readers.model import Model, Row
from calculator.tables.model import layers_table, memory_table

counts = st.integers(0, 10**20)
rows = st.builds(
    Row,
    name=st.text(min_size=1, max_size=5),
    type=st.sampled_from(["ConvTranspose2d", "Linear"]),
    weight_count=counts,
    bias_count=counts,
    other_count=counts,
    output_size=st.none() | st.tuples(st.integers(1, 9), st.integers(1, 9)),
    multiply_accumulates=st.none() | counts,
)


@given(st.lists(rows, max_size=8))
def test_the_columns_add_up_to_the_totals(made: list[Row]) -> None:
    model = Model(tuple(made), "")
    table = layers_table(model.rows)
    assert sum(table["parameters"]) == model.parameter_count
    assert sum(table["weights"]) == model.weight_count
    assert sum(table["biases"]) == model.bias_count
    assert list(table["weights"] + table["biases"] + table["others"]) == list(table["parameters"])
    assert all(type(count) is int for count in table["parameters"])
    if any(row.output_size for row in made):
        assert list(table["output size"]) == [row.output_size for row in made]
        assert list(table["multiply–accumulates"]) == [row.multiply_accumulates for row in made]
    else:
        assert "output size" not in table


def test_what_is_not_known_has_no_count() -> None:
    table = layers_table((Row("a", "Linear", (2, 3), 6, 2), Row("b", "Mine", known=False, note="Not known.")))
    assert table["parameters"].tolist() == [8, None]
    assert table["trained"].tolist() == ["yes", "not known"]
    assert table["weight shape"].tolist() == ["(2, 3)", None]


def test_what_is_trained_is_said() -> None:
    some = Row("a", "BatchNormalization", (4,), 4, 4, 8, frozen_count=8)
    none = Row("b", "Linear", (4,), 4, trainable=False, frozen_count=4)
    assert layers_table((some, none))["trained"].tolist() == ["partly", "no"]


def test_memory_by_number_type() -> None:
    frozen = Row("b", "Linear", (4,), 1000, trainable=False, frozen_count=1000)
    table = memory_table(Model((Row("a", "Linear", (4,), 500), frozen), "")).set_index("number type")
    # By hand: weights of all; gradients, two moments and in 16 bits a master copy of those that are trained.
    assert table.loc["float32", "weights, bytes"] == 1500 * 4
    assert table.loc["float32", "to train with Adam, bytes"] == 1500 * 4 + 500 * 12
    assert table.loc["float64", "to train with Adam, bytes"] == 1500 * 8 + 500 * 24
    assert table.loc["bfloat16", "to train with Adam, bytes"] == 1500 * 2 + 500 * 14
    assert table.loc["float32", "to train with SGD, bytes"] == 1500 * 4 + 500 * 4
    assert table.loc["float64", "to train with SGD with momentum, bytes"] == 1500 * 8 + 500 * 16
    assert table.loc["float16", "to train with SGD with momentum, bytes"] == 1500 * 2 + 500 * (2 + 4 + 4)
    assert table.loc["int8", "to train with SGD, bytes"] is None
    assert table.loc["int8", "weights, bytes"] == 1500
    assert table.loc["int8", "to train with Adam, bytes"] is None


def test_memory_of_the_outputs_where_sizes_are_known() -> None:
    norm = Row("norm", "BatchNorm2d", (64,), 64, 64, output_size=(8, 8))
    unknown = memory_table(Model((Row("a", "Linear", (4,), 4),), ""))
    assert not [name for name in unknown.columns if "outputs" in str(name)]
    known = memory_table(Model((norm,), "")).set_index("number type")
    assert known.loc["float32", "outputs of the layers, bytes"] == 64 * 64 * 4
    part = memory_table(Model((norm, Row("head", "Mine", known=False)), "")).set_index("number type")
    assert part.loc["int8", "at least: outputs of the layers, bytes"] == 64 * 64
    assert part.loc["float32", "at least: to train with SGD, bytes"] == 128 * 8
