"""Figures drawn by ``drawn_chart`` look as Plotly draws them, and answer the pointer."""

import io
import itertools
import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from PIL import Image, ImageChops
from playwright.sync_api import Browser, Error, Locator, Page, expect

from calculator.charts.compare import Choice, frontier_figure, scatter_figure
from calculator.charts.decoder_grid import decoder_figure
from calculator.charts.figure import UnvalidatedFigure, enlarged
from calculator.charts.lesson import tally_figure, variants_figure
from calculator.charts.model import layers_figure, treemap_figure
from calculator.charts.picture import matrices_figure, overlap_figure
from calculator.charts.votes import VoteBar, votes_figure
from calculator.charts.weight_grid import Counted, tensor_figure
from calculator.comparison.budget import frontier
from calculator.core.layer import ConvTranspose
from calculator.core.totals import tally
from calculator.geometry.matrices import convolution_matrix
from calculator.geometry.weight_grid import tensor_view
from calculator.learn.lesson.layer_steps import variants
from calculator.networks.builtin import network
from calculator.palette import DARK, LIGHT, Palette
from calculator.readers.model import Model, Row
from calculator.settings import Settings
from calculator.ui.charts import drawn_chart
from calculator.upsampling.alternative import Alternative
from calculator.upsampling.alternatives import alternatives
from calculator.upsampling.pareto_front import compared, learned_front
from tests.browser.page import PROJECTOR
from tests.charts.test_decoder_grid import ROWS
from tests.helpers.calculator_charts import drawn_growth, drawn_plane, drawn_split

UI = Path(drawn_chart.__file__).parent
WIDE, NARROW = 850, 340


def scatter(palette: Palette, across: int) -> UnvalidatedFigure:
    found = [one for one in alternatives(64, 32, (2, 2)) if isinstance(one, Alternative)]
    front, full = learned_front(found, (16, 16)), compared(found)
    made = [
        Choice(
            one.name,
            one.parameter_count,
            one.multiply_accumulates((16, 16)),
            best=n in front,
            fixed=n not in full,
            own=n == 0,
            number=n + 1 if one.usual or n in front else 0,
        )
        for n, one in enumerate(found)
    ]
    return scatter_figure(made, palette, across=across)


def budget(palette: Palette, spent: int = 9_000) -> UnvalidatedFigure:
    layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=(4, 4))
    return frontier_figure(frontier(layer, spent), (3, 64, layer.parameter_count), spent, palette)


def matrices(palette: Palette, *, across: bool) -> UnvalidatedFigure:
    layer = ConvTranspose(in_channels=1, out_channels=1, kernel_size=(4,), stride=(2,), padding=(1,))
    return matrices_figure(convolution_matrix(layer, 5, [1, 2, 3, 4]), palette, across=across)


def tensor(palette: Palette, groups: int) -> UnvalidatedFigure:
    layer = ConvTranspose(in_channels=4, out_channels=6, kernel_size=(3, 2), groups=groups, bias=groups == 1)
    return tensor_figure(tensor_view(layer, (1, 2), max_rows=6, max_columns=6), palette)


def counted(palette: Palette, cells: int) -> UnvalidatedFigure:
    layer = ConvTranspose(in_channels=2, out_channels=4, kernel_size=(3, 2))
    view = tensor_view(layer, (0, 0), max_rows=6, max_columns=6)
    return tensor_figure(view, palette, Counted(lambda i, o: o < 2, cells, 1))


def totals(palette: Palette, **sizes: int) -> UnvalidatedFigure:
    layer = Settings(**sizes).counted_layer()  # type: ignore[arg-type]
    return tally_figure(tally([layer], batch_norm=True), palette)


DEFAULT = ConvTranspose(in_channels=3, out_channels=64, kernel_size=(4, 4), stride=(2, 2))
PLAIN = ConvTranspose(in_channels=1, out_channels=1, kernel_size=(1,), bias=False)
LARGE = ConvTranspose(in_channels=4096, out_channels=4096, kernel_size=(16, 16, 16))
MODEL = network("dcgan").model()
VOTES = (
    VoteBar("right", "5 × 3 × 16 + 3 = 243", (20,), True),
    VoteBar("the biases forgotten and the output channels forgotten", "5 × 16 + 0 = 80", (7,)),
    VoteBar("other numbers", "99, 1,000", (1,)),
)
TWO_ROUNDS = tuple(bar._replace(votes=(*bar.votes, 9)) for bar in VOTES)
MANY = Model(
    tuple(Row(f"block{n % 7}.part{n % 3}.{n}", "Conv2d", None, n * 7919 % 1000 + 1, 1) for n in range(1000)),
    "a print",
)
ONE = Model((Row("only", "ConvTranspose2d", None, 1, 0, transposed=True),), "a print")
EXTREME = Settings(dimensions=3, in_channels=65_536, out_channels=65_536, kernel_size=(128,), padding=(0,))

