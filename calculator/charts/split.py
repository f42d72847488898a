"""The split of the parameters into weights and biases, as bars to scale.

Lengths are drawn as floats; the exact counts are texts in the bars and on hover.
"""

from collections.abc import Sequence
from typing import NamedTuple

from calculator.charts.figure import Spec, UnvalidatedFigure, figure, layout, note
from calculator.core.formatting import format_count, noun_for
from calculator.palette import Palette

VISIBLE_SHARE = 0.2
"""A smaller share of biases is drawn a second time, magnified so that its label has room on a phone."""

ONE_LINE_LENGTH, TWO_LINES_LENGTH = 0.4, 0.14
"""The shortest parts of a bar, as shares of its length, with room for their label in one line and in two."""


def split_figure(weights: int, biases: int, palette: Palette) -> UnvalidatedFigure:
    """Return the split into that many weights and biases, to scale.

    A small share of biases gets a second bar: the end of the first bar, magnified by a round factor, with
    lines that connect the two.
    """
    share = biases / (weights + biases)
    parts = _bar_parts(1.0, share, weights, biases)
    shapes: list[Spec] = []
    notes: list[Spec] = []
    if 0 < share < VISIBLE_SHARE:
        zoom = magnification(share)
        # The magnified bar contains only some of the weights, so it has no count of weights.
        parts += [
            part._replace(complete=part.name == "biases")
            for part in _bar_parts(0.0, share * zoom, weights, biases)
        ]
        lens = f"M{1 - 1 / zoom},0.64 L1,0.64 L1,0.36 L0,0.36 Z"
        shapes.append({"type": "path", "path": lens, "fillcolor": palette.grid, "line": {"width": 0}})
        text = f"the last 1/{format_count(zoom)} of the bar, magnified"
        notes.append(note(text, x=0.5, y=0.5, font={"size": 13, "color": palette.muted}))
    hidden: Spec = {"visible": False, "fixedrange": True}
    rows = [-0.45, 1.45] if notes else [0.3, 1.7]
    axes = {"xaxis": {**hidden, "range": [-0.002, 1.002]}, "yaxis": {**hidden, "range": rows}}
    bar_layout = layout(
        palette, 120, (2, 2, 0, 0), barmode="overlay", shapes=shapes, annotations=notes, **axes
    )
    return figure([_trace(parts, palette)], bar_layout)


def magnification(share: float) -> int:
    """Return the smallest of 1, 2, 5, 10, 20, 50 … that magnifies ``share`` to ``VISIBLE_SHARE`` or more.

    >>> magnification(64 / 3136), magnification(0.15), magnification(0.5)
    (10, 2, 1)
    """
    power = 1
    while True:
        for round_number in (1, 2, 5):
            if share * round_number * power >= VISIBLE_SHARE:
                return round_number * power
        power *= 10


NOUNS = {"weights": "weight", "biases": "bias"}
"""The noun for one of each part."""


class BarPart(NamedTuple):
    """One part of a bar: its position, name and total, and whether the bar contains all of that total."""

    row: float
    start: float
    length: float
    name: str
    total: int
    complete: bool = True

    def label(self) -> tuple[str, str]:
        """Return the count and the noun; of an incomplete part, an ellipsis and the noun."""
        if not self.complete:
            return "…", self.name
        return format_count(self.total), noun_for(self.total, NOUNS[self.name])


def _bar_parts(row: float, share: float, weights: int, biases: int) -> list[BarPart]:
    """Return the parts of one bar in which biases take ``share``; a part of length 0 is left out."""
    parts = [
        BarPart(row, 0.0, 1 - share, "weights", weights),
        BarPart(row, 1 - share, share, "biases", biases),
    ]
    return [part for part in parts if part.length]


def _trace(parts: Sequence[BarPart], palette: Palette) -> Spec:
    """Return all parts of all bars as one trace: every trace costs the browser a millisecond or two."""
    fills = {"weights": palette.weights_fill, "biases": palette.biases_fill}
    edges = {"weights": palette.weights, "biases": palette.biases}
    return {
        "type": "bar",
        "orientation": "h",
        "x": [part.length for part in parts],
        "base": [part.start for part in parts],
        "y": [part.row for part in parts],
        "width": 0.7,
        "marker": {
            "color": [fills[part.name] for part in parts],
            "line": {"color": [edges[part.name] for part in parts], "width": 1.5},
        },
        "text": [_text(part) for part in parts],
        "textposition": "inside",
        "insidetextanchor": "middle",
        "textangle": 0,
        "constraintext": "none",
        "textfont": {"size": 15, "color": palette.text},
        "hovertext": [
            " ".join(part.label()) if part.complete else f"some of the {part.name}" for part in parts
        ],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _text(part: BarPart) -> str:
    """Return the label in one or two lines, or an empty text, whichever fits even on a phone."""
    if part.length > ONE_LINE_LENGTH:
        return " ".join(part.label())
    return "<br>".join(part.label()) if part.length > TWO_LINES_LENGTH else ""
