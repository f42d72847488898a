"""Where the labels of points stand: inside the drawing, and never over a point or another label."""

from collections.abc import Sequence

Place = tuple[float, float]
"""Pixels to the right and up."""

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
"""Where a label may stand beside its point, the best first, in Plotly's words."""

LETTER, LINE = 6.9, 16
"""Room for a letter across and for a line down, of bold text of 13 pixels."""


def sides(points: Sequence[Place], marks: Sequence[float], labels: Sequence[str], size: Place) -> list[str]:
    """Return where each label stands beside its point, in a drawing of ``size`` pixels.

    ``marks`` is how large the points are drawn; the labels of the largest choose first. Nothing, ``""``,
    for one that has no room and for an empty one. Lines end at ``<br>``.

    >>> sides([(100, 50), (110, 50)], [9, 13], ["one", "two"], (200, 100))
    ['middle left', 'middle right']
    >>> sides([(100, 50)], [9], ["far too long for this"], (120, 100))
    ['']
    """
    taken = [
        (x - mark / 2 - 0.5, y - mark / 2 - 0.5, x + mark / 2 + 0.5, y + mark / 2 + 0.5)
        for (x, y), mark in zip(points, marks, strict=True)
    ]
    found = [""] * len(points)
    for n in sorted(range(len(points)), key=lambda place: -marks[place]):
        lines = labels[n].split("<br>")
        long, high = max(map(len, lines)) * LETTER, LINE * len(lines)
        for side in SIDES if labels[n] else ():
            box = _box(points[n], SIDES[side], marks[n] / 2 / 0.8 + 1, (long, high))
            inside = box[0] >= 0 and box[2] <= size[0] and box[1] >= 0 and box[3] <= size[1]
            if inside and not any(_meet(box, other) for other in taken):
                found[n] = side
                taken.append(box)
                break
    return found


Box = tuple[float, float, float, float]


def _box(point: Place, side: Place, apart: float, size: Place) -> Box:
    """Return the box of a label of this size: left, bottom, right, top. Plotly leaves ``apart`` between."""
    x = point[0] + side[0] * (size[0] / 2 + apart)
    y = point[1] + side[1] * (size[1] / 2 + apart)
    return x - size[0] / 2, y - size[1] / 2, x + size[0] / 2, y + size[1] / 2


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
