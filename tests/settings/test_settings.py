"""The settings: one description each, a layer for each, and values that fit the dimensions."""

import dataclasses
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculator import LayerError, valid_groups
from calculator.core.formatting import axis_names
from calculator.core.memory import NUMBER_TYPES
from calculator.readers.layer_table.link_form import tidy
from calculator.settings import FIELD, FIELDS, Field, Settings
from calculator.settings.fields import fit
from calculator.settings.layer import LAYER_FIELDS, LayerSettings
from calculator.settings.page import SHELF_ROOM, Kept
from tests.helpers import reference

PYTORCH_WORDS = {
    "in_channels",
    "out_channels",
    "kernel_size",
    "stride",
    "padding",
    "output_padding",
    "dilation",
    "groups",
    "bias",
}
WHOLE_LAYER = PYTORCH_WORDS | {"dimensions", "input_size"}
SPATIAL = tuple(field.name for field in FIELDS if field.kind == "spatial")


def value_of(field: Field, rank: int) -> st.SearchStrategy[Any]:
    """Return a strategy for every value ``field`` may have in ``rank`` dimensions."""
    if field.kind == "switch":
        return st.booleans()
    if field.kind == "choice":
        return st.sampled_from(field.choices)
    if field.kind == "choices":
        chosen = st.lists(st.sampled_from(field.choices), min_size=1, max_size=field.maximum, unique=True)
        return chosen.map(tuple)
    if field.kind == "shelf":
        return st.lists(any_kept(), max_size=2).map(tuple)
    if field.kind == "text":
        return st.one_of(st.just(""), NAMES.map(lambda name: name[: field.maximum].strip()))
    if field.kind == "table":
        return st.lists(st.tuples(any_layer(), st.one_of(st.just(""), NAMES)), max_size=3).map(table_of)
    whole = st.integers(field.minimum, field.maximum)
    if field.kind == "size":
        return st.lists(whole, max_size=3).map(tuple)
    if field.kind == "whole":
        return whole
    return st.one_of(st.tuples(whole), st.tuples(*[whole] * rank))


NAMES = (
    st.text(
        st.one_of(st.sampled_from("~.-_ a×漢"), st.characters(exclude_categories=("C", "Z"))),
        min_size=1,
        max_size=40,
    )
    .map(str.strip)
    .filter(bool)
)


@st.composite
def any_layer(draw: st.DrawFn) -> LayerSettings:
    """Draw the settings of a layer within the limits of every field; it may be impossible."""
    rank = draw(st.sampled_from((1, 2, 3)))
    fields = (field for field in LAYER_FIELDS if field.name != "dimensions")
    return LayerSettings(dimensions=rank, **{field.name: draw(value_of(field, rank)) for field in fields})


def table_of(layers: list[tuple[LayerSettings, str]]) -> str:
    """Return a table of the layers, as far as their parameters go."""
    rows = ["name,type,in,out,kernel,groups,bias"]
    for settings, name in layers:
        quoted, kernel = name.replace('"', '""'), "x".join(map(str, settings.kernel_size))
        channels = f"{settings.in_channels},{settings.out_channels}"
        kind = f"ConvTranspose{settings.dimensions}d"
        last = f"{settings.used_groups},{'yes' if settings.bias else 'no'}"
        rows.append(f'"{quoted}",{kind},{channels},{kernel},{last}')
    return tidy("\n".join(rows)) if layers else ""


def any_kept() -> st.SearchStrategy[Kept]:
    """Return a strategy for any layer under any name a person can give it."""
    return st.builds(Kept, NAMES, any_layer())


@st.composite
def any_settings(draw: st.DrawFn) -> Settings:
    """Draw settings within the limits of every field; the layer they describe may be impossible."""
    rank = draw(st.sampled_from((1, 2, 3)))
    fields = (field for field in FIELDS if field.name != "dimensions")
    return Settings(dimensions=rank, **{field.name: draw(value_of(field, rank)) for field in fields})


def test_every_setting_is_described_once() -> None:
    assert [field.name for field in FIELDS] == [item.name for item in dataclasses.fields(Settings)]
    assert list(FIELD) == [field.name for field in FIELDS]
    for words in ("name", "key", "label", "help"):
        said = [getattr(field, words) for field in FIELDS]
        assert all(said)
        assert len(set(said)) == len(said)
    assert {field.name for field in FIELDS} >= PYTORCH_WORDS


