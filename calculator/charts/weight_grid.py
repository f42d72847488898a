"""The weight tensor as a grid of kernels: input channels downwards, output channels across."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from calculator.charts.figure import Spec, UnvalidatedFigure, axis, figure, layout, note, title
from calculator.charts.heatmap import CellGrid, edges, readable_size
from calculator.core.formatting import format_count, format_product
from calculator.core.layer import ConvTranspose
from calculator.geometry.weight_grid import (
    Block,
    Channels,
    TensorView,
    connected,
    drawn_channels,
    example_weight,
    weight_index,
)
from calculator.palette import Palette

MAX_WRITTEN = 150
"""With more weights than this only the framed kernel has its digits: each text costs the browser time."""

MAX_CELLS = 2_600
"""With more weights than this every kernel is drawn as a single cell: each cell is sent to the browser."""

MAX_SIDE = 120
"""If a side of the grid had to be longer than this many weights, every kernel is drawn as a single cell."""

SLICES = (12, 8, 5)
"""How many slices of a deep kernel are drawn when all are too many."""

WIDTH, HEIGHT = 430, 368
"""About as many pixels as the grid has beside the controls; on a phone it is 270 pixels wide."""

LETTER, PRESENTED_LETTER = 6.5, 9.5
"""Pixels of a letter in the name of a channel, before a presenter's figure is enlarged."""

LEFT_OUT, TOO_MUCH = "×", "+"
"""The marks of a weight that was not counted, and of one that was counted and does not exist."""

LEGEND = {
    LEFT_OUT: "A cross marks what was left out.",
    TOO_MUCH: "A plus marks a kernel that does not exist.",
}


@dataclass(frozen=True)
class Counted:
    """The part of a layer that somebody counted, perhaps wrongly.

    ``kernel`` returns whether the kernel of an input and an output channel was counted, ``cells`` is the
    number of weights counted in each kernel, and ``biases`` the number of biases.
    """

    kernel: Callable[[int, int], bool]
    cells: int
    biases: int

    def cell(self, pair: tuple[int, int], index: int, *, exists: bool = True) -> tuple[float, str, str]:
        """Return shade, mark and words of weight ``index`` of a kernel."""
        counted = self.kernel(*pair) and index < self.cells
        if not exists:
            return (0.0, TOO_MUCH, "counted, but there is no kernel") if counted else (0.0, "", "no kernel")
        return (1.0, "", "counted") if counted else (0.5, LEFT_OUT, "left out")


Extent = tuple[float, float]
"""Where something begins and ends along one axis."""

Position = tuple[int, int, int]
"""A position in a kernel: slice, row and column. The slice and the row are 0 where there are fewer axes."""


@dataclass(frozen=True)
class Tile:
    """How each kernel of the grid is drawn.

    ``down`` and ``across`` are the sizes of its cells and of the gaps between its slices. ``cells`` has row,
    column and position of each cell; the position is ``None`` in the single cell of a kernel that is not
    drawn weight by weight. ``slices`` has the number of each slice that is drawn, or ``None`` for slices that
    are left out, with the row and the column of its first cell.
    """

    down: tuple[float, ...] = (1.0,)
    across: tuple[float, ...] = (1.0,)
    cells: tuple[tuple[int, int, Position | None], ...] = ((0, 0, None),)
    slices: tuple[tuple[int | None, int, int], ...] = ()

    @property
    def whole(self) -> bool:
        """Whether a single cell stands for all weights of a kernel."""
        return self.cells[0][2] is None


@dataclass
class Line:
    """The channels along one axis of the grid.

    ``sizes`` are those of all cells and gaps, ``first`` is the index of the first cell of each channel,
    ``ticks`` are the places and the names of channels and gaps, ``strips`` the places of the biases.
    """

    sizes: list[float] = field(default_factory=list)
    first: dict[int, int] = field(default_factory=dict)
    extents: dict[int, Extent] = field(default_factory=dict)
    ticks: list[tuple[float, str]] = field(default_factory=list)
    strips: list[Extent] = field(default_factory=list)

    @property
    def end(self) -> float:
        """The place where the line ends."""
        return sum(self.sizes)

    def add(self, sizes: Sequence[float]) -> Extent:
        """Append cells or a gap, and return their place."""
        start = self.end
        self.sizes += sizes
        return start, self.end


