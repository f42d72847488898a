"""Figures of the lesson: what moves and what stays, and three numbers of one model."""

from collections.abc import Sequence

from calculator.charts.figure import Spec, UnvalidatedFigure, axis, figure, layout, title
from calculator.core.formatting import format_count
from calculator.core.totals import Tally
from calculator.palette import Palette

Variant = tuple[str, str, int, int]
"""What was moved, the output size, positions of it, and the parameters."""


def variants_figure(rows: Sequence[Variant], palette: Palette, *, counted: bool = True) -> UnvalidatedFigure:
    """Return two panels of bars, a row for each setting moved: the parameters, which stay, and the output.

    Not ``counted``, the first panel stays empty.
    """
    stay = [(format_count(count), count) for _, _, _, count in rows]
    move = [(size, positions) for _, size, positions, _ in rows]
    data = [
        _bars(stay if counted else [], "", palette.weights_fill, palette.weights),
        _bars(move, "2", palette.grid, palette.muted),
    ]
    down = _rows([label for label, *_ in rows], palette)
    panels = {
        "xaxis": {**_across(stay, palette), "domain": [0, 0.47], "title": title("parameters", palette)},
        "xaxis2": {
            **_across(move, palette),
            "domain": [0.53, 1],
            "anchor": "y2",
            "title": title("output size", palette),
        },
        "yaxis": down,
        "yaxis2": {**down, "anchor": "x2", "showticklabels": False, "matches": "y"},
    }
    return figure(data, layout(palette, 84 + 29 * len(rows), (130, 8, 40, 6), bargap=0.3, **panels))


def tally_figure(tallies: Sequence[Tally], palette: Palette) -> UnvalidatedFigure:
    """Return a bar for each of the three numbers of one model."""
    rows = [(format_count(item.value), item.value) for item in tallies]
    axes = {
        "xaxis": {**_across(rows, palette), "title": title("parameters", palette)},
        "yaxis": _rows([item.what for item in tallies], palette),
    }
    data = [_bars(rows, "", palette.weights_fill, palette.weights)]
    return figure(data, layout(palette, 90 + 54 * len(rows), (170, 8, 40, 6), bargap=0.3, **axes))


def _bars(rows: Sequence[tuple[str, int]], panel: str, fill: str, edge: str) -> Spec:
    return {
        "type": "bar",
        "orientation": "h",
        "xaxis": f"x{panel}",
        "yaxis": f"y{panel}",
        "y": list(range(len(rows))),
        "x": [float(value) for _, value in rows],
        "text": [text for text, _ in rows],
        "textposition": "auto",
        "textangle": 0,
        "cliponaxis": False,
        "insidetextanchor": "start",
        "constraintext": "none",
        "marker": {"color": fill, "line": {"color": edge, "width": 1}},
        "hovertemplate": "%{text}<extra></extra>",
    }


def _across(rows: Sequence[tuple[str, int]], palette: Palette) -> Spec:
    maximum = max((value for _, value in rows), default=0) or 1
    return {**axis(palette, [0.0]), "range": [0, maximum * 1.3], "side": "top", "ticktext": [""]}


def _rows(labels: Sequence[str], palette: Palette) -> Spec:
    return {
        **axis(palette, ()),
        "tickvals": list(range(len(labels))),
        "ticktext": list(labels),
        "tickfont": {"size": 14, "color": palette.text},
        "range": [len(labels) - 0.4, -0.6],
        "showgrid": False,
    }
