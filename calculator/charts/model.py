"""Figures of the model page: where the parameters are, by module path and layer by layer."""

from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape
from typing import NamedTuple

from calculator.charts.figure import FONT, Spec, UnvalidatedFigure, axis, figure, layout
from calculator.charts.ticks import round_ticks
from calculator.core.formatting import format_count, noun_for, plural
from calculator.palette import Palette
from calculator.readers.model import Model, Row
from calculator.readers.totals import at_least

TILES = 400
"""Layers that the treemap draws one by one; the smallest of a larger model share one tile."""

BARS = 24
"""Layers in the bar chart. A larger model has bars for its heaviest layers, in the order of the model."""

MAX_DEPTH = 12
"""Levels of nested modules in the treemap; its height has no room for more."""

MAX_LABEL, MAX_HOVER_NAME = 40, 100
"""Characters of a name on a tile, and on hover."""

MAX_TICK_NAME = 24
"""Characters of a name beside a bar."""


class _Tile(NamedTuple):
    """One tile of the treemap; ``parent`` is the id of the tile around it."""

    id: str
    label: str
    parent: str
    value: int
    colour: str
    hover: str


def treemap_figure(model: Model, palette: Palette) -> UnvalidatedFigure:
    """Return the model as nested tiles, one for each module and layer, whose areas are their parameters.

    Transposed convolutions have the colour of weights.
    """
    tiles = list(_tiles(model, palette))
    trace: Spec = {
        "type": "treemap",
        "ids": [tile.id for tile in tiles],
        "labels": [tile.label for tile in tiles],
        "parents": [tile.parent for tile in tiles],
        # Areas need only the precision of a screen; the exact counts are in the texts.
        "values": [float(tile.value) for tile in tiles],
        "branchvalues": "total",
        "marker": {
            "colors": [tile.colour for tile in tiles],
            "line": {"color": palette.muted, "width": 1},
            "pad": {"t": 22, "l": 3, "r": 3, "b": 3},
        },
        "insidetextfont": {"family": FONT, "size": 13, "color": palette.text},
        "customdata": [tile.hover for tile in tiles],
        "hovertemplate": "%{customdata}<extra></extra>",
        "tiling": {"pad": 2},
        "pathbar": {"visible": False},
    }
    return figure([trace], layout(palette, 444, (4, 4, 4, 28), uniformtext={"minsize": 11, "mode": "hide"}))


def _tiles(model: Model, palette: Palette) -> Iterator[_Tile]:
    """Yield the tiles of the model, of its modules, of its largest layers, and one for all smaller layers."""
    name = _escape(model.name or "the model", MAX_HOVER_NAME)
    count = model.parameter_count
    total = f"{at_least(model, count)} {noun_for(count, 'parameter')}"
    yield _Tile("model", name, "", model.parameter_count, palette.grid, total)
    rows = heaviest(model, TILES)
    sums: Counter[tuple[str, ...]] = Counter()
    for row in rows:
        path = _path(row)
        sums.update({path[:depth]: row.parameter_count for depth in range(1, len(path))})
    module_ids = {path: f"m:{index}" for index, path in enumerate(sums)} | {(): "model"}
    for path, count in sums.items():
        hover = _lines(_escape(".".join(path), MAX_HOVER_NAME), plural(count, "parameter"))
        label, parent = _escape(path[-1], MAX_LABEL), module_ids[path[:-1]]
        yield _Tile(module_ids[path], label, parent, count, palette.background, hover)
    for index, row in enumerate(rows):
        path, count = _path(row), row.parameter_count
        equal = f"{format_count(row.times)} × " if row.times > 1 else ""
        label = _lines(
            _escape(path[-1], MAX_LABEL), equal + _escape(row.type, MAX_LABEL), format_count(count)
        )
        colour = palette.weights_fill if row.transposed else palette.grid
        title, kind = _escape(row.title, MAX_HOVER_NAME), _escape(row.type, MAX_HOVER_NAME)
        hover = _lines(f"{title}, {equal}{kind}", plural(count, "parameter"))
        yield _Tile(f"r:{index}", label, module_ids[path[:-1]], count, colour, hover)
    rest = model.parameter_count - sum(row.parameter_count for row in rows)
    if rest:
        others = sum(row.parameter_count > 0 for row in model.rows) - len(rows)
        smaller = f"{format_count(others)} smaller layers"
        label, hover = _lines(smaller, format_count(rest)), _lines(smaller, plural(rest, "parameter"))
        yield _Tile("rest", label, "model", rest, palette.grid, hover)


