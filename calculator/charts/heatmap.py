"""Heat maps with rows and columns of different sizes, drawn as one trace.

The cells are placed here, and not by one Plotly heat map for each block, because:

- the browser needs time for every trace and every axis, and a grid of 27 kernels would need 27 of them;
- gaps between blocks are rows and columns of their own size, which stay empty;
- the size of a cell in pixels is known, so that digits are written only where they can be read.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from calculator.charts.figure import Spec
from calculator.palette import Palette


@dataclass
class CellGrid:
    """Coloured cells in columns of the sizes ``across`` and rows of the sizes ``down``.

    ``top`` is the y of the upper edge. A cell that is not filled shows the background.
    """

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
        """Fill one cell. ``shade``, from 0 to 1, is a position on the colour scale of the trace."""
        self.shades[row][column] = shade
        self.texts[row][column] = text
        self.hovers[row][column] = hover

    def keep_texts_of(self, row: int, column: int, height: int, width: int) -> None:
        """Remove the texts of all cells outside one block; their hover texts stay."""
        rows, columns = range(row, row + height), range(column, column + width)
        for r, texts in enumerate(self.texts):
            for c in range(len(texts)):
                if r not in rows or c not in columns:
                    texts[c] = ""

    def trace(self, colours: Sequence[tuple[float, str]], text_size: int, palette: Palette) -> Spec:
        """Return the cells as one Plotly heat map whose rows run downwards; size 0 writes no texts."""
        return {
            "type": "heatmap",
            "x": edges(self.across),
            "y": [self.top + edge for edge in edges(self.down)],
            "z": self.shades,
            "zmin": 0,
            "zmax": 1,
            "text": self.texts,
            "texttemplate": "%{text}" if text_size else "",
            "textfont": {"size": text_size or 1, "color": palette.text},
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
    positions = [0.0]
    for size in sizes:
        positions.append(positions[-1] + size)
    return positions


SIZES, PRESENTED_SIZES = (14, 11), (18,)
"""The font sizes of digits in cells. A presenter's figure is enlarged, and its digits are then 24 pixels."""


def readable_size(characters: int, width: float, height: float, *, presenting: bool = False) -> int:
    """Return the largest font size at which so many digits fit into ``width`` × ``height`` pixels, or 0.

    >>> readable_size(1, 20, 20), readable_size(5, 40, 20), readable_size(5, 20, 20)
    (14, 11, 0)
    """
    for size in PRESENTED_SIZES if presenting else SIZES:
        # A digit of Source Sans is half as wide as its size; two pixels keep neighbours apart.
        if characters * (size * 0.5 + 2) - 1 <= width and size * 0.8 <= height:
            return size
    return 0


def block_sizes(count: int, cells: int, gap: float) -> list[float]:
    """Return the sizes of ``count`` blocks with ``cells`` cells of size 1 each, and of the gaps between them.

    >>> block_sizes(2, 2, 0.5)
    [1.0, 1.0, 0.5, 1.0, 1.0]
    """
    return ([1.0] * cells + [gap]) * (count - 1) + [1.0] * cells
