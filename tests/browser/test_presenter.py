"""The presenter's view of Calculator and Picture: read from the back row, moved by keys, left again."""

from typing import Any, Literal
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Page

from calculator.charts.figure import PROJECTED_TEXT
from calculator.settings import FIELD, Settings
from calculator.settings.link import decode
from tests.browser.browser_visitor import VIEW, go_to, slider
from tests.browser.conftest import Pages
from tests.browser.page import LAPTOP, PHONE, PROJECTOR, rerun, serious_violations, still
from tests.browser.test_look import cut_off, divided, overflowing
from tests.browser.test_picture import TRACE, holds, stamp

pytestmark = pytest.mark.plotly

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")

# Every text with a digit that can be seen, and the height of its letters.
NUMBERS = """
() => {
  const found = [];
  const look = part => {
    if (part.shadowRoot) [...part.shadowRoot.children].forEach(look);
    [...part.children].forEach(look);
    if (!part.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return;
    for (const node of part.childNodes) {
      if (node.nodeType !== Node.TEXT_NODE || !/[0-9]/.test(node.data)) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const { width, height } = range.getBoundingClientRect();
      let unseen = !width || !height;
      for (let around = part; around && !unseen; around = around.parentElement ?? around.getRootNode().host) {
        const { width, height } = around.getBoundingClientRect();
        unseen = getComputedStyle(around).overflow !== "visible" && (width <= 1.5 || height <= 1.5);
      }
      if (unseen) continue;
      const scale = part instanceof SVGGraphicsElement ? part.getScreenCTM().a : 1;
      found.push([node.data.trim(), parseFloat(getComputedStyle(part).fontSize) * scale]);
    }
  };
  look(document.body);
  return found;
}
"""


def numbers(page: Page) -> list[tuple[str, float]]:
    """Return every number that can be seen, with the height of its letters in pixels."""
    page.mouse.move(0, 0)
    found: list[tuple[str, float]] = page.evaluate(NUMBERS)
    return found


def small(page: Page) -> list[tuple[str, float]]:
    """Return the numbers that are too small for the back row."""
    return [(text, height) for text, height in numbers(page) if height < PROJECTED_TEXT - 0.05]


def below(page: Page) -> float:
    """Return how many pixels of the page lie below the window."""
    hidden: float = page.locator('[data-testid="stMain"]').evaluate("main => main.scrollHeight - innerHeight")
    return hidden


def moved(page: Page, label: str) -> Settings:
    """Press the right arrow key on a slider, and return what the link says then."""
    with rerun(page):
        slider(page, label).press("ArrowRight")
    return linked(page)


def linked(page: Page) -> Settings:
    """Return the settings of the link."""
    return decode(parse_qs(page.url.partition("?")[2])).settings


def test_the_growth_fills_the_screen(open_page: Pages) -> None:
    page = open_page("/?present=1", size=PROJECTOR)
    found = [text for text, _ in numbers(page)]
    assert "3,136" in found
    assert "×4" in " ".join(found)
    assert len(found) > 30
    assert small(page) == []
    assert below(page) <= 0
    chart = page.locator(".st-key-growth .drawing").bounding_box()
    assert chart
    assert chart["width"] >= 0.95 * PROJECTOR["width"]
    assert chart["height"] >= 0.5 * PROJECTOR["height"]
    # The layer is moved by the arrow keys, as always, and everything is as large afterwards.
    assert moved(page, "Kernel size").kernel_size == (5,)
    assert moved(page, "Input channels").in_channels == 4
    assert "6,464" in [text for text, _ in numbers(page)]
    assert small(page) == []
    with rerun(page):
        page.get_by_role("radio", name="log").click()
    assert small(page) == []
    assert below(page) <= 0


def faults(page: Page, spare: float = 0) -> list[Any]:
    """Return what is too small, lies more than ``spare`` pixels below the window, or is cut off."""
    under = [f"{below(page)} pixels below"] if below(page) > spare else []
    return [*small(page), *under, *overflowing(page), *cut_off(page)]


