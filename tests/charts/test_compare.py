"""The scatter of alternatives and the frontier of a budget: every place, every label, every pair."""

import bisect
import functools
import itertools
import math
import re
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import example, given
from hypothesis import settings as configured
from hypothesis import strategies as st

from calculator import ConvTranspose
from calculator.charts.compare import Choice, frontier_figure, scatter_figure
from calculator.charts.figure import enlarged
from calculator.comparison.budget import frontier
from calculator.palette import DARK, LIGHT, Palette
from calculator.upsampling.alternative import Alternative
from calculator.upsampling.alternatives import alternatives
from calculator.upsampling.pareto_front import compared, learned_front
from tests.helpers import reference
from tests.helpers.reading import (
    LAPTOP,
    PHONE,
    Box,
    label_box,
    log_places,
    plot_box,
    strangers,
    tick_value,
    valid,
    wide,
)

PALETTES = {"light": LIGHT, "dark": DARK}
WIDTHS = {"phone": PHONE, "usual": 850, "wide": 1000}
"""The widths that the page places labels for."""

both_palettes = pytest.mark.parametrize("palette", PALETTES.values(), ids=PALETTES)
every_width = pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)


def choices(inputs: int, outputs: int, scale: tuple[int, ...], size: int, **more: Any) -> tuple[Choice, ...]:
    """Return the alternatives as the page draws them."""
    found = [one for one in alternatives(inputs, outputs, scale, **more) if isinstance(one, Alternative)]
    front, full = learned_front(found, size), compared(found)
    return tuple(
        Choice(
            one.name,
            one.parameter_count,
            one.multiply_accumulates(size),
            best=n in front,
            fixed=n not in full,
            own=one.key == "yours",
            number=n + 1 if one.usual or n in front else 0,
            recommended=n == front[-1],
        )
        for n, one in enumerate(found)
    )


CHOICES: dict[str, Callable[[], tuple[Choice, ...]]] = {
    "usual": partial(choices, 64, 32, (2, 2), 16),
    "first": partial(choices, 3, 64, (2, 2), 16, kernel_size=(4, 4)),
    "signal": partial(choices, 512, 256, (4,), 128, kernel_size=(16,)),
    "volume": partial(choices, 16, 16, (2, 2, 2), 8, kernel_size=(5, 5, 5)),
    "one": partial(choices, 1, 1, (1,), 1, kernel_size=(3,)),
    "scale 1": partial(choices, 8, 8, (1, 1), 4, bias=False),
    "largest": partial(choices, 65_536, 65_536, (128,) * 3, 65_536, kernel_size=(128,) * 3, groups=65_536),
    "not square": partial(choices, 64, 32, (1, 4), 16, kernel_size=(2, 1), groups=8),
    "alone": lambda: (Choice("the only one", 1, 1, True, number=1),),
    "crowd": lambda: tuple(Choice(f"crowd {n}", 1000 + n, 2000 - n, n < 4, number=n + 1) for n in range(12)),
    "same": lambda: tuple(Choice(f"just the same {n}", 10**6, 10**9, True, number=n) for n in range(9)),
    "nothing best": lambda: (Choice("a", 5, 10**30, False), Choice("b", 10**20, 1, False)),
}
"""What is drawn, by name. The alternatives are only computed by the process that draws them."""


@functools.cache
def chosen(name: str) -> tuple[Choice, ...]:
    return CHOICES[name]()


@pytest.fixture
def made(request: pytest.FixtureRequest) -> tuple[Choice, ...]:
    return chosen(request.param)


every_choice = pytest.mark.parametrize("made", CHOICES, indirect=True)


@functools.lru_cache(128)
def drawn_scatter(made: tuple[Choice, ...], width: float, palette: Palette = LIGHT) -> Any:
    return valid(scatter_figure(made, palette, across=width))


