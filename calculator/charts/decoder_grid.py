"""The layers of a decoder as rows of parts, with marks on the parts that somebody counted wrongly."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from calculator.charts.figure import Spec, UnvalidatedFigure, axis, figure, layout
from calculator.charts.heatmap import CellGrid, edges
from calculator.charts.weight_grid import LEFT_OUT, LEGEND, TOO_MUCH
from calculator.palette import Palette

STATES = {
    "counted": (1.0, "", ""),
    "not counted": (0.0, "", "A part without colour and mark was not counted, which is right."),
    "left out": (0.0, LEFT_OUT, LEGEND[LEFT_OUT]),
    "too much": (1.0, TOO_MUCH, "A plus marks what is counted and should not be."),
    "another number": (1.0, "≠", "The sign ≠ marks what is counted with another number."),
}
"""Shade, mark and sentence of a part, by how it was counted. Only the first two are right."""

WIDE, NORM = (2.0, 2.0), (1.0, 1.0, 2.0)
"""The widths of weights and biases, and of the parts of a BatchNorm, in one row of four units."""

COLUMNS = {
    "weights": (WIDE, 0, "weights"),
    "biases": (WIDE, 1, "biases"),
    "scale": (NORM, 0, "scale"),
    "shift": (NORM, 1, "shift"),
    "mean and variance": (NORM, 2, "mean, variance"),
}
"""The widths in the row of each part, its column, and its name in the cell."""

GAP = 0.25
"""The height of the gap between two rows, whose height is 1."""


TOOLBAR = 48
"""Pixels above the rows, where the buttons of the chart stand."""


class DecoderRow(NamedTuple):
    """A layer: its ``name``, and the name of each of its parts with how it was counted, one of ``STATES``."""

    name: str
    parts: Sequence[tuple[str, str]]


def decoder_figure(rows: Sequence[DecoderRow], palette: Palette) -> UnvalidatedFigure:
    """Return a row for each layer of a decoder, in the order of the listing, with its parts as cells.

    A part that was counted is filled. A part that was counted wrongly has a mark and a thick frame.
    """
    down = ([1.0, GAP] * len(rows))[:-1]
    grids = {
        "weights": (CellGrid(WIDE, down), palette.weights_fill),
        "biases": (CellGrid(WIDE, down), palette.biases_fill),
        "": (CellGrid(NORM, down), palette.grid),
    }
    for index, row in enumerate(rows):
        for name, state in row.parts:
            shade, mark, _ = STATES[state]
            grid, _ = grids.get(name, grids[""])
            text = f"{mark} {COLUMNS[name][2]}" if mark else COLUMNS[name][2]
            grid.put(2 * index, COLUMNS[name][1], shade, text, f"layer {row.name}, {name}: {state}")
    data = [
        grid.trace([(0, palette.background), (1, fill)], 13, palette)
        for grid, fill in grids.values()
        if any(map(any, grid.texts))
    ]
    places = edges(down)[::2]
    axes = {
        "xaxis": {**axis(palette, ()), "range": [-0.03, 4.03], "showgrid": False, "ticktext": []},
        "yaxis": {
            **axis(palette, ()),
            "tickvals": [place + 0.5 for place in places],
            "ticktext": [f"{row.name}\u00a0" for row in rows],
            "range": [sum(down) + 0.04, -0.04],
            "showgrid": False,
        },
    }
    height = TOOLBAR + 6 + round(38 * sum(down))
    shapes = [*_frames(rows, palette, wrong=False), *_frames(rows, palette, wrong=True)]
    return figure(data, layout(palette, height, (106, 6, TOOLBAR, 6), shapes=shapes, **axes))


def decoder_legend(rows: Sequence[DecoderRow]) -> str:
    """Return a sentence for each mark that is in the figure, and for its parts without colour.

    >>> decoder_legend([DecoderRow("(0) 8 → 4", [("weights", "counted"), ("biases", "left out")])])
    'A cross marks what was left out.'
    """
    states = {state for row in rows for _, state in row.parts}
    return " ".join(sentence for state, (_, _, sentence) in STATES.items() if state in states and sentence)


def _frames(rows: Sequence[DecoderRow], palette: Palette, *, wrong: bool) -> Iterator[Spec]:
    """Yield the frames of the parts that were counted wrongly, or the frames of all other parts."""
    for index, row in enumerate(rows):
        top = index * (1 + GAP)
        for name, state in row.parts:
            if wrong == bool(STATES[state][1]):
                widths, column, _ = COLUMNS[name]
                left, right = edges(widths)[column : column + 2]
                line = {"color": palette.here, "width": 3} if wrong else {"color": palette.muted, "width": 1}
                yield {
                    "type": "rect",
                    "x0": left,
                    "x1": right,
                    "y0": top,
                    "y1": top + 1,
                    "line": line,
                }
