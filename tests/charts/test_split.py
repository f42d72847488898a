"""The figures: valid for Plotly, to scale, exact in their texts, right at every extreme."""

import itertools
import math
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import plotly.graph_objects as go
import pytest
from hypothesis import example, given
from hypothesis import settings as configured
from hypothesis import strategies as st

from calculator import ConvTranspose
from calculator.charts.descriptions import axis_name, law_title
from calculator.charts.figure import enlarged
from calculator.charts.growth import Panel, growth_figure
from calculator.charts.plane import plane_figure
from calculator.charts.split import VISIBLE_SHARE, split_figure
from calculator.core.growth import SWEPT, current, varied
from calculator.palette import DARK, LIGHT, Palette
from calculator.tables.answer import split
from calculator.tables.sweeps import equal_count_lines, plane_channels, plane_grid, sweep_values, sweeps
from tests.charts.test_ticks import said

LAYERS = [
    ConvTranspose(in_channels=3, out_channels=64, kernel_size=4),
    ConvTranspose(in_channels=1, out_channels=1, kernel_size=1),
    ConvTranspose(in_channels=1, out_channels=1, kernel_size=1, bias=False),
    ConvTranspose(in_channels=1, out_channels=1, kernel_size=(1,)),
    ConvTranspose(in_channels=1, out_channels=65_536, kernel_size=(1, 1, 1)),
    ConvTranspose(in_channels=32, out_channels=1024, kernel_size=(2, 1)),
    ConvTranspose(in_channels=512, out_channels=256, kernel_size=(16,)),
    ConvTranspose(in_channels=48, out_channels=36, kernel_size=(3, 5, 7), groups=12),
    ConvTranspose(in_channels=65_536, out_channels=65_536, kernel_size=4, groups=65_536),
    ConvTranspose(in_channels=65_536, out_channels=65_536, kernel_size=(128,) * 3),
    ConvTranspose(in_channels=65_536, out_channels=65_536, kernel_size=(128,) * 3, bias=False),
]
ROUND = {10**3, 10**5, 10**7}
PALETTES = {"light": LIGHT, "dark": DARK}


def layer_name(layer: ConvTranspose) -> str:
    return f"{layer.weight_shape}{'' if layer.bias else ' no bias'}"


every_layer = pytest.mark.parametrize("layer", LAYERS, ids=layer_name)
both_scales = pytest.mark.parametrize("log", [False, True], ids=["linear", "log"])
both_ways = pytest.mark.parametrize("across", [True, False], ids=["across", "down"])
both_palettes = pytest.mark.parametrize("palette", PALETTES.values(), ids=PALETTES)


def valid(figure: Any) -> Any:
    """Return the figure as Plotly understands it; an unknown name or a wrong value raises."""
    return go.Figure(figure.to_dict())


def drawn_split(layer: ConvTranspose, palette: Palette = LIGHT) -> Any:
    return valid(split_figure(split(layer), palette))


def drawn_growth(
    layer: ConvTranspose, *, log: bool = False, across: bool = True, palette: Palette = LIGHT
) -> Any:
    panels = [
        Panel(name, axis_name(layer, name), current(layer, name), law_title(layer, name)) for name in SWEPT
    ]
    return valid(growth_figure(sweeps(layer), panels, palette, log=log, across=across))


def drawn_plane(layer: ConvTranspose, palette: Palette = LIGHT) -> Any:
    totals = {layer.parameter_count, *ROUND}
    lines = equal_count_lines(layer, totals, plane_channels(layer, "in_channels"))
    here = (layer.in_channels, layer.out_channels, layer.parameter_count)
    return valid(plane_figure(plane_grid(layer), lines, here, palette))


def digits(text: str) -> list[int]:
    """Return the whole numbers in a text."""
    return [int(found.replace(",", "")) for found in re.findall(r"\d[\d,]*", text)]


def texts(node: Any) -> Iterator[str]:
    """Yield every text a reader of the figure can see."""
    if isinstance(node, dict):
        for name, value in node.items():
            if name in ("text", "ticktext", "hovertext", "title"):
                yield from strings(value)
            if isinstance(value, (dict, list, tuple)):
                yield from texts(value)
    elif isinstance(node, (list, tuple)):
        for item in node:
            yield from texts(item)


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from strings(item)


def numbers(node: Any) -> Iterator[float]:
    """Yield every number anywhere in a figure."""
    if isinstance(node, dict):
        for value in node.values():
            yield from numbers(value)
    elif isinstance(node, (list, tuple)):
        for item in node:
            yield from numbers(item)
    elif isinstance(node, (int, float)):
        yield node