@dataclass(frozen=True)
class Grid:
    """The places of everything in the figure: how a kernel is drawn, and the channels on both axes."""

    tile: Tile
    across: Line
    down: Line
    bias_side: float
    frame_gap: float

    def fits(self, kernels: int) -> bool:
        """Return whether the grid is small enough to be drawn with so many kernels."""
        longest = max(self.across.end, self.down.end)
        return longest <= MAX_SIDE and kernels * len(self.tile.cells) <= MAX_CELLS

    def pixels(self, width: float) -> float:
        """Return about how many pixels a cell has in a figure whose grid is ``width`` pixels wide."""
        return min(width / self.across.end, HEIGHT / self.down.end)


def tensor_figure(
    view: TensorView, palette: Palette, counted: Counted | None = None, *, presenting: bool = False
) -> UnvalidatedFigure:
    """Return the grid of kernels, one row for each input channel and one column for each output channel.

    The selected kernel is framed. A bias is a small square below the kernels of its output channel. Each
    group has a frame of its own, and channels in different groups have no kernel, so their place is empty.
    With ``counted``, no kernel is framed: the cells show what was counted, with the marks in ``LEGEND``. With
    ``presenting``, digits are only written where they can be large.
    """
    layer = view.layer
    grid = _grid(view, counted)
    narrow = len(grid.across.first) <= 6 and not presenting
    pixels = grid.pixels(270 if narrow else WIDTH + 110 * presenting)
    share = f"{counted.cells}/{layer.kernel_volume}" if counted else ""
    share = share if readable_size(len(share), pixels, pixels) else ""
    kernels = CellGrid(grid.across.sizes, grid.down.sizes)
    for i, row in grid.down.first.items():
        for o, column in grid.across.first.items():
            _put_kernel(kernels, layer, (i, o), (row, column), grid.tile, counted, share)
    if grid.tile.whole and layer.kernel_volume > 1 and not counted:
        row, column = grid.down.first[view.pair[0]], grid.across.first[view.pair[1]]
        kernels.texts[row][column] = format_product(layer.kernel_size)
    longest = max(len(text) for texts in kernels.texts for text in texts)
    if not counted and view.kernels_shown * len(grid.tile.cells) > MAX_WRITTEN:
        _keep_texts(kernels, grid, view.pair)
    text_size = readable_size(longest, pixels, pixels, presenting=presenting)
    shades = [(0, palette.grid), (0.5, palette.scale[0]), (1, palette.weights_fill)]
    if not counted:
        shades = [(0, palette.scale[0]), (1, palette.scale[1])]
    data = [kernels.trace(shades, text_size, palette)]
    if layer.bias:
        fill = palette.background if counted else palette.biases_fill
        biases = _biases(view, grid, counted)
        data.append(biases.trace([(0, fill), (1, palette.biases_fill)], text_size, palette))
    frames = [] if counted else [_frame(grid, view.pair, palette)]
    frames += [_group_frame(grid, block, palette) for block in _framed(view)]
    notes = [] if counted else [*_slice_names(grid, palette), *_group_names(view, grid, palette)]
    axes = _channel_axes(grid, palette, (PRESENTED_LETTER if presenting else LETTER) / pixels)
    return figure(data, layout(palette, 420, (58, 8, 46, 6), shapes=frames, annotations=notes, **axes))


def legend(counted: UnvalidatedFigure) -> str:
    """Return a sentence for each mark in a figure of what was counted, "" when it has no mark."""
    texts = {text for trace in counted.to_dict()["data"] for row in trace["text"] for text in row}
    return "".join(f" {sentence}" for mark, sentence in LEGEND.items() if mark in texts)


def draws_weights(view: TensorView) -> bool:
    """Return whether the figure of a view has a cell for each weight, and not one for each kernel."""
    return not _grid(view, None).tile.whole


def cell_size(view: TensorView) -> float:
    """Return about how many pixels a weight has in the figure of a view beside the controls."""
    grid = _grid(view, None)
    return grid.pixels(WIDTH)


def _grid(view: TensorView, counted: Counted | None) -> Grid:
    """Return the places of all kernels, drawn in as much detail as fits."""
    layer = view.layer
    most = MAX_WRITTEN if counted else MAX_CELLS
    for tile in _tiles(view):
        grid = _placed(view, tile, counted)
        if grid.fits(view.kernels_shown) and view.kernels_shown * len(tile.cells) <= most:
            return grid
    tile = Tile() if layer.kernel_volume > 1 else next(_tiles(view))
    return _placed(view, tile, counted)


