"""What a visitor of a page with controls sees and does: the screen as one value, and moves that change it."""

import re
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from playwright.sync_api import Frame, Locator, Page, TimeoutError

from calculator.charts.descriptions import growth_finding, split_finding
from calculator.core.errors import LayerError
from calculator.core.formatting import axis_names, format_product, plural
from calculator.settings import FIELD, FIELDS, Settings
from calculator.settings.examples import EXAMPLES
from calculator.settings.link import decode, encode, groups_notice
from calculator.settings.settings import same_layer
from calculator.ui.components.markdown import equation
from tests.browser.page import REST, rerun, settled, still
from tests.helpers.plain_text import plain


def _tabs(name: str) -> dict[str, str]:
    """Return the views that setting ``name`` opens, each with the name of its tab."""
    return dict(zip(map(str, FIELD[name].choices), FIELD[name].names, strict=True))


TABS, PICTURE_TABS, COMPARE_TABS = map(_tabs, ("view", "picture_view", "compare_view"))
VIEW = {"/": "view", "/picture": "picture_view", "/compare": "compare_view"}
"""The setting that says which tab of a page is open, by the page's address."""

MOVES = ("stride", "padding", "output_padding", "dilation", "input_size")
PER_AXIS = {
    ("/", "One kernel size per axis"): ("kernel_size",),
    ("/", "One value per axis"): MOVES,
    ("/", "One kernel size per axis, second layer"): ("second_kernel_size",),
    ("/picture", "One value per axis"): ("kernel_size", *MOVES),
    ("/picture", "One wanted size per axis"): ("wanted_size",),
    ("/compare", "One wanted size per axis"): ("wanted_size",),
    ("/compare", "One value per axis"): ("kernel_size", "stride", "input_size"),
}
"""What the switches between one value and one per axis are about."""

ANSWER = re.compile(r"([\d,]+) parameters? = ([\d,]+) weights? \+ ([\d,]+) bias(?:es)?\b")
BOX = ", exact value"

SCREEN = """
() => {
  const every = (selector, look) => [...document.querySelectorAll(selector)].map(look);
  const drawing = document.querySelector(".st-key-growth .drawing");
  return {
    path: location.pathname,
    link: location.search,
    answer: document.querySelector(".st-key-answer")?.innerText ?? "",
    equation: every(".katex annotation", tex => tex.textContent),
    sliders: every("input[type=range]", slider => [slider.ariaLabel, slider.ariaValueText]),
    boxes: every("input[type=tel]", box => [box.ariaLabel, box.value]),
    switches: every("[role=switch]", one => [one.ariaLabel, one.checked]),
    choices: every("[role=radiogroup]",
      group => [group.ariaLabel, group.querySelector("[aria-checked=true]")?.innerText]),
    figures: [document, ...every('[data-testid="stBidiComponentIsolated"]', one => one.shadowRoot)]
      .flatMap(root => [...root.querySelectorAll("[role=figure]")])
      .map(({ ariaLabel, ariaDescription }) => [ariaLabel, ariaDescription].filter(Boolean).join(" ")),
    marks: (drawing?.figure.data ?? []).filter(trace => trace.name === "marks").flatMap(trace => trace.text),
    alerts: every("[role=alert]", alert => alert.innerText),
    exceptions: every('[data-testid="stException"]', exception => exception.innerText),
  };
}
"""


@dataclass(frozen=True)
class Screen:
    """What the page says, all of it read at one moment. Only the calculator has ``answer`` and ``marks``."""

    path: str
    query: dict[str, str]
    headline: str
    answer: tuple[int, ...]
    equation: tuple[str, ...]
    sliders: dict[str, str]
    boxes: dict[str, str]
    switches: dict[str, bool]
    choices: dict[str, str]
    tab: str
    figures: tuple[str, ...]
    marks: tuple[str, ...]
    alerts: tuple[str, ...]

    @property
    def settings(self) -> Settings:
        """What the link says."""
        opened = decode({key: [value] for key, value in self.query.items()})
        assert opened.ignored in ((), (groups_notice(opened.settings),))
        return opened.settings


