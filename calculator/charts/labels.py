"""Placement of point labels inside the chart and without overlap.

Plotly does not place the labels, because:

- Plotly writes every label at the same side of its point, over points and over other labels;
- a label without room must be left out, which Plotly cannot do for single points;
- a dozen labels need no optimisation, so each takes the first free side.
"""

from collections.abc import Sequence

Point = tuple[float, float]
"""Pixels to the right and upwards."""

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
"""The sides of a point, the preferred first: Plotly's name and the direction."""

LETTER_WIDTH, LINE_HEIGHT = 7.6, 16
"""Pixels reserved for a letter and for a line of bold text of 13 pixels."""


def label_sides(
    points: Sequence[Point], marker_sizes: Sequence[float], labels: Sequence[Sequence[str]], size: Point
) -> list[str]:
    """Return the side of its point for each label, in a chart of ``size`` pixels; "" where there is no room.

    A label is a sequence of lines; one without lines gets no side. The labels of the largest markers are
    placed first.

    >>> label_sides([(100, 50), (110, 50)], [9, 13], [["one"], ["two"]], (200, 100))
    ['middle left', 'middle right']
    >>> label_sides([(100, 50)], [9], [["far too long for this"]], (120, 100))
    ['']
    """
    taken = [
        (x - marker / 2 - 0.5, y - marker / 2 - 0.5, x + marker / 2 + 0.5, y + marker / 2 + 0.5)
        for (x, y), marker in zip(points, marker_sizes, strict=True)
    ]
    chosen = [""] * len(points)
    for n in sorted(range(len(points)), key=lambda index: -marker_sizes[index]):
        lines = labels[n]
        if not any(lines):
            continue
        label_size = max(map(len, lines)) * LETTER_WIDTH, LINE_HEIGHT * len(lines)
        # Plotly has the same distance between a marker and its label.
        distance = marker_sizes[n] / 2 / 0.8 + 1
        for side, direction in SIDES.items():
            box = _label_box(points[n], direction, distance, label_size)
            inside = box[0] >= 0 and box[2] <= size[0] and box[1] >= 0 and box[3] <= size[1]
            if inside and not _overlaps(box, taken):
                chosen[n] = side
                taken.append(box)
                break
    return chosen


Box = tuple[float, float, float, float]
"""Left, bottom, right, top."""


def _label_box(point: Point, direction: Point, distance: float, size: Point) -> Box:
    """Return the box of a label of ``size`` in that direction from its point."""
    x = point[0] + direction[0] * (size[0] / 2 + distance)
    y = point[1] + direction[1] * (size[1] / 2 + distance)
    return x - size[0] / 2, y - size[1] / 2, x + size[0] / 2, y + size[1] / 2


def _overlaps(box: Box, taken: Sequence[Box]) -> bool:
    """Return whether a box lies over one of the boxes that are ``taken``."""
    left, bottom, right, top = box
    for other_left, other_bottom, other_right, other_top in taken:
        if left < other_right and other_left < right and bottom < other_top and other_bottom < top:
            return True
    return False
