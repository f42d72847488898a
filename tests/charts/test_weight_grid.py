"""The weight tensor as it is drawn: every cell is an element of an array that has weight_shape."""

import itertools
import re
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import settings as configured
from hypothesis import strategies as st

from calculator import ConvTranspose
from calculator.charts.figure import enlarged
from calculator.charts.weight_grid import Counted, legend, tensor_figure
from calculator.geometry.weight_grid import TensorView, connected, example_weight, tensor_view
from calculator.palette import DARK, LIGHT, Palette
from tests.helpers.reading import (
    LAPTOP,
    PHONE,
    Cell,
    between,
    cells,
    rgb,
    scale,
    strangers,
    unfitting,
    valid,
    wide,
)

PALETTES = {"light": LIGHT, "dark": DARK}
ROOM = {PHONE: (6, 6), LAPTOP: (7, 10)}
"""The rows and columns that the page asks for, by its width."""

both_palettes = pytest.mark.parametrize("palette", PALETTES.values(), ids=PALETTES)
both_widths = pytest.mark.parametrize("width", ROOM, ids=["phone", "laptop"])


def layer(inputs: int, outputs: int, kernel: Any, groups: int = 1, *, bias: bool = True) -> ConvTranspose:
    return ConvTranspose(
        in_channels=inputs, out_channels=outputs, kernel_size=kernel, groups=groups, bias=bias
    )


LARGE = {
    "laptop": layer(3, 64, 4),
    "one": layer(1, 1, 1),
    "one without bias": layer(1, 1, (1,), bias=False),
    "signal": layer(3, 64, (36,)),
    "tall": layer(64, 64, (36, 1)),
    "rows": layer(64, 3, (5, 1)),
    "long": layer(64, 64, (1, 36)),
    "volume": layer(12, 12, (3, 3, 3), 4),
    "flat volume": layer(12, 12, (2, 3, 6), 4),
    "largest": layer(65_536, 65_536, (128,) * 3),
    "depthwise": layer(65_536, 65_536, 3, 65_536),
    "grouped": layer(512, 256, 5, 128, bias=False),
}
every_large = pytest.mark.parametrize("made", LARGE.values(), ids=LARGE)


def held(made: ConvTranspose) -> tuple[npt.NDArray[np.int64], dict[tuple[int, int], tuple[int, int]]]:
    """Return the weight tensor filled, and the channels each kernel of it joins, group by group."""
    weights = np.zeros(made.weight_shape, np.int64)
    joined = {}
    ins = np.split(np.arange(made.in_channels), made.groups)
    outs = np.split(np.arange(made.out_channels), made.groups)
    for own_ins, own_outs in zip(ins, outs, strict=True):
        for i, (column, o) in itertools.product(own_ins.tolist(), enumerate(own_outs.tolist())):
            flat = [example_weight(i, o, tap) for tap in range(made.kernel_volume)]
            weights[i, column] = np.array(flat).reshape(made.kernel_size)
            joined[i, column] = (i, o)
    return weights, joined


class Tile(NamedTuple):
    """The cells of one pair of channels, as they are drawn, and the channels their hovers name."""

    pair: tuple[int, int]
    cells: list[Cell]


def channel(text: str) -> int:
    return int(text.replace(",", "")) - 1


def tiles(figure: Any) -> list[Tile]:
    """Return the kernels of a figure; each is checked to lie at the names of its channels."""
    ticks = [
        {text: place for place, text in zip(axis.tickvals, axis.ticktext, strict=True)}
        for axis in (figure.layout.xaxis, figure.layout.yaxis)
    ]
    found: dict[tuple[int, int], list[Cell]] = {}
    for cell in cells(figure.data[0]):
        names = re.match(r"input channel ([\d,]+) → output channel ([\d,]+)<br>", cell.hover)
        assert names
        found.setdefault((channel(names[1]), channel(names[2])), []).append(cell)
    for (i, o), drawn in found.items():
        left, right, top, bottom = outline(drawn)
        assert (left + right) / 2 == pytest.approx(ticks[0][f"{o + 1:,}"])
        if len(found) > 1 or len(index(drawn[0])) < 5:  # A deep kernel alone has names above its slices.
            assert (top + bottom) / 2 == pytest.approx(ticks[1][f"{i + 1:,}"])
    return [Tile(pair, drawn) for pair, drawn in found.items()]


