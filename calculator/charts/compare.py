"""Figures of the compare page: parameters against multiply–accumulates, and the frontier of a budget."""

import bisect
import math
from collections.abc import Sequence
from typing import NamedTuple

from calculator.charts.figure import Spec, UnvalidatedFigure, axis, figure, layout, title
from calculator.charts.labels import Place, sides
from calculator.charts.ticks import round_ticks
from calculator.core.formatting import format_count, plural
from calculator.palette import Palette

PHONE = 500
"""A drawing narrower than this, in pixels, has room for few labels."""

Pair = tuple[int, int]


class Choice(NamedTuple):
    """One alternative on the scatter: its name, its costs, whether it is on the best front.

    ``fixed``: nothing about space is learned, so it is not compared. ``own``: the visitor's layer.
    """

    name: str
    parameters: int
    multiply_accumulates: int
    best: bool
    fixed: bool = False
    own: bool = False


def scatter_figure(choices: Sequence[Choice], palette: Palette, *, across: float) -> UnvalidatedFigure:
    """Return parameters against multiply–accumulates, both on a log scale, the best front drawn.

    Nothing is both smaller and cheaper than a layer on the front. ``across`` is the width in pixels
    that the labels are placed for.
    """
    points = [(one.parameters, one.multiply_accumulates) for one in choices]
    spans = [_span([point[n] for point in points], wide) for n, wide in enumerate((0.32, 0.14))]
    front = sorted(point for point, one in zip(points, choices, strict=True) if one.best)
    line: Spec = {
        "type": "scatter",
        "mode": "lines",
        "x": [float(point[0]) for point in front],
        "y": [float(point[1]) for point in front],
        "line": {"color": palette.weights, "width": 2, "dash": "dot"},
        "hoverinfo": "skip",
    }
    marks = {
        **_marks(choices, palette),
        "x": [float(point[0]) for point in points],
        "y": [float(point[1]) for point in points],
        **_labels(choices, spans, across),
        "textfont": {"size": 13, "color": palette.text},
    }
    axes = _log_axes(("parameters", "multiply–accumulates"), spans, palette, 8 if across >= PHONE else 5)
    return figure([line, marks], layout(palette, 400, (70, 20, 12, 48), **axes))


def _marks(choices: Sequence[Choice], palette: Palette) -> Spec:
    """Return the points, without their places, and what they tell."""
    return {
        "type": "scatter",
        "mode": "markers+text",
        "marker": {
            "size": [_mark(one) for one in choices],
            "color": [_colour(one, palette) for one in choices],
            "symbol": ["circle-open" if one.fixed else "circle" for one in choices],
            "opacity": 1,
        },
        "customdata": [
            f"<b>{one.name}</b><br>{plural(one.parameters, 'parameter')}<br>"
            f"{format_count(one.multiply_accumulates)} "
            f"multiply–accumulate{'s' * (one.multiply_accumulates != 1)}"
            for one in choices
        ],
        "hovertemplate": "%{customdata}<extra></extra>",
        "cliponaxis": False,
    }


def _mark(one: Choice) -> int:
    return 13 if one.best else 12 if one.own else 9


def _colour(one: Choice, palette: Palette) -> str:
    return palette.biases if one.own else palette.weights if one.best else palette.muted


def _labels(choices: Sequence[Choice], spans: Sequence[Sequence[float]], across: float) -> Spec:
    """Return the texts beside the points, where they have room; elsewhere hovering tells."""
    size = across - 90, 340.0
    places = [
        (
            _share(one.parameters, spans[0]) * size[0],
            _share(one.multiply_accumulates, spans[1]) * size[1],
        )
        for one in choices
    ]
    labels = [_label(one, across) for one in choices]
    found = sides(places, [_mark(one) for one in choices], labels, size)
    texts = [f"<b>{label}</b>" if one.best else label for one, label in zip(choices, labels, strict=True)]
    return {
        "text": [text if side else "" for text, side in zip(texts, found, strict=True)],
        "textposition": [side or "top center" for side in found],
    }


def _share(value: float, span: Sequence[float]) -> float:
    """Return how far along an axis over ``span`` powers of ten a value lies: 0 at its start, 1 at its end."""
    return (math.log10(max(value, 1)) - span[0]) / (span[1] - span[0])


def _span(values: Sequence[float], wide: float) -> list[float]:
    """Return a range around ``values`` in powers of ten, a share of it wider on both sides."""
    low, high = (math.log10(max(value, 1)) for value in (min(values), max(values)))
    spare = max((high - low) * wide, 0.25)
    return [low - spare, high + spare]


