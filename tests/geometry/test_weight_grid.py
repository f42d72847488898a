"""The weight tensor as a grid of kernels: every kernel found by reading an allocated array."""

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculator import ConvTranspose, LayerError
from calculator.geometry.weight_grid import (
    connected,
    drawn_channels,
    example_weight,
    tensor_view,
    weight_index,
)
from tests.helpers import reference


def layer(inputs: int, outputs: int, groups: int = 1) -> ConvTranspose:
    return ConvTranspose(in_channels=inputs, out_channels=outputs, kernel_size=2, groups=groups)


def test_example_weights_are_small_and_differ_between_neighbours() -> None:
    weights = [example_weight(i, o, t) for i, o, t in itertools.product(range(20), range(20), range(30))]
    assert (min(weights), max(weights)) == (1, 9)
    assert [example_weight(0, 0, tap) for tap in range(11)] == [1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2]
    assert (example_weight(1, 0, 0), example_weight(0, 1, 0), example_weight(2, 3, 4)) == (3, 4, 9)


def wired(inputs: int, outputs: int, groups: int) -> dict[tuple[int, int], tuple[int, int]]:
    """Return each pair that has a kernel, and its place in the stacked weight arrays of the groups."""
    places = {}
    ins, outs = np.split(np.arange(inputs), groups), np.split(np.arange(outputs), groups)
    for own_ins, own_outs in zip(ins, outs, strict=True):
        for row, (column, channel) in itertools.product(own_ins, enumerate(own_outs)):
            places[int(row), int(channel)] = (int(row), column)
    return places


@given(st.integers(1, 4), st.integers(1, 5), st.integers(1, 4))
def test_kernels_lie_where_groups_wire_them(share_in: int, share_out: int, groups: int) -> None:
    made = layer(share_in * groups, share_out * groups, groups)
    places = wired(made.in_channels, made.out_channels, groups)
    for pair in itertools.product(range(made.in_channels), range(made.out_channels)):
        assert connected(made, *pair) == (pair in places)
        if pair in places:
            assert weight_index(made, *pair) == places[pair]
        else:
            with pytest.raises(LayerError, match="must be in the same group"):
                weight_index(made, *pair)
    # Each kernel of the weight tensor belongs to exactly one pair.
    assert sorted(places.values()) == list(np.ndindex(made.weight_shape[:2]))


def test_refusals_are_sentences() -> None:
    made = layer(4, 6, 2)
    with pytest.raises(LayerError) as caught:
        weight_index(made, 0, 3)
    assert str(caught.value) == (
        "in_channel and out_channel must be in the same group, received in_channel=0, out_channel=3 "
        "(counted from 0), groups=2."
    )
    for call in (connected, weight_index, lambda made, *pair: tensor_view(made, pair)):
        with pytest.raises(LayerError, match="in_channel counts from 0 and must be below 4, received 4"):
            call(made, 4, 0)
        with pytest.raises(LayerError, match="out_channel counts from 0 and must be below 6, received -1"):
            call(made, 0, -1)
    with pytest.raises(LayerError, match="must be in the same group"):
        tensor_view(made, (0, 5))
    with pytest.raises(LayerError, match="There must be room for at least 5 channels, received 4"):
        drawn_channels(9, 4, 0)
    for rows, columns in ((4, 9), (9, 4)):
        with pytest.raises(LayerError, match="There must be room for at least 5 channels, received 4"):
            tensor_view(made, max_rows=rows, max_columns=columns)
    with pytest.raises(LayerError, match="keep counts from 0 and must be below 3, received 3"):
        drawn_channels(3, 5, 3)


@given(st.integers(1, 70), st.integers(5, 12), st.data())
def test_shown_channels(count: int, maximum: int, data: Any) -> None:
    keep = data.draw(st.integers(0, count - 1))
    shown = drawn_channels(count, maximum, keep)
    channels = [channel for channel in shown if channel is not None]
    assert len(shown) == min(count, maximum)
    assert channels == sorted(set(channels))
    assert {0, keep, count - 1} <= set(channels) <= set(range(count))
    for before, after in itertools.pairwise([*shown, count]):
        if after is None or before is None:
            assert (before, after) != (None, None)
        else:
            assert after == before + 1
    for before, gap, after in zip(shown, shown[1:], shown[2:], strict=False):
        if gap is None:
            assert before is not None
            assert after is not None
            assert after - before > 2, "one channel fits where its gap is"


def test_shown_channels_by_hand() -> None:
    assert drawn_channels(5, 5, 2) == (0, 1, 2, 3, 4)
    assert drawn_channels(6, 5, 0) == (0, 1, 2, None, 5)
    assert drawn_channels(6, 5, 3) == (0, None, 3, 4, 5)
    assert drawn_channels(6, 5, 4) == (0, 1, None, 4, 5)
    assert drawn_channels(6, 5, 5) == (0, 1, 2, None, 5)
    assert drawn_channels(65_536, 8, 5) == (0, 1, 2, 3, 4, 5, None, 65_535)
    assert drawn_channels(65_536, 8, 6) == (0, 1, 2, 3, None, 6, None, 65_535)


