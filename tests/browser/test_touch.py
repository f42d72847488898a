"""Fingers and presses: what is touched is large enough, a swipe scrolls, a run of presses is one step."""

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.browser_visitor import box, linked, press, screen, slider
from tests.browser.conftest import Pages
from tests.browser.page import LAPTOP, PHONE, rerun, settled
from tests.browser.test_look import overflowing

NARROWEST: ViewportSize = {"width": 320, "height": 640}
ON_ITS_SIDE: ViewportSize = {"width": 740, "height": 360}

PATHS = (
    *("/", "/?view=output", "/?view=frameworks", "/picture"),
    *("/compare", "/model", "/learn", "/class", "/sources"),
)

SMALL = """
() => {
  const found = [];
  const look = root => {
    for (const part of root.querySelectorAll("*")) {
      if (part.shadowRoot) look(part.shadowRoot);
      if (!part.matches(`button, a, summary, label:has([type=checkbox]),
        input:not([type=range], [type=checkbox])`)) continue;
      if (!part.checkVisibility({ visibilityProperty: true })) continue;
      if (part.closest("p, li, td")) continue;  // A link inside of a text is as high as its line.
      const { width, height, x, y } = part.getBoundingClientRect();
      if (width <= 1) continue;  // The link that skips the menu is shown when it has the focus.
      part.scrollIntoView({ block: "center" });
      const box = part.getBoundingClientRect(), middle = [box.x + box.width / 2, box.y + box.height / 2];
      const root = part.getRootNode();
      // What is drawn small may be touched in a larger area around it.
      const touched = [[-20, 0], [20, 0], [0, -20], [0, 20]].every(([across, down]) => {
        const hit = root.elementFromPoint(middle[0] + across, middle[1] + down);
        return hit && (part.contains(hit) || hit.contains(part));
      });
      if ((width < 44 || height < 44) && !touched)
        found.push(`${part.tagName} ${part.ariaLabel ?? part.innerText}: ${width} × ${height}`);
    }
  };
  look(document);
  return found;
}
"""


def top(page: Page) -> float:
    """Return how far the page is scrolled down."""
    scrolled: float = page.locator('[data-testid="stMain"]').evaluate("main => main.scrollTop")
    return scrolled


def swipe(page: Page, x: float, y: float, *, across: float = 0, up: float = 0) -> None:
    """Put a finger on the screen, move it and lift it."""
    session = page.context.new_cdp_session(page)
    for step in range(11):
        points = [{"x": x + step * across / 10, "y": y - step * up / 10}]
        session.send(
            "Input.dispatchTouchEvent", {"type": "touchMove" if step else "touchStart", "touchPoints": points}
        )
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    session.detach()


@pytest.mark.parametrize("path", PATHS)
def test_what_is_touched_is_large_and_no_page_is_wider_than_a_phone(open_page: Pages, path: str) -> None:
    page = open_page(path, size=NARROWEST, touch=True)
    assert overflowing(page) == []
    page.set_viewport_size(PHONE)
    assert settled(page).evaluate(SMALL) == []


def test_a_phone_on_its_side_shows_the_answer_and_a_slider(open_page: Pages) -> None:
    page = open_page(size=ON_ITS_SIDE, touch=True)
    for part in (page.locator(".st-key-answer p"), slider(page, "Kernel size").locator("xpath=../..")):
        at = part.bounding_box()
        assert at
        assert at["y"] >= 0
        assert at["y"] + at["height"] <= ON_ITS_SIDE["height"]


@pytest.mark.parametrize("size", [ON_ITS_SIDE, {"width": 900, "height": 700}, LAPTOP], ids=str)
def test_buttons_lie_on_no_text_of_their_chart(open_page: Pages, size: ViewportSize) -> None:
    page = open_page(size=size, touch=size == ON_ITS_SIDE)
    drawing = page.locator(".st-key-growth .drawing")
    texts = drawing.locator(":scope > svg text, .place text")
    corner = drawing.locator(".tools").first.bounding_box()
    assert corner
    assert texts.count() > 10
    for place in texts.evaluate_all("all => all.map(text => text.getBoundingClientRect().toJSON())"):
        beside = place["right"] <= corner["x"] or place["left"] >= corner["x"] + corner["width"]
        apart = place["top"] >= corner["y"] + corner["height"] or place["bottom"] <= corner["y"]
        assert beside or apart, place


