"""The settings of one layer: a layer as settings and back, without padding, and changed."""

import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given

from calculator import ConvTranspose, LayerError
from calculator.settings import Settings
from calculator.settings.layer import LAYER_FIELDS, LayerSettings, layer_values
from calculator.settings.settings import settable
from tests.helpers import reference
from tests.settings.test_settings import any_layer

LIMITS = {field.name: (field.minimum, field.maximum) for field in LAYER_FIELDS if field.maximum}


@given(reference.settings(channels=6, size=9, crop=9))
def test_a_layer_as_settings_is_the_layer_again(settings: dict[str, Any]) -> None:
    made = ConvTranspose(**settings)
    values = layer_values(made)
    assert set(values) == {field.name for field in LAYER_FIELDS} - {"input_size"}
    assert LayerSettings().change(**values).layer() == made
    # The same settings stand in a link however they were made: one value where all axes agree.
    for field in LAYER_FIELDS:
        if field.kind == "spatial" and field.name != "input_size":
            held = values[field.name]
            assert isinstance(held, tuple)
            assert len(held) == (1 if len(set(getattr(made, field.name))) == 1 else made.rank)


def test_a_layer_as_settings_by_hand() -> None:
    made = ConvTranspose(
        in_channels=6,
        out_channels=4,
        kernel_size=(2, 1, 2),
        stride=(2, 2, 2),
        padding=(0, 0, 1),
        groups=2,
        bias=False,
    )
    assert layer_values(made) == {
        "dimensions": 3,
        "kernel_size": (2, 1, 2),
        "in_channels": 6,
        "out_channels": 4,
        "groups": 2,
        "bias": False,
        "stride": (2,),
        "padding": (0, 0, 1),
        "output_padding": (0,),
        "dilation": (1,),
    }
    held = LayerSettings(input_size=(7, 9), dimensions=2).change(**layer_values(made))
    # The size of what it is given is not the layer's: it stays, and fits the new dimensions.
    assert held.input_size == (7, 9, 9)


@given(any_layer())
def test_without_padding_a_layer_always_exists_and_has_an_output(held: LayerSettings) -> None:
    made = held.unpadded_layer()
    assert made.padding == made.output_padding == (0,) * held.dimensions
    for name in ("kernel_size", "stride", "dilation"):
        assert getattr(made, name) == held.spatial(name)
    assert (made.groups, made.bias) == (held.used_groups, held.bias)
    assert made.parameter_count == held.counted_layer().parameter_count
    assert min(made.output_size(held.spatial("input_size"))) >= 1
    try:
        whole = held.layer()
    except LayerError:
        return
    zero = (0,) * held.dimensions
    assert made == dataclasses.replace(whole, padding=zero, output_padding=zero)


@given(any_layer(), any_layer())
def test_a_change_takes_all_its_values_as_they_fit(held: LayerSettings, other: LayerSettings) -> None:
    values = {field.name: getattr(other, field.name) for field in LAYER_FIELDS}
    assert held.change(**values) == other
    only = held.change(dimensions=other.dimensions, stride=other.stride)
    assert only.spatial("stride") == other.spatial("stride")
    for name in ("in_channels", "out_channels", "groups", "bias"):
        assert getattr(only, name) == getattr(held, name)


def test_a_change_by_hand() -> None:
    held = LayerSettings(dimensions=3, kernel_size=(1, 2, 3), stride=(2,))
    assert held.change(dimensions=2).kernel_size == (1, 2)
    assert held.change(dimensions=1).kernel_size == (1,)
    # What has been dropped is gone; the last value is repeated.
    assert held.change(dimensions=2).change(dimensions=3).kernel_size == (1, 2, 2)
    assert held.change(dimensions=1).stride == (2,)
    assert held.kernel_size == (1, 2, 3)
    assert type(Settings().change(stride=(3,))) is Settings
    with pytest.raises(TypeError, match="strides"):
        held.change(strides=(3,))


@given(any_layer())
def test_every_layer_that_can_be_set_is_settable(held: LayerSettings) -> None:
    assert settable(held.unpadded_layer())
    try:
        made = held.layer()
    except LayerError:
        return
    assert settable(made)


SPATIAL = ("kernel_size", "stride", "padding", "output_padding", "dilation")


@pytest.mark.parametrize("name", ["in_channels", "out_channels", *SPATIAL])
def test_a_value_past_its_limit_cannot_be_set(name: str) -> None:
    usual: dict[str, Any] = {
        "in_channels": 2,
        "out_channels": 2,
        "kernel_size": (3, 3),
        "dilation": (128, 128),
    }
    maximum = LIMITS[name][1]
    for above in (0, 1):
        value = (1, maximum + above) if name in SPATIAL else maximum + above
        if name == "output_padding":
            # It needs a dilation above itself; with 129 that one is past its limit too.
            usual["dilation"] = (128, 128 + above)
        assert settable(ConvTranspose(**usual | {name: value})) is (above == 0)


def test_groups_of_every_count_can_be_set() -> None:
    def depthwise(channels: int) -> ConvTranspose:
        return ConvTranspose(in_channels=channels, out_channels=channels, kernel_size=(1,), groups=channels)

    assert settable(depthwise(65_536))
    assert not settable(depthwise(65_537))


@pytest.mark.parametrize(
    ("pair", "groups", "used"),
    [
        ((1, 1), 1, (0, 0)),
        ((3, 1), 2, (2, 4)),
        ((4, 8), 4, (3, 7)),
        ((1, 8), 4, (0, 1)),
        ((65_536, 65_536), 1, (3, 7)),
        ((65_536, 1), 4, (3, 6)),
        ((2, 5), 3, (1, 4)),
    ],
)
def test_the_pair_that_is_used(pair: tuple[int, int], groups: int, used: tuple[int, int]) -> None:
    held = Settings(in_channels=4, out_channels=8, groups=groups, pair_in=pair[0], pair_out=pair[1])
    assert held.used_pair == used
    # Its kernel is one that an array of the group holds.
    ins = np.split(np.arange(4), held.used_groups)
    outs = np.split(np.arange(8), held.used_groups)
    assert any(used[0] in i and used[1] in o for i, o in zip(ins, outs, strict=True))