def test_a_layer_is_a_part_of_the_settings() -> None:
    assert {field.name for field in LAYER_FIELDS} == WHOLE_LAYER
    assert FIELDS[: len(LAYER_FIELDS)] == LAYER_FIELDS
    # The key of a layer's setting stands right before its value on the shelf.
    assert all(field.key.isascii() and field.key.isalpha() for field in LAYER_FIELDS)


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_a_default_is_a_value_that_can_be_set(field: Field) -> None:
    assert getattr(Settings(), field.name) == field.default
    if field.kind == "choice":
        assert field.default in field.choices
        assert (field.minimum, field.maximum) == (0, 0)
    elif field.kind == "choices":
        assert isinstance(field.default, tuple)
        assert set(field.default) <= set(field.choices)
        assert 1 <= len(field.default) <= field.maximum
    elif field.kind == "switch":
        assert isinstance(field.default, bool)
    elif field.kind in ("shelf", "size"):
        assert field.default == ()
    elif field.kind in ("table", "text"):
        assert field.default == ""
    else:
        numbers = field.default if isinstance(field.default, tuple) else (field.default,)
        assert all(isinstance(number, int) and field.minimum <= number <= field.maximum for number in numbers)
        assert field.slider_maximum <= field.maximum


def test_limits() -> None:
    wide = {"in_channels": (1, 65_536), "out_channels": (1, 65_536), "kernel_size": (1, 128)}
    assert {name: (FIELD[name].minimum, FIELD[name].maximum) for name in wide} == wide
    # A first layer may be as large as a second one, and may be cut into single channels.
    assert FIELD["second_out_channels"].maximum == FIELD["groups"].maximum == 65_536
    assert FIELD["second_kernel_size"].maximum == 128
    assert {FIELD[name].minimum for name in ("padding", "output_padding")} == {0}
    assert (FIELD["pair_in"].maximum, FIELD["pair_out"].maximum) == (65_536, 65_536)
    assert (FIELD["budget"].minimum, FIELD["budget"].maximum) == (1, 10**15)
    assert (FIELD["reference"].minimum, FIELD["reference"].maximum) == (1, SHELF_ROOM) == (1, 6)
    assert FIELD["number_type"].choices == tuple(NUMBER_TYPES)
    # An output_padding must be smaller than the stride or the dilation.
    assert FIELD["output_padding"].maximum == max(FIELD["stride"].maximum, FIELD["dilation"].maximum) - 1


def test_defaults_are_the_first_worked_example() -> None:
    layer = Settings().layer()
    assert (layer.in_channels, layer.out_channels, layer.kernel_size) == (3, 64, (4, 4))
    assert (layer.weight_count, layer.bias_count, layer.parameter_count) == (3_072, 64, 3_136)


@given(any_settings())
def test_the_count_always_exists(held: Settings) -> None:
    layer = held.counted_layer()
    kernel = held.kernel_size * held.dimensions if len(held.kernel_size) == 1 else held.kernel_size
    assert layer.kernel_size == kernel
    assert layer.rank == held.dimensions
    weights = held.in_channels * held.out_channels * math.prod(kernel)
    assert layer.weight_count * held.used_groups == weights
    assert layer.bias_count == (held.out_channels if held.bias else 0)


@given(any_settings())
def test_the_whole_layer_has_the_counted_parameters_or_says_why_not(held: Settings) -> None:
    axes = zip(*(held.spatial(name) for name in ("output_padding", "stride", "dilation")), strict=True)
    possible = all(extra < stride or extra < dilation for extra, stride, dilation in axes)
    if not possible:
        with pytest.raises(LayerError, match="output_padding must be smaller than stride or dilation"):
            held.layer()
        return
    layer = held.layer()
    assert layer.parameter_count == held.counted_layer().parameter_count
    for name in ("stride", "padding", "output_padding", "dilation"):
        assert getattr(layer, name) == held.spatial(name)