@lru_cache(256)
def figure_of(view: TensorView, palette: Palette) -> Any:
    """Return the figure of a view, which several tests read."""
    return valid(tensor_figure(view, palette))


@lru_cache(256)
def tiles_of(view: TensorView, palette: Palette) -> list[Tile]:
    return tiles(figure_of(view, palette))


def index(cell: Cell) -> tuple[int, ...]:
    """Return the index in the weight tensor that a cell names, () for a cell that is a whole kernel."""
    told = re.search(r"weight\[([\d, ]+)\] is (\d)$", cell.hover)
    return tuple(map(int, told[1].split(", "))) if told else ()


def outline(drawn: list[Cell]) -> tuple[float, float, float, float]:
    """Return left, right, top and bottom of a kernel, after checking that each slice fills its place."""
    slices: dict[tuple[int, ...], list[Cell]] = {}
    for cell in drawn:
        slices.setdefault(index(cell)[2:3] if len(index(cell)) == 5 else (), []).append(cell)
    for one in slices.values():
        left, right, top, bottom = ends(one)
        filled = sum((cell.right - cell.left) * (cell.bottom - cell.top) for cell in one)
        assert filled == pytest.approx((right - left) * (bottom - top))
    return ends(drawn)


def ends(drawn: list[Cell]) -> tuple[float, float, float, float]:
    left, right = min(cell.left for cell in drawn), max(cell.right for cell in drawn)
    return left, right, min(cell.top for cell in drawn), max(cell.bottom for cell in drawn)


def shown(channels: tuple[int | None, ...]) -> list[int]:
    return [channel for channel in channels if channel is not None]