@every_choice
@every_width
@both_palettes
def test_every_choice_is_a_point_that_tells_exact_counts(
    made: tuple[Choice, ...], width: int, palette: Palette
) -> None:
    figure = drawn_scatter(made, width, palette)
    _, marks = figure.data
    assert list(marks.x) == [float(one.parameters) for one in made]
    assert list(marks.y) == [float(one.multiply_accumulates) for one in made]
    for one, told in zip(made, marks.customdata, strict=True):
        ends = ["" if count == 1 else "s" for count in one[1:3]]
        assert told == (
            f"<b>{one.name}</b><br>{one.parameters:,} parameter{ends[0]}<br>"
            f"{one.multiply_accumulates:,} multiply–accumulate{ends[1]}"
        )
    assert marks.hovertemplate == "%{customdata}<extra></extra>"
    looks = (marks.marker.color, marks.marker.size, marks.marker.symbol)
    for one, colour, size, symbol in zip(made, *looks, strict=True):
        # Orange is the visitor's own, blue the front; what is not compared is hollow, what has no name small.
        usual = palette.weights if one.best or one.recommended else palette.muted
        assert colour == (palette.biases if one.own else usual)
        assert (size >= 12) is (one.best or one.own or one.recommended)
        assert (size < 9) is not (one.best or one.own or one.recommended or bool(one.number))
        assert symbol == ("circle-open" if one.fixed else "circle")
    assert strangers(figure, palette) == set()


@every_choice
@every_width
def test_the_line_goes_through_the_front_in_order(made: tuple[Choice, ...], width: int) -> None:
    line, _ = drawn_scatter(made, width).data
    front = [(one.parameters, one.multiply_accumulates) for one in made if one.best]
    assert list(zip(line.x, line.y, strict=True)) == sorted(front)
    assert (line.mode, line.line.color) == ("lines", LIGHT.weights)
    assert line.hoverinfo == "skip"
    if made not in (chosen("crowd"), chosen("same")):
        # To the right everything on it is cheaper.
        assert sorted(line.y, reverse=True) == list(line.y)


def beaten(one: Choice, made: tuple[Choice, ...]) -> bool:
    costs = [other[1:3] for other in made]
    return any(a <= one[1] and b <= one[2] and (a, b) != one[1:3] for a, b in costs)


@pytest.mark.parametrize("name", ["usual", "first", "signal", "volume", "not square", "largest"])
def test_below_and_left_of_the_front_is_nothing_that_learns(name: str) -> None:
    learning = tuple(one for one in chosen(name) if not one.fixed)
    for one in chosen(name):
        if one.best:
            assert not beaten(one, learning)


def label_of(one: Choice, width: int, made: tuple[Choice, ...]) -> str:
    """Return the label; on a phone the numbers of all choices with the same costs."""
    if width == PHONE:
        return ", ".join(
            str(n) for n in sorted(other.number for other in made if other[1:3] == one[1:3]) if n
        )
    return "recommended" if one.recommended else one.name.split(":")[0]


def labels(figure: Any, width: float) -> dict[int, Box]:
    """Return the boxes of the labels of a scatter, by the place of their point."""
    _, marks = figure.data
    place, font = log_places(figure, width), marks.textfont.size
    columns = zip(marks.text, marks.x, marks.y, marks.textposition, marks.marker.size, strict=True)
    return {
        n: label_box(place(x, y), text, position, font, size)
        for n, (text, x, y, position, size) in enumerate(columns)
        if text
    }


def points(figure: Any, width: float) -> list[Box]:
    _, marks = figure.data
    place = log_places(figure, width)
    found = []
    for x, y, size in zip(marks.x, marks.y, marks.marker.size, strict=True):
        across, down = place(x, y)
        found.append(Box(across - size / 2, down - size / 2, across + size / 2, down + size / 2))
    return found


def check_labels(figure: Any, width: float) -> dict[int, Box]:
    """Check that no label covers another or a point, or reaches out of the axes; return them."""
    boxes, whole = labels(figure, width), plot_box(figure, width)
    for one, other in itertools.combinations(boxes.values(), 2):
        assert not one.meets(other)
    for box, point in itertools.product(boxes.values(), points(figure, width)):
        assert not box.meets(point)
    for box in boxes.values():
        assert box.inside(whole)
    return boxes


@every_choice
@every_width
def test_no_label_covers_another_or_a_point(made: tuple[Choice, ...], width: int) -> None:
    figure = drawn_scatter(made, width)
    _, marks = figure.data
    check_labels(figure, width)
    for one, text in zip(made, marks.text, strict=True):
        plain = text.replace("<b>", "").replace("</b>", "").replace("<br>", " ")
        # Without what follows a colon; on a phone the number that stands for the name.
        assert plain in ("", label_of(one, width, made))
        assert text.startswith("<b>") is ((one.best or one.recommended) and bool(text))
        assert not text or one.number
        assert "<br>" not in text
    assert marks.cliponaxis is False


