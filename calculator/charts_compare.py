"""Figures of the compare page: parameters against multiply–accumulates, and the frontier of a budget."""

import bisect
import math
from collections.abc import Sequence
from typing import NamedTuple

from calculator.chart_parts import Drawing, Spec, axis, figure, layout, title
from calculator.derivation import number
from calculator.palette import Palette
from calculator.ticks import round_ticks

PHONE = 500
"""A drawing narrower than this, in pixels, has room for few labels."""

Pair = tuple[int, int]
Place = tuple[float, float]


class Choice(NamedTuple):
    """One alternative on the scatter: its name, its cost, whether it is on the best front, and may be."""

    name: str
    parameters: int
    multiply_accumulates: int
    best: bool


def scatter_figure(choices: Sequence[Choice], palette: Palette, *, across: float) -> Drawing:
    """Return parameters against multiply–accumulates, both on a log scale, the best front drawn.

    Nothing is both smaller and cheaper than a layer on the front. ``across`` is the width in pixels
    that the labels are placed for.
    """
    points = [(float(one.parameters), float(one.multiply_accumulates)) for one in choices]
    spans = [_span([point[n] for point in points], wide) for n, wide in enumerate((0.32, 0.14))]
    front = sorted(point for point, one in zip(points, choices, strict=True) if one.best)
    labels = [_label(one, across) for one in choices]
    sides = _sides(points, labels, [one.best for one in choices], spans, across)
    line: Spec = {
        "type": "scatter",
        "mode": "lines",
        "x": [point[0] for point in front],
        "y": [point[1] for point in front],
        "line": {"color": palette.weights, "width": 2, "dash": "dot"},
        "hoverinfo": "skip",
    }
    marks: Spec = {
        "type": "scatter",
        "mode": "markers+text",
        "x": [point[0] for point in points],
        "y": [point[1] for point in points],
        "text": [
            "" if not side else f"<b>{label}</b>" if one.best else label
            for one, label, side in zip(choices, labels, sides, strict=True)
        ],
        "textposition": [side or "top center" for side in sides],
        "textfont": {"size": 13, "color": palette.text},
        "marker": {
            "size": [13 if one.best else 9 for one in choices],
            "color": [palette.weights if one.best else palette.muted for one in choices],
            "opacity": 1,
        },
        "customdata": [
            f"<b>{one.name}</b><br>{number(one.parameters)} parameters<br>"
            f"{number(one.multiply_accumulates)} multiply–accumulates"
            for one in choices
        ],
        "hovertemplate": "%{customdata}<extra></extra>",
        "cliponaxis": False,
    }
    axes = _log_axes(("parameters", "multiply–accumulates"), spans, palette)
    return figure([line, marks], layout(palette, 400, (70, 20, 12, 48), **axes))


def _span(values: Sequence[float], wide: float) -> list[float]:
    """Return a range around ``values`` in powers of ten, a share of it wider on both sides."""
    low, high = (math.log10(max(value, 1)) for value in (min(values), max(values)))
    spare = max((high - low) * wide, 0.25)
    return [low - spare, high + spare]


SIDES = {
    "middle right": (1.0, 0.0),
    "middle left": (-1.0, 0.0),
    "top center": (0.0, 1.0),
    "bottom center": (0.0, -1.0),
    "top right": (1.0, 1.0),
    "top left": (-1.0, 1.0),
    "bottom right": (1.0, -1.0),
    "bottom left": (-1.0, -1.0),
}
"""Where a label may stand beside its point."""


def _label(one: Choice, across: float) -> str:
    """Return the label of a choice; on a phone in two lines, and only for the best front."""
    if across >= PHONE:
        return one.name
    if not one.best:
        return ""
    words = one.name.split(" ")
    half = min(
        range(1, len(words)), key=lambda n: abs(len(" ".join(words[:n])) * 2 - len(one.name)), default=1
    )
    return " ".join(words[:half]) + ("<br>" + " ".join(words[half:]) if words[half:] else "")


