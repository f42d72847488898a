"""Every page and view for everybody: what a screen reader is told, keys reach and large text does.

``docs/accessibility.md`` names the tests by criterion of WCAG 2.2.
"""

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from calculator.palette import PALETTES
from calculator.settings import FIELD
from calculator.ui.shell.pages import PAGES
from tests.browser.browser_visitor import VIEW, enter, go_to, screen, unfold
from tests.browser.conftest import Pages
from tests.browser.page import LAPTOP, PHONE, PROJECTOR, rerun, settled
from tests.browser.test_look import audit, background, bottom, cut_off, overflowing, rgb

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
    for summary in page.locator("details:not([open]) > summary", has_text="The numbers as tables").all():
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

# What is pressed is called as it is written, for those who speak to their computer: success criterion 2.5.3.
CALLED_OTHERWISE = """
() => {
  const found = [];
  const words = text => text.trim().split(/\\s+/).join(" ").toLowerCase();
  const look = root => {
    for (const part of root.querySelectorAll("*")) {
      if (part.shadowRoot) look(part.shadowRoot);
      if (!part.matches("button, [role=button]") || !part.checkVisibility()) continue;
      const { ariaLabel: label, innerText: text } = part;
      if (!label || !/[a-z]{3}/.test(text)) continue;
      if (!words(label).includes(words(text))) found.push(`${text}: ${label}`);
    }
  };
  look(document);
  return found;
}
"""

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


Found = dict[str, list[str]]


def look(page: Page) -> Found:
    """Return what axe finds, and what reaches out of the window or is cut off.

    axe judges the presenter's view where it is shown: on a projector, in the tests of that view.
    """
    return {"axe": audit(page) if "present=1" not in page.url else [], "as it is": outside(page)}


def on_a_laptop(page: Page) -> Found:
    """Return what keeps somebody at a laptop out of the view that is open, by the question that found it."""
    found, nodes = look(page), tree(page)
    found |= {"headings": headings(nodes), "names": unnamed(nodes), "targets": page.evaluate(SMALL)}
    found["words"] = page.evaluate(CALLED_OTHERWISE)
    page.evaluate(SPACE_OUT, SPACED)
    found["with wider spacing"] = outside(page)
    page.evaluate("window.__rules.disabled = true")
    found["charts"] = untold(page)
    found["sound"] = ["something plays"] * page.evaluate(PLAYS)
    return found


def on_a_projector(page: Page) -> Found:
    """Return what reaches out of the view that is open on a projector; all else is as on a laptop."""
    return {"as it is": outside(page)}


def on_a_phone(page: Page) -> Found:
    """Return what keeps somebody out of the view that is open on a phone, or at a window that is enlarged."""
    found = look(page) | {"headings": headings(tree(page))}
    for name, size in (("at 200 %", TWICE), ("at 400 %", FOUR_TIMES)):
        page.set_viewport_size(size)
        found[name] = outside(page)
    return found


@dataclass(frozen=True)
class Screen:
    """A window in which every view is opened, and what is asked of a view there."""

    size: ViewportSize
    scheme: Literal["light", "dark"]
    question: Callable[[Page], Found]

    def fit(self, page: Page, link: str) -> Page:
        """Return the page in a window of this width, and so high that axe judges the colours of all.

        The presenter's view fills the window, so it has that of the screen.
        """
        page.set_viewport_size(self.size if "present=1" in link else {**self.size, "height": 2600})
        return settled(page)


# What axe looks for depends on the colours and on what is rearranged: dark comes with the phone.
SCREENS = {
    "laptop": Screen(LAPTOP, "light", on_a_laptop),
    "projector": Screen(PROJECTOR, "dark", on_a_projector),
    "phone": Screen(PHONE, "dark", on_a_phone),
}

AXES = (
    "in=12&out=18&k=3x5&n=7x9&p=1x2&s=2x3&want=14x28&budget=2000"
    "&shelf=k3x5_in64_out128_s3x2.a%20name%20as%20long%20as%20a%20name%20of%20a%20layer~p20_n2.none~.plain"
)
"""A layer whose axes differ, and names as long as they may be."""

LAYER = {"/": "in=12&out=18", "/picture": AXES, "/compare": AXES, "/model": "net=unet", "/learn": "step=4"}
"""What all views of a page show."""

ROOM = {
    "/picture": (".st-key-controls", ".stamp .panes", ".stamp .bar"),
    "/compare": (".st-key-controls", ".st-key-scatter"),
    "/model": (),
    "/learn": (".st-key-lesson-words",),
}
"""What is seen without scrolling, besides the answer, where a window is wider than a phone."""

FIRST = LAYER | {"/picture": "", "/compare": ""}
"""The link at which that is looked at."""

FOLDED = {"alternatives": "As PyTorch code", "budget": "The frontier", "tools": "The calls"}
"""What is folded away on a phone, by view."""


