"""Weights alone, and weights beside a configuration."""

import pytest

from calculator.readers.keras.config import LORA
from calculator.readers.keras_files.stored_layers import StoredLayer, StoredWeights
from calculator.readers.keras_files.with_weights import (
    CONFIRMED,
    NOT_STORED,
    complete_model,
    model_from_weights,
)
from calculator.readers.model import Model, ReadError, Row
from calculator.readers.totals import total_text

KERNEL, BIAS = ("kernel", (2, 2, 3, 1)), ("bias", (3,))


def stored(*paths: str) -> StoredWeights:
    layers = [StoredLayer(tuple(path.split("/")), (), (KERNEL, BIAS)) for path in paths]
    return StoredWeights(layers, {path.partition("/")[0] for path in paths})


def test_the_same_names_in_two_layers_are_one_or_two() -> None:
    model = model_from_weights(stored("encoder/up", "decoder/up", "up"), "x")
    assert [row.known for row in model.rows] == [True, False, True]
    assert "encoder/up" in model.rows[1].note
    assert not model.complete
    assert model.parameter_count == 30


def test_weights_without_layers_are_refused() -> None:
    with pytest.raises(ReadError, match="no weights of layers"):
        model_from_weights(StoredWeights(), "x")


def test_rows_that_are_not_known_are_completed() -> None:
    rows = Row("a", "Dense", weight_count=15), Row("b", "Mine", known=False, trainable=False)
    model = complete_model(Model(rows, "x"), stored("a", "b/inner"))
    assert model.complete
    assert (model.parameter_count, model.trainable_count) == (30, 15)
    assert CONFIRMED in model.assumptions


def test_a_row_of_two_layers_of_one_name_is_not_completed() -> None:
    rows = Row("b", "Mine", known=False), Row("b", "Mine", known=False)
    model = complete_model(Model(rows, "x"), stored("b"))
    assert len(model.unknown) == 2


def test_a_row_with_a_longer_name_does_not_belong() -> None:
    rows = Row("up", "Mine", known=False), Row("upper", "Dense", weight_count=15)
    model = complete_model(Model(rows, "x"), stored("upper"))
    assert not any(row.name == "up" and row.known for row in model.rows)


def test_variables_of_the_model_itself_are_added() -> None:
    weights = stored("a")
    weights.layers.append(StoredLayer((), (), (("0", (7,)),)))
    model = complete_model(Model((Row("a", "Dense", weight_count=15),), "x"), weights)
    assert model.parameter_count == 22
    assert model.rows[-1].title == "(model)"


def test_a_row_stays_unknown_where_the_weights_have_more() -> None:
    rows = Row("a/known", "Dense", weight_count=15), Row("a/mine", "Mine", known=False)
    weights = stored("a/known", "a/renamed")
    model = complete_model(Model(rows, "x"), weights)
    assert [row.name for row in model.unknown] == ["a/mine"]
    assert CONFIRMED not in model.assumptions


def test_a_row_is_empty_where_all_weights_are_counted() -> None:
    rows = Row("a", "Dense", weight_count=15), Row("noise", "Mine", known=False)
    model = complete_model(Model(rows, "x"), stored("a"))
    assert model.complete
    assert model.parameter_count == 15


def test_weights_without_layers_decide_nothing_and_their_other_values_are_said() -> None:
    model = Model((Row("noise", "Mine", known=False),), "x")
    read = complete_model(model, StoredWeights(left_out={"the optimizer": 7}))
    assert read.rows == model.rows
    assert read.assumptions == (
        "The file also stores the optimizer (7 values), which is not part of the model.",
    )


def test_a_model_whose_only_layers_are_listed_without_weights_stays_as_it_was() -> None:
    model = Model((Row("noise", "Mine", known=False),), "x")
    assert complete_model(model, StoredWeights(titles={"noise"})) == model


def test_where_the_weights_have_fewer_values_the_total_is_a_range() -> None:
    model = complete_model(Model((Row("a", "Dense", weight_count=20),), "x"), stored("a"))
    assert (model.surplus, total_text(model)) == (5, "15 to 20 · rows and stated total disagree")
    more = complete_model(Model((Row("a", "Dense", weight_count=9),), "x"), stored("a"))
    assert total_text(more) == "at least 9 · lines left out"
    # enable_lora() adds two matrices, which Keras does not store.
    lora = complete_model(Model((Row("a", "Dense", weight_count=20, note=LORA),), "x"), stored("a"))
    assert total_text(lora) == "20"
    assert lora.assumptions[-1].endswith(NOT_STORED)