FIGURES = {
    "growth": (drawn_growth(palette=LIGHT, layer=DEFAULT), WIDE),
    "growth on a logarithmic scale": (drawn_growth(palette=DARK, layer=DEFAULT, log=True), WIDE),
    "growth on a phone": (drawn_growth(palette=LIGHT, layer=DEFAULT, across=False), NARROW),
    "growth of the smallest layer": (drawn_growth(palette=DARK, layer=PLAIN), WIDE),
    "growth of a large layer": (drawn_growth(palette=LIGHT, layer=LARGE, log=True), WIDE),
    "growth on a projector": (enlarged(drawn_growth(palette=LIGHT, layer=DEFAULT), 1.35), 1150),
    "plane": (drawn_plane(DEFAULT), WIDE),
    "plane on a phone": (drawn_plane(DEFAULT, DARK), NARROW),
    "plane of the smallest layer": (drawn_plane(PLAIN), WIDE),
    "plane of a large layer": (drawn_plane(LARGE, DARK), WIDE),
    "split with few biases": (drawn_split(DEFAULT), WIDE),
    "split with many biases": (
        drawn_split(ConvTranspose(in_channels=1, out_channels=3, kernel_size=(2,)), DARK),
        NARROW,
    ),
    "split without biases": (drawn_split(PLAIN), WIDE),
    "split of a large layer": (drawn_split(LARGE, DARK), NARROW),
    "bars": (layers_figure(MODEL, LIGHT), WIDE),
    "bars on a phone": (layers_figure(network("unet").model(), DARK), NARROW),
    "scatter": (scatter(LIGHT, WIDE), WIDE),
    "scatter on a phone": (scatter(DARK, NARROW), NARROW),
    "scatter on a projector": (enlarged(scatter(LIGHT, WIDE), 1.35), 1150),
    "budget": (budget(LIGHT), WIDE),
    "budget too small": (budget(DARK, 900), NARROW),
    "matrices": (matrices(LIGHT, across=True), WIDE),
    "matrices on a phone": (matrices(DARK, across=False), NARROW),
    "overlap of a line": (overlap_figure([[1, 2, 0, 2, 1]], LIGHT, across=40), WIDE),
    "overlap of an image": (overlap_figure([[1, 2, 0, 2], [1, 3, 1]], DARK, across=40), WIDE),
    "overlap of a volume": (overlap_figure([[1, 2, 1], [1, 2], [1, 0, 3]], LIGHT, across=18), NARROW),
    "tensor": (tensor(LIGHT, 1), WIDE),
    "tensor in groups": (tensor(DARK, 2), NARROW),
    "tensor counted in part": (counted(LIGHT, 6), WIDE),
    "tensor counted in part on a phone": (counted(DARK, 2), NARROW),
    "decoder counted in part": (decoder_figure(ROWS, LIGHT), WIDE),
    "decoder counted in part on a phone": (decoder_figure(ROWS, DARK), NARROW),
    "treemap": (treemap_figure(MODEL, LIGHT), WIDE),
    "treemap on a phone": (treemap_figure(network("unet").model(), DARK), NARROW),
    "treemap on a projector": (enlarged(treemap_figure(network("unet").model(), LIGHT), 1.35), 1150),
    "treemap of a large model": (treemap_figure(MANY, LIGHT), WIDE),
    "treemap of one layer": (treemap_figure(ONE, DARK), NARROW),
    "votes": (votes_figure(VOTES, LIGHT), WIDE),
    "votes in two rounds": (votes_figure(TWO_ROUNDS, DARK), WIDE),
    "votes on a phone": (votes_figure(TWO_ROUNDS, LIGHT, across=False), NARROW),
    "totals": (totals(LIGHT), WIDE),
    "totals of a large layer": (totals(DARK, in_channels=65_536, out_channels=65_536), NARROW),
    "totals in the presenter's view": (enlarged(totals(LIGHT), 1.35, 1.35), 1150),
    "variants": (variants_figure(variants(Settings()), LIGHT), WIDE),
    "variants before the reveal": (variants_figure(variants(Settings()), DARK, counted=False), WIDE),
    "variants on a phone": (variants_figure(variants(EXTREME), LIGHT), NARROW),
}

