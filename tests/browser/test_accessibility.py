"""Every page and view for everybody: what a screen reader is told, keys reach and large text does.

``docs/accessibility.md`` names the tests by criterion of WCAG 2.2.
"""

import itertools
import re
from typing import Any

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from calculator.settings import FIELD
from tests.browser.browser_visitor import VIEW, go_to
from tests.browser.conftest import Pages
from tests.browser.page import PHONE, settled
from tests.browser.test_look import cut_off, overflowing

TWICE: ViewportSize = {"width": 683, "height": 384}
"""What is left of a laptop's window at 200 %."""

FOUR_TIMES: ViewportSize = {"width": 320, "height": 256}
"""What is left of 1280 × 1024 pixels at 400 %: success criterion 1.4.10."""

VIEWS = VIEW | {"/model": "model_view", "/learn": "learn_view"}
"""The setting that says which view of a page is open, by the page's address."""

MORE = {"/": ["w=1", "ask=1", "present=1"], "/picture": ["present=1"], "/learn": ["present=1"]}


WORKED = {
    *("button", "checkbox", "combobox", "link", "menuitem", "radio"),
    *("slider", "spinbutton", "switch", "tab", "textbox"),
}
"""The roles of what is worked."""


Nodes = list[dict[str, Any]]


def tree(page: Page) -> Nodes:
    """Return what Chromium tells a screen reader: role, name and description of everything that it reads."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    return [
        {
            "role": node["role"]["value"],
            "name": " ".join(node.get("name", {}).get("value", "").split()),
            "description": node.get("description", {}).get("value", ""),
            "level": {one["name"]: one["value"].get("value") for one in node["properties"]}.get("level"),
        }
        for node in nodes
        if not node["ignored"]
    ]


def headings(nodes: Nodes) -> list[str]:
    """Return what is wrong with the order of the headings: one title first, and no level left out."""
    levels = [node["level"] for node in nodes if node["role"] == "heading"]
    faults = [] if levels[:1] == [1] and levels.count(1) == 1 else [f"not one title, and first: {levels}"]
    steps = itertools.pairwise(levels)
    return faults + [f"from level {one} to {other}" for one, other in steps if other > one + 1]


def unnamed(nodes: Nodes) -> list[str]:
    """Return what is worked or shown and has no name."""
    told = WORKED | {"img", "image", "region", "application"}
    return [f"{node['role']} without a name" for node in nodes if node["role"] in told and not node["name"]]


def untold(page: Page) -> list[str]:
    """Return the charts and the stamp that have no name, no finding or no table, as Chromium tells them."""
    buttons = page.locator(".drawing").get_by_role("button", name="The numbers as a table")
    for button in buttons.all():
        if button.get_attribute("aria-expanded") != "true":
            button.click()
    for summary in page.get_by_text("The numbers as tables").all():
        summary.click()
    nodes = tree(settled(page))
    figures = [node for node in nodes if node["role"] == "figure" and node["name"]]
    drawn = page.locator(".drawing, .stamp").count()
    captions = [node["name"] for node in nodes if node["role"] == "table"]
    faults = [] if len(figures) == drawn else [f"{drawn} are drawn, {len(figures)} are told"]
    for figure in figures:
        told = f"{figure['name']} {figure['description']}"
        if not re.search(r"\d", told) or not told.strip().endswith((".", "?")):
            faults.append(f"no finding: {told}")
        if figure["name"] == "The stamp":
            panes = [name for name in captions if re.match("(Input|Kernel|Output) [0-9]", name)]
            faults += [] if len(panes) >= 3 else [f"tables of the stamp: {panes}"]
        elif told.strip() not in captions:
            faults.append(f"no table: {told}")
    return faults


# What is pressed has at least 24 × 24 pixels, or that much room to the next: success criterion 2.5.8.
# A link in a sentence is as high as its line. From the top, as what is scrolled to lies under the answer.
SMALL = """
() => {
  document.querySelector(".stMain").scrollTo(0, 0);
  const targets = [];
  const look = root => {
    for (const part of root.querySelectorAll("*")) {
      if (part.shadowRoot) look(part.shadowRoot);
      if (!part.matches(`button, a, summary, label:has([type=checkbox]), input:not([type=checkbox]),
        [role=radio], [role=tab]`)) continue;
      if (!part.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
      if (part.matches("a") && part.closest("p, li, td")) continue;
      const touched = part.matches("[type=range]") ? part.closest("[data-rac]") ?? part : part;
      const box = touched.getBoundingClientRect();
      if (box.width <= 1) continue;
      targets.push([part, box]);
    }
  };
  look(document);
  const middle = ({ x, y, width, height }) => [x + width / 2, y + height / 2];
  return targets.filter(([part, box]) => {
    if (box.width >= 24 && box.height >= 24) return false;
    const [x, y] = middle(box);
    return targets.some(([other, beside]) => {
      if (other === part || other.contains(part) || part.contains(other)) return false;
      const across = Math.max(beside.x - x, 0, x - beside.x - beside.width);
      return Math.hypot(across, Math.max(beside.y - y, 0, y - beside.y - beside.height)) < 12;
    });
  }).map(([part, box]) => `${part.tagName} ${part.ariaLabel ?? part.innerText}: ${JSON.stringify(box)}`);
}
"""

# Success criterion 1.4.12.
SPACED = """
* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; }
p { margin-bottom: 2em !important; }"""

PLAYS = "document.querySelectorAll('audio, video, [autoplay], [type=password], marquee').length"


SPACE_OUT = """css => {
  const rules = window.__rules = new CSSStyleSheet();
  rules.replaceSync(css);
  const look = root => {
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, rules];
    for (const part of root.querySelectorAll("*")) if (part.shadowRoot) look(part.shadowRoot);
  };
  look(document);
}"""


def outside(page: Page) -> list[str]:
    """Return what reaches out of the window or is cut off."""
    return [*overflowing(settled(page)), *cut_off(page)]


def on_a_laptop(page: Page) -> dict[str, list[str]]:
    """Return what keeps somebody at a laptop out of the view that is open, by the question that found it."""
    nodes = tree(page)
    found = {"headings": headings(nodes), "names": unnamed(nodes), "targets": page.evaluate(SMALL)}
    page.evaluate(SPACE_OUT, SPACED)
    found["with wider spacing"] = outside(page)
    page.evaluate("window.__rules.disabled = true")
    found["charts"] = untold(page)
    found["sound"] = ["something plays"] * page.evaluate(PLAYS)
    return found


def on_a_phone(page: Page) -> dict[str, list[str]]:
    """Return what keeps somebody out of the view that is open on a phone, or at a window that is enlarged."""
    page.set_viewport_size(PHONE)
    found = {"headings on a phone": headings(tree(settled(page)))}
    for name, size in (("at 200 %", TWICE), ("at 400 %", FOUR_TIMES)):
        page.set_viewport_size(size)
        found[name] = outside(page)
    return found


@pytest.mark.parametrize("path", [*VIEWS, "/class", "/sources"])
def test_every_view_is_for_everybody(open_page: Pages, path: str) -> None:
    # A page is loaded once for all its views, and arranged anew for a phone once: either costs most.
    page = open_page(path)
    field = FIELD[VIEWS[path]] if path in VIEWS else None
    links = [f"{field.key}={view}" for view in field.choices[1:]] if field else []
    links = ["", *links, *MORE.get(path, [])]
    found: dict[str, dict[str, list[str]]] = {link: {} for link in links}
    for question in (on_a_laptop, on_a_phone):
        for link in links:
            if page.url.partition("?")[2] != link:
                go_to(page, link)
            found[link] |= question(page)
    faults = {link: {name: told for name, told in asked.items() if told} for link, asked in found.items()}
    assert {link: asked for link, asked in faults.items() if asked} == {}
    assert page.evaluate("document.documentElement.lang") == "en"


# What has the focus, once nothing moves: a mark of its own or of what lies around it, and a point of it that
# nothing covers.
FOCUS = """
async () => {
  await Promise.allSettled(document.getAnimations().map(one => one.finished));
  let part = document.activeElement;
  while (part?.shadowRoot?.activeElement) part = part.shadowRoot.activeElement;
  if (!part || part === document.body) return null;
  const up = one => one.parentElement ?? one.getRootNode().host;
  const around = [part, up(part), up(up(part)), up(up(up(part)))];
  const marked = one => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one);
    return (outlineStyle !== "none" && parseFloat(outlineWidth) > 0) || boxShadow !== "none";
  };
  const seen = around.find(one => one.getBoundingClientRect().width > 4) ?? part;
  const { x, y, width, height } = seen.getBoundingClientRect();
  const free = [0.1, 0.5, 0.9].some(right => [0.1, 0.5, 0.9].some(below => {
    let hit = document.elementFromPoint(x + width * right, y + height * below);
    while (hit?.shadowRoot?.elementFromPoint(x + width * right, y + height * below)) {
      const inside = hit.shadowRoot.elementFromPoint(x + width * right, y + height * below);
      if (inside === hit) break;
      hit = inside;
    }
    for (let one = hit; one; one = up(one)) if (one === around.at(-1)) return true;
    return false;
  }));
  const name = part.ariaLabel ?? part.innerText?.trim().slice(0, 40) ?? "";
  return { name: `${part.tagName} ${name}`, marked: around.some(marked), free, box: [x, y, width, height] };
}
"""

MAX_STOPS = 150


@pytest.mark.parametrize(
    "path",
    ["/", "/picture", "/picture?see=size", "/compare", "/model", "/model?model=layers", "/learn", "/sources"],
)
def test_the_focus_is_seen_is_not_covered_and_goes_on(open_page: Pages, path: str) -> None:
    page = open_page(path)
    faults, names, before = [], [], page.url
    for _ in range(MAX_STOPS):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUS)
        if stop is None:
            break
        names.append(stop["name"])
        faults += [f"no mark: {stop}"] if not stop["marked"] else []
        faults += [f"covered: {stop}"] if not stop["free"] else []
    assert faults == []
    # Nothing on the way keeps the focus, and reaching something changes nothing.
    assert len(names) < MAX_STOPS
    assert len(names) > 20
    assert page.url == before
    # What skips the menu comes first.
    assert "main content" in names[0].lower() or "skip" in names[0].lower()


def test_what_is_pressed_is_called_as_it_is_written(open_page: Pages) -> None:
    for path in ("/", "/picture", "/compare", "/learn?learn=exercises"):
        page = open_page(path)
        for button in page.get_by_role("button").all():
            label, text = button.get_attribute("aria-label"), button.inner_text()
            if label and re.search("[a-z]{3}", text):
                assert " ".join(text.split()).lower() in label.lower()


def test_a_message_is_told_without_moving_the_focus(open_page: Pages) -> None:
    page = open_page("/picture")
    output = page.get_by_role("application", name=re.compile("Cells of the output"))
    output.focus()
    page.keyboard.press("ArrowRight")
    live = page.locator(".stamp [aria-live=polite]")
    expect(live).to_contain_text("Output at row 0, column 0")
    assert output.evaluate("part => part.getRootNode().activeElement === part")
    box = page.get_by_role("textbox", name="Stride, exact value")
    box.fill("none")
    box.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("is kept")
