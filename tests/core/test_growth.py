"""Growth laws: against two layers counted afresh, and against the powers they must be."""

import dataclasses
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculator import ConvTranspose, GrowthLaw, LayerError, growth_law, growth_laws
from calculator.core.growth import DOUBLED, SWEPT, current_value, sweep_law, with_setting
from calculator.core.validation import MAX_VALUE
from tests.helpers import reference

WITHOUT_EFFECT = ("stride", "padding", "output_padding", "dilation")


def counted(settings: dict[str, Any]) -> reference.Allocation:
    names = ("in_channels", "out_channels", "kernel_size", "groups", "bias")
    return reference.allocate(*(settings[name] for name in names))


def factors(law: GrowthLaw) -> Any:
    return law.weights, law.biases, law.total


def twice(value: Any) -> Any:
    return tuple(2 * v for v in value) if isinstance(value, tuple) else 2 * value


@given(settings=reference.settings())
def test_laws_are_the_ratio_of_two_counts(settings: dict[str, Any]) -> None:
    before = counted(settings)
    for law in growth_laws(ConvTranspose(**settings)):
        doubled = {**settings, law.setting: twice(settings[law.setting])}
        if law.after is None:
            if law.setting == "groups":
                channels = (settings["in_channels"], settings["out_channels"])
                assert any(count % doubled["groups"] for count in channels)
            else:
                assert law.setting == "output_padding"
            assert factors(law) == (None, None, None)
            continue
        assert law.after == ConvTranspose(**doubled)
        after = counted(doubled)
        assert law.weights == Fraction(after.weights, before.weights)
        assert law.biases == (Fraction(after.biases, before.biases) if before.biases else 1)
        assert law.total == Fraction(after.weights + after.biases, before.weights + before.biases)


@given(settings=reference.settings())
def test_weights_follow_powers_of_two(settings: dict[str, Any]) -> None:
    layer = ConvTranspose(**settings)
    rank = len(settings["kernel_size"])
    biases_double = 2 if settings["bias"] else 1
    kernel, inputs, outputs = (
        growth_law(layer, setting) for setting in ("kernel_size", "in_channels", "out_channels")
    )
    assert factors(kernel)[:2] == (2**rank, 1)
    assert factors(inputs)[:2] == (2, 1)
    assert factors(outputs) == (2, biases_double, 2)


@pytest.mark.parametrize(("rank", "factor"), [(1, 2), (2, 4), (3, 8)])
def test_kernel_doubles_on_every_axis(rank: int, factor: int) -> None:
    layer = ConvTranspose(in_channels=5, out_channels=7, kernel_size=(3, 4, 5)[:rank], bias=False)
    law = growth_law(layer, "kernel_size")
    assert law.after == dataclasses.replace(layer, kernel_size=(6, 8, 10)[:rank])
    assert factors(law) == (factor, 1, factor)


@given(settings=reference.settings())
def test_what_does_not_change_the_count(settings: dict[str, Any]) -> None:
    layer = ConvTranspose(**settings)
    for setting in WITHOUT_EFFECT:
        law = growth_law(layer, setting)
        # PyTorch wants output_padding below the stride or the dilation; every other double is allowed.
        room = zip(layer.stride, layer.dilation, layer.output_padding, strict=True)
        too_much = setting == "output_padding" and any(2 * op >= max(s, d) for s, d, op in room)
        assert factors(law) == ((None, None, None) if too_much else (1, 1, 1))


def test_worked_example() -> None:
    # 3→64 k4: 3,072 + 64 = 3,136. Doubled kernel 12,288 + 64, input 6,144 + 64, output 6,144 + 128.
    layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=4)
    laws = {law.setting: law for law in growth_laws(layer)}
    assert laws["kernel_size"].total == Fraction(12_352, 3_136)
    assert laws["in_channels"].total == Fraction(6_208, 3_136)
    assert laws["out_channels"].total == 2
    assert laws["kernel_size"].before is layer
    assert laws["kernel_size"].refusal == ""