PAGES = ["/", "/picture"]


@pytest.mark.parametrize("path", PAGES)
def test_every_view_fits_the_wall(open_page: Pages, path: str) -> None:
    page = open_page(f"{path}?present=1", size=PROJECTOR)
    field = FIELD[VIEW[path]]
    found: dict[str, list[Any]] = {}
    for scheme in SCHEMES:
        if scheme != "light":
            with rerun(page):
                page.emulate_media(color_scheme=scheme)
        for view in field.choices:
            go_to(page, f"{field.key}={view}&present=1")
            assert len(numbers(page)) > 10
            found[f"{view}, {scheme}"] = [*faults(page), *serious_violations(page)]
    assert {state: wrong for state, wrong in found.items() if wrong} == {}


# The largest layer, with the largest output; with a value per axis; and with as many groups as channels.
LARGEST = "dim=3&in=65536&out=65536&k=128&s=128&p=128&op=127&d=128&n=65536"
LARGEST_AXES = (
    "dim=3&in=65536&out=65536&k=128x127x126&s=128x127x126&p=128x127x126&op=127x126x125&d=128x127x126"
    "&n=65536x65535x65534"
)
GROUPS = "dim=3&in=65536&out=65536&g=65536&k=128x127x126&n=65536x65535x65534"
FOLLOWED = "two=1&bn=1&frozen=1&out2=65536&k2=128x127x126"


@pytest.mark.parametrize(
    ("path", "links"),
    [
        (
            "/",
            [
                *("k=3x5x4&dim=3", "view=output&k=3x5&s=3x2&p=1x2", "view=numbers&two=1&bn=1"),
                *(LARGEST, GROUPS, "view=plane&in=1&out=65536&k=128", f"view=plane&{LARGEST}"),
                *(f"view={view}&{LARGEST_AXES}" for view in ("output", "frameworks")),
                *(f"view=output&{LARGEST}", f"view=numbers&{FOLLOWED}&{LARGEST}"),
            ],
        ),
        (
            "/picture",
            [
                *("see=tensor&dim=3", "see=tensor&in=8&out=8&g=4", "see=transposed&k=7&s=3"),
                *("see=overlap&k=3x5&s=2x3", "see=size&dim=3", "k=3x5&s=2x3", "k=16&s=8&p=4", "dim=3"),
                *("dim=3&k=3", f"see=tensor&{GROUPS}", f"see=overlap&{LARGEST_AXES}", LARGEST),
                *(f"see=size&{layer}" for layer in (LARGEST, LARGEST_AXES, GROUPS)),
            ],
        ),
    ],
    ids=PAGES,
)
def test_other_layers_fit_the_wall_too(open_page: Pages, path: str, links: list[str]) -> None:
    page = open_page(f"{path}?{links[0]}&present=1", size=PROJECTOR)
    found = {links[0]: faults(page, spare=1)}
    for link in links[1:]:
        go_to(page, f"{link}&present=1")
        found[link] = faults(page, spare=1)
    assert {link: wrong for link, wrong in found.items() if wrong} == {}


# With a warning about each framework: its sizes, or the layer itself.
WARNED = "dim=3&k=3x5x4&s=3x2x4&d=2x3x2&p=9&op=1x0x2&g=3&in=3&out=6&n=1"


def test_the_code_of_every_framework_fits_the_wall(open_page: Pages) -> None:
    page = open_page("/?view=frameworks&op=1&d=2&present=1", size=PROJECTOR)
    found = {}
    for link in ("op=1&d=2", WARNED):
        go_to(page, f"{link}&view=frameworks&present=1")
        for kind in page.locator(".st-key-snippets").get_by_role("radio").all():
            if kind.get_attribute("aria-checked") != "true":
                with rerun(page):
                    kind.click()
            still(page)
            found[link, kind.inner_text()] = [*faults(page), *serious_violations(page)]
    assert {state: wrong for state, wrong in found.items() if wrong} == {}
    refused = page.get_by_text("ONNX does not accept this input size.")
    assert refused.is_visible()
    with rerun(page):
        page.get_by_role("radio", name="Keras").click()
    assert not refused.is_visible()
    assert page.get_by_text("Keras cannot express exactly this layer").is_visible()


