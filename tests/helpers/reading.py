"""Reading a figure back: its cells, colours and axes, and how wide its texts are.

Widths come from the typeface that Streamlit serves, measured by Pillow: not from the product's own guess.
"""

import math
import re
from collections.abc import Callable, Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import plotly.graph_objects as go
from PIL import ImageFont

from calculator.charts.figure import UnvalidatedFigure
from calculator.palette import Palette

PHONE, LAPTOP = 340, 862
"""Pixels of a chart on a phone and on a laptop."""

CAPITAL = 0.66
"""Height of a digit of Source Sans, as a share of the size."""


# The prefixes of the International System of Units, as of 2022: https://www.bipm.org/en/measurement-units/si-prefixes
SI_PREFIXES = {prefix: 1000 ** (2 + index) for index, prefix in enumerate("MGTPEZYRQ")}


def tick_value(text: str) -> float:
    """Return the value that the text of a tick stands for."""
    match = re.fullmatch(r"([\d,]+(?:\.\d+)?) ?([MGTPEZYRQ]?)", text)
    assert match, text
    size: int = SI_PREFIXES.get(match[2], 1)
    return float(match[1].replace(",", "")) * size


def valid(drawing: UnvalidatedFigure) -> Any:
    """Return the figure as Plotly understands it; an unknown name or a wrong value raises."""
    return go.Figure(drawing.to_dict())


@cache
def _typeface(bold: bool) -> ImageFont.FreeTypeFont:
    streamlit = find_spec("streamlit")
    assert streamlit is not None
    assert streamlit.origin is not None
    [file] = Path(streamlit.origin).parent.glob("static/static/media/SourceSansVF-Upright*.woff2")
    font = ImageFont.truetype(str(file), 1000)
    font.set_variation_by_axes([700 if bold else 400])
    return font


@cache
def wide(text: str, size: float) -> float:
    """Return how many pixels the longest line of a text is wide; ``<b>`` makes all of it bold."""
    lines = text.replace("<b>", "").replace("</b>", "").split("<br>")
    return max(_typeface("<b>" in text).getlength(line) for line in lines) * size / 1000


class Cell(NamedTuple):
    """One cell of a heat map: where it lies, its colour, what is written in it and what hovering tells."""

    left: float
    right: float
    top: float
    bottom: float
    colour: tuple[int, int, int]
    text: str
    hover: str


def cells(trace: Any) -> list[Cell]:
    """Return the cells of a heat map that are drawn, row by row."""
    x, y, rows = trace.x, trace.y, trace.z
    assert (len(x), len(y)) == (len(rows[0]) + 1, len(rows) + 1)
    assert trace.hoverongaps is False
    assert (trace.zmin, trace.zmax) == (0, 1)
    stops, written = tuple(trace.colorscale), bool(trace.texttemplate)
    found = []
    for row, columns in enumerate(zip(rows, trace.text, trace.customdata, strict=True)):
        for column, (shade, text, hover) in enumerate(zip(*columns, strict=True)):
            if shade is None:
                assert (text, hover) == ("", "")
                continue
            place = x[column], x[column + 1], y[row], y[row + 1]
            found.append(Cell(*place, colour_at(stops, shade), text if written else "", hover))
    return found


@cache
def colour_at(stops: tuple[tuple[float, str], ...], shade: float) -> tuple[int, int, int]:
    """Return red, green and blue of a shade from 0 to 1, between the colours of a scale."""
    assert (stops[0][0], stops[-1][0]) == (0, 1)
    assert 0 <= shade <= 1 + 1e-9
    shade = min(shade, 1)
    after = next(n for n, (place, _) in enumerate(stops) if place >= shade)
    if stops[after][0] == shade:
        return rgb(stops[after][1])
    (low, one), (high, other) = stops[after - 1], stops[after]
    part = (shade - low) / (high - low)
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(rgb(one), rgb(other), strict=True))
    return red, green, blue


def rgb(colour: str) -> tuple[int, int, int]:
    """Return red, green and blue of #RRGGBB."""
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return red, green, blue