def all_figures(layer: ConvTranspose, palette: Palette) -> list[Any]:
    growth = [
        drawn_growth(layer, log=log, across=across, palette=palette)
        for log, across in itertools.product((False, True), repeat=2)
    ]
    return [drawn_split(layer, palette), *growth, drawn_plane(layer, palette)]


@every_layer
@both_palettes
def test_every_figure_is_valid_and_of_fixed_height(layer: ConvTranspose, palette: Palette) -> None:
    for figure in all_figures(layer, palette):
        assert len(figure.data) > 0
        assert figure.layout.height > 0
        assert figure.layout.paper_bgcolor == palette.background
        assert figure.layout.font.color == palette.text
        assert figure.layout.showlegend is False
        assert all(math.isfinite(value) for value in numbers(figure.to_dict()))


@every_layer
def test_no_text_is_in_scientific_notation(layer: ConvTranspose) -> None:
    for figure in all_figures(layer, LIGHT):
        seen = list(texts(figure.to_dict()))
        assert seen
        assert [text for text in seen if re.search(r"\de[+-]?\d|inf|nan", text)] == []


def test_heights_do_not_depend_on_the_layer() -> None:
    for build in (drawn_split, drawn_growth, drawn_plane):
        assert len({build(layer).layout.height for layer in LAYERS}) == 1


class Bar(NamedTuple):
    """One part of a bar of the split, as it is drawn."""

    start: float
    length: float
    fill: str
    text: str
    hover: str


def bars(figure: Any) -> dict[float, dict[str, Bar]]:
    """Return the bars of a split: row → weights and biases, as their hover says."""
    rows: dict[float, dict[str, Bar]] = {}
    [trace] = figure.data
    columns = (trace.y, trace.base, trace.x, trace.marker.color, trace.text, trace.hovertext)
    for row, start, length, fill, text, hover in zip(*columns, strict=True):
        part = "weights" if "weight" in hover else "biases"
        rows.setdefault(row, {})[part] = Bar(start, length, fill, text, hover)
    return rows


@every_layer
@both_palettes
def test_the_split_is_to_scale(layer: ConvTranspose, palette: Palette) -> None:
    rows = bars(drawn_split(layer, palette))
    share = layer.bias_count / layer.parameter_count
    top = rows[max(rows)]
    drawn = sum(bar.length for part, bar in top.items() if part == "biases")
    assert drawn == pytest.approx(share, rel=1e-12, abs=0)
    assert set(top) == ({"weights", "biases"} if layer.bias else {"weights"})
    for row in rows.values():
        assert row["weights"].start == 0
        assert sum(bar.length for bar in row.values()) == pytest.approx(1)
        assert row["weights"].fill == palette.weights_fill
        # Of a magnified end only the biases are whole: the weights in it are not all of them.
        assert digits(row["weights"].hover) == ([layer.weight_count] if row is top else [])
        if "biases" in row:
            assert row["biases"].start == pytest.approx(row["weights"].length)
            assert row["biases"].fill == palette.biases_fill
            assert digits(row["biases"].hover) == [layer.bias_count]


@every_layer
def test_both_parts_of_the_split_are_labelled_with_exact_counts(layer: ConvTranspose) -> None:
    rows = bars(drawn_split(layer))
    top = rows.pop(max(rows))
    assert digits(top["weights"].text) == [layer.weight_count]
    for magnified in rows.values():
        assert digits(magnified["weights"].text) == []
    if layer.bias:
        labels = [row["biases"].text for row in (top, *rows.values()) if row["biases"].text]
        assert labels
        assert all(digits(text) == [layer.bias_count] for text in labels)


@given(st.integers(1, 65_536), st.integers(1, 128), st.integers(1, 3), st.booleans())
@example(3, 1, 2, True)
@example(4, 1, 2, True)
@example(19, 1, 2, True)
@example(199, 1, 2, True)
@example(65_536, 128, 3, True)
@configured(deadline=None)
def test_small_biases_are_magnified(inputs: int, kernel: int, rank: int, bias: bool) -> None:
    layer = ConvTranspose(in_channels=inputs, out_channels=7, kernel_size=(kernel,) * rank, bias=bias)
    figure = drawn_split(layer)
    rows = bars(figure)
    share = layer.bias_count / layer.parameter_count
    assert (len(rows) == 2) is (0 < share < VISIBLE_SHARE)
    notes = [note.text for note in figure.layout.annotations]
    assert len(notes) == len(figure.layout.shapes) == len(rows) - 1
    if notes:
        shown = rows[min(rows)]["biases"]
        assert VISIBLE_SHARE * (1 - 1e-9) <= shown.length <= 1
        [zoom] = digits(notes[0].split("1/")[1])
        assert shown.length == pytest.approx(share * zoom)
        assert str(zoom).rstrip("0") in ("1", "2", "5")
        assert shown.text