def _lines(*lines: str) -> str:
    return "<br>".join(lines)


def _path(row: Row) -> tuple[str, ...]:
    """Return the names of the modules around a layer, and last its own name.

    PyTorch separates the names with dots, Keras with slashes. All names below ``MAX_DEPTH`` modules are one.
    """
    return tuple(row.title.replace("/", ".").split(".", MAX_DEPTH))


def _escape(name: str, maximum: int) -> str:
    """Return a name that Plotly displays character by character; of a long name only the end.

    >>> _escape("<b>up</b>", 24), _escape("encoder.down.conv", 10)
    ('&lt;b&gt;up&lt;/b&gt;', '…down.conv')
    """
    # The end of a path identifies the layer. Outside a tag, quotation marks have no meaning to Plotly.
    return escape(name if len(name) <= maximum else "…" + name[1 - maximum :], quote=False)


def layers_figure(model: Model, palette: Palette) -> UnvalidatedFigure:
    """Return a bar for each layer, split into its parts; of many layers only the heaviest, in order."""
    rows = heaviest(model, BARS)
    maximum = max((row.parameter_count for row in rows), default=1)
    ticks = [0.0, *round_ticks(maximum / 5, maximum, 5)]
    across = {**axis(palette, ticks), "range": [0, maximum * 1.12], "side": "top", "fixedrange": False}
    names = [_escape(row.title, MAX_TICK_NAME) for row in rows]
    down: Spec = {
        **axis(palette, ()),
        "tickvals": list(range(len(rows))),
        "ticktext": [
            f"<b>{name}</b>" if row.transposed else name for row, name in zip(rows, names, strict=True)
        ],
        "range": [len(rows) - 0.4, -0.6],
        "showgrid": False,
    }
    height = 82 + 20 * max(len(rows), 3)
    return figure(
        _bars(rows, palette),
        layout(palette, height, (190, 12, 28, 28), barmode="stack", bargap=0.25, xaxis=across, yaxis=down),
    )


def _bars(rows: Sequence[Row], palette: Palette) -> list[Spec]:
    """Return one trace for the weights, one for the biases and one for all others, where there are any."""
    hovers = [_bar_hover(row) for row in rows]
    parts = (
        ("weights", [row.weight_count for row in rows], palette.weights_fill, palette.weights),
        ("biases", [row.bias_count for row in rows], palette.biases_fill, palette.biases),
        ("others", [row.other_count for row in rows], palette.grid, palette.muted),
    )
    return [
        {
            "type": "bar",
            "orientation": "h",
            "name": name,
            "y": list(range(len(rows))),
            "x": [float(count) for count in counts],
            # Plotly draws the edge of a bar without length too.
            "marker": {"color": fill, "line": {"color": edge, "width": [int(count > 0) for count in counts]}},
            "customdata": hovers,
            "hovertemplate": "%{customdata}<extra></extra>",
        }
        for name, counts, fill, edge in parts
        if any(counts)
    ]


def _bar_hover(row: Row) -> str:
    others = f", {format_count(row.other_count)} others" if row.other_count else ""
    return _lines(
        f"<b>{_escape(row.title, MAX_HOVER_NAME)}</b>, {_escape(row.type, MAX_HOVER_NAME)}",
        f"{plural(row.weight_count, 'weight')}, {plural(row.bias_count, 'bias')}{others}",
    )


def heaviest(model: Model, maximum: int) -> list[Row]:
    """Return the ``maximum`` layers with the most parameters, in the order of the model."""
    rows: Sequence[Row] = [row for row in model.rows if row.parameter_count]
    chosen = sorted(range(len(rows)), key=lambda n: -rows[n].parameter_count)[:maximum]
    return [rows[n] for n in sorted(chosen)]
