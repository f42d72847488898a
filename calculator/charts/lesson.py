"""Bar charts of the lesson: a layer after changes that keep its count, and the three totals of a model."""

from collections.abc import Sequence
from typing import Any

from calculator.charts.figure import Spec, UnvalidatedFigure, axis, figure, layout, title
from calculator.core.formatting import format_count
from calculator.core.totals import Tally
from calculator.palette import Palette

Variant = tuple[str, str, int, int]
"""The change of the layer, its output size, its number of output positions, and its parameters."""


MAX_LABEL = 15
"""The letters of a label that fit beside the bars of both panels."""

SHORT_LABELS, LONG_LABELS = (0.5, 1.3), (0.12, 14.0)
"""Where the first panel ends, and the length of the second axis in lengths of its longest bar.

Long labels have no room beside the bars of the first panel: the second has all of it.
"""

TEXT, PRESENTED_TEXT = 14, 18
"""The font size on a bar. A presenter's figure is enlarged, and its numbers are then 24 pixels high."""


def variants_figure(
    rows: Sequence[Variant], palette: Palette, *, counted: bool = True, presenting: bool = False
) -> UnvalidatedFigure:
    """Return two panels of bars with a row for each change: the parameters, and the output positions.

    The panel of the parameters is empty unless ``counted``. The numbers are larger when ``presenting``. A
    count without room at each of its bars, which are all of one length, is written once above them.
    """
    parameters = [(format_count(count), count) for _, _, _, count in rows]
    outputs = [(size, positions) for _, size, positions, _ in rows]
    is_long = max((len(text) for text, _ in [*parameters, *outputs]), default=0) > MAX_LABEL
    name = "parameters"
    middle, room = LONG_LABELS if is_long else SHORT_LABELS
    if is_long:
        name = parameters[0][0] if counted else name
        parameters = [("", count) for _, count in parameters]
    weights = palette.weights_fill, palette.weights
    data = [
        _bars(parameters if counted else [], "", weights, palette, presenting=presenting),
        _bars(outputs, "2", (palette.grid, palette.muted), palette, presenting=presenting),
    ]
    row_axis = _row_axis([label for label, *_ in rows], palette)
    panels = {
        "xaxis": {
            **_value_axis(parameters, palette),
            "domain": [0, middle - 0.03],
            "title": title(name, palette),
        },
        "xaxis2": {
            **_value_axis(outputs, palette, room),
            "domain": [middle + 0.03, 1],
            "anchor": "y2",
            "title": title("output size", palette),
        },
        "yaxis": row_axis,
        "yaxis2": {**row_axis, "anchor": "x2", "showticklabels": False, "matches": "y"},
    }
    return figure(data, layout(palette, 84 + 29 * len(rows), (130, 8, 40, 6), bargap=0.3, **panels))


def tally_figure(
    tallies: Sequence[Tally], palette: Palette, *, presenting: bool = False
) -> UnvalidatedFigure:
    """Return a bar for each of the three totals of one model; the numbers are larger when ``presenting``."""
    rows = [(format_count(item.value), item.value) for item in tallies]
    axes = {
        "xaxis": {**_value_axis(rows, palette), "title": title("parameters", palette)},
        "yaxis": _row_axis([item.what for item in tallies], palette),
    }
    data = [_bars(rows, "", (palette.weights_fill, palette.weights), palette, presenting=presenting)]
    return figure(data, layout(palette, 90 + 54 * len(rows), (170, 8, 40, 6), bargap=0.3, **axes))


def _bars(
    rows: Sequence[tuple[str, int]],
    panel: str,
    colours: tuple[str, str],
    palette: Palette,
    *,
    presenting: bool,
) -> Spec:
    """Return horizontal bars for rows of label and value; ``panel`` is the suffix of their axes.

    ``colours`` are those of the inside and of the edge.
    """
    fill, edge = colours
    return bar_trace(
        palette,
        textfont={"color": palette.text, "size": PRESENTED_TEXT if presenting else TEXT},
        xaxis=f"x{panel}",
        yaxis=f"y{panel}",
        y=list(range(len(rows))),
        # A bar may be rounded to a float, as no one sees it; its label has the exact digits.
        x=[float(value) for _, value in rows],
        text=[text for text, _ in rows],
        marker={"color": fill, "line": {"color": edge, "width": 1}},
        hovertemplate="%{text}<extra></extra>",
    )


def bar_trace(palette: Palette, **more: Any) -> Spec:
    """Return horizontal bars with their texts inside, or behind them where they do not fit."""
    return {
        "type": "bar",
        "orientation": "h",
        "textposition": "auto",
        "textfont": {"color": palette.text},
        "textangle": 0,
        "cliponaxis": False,
        "insidetextanchor": "start",
        "constraintext": "none",
        **more,
    }


def _value_axis(rows: Sequence[tuple[str, int]], palette: Palette, room: float = 1.3) -> Spec:
    """Return the axis of the values, without ticks. It is ``room`` times as long as the longest bar."""
    maximum = max((value for _, value in rows), default=0) or 1
    return {**axis(palette, [0.0]), "range": [0, maximum * room], "side": "top", "ticktext": [""]}


def _row_axis(labels: Sequence[str], palette: Palette) -> Spec:
    """Return the axis of the rows, with the first row at the top."""
    return {
        **axis(palette, ()),
        "tickvals": list(range(len(labels))),
        # A space keeps a label away from its bar.
        "ticktext": [f"{label}\u00a0" for label in labels],
        "tickfont": {"size": 14, "color": palette.text},
        "range": [len(labels) - 0.4, -0.6],
        "showgrid": False,
    }
