"""Figures of the picture page: the two matrices and the overlap. Each is one heat map."""

from collections.abc import Sequence
from typing import Any

from calculator.charts.figure import Spec, UnvalidatedFigure, figure, layout, note
from calculator.charts.heatmap import Plane, blocks, readable
from calculator.core.formatting import format_count, format_product, plural
from calculator.palette import Palette

Matrix = Sequence[Sequence[int]]


def matrices_figure(matrix: Matrix, palette: Palette, *, across: bool) -> UnvalidatedFigure:
    """Return a convolution's matrix and its transpose, side by side or one below the other.

    The first row of one is the first column of the other: both are framed. Empty cells are zeros.
    """
    rows, columns = len(matrix), len(matrix[0])
    long = max(rows, columns)
    # Between the two a line of text has room, however small the cells.
    gap = 2 if across else -(-24 * long // 330)
    left, top = (columns + gap, 0) if across else (0, rows + gap)
    plane = Plane([1.0] * (left + (rows if across else long)), [1.0] * (long if across else top + columns))
    maximum = max(max(row) for row in matrix)
    for j, row in enumerate(matrix):
        for t, value in enumerate(row):
            shade = value / maximum * 0.9 + 0.1 if value else 0.0
            text = str(value) if value else ""
            plane.put(j, t, shade, text, f"C[{j}, {t}] = {value}")
            plane.put(top + t, left + j, shade, text, f"Cᵀ[{t}, {j}] = {value}")
    shades = [(0, palette.background), (0.1, palette.scale[0]), (1, palette.scale[1])]
    height = 420 if across else 560
    cell = min((800 if across else 330) / len(plane.across), (height - 40) / len(plane.down))
    size = readable(len(str(maximum)), cell, cell)
    names = [
        (0, 0, f"C, the convolution: {columns} in, {rows} out"),
        (left, top, f"Cᵀ, the transposed one: {rows} in, {columns} out"),
    ]
    notes = [
        note(text, x=x, y=y - 0.1, xanchor="left", yanchor="bottom", font={"size": 14})
        for x, y, text in names
    ]
    shapes = [
        _outline((0, 0), (columns, rows), palette.muted, 1),
        _outline((left, top), (rows, columns), palette.muted, 1),
        _outline((0, 0), (columns, 1), palette.weights, 3),
        _outline((left, top), (1, columns), palette.weights, 3),
    ]
    ends = [-0.2, len(plane.across) + 0.2], [len(plane.down) + 0.2, -0.2]
    drawn = layout(palette, height, (4, 4, 28, 4), shapes=shapes, annotations=notes, **_square(*ends))
    return figure([plane.trace(shades, size, palette)], drawn)


def _outline(corner: tuple[float, float], size: tuple[float, float], colour: str, width: int) -> Spec:
    return {
        "type": "rect",
        "x0": corner[0],
        "x1": corner[0] + size[0],
        "y0": corner[1],
        "y1": corner[1] + size[1],
        "line": {"color": colour, "width": width},
    }


def _square(across: list[float], down: list[float]) -> Spec:
    """Return hidden axes whose cells are square."""
    hidden: dict[str, Any] = {"visible": False, "fixedrange": True}
    return {
        "xaxis": {**hidden, "range": across, "constrain": "domain"},
        "yaxis": {**hidden, "range": down, "scaleanchor": "x", "constrain": "domain"},
    }


def overlap_figure(counts: Sequence[Sequence[int]], palette: Palette, *, across: int) -> UnvalidatedFigure:
    """Return how many products meet at each output position, with slices of a volume side by side.

    ``counts`` holds the counts along each axis: at a position, they multiply. Holes stand out.
    ``across`` is how many cells of about 20 pixels fit side by side.
    """
    depth, rows, columns = ((1,), (1,), *counts)[-3:]
    beside = min(len(depth), max(1, across // (len(columns) + 1)))
    lines = -(-len(depth) // beside)
    plane = Plane(blocks(beside, len(columns), 0.8), blocks(lines, len(rows), 0.8))
    maximum = max(depth) * max(rows) * max(columns)
    for d, deep in enumerate(depth):
        line, place = divmod(d, beside)
        for r, row in enumerate(rows):
            for c, column in enumerate(columns):
                count = deep * row * column
                shade = 0.1 + 0.9 * count / maximum if count else 0.0
                factors = (deep, row, column)[3 - len(counts) :]
                told = f"{format_product(factors)} = " if len(factors) > 1 else ""
                told += plural(count, "product")
                position = line * (len(rows) + 1) + r, place * (len(columns) + 1) + c
                plane.put(*position, shade, format_count(count), told)
    shades = [
        (0, palette.biases_fill),
        (0.099, palette.biases_fill),
        (0.1, palette.scale[0]),
        (1, palette.scale[1]),
    ]
    height = 130 if len(counts) == 1 else 420
    wide, high = sum(plane.across), sum(plane.down)
    cell = min(19 * across / wide, (height - 12) / high)
    size = readable(len(format_count(maximum)), cell, cell)
    ends = [-0.1, wide + 0.1], [high + 0.1, -0.1]
    drawn = layout(palette, height, (4, 4, 4, 4), **_square(*ends))
    return figure([plane.trace(shades, size, palette)], drawn)