def test_a_screen_reader_says_the_name_of_a_control_once(open_page: Pages) -> None:
    page = open_page()
    tree = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    named = [node["name"]["value"] for node in tree if node.get("role", {}).get("value") == "slider"]
    assert named == ["Kernel size", "Input channels", "Output channels", "Groups"]


def test_forced_colours_keep_what_is_on_apart_from_what_is_off(open_page: Pages) -> None:
    page = open_page()
    page.emulate_media(forced_colors="active")
    looks = """part => {
      const { backgroundColor, borderTopStyle, borderBottomWidth } = getComputedStyle(part);
      return [backgroundColor, borderTopStyle, borderBottomWidth];
    }"""
    switches = [".st-key-bias", '[class*="st-key-per_axis"]']
    on, off = (page.locator(f"{name} label > div:not([data-testid])").evaluate(looks) for name in switches)
    assert on[0] != off[0]
    assert on[1] == off[1] == "solid"
    thumb = page.locator(".st-key-bias label > div:not([data-testid]) > div").evaluate(looks)
    assert thumb[0] not in (on[0], off[0])
    current, other = (page.get_by_role("link", name=name).evaluate(looks) for name in ("Calculator", "Learn"))
    assert (current[2], other[2]) == ("3px", "0px")
    chosen, free = (
        page.get_by_role("radio", name=name, exact=True).evaluate(looks) for name in ("2-D", "3-D")
    )
    assert chosen[0] != free[0]


def test_in_a_page_that_reads_from_right_to_left_an_arrow_still_points_right(open_page: Pages) -> None:
    page = open_page()
    page.evaluate("document.documentElement.dir = 'rtl'")
    first, last = (
        page.get_by_role("radio", name="3 → 64")
        .locator("p")
        .evaluate("""text => {
      const letters = text.firstChild, place = document.createRange();
      return [0, letters.length - 1].map(at => {
        place.setStart(letters, at);
        place.setEnd(letters, at + 1);
        return place.getBoundingClientRect().x;
      });
    }""")
    )
    assert first < last


def test_a_swipe_that_begins_on_a_slider_scrolls_and_changes_nothing(open_page: Pages) -> None:
    page = open_page(size=PHONE, touch=True)
    at = slider(page, "Kernel size").locator("xpath=ancestor::*[@role='group']").bounding_box()
    assert at
    swipe(page, at["x"] + 0.8 * at["width"], at["y"] + at["height"] / 2, up=300)
    page.wait_for_function("() => document.querySelector('[data-testid=stMain]').scrollTop > 100")
    assert screen(page).query == {}


def test_the_menu_is_a_landmark_at_the_same_place_on_every_page(open_page: Pages) -> None:
    for size in (PHONE, LAPTOP):
        places = set()
        page = open_page(size=size)
        for name in ("Picture", "Compare", "Model", "Learn", "Sources", "Calculator"):
            with rerun(page):
                page.get_by_role("navigation", name="Pages").get_by_role("link", name=name).click()
            current = page.get_by_role("link", name=name)
            expect(current).to_have_attribute("aria-current", "page")
            where = page.get_by_role("navigation", name="Pages").bounding_box()
            more = page.get_by_test_id("stMainMenuButton").bounding_box()
            share = page.get_by_role("button", name="Share").bounding_box()
            assert where
            assert share
            assert more
            assert share["x"] + share["width"] <= more["x"]
            places.add((where["x"], where["y"]))
        assert len(places) == 1


def test_a_run_of_presses_is_one_entry_of_the_history(open_page: Pages) -> None:
    page = open_page("/?in=5")
    before = page.evaluate("history.length")
    for kernel in ("5", "6", "7"):
        assert press(page, "Kernel size", "ArrowRight").query == {"in": "5", "k": kernel}
    assert page.evaluate("history.length") == before + 1
    assert press(page, "Output channels", "ArrowRight").query == {"in": "5", "k": "7", "out": "65"}
    assert page.evaluate("history.length") == before + 2
    with rerun(page):
        page.go_back()
    assert linked(page, k="7", **{"in": "5"}).boxes["Kernel size"] == "7"
    with rerun(page):
        page.go_back()
    assert linked(page, **{"in": "5"}).boxes["Kernel size"] == "4"
    expect(box(page, "Kernel size")).to_have_value("4")
