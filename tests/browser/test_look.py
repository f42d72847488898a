"""How the page looks: where things are on every screen, what does not jump, colours, and what axe says."""

import re
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import FloatRect, Locator, Page, TimeoutError

from calculator.palette import PALETTES, Palette
from calculator.ui.session import viewport
from tests.browser.browser_visitor import (
    TABS,
    box,
    open_tab,
    press,
    screen,
    slider,
    switch,
    view_button,
)
from tests.browser.conftest import Pages
from tests.browser.page import LAPTOP, PHONE, PROJECTOR, rerun, serious_violations, settled, still

pytestmark = pytest.mark.plotly

FIRST = (".st-key-answer", ".katex", ".st-key-split")
# A widget's key has a number once another window or another page has renewed it.
CONTROLS = (
    "[class*='st-key-dimensions']",
    "[class*='st-key-kernel_size-slider']",
    "[class*='st-key-in_channels-slider']",
    "[class*='st-key-out_channels-slider']",
    "[class*='st-key-groups-slider']",
    "[class*='st-key-bias']",
    "[class*='st-key-working']",
)
BLOCKS = (
    "h1",
    ".st-key-menu",
    "[class*='st-key-examples']",
    *FIRST[:1],
    ".st-key-split",
    *CONTROLS,
    ".st-key-growth",
)
SIZES = {"phone": PHONE, "laptop": LAPTOP, "projector": PROJECTOR}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")

every_scheme = pytest.mark.parametrize("scheme", SCHEMES)


def place(page: Page, selector: str) -> FloatRect:
    """Return where the first thing that ``selector`` finds is on the screen."""
    found = page.locator(selector).first.bounding_box()
    assert found, f"{selector} is not shown"
    return found


def bottom(page: Page, selector: str) -> float:
    found = place(page, selector)
    return found["y"] + found["height"]


def overflowing(page: Page) -> list[str]:
    """Return what can be scrolled sideways or is cut off at the right of the window."""
    found: list[str] = page.evaluate(
        """() => [document.documentElement, document.body,
            ...document.querySelectorAll('[data-testid="stMain"], [data-testid="stMainBlockContainer"]')]
          .filter(part => part.scrollWidth > Math.min(part.clientWidth, innerWidth))
          .map(part => `${part.tagName} ${part.dataset.testid ?? ""}: ${part.scrollWidth}`)"""
    )
    return found


# Text that lies outside of what hides the rest, or of the window. What can be scrolled to is not cut off.
CUT_OFF = """
() => {
  const found = [];
  const around = part => part.parentElement ?? part.getRootNode().host ?? null;
  const scrolls = flow => flow === "auto" || flow === "scroll";
  const cut = (text, box) => {
    let across = true, down = true;
    for (let part = text.parentElement; part; part = around(part)) {
      const { overflowX, overflowY } = getComputedStyle(part);
      const at = part.getBoundingClientRect();
      if (at.width <= 1 || at.height <= 1) return false;
      across &&= !scrolls(overflowX);
      down &&= !scrolls(overflowY);
      const [left, right] = [at.left - box.left, box.right - at.right];
      const [above, below] = [at.top - box.top, box.bottom - at.bottom];
      if (across && overflowX !== "visible" && (left > 1 || right > 1)) return true;
      if (down && overflowY !== "visible" && (above > 2 || below > 2)) return true;
    }
    return across && (box.left < -1 || box.right > innerWidth + 1);
  };
  const look = part => {
    if (part.shadowRoot) [...part.shadowRoot.children].forEach(look);
    [...part.children].forEach(look);
    if (!part.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return;
    const texts = [...part.childNodes].filter(node => node.nodeType === Node.TEXT_NODE && node.data.trim());
    for (const text of texts) {
      const range = document.createRange();
      range.selectNodeContents(text);
      const box = range.getBoundingClientRect();
      if (box.width && cut(text, box)) found.push(`cut off: ${text.data.slice(0, 60)}`);
    }
  };
  look(document.body);
  return found;
}
"""


def cut_off(page: Page) -> list[str]:
    """Return the texts of which a part cannot be seen."""
    found: list[str] = page.evaluate(CUT_OFF)
    return found


# The names, numbers and arguments of code that have a line's end inside of them.
DIVIDED = r"""
root => {
  const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT), found = [];
  while (walk.nextNode()) {
    for (const { 0: word, index } of walk.currentNode.data.matchAll(/[\w.=]+/g)) {
      const range = document.createRange();
      range.setStart(walk.currentNode, index);
      range.setEnd(walk.currentNode, index + word.length);
      if (new Set([...range.getClientRects()].map(({ top }) => top)).size > 1) found.push(word);
    }
  }
  return found;
}
"""


