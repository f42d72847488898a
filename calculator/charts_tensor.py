"""The weight tensor as a grid of kernels: a row for each input channel, a column for each output channel."""

import itertools
from collections.abc import Sequence

from calculator.cells import Plane, blocks, edges
from calculator.chart_parts import Drawing, Spec, axis, figure, layout, title
from calculator.derivation import number, product
from calculator.layer import ConvTranspose
from calculator.palette import Palette
from calculator.tensor import TensorView, connected, example_weight, weight_index

TILE_CELLS = 36
"""A kernel with more weights than this is drawn as one tile."""


def tensor_figure(view: TensorView, palette: Palette) -> Drawing:
    """Return the grid of kernels, a row for each input channel, a column for each output channel.

    The highlighted kernel is framed; below stand the biases, one for each output channel. Pairs of
    channels in different groups have no kernel, and stay grey.
    """
    layer = view.layer
    shape = (1, 1, *layer.kernel_size)[-3:]
    high, wide = (shape[1], shape[0] * shape[2]) if layer.kernel_volume <= TILE_CELLS else (1, 1)
    gap = 0.45 if wide * high > 1 else 0.2
    kernels = Plane(blocks(len(view.columns), wide, gap), blocks(len(view.rows), high, gap))
    for r, i in enumerate(view.rows):
        for c, o in enumerate(view.columns):
            if i is not None and o is not None:
                _tile(kernels, layer, (i, o), (r * (high + 1), c * (wide + 1)), (high, wide))
    columns, rows = _tiles(kernels.across, wide), _tiles(kernels.down, high)
    shades = [(0, palette.grid), (0.099, palette.grid), (0.1, palette.scale[0]), (1, palette.scale[1])]
    size = 13 if len(kernels.across) <= 36 and wide * high > 1 else 0
    data, bottom = [kernels.trace(shades, size, palette)], rows[-1][1]
    names = _channel_axes(view, columns, rows, palette)
    if layer.bias:
        biases = _biases(view, columns, bottom + gap, 0.7 * high)
        fill = [(0.0, palette.biases_fill), (1.0, palette.biases_fill)]
        data.append(biases.trace(fill, 0, palette))
        names["yaxis"]["tickvals"].append(bottom + gap + 0.35 * high)
        names["yaxis"]["ticktext"].append("bias")
        bottom += gap + 0.7 * high
    names["yaxis"]["range"] = [bottom + 0.15, -0.15]
    frame = _frame(columns[view.columns.index(view.pair[1])], rows[view.rows.index(view.pair[0])], palette)
    return figure(data, layout(palette, 420, (58, 8, 46, 6), shapes=[frame], **names))


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
            plane.put(0, 2 * c, 1, "", f"the bias of output channel {number(o + 1)}: one number")
    return plane


def _tile(
    plane: Plane, layer: ConvTranspose, pair: tuple[int, int], corner: tuple[int, int], size: tuple[int, int]
) -> None:
    """Draw one kernel: a cell for each weight, or a single one for them all; grey where there is none."""
    high, wide = size
    names = f"input channel {number(pair[0] + 1)} → output channel {number(pair[1] + 1)}"
    joined = connected(layer, *pair)
    for row in range(high):
        for column in range(wide):
            tap = _tap(layer, row, column) if high * wide > 1 else 0
            weight = example_weight(*pair, tap)
            if not joined:
                told, shade, text = "no kernel: another group", 0.0, ""
            elif high * wide < layer.kernel_volume:
                told = f"a kernel of {product(layer.kernel_size)} = {number(layer.kernel_volume)} weights"
                shade, text = 0.5, ""
            else:
                where = ", ".join(str(place) for place in weight_index(layer, *pair))
                told, shade, text = (
                    f"weight[{where}, …] holds {weight}",
                    0.1 + weight / 9 * 0.8 - 0.01,
                    str(weight),
                )
            plane.put(corner[0] + row, corner[1] + column, shade, text, f"{names}<br>{told}")


def _tap(layer: ConvTranspose, row: int, column: int) -> int:
    """Return which weight of the kernel lies here; the slices of a volume lie side by side."""
    height, width = (1, *layer.kernel_size)[-2:]
    slice_, across = divmod(column, width)
    return (slice_ * height + row) * width + across


def _channel_axes(
    view: TensorView,
    columns: Sequence[tuple[float, float]],
    rows: Sequence[tuple[float, float]],
    palette: Palette,
) -> Spec:
    """Return the axes, a name at each channel that is shown and dots where some are left out."""

    def marks(shown: Sequence[int | None], places: Sequence[tuple[float, float]]) -> Spec:
        texts = ["⋯" if channel is None else number(channel + 1) for channel in shown]
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
