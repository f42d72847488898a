"""The part of the overlap that is drawn: nothing but the output's own counts, with all that repeats."""

from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import settings as configured
from hypothesis import strategies as st

from calculator import ConvTranspose, LayerError
from calculator.geometry.overlap_window import MAX_POSITIONS, overlap_window

Counts = tuple[int, ...]


def line(rank: int, k: int, s: int, p: int, op: int, d: int) -> ConvTranspose:
    """Return a layer with these settings on its last axis; the others do nothing."""
    others = rank - 1
    return ConvTranspose(
        in_channels=1,
        out_channels=1,
        kernel_size=(*(1,) * others, k),
        stride=(*(1,) * others, s),
        padding=(*(0,) * others, p),
        output_padding=(*(0,) * others, op),
        dilation=(*(1,) * others, d),
    )


def every_count(k: int, s: int, p: int, op: int, d: int, n: int) -> Counts | None:
    """Return the whole output's counts: ones spread by the stride meet ones spread by the dilation."""
    inputs, taps = np.zeros((n - 1) * s + 1, int), np.zeros((k - 1) * d + 1, int)
    inputs[::s], taps[::d] = 1, 1
    canvas = np.append(np.convolve(inputs, taps), np.zeros(op, int))
    if len(canvas) < 2 * p:
        return None
    return tuple(canvas[p : len(canvas) - p].tolist())


def in_the_middle(k: int, s: int, d: int) -> Counts:
    """Return one stride of counts from the middle of a long line."""
    reach = (k - 1) * d + 1
    long = every_count(k, s, 0, 0, d, 2 * -(-reach // s) + 3)
    assert long is not None
    start = -(-reach // s) * s
    return long[start : start + s]


def has_all_that_repeats(counts: Counts, period: Counts) -> bool:
    s = len(period)
    turned = {period[n:] + period[:n] for n in range(s)}
    return any(counts[n : n + s] in turned for n in range(len(counts) - s + 1))


def is_part(drawn: Counts, whole: Counts, stride: int) -> bool:
    """Return whether ``drawn`` is a piece of ``whole``, or two that stand whole strides apart in it."""
    length = len(drawn)
    for start in range(len(whole) - length + 1):
        same = next((n for n in range(length) if drawn[n] != whole[start + n]), length)
        for left_out in range(0, len(whole) - length - start + 1, stride):
            if drawn[same:] == whole[start + left_out + same : start + left_out + length]:
                return True
    return False


SETTINGS: dict[str, Any] = {
    "k": st.sampled_from((1, 2, 3, 4, 5, 7, 9, 16, 30, 50)),
    "s": st.integers(1, 13),
    "p": st.sampled_from((0, 1, 2, 3, 5, 10, 20, 40, 70)),
    "extra": st.integers(0, 12),
    "d": st.sampled_from((1, 1, 1, 2, 3, 5)),
    "n": st.sampled_from((1, 2, 3, 5, 8, 16, 40, 100)),
}


@configured(max_examples=400, deadline=None)
@given(rank=st.integers(1, 3), **SETTINGS)
# Padding leaves little of the smallest input that fits; a stride as long as there is room for.
@example(rank=3, k=3, s=8, p=40, extra=0, d=1, n=100)
@example(rank=3, k=3, s=5, p=40, extra=0, d=1, n=100)
@example(rank=1, k=128, s=1, p=0, extra=0, d=1, n=16)
@example(rank=1, k=128, s=2, p=100, extra=1, d=3, n=65)
@example(rank=3, k=9, s=13, p=0, extra=0, d=1, n=40)
def test_what_is_drawn(rank: int, k: int, s: int, p: int, extra: int, d: int, n: int) -> None:
    op = min(extra, max(s, d) - 1)
    made = line(rank, k, s, p, op, d)
    whole = every_count(k, s, p, op, d, n)
    if whole is None:
        with pytest.raises(LayerError, match="padding must leave an output of at least 0"):
            overlap_window(made, (*(1,) * (rank - 1), n))
        return
    (*others, drawn), is_whole = overlap_window(made, (*(1,) * (rank - 1), n))
    assert others == [(1,)] * (rank - 1)
    assert is_whole == (drawn == whole)
    assert len(drawn) <= MAX_POSITIONS[rank]
    # A small output is drawn whole, of a large one as much as a stride less than there is room for.
    assert drawn == whole if len(whole) <= MAX_POSITIONS[rank] else len(drawn) > MAX_POSITIONS[rank] - s
    assert is_part(drawn, whole, s)
    period = in_the_middle(k, s, d)
    if s <= MAX_POSITIONS[rank]:
        assert has_all_that_repeats(drawn, period) == has_all_that_repeats(whole, period)
    elif d == 1 and len(whole) > 3 * s + 2 * k:
        # Of a stride that has no room, both the fewest and the most products are seen.
        assert (min(drawn), max(drawn)) == (min(period), max(period))


def test_the_window_of_each_axis_is_its_own() -> None:
    made = ConvTranspose(in_channels=1, out_channels=1, kernel_size=(3, 2), stride=(2, 1), padding=(1, 0))
    (down, across), whole = overlap_window(made, (3, 65_536))
    assert down == (1, 2, 1, 2, 1)
    assert across == (1, *[2] * (MAX_POSITIONS[2] - 2), 1)
    assert not whole
    assert overlap_window(made, (3, 4)) == (((1, 2, 1, 2, 1), (1, 2, 2, 2, 1)), True)


def test_an_output_of_nothing_is_whole() -> None:
    assert overlap_window(line(1, 2, 1, 1, 0, 1), 1) == (((),), True)


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("stride", [1, 2, 127, 128])
@pytest.mark.parametrize("dilation", [1, 128])
def test_the_largest_layers(rank: int, stride: int, dilation: int) -> None:
    made = ConvTranspose(
        in_channels=1, out_channels=1, kernel_size=(128,) * rank, stride=stride, dilation=dilation
    )
    counts, whole = overlap_window(made, 65_536)
    assert not whole
    assert len(counts) == rank
    assert {len(axis) for axis in counts} == {MAX_POSITIONS[rank]}
    period = in_the_middle(128, stride, dilation)
    # Far from the borders: every count repeats, and they add up to the taps over one stride.
    assert set(counts[0]) <= set(period)
    if stride <= MAX_POSITIONS[rank]:
        assert sum(counts[0][:stride]) == 128
