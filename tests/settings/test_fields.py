"""Fields: a dataclass that describes itself, and values that fit the axes."""

import dataclasses
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculator.core.formatting import axis_names
from calculator.settings.fields import Field, described, fit, setting


@dataclass(frozen=True, kw_only=True)
class Example:
    size: tuple[int, ...] = setting(
        "n", "spatial", (4,), "Size", "How long.", minimum=1, maximum=9, slider_maximum=6
    )
    on: bool = setting("on", "switch", False, "On", "Whether.")
    word: str = setting("w", "choice", "a", "Word", "Which.", choices={"a": "a", "b": "b"})


def test_a_dataclass_describes_its_settings_in_order() -> None:
    assert described(Example) == (
        Field(
            name="size",
            key="n",
            kind="spatial",
            label="Size",
            help="How long.",
            default=(4,),
            minimum=1,
            maximum=9,
            slider_maximum=6,
        ),
        Field(name="on", key="on", kind="switch", label="On", help="Whether.", default=False),
        Field(
            name="word",
            key="w",
            kind="choice",
            label="Word",
            help="Which.",
            default="a",
            choices=("a", "b"),
            names=("a", "b"),
        ),
    )
    assert dataclasses.asdict(Example()) == {"size": (4,), "on": False, "word": "a"}


def test_a_subclass_describes_what_it_inherits_first() -> None:
    @dataclass(frozen=True, kw_only=True)
    class More(Example):
        extra: int = setting("x", "whole", 1, "Extra", "One more.", minimum=1, maximum=2)

    assert [field.name for field in described(More)] == ["size", "on", "word", "extra"]
    assert described(More)[:3] == described(Example)


def test_a_limit_that_does_not_exist_is_refused() -> None:
    @dataclass
    class Wrong:
        size: int = setting("n", "whole", 1, "Size", "How long.", atleast=1)

    with pytest.raises(TypeError, match="atleast"):
        described(Wrong)


def test_fields_are_frozen() -> None:
    field: Any = described(Example)[0]
    with pytest.raises(dataclasses.FrozenInstanceError):
        field.maximum = 10


def test_names_of_axes() -> None:
    assert [axis_names(rank) for rank in (1, 2, 3)] == [
        ("length",),
        ("height", "width"),
        ("depth", "height", "width"),
    ]


@given(st.lists(st.integers(), min_size=1, max_size=3).map(tuple), st.integers(1, 3))
def test_values_fit_the_axes(value: tuple[int, ...], rank: int) -> None:
    fitted = fit(value, rank)
    if len(value) == 1:
        assert fitted == value
        return
    assert len(fitted) == rank
    for axis, item in enumerate(fitted):
        assert item == (value[axis] if axis < len(value) else value[-1])
    assert fit(fitted, rank) == fitted