@pytest.mark.parametrize("name", ["usual", "first", "signal", "volume", "not square"])
def test_nearly_all_numbered_points_are_named(name: str) -> None:
    numbered = {(one.parameters, one.multiply_accumulates) for one in chosen(name) if one.number}
    for width in WIDTHS.values():
        named = labels(drawn_scatter(chosen(name), width), width)
        # Several forms may have the same costs, and so the same point.
        assert len(named) >= len(numbered) * (2 / 3 if width > PHONE else 1 / 2)
        assert {n for n, one in enumerate(chosen(name)) if one.recommended} <= set(named)


@configured(max_examples=150, deadline=None)
@given(
    made=st.lists(
        st.builds(
            Choice,
            st.text("abc +", min_size=1, max_size=40).map(lambda text: f"x{text}x".replace("  ", " ")),
            st.integers(1, 10**6),
            st.integers(1, 10**6),
            st.booleans(),
            number=st.integers(0, 40),
        ),
        min_size=1,
        max_size=14,
    ),
    width=st.integers(300, 1400),
)
def test_wherever_the_points_lie_labels_keep_apart(made: list[Choice], width: int) -> None:
    check_labels(drawn_scatter(tuple(made), width), width)


def check_axes(figure: Any, width: float, names: tuple[str, str], minimum: int = 1) -> None:
    """Check that ticks are true, inside, not too few, apart from each other and within their margin."""
    for axis, name in zip((figure.layout.xaxis, figure.layout.yaxis), names, strict=True):
        assert axis.type == "log"
        assert axis.title.text == name
        assert [tick_value(text) for text in axis.ticktext] == pytest.approx(list(axis.tickvals), rel=1e-9)
        places = [math.log10(value) for value in axis.tickvals]
        assert len(places) >= minimum
        assert axis.range[0] <= places[0] <= places[-1] <= axis.range[1]
        assert places == sorted(set(places))
    across, place = figure.layout.xaxis, log_places(figure, width)
    for one, other in itertools.pairwise(zip(across.tickvals, across.ticktext, strict=True)):
        apart = place(other[0], 1)[0] - place(one[0], 1)[0]
        assert (wide(one[1], 13) + wide(other[1], 13)) / 2 < apart
    longest = max(wide(text, 13) for text in figure.layout.yaxis.ticktext)
    assert longest + 4 + 14 <= figure.layout.margin.l


@every_choice
@every_width
def test_axes_of_the_scatter(made: tuple[Choice, ...], width: int) -> None:
    figure = drawn_scatter(made, width)
    check_axes(figure, width, ("parameters", "multiply–accumulates"))
    whole = plot_box(figure, width)
    for point in points(figure, width):
        assert point.inside(whole)


def layer(
    kernel: Any, inputs: int = 3, outputs: int = 64, groups: int = 1, *, bias: bool = True
) -> ConvTranspose:
    return ConvTranspose(
        in_channels=inputs, out_channels=outputs, kernel_size=kernel, groups=groups, bias=bias
    )


def drawn_frontier(made: ConvTranspose, budget: int, palette: Palette = LIGHT) -> Any:
    here = made.in_channels, made.out_channels, made.parameter_count
    return valid(frontier_figure(frontier(made, budget), here, budget, palette))


def encloses(outline: list[tuple[float, float]], xs: npt.NDArray[Any], ys: npt.NDArray[Any]) -> Any:
    """Return whether each point lies in a polygon on the logarithmic plane: an odd number of edges above."""
    corners = [(math.log(x), math.log(y)) for x, y in outline]
    odd = np.zeros(np.broadcast(xs, ys).shape, bool)
    for (x0, y0), (x1, y1) in zip(corners, [*corners[1:], corners[0]], strict=True):
        if x0 != x1:
            over = y0 + (np.log(xs) - x0) * (y1 - y0) / (x1 - x0) > np.log(ys)
            odd ^= ((np.log(xs) > x0) != (np.log(xs) > x1)) & over
    return odd