def divided(page: Page, selector: str) -> list[str]:
    """Return the words of parts of the page that are on two lines, in windows as narrow as phones are."""
    found = []
    for width in (390, 360, 320):
        page.set_viewport_size({"width": width, "height": 740})
        for part in page.locator(selector).all():
            found += part.evaluate(DIVIDED)
    return found


# What is seen without scrolling


@pytest.mark.parametrize("name", ["laptop", "projector"])
def test_everything_that_counts_is_on_the_first_screen(open_page: Pages, name: str) -> None:
    size = SIZES[name]
    page = open_page(size=size)
    for selector in (*FIRST, *CONTROLS, ".st-key-growth"):
        found = place(page, selector)
        assert found["y"] >= 0
        assert found["x"] >= 0
        assert found["y"] + found["height"] <= size["height"], selector
        assert found["x"] + found["width"] <= size["width"], selector
    for formula in page.locator(".katex").all():
        shown = formula.bounding_box()
        assert shown
        assert shown["y"] + shown["height"] <= place(page, ".st-key-controls")["y"]
    laws = panels(page)
    assert len({law["y"] for law in laws}) == 1
    assert sorted(law["x"] for law in laws) == [law["x"] for law in laws]
    assert overflowing(page) == []


def panels(page: Page) -> list[dict[str, float]]:
    """Return where the law of each panel of the growth chart begins."""
    texts = page.locator(".st-key-growth text").filter(has_text=re.compile("×2 →"))
    found: list[dict[str, float]] = texts.evaluate_all(
        "texts => texts.map(text => { const {x, y} = text.getBoundingClientRect();"
        " return {x: Math.round(x), y: Math.round(y)}; })"
    )
    assert len(found) == 3
    return found


def test_a_phone_shows_answer_and_controls_first_and_everything_by_touch(open_page: Pages) -> None:
    page = open_page(size=PHONE, touch=True)
    for selector in (*FIRST, *CONTROLS[:2]):
        assert bottom(page, selector) <= PHONE["height"], selector
    laws = panels(page)
    assert len({law["x"] for law in laws}) == 1
    assert [law["y"] for law in laws] == sorted({law["y"] for law in laws})
    assert overflowing(page) == []

    def tap(target: Locator) -> dict[str, str]:
        with rerun(page):
            target.tap()
        return screen(page).query

    track = slider(page, "Kernel size").locator("xpath=ancestor::*[@role='group']")
    across = track.bounding_box()
    assert across
    with rerun(page):
        track.tap(position={"x": across["width"] - 2, "y": across["height"] / 2})
    assert screen(page).query == {"k": "16"}
    box(page, "Kernel size").tap()
    box(page, "Kernel size").fill("5")
    with rerun(page):
        page.keyboard.press("Enter")
    assert screen(page).query == {"k": "5"}
    assert tap(switch(page, "Bias")) == {"k": "5", "bias": "0"}
    assert tap(page.get_by_role("radio", name="1-D", exact=True)) == {"k": "5", "bias": "0", "dim": "1"}
    assert tap(page.get_by_role("radio", name="16 → 8")) == {"k": "5", "bias": "0", "in": "16", "out": "8"}
    for view in list(TABS)[1:]:
        assert tap(view_button(page, TABS[view]))["view"] == view
        assert overflowing(page) == []
    tap(switch(page, "Show the steps"))
    assert overflowing(page) == []
    with rerun(page):
        page.get_by_role("button", name="Share").tap()
    code = place(page, ".st-key-qr img")
    assert code["width"] >= 0.6 * PHONE["width"]
    assert code["x"] >= 0
    assert code["x"] + code["width"] <= PHONE["width"]


# Nothing jumps


@pytest.mark.parametrize("name", list(SIZES))
def test_nothing_jumps_when_a_number_changes(open_page: Pages, name: str) -> None:
    page = open_page(size=SIZES[name])
    page.evaluate(
        """() => {
          window.__shifts = [];
          new PerformanceObserver(list => {
            const moved = list.getEntries().flatMap(entry => entry.sources).map(({node}) => node);
            // The slider under the hand is meant to move.
            const others = moved.filter(node => !node?.parentElement?.closest('[data-testid="stSlider"]'));
            window.__shifts.push(...others.map(node => node?.className || node?.nodeName || "gone"));
          }).observe({type: "layout-shift"});
        }"""
    )
    before = {selector: place(page, selector) for selector in BLOCKS}
    for key in ("ArrowRight", "ArrowRight", "ArrowLeft"):
        press(page, "Kernel size", key)
        assert {selector: place(page, selector) for selector in BLOCKS} == before
    assert page.evaluate("window.__shifts") == []