@st.composite
def small_layers(draw: st.DrawFn) -> ConvTranspose:
    """Draw a layer whose weight tensor is drawn whole."""
    groups = draw(st.integers(1, 3))
    share_in, share_out = (draw(st.integers(1, maximum // groups)) for maximum in (7, 10))
    kernel = draw(st.lists(st.integers(1, 3), min_size=1, max_size=3))
    return layer(share_in * groups, share_out * groups, tuple(kernel), groups, bias=draw(st.booleans()))


@configured(max_examples=60, deadline=None)
@given(small_layers(), st.sampled_from(list(PALETTES.values())))
def test_every_weight_is_drawn_once_where_it_lies(made: ConvTranspose, palette: Palette) -> None:
    weights, joined = held(made)
    figure = valid(tensor_figure(tensor_view(made, max_rows=9, max_columns=10), palette))
    seen = []
    for pair, drawn in tiles(figure):
        slices: dict[int, list[Cell]] = {}
        for cell in drawn:
            place = index(cell)
            seen.append(place)
            assert cell.text in ("", str(weights[place]))
            assert cell.hover.endswith(f" is {weights[place]}")
            assert joined[place[0], place[1]] == pair
            assert between(cell.colour, *palette.scale)
            slices.setdefault(place[2] if made.rank == 3 else 0, []).append(cell)
        for own in slices.values():
            left, _, top, _ = ends(own)
            for cell in own:
                row, column = (0, *index(cell)[2:])[-2:]
                assert (cell.left, cell.top) == pytest.approx((left + column, top + row))
        # The slices follow each other as a text is read.
        corners = [ends(slices[depth])[2::-2] for depth in sorted(slices)]
        assert corners == sorted(corners)
        assert len(set(corners)) == len(slices)
    assert sorted(seen) == list(np.ndindex(*made.weight_shape))
    assert {pair for pair, _ in tiles(figure)} == set(joined.values())


@configured(max_examples=60, deadline=None)
@given(small_layers(), st.data())
def test_nothing_is_drawn_where_no_group_joins(made: ConvTranspose, data: Any) -> None:
    _, joined = held(made)
    pair = data.draw(st.sampled_from(sorted(joined.values())))
    view = tensor_view(made, pair)
    figure = valid(tensor_figure(view, LIGHT))
    kernels = tiles(figure)
    drawn = {tile.pair for tile in kernels}
    every = set(itertools.product(shown(view.rows), shown(view.columns)))
    assert drawn == every & set(joined.values())
    assert len(drawn) == view.kernels_shown
    # Each group has a frame with its kernels and nothing else inside.
    frames = figure.layout.shapes[1:]
    assert len(frames) == (len(view.blocks) if made.groups > 1 else 0)
    for frame, block in zip(frames, view.blocks, strict=False):
        inside = {
            tile.pair
            for tile in kernels
            for left, right, top, bottom in [outline(tile.cells)]
            if frame.x0 < left < right < frame.x1 and frame.y0 < top < bottom < frame.y1
        }
        assert inside == set(itertools.product(shown(block.rows), shown(block.columns)))
    for one, other in itertools.combinations(frames, 2):
        assert one.x1 < other.x0 or other.x1 < one.x0
        assert one.y1 < other.y0 or other.y1 < one.y0
    names = [note.text for note in figure.layout.annotations if note.text.startswith("group")]
    assert names == ([f"group {block.group + 1}" for block in view.blocks] if len(frames) > 1 else [])


@every_large
@both_widths
@both_palettes
def test_large_layers_are_drawn_in_part(made: ConvTranspose, width: int, palette: Palette) -> None:
    for view in views(made, width):
        figure = figure_of(view, palette)
        drawn = tiles_of(view, palette)
        every = itertools.product(shown(view.rows), shown(view.columns))
        assert {tile.pair for tile in drawn} == {pair for pair in every if connected(made, *pair)}
        sizes = {len(tile.cells) for tile in drawn}
        assert sizes in ({1}, {made.kernel_volume})
        assert len(drawn) == view.kernels_shown
        for tile in drawn:
            assert all(between(cell.colour, *palette.scale) for cell in tile.cells)
            if len(tile.cells) < made.kernel_volume:
                size = " × ".join(f"{k:,}" for k in made.kernel_size)
                assert tile.cells[0].hover.endswith(
                    f"<br>a kernel of {size} = {made.kernel_volume:,} weights"
                )
        assert strangers(figure, palette) == set()
        assert unfitting(figure, width) == []


def views(made: ConvTranspose, width: int) -> list[TensorView]:
    """Return the layer with its first pair, its last and one in between framed."""
    rows, columns = ROOM[width]
    per_in, per_out = made.in_channels // made.groups, made.out_channels // made.groups
    half = made.groups // 2
    pairs = {
        (0, 0),
        (made.in_channels - 1, made.out_channels - 1),
        (half * per_in + per_in // 2, half * per_out),
    }
    return [tensor_view(made, pair, max_rows=rows, max_columns=columns) for pair in sorted(pairs)]


@every_large
@both_widths
def test_cells_can_be_seen(made: ConvTranspose, width: int) -> None:
    for view in views(made, width):
        figure = figure_of(view, LIGHT)
        across, down = scale(figure, width)
        for cell in cells(figure.data[0]):
            # One pixel around each cell stays empty.
            assert (cell.right - cell.left) * across >= 2.2
            assert (cell.bottom - cell.top) * down >= 2.2


@every_large
@both_widths
@both_palettes
def test_one_bias_for_each_output_channel_shown(made: ConvTranspose, width: int, palette: Palette) -> None:
    view = views(made, width)[-1]
    figure = figure_of(view, palette)
    if not made.bias:
        assert len(figure.data) == 1
        assert "bias" not in figure.layout.yaxis.ticktext
        return
    weights, biases = figure.data
    drawn = cells(biases)
    assert weights is figure.data[0]
    assert [cell.hover for cell in drawn] == [
        f"the bias of output channel {o + 1:,}: one number" for o in shown(view.columns)
    ]
    assert {cell.colour for cell in drawn} == {rgb(palette.biases_fill)}
    across, down = scale(figure, width)
    places = dict(zip(figure.layout.xaxis.ticktext, figure.layout.xaxis.tickvals, strict=True))
    for o, cell in zip(shown(view.columns), drawn, strict=True):
        wide_side, high_side = (cell.right - cell.left) * across, (cell.bottom - cell.top) * down
        assert wide_side == pytest.approx(high_side)
        assert wide_side >= 3
        assert (cell.left + cell.right) / 2 == pytest.approx(places[f"{o + 1:,}"])
        own = [outline(tile.cells) for tile in tiles_of(view, palette) if tile.pair[1] == o]
        # A bias is one number: no larger than a weight, much smaller than a kernel drawn as one cell, and
        # right below the last kernel of its own output channel.
        kernel_width = own[0][1] - own[0][0]
        assert cell.right - cell.left <= (1 if made.kernel_volume > 1 else 0.7) * 1.0001
        assert cell.right - cell.left < kernel_width or made.kernel_size[-1] == 1
        bottom = max(bottom for *_, bottom in own)
        assert 0 < cell.top - bottom <= 0.46
    [name] = [
        place
        for place, text in zip(figure.layout.yaxis.tickvals, figure.layout.yaxis.ticktext, strict=True)
        if text == "bias"
    ]
    assert drawn[-1].top < name < drawn[-1].bottom


@every_large
@both_widths
def test_the_pair_is_framed(made: ConvTranspose, width: int) -> None:
    for view in views(made, width):
        figure = figure_of(view, DARK)
        frame = figure.layout.shapes[0]
        assert frame.line.color == DARK.here
        for tile in tiles_of(view, DARK):
            left, right, top, bottom = outline(tile.cells)
            around = frame.x0 < left and right < frame.x1 and frame.y0 < top and bottom < frame.y1
            apart = frame.x1 < left or right < frame.x0 or frame.y1 < top or bottom < frame.y0
            assert (around, apart) == ((True, False) if tile.pair == view.pair else (False, True))


@every_large
@both_widths
def test_all_lies_inside_the_axes_and_every_channel_is_named(made: ConvTranspose, width: int) -> None:
    for view in views(made, width):
        figure = figure_of(view, LIGHT)
        across, down = figure.layout.xaxis, figure.layout.yaxis
        # Rows run downwards.
        assert across.range[0] < across.range[1]
        assert down.range[0] > down.range[1]
        for trace in figure.data:
            assert across.range[0] <= trace.x[0] <= trace.x[-1] <= across.range[1]
            assert down.range[1] <= trace.y[0] <= trace.y[-1] <= down.range[0]
        for axis, channels in ((across, view.columns), (down, view.rows)):
            named = [text for text in axis.ticktext if text != "bias"]
            assert named == ["⋯" if one is None else f"{one + 1:,}" for one in channels]
        frame = figure.layout.shapes[0]
        assert across.range[0] <= frame.x0 < frame.x1 <= across.range[1]
        assert down.range[1] <= frame.y0 < frame.y1 <= down.range[0]
        assert (across.title.text, down.title.text) == ("output channel", "input channel")


@every_large
@both_widths
def test_names_of_channels_have_room(made: ConvTranspose, width: int) -> None:
    for view in views(made, width):
        figure = figure_of(view, LIGHT)
        across, _ = scale(figure, width)
        names = list(zip(figure.layout.xaxis.tickvals, figure.layout.xaxis.ticktext, strict=True))
        for (start, one), (end, other) in itertools.pairwise(names):
            assert (wide(one, 13) + wide(other, 13)) / 2 < (end - start) * across
        # Beside the names of the rows stands a title, turned.
        longest = max(wide(text, 13) for text in figure.layout.yaxis.ticktext)
        assert longest + 14 <= figure.layout.margin.l


CHANNELS = st.sampled_from((1, 2, 5, 6, 7, 10, 65_536))


@configured(max_examples=100, deadline=None)
@given(CHANNELS, CHANNELS, st.lists(st.integers(1, 40), min_size=1, max_size=3), st.sampled_from(list(ROOM)))
def test_whatever_the_kernel_is_can_be_seen(inputs: int, outputs: int, kernel: list[int], width: int) -> None:
    view = views(layer(inputs, outputs, tuple(kernel)), width)[0]
    figure = valid(tensor_figure(view, LIGHT))
    assert unfitting(figure, width) == []
    across, down = scale(figure, width)
    for cell in cells(figure.data[0])[:1]:
        assert min((cell.right - cell.left) * across, (cell.bottom - cell.top) * down) >= 2.2


def test_small_kernels_have_their_digits_where_there_is_room() -> None:
    def texts(made: ConvTranspose, width: int) -> set[str]:
        rows, columns = ROOM[width]
        view = tensor_view(made, max_rows=rows, max_columns=columns)
        return {cell.text for cell in cells(valid(tensor_figure(view, LIGHT)).data[0])}

    digits = set("123456789")
    for width in ROOM:
        assert texts(layer(3, 64, 4), width) - {""} == digits
        assert texts(layer(3, 64, (2, 2, 2)), width) >= digits - {"9"}
        assert texts(layer(3, 64, 16), width) == texts(layer(3, 64, 1), width) == {""}
    # A kernel that is one block has its size, where there is room.
    assert texts(layer(3, 64, (36,)), LAPTOP) == {"", "36"}
    assert texts(layer(1, 2, 52), LAPTOP) == {"", "52 × 52"}


@pytest.mark.parametrize("pair", [(0, 0), (2, 63)])
def test_with_many_weights_only_the_framed_kernel_has_its_digits(pair: tuple[int, int]) -> None:
    made = layer(3, 64, 4)
    view = tensor_view(made, pair, max_rows=7, max_columns=10)
    written = [cell for cell in cells(valid(tensor_figure(view, LIGHT)).data[0]) if cell.text]
    assert [int(cell.text) for cell in sorted(written, key=lambda cell: (cell.top, cell.left))] == [
        example_weight(*pair, tap) for tap in range(16)
    ]
    few = tensor_view(layer(3, 4, 3), max_rows=7, max_columns=10)
    assert len([cell for cell in cells(valid(tensor_figure(few, LIGHT)).data[0]) if cell.text]) == 3 * 4 * 9


@pytest.mark.parametrize(
    ("made", "every"),
    [
        (layer(3, 3, 4), True),
        (layer(5, 10, (3,)), True),
        (layer(4, 4, (3, 3)), True),
        (layer(6, 6, 2, 3), True),
        (layer(5, 10, 1), True),
        # 150 weights, 153 weights.
        (layer(5, 10, (3, 1)), True),
        (layer(3, 17, (3, 3)), False),
        (layer(3, 64, 4), False),
        (layer(64, 64, 3, 8), False),
    ],
    ids=lambda one: one.weight_shape if isinstance(one, ConvTranspose) else None,
)
def test_of_many_weights_only_those_in_the_frame_are_written(made: ConvTranspose, every: bool) -> None:
    for view in views(made, LAPTOP):
        drawn = tiles(valid(tensor_figure(view, LIGHT)))
        written = {tile.pair for tile in drawn if all(cell.text for cell in tile.cells)}
        assert written == {tile.pair for tile in drawn if any(cell.text for cell in tile.cells)}
        joined = {tile.pair for tile in drawn if "no kernel" not in tile.cells[0].hover}
        if made.kernel_volume == 1:
            assert written == set()
        else:
            assert written == (joined if every else {view.pair})


@pytest.mark.parametrize(
    ("kernel", "each"),
    [
        ((6, 6), True),
        ((3, 3, 4), True),
        ((5, 8), True),
        ((120,), True),
        ((4, 4, 4), True),
        ((8, 8, 8), True),
        ((50, 50), True),
        # 121 weights in a row; 51 · 51 = 2,601 weights.
        ((121,), False),
        ((51, 51), False),
    ],
)
@both_widths
def test_a_kernel_alone_has_a_cell_for_each_weight(kernel: tuple[int, ...], each: bool, width: int) -> None:
    figure = valid(tensor_figure(tensor_view(layer(1, 1, kernel)), LIGHT))
    [tile] = tiles(figure)
    assert len(tile.cells) == (np.prod(kernel) if each else 1)
    assert unfitting(figure, width) == []
    size = " × ".join(map(str, kernel))
    assert tile.cells[0].text == size or each


@pytest.mark.parametrize("kernel", [(4, 4, 4), (2, 3, 4), (16, 4, 4), (16, 16, 16), (40, 5, 5), (7, 1, 1)])
@both_widths
def test_a_deep_kernel_is_drawn_in_slices(kernel: tuple[int, ...], width: int) -> None:
    figure = valid(tensor_figure(tensor_view(layer(1, 1, kernel, bias=False)), LIGHT))
    [tile] = tiles(figure)
    by_slice: dict[int, list[Cell]] = {}
    for cell in tile.cells:
        by_slice.setdefault(index(cell)[2], []).append(cell)
    slices = sorted(by_slice)
    notes = [(note.text, note.x, note.y) for note in figure.layout.annotations]
    names = [name for name, *_ in notes]
    assert [name for name in names if name != "⋯"] == [f"slice {depth + 1}" for depth in slices]
    assert ("⋯" in names) == (len(slices) < kernel[0])
    assert {0, kernel[0] - 1} <= set(slices)
    assert {len(own) for own in by_slice.values()} == {kernel[1] * kernel[2]}
    across, down = scale(figure, width)
    for name, x, y in notes:
        if name != "⋯":
            left, right, top, _ = ends(by_slice[int(name.removeprefix("slice ")) - 1])
            assert (x, y) == pytest.approx((left, top - 0.1))
            assert right > left
    if kernel[0] <= 16:
        rows = sorted({ends(own)[2] for own in by_slice.values()})
        for one, other in itertools.pairwise(rows):
            assert (other - one - kernel[1]) * down >= 11, "room for the name of a slice"
        assert across == down


def test_light_and_dark_differ_in_colours_alone() -> None:
    view = tensor_view(layer(4, 64, 3, 2))
    light, dark = (str(tensor_figure(view, palette).to_dict()) for palette in (LIGHT, DARK))
    assert light != dark
    assert re.sub("#[0-9A-F]{6}", "", light) == re.sub("#[0-9A-F]{6}", "", dark)


def test_heights_do_not_depend_on_the_layer() -> None:
    heights = {
        tensor_figure(view, LIGHT).to_dict()["layout"]["height"]
        for made, width in itertools.product(LARGE.values(), ROOM)
        for view in views(made, width)
    }
    assert heights == {420}


@every_large
def test_enlarged_for_a_projector_it_is_the_same_picture(made: ConvTranspose) -> None:
    small = tensor_figure(views(made, LAPTOP)[0], LIGHT)
    large = valid(enlarged(small, 1.35))
    assert [cells(trace) for trace in large.data] == [cells(trace) for trace in valid(small).data]
    assert large.layout.height == pytest.approx(420 * 1.35)
    assert unfitting(large, 1350) == []


def plain(figure: Any) -> list[dict[str, Any]]:
    traces: list[dict[str, Any]] = figure.to_dict()["data"]
    return traces


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_a_cross_marks_what_was_left_out(palette: Palette) -> None:
    view = tensor_view(layer(2, 3, (2, 2)), (0, 0))
    counted = Counted(lambda i, o: o == 0, 3, 1)
    weights, biases = plain(tensor_figure(view, palette, counted))
    # Two kernels of 2 × 2 below each other, of which three weights were counted, and four others.
    assert weights["text"][:5] == [
        ["", "", "", "×", "×", "", "×", "×"],
        ["", "×", "", "×", "×", "", "×", "×"],
        [""] * 8,
        ["", "", "", "×", "×", "", "×", "×"],
        ["", "×", "", "×", "×", "", "×", "×"],
    ]
    shades = {(text, shade) for texts, row in zip(weights["text"], weights["z"], strict=True)
              for text, shade in zip(texts, row, strict=True) if shade is not None}  # fmt: skip
    assert shades == {("", 1.0), ("×", 0.5)}
    assert [text for text in biases["text"][-1] if text] == ["×", "×"]
    hovers = {hover for row in weights["customdata"] for hover in row if hover}
    assert {hover.partition("<br>")[2] for hover in hovers} == {"counted", "left out"}
    assert not tensor_figure(view, palette, counted).to_dict()["layout"]["shapes"]


def test_kernels_between_groups_that_were_counted_have_a_plus() -> None:
    view = tensor_view(layer(2, 2, (1, 1), 2), (0, 0))
    [weights, _] = plain(tensor_figure(view, LIGHT, Counted(lambda i, o: True, 1, 2)))
    assert [row for row in weights["text"] if any(row)] == [["", "", "+"], ["+", "", ""]]
    [weights, _] = plain(tensor_figure(view, LIGHT, Counted(lambda i, o: i == o, 1, 2)))
    assert not any(any(row) for row in weights["text"])


@pytest.mark.parametrize(("cells", "shade", "share"), [(4, 0.75, "4/16"), (16, 1, ""), (25, 1, "25/16")])
def test_with_many_weights_a_kernel_is_one_cell_with_the_part_that_was_counted(
    cells: int, shade: float, share: str
) -> None:
    view = tensor_view(layer(5, 5, (4, 4)), (0, 0))
    [weights, _] = plain(tensor_figure(view, LIGHT, Counted(lambda i, o: i == 0, cells, 5)))
    assert [row[0] for row in weights["z"]][:9:2] == [shade, 0.5, 0.5, 0.5, 0.5]
    assert [row[0] for row in weights["text"]][:9:2] == [share, "×", "×", "×", "×"]
    assert weights["textfont"]["size"] > 1
    told = f"{cells} weights counted, 16 exist" if share else "counted"
    assert weights["customdata"][0][0].endswith(f"<br>{told}")


def test_a_part_without_room_leaves_the_crosses() -> None:
    view = tensor_view(layer(5, 6, (10, 10, 10)), (0, 0))
    [weights, _] = plain(tensor_figure(view, LIGHT, Counted(lambda i, o: i == 0, 300, 6)))
    assert {text for row in weights["text"] for text in row} == {"", "×"}
    assert weights["texttemplate"]


@pytest.mark.parametrize(
    ("groups", "counted", "words"),
    [
        (1, Counted(lambda i, o: True, 1, 5), ""),
        (1, Counted(lambda i, o: o == 0, 1, 5), " A cross marks what was left out."),
        (1, Counted(lambda i, o: True, 1, 0), " A cross marks what was left out."),
        (2, Counted(lambda i, o: True, 1, 5), " A plus marks a kernel that does not exist."),
    ],
)
def test_only_the_marks_that_are_drawn_are_explained(groups: int, counted: Counted, words: str) -> None:
    made = ConvTranspose(in_channels=4, out_channels=4, kernel_size=(1, 1), groups=groups)
    assert legend(tensor_figure(tensor_view(made, (0, 0)), LIGHT, counted)) == words


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_no_weight_looks_like_an_empty_place(palette: Palette) -> None:
    [weights] = plain(tensor_figure(tensor_view(layer(2, 2, (3, 3)), (0, 0)), palette))[:1]
    shades = {shade for row in weights["z"] for shade in row if shade is not None}
    assert min(shades) > 0.25
    assert max(shades) == 1


@pytest.mark.parametrize(("groups", "presenting"), [(1, False), (2, False), (2, True), (65_536, False)])
def test_the_names_of_channels_have_room_beside_one_another(groups: int, presenting: bool) -> None:
    layer = ConvTranspose(in_channels=65_536, out_channels=65_536, kernel_size=128, groups=groups)
    view = tensor_view(layer, max_rows=7, max_columns=8)
    drawing = valid(tensor_figure(view, LIGHT, presenting=presenting))
    across, down = drawing.layout.xaxis, drawing.layout.yaxis
    pixels = min(430 / (across.range[1] - across.range[0]), 368 / abs(down.range[1] - down.range[0]))
    ends = [
        (pixels * place - 3.2 * len(name), pixels * place + 3.2 * len(name))
        for place, name in zip(across.tickvals, across.ticktext, strict=True)
    ]
    assert all(end < start for (_, end), (start, _) in itertools.pairwise(ends))
    assert across.ticktext[-1] == "65,536"
    assert across.ticktext[0] == "1"