DRAWING = (UI / "drawn_chart.html").read_text(encoding="utf-8")
PAGE = f"""
<style>
  body {{ margin: 0; }}
  {(UI / "drawn_chart.css").read_text(encoding="utf-8")}
</style>
<div id="ours"></div>
<div id="plotly"></div>
"""
RESET = """
drawing => {
  document.querySelector("#ours").innerHTML = drawing;
  Plotly.purge("plotly");
  for (const style of document.querySelectorAll("style.added")) { style.remove(); }
}
"""

# The component as Streamlit calls it. What it was clicked for is kept.
SHOW = """
async ([source, data, width]) => {
  const url = URL.createObjectURL(new Blob([source], {type: "text/javascript"}));
  const parentElement = document.querySelector("#ours");
  parentElement.style.width = `${width}px`;
  window.component ??= (await import(url)).default;
  window.told = [];
  const setTriggerValue = (name, value) => window.told.push([name, value]);
  window.component({parentElement, data: { json: JSON.stringify(data) }, setTriggerValue});
}
"""
BY_PLOTLY = """
async ([figure, width]) => {
  const layout = {...figure.layout, width};
  await Plotly.newPlot("plotly", figure.data, layout, {staticPlot: true});
}
"""
# Every line of text that is drawn, with the middle of its letters.
# Plotly keeps those without room, at no size.
TEXTS = """
root => [...root.querySelectorAll("text")].flatMap(text => {
  const parts = text.querySelectorAll(":scope > tspan");
  const around = root.getBoundingClientRect();
  return [...(parts.length ? parts : [text])].filter(part => part.textContent.trim()).map(part => {
    const range = document.createRange();
    range.selectNodeContents(part);
    const box = range.getBoundingClientRect();
    return [part.textContent, box.x + box.width / 2 - around.x, box.y + box.height / 2 - around.y, box.width];
  }).filter(([, , , width]) => width > 0.5).map(one => one.slice(0, 3));
})
"""
# Plotly draws points of no size too, and bars that nobody can see.
POINTS = """
([root, selector]) => {
  const around = root.getBoundingClientRect();
  return [...root.querySelectorAll(selector)].map(point => {
    const box = point.getBoundingClientRect();
    return [box.x + box.width / 2 - around.x, box.y + box.height / 2 - around.y, box.width];
  }).filter(([, , width]) => width > 0.05);
}
"""


@pytest.fixture(scope="module")
def sheet(browser: Browser) -> Iterator[Page]:
    """One page for all tests of a process: Plotly's script is fetched and compiled once."""
    page = browser.new_page(viewport={"width": 1200, "height": 1300})
    page.set_content(PAGE)
    page.add_script_tag(path=str(files("plotly") / "package_data" / "plotly.min.js"))
    yield page
    page.close()


@pytest.fixture
def page(sheet: Page) -> Page:
    """Return the page with nothing drawn on it yet."""
    sheet.mouse.move(0, 0)
    sheet.evaluate(RESET, DRAWING)
    return sheet


def show(
    page: Page, figure: Any, width: int = WIDE, *, clickable: bool = False, picture: str = "svg"
) -> Locator:
    """Draw a figure as Streamlit would have the component do."""
    spec = figure if isinstance(figure, dict) else figure.to_dict()
    told = {"alt": "told", "picture": picture, "name": "drawn", "clickable": clickable, "script": ""}
    data = {"figure": spec, **told}
    page.evaluate(SHOW, [drawn_chart.SCRIPT, json.loads(json.dumps(data)), width])
    return page.locator("#ours .drawing")


def picture(part: Locator) -> Image.Image:
    return Image.open(io.BytesIO(part.screenshot())).convert("RGB")