def test_biases_are_visible_from_the_share_that_is_said() -> None:
    assert 0.05 <= VISIBLE_SHARE <= 0.25
    weights = round(1 / VISIBLE_SHARE) - 1
    at, below = (
        ConvTranspose(in_channels=inputs, out_channels=1, kernel_size=1) for inputs in (weights, weights + 1)
    )
    assert (len(bars(drawn_split(at))), len(bars(drawn_split(below)))) == (1, 2)


class Spot(NamedTuple):
    """A text of the growth figure, where it stands, and how its mark is filled, if it has one."""

    x: float
    y: float
    text: str
    fill: str


class Drawn(NamedTuple):
    """One panel of the growth figure: its sweep as it is drawn, and what is written in it."""

    setting: str
    x: list[float]
    y: list[float]
    exact: list[str]
    spots: list[Spot]


def trace(figure: Any, name: str) -> Any:
    [found] = [trace for trace in figure.data if trace.name == name]
    return found


def pieces(*columns: Any) -> list[list[Any]]:
    """Return columns cut at the gaps of the first one, a list of rows each."""
    cut: list[list[Any]] = [[]]
    for row in zip(*columns, strict=True):
        if row[0] is None:
            cut.append([])
        else:
            cut[-1].append(row)
    return [piece for piece in cut if piece]


def uncoloured(text: str) -> str:
    """Return a law without the colours of its words."""
    return re.sub(r"</?span[^>]*>", "", text)


def panels_of(figure: Any, layer: ConvTranspose) -> list[Drawn]:
    """Return the panels of a growth figure; each begins with its law."""
    totals, marks = trace(figure, "parameters"), trace(figure, "marks")
    spots = [
        Spot(*spot[:3], spot[3] if spot[4] else "")
        for spot in zip(marks.x, marks.y, marks.text, marks.marker.color, marks.marker.size, strict=True)
    ]
    laws = [law_title(layer, name) for name in SWEPT]
    starts = [place for place, spot in enumerate(spots) if uncoloured(spot.text) in laws]
    assert [uncoloured(spots[place].text) for place in starts] == laws
    drawn = []
    for piece, setting, start, end in zip(
        pieces(totals.x, totals.y, totals.text), SWEPT, starts, [*starts[1:], len(spots)], strict=True
    ):
        x, y, exact = (list(column) for column in zip(*piece, strict=True))
        drawn.append(Drawn(setting, x, y, exact, spots[start:end]))
    return drawn


def fitted(values: list[int], places: list[float], log: bool) -> Callable[[float], float]:
    """Return the scale by which ``values`` lie at ``places``, after checking that there is one."""
    rise = [math.log(value) if log else value for value in values]
    low, high = min(range(len(rise)), key=rise.__getitem__), max(range(len(rise)), key=rise.__getitem__)
    slope = (places[high] - places[low]) / (rise[high] - rise[low])
    assert slope > 0

    def scale(value: float) -> float:
        return places[low] + slope * ((math.log(value) if log else value) - rise[low])

    for value, place in zip(values, places, strict=True):
        assert scale(value) == pytest.approx(place, abs=1e-9)
    return scale


def foot(figure: Any, place: int) -> float:
    """Return where the area of the weights of one panel stands."""
    weights = trace(figure, "weights")
    return float(min(y for _, y in pieces(weights.x, weights.y)[place]))


@every_layer
@both_scales
@both_ways
def test_growth_tells_exact_counts(layer: ConvTranspose, log: bool, across: bool) -> None:
    for panel in panels_of(drawn_growth(layer, log=log, across=across), layer):
        values = sweep_values(layer, panel.setting)
        assert len(panel.exact) == len(values)
        for value, text in zip(values, panel.exact, strict=True):
            point = varied(layer, panel.setting, value)
            told = digits(text)
            assert told[0] == value
            assert told[-3:] == [point.weight_count, point.bias_count, point.parameter_count]
            assert text.startswith(axis_name(layer, panel.setting))


