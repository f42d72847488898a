"""Figures of the compare page: parameters against multiply–accumulates, and the frontier of a budget."""

import bisect
import math
from collections.abc import Sequence
from typing import NamedTuple

from calculator.charts.figure import Spec, UnvalidatedFigure, axis, figure, layout, title
from calculator.charts.labels import Point, label_sides
from calculator.charts.ticks import round_ticks
from calculator.core.formatting import format_count, plural
from calculator.palette import Palette

PHONE = 500
"""A chart that is narrower than this, in pixels, has room for few labels."""

Pair = tuple[int, int]
"""Input channels and output channels."""


class Choice(NamedTuple):
    """One alternative on the scatter: its name and its costs.

    A ``best`` alternative is on the Pareto front. ``fixed`` alternatives are not compared, because they do
    less than the others. ``own`` is the visitor's layer. ``number`` stands for the name on a phone; without a
    number the point is small and has only its hover text. The label of the ``recommended`` one comes first.
    """

    name: str
    parameters: int
    multiply_accumulates: int
    best: bool
    fixed: bool = False
    own: bool = False
    number: int = 0
    recommended: bool = False


def scatter_figure(choices: Sequence[Choice], palette: Palette, *, across: float) -> UnvalidatedFigure:
    """Return parameters against multiply–accumulates on logarithmic axes, with a line along the Pareto front.

    ``across`` is the width of the chart in pixels for which the labels are placed.
    """
    points = [(choice.parameters, choice.multiply_accumulates) for choice in choices]
    ranges = [
        _padded_log_range([point[n] for point in points], padding) for n, padding in enumerate((0.32, 0.14))
    ]
    front = sorted(point for point, choice in zip(points, choices, strict=True) if choice.best)
    line: Spec = {
        "type": "scatter",
        "mode": "lines",
        "x": [float(point[0]) for point in front],
        "y": [float(point[1]) for point in front],
        "line": {"color": palette.weights, "width": 2, "dash": "dot"},
        "hoverinfo": "skip",
    }
    markers = {
        **_markers(choices, palette),
        "x": [float(point[0]) for point in points],
        "y": [float(point[1]) for point in points],
        **_labels(choices, ranges, across),
        "textfont": {"size": 13, "color": palette.text},
    }
    axes = _log_axes(("parameters", "multiply–accumulates"), ranges, palette, 8 if across >= PHONE else 5)
    # Ticks as long as 500,000 × 10^15 need more room than usual.
    left = 70 if max(map(len, axes["yaxis"]["ticktext"]), default=0) < 9 else 92
    return figure([line, markers], layout(palette, 400, (left, 20, 12, 48), **axes))


def _markers(choices: Sequence[Choice], palette: Palette) -> Spec:
    """Return the markers and hover texts of the points, without their positions."""
    return {
        "type": "scatter",
        "mode": "markers+text",
        "marker": {
            "size": [_marker_size(choice) for choice in choices],
            "color": [_colour(choice, palette) for choice in choices],
            "symbol": ["circle-open" if choice.fixed else "circle" for choice in choices],
            "opacity": 1,
        },
        "customdata": [
            f"<b>{choice.name}</b><br>{plural(choice.parameters, 'parameter')}<br>"
            f"{plural(choice.multiply_accumulates, 'multiply–accumulate')}"
            for choice in choices
        ],
        "hovertemplate": "%{customdata}<extra></extra>",
        "cliponaxis": False,
    }


def _marker_size(choice: Choice) -> int:
    if choice.recommended:
        return 16
    return 13 if choice.best else 12 if choice.own else 9 if choice.number else 4


def _colour(choice: Choice, palette: Palette) -> str:
    best = choice.best or choice.recommended
    return palette.biases if choice.own else palette.weights if best else palette.muted


def _labels(choices: Sequence[Choice], ranges: Sequence[Sequence[float]], across: float) -> Spec:
    """Return the texts beside the points that have room for one; the others have only their hover text.

    ``meta`` has all texts, for the browser, which knows the real width of the chart and places them anew.
    """
    size = across - 90, 340.0
    points = [
        (
            _position(choice.parameters, ranges[0]) * size[0],
            _position(choice.multiply_accumulates, ranges[1]) * size[1],
        )
        for choice in choices
    ]
    labels = _numbers(choices) if across < PHONE else [_label_lines(choice) for choice in choices]
    sides = label_sides(points, [_marker_size(choice) for choice in choices], labels, size)
    texts = []
    for choice, lines in zip(choices, labels, strict=True):
        text = "<br>".join(lines)
        texts.append(f"<b>{text}</b>" if text and (choice.best or choice.recommended) else text)
    return {
        "text": [text if side else "" for text, side in zip(texts, sides, strict=True)],
        "textposition": [side or "middle right" for side in sides],
        "meta": {"labels": texts},
    }


def _position(value: float, log_range: Sequence[float]) -> float:
    """Return the position of a value on a logarithmic axis: 0 at its start, 1 at its end."""
    return (math.log10(max(value, 1)) - log_range[0]) / (log_range[1] - log_range[0])


def _padded_log_range(values: Sequence[float], padding: float) -> list[float]:
    """Return a range around ``values`` in powers of ten, wider on both sides by a share of its length."""
    low, high = (math.log10(max(value, 1)) for value in (min(values), max(values)))
    # The margin is at least a quarter of a power of ten, because all values may be equal.
    spare = max((high - low) * padding, 0.25)
    return [low - spare, high + spare]


def _label_lines(choice: Choice) -> list[str]:
    """Return the label: the name up to a colon, and none without a number.

    The name of the recommended one stands above the chart, and may be too long for a label.
    """
    if not choice.number:
        return []
    return ["recommended" if choice.recommended else choice.name.partition(":")[0]]


