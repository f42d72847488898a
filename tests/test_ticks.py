"""Ticks: round places inside the axis, as many as fit, each with a text that says its value."""

import itertools
import math
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from calculator.ticks import linear_ticks, log_ticks, tick_text, tick_texts

UNITS = {"": 1, "M": 10**6, "G": 10**9, "T": 10**12, "P": 10**15}
LARGEST = 2 * 65_536**2 * 256**3
"""Above every total the charts can show: 65,536 → 65,536 channels, kernel 128, doubled."""


def said(text: str) -> float:
    """Return the value that a tick's text says."""
    found = re.fullmatch(r"([\d,]+(?:\.\d+)?) ?([MGTP]?)", text)
    assert found, text
    return float(found[1].replace(",", "")) * UNITS[found[2]]


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
    ],
)
def test_texts(value: int, text: str) -> None:
    assert tick_text(value) == text


@given(st.integers(0, LARGEST))
@example(10**16)
@example(LARGEST)
@example(10**12 - 1)
def test_a_text_says_its_value(value: int) -> None:
    assert said(tick_text(value)) == pytest.approx(value, rel=6e-4)
    if value < 10**6:
        assert said(tick_text(value)) == value


@given(st.integers(1, LARGEST), st.integers(2, 8))
@example(1, 4)
@example(LARGEST, 4)
def test_linear_ticks(most: int, wanted: int) -> None:
    ticks = linear_ticks(most, wanted)
    assert ticks[0] == 0
    assert ticks[-1] <= most
    steps = {upper - lower for lower, upper in itertools.pairwise(ticks)}
    assert len(steps) == 1
    step = steps.pop()
    assert ticks[-1] + step > most
    assert str(int(step)).rstrip("0") in ("1", "2", "5")
    assert 2 <= len(ticks) <= 2 * wanted + 2
    assert len(set(tick_texts(ticks))) == len(ticks)


@given(st.integers(1, LARGEST // 2), st.integers(1, LARGEST), st.integers(3, 8))
@example(1, 1, 5)
@example(1, LARGEST, 5)
def test_log_ticks(least: int, factor: int, wanted: int) -> None:
    most = min(2 * least * factor, LARGEST)
    ticks = log_ticks(least, most, wanted)
    base = 10 if most >= 1000 * least else 2
    assert 1 <= len(ticks) <= wanted + 1
    for tick in ticks:
        assert least * (1 - 1e-8) <= tick <= most * (1 + 1e-8)
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