def test_groups_halve_the_weights() -> None:
    law = growth_law(ConvTranspose(in_channels=8, out_channels=8, kernel_size=3, groups=2), "groups")
    assert factors(law) == (Fraction(1, 2), 1, Fraction(144 + 8, 288 + 8))


def test_refused_doublings_say_why() -> None:
    layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=4, stride=2, output_padding=1)
    assert growth_law(layer, "groups").refusal == (
        "groups must divide in_channels and out_channels, received groups=2, in_channels=3, out_channels=64."
    )
    assert growth_law(layer, "output_padding").refusal == (
        "output_padding must be smaller than stride or dilation on every axis, received "
        "output_padding=2, stride=2, dilation=1 on axis 0."
    )
    full = growth_law(dataclasses.replace(layer, in_channels=MAX_VALUE), "in_channels")
    assert full.after is None
    assert full.refusal.startswith("in_channels must be at most 2^63 − 1")


def test_every_setting_that_can_double_has_a_law() -> None:
    layer = ConvTranspose(in_channels=4, out_channels=4, kernel_size=2)
    assert tuple(law.setting for law in growth_laws(layer)) == DOUBLED
    assert set(DOUBLED) == {field.name for field in dataclasses.fields(layer)} - {"bias"}


@pytest.mark.parametrize("setting", ["bias", "rank", "", "Kernel_size"])
def test_refuses_a_setting_without_a_double(setting: str) -> None:
    layer = ConvTranspose(in_channels=4, out_channels=4, kernel_size=2)
    with pytest.raises(ValueError, match="setting must be one of kernel_size, in_channels") as caught:
        growth_law(layer, setting)
    assert str(caught.value).endswith(f"received {setting!r}.")


@given(settings=reference.settings(), value=st.integers(1, 9))
def test_varied_changes_one_setting(settings: dict[str, Any], value: int) -> None:
    layer = ConvTranspose(**{**settings, "groups": 1})
    assert with_setting(layer, "in_channels", value) == dataclasses.replace(layer, in_channels=value)
    assert with_setting(layer, "out_channels", value) == dataclasses.replace(layer, out_channels=value)
    first, *rest = layer.kernel_size
    kernel = with_setting(layer, "kernel_size", value).kernel_size
    assert kernel == ((value, *rest) if set(rest) - {first} else (value,) * layer.rank)


@given(settings=reference.settings())
def test_a_layer_lies_on_its_own_sweep(settings: dict[str, Any]) -> None:
    layer = ConvTranspose(**settings)
    for setting in SWEPT:
        assert with_setting(layer, setting, current_value(layer, setting)) == layer
        law = sweep_law(layer, setting)
        assert law.before == layer
        assert law.after == with_setting(layer, setting, 2 * current_value(layer, setting))


def test_a_kernel_that_is_not_square_doubles_along_its_first_axis() -> None:
    wide = ConvTranspose(in_channels=3, out_channels=64, kernel_size=(2, 1))
    assert (current_value(wide, "kernel_size"), with_setting(wide, "kernel_size", 5).kernel_size) == (
        2,
        (5, 1),
    )
    assert factors(sweep_law(wide, "kernel_size"))[:2] == (2, 1)
    assert factors(sweep_law(dataclasses.replace(wide, kernel_size=(2, 2)), "kernel_size"))[:2] == (4, 1)


def test_varied_refuses() -> None:
    layer = ConvTranspose(in_channels=4, out_channels=4, kernel_size=2, groups=2)
    with pytest.raises(ValueError, match="setting must be one of kernel_size, in_channels, out_channels"):
        with_setting(layer, "stride", 2)
    with pytest.raises(LayerError, match="groups must divide"):
        with_setting(layer, "in_channels", 3)


def test_laws_are_frozen() -> None:
    law: Any = growth_law(ConvTranspose(in_channels=4, out_channels=4, kernel_size=2), "stride")
    with pytest.raises(dataclasses.FrozenInstanceError):
        law.setting = "padding"
