"""Figures of the picture page: the two matrices, and the overlap. Each is one heat map."""

from collections.abc import Sequence
from typing import Any

from calculator.charts.figure import Spec, UnvalidatedFigure, figure, layout, note
from calculator.charts.heatmap import CellGrid, block_sizes, readable_size
from calculator.core.formatting import format_count, format_product, plural
from calculator.palette import Palette

Matrix = Sequence[Sequence[int]]
"""Rows of numbers."""


def matrices_figure(
    matrix: Matrix, palette: Palette, *, across: bool, presenting: bool = False
) -> UnvalidatedFigure:
    """Return the matrix of a convolution and its transpose: side by side if ``across``, else stacked.

    The first row of the matrix becomes the first column of the transpose, so both are framed. Empty cells are
    zeros. With ``presenting``, digits are only written where they can be large.
    """
    rows, columns = len(matrix), len(matrix[0])
    longer = max(rows, columns)
    # The gap has room for a line of text of 24 pixels, however small the cells are on a phone.
    gap = 2 if across else -(-24 * longer // 330)
    left, top = (columns + gap, 0) if across else (0, rows + gap)
    cells = CellGrid(
        [1.0] * (left + (rows if across else longer)), [1.0] * (longer if across else top + columns)
    )
    maximum = max(max(row) for row in matrix)
    for j, row in enumerate(matrix):
        for t, value in enumerate(row):
            shade = value / maximum * 0.9 + 0.1 if value else 0.0
            text = str(value) if value else ""
            cells.put(j, t, shade, text, f"C[{j}, {t}] = {value}")
            cells.put(top + t, left + j, shade, text, f"Cᵀ[{t}, {j}] = {value}")
    shades = [(0, palette.background), (0.1, palette.scale[0]), (1, palette.scale[1])]
    height = 420 if across else 560
    pixels = min((800 if across else 330) / len(cells.across), (height - 40) / len(cells.down))
    text_size = readable_size(len(str(maximum)), pixels, pixels, presenting=presenting)
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
    ends = [-0.2, len(cells.across) + 0.2], [len(cells.down) + 0.2, -0.2]
    axes = _square_cells(*ends)
    figure_layout = layout(palette, height, (4, 4, 28, 4), shapes=shapes, annotations=notes, **axes)
    return figure([cells.trace(shades, text_size, palette)], figure_layout)


def _outline(corner: tuple[float, float], size: tuple[float, float], colour: str, width: int) -> Spec:
    """Return a frame around cells; ``corner`` is its upper left corner, ``size`` its width and height."""
    return {
        "type": "rect",
        "x0": corner[0],
        "x1": corner[0] + size[0],
        "y0": corner[1],
        "y1": corner[1] + size[1],
        "line": {"color": colour, "width": width},
    }


def _square_cells(across: list[float], down: list[float]) -> Spec:
    """Return hidden axes over these ranges on which cells of size 1 are square."""
    hidden: dict[str, Any] = {"visible": False, "fixedrange": True}
    return {
        "xaxis": {**hidden, "range": across, "constrain": "domain"},
        "yaxis": {**hidden, "range": down, "scaleanchor": "x", "constrain": "domain"},
    }


def overlap_figure(
    counts: Sequence[Sequence[int]], palette: Palette, *, across: int, presenting: bool = False
) -> UnvalidatedFigure:
    """Return the number of products added up in each output position; slices of a volume are side by side.

    ``counts`` are the numbers along each axis; the number in a position is their product. Positions without a
    product are orange. ``across`` is the number of cells of about 20 pixels that fit side by side. With
    ``presenting``, digits are only written where they can be large.
    """
    depth, rows, columns = ((1,), (1,), *counts)[-3:]
    slices_in_row = min(len(depth), max(1, across // (len(columns) + 1)))
    slice_rows = -(-len(depth) // slices_in_row)
    cells = CellGrid(block_sizes(slices_in_row, len(columns), 0.8), block_sizes(slice_rows, len(rows), 0.8))
    maximum = max(depth) * max(rows) * max(columns)
    for d, along_depth in enumerate(depth):
        slice_row, slice_column = divmod(d, slices_in_row)
        for r, along_rows in enumerate(rows):
            for c, along_columns in enumerate(columns):
                count = along_depth * along_rows * along_columns
                shade = 0.1 + 0.9 * count / maximum if count else 0.0
                factors = (along_depth, along_rows, along_columns)[3 - len(counts) :]
                product = f"{format_product(factors)} = " if len(factors) > 1 else ""
                position = slice_row * (len(rows) + 1) + r, slice_column * (len(columns) + 1) + c
                cells.put(*position, shade, format_count(count), product + plural(count, "product"))
    shades = [
        (0, palette.biases_fill),
        (0.099, palette.biases_fill),
        (0.1, palette.scale[0]),
        (1, palette.scale[1]),
    ]
    height = 130 if len(counts) == 1 else 420
    width, total_height = sum(cells.across), sum(cells.down)
    pixels = min(19 * across / width, (height - 12) / total_height)
    text_size = readable_size(len(format_count(maximum)), pixels, pixels, presenting=presenting)
    axes = _square_cells([-0.1, width + 0.1], [total_height + 0.1, -0.1])
    return figure([cells.trace(shades, text_size, palette)], layout(palette, height, (4, 4, 4, 4), **axes))
