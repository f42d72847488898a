"""The growth figure: three panels drawn on one pair of axes.

Plotly's subplots are not used, because the browser needs time for every trace and every axis, and three
subplots would need three of each. Instead, each panel is a unit square on one plane, and its points are
mapped into that square. The exact counts are in the texts, so the mapped coordinates need not be counts.
"""

import itertools
import math
from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from calculator.charts.descriptions import DoublingLaw
from calculator.charts.figure import Spec, UnvalidatedFigure, axis, figure, layout, title
from calculator.charts.labels import LETTER_WIDTH
from calculator.charts.ticks import linear_ticks, log_ticks, tick_text
from calculator.core.formatting import format_count, plural
from calculator.palette import Palette

STEP_ACROSS, STEP_DOWN = 1.16, 1.5
"""The distance from one panel to the next, in widths or heights of a panel."""


LINE_HEIGHT = 0.12
"""The height of a line of text, in heights of a panel on a laptop."""

FEET = {"top": 0.03, "middle": -LINE_HEIGHT / 2, "bottom": -0.03 - LINE_HEIGHT}
"""The lower edge of a text beside a marker, above the middle of that, in heights of a panel on a laptop."""

PANEL_WIDTH = 235
"""The width of a panel on a laptop, in pixels. Labels of 14 pixels are placed for this width."""


class Panel(NamedTuple):
    """One panel: its setting, the name of its axis, the layer's own value, and the law written above it."""

    setting: str
    name: str
    own: int
    law: DoublingLaw


class Point(NamedTuple):
    """One value of a sweep, with the counts of the layer at that value."""

    value: int
    weights: int
    biases: int

    @property
    def total(self) -> int:
        """Weights plus biases."""
        return self.weights + self.biases


class Scale(NamedTuple):
    """Maps values from ``low`` to ``high`` to 0 … 1, on a logarithmic or a linear scale."""

    low: float
    high: float
    log: bool

    def __call__(self, value: float) -> float:
        """Return the position of ``value``: 0 for ``low``, 1 for ``high``."""
        if self.log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def ticks(self, count: int) -> tuple[float, ...]:
        """Return about ``count`` round values on the scale."""
        values = log_ticks(self.low, self.high, count) if self.log else linear_ticks(self.high, count)
        return tuple(value for value in values if value <= self.high)


class Square(NamedTuple):
    """The unit square of one panel on the plane, with the scales inside it."""

    left: float
    bottom: float
    across: Scale
    up: Scale

    def x(self, value: float) -> float:
        """Return the horizontal position of a value on the plane."""
        return self.left + self.across(value)

    def y(self, count: float) -> float:
        """Return the vertical position of a count; a count of 0 is at the bottom, even on a log scale."""
        return self.bottom + (self.up(count) if count >= self.up.low else 0.0)


PlacedPanels = Sequence[tuple[Panel, Sequence[Point], Square]]


def growth_figure(
    frame: pd.DataFrame, panels: Sequence[Panel], palette: Palette, *, log: bool = False, across: bool = True
) -> UnvalidatedFigure:
    """Return three panels that show how the count grows; ``frame`` is the table ``sweeps.sweeps``.

    All panels share the vertical scale. With ``across`` they are side by side, else one below another. The
    area of the weights is below that of the biases; the layer and its double are marked.
    """
    points_of = _points(frame)
    sweeps = [points_of[panel.setting] for panel in panels]
    totals = [point.total for points in sweeps for point in points]
    # The scale has room for the labels above the largest total.
    up = Scale(min(totals) / 1.5, max(totals) * 1.6, True) if log else Scale(0, max(totals) * 1.12, False)
    placed = []
    for n, (panel, points) in enumerate(zip(panels, sweeps, strict=True)):
        minimum, maximum = points[0].value, points[-1].value
        sideways = Scale(minimum, maximum * 1.1, True) if log else Scale(0, maximum * 1.04, False)
        left, bottom = (n * STEP_ACROSS, 0.0) if across else (0.0, (len(panels) - 1 - n) * STEP_DOWN)
        placed.append((panel, points, Square(left, bottom, sideways, up)))
    data = [
        _area(placed, "weights", palette.weights_fill),
        _area(placed, "biases", palette.biases_fill),
        _totals(placed, palette),
        _texts(placed, palette),
    ]
    return figure(data, _layout(placed, palette, across=across))