@given(st.integers(1, 65_536), st.integers(1, 65_536), st.integers(1, 65_536))
def test_used_groups_are_the_largest_that_can_be(inputs: int, outputs: int, groups: int) -> None:
    held = Settings(in_channels=inputs, out_channels=outputs, groups=groups)
    dividing = [n for n in valid_groups(inputs, outputs) if groups % n == 0]
    assert held.used_groups == max(dividing)
    assert held.offered_groups == valid_groups(inputs, outputs)
    assert held.used_groups in held.offered_groups
    assert (held.used_groups == groups) is (groups in held.offered_groups)


def test_groups_of_one_layer() -> None:
    held = Settings(in_channels=12, out_channels=18, groups=6)
    assert held.offered_groups == (1, 2, 3, 6)
    counted = reference.allocate(12, 18, (4, 4), 6, True)
    assert (held.layer().weight_count, held.layer().bias_count) == (counted.weights, counted.biases)


def test_the_second_layer_reads_what_the_first_writes() -> None:
    assert Settings(second_out_channels=7).second_layer() is None
    held = Settings(second=True, out_channels=10, second_out_channels=7, second_kernel_size=(3, 5), groups=1)
    second = held.second_layer()
    assert second is not None
    assert (second.in_channels, second.out_channels, second.kernel_size) == (10, 7, (3, 5))
    assert second.parameter_count == reference.allocate(10, 7, (3, 5), 1, True).weights + 7
    without = held.change(bias=False).second_layer()
    assert without is not None
    assert without.bias_count == 0


@given(any_settings(), st.sampled_from((1, 2, 3)))
def test_changed_dimensions_fit_every_spatial_value(held: Settings, rank: int) -> None:
    changed = held.change(dimensions=rank)
    assert changed.dimensions == rank
    for field in FIELDS:
        before, after = getattr(held, field.name), getattr(changed, field.name)
        if field.kind == "spatial":
            assert len(after) in (1, rank)
            kept = min(len(before), rank)
            assert after[:kept] == before[:kept]
            assert len(changed.spatial(field.name)) == rank
        elif field.name != "dimensions":
            assert after == before
    changed.counted_layer()


@given(
    groups=st.integers(1, 4),
    per_in=st.integers(1, 4),
    per_out=st.integers(1, 4),
    pair=st.tuples(st.integers(1, 65_536), st.integers(1, 65_536)),
)
def test_the_pair_shown_is_a_kernel_of_the_layer(
    groups: int, per_in: int, per_out: int, pair: tuple[int, int]
) -> None:
    held = Settings(
        in_channels=groups * per_in,
        out_channels=groups * per_out,
        groups=groups,
        pair_in=pair[0],
        pair_out=pair[1],
    )
    wired = np.kron(np.eye(groups, dtype=bool), np.ones((per_in, per_out), bool))
    row, column = held.used_pair
    assert wired[row, column]
    # A pair that is a kernel of the layer is the one shown; else the input channel is the nearest.
    if pair[0] <= len(wired):
        assert row == pair[0] - 1
        possible = np.flatnonzero(wired[row])
        assert abs(column - (pair[1] - 1)) == np.abs(possible - (pair[1] - 1)).min()
    else:
        assert row == len(wired) - 1


@given(any_settings())
def test_a_change_leaves_the_rest_alone(held: Settings) -> None:
    assert held.change() == held
    assert held.change(in_channels=5) == dataclasses.replace(held, in_channels=5)
    assert held.change(bias=not held.bias).change(bias=held.bias) == held


def test_fit() -> None:
    assert [fit((3,), rank) for rank in (1, 2, 3)] == [(3,)] * 3
    assert [fit((3, 5, 7), rank) for rank in (1, 2, 3)] == [(3,), (3, 5), (3, 5, 7)]
    assert fit((3, 5), 3) == (3, 5, 5)


def test_axis_names() -> None:
    assert [axis_names(rank) for rank in (1, 2, 3)] == [
        ("length",),
        ("height", "width"),
        ("depth", "height", "width"),
    ]


def test_settings_are_frozen() -> None:
    frozen: list[Any] = [Settings(), LayerSettings(), Kept("wide", LayerSettings())]
    for held in frozen:
        with pytest.raises(dataclasses.FrozenInstanceError):
            held.in_channels = 5
