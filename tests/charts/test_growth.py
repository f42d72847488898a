"""The growth figure: to scale, exact in its texts, every point inside its own panel."""

import itertools
import math
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

from calculator import ConvTranspose
from calculator.charts.descriptions import axis_name, doubling_law
from calculator.charts.growth import STEP_ACROSS
from calculator.core.growth import SWEPT, current_value, with_setting
from calculator.palette import LIGHT
from calculator.tables.sweeps import sweep_values
from tests.helpers.calculator_charts import both_scales, both_ways, digits, drawn_growth, every_layer, pieces
from tests.helpers.reading import LAPTOP, PHONE, Box, label_box, plot, tick_value

APART = 8
"""The pixels between one total and another above it."""


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

    @property
    def totals(self) -> set[str]:
        """The totals of the sweep."""
        return set(re.findall(r"<b>([\d,]+) parameter", " ".join(self.exact)))


def trace(figure: Any, name: str) -> Any:
    [found] = [trace for trace in figure.data if trace.name == name]
    return found


def uncoloured(text: str) -> str:
    """Return a law without the colours of its words."""
    return re.sub(r"</?span[^>]*>", "", text)


def pixels(figure: Any) -> tuple[float, float]:
    """Return how many pixels one unit of each axis has on a laptop."""
    across, up = (
        room / (axis.range[1] - axis.range[0])
        for room, axis in zip(plot(figure, LAPTOP), (figure.layout.xaxis, figure.layout.yaxis), strict=True)
    )
    return across, up


def labels(figure: Any) -> Iterator[tuple[Box, tuple[float, float], str, str, float]]:
    """Yield the box of each text in pixels, its place, the text, its side of that and the marker there."""
    texts, (across, up) = trace(figure, "marks"), pixels(figure)
    for x, y, text, side, marker in zip(
        texts.x, texts.y, texts.text, texts.textposition, texts.marker.size, strict=True
    ):
        box = label_box((x * across, -y * up), text, side, texts.textfont.size, marker)
        yield box, (x, y), text, side, marker


def law_text(layer: ConvTranspose, setting: str) -> str:
    """Return a law in three lines, as it is written over its panel."""
    law = doubling_law(layer, setting)
    biases = f"biases {law.biases}" if law.biases else "no biases"
    return f"<b>{law.setting} ×2 →<br>weights {law.weights}</b>, {biases}<br>total {law.total}"


def panels_of(figure: Any, layer: ConvTranspose) -> list[Drawn]:
    """Return the panels of a growth figure; each begins with its law."""
    totals, marks = trace(figure, "parameters"), trace(figure, "marks")
    spots = [
        Spot(*spot[:3], spot[3] if spot[4] else "")
        for spot in zip(marks.x, marks.y, marks.text, marks.marker.color, marks.marker.size, strict=True)
    ]
    laws = [law_text(layer, name) for name in SWEPT]
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
            point = with_setting(layer, panel.setting, value)
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
        points = [with_setting(layer, panel.setting, value) for value in sweep_values(layer, panel.setting)]
        fitted([current_value(point, panel.setting) for point in points], panel.x, log)
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
            with_setting(layer, panel.setting, value).parameter_count
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
        assert scale(tick_value(text)) == pytest.approx(place - first, abs=1e-3)


def totals_at(panel: Drawn, place: int) -> Spot:
    """Return a mark with its total, which stands at the edge of the panel where the mark has no room."""
    spot = panel.spots[place]
    return spot if spot.text else spot._replace(text=panel.spots[place + 1].text)


@every_layer
@both_scales
@both_ways
def test_growth_marks_where_the_layer_is(layer: ConvTranspose, log: bool, across: bool) -> None:
    for panel in panels_of(drawn_growth(layer, log=log, across=across), layer):
        here = current_value(layer, panel.setting)
        double = with_setting(layer, panel.setting, 2 * here).parameter_count
        own, twice = (totals_at(panel, place) for place, spot in enumerate(panel.spots) if spot.fill)
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
        totals = {text for text in panel.totals if "," in text}
        texts = [spot for spot in rest if not spot.fill and spot.text not in totals]
        ticks = [spot for spot in texts if re.fullmatch(r"[\d.,]+( [MGTP])?", spot.text)]
        assert 1 <= len(ticks) <= 7
        scale = fitted(list(sweep_values(layer, panel.setting)), panel.x, log)
        for tick in ticks:
            assert tick.x == pytest.approx(scale(tick_value(tick.text)), abs=1e-3)
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
def test_the_two_totals_of_a_panel_do_not_touch(layer: ConvTranspose) -> None:
    figure = drawn_growth(layer, log=False, across=True)
    boxes = {(x, y, text): box for box, (x, y), text, *_ in labels(figure)}
    for panel in panels_of(figure, layer):
        totals = [
            boxes[spot[:3]]
            for spot in panel.spots
            if (total := re.sub("</?b>", "", spot.text)) in panel.totals and (spot.fill or len(total) > 7)
        ]
        for one, other in itertools.combinations(totals, 2):
            assert not one._replace(top=one.top - APART, bottom=one.bottom + APART).meets(other), (
                panel.setting
            )