@configured(max_examples=40, deadline=None)
@given(
    kernel=st.sampled_from([(1,), (2,), (1, 2), (2, 2), (3, 1, 2)]),
    groups=st.integers(1, 3),
    bias=st.booleans(),
    budget=st.integers(1, 150),
)
@example(kernel=(1,), groups=1, bias=False, budget=150)
def test_the_outline_holds_exactly_the_pairs_that_fit(
    kernel: tuple[int, ...], groups: int, bias: bool, budget: int
) -> None:
    made = layer(kernel, 6, 6, groups, bias=bias)
    inside, marks, _ = drawn_frontier(made, budget).data
    steps = range(groups, budget * groups + 2 * groups, groups)
    # More output channels never have fewer parameters: each row fits up to a place.
    counted = functools.partial(_counted, made=made)
    fitting = [bisect.bisect_right(steps, budget, key=functools.partial(counted, i)) for i in steps]
    fits = np.arange(len(steps)) < np.array(fitting)[:, None]
    outline = list(zip(inside.x, inside.y, strict=True))
    if not fits.any():
        assert (outline, list(marks.x), list(marks.y)) == ([], [], [])
        return
    # Just below and left of a pair: the outline itself runs through the last that fit.
    xs, ys = np.meshgrid(np.array(steps) * (1 - 1e-9), np.array(steps) * (1 - 1e-9), indexing="ij")
    drawn = encloses(outline, xs, ys)
    assert (drawn == fits).all()
    # The corners are the pairs of which neither can be raised.
    raised = np.pad(fits, ((0, 1), (0, 1)))
    last = fits & ~raised[1:, :-1] & ~raised[:-1, 1:]
    wanted = [(steps[row], steps[column]) for row, column in np.argwhere(last)]
    assert sorted(zip(marks.x, marks.y, strict=True)) == wanted


@functools.cache
def _counted(inputs: int, outputs: int, made: ConvTranspose) -> int:
    arrays = reference.allocate(inputs, outputs, made.kernel_size, made.groups, made.bias)
    return arrays.weights + arrays.biases


BUDGETS = {
    "usual": (layer(4), 100_000),
    "just fits": (layer(4, 64, 32), 32_800),
    "one too many": (layer(4, 64, 32), 32_799),
    "nothing": (layer(128), 5),
    "one pair": (layer(4, 1, 1), 17),
    "everything": (layer(1, 65_536, 65_536), 10**15),
    "largest": (layer((128,) * 3, 65_536, 65_536), 10**15),
    "far outside": (layer((128,) * 3, 65_536, 65_536), 1),
    "far right": (layer(1, 65_536, 1), 1_000),
    "far up": (layer(1, 1, 65_536, bias=False), 1_000),
    "narrow": (layer(1, 65_536, 1), 10**9),
    "corner": (layer(1, 1, 1), 10**6),
    "smallest": (layer(1, 1, 1, bias=False), 1),
    "many": (layer(1), 10**6),
    "groups": (layer(3, 512, 256, 128), 10**6),
}
every_budget = pytest.mark.parametrize(("made", "budget"), BUDGETS.values(), ids=BUDGETS)


@every_budget
@both_palettes
def test_the_frontier_is_drawn_from_end_to_end(made: ConvTranspose, budget: int, palette: Palette) -> None:
    figure = drawn_frontier(made, budget, palette)
    inside, marks, _ = figure.data
    pairs, corners = frontier(made, budget), list(zip(marks.x, marks.y, strict=True))
    places = [pairs.index(corner) for corner in corners]
    assert places == sorted(set(places))
    assert len(corners) <= 150
    if len(pairs) <= 120:
        assert corners == list(pairs)
    else:
        assert (corners[0], corners[-1]) == (pairs[0], pairs[-1])
    assert list(marks.customdata) == [f"{i:,} → {o:,} channels" for i, o in corners]
    assert marks.marker.color == inside.line.color == palette.weights
    assert (inside.fill, inside.fillcolor) == ("toself", palette.scale[0])
    assert strangers(figure, palette) == set()


@every_budget
def test_what_is_left_out_of_the_frontier_cannot_be_seen(made: ConvTranspose, budget: int) -> None:
    inside, marks, _ = drawn_frontier(made, budget).data
    pairs = frontier(made, budget)
    if not pairs:
        return
    along = [math.log(i / o) for i, o in pairs]
    step = (along[-1] - along[0]) / 100
    places = [pairs.index(corner) for corner in zip(marks.x, marks.y, strict=True)]
    for one, other in itertools.pairwise(places):
        assert other == one + 1 or along[other] - along[one] <= 2 * step
    # With one channel less a pair lies inside, with one more outside: the outline passes in between.
    outline = list(zip(inside.x, inside.y, strict=True))
    ins, outs = (np.array(side) for side in zip(*pairs, strict=True))
    fewer = [np.maximum(side - made.groups, 0.9) for side in (ins, outs)]
    assert encloses(outline, *fewer).all()
    assert not encloses(outline, ins + made.groups, outs + made.groups).any()
    # Between neighbours it is a stair, not a slope.
    stairs = [(x, y) for x, y in outline if (x, y) not in pairs]
    for one, other in itertools.pairwise(places):
        assert ((pairs[one][0], pairs[other][1]) in stairs) is (other == one + 1)


