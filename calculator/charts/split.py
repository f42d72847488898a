"""Figures from frames: the split, the growth, the plane of channels.

Counts are drawn as floats and told exactly, as text, in labels and on hover.
"""

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from calculator.charts.figure import Spec, UnvalidatedFigure, figure, layout, note
from calculator.core.formatting import format_count, format_part
from calculator.palette import Palette

VISIBLE_SHARE = 0.2
"""A bias share below this is drawn a second time, magnified until it has room for its label on a phone."""


def split_figure(frame: pd.DataFrame, palette: Palette) -> UnvalidatedFigure:
    """Return the split into weights and biases, to scale; ``frame`` is ``sweeps.split``'s.

    A small bias share gets a second bar: the end of the first, magnified by a power of ten until it
    can be seen, with lines that show which end it is.
    """
    weights, biases = (int(count) for count in frame["count"])
    share = biases / (weights + biases)
    bars = _bar(1.0, share, weights, biases)
    shapes: list[Spec] = []
    notes: list[Spec] = []
    if 0 < share < VISIBLE_SHARE:
        zoom = magnification(share)
        # The magnified bar is only an end of the first: its weights are not all, so they get no count.
        bars += [bar._replace(whole=bar.part == "biases") for bar in _bar(0.0, share * zoom, weights, biases)]
        lens = f"M{1 - 1 / zoom},0.64 L1,0.64 L1,0.36 L0,0.36 Z"
        shapes.append({"type": "path", "path": lens, "fillcolor": palette.grid, "line": {"width": 0}})
        text = f"the last 1/{format_count(zoom)} of the bar, magnified"
        notes.append(note(text, x=0.5, y=0.5, font={"size": 13, "color": palette.muted}))
    hidden: Spec = {"visible": False, "fixedrange": True}
    rows = [-0.45, 1.45] if notes else [0.3, 1.7]
    axes = {"xaxis": {**hidden, "range": [-0.002, 1.002]}, "yaxis": {**hidden, "range": rows}}
    drawn = layout(palette, 120, (2, 2, 0, 0), barmode="overlay", shapes=shapes, annotations=notes, **axes)
    return figure([_bars(bars, palette)], drawn)


def magnification(share: float) -> int:
    """Return the least of 1, 2, 5, 10, 20, 50 … that makes ``share`` visible.

    >>> magnification(64 / 3136), magnification(0.15), magnification(0.5)
    (10, 2, 1)
    """
    power = 1
    while True:
        for round_number in (1, 2, 5):
            if share * round_number * power >= VISIBLE_SHARE:
                return round_number * power
        power *= 10


class Bar(NamedTuple):
    """One part of a bar: where it lies, the count it belongs to, and whether it is the whole of it."""

    row: float
    start: float
    length: float
    part: str
    total: int
    whole: bool = True


def _bar(row: float, share: float, weights: int, biases: int) -> list[Bar]:
    """Return one bar in which biases take ``share``; a part of length 0 is left out."""
    both = [
        Bar(row, 0.0, 1 - share, "weights", weights),
        Bar(row, 1 - share, share, "biases", biases),
    ]
    return [bar for bar in both if bar.length]


def _bars(bars: Sequence[Bar], palette: Palette) -> Spec:
    """Return all parts of all bars as one trace: every trace costs the browser a millisecond or two."""
    fills = {"weights": palette.weights_fill, "biases": palette.biases_fill}
    edges = {"weights": palette.weights, "biases": palette.biases}
    return {
        "type": "bar",
        "orientation": "h",
        "x": [bar.length for bar in bars],
        "base": [bar.start for bar in bars],
        "y": [bar.row for bar in bars],
        "width": 0.7,
        "marker": {
            "color": [fills[bar.part] for bar in bars],
            "line": {"color": [edges[bar.part] for bar in bars], "width": 1.5},
        },
        "text": [_bar_text(bar) for bar in bars],
        "textposition": "inside",
        "insidetextanchor": "middle",
        "textangle": 0,
        "constraintext": "none",
        "textfont": {"size": 15, "color": palette.text},
        "hovertext": [
            format_part(bar.total, bar.part) if bar.whole else f"some of the {bar.part}" for bar in bars
        ],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _bar_text(bar: Bar) -> str:
    """Return what fits on a part of the bar, down to the width of a phone."""
    text = format_part(bar.total, bar.part) if bar.whole else f"… {bar.part}"
    if bar.length > 0.4:
        return text
    return text.replace(" ", "<br>") if bar.length > 0.14 else ""
