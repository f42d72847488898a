"""Rows and models: totals of weights, biases, trained parameters and multiply–accumulates."""

from calculator.readers.model import Model, Row

UP = Row("up", "ConvTranspose2d", (64, 32, 4, 4), 32_768, 32, transposed=True, multiply_accumulates=7)
NORM = Row("norm", "BatchNormalization", (32,), 32, 32, 64, frozen_count=64)
FROZEN = Row("out", "Conv2d", (3, 32, 1, 1), 96, 3, trainable=False)
UNKNOWN = Row("", "Scale", known=False)


def test_the_counts_of_a_row() -> None:
    assert [row.parameter_count for row in (UP, NORM, FROZEN, UNKNOWN)] == [32_800, 128, 99, 0]
    assert [row.trainable_count for row in (UP, NORM, FROZEN, UNKNOWN)] == [32_800, 64, 0, 0]
    assert [row.title for row in (UP, UNKNOWN)] == ["up", "(model)"]


def test_the_totals_of_a_model() -> None:
    model = Model((UP, NORM, FROZEN, UNKNOWN), "a test")
    assert (model.parameter_count, model.weight_count, model.bias_count) == (33_027, 32_896, 67)
    assert (model.transposed_count, model.trainable_count) == (32_800, 32_864)
    assert (model.multiply_accumulates, model.unknown) == (7, (UNKNOWN,))


def test_a_model_without_sizes_has_no_multiply_accumulates() -> None:
    assert Model((NORM,), "a test").multiply_accumulates is None