@every_budget
@both_palettes
def test_the_layer_is_marked_by_whether_it_fits(made: ConvTranspose, budget: int, palette: Palette) -> None:
    *_, here = drawn_frontier(made, budget, palette).data
    assert (list(here.x), list(here.y)) == ([made.in_channels], [made.out_channels])
    fits = _fits(made, budget)
    assert here.marker.color == (palette.here if fits else palette.biases)
    assert here.text == (f"<b>your layer:<br>{made.parameter_count:,}</b>",)


def _fits(made: ConvTranspose, budget: int) -> bool:
    weights = made.in_channels * made.out_channels // made.groups * math.prod(made.kernel_size)
    return weights + made.out_channels * made.bias <= budget


@every_budget
@pytest.mark.parametrize("width", [PHONE, LAPTOP, 1000])
def test_the_label_of_the_layer_is_inside(made: ConvTranspose, budget: int, width: int) -> None:
    figure = drawn_frontier(made, budget)
    check_here(figure, width)
    check_axes(figure, width, ("input channels", "output channels"), 2)


def check_here(figure: Any, width: float) -> None:
    here, whole = figure.data[-1], plot_box(figure, width)
    place = log_places(figure, width)(here.x[0], here.y[0])
    assert Box(*place, *place).inside(whole)
    box = label_box(place, here.text[0], here.textposition, here.textfont.size, here.marker.size)
    assert box.inside(whole)


def test_the_label_of_the_layer_stands_away_from_the_frontier() -> None:
    made = layer(4, 64, 32)
    assert drawn_frontier(made, 100_000).data[-1].textposition == "bottom left"
    assert drawn_frontier(made, 20_000).data[-1].textposition == "top right"


CHANNELS = st.integers(1, 65_536) | st.sampled_from([1, 2, 65_536])


@configured(max_examples=150, deadline=None)
@given(
    CHANNELS,
    CHANNELS,
    st.integers(1, 128),
    st.integers(1, 3),
    st.integers(0, 15),
    st.sampled_from([PHONE, 900]),
)
def test_wherever_the_layer_lies_its_label_is_inside(
    inputs: int, outputs: int, kernel: int, rank: int, power: int, width: int
) -> None:
    made = layer((kernel,) * rank, inputs, outputs)
    figure = drawn_frontier(made, 10**power)
    check_here(figure, width)
    check_axes(figure, width, ("input channels", "output channels"), 2)
    inside = figure.data[0]
    for axis, values in ((figure.layout.xaxis, inside.x), (figure.layout.yaxis, inside.y)):
        low, high = axis.range
        assert all(low - 1e-9 <= math.log10(value) <= high for value in values)


def test_light_and_dark_differ_in_colours_alone() -> None:
    for light, dark in (
        [str(drawn_scatter(chosen("usual"), 900, one).to_dict()) for one in PALETTES.values()],
        [str(drawn_frontier(*BUDGETS["usual"], one).to_dict()) for one in PALETTES.values()],
    ):
        assert light != dark
        assert re.sub("#[0-9A-F]{6}", "", light) == re.sub("#[0-9A-F]{6}", "", dark)


def test_heights_depend_on_nothing() -> None:
    heights = {
        drawn_scatter(made, width).layout.height for made in map(chosen, CHOICES) for width in WIDTHS.values()
    }
    heights |= {drawn_frontier(*budget).layout.height for budget in BUDGETS.values()}
    assert heights == {400}


def test_enlarged_for_a_projector_labels_still_keep_apart() -> None:
    for every in map(chosen, CHOICES):
        large = valid(enlarged(scatter_figure(every, LIGHT, across=WIDTHS["wide"]), 1.35))
        check_labels(large, 1350)
    for made, budget in BUDGETS.values():
        here = made.in_channels, made.out_channels, made.parameter_count
        check_here(valid(enlarged(frontier_figure(frontier(made, budget), here, budget, DARK), 1.35)), 1350)
