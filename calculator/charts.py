"""Figures from frames: the split, the growth, the plane of channels.

Counts are drawn as floats and told exactly, as text, in labels and on hover.
"""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import pandas as pd
import plotly.graph_objects as go

from calculator.chart_parts import Spec, axis, figure, layout, note, title
from calculator.derivation import number, part_text
from calculator.palette import Palette
from calculator.ticks import linear_ticks, log_ticks

VISIBLE_SHARE = 0.05
"""A bias share below this is drawn a second time, magnified."""


def split_figure(frame: pd.DataFrame, palette: Palette) -> go.Figure:
    """Return the split into weights and biases, to scale; ``frame`` is ``sweeps.split``'s.

    A small bias share gets a second bar: the end of the first, magnified by a power of ten until it
    can be seen, with lines that show which end it is.
    """
    weights, biases = (int(count) for count in frame["count"])
    share = biases / (weights + biases)
    data = _split_bar(1, share, weights, biases, palette)
    shapes: list[Spec] = []
    notes: list[Spec] = []
    if 0 < share < VISIBLE_SHARE:
        zoom = int(10 ** math.ceil(math.log10(VISIBLE_SHARE / share)))
        data += _split_bar(0, share * zoom, weights, biases, palette)
        corner = 1 - 1 / zoom
        lens = f"M{corner},0.64 L1,0.64 L1,0.36 L0,0.36 Z"
        shapes.append({"type": "path", "path": lens, "fillcolor": palette.grid, "line": {"width": 0}})
        text = f"the last {100 / zoom:g} % of the bar, magnified ×{number(zoom)}"
        small = {"size": 13, "color": palette.muted}
        notes.append(note(text, x=0.5, y=0.5, font=small))
    hidden: Spec = {"visible": False, "fixedrange": True}
    rows = [-0.45, 1.45] if notes else [0.3, 1.7]
    axes = {"xaxis": {**hidden, "range": [-0.002, 1.002]}, "yaxis": {**hidden, "range": rows}}
    return figure(
        data, layout(palette, 120, (2, 2, 0, 0), barmode="stack", shapes=shapes, annotations=notes, **axes)
    )


def _split_bar(y: int, share: float, weights: int, biases: int, palette: Palette) -> list[Spec]:
    """Return one bar in which biases take ``share``: a trace a part, its exact count on it."""
    parts = (
        ("weights", 1 - share, weights, palette.weights_fill, palette.weights),
        ("biases", share, biases, palette.biases_fill, palette.biases),
    )
    return [
        {
            "type": "bar",
            "orientation": "h",
            "x": [length],
            "y": [y],
            "width": [0.7],
            "marker": {"color": fill, "line": {"color": edge, "width": 1.5 if length else 0}},
            "text": [_bar_text(name, count, length)],
            "textposition": "inside",
            "insidetextanchor": "middle",
            "textangle": 0,
            "constraintext": "none",
            "textfont": {"size": 15, "color": palette.text},
            "hovertemplate": f"{part_text(count, name)}<extra></extra>",
        }
        for name, length, count, fill, edge in parts
    ]


def _bar_text(name: str, count: int, length: float) -> str:
    """Return what fits on a part of the bar, down to the width of a phone."""
    text = part_text(count, name)
    if length > 0.4:
        return text
    return text.replace(" ", "<br>") if length > 0.04 else ""


class Point(NamedTuple):
    """One value of a sweep and its counts."""

    value: int
    weights: int
    biases: int

    @property
    def total(self) -> int:
        """Weights plus biases."""
        return self.weights + self.biases


def _points(frame: pd.DataFrame, setting: str) -> list[Point]:
    """Return the sweep of one setting as points, in order."""
    counts: dict[int, dict[str, int]] = {}
    columns = (frame[name].tolist() for name in ("setting", "value", "part", "count"))
    for which, value, part, count in zip(*columns, strict=True):
        if which == setting:
            counts.setdefault(value, {})[part] = count
    return [Point(value, found["weights"], found["biases"]) for value, found in counts.items()]


