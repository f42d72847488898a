"""Figures of the model page: where the parameters are, by module path and layer by layer."""

from collections.abc import Sequence

from calculator.chart_parts import FONT, Drawing, Spec, axis, figure, layout
from calculator.derivation import number, part_text
from calculator.palette import Palette
from calculator.readers.model import Model, Row
from calculator.ticks import round_ticks

TILES = 400
"""Layers that the treemap draws one by one; the smallest of a larger model are drawn together."""

BARS = 24
"""Layers in the bar chart: the heaviest of a larger model, in the order of the model."""


def treemap_figure(model: Model, palette: Palette) -> Drawing:
    """Return the model as nested areas: an area for each module, as large as its parameters.

    Transposed convolutions stand out in the colour of weights.
    """
    rows = [row for row in model.rows if row.parameter_count]
    drawn = set(sorted(range(len(rows)), key=lambda n: -rows[n].parameter_count)[:TILES])
    ids, labels, parents, values, colours, told = ["model"], ["all"], [""], [0], [palette.grid], [""]
    sums: dict[tuple[str, ...], int] = {}
    rest = 0
    for n, row in enumerate(rows):
        if n not in drawn:
            rest += row.parameter_count
            continue
        path = _path(row)
        for depth in range(1, len(path)):
            sums[path[:depth]] = sums.get(path[:depth], 0) + row.parameter_count
    for path, count in sums.items():
        ids.append("m:" + ".".join(path))
        labels.append(path[-1])
        parents.append("m:" + ".".join(path[:-1]) if len(path) > 1 else "model")
        values.append(count)
        colours.append(palette.background)
        told.append(f"{'.'.join(path)}<br>{part_text(count, 'parameters')}")
    for n in sorted(drawn):
        row = rows[n]
        path = _path(row)
        ids.append(f"r:{n}")
        labels.append(f"{path[-1]}<br>{row.type}<br>{number(row.parameter_count)}")
        parents.append("m:" + ".".join(path[:-1]) if len(path) > 1 else "model")
        values.append(row.parameter_count)
        colours.append(palette.weights_fill if row.transposed else palette.grid)
        told.append(f"{row.title}, {row.type}<br>{part_text(row.parameter_count, 'parameters')}")
    if rest:
        ids.append("rest")
        labels.append(f"{number(len(rows) - len(drawn))} smaller layers<br>{number(rest)}")
        parents.append("model")
        values.append(rest)
        colours.append(palette.grid)
        told.append(f"{number(len(rows) - len(drawn))} smaller layers<br>{part_text(rest, 'parameters')}")
    values[0] = model.parameter_count
    told[0] = part_text(model.parameter_count, "parameters")
    labels[0] = model.name or "the model"
    trace: Spec = {
        "type": "treemap",
        "ids": ids,
        "labels": labels,
        "parents": parents,
        # Areas need no more digits than a screen has; the exact ones are in the words.
        "values": [float(value) for value in values],
        "branchvalues": "total",
        "marker": {
            "colors": colours,
            "line": {"color": palette.muted, "width": 1},
            "pad": {"t": 22, "l": 3, "r": 3, "b": 3},
        },
        "insidetextfont": {"family": FONT, "size": 13, "color": palette.text},
        "customdata": told,
        "hovertemplate": "%{customdata}<extra></extra>",
        "tiling": {"pad": 2},
        "pathbar": {"visible": False},
    }
    return figure([trace], layout(palette, 420, (4, 4, 4, 4), uniformtext={"minsize": 11, "mode": "hide"}))


def _path(row: Row) -> tuple[str, ...]:
    """Return the modules a layer is in, and its own name at the end: PyTorch has dots, Keras slashes."""
    return tuple(row.title.replace("/", ".").split("."))


def layers_figure(model: Model, palette: Palette) -> Drawing:
    """Return a bar for each layer, its weights and its biases; of many layers the heaviest, in order."""
    rows = heaviest(model, BARS)
    names = [_short(row) for row in rows]
    places = list(range(len(rows)))
    parts = (
        ("weights", [row.weight_count for row in rows], palette.weights_fill, palette.weights),
        ("biases", [row.bias_count for row in rows], palette.biases_fill, palette.biases),
        ("others", [row.other_count for row in rows], palette.grid, palette.muted),
    )
    told = [
        f"<b>{row.title}</b>, {row.type}<br>{part_text(row.weight_count, 'weights')}, "
        f"{part_text(row.bias_count, 'biases')}"
        + (f", {number(row.other_count)} others" * (row.other_count > 0))
        for row in rows
    ]
    data: list[Spec] = [
        {
            "type": "bar",
            "orientation": "h",
            "name": name,
            "y": places,
            "x": [float(count) for count in counts],
            "marker": {"color": fill, "line": {"color": edge, "width": 1}},
            "customdata": told,
            "hovertemplate": "%{customdata}<extra></extra>",
        }
        for name, counts, fill, edge in parts
        if any(counts)
    ]
    most = max((row.parameter_count for row in rows), default=1)
    ticks = [0.0, *(tick for tick in round_ticks(most / 5, most, 5))]
    across = {**axis(palette, ticks), "range": [0, most * 1.12], "side": "top"}
    down: Spec = {
        **axis(palette, ()),
        "tickvals": places,
        "ticktext": [
            f"<b>{name}</b>" if row.transposed else name for name, row in zip(names, rows, strict=True)
        ],
        "range": [len(rows) - 0.4, -0.6],
        "showgrid": False,
    }
    height = 60 + 20 * max(len(rows), 3)
    return figure(
        data,
        layout(palette, height, (190, 12, 28, 6), barmode="stack", bargap=0.25, xaxis=across, yaxis=down),
    )


def heaviest(model: Model, most: int) -> list[Row]:
    """Return the layers with the most parameters, at most so many, in the order of the model."""
    rows: Sequence[Row] = [row for row in model.rows if row.parameter_count]
    chosen = sorted(range(len(rows)), key=lambda n: -rows[n].parameter_count)[:most]
    return [rows[n] for n in sorted(chosen)]


def _short(row: Row) -> str:
    """Return a name that fits beside its bar: its end says which layer it is."""
    return row.title if len(row.title) <= 24 else "…" + row.title[-23:]
