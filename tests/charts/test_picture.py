"""The two matrices and the overlap, read back cell by cell and held to numpy."""

import itertools
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import settings as configured
from hypothesis import strategies as st

from calculator import ConvTranspose
from calculator.charts.figure import UnvalidatedFigure, enlarged
from calculator.charts.picture import matrices_figure, overlap_figure
from calculator.geometry.overlap_window import MAX_POSITIONS, overlap_window
from calculator.palette import DARK, LIGHT, Palette
from tests.helpers.reading import (
    LAPTOP,
    PHONE,
    Cell,
    between,
    cells,
    plot,
    rgb,
    scale,
    strangers,
    unfitting,
    valid,
    wide,
)

PALETTES = {"light": LIGHT, "dark": DARK}
Whole = npt.NDArray[np.int64]
both_palettes = pytest.mark.parametrize("palette", PALETTES.values(), ids=PALETTES)
both_ways = pytest.mark.parametrize("across", [True, False], ids=["across", "down"])


def convolution(results: int, kernel: Sequence[int], stride: int, padding: int) -> Whole:
    """Return the matrix of an ordinary convolution: the kernel stamped row by row, its ends cut off."""
    reach = (results - 1) * stride + len(kernel)
    matrix = np.zeros((results, reach), np.int64)
    for j in range(results):
        matrix[j, j * stride : j * stride + len(kernel)] = kernel
    return matrix[:, padding : reach - padding]


MATRICES = {
    "usual": convolution(5, (1, 2, 3, 4), 2, 1),
    "one": np.array([[7]]),
    "nothing": np.zeros((2, 3), np.int64),
    "more results than image": convolution(5, (1,), 1, 1),
    "one result": convolution(1, range(1, 10), 1, 0),
    "one of image": np.array([[1], [2], [3], [4], [5]]),
    "wide": convolution(5, [1 + tap % 9 for tap in range(12)], 5, 0),
    "widest": convolution(5, [1 + tap % 9 for tap in range(40)], 10, 0),
    "large numbers": 12_345 * convolution(3, (1, 2), 1, 0),
    "many large numbers": 12_345 * convolution(5, range(1, 10), 4, 0),
}
every_matrix = pytest.mark.parametrize("matrix", MATRICES.values(), ids=MATRICES)


def two(figure: Any, shape: tuple[int, int]) -> tuple[dict[tuple[int, int], Cell], ...]:
    """Return the cells of C and of its transpose by row and column, as their hovers name them."""
    found: dict[str, dict[tuple[int, int], Cell]] = {"C": {}, "Cᵀ": {}}
    [trace] = figure.data
    for cell in cells(trace):
        told = re.fullmatch(r"(Cᵀ?)\[(\d+), (\d+)\] = (\d+)", cell.hover)
        assert told
        assert cell.text in ("", told[4])
        found[told[1]][int(told[2]), int(told[3])] = cell
    matrix, turned = found.values()
    assert sorted(matrix) == list(np.ndindex(shape))
    assert sorted(turned) == list(np.ndindex(shape[::-1]))
    return matrix, turned


def value(cell: Cell) -> int:
    return int(cell.hover.rpartition(" = ")[2])


@every_matrix
@both_ways
@both_palettes
def test_the_two_matrices_hold_the_numbers(matrix: Whole, across: bool, palette: Palette) -> None:
    figure = valid(matrices_figure(matrix.tolist(), palette, across=across))
    drawn = two(figure, matrix.shape)
    for place, held in zip(drawn, (matrix, np.transpose(matrix)), strict=True):
        corner = place[0, 0]
        for (row, column), cell in place.items():
            assert value(cell) == held[row, column]
            assert (cell.left, cell.top) == (corner.left + column, corner.top + row)
            # Zeros are empty, and every other number is blue.
            if held[row, column] == 0:
                assert (cell.text, cell.colour) == ("", rgb(palette.background))
            else:
                assert between(cell.colour, *palette.scale)
                assert cell.colour != rgb(palette.background)
    assert (drawn[0][0, 0].left, drawn[0][0, 0].top) == (0, 0)
    assert strangers(figure, palette) == set()


@every_matrix
@both_ways
def test_the_matrices_stand_apart(matrix: Whole, across: bool) -> None:
    figure = valid(matrices_figure(matrix.tolist(), LIGHT, across=across))
    one, other = (list(part.values()) for part in two(figure, matrix.shape))
    if across:
        assert max(cell.right for cell in one) < min(cell.left for cell in other)
        assert one[0].top == other[0].top
    else:
        assert max(cell.bottom for cell in one) < min(cell.top for cell in other)
        assert one[0].left == other[0].left


