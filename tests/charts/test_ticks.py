"""Ticks: round places inside the axis, as many as fit, each with a text that says its value."""

import itertools
import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from calculator.charts.ticks import linear_ticks, log_ticks, round_ticks, tick_text, tick_texts
from tests.helpers.reading import tick_value

MAX_VALUE = 2 * 65_536**2 * 256**3
"""Above every total the charts can show: 65,536 → 65,536 channels, kernel 128, doubled."""


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (1, "1"),
        (512, "512"),
        (999_999, "999,999"),
        (1_000_000, "1 M"),
        (1_048_576, "1.049 M"),
        (25_000_000, "25 M"),
        (2 * 10**9, "2 G"),
        (5 * 10**12, "5 T"),
        (25 * 10**14, "2.5 P"),
        (10**18, "1 E"),
        (2 * 10**21, "2 Z"),
        (5 * 10**26, "500 Y"),
        (10**27, "1 R"),
        (10**31, "10 Q"),
    ],
)
def test_texts(value: int, text: str) -> None:
    assert tick_text(value) == text


@given(st.integers(0, MAX_VALUE))
@example(10**16)
@example(MAX_VALUE)
@example(10**12 - 1)
def test_a_text_says_its_value(value: int) -> None:
    assert tick_value(tick_text(value)) == pytest.approx(value, rel=6e-4)
    if value < 10**6:
        assert tick_value(tick_text(value)) == value


@given(st.integers(1, MAX_VALUE), st.integers(2, 8))
@example(1, 4)
@example(MAX_VALUE, 4)
def test_linear_ticks(maximum: int, wanted: int) -> None:
    ticks = linear_ticks(maximum, wanted)
    assert ticks[0] == 0
    assert ticks[-1] <= maximum
    steps = {upper - lower for lower, upper in itertools.pairwise(ticks)}
    assert len(steps) == 1
    step = steps.pop()
    assert ticks[-1] + step > maximum
    assert str(int(step)).rstrip("0") in ("1", "2", "5")
    assert 2 <= len(ticks) <= 2 * wanted + 2
    assert len(set(tick_texts(ticks))) == len(ticks)


@given(st.integers(1, MAX_VALUE // 2), st.integers(1, MAX_VALUE), st.integers(3, 8))
@example(1, 1, 5)
@example(1, MAX_VALUE, 5)
def test_log_ticks(minimum: int, factor: int, wanted: int) -> None:
    maximum = min(2 * minimum * factor, MAX_VALUE)
    ticks = log_ticks(minimum, maximum, wanted)
    base = 10 if maximum >= 1000 * minimum else 2
    assert 1 <= len(ticks) <= wanted + 1
    for tick in ticks:
        assert minimum * (1 - 1e-8) <= tick <= maximum * (1 + 1e-8)
        assert base ** round(math.log(tick, base)) == tick
    ratios = {upper // lower for lower, upper in itertools.pairwise(ticks)}
    assert len(ratios) <= 1


def test_log_ticks_include_both_ends_when_they_are_powers() -> None:
    assert log_ticks(1, 1000) == (1, 10, 100, 1000)
    assert log_ticks(10**3, 10**15)[0] == 10**3
    assert log_ticks(8, 64) == (8, 16, 32, 64)
    assert log_ticks(1, 2) == (1, 2)


def test_texts_of_several() -> None:
    assert tick_texts((0, 1000, 2_000_000)) == ["0", "1,000", "2 M"]


VALUES = st.floats(0.1, 1e31)


@given(VALUES, st.floats(1.01, 1e31), st.integers(4, 10))
@example(0.5623, 3.1623, 8)
@example(1, 500, 8)
@example(0.8318, 10**15, 5)
@example(1, 1e31, 5)
def test_round_ticks(minimum: float, factor: float, wanted: int) -> None:
    maximum = min(minimum * factor, 1e31)
    ticks = round_ticks(minimum, maximum, wanted)
    assert len(ticks) <= wanted
    assert list(ticks) == sorted(set(ticks))
    # Every place is 1, 2 or 5 and noughts, and inside. They are whole numbers: counts are.
    for tick in ticks:
        assert type(tick) is int
        assert minimum <= tick <= maximum
        assert str(tick).rstrip("0") in ("1", "2", "5")
    # An axis with room for a power of ten above 1, or for all three, has a tick.
    if maximum >= 1 and maximum / max(minimum, 1) >= 10:
        assert ticks
        # None could be put in between when there are few.
        every = [nice * 10**power for power in range(32) for nice in (1, 2, 5)]
        inside = [place for place in every if minimum <= place <= maximum]
        if maximum / minimum < 500 and len(inside) <= wanted:
            assert list(ticks) == inside
    assert [tick_value(text) for text in tick_texts(ticks)] == pytest.approx(list(ticks), rel=1e-12)


def test_round_ticks_by_hand() -> None:
    assert round_ticks(700, 90_000) == (1000, 2000, 5000, 10_000, 20_000, 50_000)
    assert round_ticks(700, 90_000, 5) == (1000, 5000, 20_000)
    assert round_ticks(64, 10**6) == (100, 1000, 10_000, 100_000, 10**6)
    assert round_ticks(0.83, 2.6) == (1, 2)
    assert round_ticks(1, 10**15) == (1, 100, 10_000, 10**6, 10**8, 10**10, 10**12, 10**14)
