"""The plane of input and output channels: curves of equal count, and the layer's own."""

import math
from collections.abc import Sequence

import pandas as pd

from calculator.charts.figure import Spec, UnvalidatedFigure, axis, figure, layout, title
from calculator.core.formatting import format_count
from calculator.palette import Palette


def plane_figure(
    frame: pd.DataFrame, lines: pd.DataFrame, here: tuple[int, int, int], palette: Palette
) -> UnvalidatedFigure:
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
            [
                f"{format_count(i)} → {format_count(o)}<br><b>{format_count(totals[i, o])}</b> parameters"
                for i in across
            ]
            for o in up
        ],
        "hovertemplate": "%{text}<extra></extra>",
        "colorscale": [[0, palette.scale[0]], [1, palette.scale[1]]],
        "showscale": False,
    }


def _doubling_ticks(side: Sequence[int]) -> tuple[int, ...]:
    return tuple(side[:: max(1, -(-len(side) // 7))])


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
            labels.append((*seen[len(seen) // 2], format_count(total)))
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
        "text": [f"<b>{format_count(here[2])}</b>" if point == me else "" for point in points],
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