def _sides(
    points: Sequence[Place],
    labels: Sequence[str],
    best: Sequence[bool],
    spans: Sequence[Sequence[float]],
    across: float,
) -> list[str]:
    """Return where each label stands, the best front's first. Without room there is none: hover tells."""
    size = across - 90, 340.0
    places = [
        tuple(
            (math.log10(max(value, 1)) - span[0]) / (span[1] - span[0]) * length
            for value, span, length in zip(point, spans, size, strict=True)
        )
        for point in points
    ]
    taken = [(x - 7, y - 7, x + 7, y + 7) for x, y in places]
    found = [""] * len(points)
    for n in sorted(range(len(points)), key=lambda place: not best[place]):
        lines = labels[n].split("<br>")
        for side, (right, up) in SIDES.items() if labels[n] else ():
            box = _box(places[n], right, up, max(map(len, lines)) * 6.9, 16 * len(lines))
            inside = box[0] >= 0 and box[2] <= size[0] and box[1] >= 0 and box[3] <= size[1]
            if inside and not any(_meet(box, other) for other in taken):
                found[n] = side
                taken.append(box)
                break
    return found


Box = tuple[float, float, float, float]


def _box(place: Sequence[float], right: float, up: float, long: float, high: float) -> Box:
    """Return the box of a label of this size beside a point."""
    x = place[0] + right * (long / 2 + 9)
    y = place[1] + up * (high / 2 + 9)
    return x - long / 2, y - high / 2, x + long / 2, y + high / 2


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def frontier_figure(
    pairs: Sequence[Pair], layer: tuple[int, int, int], budget: int, palette: Palette
) -> Drawing:
    """Return the plane of input × output channels with the frontier of ``budget`` as a staircase.

    Below and left of it every pair fits. ``layer`` is in_channels, out_channels and parameter count.
    """
    most = [max([pair[n] for pair in pairs] + [layer[n]]) for n in (0, 1)]
    spans = [[-0.08, math.log10(max(top, 2)) * 1.06 + 0.1] for top in most]
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
        "customdata": [f"{number(i)} → {number(o)} channels" for i, o in corners],
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
    right, up = ((math.log10(n) - low) / (high - low) for n, (low, high) in zip(layer, spans, strict=False))
    text = f"your layer:{' ' if layer[2] < 10**7 else '<br>'}{number(layer[2])}"
    # The drawing is narrowest on a phone: 258 pixels.
    share = (max(map(len, text.split("<br>"))) * 7.4 + 12) / 258
    room = {"left": right >= share, "right": 1 - right >= share}
    beside = next((side for side in sorted(room, reverse=not fits) if room[side]), "center")
    above = up < 0.15 if fits else up < 0.85
    return {
        "type": "scatter",
        "mode": "markers+text",
        "x": [layer[0]],
        "y": [layer[1]],
        "text": [f"<b>{text}</b>"],
        "textposition": f"{'top' if above else 'bottom'} {beside}",
        "textfont": {"size": 14, "color": palette.text},
        "marker": {"size": 14, "color": palette.here if fits else palette.biases, "opacity": 1},
        "hoverinfo": "skip",
    }


def _log_axes(names: Sequence[str], spans: Sequence[Sequence[float]], palette: Palette) -> Spec:
    """Return two axes that count in powers of ten, over these spans of powers."""
    return {
        f"{letter}axis": {
            **axis(palette, round_ticks(10 ** span[0], 10 ** span[1])),
            "type": "log",
            "range": span,
            "title": title(name, palette),
        }
        for letter, name, span in zip("xy", names, spans, strict=True)
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


def _outline(pairs: Sequence[Pair], places: Sequence[int], least: Sequence[float]) -> list[Place]:
    """Return the outline of what fits: right along each pair's height, then down to the next.

    Where pairs are left out the stairs are too small to see, and it goes straight to the next.
    """
    drawn: list[Place] = [(least[0], pairs[0][1])] if places else []
    for place, following in zip(places, [*places[1:], None], strict=True):
        drawn.append(pairs[place])
        if following == place + 1:
            drawn.append((pairs[place][0], pairs[following][1]))
    return [*drawn, (drawn[-1][0], least[1]), (least[0], least[1])] if drawn else []
