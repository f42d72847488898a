"""The weight tensor as a grid of kernels: a row for each input channel, a column for each output channel."""

import itertools
from collections.abc import Sequence

from calculator.charts.figure import Spec, UnvalidatedFigure, axis, figure, layout, title
from calculator.charts.heatmap import Plane, blocks, edges, readable
from calculator.core.formatting import format_count, format_product
from calculator.core.layer import ConvTranspose
from calculator.geometry.weight_grid import TensorView, connected, example_weight, weight_index
from calculator.palette import Palette

WRITTEN = 150
"""With more weights than this only the framed kernel has its digits: each text costs the browser time."""

TILE_CELLS = 36
"""A kernel with more weights than this is drawn as one tile."""

LINE_CELLS = 120
"""So are all kernels where more weights than this would lie along a side of the grid."""


def tensor_figure(view: TensorView, palette: Palette) -> UnvalidatedFigure:
    """Return the grid of kernels, a row for each input channel, a column for each output channel.

    The highlighted kernel is framed; below stand the biases, one for each output channel. Pairs of
    channels in different groups have no kernel, and stay grey.
    """
    layer = view.layer
    high, wide = _size(view)
    gap = 0.45 if wide * high > 1 else 0.2
    kernels = Plane(blocks(len(view.columns), wide, gap), blocks(len(view.rows), high, gap))
    for r, i in enumerate(view.rows):
        for c, o in enumerate(view.columns):
            if i is not None and o is not None:
                _tile(kernels, layer, (i, o), (r * (high + 1), c * (wide + 1)), (high, wide))
    if view.kernels_shown * high * wide > WRITTEN:
        row, column = view.rows.index(view.pair[0]), view.columns.index(view.pair[1])
        kernels.write_only(row * (high + 1), column * (wide + 1), high, wide)
    columns, rows = _tiles(kernels.across, wide), _tiles(kernels.down, high)
    shades = [(0, palette.grid), (0.099, palette.grid), (0.1, palette.scale[0]), (1, palette.scale[1])]
    names = _channel_axes(view, columns, rows, palette)
    below = rows[-1][1] + gap
    bottom = below + 0.7 * high if layer.bias else rows[-1][1]
    names["yaxis"]["range"] = [bottom + 0.15, -0.15]
    # The grid is narrowest on a phone; with more columns it is one beside the controls.
    room = (270 if len(columns) <= 6 else 430) / columns[-1][1], 360 / bottom
    data = [kernels.trace(shades, readable(1, *room) if wide * high > 1 else 0, palette)]
    if layer.bias:
        biases = _biases(view, columns, below, 0.7 * high)
        data.append(biases.trace([(0, palette.biases_fill), (1, palette.biases_fill)], 0, palette))
        names["yaxis"]["tickvals"].append(below + 0.35 * high)
        names["yaxis"]["ticktext"].append("bias")
    frame = _frame(columns[view.columns.index(view.pair[1])], rows[view.rows.index(view.pair[0])], palette)
    return figure(data, layout(palette, 420, (58, 8, 46, 6), shapes=[frame], **names))


def _size(view: TensorView) -> tuple[int, int]:
    """Return how many cells high and wide a kernel is drawn: one for each weight, or a single one."""
    depth, high, wide = (1, 1, *view.layer.kernel_size)[-3:]
    wide *= depth
    fits = max(high * len(view.rows), wide * len(view.columns)) <= LINE_CELLS
    return (high, wide) if fits and high * wide <= TILE_CELLS else (1, 1)


def _tiles(sizes: Sequence[float], cells: int) -> list[tuple[float, float]]:
    """Return where each block of ``cells`` begins and ends."""
    places = edges(sizes)
    return [(places[n], places[n + cells]) for n in range(0, len(sizes), cells + 1)]


def _biases(view: TensorView, columns: Sequence[tuple[float, float]], top: float, high: float) -> Plane:
    """Return the row of biases, a cell for each output channel as wide as its kernels."""
    sizes = [columns[0][1]]
    for (_, end), (start, after) in itertools.pairwise(columns):
        sizes += [start - end, after - start]
    plane = Plane(sizes, [high], top)
    for c, o in enumerate(view.columns):
        if o is not None:
            plane.put(0, 2 * c, 1, "", f"the bias of output channel {format_count(o + 1)}: one number")
    return plane


def _tile(
    plane: Plane, layer: ConvTranspose, pair: tuple[int, int], corner: tuple[int, int], size: tuple[int, int]
) -> None:
    """Draw one kernel: a cell for each weight, or a single one for them all; grey where there is none."""
    high, wide = size
    names = f"input channel {format_count(pair[0] + 1)} → output channel {format_count(pair[1] + 1)}"
    joined = connected(layer, *pair)
    for row in range(high):
        for column in range(wide):
            if not joined:
                told, shade, text = "no kernel: another group", 0.0, ""
            elif high * wide < layer.kernel_volume:
                told = (
                    f"a kernel of {format_product(layer.kernel_size)} = "
                    f"{format_count(layer.kernel_volume)} weights"
                )
                shade, text = 0.5, ""
            else:
                where, weight = _weight(layer, pair, row, column)
                told, shade, text = f"weight{where} holds {weight}", 0.09 + weight / 9 * 0.8, str(weight)
            plane.put(corner[0] + row, corner[1] + column, shade, text, f"{names}<br>{told}")


def _weight(layer: ConvTranspose, pair: tuple[int, int], row: int, column: int) -> tuple[list[int], int]:
    """Return the index of the weight that lies here, and the weight; slices of a volume lie side by side."""
    height, width = (1, *layer.kernel_size)[-2:]
    depth, across = divmod(column, width)
    where = [*weight_index(layer, *pair), *(depth, row, across)[3 - layer.rank :]]
    return where, example_weight(*pair, (depth * height + row) * width + across)


def _channel_axes(
    view: TensorView,
    columns: Sequence[tuple[float, float]],
    rows: Sequence[tuple[float, float]],
    palette: Palette,
) -> Spec:
    """Return the axes, a name at each channel that is shown and dots where some are left out."""

    def marks(shown: Sequence[int | None], places: Sequence[tuple[float, float]]) -> Spec:
        texts = ["⋯" if channel is None else format_count(channel + 1) for channel in shown]
        return {"tickvals": [(low + high) / 2 for low, high in places], "ticktext": texts, "showgrid": False}

    across = {
        **axis(palette, ()),
        **marks(view.columns, columns),
        "range": [-0.15, columns[-1][1] + 0.15],
        "side": "top",
        "title": title("output channel", palette),
    }
    down = {
        **axis(palette, ()),
        **marks(view.rows, rows),
        "title": title("input channel", palette),
    }
    return {"xaxis": across, "yaxis": down}


def _frame(across: tuple[float, float], down: tuple[float, float], palette: Palette) -> Spec:
    edge = 0.12
    return {
        "type": "rect",
        "x0": across[0] - edge,
        "x1": across[1] + edge,
        "y0": down[0] - edge,
        "y1": down[1] + edge,
        "line": {"color": palette.here, "width": 3},
    }