def open_link(page: Page, link: str) -> None:
    """Open a link of the page, if it is not open yet."""
    if page.url.partition("?")[2] != link:
        go_to(page, link)


def views(path: str) -> dict[str, str]:
    """Return the links of the views of a page, each with the name of its view."""
    field, layer = FIELD[VIEWS[path]], LAYER[path]
    return {layer: str(field.choices[0])} | {
        f"{field.key}={view}&{layer}": str(view) for view in field.choices[1:]
    }


def states(page: Page, name: str) -> Iterator[str]:
    """Open everything of a page that is looked at on a screen; yield what is open, once it is."""
    path = urlsplit(page.url).path
    shown = views(path) if path in VIEWS else {"": ""}
    for link in shown:
        open_link(page, link)
        if path in VIEW:
            screen(page)  # It fails unless every control says what the link says.
        yield link
        if name == "phone" and shown[link] in FOLDED:
            SCREENS[name].fit(page, link)
            unfold(page, FOLDED[shown[link]])
            yield f"{link}, unfolded"
    for link in MORE.get(path, []) if name != "projector" else ():
        open_link(page, link)
        yield link


def by_hand(page: Page, name: str) -> Iterator[str]:
    """Bring the page into what is not a view of its own; yield what that is, once it is there."""
    path = urlsplit(page.url).path
    if path == "/":
        go_to(page, LAYER[path])
        assert len(enter(page, "Input channels", "none").alerts) == 1
        yield "error"
        with rerun(page):
            page.get_by_role("button", name="Share").click()
        yield "share"
        with rerun(page):  # Who leaves before that run sees the dialog drawn again, and its files are gone.
            page.keyboard.press("Escape")
        page.get_by_role("dialog").wait_for(state="hidden")
        go_to(page, "k=inf&d=0&view=output&op=5")
        assert screen(page).alerts
        yield "unusable link, impossible layer"
    elif path == "/compare" and name == "phone":
        with rerun(page):
            page.get_by_role("button", name="Export").first.click()
        yield "export"
    elif path == "/picture" and name == "phone":
        for link in ("p=128", "k=128", "k=1&s=3&see=overlap"):
            open_link(page, link)
            yield link


def check_room(page: Page, name: str) -> None:
    """Fail unless the answer, and on a wide screen what else counts, is seen without scrolling."""
    path, height = urlsplit(page.url).path, SCREENS[name].size["height"]
    assert background(page) == rgb(PALETTES[SCREENS[name].scheme].background)
    assert bottom(page, ".st-key-answer") <= height / 3
    for selector in ROOM[path] if name != "phone" else ():
        assert bottom(page, selector) <= height, (selector, name)


# No test lasts much longer than the others, as they are shared between processes.
LARGE_PAGES = {
    "/": (("laptop",), ("phone",)),
    "/picture": (("laptop", "projector"), ("phone",)),
    "/compare": (("laptop", "projector"), ("phone",)),
    "/model": (("laptop", "projector", "phone"),),
    "/learn": (("laptop", "projector", "phone"),),
}
PATHS = [f"/{page.address}" for page in PAGES]
WALKS = [(path, names) for path in PATHS for names in LARGE_PAGES.get(path, (("laptop", "phone"),))]


@pytest.mark.plotly
@pytest.mark.parametrize(("path", "names"), WALKS, ids=[f"{path}-{'-'.join(names)}" for path, names in WALKS])
def test_every_view_is_for_everybody(open_page: Pages, path: str, names: tuple[str, ...]) -> None:
    # A view that is open answers all questions that are asked of it on a screen: to open it costs most.
    first, opened = SCREENS[names[0]], FIRST.get(path, "")
    page = open_page(f"{path}?{opened}" if opened else path, size=first.size, scheme=first.scheme)
    found: dict[str, Found] = {}
    for before, name in itertools.pairwise((names[0], *names)):
        if SCREENS[before].scheme != SCREENS[name].scheme:
            with rerun(page):
                page.emulate_media(color_scheme=SCREENS[name].scheme)
        if before != name:
            with rerun(page):
                page.set_viewport_size(SCREENS[name].size)
        if path in ROOM:
            open_link(page, opened)
            check_room(page, name)
        for state in states(page, name):
            found[f"{state}, {name}"] = SCREENS[name].question(SCREENS[name].fit(page, state))
        for state in by_hand(page, name):
            found[f"{state}, {name}"] = look(SCREENS[name].fit(page, state))
    faults = {state: {name: told for name, told in asked.items() if told} for state, asked in found.items()}
    assert {state: asked for state, asked in faults.items() if asked} == {}
    assert page.evaluate("document.documentElement.lang") == "en"


# What has the focus, after all that moves has ended: a mark of its own or of what lies around it, and a point
# of it that nothing covers.
FOCUS = """
() => {
  for (const one of document.getAnimations()) one.finish();
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
