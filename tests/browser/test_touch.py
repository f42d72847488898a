"""Fingers and presses: what is touched is large enough, a swipe scrolls, a run of presses is one step."""

from playwright.sync_api import Locator, Page, ViewportSize, expect

from calculator.ui.shell.pages import PAGES
from tests.browser.browser_visitor import box, go_to, linked, press, screen, slider
from tests.browser.conftest import Pages
from tests.browser.page import LAPTOP, PHONE, rerun, settled
from tests.browser.test_look import overflowing

NARROWEST: ViewportSize = {"width": 320, "height": 640}
ON_ITS_SIDE: ViewportSize = {"width": 740, "height": 360}

VIEWS = {"Calculator": ("", "view=output", "view=frameworks")}
"""The links of the pages of which more than the first view is looked at."""

SMALL = """
() => {
  // What may be touched in place of the control inside.
  const FRAMES = "label, [data-testid$=RootElement], [data-testid$=RootElement] *";
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
        return hit && (part.contains(hit) || (hit.contains(part) && hit.matches(FRAMES)));
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


def menu(page: Page) -> Locator:
    """Return the menu of pages."""
    return page.get_by_role("navigation", name="Pages")


def heads(page: Page, name: str) -> list[tuple[float, float, float]]:
    """Return where the menu, Share and the menu of Streamlit are: left, right and top of each.

    Fail unless the menu marks the page of that name as the open one.
    """
    expect(menu(page).get_by_role("link", name=name)).to_have_attribute("aria-current", "page")
    parts = (menu(page), page.get_by_role("button", name="Share"), page.get_by_test_id("stMainMenuButton"))
    boxes = [part.bounding_box() for part in parts]
    return [(box["x"], box["x"] + box["width"], box["y"]) for box in boxes if box]


def test_what_is_touched_is_large_and_no_page_is_wider_than_a_phone(open_page: Pages) -> None:
    page = open_page(size=PHONE, touch=True)
    found, places = {}, []
    for one in PAGES[::-1]:
        with rerun(page):
            menu(page).get_by_role("link", name=one.name).click()
        places.append(heads(page, one.name))
        for link in VIEWS.get(one.name, ("",)):
            if link:
                go_to(page, link)
            page.set_viewport_size(NARROWEST)
            faults = overflowing(settled(page))
            page.set_viewport_size(PHONE)
            found[one.name, link] = [*faults, *settled(page).evaluate(SMALL)]
    assert {view: faults for view, faults in found.items() if faults} == {}
    assert places == [places[0]] * len(PAGES)
    page.set_viewport_size(NARROWEST)
    for _, (_, share, _), (more, _, _) in (places[0], heads(settled(page), PAGES[0].name)):
        assert share <= more


def test_the_menu_is_a_landmark_at_the_same_place_on_every_page(open_page: Pages) -> None:
    page = open_page()
    places = []
    for one in PAGES[::-1]:
        with rerun(page):
            menu(page).get_by_role("link", name=one.name).click()
        places.append(heads(page, one.name))
    assert places == [places[0]] * len(PAGES)
    # It would cover the answer, which stays at the top.
    page.locator(".stMain").evaluate("main => { main.scrollTop = main.scrollHeight; }")
    expect(menu(page)).not_to_be_in_viewport()
    expect(page.locator(".st-key-answer")).to_be_in_viewport()
    with rerun(page):
        page.set_viewport_size(PHONE)
    for _, (_, share, _), (more, _, _) in (places[0], heads(page, PAGES[0].name)):
        assert share <= more


def covered_texts(page: Page) -> list[dict[str, float]]:
    """Return where a text of the growth chart lies under the buttons of the chart."""
    drawing = page.locator(".st-key-growth .drawing")
    texts = drawing.locator(":scope > svg text, .place text")
    corner = drawing.locator(".tools").first.bounding_box()
    assert corner
    assert texts.count() > 10
    places = texts.evaluate_all("all => all.map(text => text.getBoundingClientRect().toJSON())")
    right, below = corner["x"] + corner["width"], corner["y"] + corner["height"]
    return [
        place
        for place in places
        if place["right"] > corner["x"] and place["left"] < right
        if place["top"] < below and place["bottom"] > corner["y"]
    ]


def test_a_phone_shows_a_slider_on_its_side_and_a_swipe_over_it_scrolls(open_page: Pages) -> None:
    page = open_page(size=ON_ITS_SIDE, touch=True)
    for part in (page.locator(".st-key-answer p"), slider(page, "Kernel size").locator("xpath=../..")):
        at = part.bounding_box()
        assert at
        assert at["y"] >= 0
        assert at["y"] + at["height"] <= ON_ITS_SIDE["height"]
    assert covered_texts(page) == []
    page.set_viewport_size(PHONE)
    at = slider(settled(page), "Kernel size").locator("xpath=ancestor::*[@role='group']").bounding_box()
    assert at
    swipe(page, at["x"] + 0.8 * at["width"], at["y"] + at["height"] / 2, up=300)
    page.wait_for_function("() => document.querySelector('[data-testid=stMain]').scrollTop > 100")
    assert screen(page).query == {}


def test_settings_of_a_visitors_own_take_nothing_from_the_page(open_page: Pages) -> None:
    page = open_page(size={"width": 900, "height": 700})
    # A screen reader says the name of a control once.
    tree = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    named = [node["name"]["value"] for node in tree if node.get("role", {}).get("value") == "slider"]
    assert named == ["Kernel size", "Input channels", "Output channels", "Groups"]

    # Forced colours keep what is on apart from what is off.
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
    page.emulate_media(forced_colors="none")

    # In a small window and a large one, no button lies on a text of its chart.
    assert covered_texts(settled(page)) == []
    page.set_viewport_size(LAPTOP)
    assert covered_texts(settled(page)) == []

    assert points_right(page.get_by_role("radio", name="3 → 64").locator("p"))
    assert points_right(settled(open_page("/compare")).locator(".st-key-answer p").first)


def points_right(text: Locator) -> bool:
    """Return whether what stands before an arrow is on its left in a page that reads from right to left."""
    text.page.evaluate("document.documentElement.dir = 'rtl'")
    left, right = text.evaluate("""text => {
      const nodes = document.createTreeWalker(text, NodeFilter.SHOW_TEXT), place = document.createRange();
      while (!nodes.nextNode().data.includes("→"));
      const letters = nodes.currentNode, arrow = letters.data.indexOf("→");
      return [/\\d(?=\\D*$)/, /\\d/].map((digit, after) => {
        const part = after ? letters.data.slice(arrow) : letters.data.slice(0, arrow);
        const at = part.search(digit) + (after && arrow);
        place.setStart(letters, at);
        place.setEnd(letters, at + 1);
        return place.getBoundingClientRect().x;
      });
    }""")
    return bool(left < right)


def test_a_run_of_presses_is_one_entry_of_the_history(open_page: Pages) -> None:
    page = open_page("/?in=5", own_tab=True)
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