@pytest.mark.parametrize("name", FIGURES)
def test_a_drawing_looks_as_plotly_draws_it(page: Page, name: str) -> None:
    figure, width = FIGURES[name]
    drawn = show(page, figure, width)
    # With the labels where the component has placed them.
    page.evaluate(BY_PLOTLY, [drawn.evaluate("drawing => drawing.chart.shown()"), width])
    theirs = page.locator("#plotly .svg-container")

    titles = {
        axis["title"]["text"]
        for axis in (figure.to_dict()["layout"].get(part, {}) for part in ("xaxis", "xaxis2", "yaxis"))
        if "title" in axis
    }
    ours_texts, their_texts = (sorted(part.evaluate(TEXTS)) for part in (drawn, theirs))
    assert [text for text, _, _ in ours_texts] == [text for text, _, _ in their_texts]
    for text, *ours in ours_texts:
        # Plotly puts titles where its own labels end, and those closer to the axis.
        near = pytest.approx(ours, abs=18 if text in titles else 6)
        same = [their for their in their_texts if their[0] == text and their[1:] == near]
        assert same, (text, ours, [their for their in their_texts if their[0] == text])
        their_texts.remove(same[0])

    points = page.evaluate(POINTS, [drawn.element_handle(), ".point, .bar, .tile"])
    theirs_too = ".scatterlayer .point, .barlayer .point > path, .treemap .surface"
    expected = page.evaluate(POINTS, [theirs.element_handle(), theirs_too])
    assert len(points) == len(expected)
    for one in points:
        # Both draw in the order of the data, except that Plotly draws tiles by their depth.
        same = [other for other in expected if other == pytest.approx(one, abs=1.5)]
        assert same, one
        expected.remove(same[0])

    hidden = "text, .tools { visibility: hidden; } [class^=legend] { display: none; }"
    page.add_style_tag(content=hidden).evaluate("style => style.classList.add('added')")
    ours, their = picture(drawn.locator("> svg")), picture(theirs)
    # A height of half a pixel is a pixel more for one of them.
    assert ours.size == pytest.approx(their.size, abs=1)
    ours = ours.crop((0, 0, *their.size))
    apart = ImageChops.difference(ours, their).convert("L").point(lambda value: 255 * (value > 40))
    assert apart.histogram()[255] / (ours.width * ours.height) < 0.012


# The points of a drawing, and the lines of the texts beside them: left, top, right and bottom of each.
BOXES = """
drawing => {
  const box = ({ left, top, right, bottom }) => [left, top, right, bottom];
  const parts = selector => [...drawing.querySelectorAll(`:scope > svg g > ${selector}`)];
  const line = part => {
    const range = document.createRange();
    range.selectNodeContents(part);
    return box(range.getBoundingClientRect());
  };
  return [parts(".point").map(point => box(point.getBoundingClientRect())), parts("text > tspan").map(line)];
}
"""


@pytest.mark.parametrize("width", [340, 480, 620, 790, 910])
def test_labels_cover_nothing_in_any_width(page: Page, width: int) -> None:
    for figure in (scatter(LIGHT, WIDE), scatter(DARK, NARROW), enlarged(scatter(LIGHT, WIDE), 1.35)):
        drawn = show(page, figure, width)
        marks, labels = drawn.evaluate(BOXES)
        inside = figure.to_dict()["layout"]["margin"]
        assert labels
        for one, other in itertools.combinations(labels, 2):
            # Letters do not fill the height of their line.
            assert not overlaps(one, other, 3), (one, other)
        for one, mark in itertools.product(labels, marks):
            assert not overlaps(one, mark, 2)
        for left, _, right, _ in labels:
            assert inside["l"] - 1 <= left < right <= width - inside["r"] + 1


def overlaps(one: list[float], other: list[float], spare: float) -> bool:
    """Return whether two boxes (left, top, right, bottom) share more than ``spare`` pixels on both axes."""
    return all(min(one[n + 2], other[n + 2]) - max(one[n], other[n]) > spare for n in (0, 1))


def test_what_it_does_not_know_it_refuses(page: Page) -> None:
    spec = budget(LIGHT).to_dict()
    with pytest.raises(Error, match="is not a function"):
        show(page, {**spec, "data": [{"type": "sunburst"}]})


def test_the_pointer_is_told_what_lies_under_it(page: Page) -> None:
    drawn = show(page, overlap_figure([[1, 2], [1, 3]], LIGHT, across=40))
    tip, box = drawn.locator(".tip"), drawn.bounding_box()
    assert box is not None
    expect(tip).to_be_hidden()
    page.mouse.move(box["x"] + WIDE / 2 + 50, box["y"] + 300)
    expect(tip).to_have_text("2 × 3 = 6 products")
    page.mouse.move(box["x"] + WIDE / 2 - 50, box["y"] + 100)
    expect(tip).to_have_text("1 × 1 = 1 product")
    page.mouse.move(box["x"] + 5, box["y"] + 100)
    expect(tip).to_be_hidden()


def test_a_point_that_tells_something_can_be_clicked_where_that_is_wanted(page: Page) -> None:
    corners = budget(LIGHT).to_dict()["data"][1]
    for clickable in (True, False):
        drawn = show(page, budget(LIGHT), clickable=clickable)
        drawn.locator(".point").nth(2).hover()
        expect(drawn.locator(".tip")).to_have_text(corners["customdata"][2])
        drawn.locator(".point").nth(2).click()
        here = drawn.locator(".point").last.bounding_box()
        assert here is not None
        page.mouse.click(here["x"] + 7, here["y"] + 7)
        page.mouse.click(100, 300)
        wanted = [["point", [corners["x"][2], corners["y"][2]]]] if clickable else []
        assert page.evaluate("told") == wanted


