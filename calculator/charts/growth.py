"""The growth figure: three panels drawn on one pair of axes.

The browser pays for every trace and every axis of a chart, so the panels are placed by hand: each is
a unit square somewhere on one plane, its points mapped into it. Exact counts are in the texts.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from calculator.charts.figure import Spec, UnvalidatedFigure, axis, figure, layout, title
from calculator.charts.ticks import linear_ticks, log_ticks, tick_text
from calculator.core.formatting import format_count, plural
from calculator.palette import Palette

STEP_ACROSS, STEP_DOWN = 1.16, 1.5
"""From one panel to the next, in widths or heights of a panel."""


class Panel(NamedTuple):
    """One panel: its setting, the name of its axis, where the layer is, its law."""

    setting: str
    name: str
    here: int
    law: str


class Point(NamedTuple):
    """One value of a sweep and its counts."""

    value: int
    weights: int
    biases: int

    @property
    def total(self) -> int:
        """Weights plus biases."""
        return self.weights + self.biases


class Scale(NamedTuple):
    """Maps values from ``low`` to ``high`` to 0 … 1, on a log or a linear scale."""

    low: float
    high: float
    log: bool

    def __call__(self, value: float) -> float:
        """Return the place of ``value``."""
        if self.log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def ticks(self, wanted: int) -> tuple[float, ...]:
        """Return round values to mark."""
        marks = log_ticks(self.low, self.high, wanted) if self.log else linear_ticks(self.high, wanted)
        return tuple(mark for mark in marks if mark <= self.high)


class Place(NamedTuple):
    """Where one panel lies on the plane, and the scales inside it."""

    left: float
    bottom: float
    across: Scale
    up: Scale

    def x(self, value: float) -> float:
        """Return the horizontal place of a value."""
        return self.left + self.across(value)

    def y(self, count: float) -> float:
        """Return the vertical place of a count; 0 lies at the foot even on a log scale."""
        return self.bottom + (self.up(count) if count >= self.up.low else 0.0)


Drawn = Sequence[tuple[Panel, Sequence[Point], Place]]


def growth_figure(
    frame: pd.DataFrame, panels: Sequence[Panel], palette: Palette, *, log: bool = False, across: bool = True
) -> UnvalidatedFigure:
    """Return three panels of how the count grows; ``frame`` is ``sweeps.sweeps``'s.

    All panels share the scale of the vertical axis. ``across`` puts them side by side, else one below
    another. Weights lie below, biases on top of them; the layer and its double are marked.
    """
    sweeps = [_points(frame, panel.setting) for panel in panels]
    totals = [point.total for points in sweeps for point in points]
    up = Scale(min(totals) / 1.5, max(totals) * 1.6, True) if log else Scale(0, max(totals) * 1.12, False)
    drawn = []
    for n, (panel, points) in enumerate(zip(panels, sweeps, strict=True)):
        minimum, maximum = points[0].value, points[-1].value
        sideways = Scale(minimum, maximum * 1.1, True) if log else Scale(0, maximum * 1.04, False)
        left, bottom = (n * STEP_ACROSS, 0.0) if across else (0.0, (len(panels) - 1 - n) * STEP_DOWN)
        drawn.append((panel, points, Place(left, bottom, sideways, up)))
    data = [
        _area(drawn, "weights", palette.weights_fill),
        _area(drawn, "biases", palette.biases_fill),
        _totals(drawn, palette),
        _texts(drawn, palette),
    ]
    return figure(data, _layout(drawn, palette, across=across))


def _points(frame: pd.DataFrame, setting: str) -> list[Point]:
    """Return the sweep of one setting as points, in order."""
    rows = frame[frame["setting"] == setting]
    columns = (rows[name].tolist() for name in ("value", "weights", "biases"))
    return [Point(*counts) for counts in zip(*columns, strict=True)]


def _area(drawn: Drawn, part: str, color: str) -> Spec:
    """Return the area of one part in every panel: a closed outline each, with gaps between."""
    x: list[float | None] = []
    y: list[float | None] = []
    for _, points, place in drawn:
        lower = [place.y(0 if part == "weights" else point.weights) for point in points]
        upper = [place.y(point.weights if part == "weights" else point.total) for point in points]
        sideways = [place.x(point.value) for point in points]
        x += [*sideways, *reversed(sideways), None]
        y += [*upper, *reversed(lower), None]
    return {
        "type": "scatter",
        "mode": "none",
        "name": part,
        "x": x,
        "y": y,
        "fill": "toself",
        "fillcolor": color,
        "hoverinfo": "skip",
    }


def _totals(drawn: Drawn, palette: Palette) -> Spec:
    """Return the line of the totals, with the exact counts on hover."""
    x: list[float | None] = []
    y: list[float | None] = []
    text: list[str] = []
    for panel, points, place in drawn:
        x += [*(place.x(point.value) for point in points), None]
        y += [*(place.y(point.total) for point in points), None]
        text += [*(_exactly(panel, point) for point in points), ""]
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "parameters",
        "x": x,
        "y": y,
        "line": {"color": palette.weights, "width": 2},
        "text": text,
        "hovertemplate": "%{text}<extra></extra>",
    }


def _exactly(panel: Panel, point: Point) -> str:
    parts = f"{plural(point.weights, 'weight')} + {plural(point.biases, 'bias')}"
    total = plural(point.total, "parameter")
    return f"{panel.name} {format_count(point.value)}<br>{parts}<br><b>{total}</b>"


class Text(NamedTuple):
    """One text on the figure, and the mark it belongs to: a full or an open circle, or none."""

    x: float
    y: float
    text: str
    position: str
    mark: str = ""


def _texts(drawn: Drawn, palette: Palette) -> Spec:
    """Return everything written in the panels, and the two marks of each, as one trace."""
    texts = [
        text._replace(text=_coloured(text.text, palette))
        for panel, points, place in drawn
        for text in _panel_texts(panel, points, place)
    ]
    shades = {"here": palette.here, "double": palette.background, "": "rgba(0,0,0,0)"}
    return {
        "type": "scatter",
        "mode": "markers+text",
        "name": "marks",
        "x": [text.x for text in texts],
        "y": [text.y for text in texts],
        "text": [text.text for text in texts],
        "textposition": [text.position for text in texts],
        "textfont": {"size": 14, "color": palette.text},
        "marker": {
            "size": [12 if text.mark else 0 for text in texts],
            "color": [shades[text.mark] for text in texts],
            "line": {"color": palette.here, "width": [2 if text.mark else 0 for text in texts]},
            "opacity": 1,
        },
        "cliponaxis": False,
        "hoverinfo": "skip",
    }


def _coloured(text: str, palette: Palette) -> str:
    """Return a law with weights and biases in their colours, which names the areas below it."""
    for part, color in (("weights", palette.weights), ("biases", palette.biases)):
        text = text.replace(part, f'<span style="color:{color}">{part}</span>')
    return text


def _panel_texts(panel: Panel, points: Sequence[Point], place: Place) -> list[Text]:
    """Return the law over a panel, its marks, the places on its axis and the axis' name."""
    texts = [Text(place.left, place.bottom + 1, panel.law, "top right")]
    for point in points:
        if point.value in (panel.here, 2 * panel.here):
            here = point.value == panel.here
            at = place.x(point.value), place.y(point.total)
            total = format_count(point.total)
            right = at[0] - place.left > 0.35
            position = "middle left" if right else "top right"
            texts.append(
                Text(*at, f"<b>{total}</b>" if here else total, position, "here" if here else "double")
            )
    for tick in place.across.ticks(4):
        texts.append(Text(place.x(tick), place.bottom, tick_text(tick), "bottom center"))
    texts.append(Text(place.left + 0.5, place.bottom, f" <br>{panel.name}", "bottom center"))
    return texts


def _layout(drawn: Drawn, palette: Palette, *, across: bool) -> Spec:
    """Return the layout: parameters up the side, on one scale for all panels."""
    places = [place for _, _, place in drawn]
    rows = places[:1] if across else places
    ticks = tuple(tick for tick in places[0].up.ticks(4) if tick > 0)
    marks = [place.y(tick) for place in rows for tick in ticks]
    right = max(place.left for place in places) + 1
    top = max(place.bottom for place in places) + 1
    up = {
        **axis(palette, ticks),
        "tickvals": marks,
        "ticktext": [tick_text(tick) for tick in ticks] * len(rows),
        "title": title("parameters", palette),
        "range": [0, top],
    }
    sideways: Spec = {"visible": False, "fixedrange": True, "range": [0, right]}
    return layout(palette, 316 if across else 960, (66, 16, 62, 48), xaxis=sideways, yaxis=up)