def _points(frame: pd.DataFrame) -> dict[str, list[Point]]:
    """Return the sweep of each setting as points, by ascending value.

    The columns are read once each: to select rows by setting takes pandas longer than everything else here.
    """
    points: dict[str, list[Point]] = {}
    columns = (frame[name].tolist() for name in ("setting", "value", "weights", "biases"))
    for setting, *counts in zip(*columns, strict=True):
        points.setdefault(setting, []).append(Point(*counts))
    return points


def _area(placed: PlacedPanels, part: str, color: str) -> Spec:
    """Return the areas of one part in all panels as one trace: closed outlines, with gaps between them."""
    x: list[float | None] = []
    y: list[float | None] = []
    for _, points, square in placed:
        lower = [square.y(0 if part == "weights" else point.weights) for point in points]
        upper = [square.y(point.weights if part == "weights" else point.total) for point in points]
        sideways = [square.x(point.value) for point in points]
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


def _totals(placed: PlacedPanels, palette: Palette) -> Spec:
    """Return the lines of the totals as one trace, with the exact counts on hover."""
    x: list[float | None] = []
    y: list[float | None] = []
    text: list[str] = []
    for panel, points, square in placed:
        x += [*(square.x(point.value) for point in points), None]
        y += [*(square.y(point.total) for point in points), None]
        text += [*(_hover_text(panel, point) for point in points), ""]
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


def _hover_text(panel: Panel, point: Point) -> str:
    parts = f"{plural(point.weights, 'weight')} + {plural(point.biases, 'bias')}"
    total = plural(point.total, "parameter")
    return f"{panel.name} {format_count(point.value)}<br>{parts}<br><b>{total}</b>"


class Text(NamedTuple):
    """One text on the figure, with its marker: "own" (a full circle), "double" (an open circle) or ""."""

    x: float
    y: float
    text: str
    position: str
    marker: str = ""


def _texts(placed: PlacedPanels, palette: Palette) -> Spec:
    """Return all texts of the panels, and the two markers of each panel, as one trace."""
    texts = [
        text
        for panel, points, square in placed
        for text in (
            Text(square.left, square.bottom + 1, _law_text(panel.law, palette), "top right"),
            *_count_texts(panel, points, square),
            *_axis_texts(panel, square),
        )
    ]
    colours = {"own": palette.here, "double": palette.background, "": "rgba(0,0,0,0)"}
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
            "size": [12 if text.marker else 0 for text in texts],
            "color": [colours[text.marker] for text in texts],
            "line": {"color": palette.here, "width": [2 if text.marker else 0 for text in texts]},
            "opacity": 1,
        },
        "cliponaxis": False,
        "hoverinfo": "skip",
    }


def _law_text(law: DoublingLaw, palette: Palette) -> str:
    """Return a law in three lines. Weights and biases are written in the colours of the areas below."""
    weights, biases = (
        f'<span style="color:{colour}">{part}</span>'
        for part, colour in (("weights", palette.weights), ("biases", palette.biases))
    )
    biases = f"{biases} {law.biases}" if law.biases else f"no {biases}"
    return f"<b>{law.setting} ×2 →<br>{weights} {law.weights}</b>, {biases}<br>total {law.total}"


