"""Sweeps: exact beyond 64-bit integers, and every count is that of the layer at that value."""

import dataclasses
import itertools
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculator import ConvTranspose, LayerError
from calculator.core.growth import SWEPT, current_value, with_setting
from calculator.tables.sweeps import (
    equal_count_lines,
    grid,
    plane_channels,
    plane_grid,
    sweep,
    sweep_values,
    sweeps,
)
from tests.helpers import reference
from tests.helpers.tables import assert_exact, every_layer

CHANNELS = ("in_channels", "out_channels")


def rows(frame: pd.DataFrame) -> list[Any]:
    """Return the rows of a frame, their values by name."""
    return list(frame.itertuples(index=False))


@every_layer
@pytest.mark.parametrize("setting", SWEPT)
def test_the_values_of_a_sweep_include_the_layer_and_its_double(layer: ConvTranspose, setting: str) -> None:
    values = sweep_values(layer, setting)
    here = current_value(layer, setting)
    assert {here, 2 * here} <= set(values)
    assert list(values) == sorted(set(values))
    assert values[0] == (1 if setting == "kernel_size" else layer.groups)
    assert 4 <= len(values) <= 40
    assert values[-1] == max(2 * here, 8 * (1 if setting == "kernel_size" else layer.groups))


@given(settings=reference.settings(channels=300, size=128))
def test_every_value_of_a_sweep_is_a_layer(settings: dict[str, Any]) -> None:
    layer = ConvTranspose(**settings)
    for setting in SWEPT:
        values = sweep_values(layer, setting)
        assert {current_value(layer, setting), 2 * current_value(layer, setting)} <= set(values)
        assert [current_value(with_setting(layer, setting, value), setting) for value in values] == list(
            values
        )
    for setting in CHANNELS:
        side = plane_channels(layer, setting)
        assert all(value % layer.groups == 0 for value in side)
        assert all(upper == 2 * lower for lower, upper in itertools.pairwise(side))
        assert side[0] <= current_value(layer, setting) <= side[-1] // 2


@every_layer
def test_a_sweep_counts_every_layer_anew(layer: ConvTranspose) -> None:
    frame = sweeps(layer)
    assert list(frame.columns) == ["setting", "value", "weights", "biases", "parameters"]
    assert_exact(frame, ("value", "weights", "biases", "parameters"))
    expected = []
    for setting in SWEPT:
        for value in sweep_values(layer, setting):
            point = with_setting(layer, setting, value)
            counts = (point.weight_count, point.bias_count, point.parameter_count)
            expected.append((setting, value, *counts))
    assert list(frame.itertuples(index=False, name=None)) == expected
    assert list(frame.index) == list(range(len(frame)))


@given(settings=reference.settings(channels=3), values=st.lists(st.integers(1, 5), min_size=1))
def test_a_sweep_against_arrays_that_are_counted(settings: dict[str, Any], values: list[int]) -> None:
    layer = ConvTranspose(**{**settings, "groups": 1})
    frame = sweep(layer, "out_channels", values)
    assert [row.value for row in rows(frame)] == values
    for row in rows(frame):
        arrays = reference.allocate(layer.in_channels, row.value, layer.kernel_size, 1, layer.bias)
        assert (row.weights, row.biases) == (arrays.weights, arrays.biases)
        assert row.parameters == arrays.weights + arrays.biases


def test_counts_beyond_64_bits_do_not_wrap() -> None:
    layer = ConvTranspose(in_channels=2**31, out_channels=2**31, kernel_size=(2**21,))
    frame = sweep(layer, "kernel_size", [2**20, 2**22])
    assert frame["weights"].tolist() == [2**82, 2**84]
    assert frame["biases"].tolist() == [2**31, 2**31]
    assert frame["parameters"].tolist() == [2**82 + 2**31, 2**84 + 2**31]
    assert grid(layer, [2**31], [2**31])["parameters"].tolist() == [2**83 + 2**31]


@every_layer
def test_the_grid_counts_every_pair(layer: ConvTranspose) -> None:
    frame = plane_grid(layer)
    assert list(frame.columns) == ["in_channels", "out_channels", "weights", "biases", "parameters"]
    assert_exact(frame, frame.columns)
    sides = [plane_channels(layer, setting) for setting in CHANNELS]
    assert list(zip(frame["in_channels"], frame["out_channels"], strict=True)) == list(
        itertools.product(*sides)
    )
    for row in rows(frame):
        point = dataclasses.replace(layer, in_channels=row.in_channels, out_channels=row.out_channels)
        assert (row.weights, row.biases) == (point.weight_count, point.bias_count)
        assert row.parameters == row.weights + row.biases
    assert len(frame) <= 400


def test_a_grid_refuses_channels_that_groups_do_not_divide() -> None:
    layer = ConvTranspose(in_channels=4, out_channels=4, kernel_size=3, groups=4)
    with pytest.raises(LayerError, match="groups must divide"):
        grid(layer, [4, 6], [4])


@every_layer
def test_lines_of_equal_count_give_the_count(layer: ConvTranspose) -> None:
    side = plane_channels(layer, "in_channels")
    totals = [layer.parameter_count, 10**6]
    frame = equal_count_lines(layer, totals, side)
    assert list(frame.columns) == ["total", "in_channels", "out_channels"]
    assert_exact(frame, ("total", "in_channels"))
    assert frame["out_channels"].dtype == float
    assert list(zip(frame["total"], frame["in_channels"], strict=True)) == list(
        itertools.product(totals, side)
    )
    for row in rows(frame):
        weights = row.in_channels * row.out_channels / layer.groups * layer.kernel_volume
        assert weights + (row.out_channels if layer.bias else 0) == pytest.approx(row.total, rel=1e-12)


@every_layer
def test_the_own_line_passes_through_the_layer(layer: ConvTranspose) -> None:
    frame = equal_count_lines(layer, [layer.parameter_count], [layer.in_channels])
    assert frame["out_channels"].tolist() == [pytest.approx(layer.out_channels, rel=1e-12)]


def test_worked_example() -> None:
    frame = sweeps(ConvTranspose(in_channels=6, out_channels=10, kernel_size=3))
    here = frame[(frame["setting"] == "kernel_size") & (frame["value"] == 3)]
    assert here[["weights", "biases", "parameters"]].values.tolist() == [[540, 10, 550]]
    doubled = frame[(frame["setting"] == "out_channels") & (frame["value"] == 20)]
    assert doubled[["weights", "biases", "parameters"]].values.tolist() == [[1_080, 20, 1_100]]