@every_layer
@both_scales
@both_ways
def test_growth_stacks_biases_on_weights_to_scale(layer: ConvTranspose, log: bool, across: bool) -> None:
    figure = drawn_growth(layer, log=log, across=across)
    drawn = panels_of(figure, layer)
    areas = {name: trace(figure, name) for name in ("weights", "biases")}
    outlines = {name: pieces(area.x, area.y) for name, area in areas.items()}
    for place, panel in enumerate(drawn):
        points = [varied(layer, panel.setting, value) for value in sweep_values(layer, panel.setting)]
        fitted([current(point, panel.setting) for point in points], panel.x, log)
        base = foot(figure, place)
        scale = fitted([point.parameter_count for point in points], panel.y, log)
        weights = [max(base, scale(point.weight_count)) for point in points]
        for name, (upper, lower) in {
            "weights": (weights, [base] * len(points)),
            "biases": (panel.y, weights),
        }.items():
            xs, ys = (list(column) for column in zip(*outlines[name][place], strict=True))
            assert xs == pytest.approx([*panel.x, *reversed(panel.x)])
            assert ys == pytest.approx([*upper, *reversed(lower)], abs=1e-9)
    assert areas["weights"].fillcolor == LIGHT.weights_fill
    assert areas["biases"].fillcolor == LIGHT.biases_fill
    assert {area.fill for area in areas.values()} == {"toself"}