def read_law(layer: ConvTranspose, setting: str) -> str:
    """Return the law over a panel as it is read, without its lines and its markup."""
    [panel] = [panel for panel in panels_of(drawn_growth(layer), layer) if panel.setting == setting]
    return " ".join(re.sub(r"<[^>]+>|,", " ", panel.spots[0].text).split())


LAYER = ConvTranspose(in_channels=3, out_channels=64, kernel_size=4)


def test_titles_of_the_worked_example() -> None:
    assert read_law(LAYER, "kernel_size") == "kernel ×2 → weights ×4 biases ×1 total about ×3.94"
    assert read_law(LAYER, "in_channels") == "input channels ×2 → weights ×2 biases ×1 total about ×1.98"
    assert read_law(LAYER, "out_channels") == "output channels ×2 → weights ×2 biases ×2 total ×2"
    law = panels_of(drawn_growth(LAYER), LAYER)[0].spots[0].text
    assert set(re.findall(r"<[^>]+>", uncoloured(law))) <= {"<b>", "</b>", "<br>"}


def test_a_law_names_weights_and_biases_in_the_colours_of_their_areas() -> None:
    law = panels_of(drawn_growth(LAYER), LAYER)[0].spots[0].text
    coloured = re.findall(r'<span style="color:([^"]+)">(\w+)</span>', law)
    assert coloured == [(LIGHT.weights, "weights"), (LIGHT.biases, "biases")]


@pytest.mark.parametrize(("rank", "factor"), [(1, 2), (2, 4), (3, 8)])
def test_a_kernel_grows_with_the_power_of_the_dimensions(rank: int, factor: int) -> None:
    layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=(4,) * rank, bias=False)
    assert read_law(layer, "kernel_size") == f"kernel ×2 → weights ×{factor} no biases total ×{factor}"


def test_the_law_of_a_kernel_that_is_not_square_names_its_axis() -> None:
    for kernel, axis in (((2, 1), "height"), ((2, 1, 1), "depth")):
        layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=kernel, bias=False)
        assert read_law(layer, "kernel_size").startswith(f"kernel {axis} ×2 → weights ×2 ")


@pytest.mark.parametrize(
    "layer",
    [
        LAYER,
        *(
            ConvTranspose(in_channels=channels, out_channels=channels, kernel_size=(kernel,) * rank)
            for channels in (64, 4_096, 65_536)
            for kernel, rank in ((4, 2), (16, 3), (128, 3))
        ),
    ],
    ids=lambda layer: f"{layer.parameter_count:,}",
)
@both_scales
@both_ways
def test_totals_reach_over_neither_the_axis_nor_the_next_panel(
    layer: ConvTranspose, log: bool, across: bool
) -> None:
    figure = drawn_growth(layer, log=log, across=across)
    width = LAPTOP if across else PHONE
    texts, (room, _) = trace(figure, "marks"), plot(figure, width)
    unit = room / (figure.layout.xaxis.range[1] - figure.layout.xaxis.range[0])
    sides = zip(texts.x, texts.text, texts.textposition, texts.marker.size, strict=True)
    totals = [spot for spot in sides if spot[2] != "bottom center" and not re.search("[a-z]{2}|^$", spot[1])]
    assert len(totals) == 6
    for x, text, side, marker in totals:
        box = label_box((x * unit, 0), text, side, texts.textfont.size, marker)
        panel = int(x / STEP_ACROSS + 1e-9) if across else 0
        assert box.left >= panel * STEP_ACROSS * unit
        assert box.right <= (panel + 1) * STEP_ACROSS * unit
        assert box.left - panel * STEP_ACROSS * unit >= (0.01 * unit if side == "top right" else 0)


@pytest.mark.parametrize("channels", [256, 4_096, 65_536])
def test_a_total_covers_no_other_marker(channels: int) -> None:
    layer = ConvTranspose(in_channels=channels, out_channels=channels, kernel_size=16, groups=channels)
    figure = drawn_growth(layer)
    across, up = pixels(figure)
    marked = [(box, place, text) for box, place, text, _, marker in labels(figure) if marker]
    assert len(marked) == 6
    for box, place, text in marked:
        centres = [(x * across, -y * up) for _, (x, y), _ in marked if (x, y) != place]
        others = [Box(x - 6, y - 6, x + 6, y + 6) for x, y in centres]
        assert not any(box.meets(other) for other in others), text


@pytest.mark.parametrize("kernel", [(3,), (4, 4), (64,) * 3, (128,) * 3])
def test_a_long_total_does_not_lie_on_its_line(kernel: tuple[int, ...]) -> None:
    figure = drawn_growth(ConvTranspose(in_channels=65_536, out_channels=65_536, kernel_size=kernel))
    totals, (across, up) = trace(figure, "parameters"), pixels(figure)
    on_lines = [
        ((start[0] + (end[0] - start[0]) * n / 40) * across, -(start[1] + (end[1] - start[1]) * n / 40) * up)
        for line in pieces(totals.x, totals.y)
        for start, end in itertools.pairwise(line)
        for n in range(41)
    ]
    own = [label for label in labels(figure) if re.fullmatch(r"<b>[\d,]+</b>", label[2])]
    assert len(own) == 3
    for box, _, text, side, _ in own:
        assert not any(box.meets(Box(x, y, x, y)) for x, y in on_lines), (text, side)