@every_matrix
@both_ways
def test_the_first_row_and_the_column_it_becomes_are_framed(matrix: Whole, across: bool) -> None:
    figure = valid(matrices_figure(matrix.tolist(), DARK, across=across))
    one, other = two(figure, matrix.shape)
    columns = range(matrix.shape[1])
    wanted = [
        (list(one.values()), DARK.muted),
        (list(other.values()), DARK.muted),
        ([one[0, t] for t in columns], DARK.weights),
        ([other[t, 0] for t in columns], DARK.weights),
    ]
    assert len(figure.layout.shapes) == len(wanted)
    for frame, (around, colour) in zip(figure.layout.shapes, wanted, strict=True):
        assert (frame.x0, frame.x1) == (min(c.left for c in around), max(c.right for c in around))
        assert (frame.y0, frame.y1) == (min(c.top for c in around), max(c.bottom for c in around))
        assert frame.line.color == colour
    assert figure.layout.shapes[2].line.width > figure.layout.shapes[0].line.width


@every_matrix
@both_ways
def test_the_matrices_are_named_and_nothing_meets(matrix: Whole, across: bool) -> None:
    width = LAPTOP if across else PHONE
    figure = valid(matrices_figure(matrix.tolist(), LIGHT, across=across))
    rows, columns = matrix.shape
    assert [note.text for note in figure.layout.annotations] == [
        f"C, the convolution: {columns} in, {rows} out",
        f"Cᵀ, the transposed one: {rows} in, {columns} out",
    ]
    assert unfitting(figure, width) == []
    (pixels, _), room = scale(figure, width), plot(figure, width)
    layout = figure.layout
    # The square cells leave room on both sides, and the drawing stands in the middle.
    corner = [
        margin + (long - abs(axis.range[1] - axis.range[0]) * pixels) / 2 - min(axis.range) * pixels
        for margin, long, axis in zip(
            (layout.margin.l, layout.margin.t), room, (layout.xaxis, layout.yaxis), strict=True
        )
    ]
    boxes = []
    for note in layout.annotations:
        assert (note.xanchor, note.yanchor, note.showarrow) == ("left", "bottom", False)
        assert layout.xaxis.range[0] <= note.x <= layout.xaxis.range[1]
        assert layout.yaxis.range[1] <= note.y <= layout.yaxis.range[0]
        left, bottom = corner[0] + note.x * pixels, corner[1] + note.y * pixels
        boxes.append((left, bottom - 1.25 * note.font.size, left + wide(note.text, note.font.size), bottom))
    tops = [shape.y0 for shape in layout.shapes[:2]]
    for (left, top, right, bottom), under in zip(boxes, tops, strict=True):
        assert bottom <= corner[1] + under * pixels
        assert left >= 0
        assert top >= 0
        assert right <= width
    (_, _, end, _), (start, top, _, _) = boxes
    if across:
        assert end < start
    else:
        assert top > corner[1] + rows * pixels


@every_matrix
@both_ways
def test_every_cell_of_the_matrices_is_inside(matrix: Whole, across: bool) -> None:
    figure = valid(matrices_figure(matrix.tolist(), LIGHT, across=across))
    inside(figure)
    assert figure.layout.height == (420 if across else 560)


def inside(figure: Any) -> None:
    """Check that all cells lie inside square, unmarked axes, rows downwards."""
    across, down = figure.layout.xaxis, figure.layout.yaxis
    assert across.range[0] < across.range[1]
    assert down.range[0] > down.range[1]
    assert (down.scaleanchor, across.constrain, down.constrain) == ("x", "domain", "domain")
    assert across.visible is down.visible is False
    for cell in cells(figure.data[0]):
        assert across.range[0] <= cell.left < cell.right <= across.range[1]
        assert down.range[1] <= cell.top < cell.bottom <= down.range[0]


@pytest.mark.parametrize("name", ["usual", "one", "wide", "more results than image"])
@both_ways
def test_small_matrices_have_their_digits(name: str, across: bool) -> None:
    matrix = MATRICES[name]
    figure = valid(matrices_figure(matrix.tolist(), LIGHT, across=across))
    written = sorted(cell.text for cell in cells(figure.data[0]) if cell.text)
    assert written == sorted([str(number) for number in matrix.ravel() if number] * 2)