def screen(page: Page | Frame) -> Screen:
    """Return what the page says, once every part of it was found to say the same as the link."""
    seen: dict[str, Any] = page.evaluate(SCREEN)
    assert seen["exceptions"] == []
    found = ANSWER.search(seen["answer"])
    pairs = parse_qsl(seen["link"].removeprefix("?"), strict_parsing=bool(seen["link"]))
    choices = dict(seen["choices"])
    choices.pop("Code", None)  # The code that is open is not part of the link.
    now = Screen(
        path=seen["path"],
        query={key: value for key, value in pairs if key != "embed"},
        headline=" ".join(plain(seen["answer"]).split()),
        answer=tuple(int(part.replace(",", "")) for part in found.groups()) if found else (),
        equation=tuple(seen["equation"]),
        sliders=dict(seen["sliders"]),
        boxes={label.removesuffix(BOX): text for label, text in seen["boxes"]},
        switches=dict(seen["switches"]),
        choices=choices,
        tab=choices.pop(FIELD[VIEW[seen["path"]]].label) if seen["path"] in VIEW else "",
        figures=tuple(seen["figures"]),
        marks=tuple(seen["marks"]),
        alerts=tuple(map(plain, seen["alerts"])),
    )
    agree(now)
    return now


def agree(now: Screen) -> None:
    """Fail unless answer, equation, charts and every control say what the link says."""
    held = now.settings
    layer = held.counted_layer()
    assert now.query == encode(held)
    controls_agree(now, held)
    if now.path == "/":
        assert now.answer == (layer.parameter_count, layer.weight_count, layer.bias_count)
        assert list(now.equation) == re.findall(r"\$(.+?)\$", equation(layer))
        assert {"Input channels", "Output channels", "Groups"} <= now.sliders.keys()
        assert split_finding(layer) in now.figures
        if held.view == "growth":
            assert growth_finding(layer) in now.figures
            assert now.marks.count(f"<b>{layer.parameter_count:,}</b>") == 3
    elif now.path == "/picture":
        assert now.headline == size_headline(held)
    elif held.compare_view == "size":
        assert " in the smallest layer (" in now.headline
    else:
        assert now.headline.startswith(f"{plural(layer.parameter_count, 'parameter')} in your layer · ")


def controls_agree(now: Screen, held: Settings) -> None:
    """Fail unless every slider, box, switch, choice and tab on the screen shows what ``held`` says."""
    numbers = whole_numbers(held)
    assert now.sliders == {label: numbers[label] for label in now.sliders}
    assert now.boxes == {label: numbers[label] for label in now.boxes}
    assert now.boxes.keys() - {FIELD["budget"].label} == now.sliders.keys()
    switches = {field.label: getattr(held, field.name) for field in FIELDS if field.kind == "switch"}
    for (path, label), names in PER_AXIS.items():
        if path == now.path:
            switches[label] = any(len(getattr(held, name)) > 1 for name in names)
    assert now.switches == {label: switches[label] for label in now.switches}
    choices = {
        "Dimensions": f"{held.dimensions}-D",
        "Scale": held.scale,
        "Save charts as": held.image_format.upper(),
        "Values": held.fill,
        "Number type": held.number_type,
        **{
            field.label: field.name_of(getattr(held, field.name))
            for field in (FIELD["budget_of"], FIELD["listed_overlap"], FIELD["click_opens"])
        },
        "Try": next((one.name for one in EXAMPLES if same_layer(one.settings, held)), None),
    }
    shown = {label: choices[label] for label in now.choices}
    assert now.choices == shown, (now.choices, shown)
    view = FIELD[VIEW[now.path]]
    assert now.tab == view.name_of(getattr(held, view.name))


def size_headline(held: Settings) -> str:
    """Return what the picture page says at its top."""
    sizes, count = held.spatial("input_size"), plural(held.counted_layer().parameter_count, "parameter")
    try:
        output = f"Output {format_product(held.layer().output_size(sizes))}"
    except LayerError:
        output = "No output"
    return f"{output} from input {format_product(sizes)} · the same {count} at every position"


def whole_numbers(held: Settings) -> dict[str, str]:
    """Return what slider and box of every whole number show, by its label."""
    texts: dict[str, str] = {}
    for field in FIELDS:
        value = getattr(held, field.name)
        if field.kind == "spatial":
            texts[field.label] = str(value[0])
            # A switch for several settings draws all of them per axis, also those that have one value.
            parts = value * held.dimensions if len(value) == 1 else value
            for axis, part in zip(axis_names(held.dimensions), parts, strict=True):
                texts[f"{field.label}, {axis}"] = str(part)
        elif field.kind == "whole":
            texts[field.label] = str(value)
    return texts | {FIELD["groups"].label: str(held.used_groups)}