@every_layer
@both_scales
@both_ways
def test_panels_share_one_scale_of_parameters(layer: ConvTranspose, log: bool, across: bool) -> None:
    figure = drawn_growth(layer, log=log, across=across)
    counts: list[int] = []
    places: list[float] = []
    for panel in panels_of(figure, layer):
        # The law stands at the top of its panel.
        top = panel.spots[0].y
        counts += [
            varied(layer, panel.setting, value).parameter_count
            for value in sweep_values(layer, panel.setting)
        ]
        places += [y - top for y in panel.y]
    scale = fitted(counts, places, log)
    axis = figure.layout.yaxis
    assert axis.title.text == "parameters"
    assert len(axis.tickvals) == len(axis.ticktext) >= 2
    first = panels_of(figure, layer)[0].spots[0].y
    rows = 1 if across else len(SWEPT)
    assert len(axis.tickvals) % rows == 0
    for place, text in list(zip(axis.tickvals, axis.ticktext, strict=True))[: len(axis.tickvals) // rows]:
        assert scale(said(text)) == pytest.approx(place - first, abs=1e-3)


@every_layer
@both_scales
@both_ways
def test_growth_marks_where_the_layer_is(layer: ConvTranspose, log: bool, across: bool) -> None:
    for panel in panels_of(drawn_growth(layer, log=log, across=across), layer):
        here = current(layer, panel.setting)
        double = varied(layer, panel.setting, 2 * here).parameter_count
        own, twice = (spot for spot in panel.spots if spot.fill)
        assert (digits(own.text), digits(twice.text)) == ([layer.parameter_count], [double])
        assert own.text.startswith("<b>")
        assert not twice.text.startswith("<b>")
        assert own.fill == LIGHT.here != twice.fill
        values = sweep_values(layer, panel.setting)
        for spot, value in ((own, here), (twice, 2 * here)):
            place = values.index(value)
            assert (spot.x, spot.y) == pytest.approx((panel.x[place], panel.y[place]))


@every_layer
@both_scales
@both_ways
def test_every_panel_has_round_values_on_its_axis(layer: ConvTranspose, log: bool, across: bool) -> None:
    figure = drawn_growth(layer, log=log, across=across)
    for place, panel in enumerate(panels_of(figure, layer)):
        law, *rest = panel.spots
        ticks = [spot for spot in rest if not spot.fill and re.fullmatch(r"[\d.,]+( [MGTP])?", spot.text)]
        assert 1 <= len(ticks) <= 7
        scale = fitted(list(sweep_values(layer, panel.setting)), panel.x, log)
        for tick in ticks:
            assert tick.x == pytest.approx(scale(said(tick.text)), abs=1e-3)
            assert tick.y == foot(figure, place) < law.y
        assert any(spot.text.endswith(axis_name(layer, panel.setting)) for spot in rest)


@every_layer
@both_scales
@both_ways
def test_every_point_lies_in_its_own_panel(layer: ConvTranspose, log: bool, across: bool) -> None:
    figure = drawn_growth(layer, log=log, across=across)
    axes = figure.layout.xaxis.range, figure.layout.yaxis.range
    ends = []
    for place, panel in enumerate(panels_of(figure, layer)):
        bottom = foot(figure, place)
        assert min(panel.x) >= axes[0][0] - 1e-9
        assert max(panel.x) <= axes[0][1] + 1e-9
        assert bottom >= axes[1][0] - 1e-9
        assert panel.spots[0].y <= axes[1][1] + 1e-9
        assert bottom <= min(panel.y) <= max(panel.y) <= panel.spots[0].y
        ends.append((min(panel.x), max(panel.x)) if across else (-panel.spots[0].y, -bottom))
    for (_, end), (start, _) in itertools.pairwise(ends):
        assert start > end


@every_layer
@both_palettes
def test_the_plane(layer: ConvTranspose, palette: Palette) -> None:
    figure = drawn_plane(layer, palette)
    cells, *_, own = figure.data
    rows: list[Any] = list(plane_grid(layer).itertuples(index=False))
    counts = {(row.in_channels, row.out_channels): row.parameters for row in rows}
    for (row, outputs), (column, inputs) in itertools.product(enumerate(cells.y), enumerate(cells.x)):
        assert digits(cells.text[row][column]) == [inputs, outputs, counts[inputs, outputs]]
        assert 10 ** cells.z[row][column] == pytest.approx(counts[inputs, outputs])
    [here] = [place for place, text in enumerate(own.text) if text]
    assert (own.x[here], own.y[here]) == (layer.in_channels, layer.out_channels)
    assert digits(own.text[here]) == [layer.parameter_count]
    assert [place for place, size in enumerate(own.marker.size) if size] == [here]
    for axis, place in ((figure.layout.xaxis, own.x[here]), (figure.layout.yaxis, own.y[here])):
        assert axis.type == "log"
        assert axis.range[0] <= math.log10(place) <= axis.range[1]
        assert [said(text) for text in axis.ticktext] == pytest.approx(list(axis.tickvals), rel=6e-4)


def count_at(layer: ConvTranspose, inputs: float, outputs: float) -> float:
    """Return the parameters at a place of the plane, between whole channels too."""
    return outputs * (inputs * layer.kernel_volume / layer.groups + layer.bias)


@every_layer
def test_the_own_line_of_the_plane_is_the_heaviest_and_passes_through_the_point(layer: ConvTranspose) -> None:
    _, lines, _, own = drawn_plane(layer).data
    assert own.line.width > lines.line.width
    assert own.line.color == LIGHT.here != lines.line.color
    assert (layer.in_channels, layer.out_channels) in zip(own.x, own.y, strict=True)
    assert list(own.x) == sorted(own.x)
    for inputs, outputs in zip(own.x, own.y, strict=True):
        assert count_at(layer, inputs, outputs) == pytest.approx(layer.parameter_count)


@every_layer
def test_every_line_of_the_plane_has_one_count_and_says_it(layer: ConvTranspose) -> None:
    figure = drawn_plane(layer)
    _, lines, labels, _ = figure.data
    bottom, top = figure.layout.yaxis.range
    labelled = {digits(text)[0]: (x, y) for x, y, text in zip(labels.x, labels.y, labels.text, strict=True)}
    drawn = pieces(lines.x, lines.y)
    assert len(drawn) == len(ROUND - {layer.parameter_count})
    assert set(labelled) <= ROUND - {layer.parameter_count}
    for total, (x, y) in labelled.items():
        assert count_at(layer, x, y) == pytest.approx(total)
        assert bottom <= math.log10(y) <= top
    for line in drawn:
        counts = [count_at(layer, x, y) for x, y in line]
        assert counts == pytest.approx([counts[0]] * len(counts))
        seen = [y for _, y in line if bottom + 0.08 <= math.log10(y) <= top - 0.08]
        if len(seen) >= 2:
            assert round(counts[0]) in labelled


def test_the_plane_of_a_layer_of_one_parameter() -> None:
    cells = drawn_plane(LAYERS[2]).data[0]
    assert min(min(row) for row in cells.z) == 0


def test_light_and_dark_differ_in_colours_alone() -> None:
    for build in (drawn_split, drawn_growth, drawn_plane):
        light, dark = (str(build(LAYERS[0], palette=palette).to_dict()) for palette in (LIGHT, DARK))
        assert light != dark
        assert re.sub("#[0-9A-F]{6}", "", light) == re.sub("#[0-9A-F]{6}", "", dark)


def test_an_enlarged_chart_is_the_same_chart_larger() -> None:
    small = split_figure(split(ConvTranspose(in_channels=3, out_channels=64, kernel_size=4)), LIGHT)
    large = enlarged(small, 1.5)
    go.Figure(large.to_dict())
    assert large.to_dict()["layout"]["height"] == 1.5 * small.to_dict()["layout"]["height"]
    assert large.to_dict()["layout"]["font"]["size"] == 1.5 * small.to_dict()["layout"]["font"]["size"]
    for part in ("x", "base", "y", "text"):
        assert large.to_dict()["data"][0][part] == small.to_dict()["data"][0][part]