def _tiles(view: TensorView) -> Iterator[Tile]:
    """Yield the ways to draw a kernel weight by weight, the most detailed first.

    A single deep kernel has its slices in rows that use the room; in a grid they are side by side.
    """
    depth, height, width = (1, 1, *view.layer.kernel_size)[-3:]
    every = drawn_channels(depth, MAX_CELLS, 0)
    slice_cells = view.kernels_shown * height * width
    if len(view.rows) * len(view.columns) > 1 or depth == 1:
        if len(every) * slice_cells <= MAX_CELLS:
            yield _tile(every, height, width, len(every), 0.0)
        return
    band = max(1.2, 0.35 * height)

    def cell_pixels(in_row: int, count: int) -> float:
        """Return about how many pixels a cell has with ``in_row`` of ``count`` slices side by side."""
        rows = -(-count // in_row)
        return min(WIDTH / (in_row * 1.12 * width), HEIGHT / (rows * (height + band) + 1.3))

    for slices in (every, *(drawn_channels(depth, most, 0) for most in SLICES if most < depth)):
        count = len(slices)
        if count * slice_cells <= MAX_CELLS:
            in_row = max(range(1, count + 1), key=partial(cell_pixels, count=count))
            yield _tile(slices, height, width, in_row, band)


def _tile(slices: Channels, height: int, width: int, in_row: int, band: float) -> Tile:
    """Return a kernel with ``in_row`` slices side by side, and a ``band`` for names above each slice."""
    rows = -(-len(slices) // in_row)
    gap = max(0.3, 0.12 * width) if band else 0.3
    down, across = [band] if band else [], []
    for row in range(rows):
        down += [*([band] if row and band else []), *[1.0] * height]
    for column in range(in_row):
        across += [*([gap] if column else []), *[1.0] * width]
    cells: list[tuple[int, int, Position | None]] = []
    corners = []
    for place, number in enumerate(slices):
        row, column = divmod(place, in_row)
        top, left = row * height + (row + 1 if band else 0), column * (width + 1)
        corners.append((number, top, left))
        if number is not None:
            cells += [(top + r, left + c, (number, r, c)) for r in range(height) for c in range(width)]
    return Tile(tuple(down), tuple(across), tuple(cells), tuple(corners) if band else ())


def _placed(view: TensorView, tile: Tile, counted: Counted | None) -> Grid:
    """Return the places of the channels when each kernel is drawn as ``tile``."""
    layer = view.layer
    # All lengths are in sides of one weight. Where a kernel is a single cell, a bias of that size would look
    # like one more kernel.
    bias_side = 1.0
    if tile.whole or len(tile.cells) == 1:
        bias_side = 0.7 if layer.kernel_volume == 1 or counted else 0.3
    deep = len(layer.kernel_size) == 3 and not tile.whole
    # A deep kernel has gaps between its slices, so the gaps between kernels must be wider to be told apart.
    gap = 1.0 if deep else 0.45 if len(tile.cells) > 1 else 0.2
    group_gap = max(0.5, 0.3 * min(sum(tile.across), sum(tile.down)), gap)
    strip = bias_side if layer.bias else 0.0
    across = _line(view.columns, layer.out_channels // layer.groups, tile.across, gap, group_gap)
    down = _line(view.rows, layer.in_channels // layer.groups, tile.down, gap, group_gap, strip)
    return Grid(tile, across, down, bias_side, 0.3 * group_gap)


def _line(
    channels: Channels,
    group_size: int,
    sizes: Sequence[float],
    gap: float,
    group_gap: float,
    strip: float = 0.0,
) -> Line:
    """Return the places of ``channels`` along one axis; below each group is a ``strip`` for the biases."""
    line = Line()
    # Beside large kernels, dots in the room of one weight could not be seen.
    dots = max(0.7, 0.3 * sum(sizes))
    drawn = [channel for channel in channels if channel is not None]
    last = {channel // group_size: channel for channel in drawn}
    previous: int | None = None
    for channel in channels:
        if channel is None:
            low, high = line.add([dots])
            line.ticks.append(((low + high) / 2, "⋯"))
            previous = None  # The dots separate channels by themselves: no gap beside them.
            continue
        if previous is not None:
            line.add([gap if previous // group_size == channel // group_size else group_gap])
        previous = channel
        line.first[channel] = len(line.sizes)
        low, high = line.extents[channel] = line.add(sizes)
        line.ticks.append(((low + high) / 2, format_count(channel + 1)))
        if strip and channel == last[channel // group_size]:
            line.add([min(gap, 0.45)])
            line.strips.append(line.add([strip]))
    if line.strips:
        low, high = line.strips[-1]
        line.ticks.append(((low + high) / 2, "bias"))
    return line


def _keep_texts(kernels: CellGrid, grid: Grid, pair: tuple[int, int]) -> None:
    """Remove the digits of all kernels but the selected one."""
    row, column = grid.down.first[pair[0]], grid.across.first[pair[1]]
    kernels.keep_texts_of(row, column, len(grid.tile.down), len(grid.tile.across))


def _biases(view: TensorView, grid: Grid, counted: Counted | None) -> CellGrid:
    """Return the biases: one small square below the kernels of each output channel."""
    squares: list[Extent] = []
    for low, high in grid.across.extents.values():
        middle = (low + high) / 2
        squares.append((middle - grid.bias_side / 2, middle + grid.bias_side / 2))
    across, columns = _with_gaps(squares)
    down, rows = _with_gaps(grid.down.strips)
    cells = CellGrid(across, down)
    places = dict(zip(grid.across.extents, columns, strict=True))
    for block, row in zip(view.blocks, rows, strict=True):
        for o in (channel for channel in block.columns if channel is not None):
            name = f"the bias of output channel {format_count(o + 1)}"
            if counted is None or o < counted.biases:
                cells.put(row, places[o], 1, "", f"{name}: {'counted' if counted else 'one number'}")
            else:
                cells.put(row, places[o], 0, LEFT_OUT, f"{name}: left out")
    return cells


def _with_gaps(extents: Sequence[Extent]) -> tuple[list[float], list[int]]:
    """Return the sizes of cells and gaps from 0 on, and the index of each cell."""
    sizes: list[float] = []
    indices = []
    end = 0.0
    for low, high in extents:
        if low - end > 1e-9:  # Extents that touch differ in their last digits, as they are sums.
            sizes.append(low - end)
        indices.append(len(sizes))
        sizes.append(high - low)
        end = high
    return sizes, indices


def _put_kernel(
    cells: CellGrid,
    layer: ConvTranspose,
    pair: tuple[int, int],
    corner: tuple[int, int],
    tile: Tile,
    counted: Counted | None,
    share: str,
) -> None:
    """Fill the cells of one kernel. A pair of channels without a kernel stays empty unless it was counted.

    ``share`` is written in a kernel of which another number of weights was counted, when one cell stands for
    all of them.
    """
    channels = f"input channel {format_count(pair[0] + 1)} → output channel {format_count(pair[1] + 1)}"
    has_kernel = connected(layer, *pair)
    if not has_kernel and not (counted and counted.kernel(*pair)):
        return
    place = weight_index(layer, *pair) if has_kernel else ()
    for tap, (row, column, position) in enumerate(tile.cells):
        if counted:
            shade, text, hover = counted.cell(pair, tap, exists=has_kernel)
            if not text and not shade:
                continue
            if not text and position is None and layer.kernel_volume != counted.cells:
                shade = 0.75 if counted.cells < layer.kernel_volume else shade
                text, hover = share, f"{counted.cells} weights counted, {layer.kernel_volume} exist"
        elif position is None:
            sizes, weights = format_product(layer.kernel_size), format_count(layer.kernel_volume)
            shade, text, hover = 0.5, "", f"a kernel of {sizes} = {weights} weights"
        else:
            index, weight = [*place, *position[3 - layer.rank :]], _weight(layer, pair, position)
            digit = str(weight) if layer.kernel_volume > 1 else ""
            # The palest cell is not white, or a weight of 1 would look like a weight that is absent.
            shade, text, hover = (weight + 2) / 11, digit, f"weight{index} is {weight}"
        cells.put(corner[0] + row, corner[1] + column, shade, text, f"{channels}<br>{hover}")


def _weight(layer: ConvTranspose, pair: tuple[int, int], position: Position) -> int:
    """Return the example value of one position of a kernel."""
    _, height, width = (1, 1, *layer.kernel_size)[-3:]
    depth, row, column = position
    return example_weight(*pair, (depth * height + row) * width + column)


def _side_by_side(ticks: Sequence[tuple[float, str]], letter: float) -> list[tuple[float, str]]:
    """Return the ticks whose names have room beside one another, always with the last one.

    ``letter`` is the width of a letter in cells.
    """
    kept: list[tuple[float, str]] = []
    edge = math.inf
    for place, name in reversed(ticks):
        half = letter * len(name) / 2
        if place + half <= edge:
            kept.append((place, name))
            edge = place - half
    return kept[::-1]


def _channel_axes(grid: Grid, palette: Palette, letter: float) -> Spec:
    """Return the axes with the number of each channel that is drawn, and dots where channels are left out.

    Numbers without room beside one another are left out. ``letter`` is the width of a letter in cells.
    """
    margin = max(0.15, 2 * grid.frame_gap)

    def channel_ticks(ticks: Sequence[tuple[float, str]]) -> Spec:
        return {
            **axis(palette, ()),
            "tickvals": [place for place, _ in ticks],
            "ticktext": [name for _, name in ticks],
            "showgrid": False,
            "constrain": "domain",
        }

    across = {
        **channel_ticks(_side_by_side(grid.across.ticks, letter)),
        "range": [-margin, grid.across.end + margin],
        "side": "top",
        "title": title("output channel", palette),
    }
    down = {
        **channel_ticks(grid.down.ticks),
        "range": [grid.down.end + margin, -margin],
        "scaleanchor": "x",
        "title": title("input channel", palette),
    }
    return {"xaxis": across, "yaxis": down}


def _frame(grid: Grid, pair: tuple[int, int], palette: Palette) -> Spec:
    """Return the frame around the selected kernel."""
    across, down = grid.across.extents[pair[1]], grid.down.extents[pair[0]]
    return _rectangle(across, down, 0.12, palette.here, 3)


def _framed(view: TensorView) -> Sequence[Block]:
    """Return the blocks that have a frame: all groups, when there are several."""
    return view.blocks if view.layer.groups > 1 else ()


def _extent(line: Line, channels: Channels) -> Extent:
    """Return where the first of some channels begins and the last one ends."""
    drawn = [channel for channel in channels if channel is not None]
    return line.extents[drawn[0]][0], line.extents[drawn[-1]][1]


def _block_extents(grid: Grid, block: Block) -> tuple[Extent, Extent]:
    """Return where the kernels and the biases of a group lie, across and down."""
    top, bottom = _extent(grid.down, block.rows)
    below = [end for start, end in grid.down.strips if start >= bottom]
    return _extent(grid.across, block.columns), (top, below[0] if below else bottom)


def _group_frame(grid: Grid, block: Block, palette: Palette) -> Spec:
    """Return the frame around the kernels and the biases of a group."""
    return _rectangle(*_block_extents(grid, block), grid.frame_gap, palette.muted, 1)


def _rectangle(across: Extent, down: Extent, distance: float, colour: str, width: int) -> Spec:
    """Return a frame at a ``distance`` from what it surrounds."""
    return {
        "type": "rect",
        "x0": across[0] - distance,
        "x1": across[1] + distance,
        "y0": down[0] - distance,
        "y1": down[1] + distance,
        "line": {"color": colour, "width": width},
    }


def _group_names(view: TensorView, grid: Grid, palette: Palette) -> Iterator[Spec]:
    """Yield the name of each group, in the empty place beside it."""
    blocks = _framed(view)
    for block in blocks if len(blocks) > 1 else ():
        (left, right), (top, bottom) = _block_extents(grid, block)
        rest = grid.across.end - right
        at, anchor = (right, "left") if rest >= left else (left, "right")
        at += (2.2 if anchor == "left" else -2.2) * grid.frame_gap
        font = {"size": 13, "color": palette.muted}
        yield note(
            f"group {format_count(block.group + 1)}", x=at, y=(top + bottom) / 2, xanchor=anchor, font=font
        )


def _slice_names(grid: Grid, palette: Palette) -> Iterator[Spec]:
    """Yield the name of each slice of a deep kernel above the slice."""
    across, down = edges(grid.tile.across), edges(grid.tile.down)
    font = {"size": 13, "color": palette.muted}
    for number, row, column in grid.tile.slices:
        name = "⋯" if number is None else f"slice {format_count(number + 1)}"
        yield note(name, x=across[column], y=down[row] - 0.1, xanchor="left", yanchor="bottom", font=font)
