"""Heat maps: where their cells begin and end, which cells are empty, and which digits can be read."""

import itertools

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculator.charts.heatmap import CellGrid, block_sizes, edges, readable_size
from calculator.palette import DARK, LIGHT, Palette
from tests.helpers.reading import CAPITAL, cells, rgb, wide

SIZES = st.lists(st.sampled_from((0.2, 0.45, 0.8, 1.0, 3.0)), min_size=1, max_size=30)
COLOURS = [(0.0, LIGHT.grid), (0.5, LIGHT.scale[0]), (1.0, LIGHT.scale[1])]


@given(SIZES)
def test_edges_are_the_running_sum(sizes: list[float]) -> None:
    places = edges(sizes)
    assert places == pytest.approx([0, *np.cumsum(sizes)])
    assert [end - start for start, end in itertools.pairwise(places)] == pytest.approx(sizes)


@given(st.integers(1, 12), st.integers(1, 40), st.sampled_from((0.2, 0.45, 0.8)))
def test_blocks_have_a_gap_between_them(count: int, size: int, gap: float) -> None:
    found = block_sizes(count, size, gap)
    cut = [list(part) for is_cell, part in itertools.groupby(found, key=lambda one: one == 1) if is_cell]
    assert cut == [[1.0] * size] * count
    assert sum(found) == pytest.approx(count * size + (count - 1) * gap)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_a_grid_draws_what_is_put_in_it_and_nothing_else(palette: Palette) -> None:
    grid = CellGrid([1, 0.5, 2], [3, 1], top=10)
    grid.put(0, 2, 0.5, "7", "seven")
    grid.put(1, 0, 0.0, "", "nothing")
    [trace] = go.Figure({"data": [grid.trace(COLOURS, 14, palette)]}).data
    assert cells(trace) == [
        (1.5, 3.5, 10, 13, rgb(LIGHT.scale[0]), "7", "seven"),
        (0, 1, 13, 14, rgb(LIGHT.grid), "", "nothing"),
    ]
    assert (trace.textfont.size, trace.textfont.color) == (14, palette.text)
    assert trace.showscale is False
    assert trace.hovertemplate == "%{customdata}<extra></extra>"


def test_without_a_size_no_text_is_written_but_hovering_tells() -> None:
    grid = CellGrid([1], [1])
    grid.put(0, 0, 1, "7", "seven")
    [trace] = go.Figure({"data": [grid.trace(COLOURS, 0, LIGHT)]}).data
    [cell] = cells(trace)
    assert (cell.text, cell.hover) == ("", "seven")


def test_texts_of_one_block_can_be_kept_alone() -> None:
    grid = CellGrid([1] * 4, [1] * 3)
    for row, column in itertools.product(range(3), range(4)):
        grid.put(row, column, 1, f"{row}{column}", "told")
    grid.keep_texts_of(1, 2, 2, 1)
    assert grid.texts == [["", "", "", ""], ["", "", "12", ""], ["", "", "22", ""]]
    assert grid.hovers == [["told"] * 4] * 3


def test_every_grid_has_cells_of_its_own() -> None:
    one, other = CellGrid([1, 1], [1, 1]), CellGrid([1, 1], [1, 1])
    one.put(0, 0, 1, "a", "b")
    assert other.shades == [[None, None], [None, None]]
    assert one.shades == [[1, None], [None, None]]
    assert (one.texts[1], one.hovers[1]) == (["", ""], ["", ""])


@given(st.integers(1, 12), st.floats(0, 200), st.floats(0, 60))
def test_digits_that_are_written_fit(characters: int, across: float, down: float) -> None:
    size = readable_size(characters, across, down)
    assert size in (0, 11, 14)
    if size:
        # Every digit of the typeface is as wide as the next.
        assert wide("8" * characters, size) <= across
        assert size * CAPITAL <= down
    else:
        assert wide("8" * characters, 11) > across - 2 * characters or down < 11


def test_digits_are_as_large_as_they_can_be() -> None:
    assert [readable_size(1, pixels, 100) for pixels in (6, 6.5, 7, 7.9, 8, 100)] == [0, 11, 11, 11, 14, 14]
    assert [readable_size(1, 100, pixels) for pixels in (8, 9, 11, 12)] == [0, 11, 11, 14]
    assert [readable_size(6, pixels, 100) for pixels in (40, 45, 60)] == [0, 11, 14]
