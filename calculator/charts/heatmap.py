"""Heat maps of our own: cells in rows and columns of any size, placed by hand on one plane.

One trace draws them all, blocks and gaps alike, because the browser pays for every trace.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from calculator.charts.figure import Spec
from calculator.palette import Palette


@dataclass
class Plane:
    """Coloured cells in rows and columns of their own sizes; what is left out stays background."""

    across: Sequence[float]
    down: Sequence[float]
    top: float = 0.0
    shades: list[list[float | None]] = field(init=False)
    texts: list[list[str]] = field(init=False)
    hovers: list[list[str]] = field(init=False)

    def __post_init__(self) -> None:
        rows, columns = len(self.down), len(self.across)
        self.shades = [[None] * columns for _ in range(rows)]
        self.texts = [[""] * columns for _ in range(rows)]
        self.hovers = [[""] * columns for _ in range(rows)]

    def put(self, row: int, column: int, shade: float, text: str, hover: str) -> None:
        """Fill one cell; ``shade`` goes from 0 to 1 along the colours of the trace."""
        self.shades[row][column] = shade
        self.texts[row][column] = text
        self.hovers[row][column] = hover

    def write_only(self, row: int, column: int, high: int, wide: int) -> None:
        """Keep the texts of one block of cells alone; hover still tells the others."""
        rows, columns = range(row, row + high), range(column, column + wide)
        for r, texts in enumerate(self.texts):
            for c in range(len(texts)):
                if r not in rows or c not in columns:
                    texts[c] = ""

    def trace(self, colours: Sequence[tuple[float, str]], size: int, palette: Palette) -> Spec:
        """Return the cells as one heat map; rows run downwards."""
        return {
            "type": "heatmap",
            "x": edges(self.across),
            "y": [self.top + place for place in edges(self.down)],
            "z": self.shades,
            "zmin": 0,
            "zmax": 1,
            "text": self.texts,
            "texttemplate": "%{text}" if size else "",
            "textfont": {"size": size or 1, "color": palette.text},
            "customdata": self.hovers,
            "hovertemplate": "%{customdata}<extra></extra>",
            "hoverongaps": False,
            "colorscale": [list(colour) for colour in colours],
            "showscale": False,
            "xgap": 1,
            "ygap": 1,
        }


def edges(sizes: Sequence[float]) -> list[float]:
    """Return where cells of these sizes begin, and where the last one ends.

    >>> edges([1, 1, 0.5])
    [0.0, 1.0, 2.0, 2.5]
    """
    places = [0.0]
    for size in sizes:
        places.append(places[-1] + size)
    return places


def readable(characters: int, wide: float, high: float) -> int:
    """Return the size of digits that fit into a cell of so many pixels; 0 where none can be read.

    >>> readable(1, 20, 20), readable(5, 40, 20), readable(5, 20, 20)
    (14, 11, 0)
    """
    for size in (14, 11):
        if characters * (size * 0.5 + 2) - 1 <= wide and size * 0.8 <= high:
            return size
    return 0


def blocks(count: int, cells: int, gap: float) -> list[float]:
    """Return the sizes of ``count`` blocks of ``cells`` unit cells, a gap after each but the last."""
    return ([1.0] * cells + [gap]) * (count - 1) + [1.0] * cells