@given(st.integers(1, 30), st.integers(1, 30), st.integers(1, 6), st.data())
def test_view_counts_the_kernels_it_draws(share_in: int, share_out: int, groups: int, data: Any) -> None:
    made = layer(share_in * groups, share_out * groups, groups)
    places = wired(made.in_channels, made.out_channels, groups)
    pair = data.draw(st.sampled_from(sorted(places)))
    view = tensor_view(made, pair, max_rows=6)
    assert (view.layer, view.pair) == (made, pair)
    if groups == 1:
        assert view.rows == drawn_channels(made.in_channels, 6, pair[0])
        assert view.columns == drawn_channels(made.out_channels, 10, pair[1])
    drawn = [place for place in itertools.product(view.rows, view.columns) if place in places]
    assert view.kernels_shown == len(drawn)
    assert pair in drawn
    assert view.complete == (made.in_channels <= 6 and made.out_channels <= 10)
    if view.complete:
        assert view.kernels_shown == made.kernel_count == len(places)


@given(
    st.integers(1, 40), st.integers(1, 40), st.integers(2, 40), st.integers(5, 12), st.integers(5, 12),
    st.data(),
)  # fmt: skip
def test_a_gap_is_inside_a_group_or_between_whole_groups(
    share_in: int, share_out: int, groups: int, rows: int, columns: int, data: Any
) -> None:
    made = layer(share_in * groups, share_out * groups, groups)
    group = data.draw(st.integers(0, groups - 1))
    pair = (
        group * share_in + data.draw(st.integers(0, share_in - 1)),
        group * share_out + data.draw(st.integers(0, share_out - 1)),
    )
    view = tensor_view(made, pair, max_rows=rows, max_columns=columns)
    for channels, share, maximum in ((view.rows, share_in, rows), (view.columns, share_out, columns)):
        drawn = [channel for channel in channels if channel is not None]
        assert drawn == sorted(set(drawn))
        assert len(drawn) <= maximum
        assert channels[0] == 0
        # Every group that is drawn has its ends, so nothing is left out of two groups at once.
        shown = {channel // share for channel in drawn}
        assert {end for one in shown for end in (one * share, (one + 1) * share - 1)} <= set(drawn)
        assert shown == {block.group for block in view.blocks}
        ends = [*channels, None] if drawn[-1] < share * groups - 1 and channels[-1] is not None else channels
        for before, after in itertools.pairwise(ends):
            assert before is not None or after is not None, "two gaps side by side"
            if before is not None and after is not None:
                assert after == before + 1
        for before, gap, after in zip(channels, channels[1:], channels[2:], strict=False):
            if gap is None:
                assert before is not None
                assert after is not None
                whole = (before + 1) % share == after % share == 0
                assert before // share == after // share or whole
    for block in view.blocks:
        assert view.rows[view.rows.index(block.rows[0]) :][: len(block.rows)] == block.rows
        assert view.columns[view.columns.index(block.columns[0]) :][: len(block.columns)] == block.columns
    assert pair[0] in view.rows
    assert pair[1] in view.columns


def test_groups_by_hand() -> None:
    view = tensor_view(layer(16, 8, 4), max_rows=8, max_columns=8)
    assert view.rows == (0, None, 3, 4, None, 7, 8, None, 11, 12, None, 15)
    assert view.columns == tuple(range(8))
    view = tensor_view(layer(16, 8, 4), max_rows=7, max_columns=8)
    assert view.rows == (0, 1, None, 3, None, 12, 13, None, 15)
    assert view.columns == (0, 1, None, 6, 7)
    assert [block.group for block in view.blocks] == [0, 3]
    view = tensor_view(layer(512, 256, 128), (301, 150), max_rows=6, max_columns=6)
    assert view.rows == (0, None, 3, None, 300, 301, None, 303, None)
    assert view.columns == (0, 1, None, 150, 151, None)
    assert tensor_view(layer(10, 10, 2), (9, 9), max_rows=5, max_columns=5).rows == (0, None, 4, 5, None, 9)


def test_depthwise_shows_the_diagonal() -> None:
    view = tensor_view(layer(512, 512, 512))
    assert view.rows == (0, 1, 2, 3, 4, 5, None, 511)
    # Rows and columns have the same groups, so every drawn channel has its kernel.
    assert view.columns == view.rows
    assert (view.kernels_shown, view.complete) == (7, False)


@given(settings=reference.settings())
def test_drawing_everything_draws_every_kernel(settings: dict[str, Any]) -> None:
    made = ConvTranspose(**settings)
    view = tensor_view(made, max_rows=12, max_columns=12)
    assert view.complete
    arrays = reference.allocate(made.in_channels, made.out_channels, (1,), made.groups, False)
    assert view.kernels_shown == arrays.weights
