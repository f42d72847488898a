"""The plane of input and output channels, with curves of equal count and the layer's own curve."""

import math
from collections.abc import Sequence

import pandas as pd

from calculator.charts.figure import Spec, UnvalidatedFigure, axis, figure, layout, title
from calculator.core.formatting import format_count
from calculator.palette import Palette

MAX_TICKS = 7
"""Ticks on one side of the plane: more would not fit on a phone."""


def plane_figure(
    frame: pd.DataFrame, lines: pd.DataFrame, own: tuple[int, int, int], palette: Palette
) -> UnvalidatedFigure:
    """Return the plane of input × output channels, both logarithmic, with lines of equal count.

    ``frame`` is the table ``sweeps.plane_grid``, ``lines`` the table ``sweeps.equal_count_lines``. ``own`` is
    the layer's in_channels, out_channels and parameter count; the line of that count is drawn heavier.
    """
    across, up = sorted(set(frame["in_channels"])), sorted(set(frame["out_channels"]))
    round_lines = lines[lines["total"] != own[2]]
    own_line = lines[lines["total"] == own[2]]
    data = [
        _cells(frame, across, up, palette),
        *_round_lines(round_lines, (up[0], up[-1]), palette),
        _own_line(own_line, own, palette),
    ]
    ranges = [[math.log10(side[0]) - 0.08, math.log10(side[-1]) + 0.08] for side in (across, up)]
    axes: Spec = {
        f"{letter}axis": axis(
            palette,
            side[:: max(1, -(-len(side) // MAX_TICKS))],
            title=title(name, palette),
            type="log",
            range=log_range,
            showgrid=False,
            fixedrange=False,
        )
        for letter, side, name, log_range in zip(
            "xy", (across, up), ("input channels", "output channels"), ranges, strict=True
        )
    }
    return figure(data, layout(palette, 420, (66, 16, 12, 48), **axes))


def _cells(frame: pd.DataFrame, across: Sequence[int], up: Sequence[int], palette: Palette) -> Spec:
    """Return the grid as a heat map, with the exact counts on hover."""
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


def _round_lines(lines: pd.DataFrame, ends: tuple[int, int], palette: Palette) -> list[Spec]:
    """Return the lines of round counts as one trace with gaps, and their labels as another.

    ``ends`` are the smallest and the largest output channels that are drawn. A label is in the middle of the
    visible part of its line.
    """
    x: list[float | None] = []
    y: list[float | None] = []
    labels: list[tuple[float, float, str]] = []
    for total in sorted(set(lines["total"])):
        table = lines[lines["total"] == total]
        points = list(zip(table["in_channels"].tolist(), table["out_channels"].tolist(), strict=True))
        x += [*(point[0] for point in points), None]
        y += [*(point[1] for point in points), None]
        visible = [point for point in points if ends[0] <= point[1] <= ends[1]]
        if visible:
            labels.append((*visible[len(visible) // 2], format_count(total)))
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
            "meta": {"labels": True},
            "textfont": {"size": 13, "color": palette.text},
        },
    ]


def _own_line(line: pd.DataFrame, own: tuple[int, int, int], palette: Palette) -> Spec:
    """Return the line of the layer's own count, with a marker and the exact total at the layer."""
    points = [(float(i), float(o)) for i, o in zip(line["in_channels"], line["out_channels"], strict=True)]
    layer = (float(own[0]), float(own[1]))
    # The line is computed at round channel counts, and the layer may lie between two of them.
    points = sorted({*points, layer})
    return {
        "type": "scatter",
        "mode": "lines+markers+text",
        "x": [x for x, _ in points],
        "y": [y for _, y in points],
        "text": [f"<b>{format_count(own[2])}</b>" if point == layer else "" for point in points],
        # On the right half of the logarithmic axis the label is on the left.
        "textposition": "top left" if own[0] ** 2 > points[-1][0] else "top right",
        "meta": {"labels": True},
        "textfont": {"size": 16, "color": palette.text},
        "line": {"color": palette.here, "width": 2.5},
        "marker": {
            "size": [14 if point == layer else 0 for point in points],
            "color": palette.here,
            "line": {"color": palette.background, "width": [2 if point == layer else 0 for point in points]},
            "opacity": 1,
        },
        "hoverinfo": "skip",
        "cliponaxis": True,
    }
