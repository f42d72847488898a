"""One value as text and back: nothing is lost, and nothing that is not plainly a value is taken."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculator import LayerError
from calculator.settings import FIELD, FIELDS, Field
from calculator.settings.link import LISTS
from calculator.settings.values import read_value, write_value
from tests.settings.test_settings import value_of

ONE_VALUE = [field for field in FIELDS if field.kind not in LISTS]
CHOSEN = [field for field in FIELDS if field.kind in ("switch", "choice")]
SPATIAL = [field for field in FIELDS if field.kind == "spatial"]


@given(st.sampled_from(ONE_VALUE), st.sampled_from((1, 2, 3)), st.data())
def test_a_value_is_read_as_it_was_written(field: Field, rank: int, data: st.DataObject) -> None:
    value = data.draw(value_of(field, rank))
    text = write_value(field, value)
    back = read_value(field, text, rank)
    assert back == value
    assert type(back) is type(value)
    if field.kind != "text":
        assert text.isascii()
        assert text.replace("-", "").isalnum() or value == ()


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("in_channels", 65_536, "65536"),
        ("kernel_size", (4,), "4"),
        ("kernel_size", (2, 3, 4), "2x3x4"),
        ("bias", True, "1"),
        ("bias", False, "0"),
        ("dimensions", 3, "3"),
        ("scale", "log", "log"),
        ("budget", 10**15, "1000000000000000"),
        ("shelf", (), ""),
        ("chain_size", (), ""),
        ("chain_size", (256, 512), "256x512"),
        ("aims", ("memory", "even"), "memory-even"),
    ],
)
def test_values_as_they_stand_in_a_link(name: str, value: int, text: str) -> None:
    assert write_value(FIELD[name], value) == text


@pytest.mark.parametrize(
    "text", ["", "even-even", "work-memory-even", "fast", "work-", "work memory", "work-fast", "Work", "0"]
)
def test_one_or_two_choices_and_each_once(text: str) -> None:
    assert read_value(FIELD["aims"], "even-work", 2) == ("even", "work")
    with pytest.raises(LayerError) as caught:
        read_value(FIELD["aims"], text, 2)
    assert str(caught.value).startswith(
        "I want must be up to 2 of parameters, work, memory, even, export, joined by a hyphen, received "
    )


@pytest.mark.parametrize("field", CHOSEN, ids=lambda field: field.name)
def test_a_choice_is_taken_as_it_stands(field: Field) -> None:
    choices = ("0", "1") if field.kind == "switch" else tuple(map(str, field.choices))
    assert len({read_value(field, text, 2) for text in choices}) == len(choices) > 1
    for text, change in itertools.product(choices, (" {}", "{} ", "{}{}", "{}.", "0{}")):
        with pytest.raises(LayerError) as caught:
            read_value(field, change.format(text, text), 2)
        assert str(caught.value).startswith(f"{field.label} must be {' or '.join(choices)}, received ")


@pytest.mark.parametrize("field", SPATIAL, ids=lambda field: field.name)
@pytest.mark.parametrize("rank", [1, 2, 3])
def test_one_value_or_one_for_each_axis(field: Field, rank: int) -> None:
    for count in (1, 2, 3, 4):
        text = "x".join([str(field.maximum)] * count)
        if count in (1, rank):
            assert read_value(field, text, rank) == (field.maximum,) * count
        else:
            with pytest.raises(LayerError, match=f"{field.label} must be one whole number"):
                read_value(field, text, rank)