def test_the_longest_sentences_below_the_stamp_fit_the_wall(open_page: Pages) -> None:
    page = open_page("/picture?dim=3&k=3x5x4&present=1", size=PROJECTOR)
    found = {}
    for link in ("dim=3&k=3x5x4", "k=7x5&s=3", "k=7&s=2"):
        go_to(page, f"{link}&present=1")
        found[link] = faults(page)
        for key in ("Home", "End"):
            page.locator(".stamp .range").press(key)
        assert "That was the last stamp" in page.locator(".stamp .words").inner_text()
        found[f"{link}, the last step"] = faults(page)
        # A position in the middle, which most products reach.
        cells = page.locator(".stamp .output .cell")
        cells.nth(cells.count() // 2).click()
        assert page.evaluate(TRACE)["chosen"] == cells.count() // 2
        found[f"{link}, where a value comes from"] = faults(page)
    assert {state: wrong for state, wrong in found.items() if wrong} == {}


def test_the_keys_of_the_lesson_open_the_views(open_page: Pages) -> None:
    page = open_page("/?present=1", size=PROJECTOR)
    for key, view in [("n", "plane"), ("PageDown", "output"), ("b", "plane"), ("PageUp", "growth")]:
        with rerun(page):
            page.keyboard.press(key)
        assert linked(page).view == view
    with rerun(page):
        slider(page, "Kernel size").press("5")
    assert linked(page) == Settings(presenting=True, view="frameworks")
    with rerun(page):
        page.get_by_text("Keys: N, B, 1 to 5").click()
    page.keyboard.press("1")
    with rerun(page):
        page.keyboard.press("PageUp")
    assert linked(page).view == "numbers"


def test_the_stamp_fills_the_screen(open_page: Pages) -> None:
    page = open_page("/picture?present=1", size=PROJECTOR)
    assert len(numbers(page)) > 80
    assert small(page) == []
    assert below(page) <= 0
    page.locator(".stamp .output .cell").nth(33).click()
    assert page.evaluate(TRACE)["chosen"] == 33
    assert small(page) == []
    settings = moved(page, "Stride")
    assert settings.stride == (3,)
    page.locator(".stamp .bar .first").click()
    holds(stamp(page), settings)
    assert small(page) == []


def test_a_number_without_room_is_not_written_small(open_page: Pages) -> None:
    page = open_page("/picture?present=1", size=PROJECTOR)
    for link in ("k=16&s=8&p=4", "dim=3&k=3", "dim=1&k=5&n=9", "k=3x5&s=3x2&p=1x2", "k=24&s=6"):
        go_to(page, f"{link}&present=1")
        assert small(page) == [], link
        assert stamp(page).output


@pytest.mark.parametrize("path", ["/", "/picture"])
def test_the_view_is_entered_and_left(open_page: Pages, path: str) -> None:
    page = open_page(path, size=LAPTOP)

    def switched() -> dict[str, Any]:
        with rerun(page):
            page.locator("[class*=st-key-presenting] label").click()
        return {"url": page.url.partition("?")[2], "footer": page.get_by_text("Privacy: ").count()}

    assert switched() == {"url": "present=1", "footer": 0}
    assert slider(page, "Kernel size").count() == 1
    assert [*overflowing(page), *cut_off(page)] == []
    assert switched() == {"url": "", "footer": 1}


@pytest.mark.parametrize("path", ["/?present=1&in=65536&out=65536&k=128", "/picture?present=1"])
def test_a_phone_that_opens_the_link_has_all_of_it(open_page: Pages, path: str) -> None:
    page = open_page(path, size=PHONE, touch=True)
    assert [*overflowing(page), *cut_off(page)] == []
    assert divided(page, ".st-key-answer") == []
    assert slider(page, "Kernel size").count() == 1