def between(colour: tuple[int, int, int], one: str, other: str) -> bool:
    """Return whether a colour lies between two others."""
    ends = zip(colour, rgb(one), rgb(other), strict=True)
    return all(min(a, b) <= part <= max(a, b) for part, a, b in ends)


def strangers(figure: Any, palette: Palette) -> set[str]:
    """Return the colours of a figure that are not in the palette."""
    own = {value for name, value in vars(palette).items() if name != "scale"} | set(palette.scale)
    return set(_colours(figure.to_dict())) - own


def _colours(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        node = list(node.values())
    if isinstance(node, str) and re.match(r"#|rgb|hsl", node):
        yield node
    elif isinstance(node, (list, tuple)):
        for item in node:
            yield from _colours(item)


class Scale(NamedTuple):
    """Pixels per unit along both axes."""

    across: float
    down: float


def scale(figure: Any, width: float) -> Scale:
    """Return the scale of linear axes when the figure is so many pixels wide."""
    room = plot(figure, width)
    units = [abs(axis.range[1] - axis.range[0]) for axis in (figure.layout.xaxis, figure.layout.yaxis)]
    across, down = (pixels / unit for pixels, unit in zip(room, units, strict=True))
    if figure.layout.yaxis.scaleanchor == "x":
        across = down = min(across, down)
    return Scale(across, down)


def plot(figure: Any, width: float) -> tuple[float, float]:
    """Return the width and height of what lies between the margins, in pixels."""
    margin = figure.layout.margin
    return width - margin.l - margin.r, figure.layout.height - margin.t - margin.b


def unfitting(figure: Any, width: float) -> list[str]:
    """Return the texts in cells that are larger than their cell."""
    across, down = scale(figure, width)
    found = []
    for trace in figure.data:
        size = trace.textfont.size
        for cell in cells(trace):
            long, high = wide(cell.text, size), size * CAPITAL if cell.text else 0
            if long > (cell.right - cell.left) * across or high > (cell.bottom - cell.top) * down:
                found.append(cell.text)
    return found


class Box(NamedTuple):
    """Where a text stands, in pixels from the upper left corner of the figure."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "Box") -> bool:
        """Return whether two boxes share more than an edge."""
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom

    def inside(self, other: "Box") -> bool:
        """Return whether no part of the box is outside another."""
        across = other.left <= self.left and self.right <= other.right
        return across and other.top <= self.top and self.bottom <= other.bottom


SIGN = {"left": -1, "center": 0, "right": 1, "top": -1, "middle": 0, "bottom": 1}


def label_box(place: tuple[float, float], text: str, position: str, size: float, marker: float) -> Box:
    """Return where Plotly writes a text beside a point.

    Source: ``textPointPosition`` of plotly.js, src/components/drawing/index.js; lines are 1.3 sizes apart.
    """
    down, across = (SIGN[word] for word in position.split())
    apart = marker / 2 / 0.8 + 1
    below = 1.3 * text.count("<br>") * size
    first = place[1] + 0.75 * size + down * apart + (down - 1) * (below + size) / 2
    long = wide(text, size)
    left = place[0] + across * apart - (1 - across) * long / 2
    return Box(left, first - 0.73 * size, left + long, first + below + 0.2 * size)


def log_places(figure: Any, width: float) -> Callable[[float, float], tuple[float, float]]:
    """Return where a point of a figure with logarithmic axes lies, in pixels from its upper left corner.

    The axes are read once for all points: Plotly looks for each of their values for a long time.
    """
    layout, room = figure.layout, plot(figure, width)
    assert layout.xaxis.type == layout.yaxis.type == "log"
    x_range, y_range, left, top = layout.xaxis.range, layout.yaxis.range, layout.margin.l, layout.margin.t

    def place(x: float, y: float) -> tuple[float, float]:
        right, up = (
            (math.log10(value) - ends[0]) / (ends[1] - ends[0]) * length
            for value, ends, length in zip((x, y), (x_range, y_range), room, strict=True)
        )
        return left + right, top + room[1] - up

    return place


def plot_box(figure: Any, width: float) -> Box:
    """Return what lies between the margins."""
    margin, (across, down) = figure.layout.margin, plot(figure, width)
    return Box(margin.l, margin.t, margin.l + across, margin.t + down)