def _label(one: Choice, across: float) -> str:
    """Return the label of a choice; on a phone in two lines, and only for the best front."""
    if across >= PHONE:
        return one.name.partition(":")[0]
    if not one.best:
        return ""
    words = one.name.split(" ")
    half = min(
        range(1, len(words)), key=lambda n: abs(len(" ".join(words[:n])) * 2 - len(one.name)), default=1
    )
    return " ".join(words[:half]) + ("<br>" + " ".join(words[half:]) if words[half:] else "")


def frontier_figure(
    pairs: Sequence[Pair], layer: tuple[int, int, int], budget: int, palette: Palette
) -> UnvalidatedFigure:
    """Return the plane of input × output channels with the frontier of ``budget`` as a staircase.

    Below and left of it every pair fits. ``layer`` is in_channels, out_channels and parameter count.
    """
    maximum = [max([pair[n] for pair in pairs] + [layer[n]]) for n in (0, 1)]
    spans = [[-0.08, math.log10(max(top, 2)) * 1.06 + 0.1] for top in maximum]
    places = _thinned(pairs)
    outline = _outline(pairs, places, [10 ** span[0] for span in spans])
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
    corners = [pairs[place] for place in places]
    marks: Spec = {
        "type": "scatter",
        "mode": "markers",
        "x": [pair[0] for pair in corners],
        "y": [pair[1] for pair in corners],
        "marker": {"size": 7, "color": palette.weights},
        "customdata": [f"{format_count(i)} → {format_count(o)} channels" for i, o in corners],
        "hovertemplate": "%{customdata}<extra></extra>",
        "name": "frontier",
    }
    axes = _log_axes(("input channels", "output channels"), spans, palette)
    here = _here(layer, layer[2] <= budget, spans, palette)
    return figure([inside, marks, here], layout(palette, 400, (66, 16, 12, 48), **axes))


def _here(
    layer: tuple[int, int, int], fits: bool, spans: Sequence[Sequence[float]], palette: Palette
) -> Spec:
    """Return the mark of the layer, and beside it its count, away from the frontier where there is room."""
    right, up = (_share(layer[n], spans[n]) for n in (0, 1))
    count = format_count(layer[2])
    # The drawing is narrowest on a phone: 258 pixels.
    share = (max(len(count), 10) * 7.4 + 12) / 258
    room = {"left": right >= share, "right": 1 - right >= share}
    beside = next((side for side in sorted(room, reverse=not fits) if room[side]), "center")
    above = up < 0.15 if fits else up < 0.85
    return {
        "type": "scatter",
        "mode": "markers+text",
        "x": [layer[0]],
        "y": [layer[1]],
        "text": [f"<b>your layer:<br>{count}</b>"],
        "textposition": f"{'top' if above else 'bottom'} {beside}",
        "textfont": {"size": 14, "color": palette.text},
        "marker": {"size": 14, "color": palette.here if fits else palette.biases, "opacity": 1},
        "hoverinfo": "skip",
    }


def _log_axes(
    names: Sequence[str], spans: Sequence[Sequence[float]], palette: Palette, most_across: int = 8
) -> Spec:
    """Return two axes that count in powers of ten, over these spans of powers."""
    ticks = [
        round_ticks(10**low, 10**high, maximum)
        for (low, high), maximum in zip(spans, (most_across, 8), strict=True)
    ]
    return {
        f"{letter}axis": {
            **axis(palette, places),
            "type": "log",
            "range": span,
            "title": title(name, palette),
        }
        for letter, name, span, places in zip("xy", names, spans, ticks, strict=True)
    }


DRAWN = 120
"""Corners of a frontier that are drawn; the table has them all."""


def _thinned(pairs: Sequence[Pair]) -> list[int]:
    """Return the places of some pairs, evenly apart on the logarithmic plane, both ends among them."""
    if len(pairs) <= DRAWN:
        return list(range(len(pairs)))
    first, last = _along(pairs[0]), _along(pairs[-1])
    steps = (first + (last - first) * n / DRAWN for n in range(1, DRAWN))
    return sorted({0, len(pairs) - 1, *(bisect.bisect_left(pairs, step, key=_along) for step in steps)})


def _along(pair: Pair) -> float:
    """Return how far along a frontier a pair lies: more inputs, fewer outputs."""
    return math.log(pair[0] / pair[1])


def _outline(pairs: Sequence[Pair], places: Sequence[int], minimum: Sequence[float]) -> list[Place]:
    """Return the outline of what fits: right along each pair's height, then down to the next.

    Where pairs are left out the stairs are too small to see, and it goes straight to the next.
    """
    if not places:
        return []
    drawn: list[Place] = [(minimum[0], pairs[0][1])]
    for place, following in zip(places, [*places[1:], None], strict=True):
        drawn.append(pairs[place])
        if following == place + 1:
            drawn.append((pairs[place][0], pairs[following][1]))
    return [*drawn, (drawn[-1][0], minimum[1]), (minimum[0], minimum[1])]