def ones(k: int, s: int, p: int, op: int, d: int, n: int) -> Whole:
    """Return a transposed convolution of ones with ones along one axis."""
    inputs, taps = np.zeros((n - 1) * s + 1, np.int64), np.zeros((k - 1) * d + 1, np.int64)
    inputs[::s], taps[::d] = 1, 1
    canvas = np.append(np.convolve(inputs, taps), np.zeros(op, np.int64))
    return canvas[p : len(canvas) - p]


@both_ways
def test_digits_with_no_room_are_left_out(across: bool) -> None:
    figure = valid(matrices_figure(MATRICES["many large numbers"].tolist(), LIGHT, across=across))
    assert not any(cell.text for cell in cells(figure.data[0]))
    widest = valid(matrices_figure(MATRICES["widest"].tolist(), LIGHT, across=False))
    assert not any(cell.text for cell in cells(widest.data[0]))


AXIS = {
    "k2s2": ones(2, 2, 0, 0, 1, 3),
    "k3s2": ones(3, 2, 1, 1, 1, 4),
    "k4s2": ones(4, 2, 1, 0, 1, 3),
    "k5s4": ones(5, 4, 0, 0, 1, 2),
    "holes": ones(1, 3, 0, 2, 1, 2),
    "dilated": ones(3, 2, 0, 0, 2, 2),
}
COUNTS = {
    **{f"{name}, signal": [axis] for name, axis in AXIS.items()},
    **{f"{name}, image": [axis, axis] for name, axis in AXIS.items()},
    "image": [AXIS["k3s2"], AXIS["k5s4"]],
    "volume": [AXIS["k3s2"], AXIS["k2s2"], AXIS["k4s2"]],
    "holes in volume": [AXIS["holes"], AXIS["k3s2"], AXIS["k2s2"]],
    "only holes": [np.zeros(2, np.int64), AXIS["k3s2"]],
    "one": [np.array([1])],
    "thousands": [np.array([4_000])],
    "from 0 to 128": [np.array([0, 1, 2, 100, 128])],
    "tall": [np.full(60, 2), np.full(3, 1)],
    "largest": [np.full(8, 128)] * 3,
    "large image": [np.full(20, 128)] * 2,
}
every_count = pytest.mark.parametrize("counts", COUNTS.values(), ids=COUNTS)
both_rooms = pytest.mark.parametrize(
    ("across", "width"), [(18, PHONE), (40, LAPTOP)], ids=["phone", "laptop"]
)


def multiplied(counts: Sequence[Whole]) -> Whole:
    """Return the products in every position: the outer product of the axes."""
    every = np.ones((), np.int64)
    for axis in counts:
        every = np.multiply.outer(every, axis)
    return every


def slices(figure: Any, shape: Sequence[int]) -> list[list[Cell]]:
    """Return the cells slice by slice, each row by row, in the order in which they are read."""
    [trace] = figure.data
    rows, columns = (1, *shape)[-2:]
    drawn = sorted(cells(trace), key=lambda cell: (cell.top, cell.left))
    corners: list[tuple[float, float]] = []
    for cell in drawn:
        if not any(
            top <= cell.top < top + rows and left <= cell.left < left + columns for top, left in corners
        ):
            corners.append((cell.top, cell.left))
    found = []
    for top, left in sorted(corners):
        part = [cell for cell in drawn if top <= cell.top < top + rows and left <= cell.left < left + columns]
        for place, cell in enumerate(part):
            row, column = divmod(place, columns)
            assert (cell.top, cell.left) == pytest.approx((top + row, left + column))
        found.append(part)
    return found


@every_count
@both_rooms
@both_palettes
def test_every_position_has_its_products(
    counts: list[Whole], across: int, width: int, palette: Palette
) -> None:
    every = multiplied(counts)
    figure = valid(overlap_figure([axis.tolist() for axis in counts], palette, across=across))
    drawn = [cell for part in slices(figure, every.shape) for cell in part]
    assert len(drawn) == every.size
    darkest: dict[int, tuple[int, int, int]] = {}
    for cell, place in zip(drawn, np.ndindex(every.shape), strict=True):
        products = int(every[place])
        factors = [int(axis[at]) for axis, at in zip(counts, place, strict=True)]
        said = " × ".join(map(str, factors)) + " = " if len(factors) > 1 else ""
        assert cell.hover == f"{said}{products:,} product{'' if products == 1 else 's'}"
        assert cell.text in ("", f"{products:,}")
        if products == 0:
            assert cell.colour == rgb(palette.biases_fill)
        else:
            assert between(cell.colour, *palette.scale)
        assert darkest.setdefault(products, cell.colour) == cell.colour
    # More products, more blue.
    blue = [darkest[products] for products in sorted(darkest) if products]
    ends = [abs(sum(colour) - sum(rgb(palette.scale[0]))) for colour in blue]
    assert ends == sorted(ends)
    assert len(set(ends)) == len(ends)
    if blue:
        assert blue[-1] == rgb(palette.scale[1])
    assert strangers(figure, palette) == set()
    inside(figure)
    assert unfitting(figure, width) == []