# Colours


def rgb(colour: str) -> str:
    """Return #RRGGBB as a browser computes it."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgb({red}, {green}, {blue})"


COLOURS = """
() => {
  const style = (part, name) => getComputedStyle(part)[name];
  const drawn = (around, selector, name) => {
    const parts = [...document.querySelectorAll(`${around} .drawing`)]
      .flatMap(chart => [...chart.querySelectorAll(selector)])
      .filter(part => part.checkVisibility({ visibilityProperty: true }));
    return [...new Set(parts.map(part => style(part, name)))];
  };
  const leaf = text => [...document.querySelectorAll(".st-key-answer p *, .st-key-answer p")]
    .filter(part => part.textContent.trim() === text).at(-1);
  const formula = text => [...document.querySelectorAll(".katex")]
    .find(part => part.querySelector("annotation").textContent.includes(text));
  return {
    page: style(document.querySelector('[data-testid="stApp"]'), "backgroundColor"),
    charts: [...new Set([
      ...drawn("body", ":scope > svg > rect:first-child", "fill"),
      ...drawn("body", ".main-svg:first-child", "background-color"),
    ])],
    weights: [style(leaf("3,072 weights"), "color"), style(formula("weights"), "color")],
    biases: [style(leaf("64 biases"), "color"), style(formula("biases"), "color")],
    edges: drawn(".st-key-split", ".bar", "stroke"),
    fills: drawn(".st-key-split", ".bar", "fill"),
    areas: drawn(".st-key-growth", ":scope > svg > g > path:not([fill=none], [stroke]), .js-fill", "fill"),
    line: drawn(".st-key-growth", ":scope > svg > g > path[fill=none], .js-line", "stroke"),
  };
}
"""


def background(page: Page) -> str:
    """Return the colour of the page."""
    colour: str = page.locator('[data-testid="stApp"]').evaluate(
        "app => getComputedStyle(app).backgroundColor"
    )
    return colour


def colours(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate(COLOURS)
    return found


def wanted(palette: Palette) -> dict[str, Any]:
    """Return what ``COLOURS`` finds on a page in the colours of ``palette``."""
    return {
        "page": rgb(palette.background),
        "charts": [rgb(palette.background)],
        "weights": [rgb(palette.weights)] * 2,
        "biases": [rgb(palette.biases)] * 2,
        "edges": [rgb(palette.weights), rgb(palette.biases)],
        "fills": [rgb(palette.weights_fill), rgb(palette.biases_fill)],
        "areas": [rgb(palette.weights_fill), rgb(palette.biases_fill)],
        "line": [rgb(palette.weights)],
    }


@every_scheme
def test_one_colour_for_weights_and_one_for_biases(
    open_page: Pages, scheme: Literal["light", "dark"]
) -> None:
    page = open_page(scheme=scheme)
    assert colours(page) == wanted(PALETTES[scheme])
    open_tab(page, "plane")
    assert colours(page)["charts"] == [rgb(PALETTES[scheme].background)]


def test_the_charts_follow_the_theme_a_visitor_chooses(open_page: Pages) -> None:
    page = open_page(scheme="light")
    page.get_by_role("button", name="Main menu").click()
    page.get_by_role("menuitemradio", name="Dark").click()
    page.keyboard.press("Escape")
    dark = rgb(PALETTES["dark"].background)
    with suppress(TimeoutError):  # What came instead is said below.
        page.wait_for_function(f"colour => ({COLOURS})().charts.join() === colour", arg=dark)
    assert colours(settled(page)) == wanted(PALETTES["dark"])


# Asks the component twice, whose data say "light" and "usual", how it reports a dark window.
REPORTED = """async script => {
  const address = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  const { default: draw } = await import(address);
  const data = { width: "usual", mode: "light", narrow: "(max-width: 1px)", wide: "(min-width: 9999px)" };
  const json = JSON.stringify(data), reported = [];
  const setTriggerValue = (...report) => reported.push(report);
  for (const time of [1, 2]) draw({ data: { json }, setTriggerValue })();
  return reported;
}"""


def test_a_theme_that_the_server_did_not_take_is_reported_again(open_page: Pages) -> None:
    page = open_page("/sources", scheme="dark")
    script = Path(str(viewport.__file__)).with_suffix(".js").read_text(encoding="utf-8")
    assert page.evaluate(REPORTED, script) == [["window", "usual dark"]] * 2


def audit(page: Page) -> list[str]:
    """Return what axe finds on a page on which nothing is hovered over and nothing is fading."""
    page.mouse.move(0, 0)
    return serious_violations(still(page))