def _count_texts(panel: Panel, points: Sequence[Point], square: Square) -> list[Text]:
    """Return the totals of the layer and of its double, each beside its marker."""
    texts: list[Text] = []
    # The lower edge of a total above or beside its marker, or at the edge of the panel, and where it ends.
    edge = reach = -math.inf
    for point in points:
        if point.value not in (panel.own, 2 * panel.own):
            continue
        own = point.value == panel.own
        x, y = square.x(point.value), square.y(point.total)
        total = format_count(point.total)
        text, marker = f"<b>{total}</b>" if own else total, "own" if own else "double"
        length = len(total) * LETTER_WIDTH * 14 / 13 / PANEL_WIDTH
        position = _side(x - square.left, length)
        if position:
            if position == "top right":
                position = _right_side(points[-1], point, square)
            row, column = position.split()
            foot = y + FEET[row]
            if foot < edge + LINE_HEIGHT and (x - length if column == "left" else x) < reach:
                # Above the total of the layer.
                height, side = max(y + FEET["top"], edge + LINE_HEIGHT), f"top {column}"
                texts += [Text(x, y, "", side, marker), Text(x, height, text, side)]
            else:
                texts.append(Text(x, y, text, position, marker))
            if column == "right":
                edge, reach = foot, x + length
        else:
            left = square.left + 0.02  # Away from the ticks.
            # Above the marker, which the end of the text may reach, and above the line below that end.
            edge, reach = max(y, _line_height(points, square, left + length)) + 0.04, left + length
            texts += [Text(x, y, "", "top right", marker), Text(left, edge, text, "top right")]
    return texts


def _line_height(points: Sequence[Point], square: Square, x: float) -> float:
    """Return the height of the line at ``x``, or of its end where it does not reach as far."""
    for start, end in itertools.pairwise(points):
        low, high = square.x(start.value), square.x(end.value)
        if low <= x <= high:
            below, above = square.y(start.total), square.y(end.total)
            return below + (above - below) * (x - low) / (high - low)
    return square.y(points[-1].total)


def _right_side(end: Point, point: Point, square: Square) -> str:
    """Return the side of a text on the right of ``point``: below the line, where the panel has room there.

    ``end`` is the end of the line. Near the bottom of the panel, a steep line crosses less of a text beside
    the marker than of one above it.
    """
    across, up = square.x(end.value) - square.x(point.value), square.y(end.total) - square.y(point.total)
    height = square.y(point.total) - square.bottom
    if height > 0.13:
        return "bottom right"
    return "middle right" if up > 0.7 * across and height > 0.05 else "top right"


def _side(x: float, length: float) -> str:
    """Return the side of a marker at ``x`` on which a text of that length stays in its panel, or ""."""
    if x > 0.35 and length <= x:
        return "middle left"
    return "top right" if x + length <= 1 else ""


def _axis_texts(panel: Panel, square: Square) -> list[Text]:
    """Return the ticks below a panel, and below them the name of its axis."""
    ticks = [
        Text(square.x(tick), square.bottom, tick_text(tick), "bottom center")
        for tick in square.across.ticks(4)
    ]
    return [*ticks, Text(square.left + 0.5, square.bottom, f" <br>{panel.name}", "bottom center")]


def _layout(placed: PlacedPanels, palette: Palette, *, across: bool) -> Spec:
    """Return the layout: one axis of parameters at the side, with the same ticks for every row of panels."""
    squares = [square for _, _, square in placed]
    rows = squares[:1] if across else squares
    ticks = tuple(tick for tick in squares[0].up.ticks(4) if tick > 0)
    right = max(square.left for square in squares) + 1
    top = max(square.bottom for square in squares) + 1
    up = {
        **axis(palette, ticks),
        "tickvals": [square.y(tick) for square in rows for tick in ticks],
        "ticktext": [tick_text(tick) for tick in ticks] * len(rows),
        "title": title("parameters", palette),
        "range": [0, top],
    }
    sideways: Spec = {"visible": False, "fixedrange": False, "range": [0, right]}
    return layout(palette, 316 if across else 960, (66, 16, 62, 48), xaxis=sideways, yaxis=up)
