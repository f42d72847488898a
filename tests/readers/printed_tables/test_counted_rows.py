"""The row of a layer with one count: the split into weights and biases where only one is possible."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculator.readers.model import ReadError
from calculator.readers.printed_tables.counted_rows import (
    HIDDEN_LAYERS,
    SUM_ONLY,
    class_of,
    counted_row,
    split_cells,
    table_model,
)


@given(
    st.integers(1, 12), st.integers(1, 12), st.integers(1, 4),
    st.lists(st.integers(1, 5), min_size=1, max_size=3), st.booleans(), st.booleans(), st.booleans(),
)  # fmt: skip
def test_a_split_is_the_true_one_or_none(
    a: int, b: int, groups: int, kernel: list[int], bias: bool, transposed: bool, old: bool
) -> None:
    inputs, outputs, rank = a * groups, b * groups, len(kernel)
    true = (inputs, b, *kernel) if transposed else (outputs, a, *kernel)
    count = math.prod(true) + bias * outputs
    shape = (true[1], true[0], *true[2:]) if old else tuple(kernel)
    kind = f"Conv{'Transpose' if transposed else ''}{rank}d"
    for given_input in ((), (1, inputs, *(9,) * rank)):
        row = counted_row(
            "x", kind, count, kernel=shape, input_shape=given_input, output_shape=(1, outputs, *(9,) * rank)
        )
        assert (row.parameter_count, row.transposed, row.undecided) == (count, transposed, False)
        if row.note == SUM_ONLY:
            assert row.other_count == count
            assert math.prod(kernel) == 1
        else:
            assert (row.weight_count, row.bias_count) == (math.prod(true), bias * outputs)
            assert row.weight_shape in (true, None)


def test_classes_that_may_contain_transposed_convolutions_are_undecided() -> None:
    assert counted_row("x", "Block", 5).note == HIDDEN_LAYERS
    assert counted_row("x", "Sequential", 5).undecided
    assert not counted_row("x", "Block", 0).undecided
    assert not counted_row("x", "Block", 5, inside=["MultiheadAttention"]).undecided
    assert counted_row("x", "ModuleDict", 5, inside=["ParametrizedConvTranspose2d"]).transposed
    assert not counted_row("x", "LSTM", 5).undecided


@pytest.mark.parametrize(
    ("kind", "base"),
    [
        ("Conv3DTranspose", "ConvTranspose3d"),
        ("Conv2D", "Conv2d"),
        ("Conv2dSame", "Conv2d"),
        ("Own2D", "Own2d"),
    ],
)
def test_names_of_classes(kind: str, base: str) -> None:
    assert class_of(kind) == base


def test_cells_with_several_shapes() -> None:
    assert split_cells("[1, 2], [3, 4]   5") == (["[1, 2], [3, 4]", "5"], 0)
    assert split_cells("") == ([], 0)
    assert split_cells("a ] ] [") == (["a", "]", "]", "["], 1)


def test_a_table_without_parameters_is_refused() -> None:
    with pytest.raises(ReadError, match="no layer with parameters"):
        table_model([], {}, "table", "", ())


@pytest.mark.parametrize("batch", [1, 4, 8])
def test_a_batch_norm_has_a_scale_and_a_shift_for_each_channel(batch: int) -> None:
    for kind in ("BatchNorm2d", "GroupNorm"):
        row = counted_row("x", kind, 16, output_shape=(batch, 8, 5, 5))
        assert (row.weight_count, row.bias_count, row.weight_shape) == (8, 8, (8,))
        # The batch decides nothing, and neither does a shape without channels.
        for shape in ((8, 3, 5, 5), (batch,), ()):
            other = counted_row("x", kind, 16, output_shape=shape)
            assert (other.other_count, other.note) == (16, SUM_ONLY)


@given(st.integers(2, 20), st.integers(2, 20), st.integers(0, 500))
def test_a_linear_layer_splits_where_its_count_has_one_reading(inputs: int, outputs: int, other: int) -> None:
    def row(count: int) -> tuple[object, ...]:
        made = counted_row("x", "Linear", count, input_shape=(1, inputs), output_shape=(1, outputs))
        return made.weight_count, made.bias_count, made.other_count, made.weight_shape

    weights = inputs * outputs
    assert row(weights) == (weights, 0, 0, (outputs, inputs))
    assert row(weights + outputs) == (weights, outputs, 0, (outputs, inputs))
    if other not in (weights, weights + outputs):
        assert row(other) == (0, 0, other, None)