def _numbers(choices: Sequence[Choice]) -> list[list[str]]:
    """Return the labels on a phone: the numbers of all choices at a point, at the largest marker there."""
    numbers: dict[tuple[int, int], list[int]] = {}
    first: dict[tuple[int, int], int] = {}
    for index in sorted(range(len(choices)), key=lambda index: -_marker_size(choices[index])):
        choice = choices[index]
        if choice.number:
            costs = (choice.parameters, choice.multiply_accumulates)
            numbers.setdefault(costs, []).append(choice.number)
            first.setdefault(costs, index)
    at = {index: ", ".join(map(str, sorted(numbers[costs]))) for costs, index in first.items()}
    return [[at[index]] if index in at else [] for index in range(len(choices))]


def frontier_figure(
    pairs: Sequence[Pair], layer: tuple[int, int, int], budget: int, palette: Palette
) -> UnvalidatedFigure:
    """Return the plane of input × output channels with the frontier of ``budget`` as a staircase.

    Every pair below and to the left of the frontier fits. ``layer`` is in_channels, out_channels and the
    parameter count.
    """
    maximum = [max([pair[n] for pair in pairs] + [layer[n]]) for n in (0, 1)]
    ranges = [[-0.08, math.log10(max(top, 2)) * 1.06 + 0.1] for top in maximum]
    indices = _visible_corners(pairs)
    outline = _outline(pairs, indices, [10 ** log_range[0] for log_range in ranges])
    inside: Spec = {
        "type": "scatter",
        "mode": "lines",
        "x": [x for x, _ in outline],
        "y": [y for _, y in outline],
        "fill": "toself",
        "fillcolor": palette.scale[0],
        "line": {"color": palette.weights, "width": 2},
        "hoverinfo": "skip",
    }
    corners = [pairs[index] for index in indices]
    markers: Spec = {
        "type": "scatter",
        "mode": "markers",
        "x": [pair[0] for pair in corners],
        "y": [pair[1] for pair in corners],
        "marker": {"size": 7, "color": palette.weights},
        "customdata": [f"{format_count(i)} → {format_count(o)} channels" for i, o in corners],
        "hovertemplate": "%{customdata}<extra></extra>",
        "name": "frontier",
    }
    axes = _log_axes(("input channels", "output channels"), ranges, palette)
    own = _own_marker(layer, layer[2] <= budget, ranges, palette)
    return figure([inside, markers, own], layout(palette, 400, (66, 16, 12, 48), **axes))


def _own_marker(
    layer: tuple[int, int, int], fits: bool, ranges: Sequence[Sequence[float]], palette: Palette
) -> Spec:
    """Return the marker of the layer and its count, on the side away from the frontier if there is room."""
    right, up = (_position(layer[n], ranges[n]) for n in (0, 1))
    count = format_count(layer[2])
    # The plot is narrowest on a phone: 258 pixels.
    label_width = (max(len(count), 10) * 7.4 + 12) / 258
    has_room = {"left": right >= label_width, "right": 1 - right >= label_width}
    side = next((name for name in sorted(has_room, reverse=not fits) if has_room[name]), "center")
    above = up < 0.15 if fits else up < 0.85
    return {
        "type": "scatter",
        "mode": "markers+text",
        "x": [layer[0]],
        "y": [layer[1]],
        "text": [f"<b>your layer:<br>{count}</b>"],
        "textposition": f"{'top' if above else 'bottom'} {side}",
        "textfont": {"size": 14, "color": palette.text},
        "marker": {"size": 14, "color": palette.here if fits else palette.biases, "opacity": 1},
        "hoverinfo": "skip",
    }


def _log_axes(
    names: Sequence[str], ranges: Sequence[Sequence[float]], palette: Palette, max_x_ticks: int = 8
) -> Spec:
    """Return two logarithmic axes over these ranges, which are powers of ten."""
    ticks = [
        round_ticks(10**low, 10**high, maximum)
        for (low, high), maximum in zip(ranges, (max_x_ticks, 8), strict=True)
    ]
    return {
        f"{letter}axis": {
            **axis(palette, values),
            "type": "log",
            "range": log_range,
            "fixedrange": False,
            "title": title(name, palette),
        }
        for letter, name, log_range, values in zip("xy", names, ranges, ticks, strict=True)
    }


MAX_CORNERS = 120
"""Corners of a frontier that are drawn; the table contains all."""


def _visible_corners(pairs: Sequence[Pair]) -> list[int]:
    """Return the indices of the pairs to draw: at equal distances on the plane, with both ends."""
    if len(pairs) <= MAX_CORNERS:
        return list(range(len(pairs)))
    first, last = _along(pairs[0]), _along(pairs[-1])
    steps = (first + (last - first) * n / MAX_CORNERS for n in range(1, MAX_CORNERS))
    return sorted({0, len(pairs) - 1, *(bisect.bisect_left(pairs, step, key=_along) for step in steps)})


def _along(pair: Pair) -> float:
    """Return the position of a pair along the frontier; it rises with more inputs and fewer outputs."""
    return math.log(pair[0] / pair[1])


def _outline(pairs: Sequence[Pair], indices: Sequence[int], minimum: Sequence[float]) -> list[Point]:
    """Return the outline of the pairs that fit: from each corner down to the next, then along the axes.

    Where pairs are left out, the stairs are too small to see, and a straight line leads to the next corner.
    """
    if not indices:
        return []
    outline: list[Point] = [(minimum[0], pairs[0][1])]
    for index, following in zip(indices, [*indices[1:], None], strict=True):
        outline.append(pairs[index])
        if following == index + 1:
            outline.append((pairs[index][0], pairs[following][1]))
    return [*outline, (outline[-1][0], minimum[1]), (minimum[0], minimum[1])]