class Panel(NamedTuple):
    """One panel of the growth figure: its setting, the name of its axis, where the layer is, its law."""

    setting: str
    name: str
    here: int
    law: str


def growth_figure(
    frame: pd.DataFrame, panels: Sequence[Panel], palette: Palette, *, log: bool = False, across: bool = True
) -> go.Figure:
    """Return three panels of how the count grows; ``frame`` is ``sweeps.sweeps``'s.

    All panels share the scale of the vertical axis. ``across`` puts them side by side, else one below
    another.
    """
    drawn = {panel: _points(frame, panel.setting) for panel in panels}
    totals = [point.total for points in drawn.values() for point in points]
    data: list[Spec] = []
    notes: list[Spec] = []
    axes: Spec = {}
    for place, (panel, points) in enumerate(drawn.items()):
        suffix = str(place + 1) if place else ""
        refs = {"xaxis": f"x{suffix}", "yaxis": "y" if across else f"y{suffix}"}
        data += _areas(points, panel.name, refs, palette)
        data.append(_marks(points, panel.here, refs, palette))
        corner = {"xref": f"{refs['xaxis']} domain", "yref": f"{refs['yaxis']} domain", "x": 0, "y": 1}
        notes.append(note(panel.law, xanchor="left", yanchor="bottom", align="left", yshift=8, **corner))
        axes[f"xaxis{suffix}"] = _panel_axis(points, panel.name, place, palette, log=log, across=across)
        if not (across and place):
            axes[f"yaxis{suffix}"] = _count_axis(totals, place, palette, log=log, across=across)
    return figure(data, layout(palette, 310 if across else 960, (66, 16, 58, 48), annotations=notes, **axes))


def _areas(points: Sequence[Point], name: str, refs: Spec, palette: Palette) -> list[Spec]:
    """Return the stacked areas of one panel: weights below, biases on top of them."""
    x = [point.value for point in points]
    exact = [
        f"{name} {number(p.value)}<br>{part_text(p.weights, 'weights')} + {part_text(p.biases, 'biases')}"
        f"<br><b>{number(p.total)}</b> parameters"
        for p in points
    ]
    common = {"type": "scatter", "x": x, "mode": "lines", **refs}
    return [
        {
            **common,
            "y": [float(point.weights) for point in points],
            "fill": "tozeroy",
            "fillcolor": palette.weights_fill,
            "line": {"color": palette.weights, "width": 2},
            "hoverinfo": "skip",
        },
        {
            **common,
            "y": [float(point.total) for point in points],
            "fill": "tonexty",
            "fillcolor": palette.biases_fill,
            "line": {"color": palette.biases, "width": 0},
            "text": exact,
            "hovertemplate": "%{text}<extra></extra>",
        },
    ]


def _marks(points: Sequence[Point], here: int, refs: Spec, palette: Palette) -> Spec:
    """Return where the layer is, and where it would be doubled, each with its exact total."""
    marked = [point for point in points if point.value in (here, 2 * here)]
    return {
        "type": "scatter",
        "mode": "markers+text",
        "x": [point.value for point in marked],
        "y": [float(point.total) for point in marked],
        "text": [
            f"<b>{number(point.total)}</b>" if point.value == here else number(point.total)
            for point in marked
        ],
        "textposition": ["top center" if 2 * p.value < points[-1].value else "middle left" for p in marked],
        "textfont": {"size": 14, "color": palette.text},
        "marker": {
            "size": 12,
            "color": [palette.here if point.value == here else palette.background for point in marked],
            "line": {"color": palette.here, "width": 2},
        },
        "cliponaxis": False,
        "hoverinfo": "skip",
        **refs,
    }


def _panel_axis(
    points: Sequence[Point], name: str, place: int, palette: Palette, *, log: bool, across: bool
) -> Spec:
    """Return the horizontal axis of one panel."""
    least, most = points[0].value, points[-1].value
    ticks = log_ticks(least, most) if log else linear_ticks(most)
    span = [math.log10(least), math.log10(most) + 0.04] if log else [0, most * 1.04]
    domain = [place * 0.35, place * 0.35 + 0.3] if across else [0, 1]
    more: Spec = {"type": "log" if log else "linear", "range": span, "domain": domain, "showgrid": False}
    anchor = "y" if across or not place else f"y{place + 1}"
    return axis(palette, ticks, title=title(name, palette), anchor=anchor, **more)


