"""Tables: tidy, exact beyond what pandas' own integers hold, and always through the layer itself."""

import dataclasses
import itertools
from collections.abc import Iterable
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculator import ConvTranspose, LayerError, derive_parameters
from calculator.core.growth import SWEPT, current_value, with_setting
from calculator.tables.sweeps import (
    equal_count_lines,
    grid,
    ladder,
    plane_grid,
    plane_ladder,
    split,
    sweep,
    sweeps,
    working,
)
from tests.helpers import reference

CHANNELS = ("in_channels", "out_channels")
MAX_VALUE = ConvTranspose(in_channels=65_536, out_channels=65_536, kernel_size=(128,) * 3)
LAYERS = [
    ConvTranspose(in_channels=3, out_channels=64, kernel_size=4),
    ConvTranspose(in_channels=1, out_channels=1, kernel_size=(1,)),
    ConvTranspose(in_channels=1, out_channels=1, kernel_size=1, bias=False),
    ConvTranspose(in_channels=32, out_channels=1024, kernel_size=(2, 1)),
    ConvTranspose(in_channels=48, out_channels=36, kernel_size=(3, 5, 7), groups=12),
    ConvTranspose(in_channels=65_536, out_channels=65_536, kernel_size=4, groups=65_536),
    ConvTranspose(in_channels=65_535, out_channels=65_534, kernel_size=(127,), bias=False),
    MAX_VALUE,
]


def layer_name(layer: ConvTranspose) -> str:
    return f"{layer.weight_shape}{'' if layer.bias else ' no bias'}"


every_layer = pytest.mark.parametrize("layer", LAYERS, ids=layer_name)


def rows(frame: pd.DataFrame) -> list[Any]:
    """Return the rows of a frame, their values by name."""
    return list(frame.itertuples(index=False))


def assert_exact(frame: pd.DataFrame, columns: Iterable[str]) -> None:
    for column in columns:
        assert frame[column].dtype == object
        assert {type(value) for value in frame[column]} == {int}


@every_layer
@pytest.mark.parametrize("setting", SWEPT)
def test_a_ladder_holds_the_layer_and_its_double(layer: ConvTranspose, setting: str) -> None:
    rungs = ladder(layer, setting)
    here = current_value(layer, setting)
    assert {here, 2 * here} <= set(rungs)
    assert list(rungs) == sorted(set(rungs))
    assert rungs[0] == (1 if setting == "kernel_size" else layer.groups)
    assert 4 <= len(rungs) <= 40
    assert rungs[-1] == max(2 * here, 8 * (1 if setting == "kernel_size" else layer.groups))


@given(settings=reference.settings(channels=300, size=128))
def test_every_rung_of_a_ladder_is_a_layer(settings: dict[str, Any]) -> None:
    layer = ConvTranspose(**settings)
    for setting in SWEPT:
        rungs = ladder(layer, setting)
        assert {current_value(layer, setting), 2 * current_value(layer, setting)} <= set(rungs)
        assert [current_value(with_setting(layer, setting, rung), setting) for rung in rungs] == list(rungs)
    for setting in CHANNELS:
        side = plane_ladder(layer, setting)
        assert all(rung % layer.groups == 0 for rung in side)
        assert all(upper == 2 * lower for lower, upper in itertools.pairwise(side))
        assert side[0] <= current_value(layer, setting) <= side[-1] // 2


@every_layer
def test_a_sweep_counts_every_layer_anew(layer: ConvTranspose) -> None:
    frame = sweeps(layer)
    assert list(frame.columns) == ["setting", "value", "part", "count"]
    assert_exact(frame, ("value", "count"))
    expected = []
    for setting in SWEPT:
        for value in ladder(layer, setting):
            point = with_setting(layer, setting, value)
            expected += [
                (setting, value, "weights", point.weight_count),
                (setting, value, "biases", point.bias_count),
            ]
    assert list(frame.itertuples(index=False, name=None)) == expected
    assert list(frame.index) == list(range(len(frame)))


@given(settings=reference.settings(channels=3), values=st.lists(st.integers(1, 5), min_size=1))
def test_a_sweep_against_arrays_that_are_counted(settings: dict[str, Any], values: list[int]) -> None:
    layer = ConvTranspose(**{**settings, "groups": 1})
    frame = sweep(layer, "out_channels", values)
    assert len(frame) == 2 * len(values)
    for place, (_, value, part, count) in enumerate(rows(frame)):
        arrays = reference.allocate(layer.in_channels, value, layer.kernel_size, 1, layer.bias)
        assert value == values[place // 2]
        assert count == (arrays.weights if part == "weights" else arrays.biases)


def test_counts_beyond_64_bits_do_not_wrap() -> None:
    layer = ConvTranspose(in_channels=2**31, out_channels=2**31, kernel_size=(2**21,))
    frame = sweep(layer, "kernel_size", [2**20, 2**22])
    assert frame["count"].tolist() == [2**82, 2**31, 2**84, 2**31]
    assert grid(layer, [2**31], [2**31])["parameters"].tolist() == [2**83 + 2**31]
    assert split(layer)["count"].tolist() == [2**83, 2**31]


@every_layer
def test_the_grid_counts_every_pair(layer: ConvTranspose) -> None:
    frame = plane_grid(layer)
    assert list(frame.columns) == ["in_channels", "out_channels", "weights", "biases", "parameters"]
    assert_exact(frame, frame.columns)
    sides = [plane_ladder(layer, setting) for setting in CHANNELS]
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
    side = plane_ladder(layer, "in_channels")
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


@every_layer
def test_split_and_working(layer: ConvTranspose) -> None:
    parts = split(layer)
    assert_exact(parts, ["count"])
    assert parts.values.tolist() == [["weights", layer.weight_count], ["biases", layer.bias_count]]
    table = working(derive_parameters(layer))
    assert list(table.columns) == ["what", "expression", "value"]
    assert_exact(table, ["value"])
    assert table["value"].tolist()[-1] == layer.parameter_count


def test_worked_example() -> None:
    frame = sweeps(ConvTranspose(in_channels=6, out_channels=10, kernel_size=3))
    here = frame[(frame["setting"] == "kernel_size") & (frame["value"] == 3)]
    assert here["count"].tolist() == [540, 10]
    doubled = frame[(frame["setting"] == "out_channels") & (frame["value"] == 20)]
    assert doubled["count"].tolist() == [1_080, 20]