def linked(page: Page, **query: str) -> Screen:
    """Return the screen once the link holds exactly ``query`` and the page is at rest."""
    arrived = "query => JSON.stringify([...new URLSearchParams(location.search)].sort()) === query"
    wanted = "[" + ",".join(f'["{key}","{value}"]' for key, value in sorted(query.items())) + "]"
    with suppress(TimeoutError):  # What came instead is said below.
        page.wait_for_function(arrived, arg=wanted, timeout=10_000)
    now = screen(settled(page))
    assert now.query == query
    return now


def slider(page: Page | Frame, label: str) -> Locator:
    """Return the slider of a setting."""
    return page.get_by_role("slider", name=label).and_(page.locator(f'[aria-label="{label}"]'))


def box(page: Page | Frame, label: str) -> Locator:
    """Return the box for an exact value of a setting; without a slider it has the setting's own label."""
    return page.locator(f'input[type=tel]:is([aria-label="{label}{BOX}"], [aria-label="{label}"])')


def switch(page: Page | Frame, label: str) -> Locator:
    """Return what is clicked to turn a setting on or off: the input itself is too small to be seen."""
    return page.locator("label", has=page.get_by_role("switch", name=label, exact=True))


def press(page: Page, label: str, key: str) -> Screen:
    """Press a key on a slider, and return what the page says then."""
    with rerun(page):
        slider(page, label).press(key)
    return screen(page)


def enter(page: Page, label: str, text: str) -> Screen:
    """Type an exact value and press Enter, and return what the page says then."""
    box(page, label).fill(text)
    with rerun(page):
        box(page, label).press("Enter")
    return screen(page)


def click(page: Page, target: Locator) -> Screen:
    """Click what makes the page run again, and return what it says then."""
    with rerun(page):
        target.click()
    return screen(page)


def go_to(page: Page, link: str) -> None:
    """Open another link of the same page in the same visit, as Back does."""
    with rerun(page):
        page.evaluate("link => history.pushState(null, '', `?${link}`)", link)
        page.evaluate("dispatchEvent(new PopStateEvent('popstate'))")


def follow(page: Page, link: str) -> Screen:
    """Open another link of the same page in the same visit, and return what the page says then."""
    go_to(page, link)
    return screen(page)


def open_tab(page: Page, view: str) -> Screen:
    """Open a part of the page, if it is not open yet."""
    tab = view_button(page, FIELD[VIEW[urlsplit(page.url).path]].name_of(view))
    if tab.get_attribute("aria-checked") == "true":
        return screen(page)
    return click(page, tab)


def view_button(page: Page | Frame, name: str) -> Locator:
    """Return what opens the view of this name."""
    return page.get_by_role("radio", name=name, exact=True)


def traffic(page: Page) -> int:
    """Return how many messages have passed between page and server since the page was loaded."""
    count: int = page.evaluate("window.__watch.passed")
    return count


def unfold(page: Page, label: str) -> None:
    """Open what is folded away below a line of text."""
    with rerun(page):
        page.locator("summary", has_text=label).click()
    still(page)


def table(page: Page, key: str) -> Locator:
    """Return the table that was drawn with ``key``."""
    return page.locator(f".st-key-{key.replace('.', '-')} .table table")


def rows(page: Page, key: str) -> list[list[str]]:
    """Return what the cells of a table show, row by row, without its buttons."""
    shown: list[list[str]] = table(page, key).evaluate(
        """table => [...table.tBodies[0].rows].map(row =>
          [...row.cells].filter(cell => cell.className !== "action").map(cell => cell.innerText))"""
    )
    return shown


def button_of(page: Page, key: str, row: str) -> Locator:
    """Return the button in the row of a table that begins with ``row``."""
    name = page.get_by_role("rowheader", name=row, exact=True)
    return table(page, key).locator("tbody tr").filter(has=name).get_by_role("button")


def settled_frame(frame: Frame, *, asked: int = 0) -> Frame:
    """Return a page inside another page once it is at rest; ``asked`` as for ``settled``."""
    frame.wait_for_function(f"asked => window.__watch && ({REST})(asked)", arg=asked)
    return frame
