"""Figures from frames: the split, the growth, the plane of channels.

Counts are drawn as floats and told exactly, as text, in labels and on hover.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from calculator.chart_parts import Drawing, Spec, axis, figure, layout, note, title
from calculator.charts_growth import Panel, growth_figure
from calculator.derivation import number, part_text
from calculator.palette import Palette

__all__ = ["Panel", "growth_figure", "plane_figure", "split_figure"]

VISIBLE_SHARE = 0.2
"""A bias share below this is drawn a second time, magnified until it has room for its label on a phone."""


def split_figure(frame: pd.DataFrame, palette: Palette) -> Drawing:
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
        text = f"the last 1/{number(zoom)} of the bar, magnified"
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
            part_text(bar.total, bar.part) if bar.whole else f"some of the {bar.part}" for bar in bars
        ],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _bar_text(bar: Bar) -> str:
    """Return what fits on a part of the bar, down to the width of a phone."""
    text = part_text(bar.total, bar.part) if bar.whole else f"… {bar.part}"
    if bar.length > 0.4:
        return text
    return text.replace(" ", "<br>") if bar.length > 0.14 else ""


def plane_figure(
    frame: pd.DataFrame, lines: pd.DataFrame, here: tuple[int, int, int], palette: Palette
) -> Drawing:
    """Return the plane of input × output channels, both doubling, with lines of equal count.

    ``frame`` is ``sweeps.plane_grid``'s, ``lines`` ``sweeps.equal_count_lines``'s; ``here`` is the
    layer's in_channels, out_channels and parameter count, whose own line is drawn heavier.
    """
    across, up = sorted(set(frame["in_channels"])), sorted(set(frame["out_channels"]))
    rounds = lines[lines["total"] != here[2]]
    own = lines[lines["total"] == here[2]]
    data = [
        _cells(frame, across, up, palette),
        *_equal_counts(rounds, (up[0], up[-1]), palette),
        _own_line(own, here, palette),
    ]
    spans = [[math.log10(side[0]) - 0.08, math.log10(side[-1]) + 0.08] for side in (across, up)]
    axes: Spec = {
        f"{letter}axis": axis(
            palette, _doubling_ticks(side), title=title(name, palette), type="log", range=span, showgrid=False
        )
        for letter, side, name, span in zip(
            "xy", (across, up), ("input channels", "output channels"), spans, strict=True
        )
    }
    return figure(data, layout(palette, 420, (66, 16, 12, 48), **axes))


def _doubling_ticks(side: Sequence[int]) -> tuple[int, ...]:
    return tuple(side[:: max(1, -(-len(side) // 7))])


def _cells(frame: pd.DataFrame, across: Sequence[int], up: Sequence[int], palette: Palette) -> Spec:
    """Return the grid as a heat map whose hover tells the exact counts."""
    columns = [frame[name].tolist() for name in ("in_channels", "out_channels", "parameters")]
    totals = {(i, o): total for i, o, total in zip(*columns, strict=True)}
    return {
        "type": "heatmap",
        "x": list(across),
        "y": list(up),
        "z": [[math.log10(totals[i, o]) for i in across] for o in up],
        "text": [
            [f"{number(i)} → {number(o)}<br><b>{number(totals[i, o])}</b> parameters" for i in across]
            for o in up
        ],
        "hovertemplate": "%{text}<extra></extra>",
        "colorscale": [[0, palette.scale[0]], [1, palette.scale[1]]],
        "showscale": False,
    }


def _equal_counts(lines: pd.DataFrame, ends: tuple[int, int], palette: Palette) -> list[Spec]:
    """Return the round lines as one trace with gaps, and their labels in the middle of what is seen."""
    x: list[float | None] = []
    y: list[float | None] = []
    labels: list[tuple[float, float, str]] = []
    for total in sorted(set(lines["total"])):
        table = lines[lines["total"] == total]
        points = list(zip(table["in_channels"].tolist(), table["out_channels"].tolist(), strict=True))
        x += [*(point[0] for point in points), None]
        y += [*(point[1] for point in points), None]
        seen = [point for point in points if ends[0] <= point[1] <= ends[1]]
        if seen:
            labels.append((*seen[len(seen) // 2], number(total)))
    common = {"type": "scatter", "hoverinfo": "skip"}
    return [
        {**common, "mode": "lines", "x": x, "y": y, "line": {"color": palette.muted, "width": 1}},
        {
            **common,
            "mode": "text",
            "x": [label[0] for label in labels],
            "y": [label[1] for label in labels],
            "text": [label[2] for label in labels],
            "textposition": "top right",
            "textfont": {"size": 13, "color": palette.text},
        },
    ]


def _own_line(own: pd.DataFrame, here: tuple[int, int, int], palette: Palette) -> Spec:
    """Return the line of the layer's own count, its own point on it, and the exact total."""
    points = [(float(i), float(o)) for i, o in zip(own["in_channels"], own["out_channels"], strict=True)]
    me = (float(here[0]), float(here[1]))
    points = sorted({*points, me})
    return {
        "type": "scatter",
        "mode": "lines+markers+text",
        "x": [x for x, _ in points],
        "y": [y for _, y in points],
        "text": [f"<b>{number(here[2])}</b>" if point == me else "" for point in points],
        "textposition": "top left" if here[0] ** 2 > points[-1][0] else "top right",
        "textfont": {"size": 16, "color": palette.text},
        "line": {"color": palette.here, "width": 2.5},
        "marker": {
            "size": [14 if point == me else 0 for point in points],
            "color": palette.here,
            "line": {"color": palette.background, "width": [2 if point == me else 0 for point in points]},
            "opacity": 1,
        },
        "hoverinfo": "skip",
        "cliponaxis": True,
    }
