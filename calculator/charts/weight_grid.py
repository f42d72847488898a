"""The weight tensor as a grid of kernels: input channels downwards, output channels across."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from calculator.charts.figure import Spec, UnvalidatedFigure, axis, figure, layout, title
from calculator.charts.heatmap import CellGrid, block_sizes, edges, readable_size
from calculator.core.formatting import format_count, format_product
from calculator.core.layer import ConvTranspose
from calculator.geometry.weight_grid import TensorView, connected, example_weight, weight_index
from calculator.palette import Palette

MAX_WRITTEN = 150
"""With more weights than this only the framed kernel has its digits: each text costs the browser time."""

MAX_TILE_CELLS = 36
"""A kernel with more weights than this is drawn as a single cell."""

MAX_SIDE_CELLS = 120
"""If a side of the grid had more weights than this, every kernel is drawn as a single cell."""

LEFT_OUT, TOO_MUCH = "×", "+"
"""The marks of a weight that was not counted, and of one that was counted and does not exist."""


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
"""Where a kernel begins and ends along one axis."""


def tensor_figure(view: TensorView, palette: Palette, counted: Counted | None = None) -> UnvalidatedFigure:
    """Return the grid of kernels, one row for each input channel and one column for each output channel.

    The selected kernel is framed. Below the grid are the biases, one for each output channel. Channels in
    different groups have no kernel, so their cells are grey. With ``counted``, no kernel is framed: the
    cells show what was counted, and a cross marks what was left out.
    """
    layer = view.layer
    height, width = _kernel_cells(view)
    if counted and view.kernels_shown * height * width > MAX_WRITTEN:
        height, width = 1, 1
    gap = 0.45 if width * height > 1 else 0.2
    kernels = CellGrid(block_sizes(len(view.columns), width, gap), block_sizes(len(view.rows), height, gap))
    for r, i in enumerate(view.rows):
        for c, o in enumerate(view.columns):
            if i is not None and o is not None:
                corner = r * (height + 1), c * (width + 1)
                _put_kernel(kernels, layer, (i, o), corner, (height, width), counted)
    row, column = view.rows.index(view.pair[0]), view.columns.index(view.pair[1])
    if not counted and view.kernels_shown * height * width > MAX_WRITTEN:
        kernels.keep_texts_of(row * (height + 1), column * (width + 1), height, width)
    columns, rows = _extents(kernels.across, width), _extents(kernels.down, height)
    shades = [(0, palette.grid), (0.5, palette.scale[0]), (1, palette.weights_fill)]
    if not counted:
        shades = [(0, palette.grid), (0.099, palette.grid), (0.1, palette.scale[0]), (1, palette.scale[1])]
    axes = _channel_axes(view, columns, rows, palette)
    below = rows[-1][1] + gap
    bottom = below + 0.7 * height if layer.bias else rows[-1][1]
    axes["yaxis"]["range"] = [bottom + 0.15, -0.15]
    # The grid is narrowest on a phone. With more columns than a phone gets, it is beside the controls.
    pixels = (270 if len(columns) <= 6 else 430) / columns[-1][1], 360 / bottom
    text_size = readable_size(1, *pixels) if counted or width * height > 1 else 0
    data = [kernels.trace(shades, text_size, palette)]
    if layer.bias:
        biases = _biases(view, columns, below, 0.7 * height, counted)
        fill = palette.background if counted else palette.biases_fill
        data.append(biases.trace([(0, fill), (1, palette.biases_fill)], text_size, palette))
        axes["yaxis"]["tickvals"].append(below + 0.35 * height)
        axes["yaxis"]["ticktext"].append("bias")
    frames = [] if counted else [_frame(columns[column], rows[row], palette)]
    return figure(data, layout(palette, 420, (58, 8, 46, 6), shapes=frames, **axes))


def _kernel_cells(view: TensorView) -> tuple[int, int]:
    """Return the height and width of a kernel in cells: one cell for each weight, or one for all of them.

    The slices of a volume are side by side.
    """
    depth, height, width = (1, 1, *view.layer.kernel_size)[-3:]
    width *= depth
    fits = max(height * len(view.rows), width * len(view.columns)) <= MAX_SIDE_CELLS
    return (height, width) if fits and height * width <= MAX_TILE_CELLS else (1, 1)


def _extents(sizes: Sequence[float], cells: int) -> list[Extent]:
    """Return where each block of ``cells`` cells begins and ends; between two blocks is one gap."""
    positions = edges(sizes)
    return [(positions[n], positions[n + cells]) for n in range(0, len(sizes), cells + 1)]


def _biases(
    view: TensorView, columns: Sequence[Extent], top: float, height: float, counted: Counted | None
) -> CellGrid:
    """Return the row of biases: one cell for each output channel, as wide as the kernels above."""
    sizes = [columns[0][1]]
    for (_, end), (start, next_end) in itertools.pairwise(columns):
        sizes += [start - end, next_end - start]
    cells = CellGrid(sizes, [height], top)
    for c, o in enumerate(view.columns):
        if o is not None:
            name = f"the bias of output channel {format_count(o + 1)}"
            if counted is None or o < counted.biases:
                cells.put(0, 2 * c, 1, "", f"{name}: {'counted' if counted else 'one number'}")
            else:
                cells.put(0, 2 * c, 0, LEFT_OUT, f"{name}: left out")
    return cells


def _put_kernel(
    cells: CellGrid,
    layer: ConvTranspose,
    pair: tuple[int, int],
    corner: tuple[int, int],
    size: tuple[int, int],
    counted: Counted | None,
) -> None:
    """Fill the cells of one kernel; a pair of channels without a kernel gets grey cells."""
    height, width = size
    channels = f"input channel {format_count(pair[0] + 1)} → output channel {format_count(pair[1] + 1)}"
    has_kernel = connected(layer, *pair)
    for row in range(height):
        for column in range(width):
            if counted:
                shade, text, hover = counted.cell(pair, row * width + column, exists=has_kernel)
                if text == "" and shade == 1 and height * width < layer.kernel_volume > counted.cells:
                    shade, text, hover = 0.75, "", f"{counted.cells} of its weights counted"
            elif not has_kernel:
                hover, shade, text = "no kernel: another group", 0.0, ""
            elif height * width < layer.kernel_volume:
                sizes, weights = format_product(layer.kernel_size), format_count(layer.kernel_volume)
                hover, shade, text = f"a kernel of {sizes} = {weights} weights", 0.5, ""
            else:
                # Shades below 0.1 are grey: those of the weights, 1 to 9, begin above.
                index, weight = _weight(layer, pair, row, column)
                hover, shade, text = f"weight{index} is {weight}", 0.09 + weight / 9 * 0.8, str(weight)
            cells.put(corner[0] + row, corner[1] + column, shade, text, f"{channels}<br>{hover}")


def _weight(layer: ConvTranspose, pair: tuple[int, int], row: int, column: int) -> tuple[list[int], int]:
    """Return the index in the weight tensor and the example value of one cell of a kernel."""
    height, width = (1, *layer.kernel_size)[-2:]
    depth, across = divmod(column, width)
    index = [*weight_index(layer, *pair), *(depth, row, across)[3 - layer.rank :]]
    return index, example_weight(*pair, (depth * height + row) * width + across)


def _channel_axes(
    view: TensorView, columns: Sequence[Extent], rows: Sequence[Extent], palette: Palette
) -> Spec:
    """Return the axes with the number of each channel that is drawn, and dots where channels are left out."""

    def channel_ticks(channels: Sequence[int | None], extents: Sequence[Extent]) -> Spec:
        texts = ["⋯" if channel is None else format_count(channel + 1) for channel in channels]
        return {"tickvals": [(low + high) / 2 for low, high in extents], "ticktext": texts, "showgrid": False}

    across = {
        **axis(palette, ()),
        **channel_ticks(view.columns, columns),
        "range": [-0.15, columns[-1][1] + 0.15],
        "side": "top",
        "title": title("output channel", palette),
    }
    down = {
        **axis(palette, ()),
        **channel_ticks(view.rows, rows),
        "title": title("input channel", palette),
    }
    return {"xaxis": across, "yaxis": down}


def _frame(across: Extent, down: Extent, palette: Palette) -> Spec:
    """Return the frame around the selected kernel."""
    distance = 0.12
    return {
        "type": "rect",
        "x0": across[0] - distance,
        "x1": across[1] + distance,
        "y0": down[0] - distance,
        "y1": down[1] + distance,
        "line": {"color": palette.here, "width": 3},
    }