def test_words_are_never_markup(page: Page) -> None:
    spec = json.loads(json.dumps(budget(LIGHT).to_dict()))
    spec["data"][1]["customdata"] = ["<img src=x onerror='window.bad = 1'><br><b>bold</b>"] * len(
        spec["data"][1]["x"]
    )
    drawn = show(page, spec)
    drawn.locator(".point").first.hover()
    expect(drawn.locator(".tip")).to_have_text("<img src=x onerror='window.bad = 1'>bold")
    expect(drawn.locator(".tip b")).to_have_text("bold")
    assert page.evaluate("window.bad") is None


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_a_drawing_is_saved_as_it_is_seen(page: Page, kind: str) -> None:
    figure = scatter(LIGHT, WIDE)
    drawn = show(page, figure, picture=kind)
    camera = drawn.get_by_role("button", name="Save the picture")
    expect(camera).to_have_attribute("title", f"Save as {kind.upper()}")
    with page.expect_download() as waiting:
        camera.click()
    saved = waiting.value.path()
    assert waiting.value.suggested_filename == f"drawn.{kind}"
    height = figure.to_dict()["layout"]["height"]
    if kind == "png":
        with Image.open(saved) as opened:
            assert opened.size == (3 * WIDE, 3 * height)
            # Something is drawn on it in the colours of the product.
            assert opened.convert("RGB").tobytes().count(bytes.fromhex(LIGHT.biases[1:])) > 200
    else:
        root = ElementTree.parse(saved).getroot()
        assert (root.get("width"), root.get("height")) == (str(WIDE), str(height))
        words = {part.text for part in root.iter("{http://www.w3.org/2000/svg}tspan")}
        assert {"parameters", "transposed, kernel 4"} <= words


def test_a_drawing_follows_the_width_of_the_page(page: Page) -> None:
    drawn = show(page, budget(LIGHT))
    page.evaluate("document.querySelector('#ours').style.width = '400px'")
    expect(drawn.locator("> svg")).to_have_attribute("width", "400")
    last = page.evaluate(POINTS, [drawn.element_handle(), ".point"])[-2]
    assert last[0] < 400


SMALLEST = """
drawing => Math.min(...[...drawing.querySelectorAll("svg > text")].map(text => {
  const { a, b } = text.getCTM();
  return parseFloat(text.getAttribute("font-size")) * Math.hypot(a, b);
}))
"""


# The window is larger after the event only, and the drawing with it.
FILLED = """
() => {
  const svg = document.fullscreenElement?.querySelector(":scope > svg");
  return svg && svg.getBoundingClientRect().width > innerWidth - 1;
}
"""


@pytest.mark.parametrize("name", ["budget", "bars", "growth", "scatter on a projector", "variants"])
def test_a_drawing_fills_the_screen_and_is_read_from_the_back_row(page: Page, name: str) -> None:
    page.set_viewport_size(PROJECTOR)
    figure, width = FIGURES[name]
    drawn = show(page, figure, width)
    drawn.get_by_role("button", name="The whole screen").click()
    page.wait_for_function(FILLED)
    box = drawn.locator("> svg").bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == pytest.approx((PROJECTOR["width"], PROJECTOR["height"]), abs=1)
    assert drawn.evaluate(SMALLEST) >= 24 - 0.01
    drawn.get_by_role("button", name="The whole screen").click()
    page.wait_for_function("() => !document.fullscreenElement")
    page.set_viewport_size({"width": 1200, "height": 1300})


def test_a_drawing_on_the_whole_screen_is_larger_and_tells_the_same(page: Page) -> None:
    drawn = show(page, budget(LIGHT))
    before = page.evaluate(POINTS, [drawn.element_handle(), ".point"])
    button = drawn.get_by_role("button", name="The whole screen")
    button.click()
    page.wait_for_function("document.fullscreenElement")
    page.wait_for_function(
        "document.querySelector('#ours .drawing > svg').getBoundingClientRect().width === innerWidth"
    )
    after = page.evaluate(POINTS, [drawn.element_handle(), ".point"])
    assert all(one[2] > other[2] * 1200 / WIDE - 0.2 for one, other in zip(after, before, strict=True))
    drawn.locator(".point").nth(1).hover()
    told = budget(LIGHT).to_dict()["data"][1]["customdata"][1]
    expect(drawn.locator(".tip")).to_have_text(told)
    button.click()
    page.wait_for_function("!document.fullscreenElement")
    page.wait_for_function(f"document.querySelector('#ours .drawing > svg').clientWidth === {WIDE}")