@every_count
@both_rooms
def test_slices_lie_side_by_side_as_far_as_they_fit(counts: list[Whole], across: int, width: int) -> None:
    shape = multiplied(counts).shape
    figure = valid(overlap_figure([axis.tolist() for axis in counts], LIGHT, across=across))
    parts = slices(figure, shape)
    lines = [list(line) for _, line in itertools.groupby(parts, key=lambda part: part[0].top)]
    # All lines but the last are full, and none is wider than there is room for, if it has two slices.
    assert len({len(line) for line in lines[:-1]}) <= 1
    assert len(lines[-1]) <= len(lines[0])
    if len(lines[0]) > 1:
        assert len(lines[0]) * (shape[-1] + 1) <= across
    if len(lines) > 1:
        assert (len(lines[0]) + 1) * (shape[-1] + 1) > across
    starts = [[part[0].left for part in line] for line in lines]
    assert all(line == starts[0][: len(line)] for line in starts)
    for line in lines:
        for one, other in itertools.pairwise(line):
            assert one[-1].right < other[0].left


@both_rooms
def test_counts_are_written_where_they_fit(across: int, width: int) -> None:
    for name in ("k3s2, signal", "k3s2, image", "volume", "one", "thousands", "only holes"):
        figure = valid(overlap_figure([axis.tolist() for axis in COUNTS[name]], LIGHT, across=across))
        assert all(cell.text for cell in cells(figure.data[0]))
    for name in ("largest", "large image", "tall"):
        figure = valid(overlap_figure([axis.tolist() for axis in COUNTS[name]], LIGHT, across=across))
        assert not any(cell.text for cell in cells(figure.data[0]))


@configured(max_examples=60, deadline=None)
@given(
    rank=st.integers(1, 3),
    kernel=st.sampled_from((1, 2, 3, 4, 5, 11, 40, 128)),
    stride=st.integers(1, 9),
    room=st.sampled_from([(18, PHONE), (40, LAPTOP)]),
)
def test_whatever_the_window_holds_fits(rank: int, kernel: int, stride: int, room: tuple[int, int]) -> None:
    made = ConvTranspose(in_channels=1, out_channels=1, kernel_size=(kernel,) * rank, stride=stride)
    counts, _ = overlap_window(made, 100)
    assert all(len(axis) <= MAX_POSITIONS[rank] for axis in counts)
    figure = valid(overlap_figure(counts, LIGHT, across=room[0]))
    assert unfitting(figure, room[1]) == []
    across, _ = scale(figure, room[1])
    assert across >= 8


def test_light_and_dark_differ_in_colours_alone() -> None:
    builds: list[Callable[[Palette], UnvalidatedFigure]] = [
        lambda palette: matrices_figure(MATRICES["usual"].tolist(), palette, across=True),
        lambda palette: overlap_figure([axis.tolist() for axis in COUNTS["image"]], palette, across=40),
    ]
    for build in builds:
        light, dark = (str(build(palette).to_dict()) for palette in (LIGHT, DARK))
        assert light != dark
        assert re.sub("#[0-9A-F]{6}", "", light) == re.sub("#[0-9A-F]{6}", "", dark)


def test_heights_depend_on_nothing_but_the_dimensions() -> None:
    heights: dict[int, set[int]] = {}
    for counts in COUNTS.values():
        drawn = overlap_figure([axis.tolist() for axis in counts], LIGHT, across=40)
        heights.setdefault(len(counts), set()).add(drawn.to_dict()["layout"]["height"])
    assert heights == {1: {130}, 2: {420}, 3: {420}}


def test_enlarged_for_a_projector_they_are_the_same_pictures() -> None:
    for small in (
        *(matrices_figure(matrix.tolist(), LIGHT, across=True) for matrix in MATRICES.values()),
        *(overlap_figure([axis.tolist() for axis in counts], LIGHT, across=40) for counts in COUNTS.values()),
    ):
        large = valid(enlarged(small, 1.35))
        assert cells(large.data[0]) == cells(valid(small).data[0])
        assert unfitting(large, 1350) == []
