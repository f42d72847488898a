"""Figures of the model page: where the parameters are, by module path and layer by layer."""

from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape
from typing import NamedTuple

from calculator.charts.figure import FONT, Spec, UnvalidatedFigure, axis, figure, layout
from calculator.charts.ticks import round_ticks
from calculator.core.formatting import format_count, plural
from calculator.palette import Palette
from calculator.readers.model import Model, Row

TILES = 400
"""Layers that the treemap draws one by one; the smallest of a larger model are drawn together."""

BARS = 24
"""Layers in the bar chart: the heaviest of a larger model, in the order of the model."""

DEEPEST = 12
"""Modules that the treemap draws inside one another: more have no room in its height."""

LABEL, TOLD = 40, 100
"""Characters of a name on an area, and where there is more room."""


class _Area(NamedTuple):
    """One area of the treemap: who it is, what it lies in, and what it says."""

    id: str
    label: str
    parent: str
    value: int
    colour: str
    told: str


def treemap_figure(model: Model, palette: Palette) -> UnvalidatedFigure:
    """Return the model as nested areas: an area for each module, as large as its parameters.

    Transposed convolutions stand out in the colour of weights.
    """
    areas = list(_areas(model, palette))
    trace: Spec = {
        "type": "treemap",
        "ids": [area.id for area in areas],
        "labels": [area.label for area in areas],
        "parents": [area.parent for area in areas],
        # Areas need no more digits than a screen has; the exact ones are in the words.
        "values": [float(area.value) for area in areas],
        "branchvalues": "total",
        "marker": {
            "colors": [area.colour for area in areas],
            "line": {"color": palette.muted, "width": 1},
            "pad": {"t": 22, "l": 3, "r": 3, "b": 3},
        },
        "insidetextfont": {"family": FONT, "size": 13, "color": palette.text},
        "customdata": [area.told for area in areas],
        "hovertemplate": "%{customdata}<extra></extra>",
        "tiling": {"pad": 2},
        "pathbar": {"visible": False},
    }
    return figure([trace], layout(palette, 420, (4, 4, 4, 4), uniformtext={"minsize": 11, "mode": "hide"}))


def _areas(model: Model, palette: Palette) -> Iterator[_Area]:
    """Yield the model, its modules, its largest layers, and all smaller ones as a single area."""
    total = plural(model.parameter_count, "parameter")
    name = _shown(model.name or "the model", TOLD)
    yield _Area("model", name, "", model.parameter_count, palette.grid, total)
    rows = heaviest(model, TILES)
    sums: Counter[tuple[str, ...]] = Counter()
    for row in rows:
        path = _path(row)
        sums.update({path[:depth]: row.parameter_count for depth in range(1, len(path))})
    module = {path: f"m:{place}" for place, path in enumerate(sums)} | {(): "model"}
    for path, count in sums.items():
        told = f"{_shown('.'.join(path), TOLD)}<br>{plural(count, 'parameter')}"
        label, parent = _shown(path[-1], LABEL), module[path[:-1]]
        yield _Area(module[path], label, parent, count, palette.background, told)
    for place, row in enumerate(rows):
        path, count = _path(row), row.parameter_count
        label = f"{_shown(path[-1], LABEL)}<br>{_shown(row.type, LABEL)}<br>{format_count(count)}"
        colour = palette.weights_fill if row.transposed else palette.grid
        title, kind = _shown(row.title, TOLD), _shown(row.type, TOLD)
        told = f"{title}, {kind}<br>{plural(count, 'parameter')}"
        yield _Area(f"r:{place}", label, module[path[:-1]], count, colour, told)
    rest = model.parameter_count - sum(row.parameter_count for row in rows)
    if rest:
        smaller = (
            f"{format_count(sum(row.parameter_count > 0 for row in model.rows) - len(rows))} smaller layers"
        )
        told = f"{smaller}<br>{plural(rest, 'parameter')}"
        yield _Area("rest", f"{smaller}<br>{format_count(rest)}", "model", rest, palette.grid, told)


def _path(row: Row) -> tuple[str, ...]:
    """Return the modules a layer is in, and its own name at the end: PyTorch has dots, Keras slashes.

    What lies deeper than ``DEEPEST`` modules stays together as the layer's own name.
    """
    return tuple(row.title.replace("/", ".").split(".", DEEPEST))


def _shown(name: str, maximum: int) -> str:
    """Return a name as Plotly shows it sign by sign, its end alone where it is long.

    >>> _shown("<b>up</b>", 24), _shown("encoder.down.conv", 10)
    ('&lt;b&gt;up&lt;/b&gt;', '…down.conv')
    """
    # Its end says which layer it is. Quotation marks mean nothing to Plotly outside a tag.
    return escape(name if len(name) <= maximum else "…" + name[1 - maximum :], quote=False)


def layers_figure(model: Model, palette: Palette) -> UnvalidatedFigure:
    """Return a bar for each layer, its weights and its biases; of many layers the heaviest, in order."""
    rows = heaviest(model, BARS)
    maximum = max((row.parameter_count for row in rows), default=1)
    ticks = [0.0, *round_ticks(maximum / 5, maximum, 5)]
    across = {**axis(palette, ticks), "range": [0, maximum * 1.12], "side": "top"}
    names = [_shown(row.title, 24) for row in rows]
    down: Spec = {
        **axis(palette, ()),
        "tickvals": list(range(len(rows))),
        "ticktext": [
            f"<b>{name}</b>" if row.transposed else name for row, name in zip(rows, names, strict=True)
        ],
        "range": [len(rows) - 0.4, -0.6],
        "showgrid": False,
    }
    height = 60 + 20 * max(len(rows), 3)
    return figure(
        _bars(rows, palette),
        layout(palette, height, (190, 12, 28, 6), barmode="stack", bargap=0.25, xaxis=across, yaxis=down),
    )


def _bars(rows: Sequence[Row], palette: Palette) -> list[Spec]:
    """Return the bars of weights, of biases and of all others, those that there are."""
    told = [
        f"<b>{_shown(row.title, TOLD)}</b>, {_shown(row.type, TOLD)}<br>"
        f"{plural(row.weight_count, 'weight')}, "
        f"{plural(row.bias_count, 'bias')}"
        + (f", {format_count(row.other_count)} others" * (row.other_count > 0))
        for row in rows
    ]
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
            "marker": {"color": fill, "line": {"color": edge, "width": 1}},
            "customdata": told,
            "hovertemplate": "%{customdata}<extra></extra>",
        }
        for name, counts, fill, edge in parts
        if any(counts)
    ]


def heaviest(model: Model, maximum: int) -> list[Row]:
    """Return the layers with the most parameters, at most so many, in the order of the model."""
    rows: Sequence[Row] = [row for row in model.rows if row.parameter_count]
    chosen = sorted(range(len(rows)), key=lambda n: -rows[n].parameter_count)[:maximum]
    return [rows[n] for n in sorted(chosen)]