def _count_axis(totals: Sequence[int], place: int, palette: Palette, *, log: bool, across: bool) -> Spec:
    """Return the vertical axis: parameters, on one scale for all panels."""
    least, most = min(totals), max(totals)
    ticks = log_ticks(least, most) if log else linear_ticks(most)
    low = math.log10(least) - 0.15
    span = [low, math.log10(most) + 0.25] if log else [0, most * 1.12]
    domain = [0, 1] if across else [(2 - place) * 0.375, (2 - place) * 0.375 + 0.25]
    more: Spec = {"type": "log" if log else "linear", "range": span, "domain": domain}
    anchor = f"x{place + 1}" if place else "x"
    return axis(palette, ticks, title=title("parameters", palette), anchor=anchor, **more)


def plane_figure(
    frame: pd.DataFrame, lines: pd.DataFrame, here: tuple[int, int, int], palette: Palette
) -> go.Figure:
    """Return the plane of input × output channels, both doubling, with lines of equal count.

    ``frame`` is ``sweeps.plane_grid``'s, ``lines`` ``sweeps.equal_count_lines``'s; ``here`` is the
    layer's in_channels, out_channels and parameter count, whose own line is drawn heavier.
    """
    across, up = sorted(set(frame["in_channels"])), sorted(set(frame["out_channels"]))
    data = [_cells(frame, across, up, palette)]
    notes: list[Spec] = []
    for total in sorted(set(lines["total"])):
        table = lines[lines["total"] == total]
        own = total == here[2]
        data.append(_equal_count_line(table, own=own, palette=palette))
        if not own:
            notes += _line_label(table, total, (up[0], up[-1]), palette)
    data.append(_you_are_here(here, palette))
    spans = [[math.log10(side[0]) - 0.08, math.log10(side[-1]) + 0.08] for side in (across, up)]
    axes: Spec = {
        f"{letter}axis": axis(
            palette, _doubling_ticks(side), title=title(name, palette), type="log", range=span, showgrid=False
        )
        for letter, side, name, span in zip(
            "xy", (across, up), ("input channels", "output channels"), spans, strict=True
        )
    }
    return figure(data, layout(palette, 420, (66, 16, 12, 48), annotations=notes, **axes))


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


def _equal_count_line(table: pd.DataFrame, *, own: bool, palette: Palette) -> Spec:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": table["in_channels"].tolist(),
        "y": table["out_channels"].tolist(),
        "line": {"color": palette.here if own else palette.muted, "width": 2.5 if own else 1},
        "hoverinfo": "skip",
    }


def _line_label(table: pd.DataFrame, total: int, ends: tuple[int, int], palette: Palette) -> list[Spec]:
    """Return the label of one line, at the middle of what can be seen of it."""
    low, high = ends
    seen = table[(table["out_channels"] >= low) & (table["out_channels"] <= high)]
    if seen.empty:
        return []
    middle: Any = seen.iloc[len(seen) // 2]
    place = {"x": math.log10(middle["in_channels"]), "y": math.log10(middle["out_channels"])}
    return [
        note(number(total), font={"size": 13, "color": palette.muted}, bgcolor=palette.background, **place)
    ]


def _you_are_here(here: tuple[int, int, int], palette: Palette) -> Spec:
    """Return the layer's own point and its exact total."""
    return {
        "type": "scatter",
        "mode": "markers+text",
        "x": [here[0]],
        "y": [here[1]],
        "text": [f"<b>{number(here[2])}</b>"],
        "textposition": "top right",
        "textfont": {"size": 16, "color": palette.text},
        "marker": {"size": 14, "color": palette.here, "line": {"color": palette.background, "width": 2}},
        "hoverinfo": "skip",
        "cliponaxis": False,
    }
