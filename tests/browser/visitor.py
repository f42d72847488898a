"""What a visitor of the calculator sees and does: the whole screen as one value, and moves that change it."""

import re
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from playwright.sync_api import Dialog, Frame, Locator, Page, TimeoutError

from calculator.findings import growth_finding, split_finding
from calculator.link import decode, encode, groups_notice
from calculator.settings import FIELD, FIELDS, Settings, axis_names
from calculator.ui.text import equation
from tests.browser.page import REST, rerun, settled

TABS = {
    "growth": "How it grows",
    "plane": "Trading channels",
    "output": "What does not change it",
    "numbers": "Which number is right?",
    "frameworks": "In your framework",
}
PER_AXIS = {
    "One kernel size per axis": "kernel_size",
    "One value per axis": "stride",
    "One kernel size per axis, second layer": "second_kernel_size",
}
ANSWER = re.compile(r"([\d,]+) parameters? = ([\d,]+) weights? \+ ([\d,]+) bias(?:es)?\b")
BOX = ", exact value"

SCREEN = """
() => {
  const every = (selector, look) => [...document.querySelectorAll(selector)].map(look);
  const chart = document.querySelector(".st-key-growth .js-plotly-plot");
  return {
    link: location.search,
    answer: document.querySelector(".st-key-answer")?.innerText ?? "",
    equation: every(".katex annotation", tex => tex.textContent),
    sliders: every("input[type=range]", slider => [slider.ariaLabel, slider.ariaValueText]),
    boxes: every("input[type=tel]", box => [box.ariaLabel, box.value]),
    switches: every("[role=switch]", one => [one.ariaLabel, one.checked]),
    choices: every("[role=radiogroup]",
      group => [group.ariaLabel, group.querySelector("[aria-checked=true]")?.innerText]),
    tab: every("[class*=st-key-view] [role=tab][aria-selected=true]", tab => tab.innerText)[0],
    figures: every("[role=figure]", figure => figure.ariaLabel),
    marks: (chart?.data ?? []).filter(trace => trace.name === "marks").flatMap(trace => trace.text),
    alerts: every("[role=alert]", alert => alert.innerText),
    exceptions: every('[data-testid="stException"]', exception => exception.innerText),
  };
}
"""


@dataclass(frozen=True)
class Screen:
    """What the page says, all of it read at one moment."""

    query: dict[str, str]
    answer: tuple[int, int, int]
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
    assert found, seen["answer"]
    total, weights, biases = (int(part.replace(",", "")) for part in found.groups())
    pairs = parse_qsl(seen["link"].removeprefix("?"), strict_parsing=bool(seen["link"]))
    now = Screen(
        query={key: value for key, value in pairs if key != "embed"},
        answer=(total, weights, biases),
        equation=tuple(seen["equation"]),
        sliders=dict(seen["sliders"]),
        boxes={label.removesuffix(BOX): text for label, text in seen["boxes"]},
        switches=dict(seen["switches"]),
        choices=dict(seen["choices"]),
        tab=seen["tab"],
        figures=tuple(seen["figures"]),
        marks=tuple(seen["marks"]),
        alerts=tuple(seen["alerts"]),
    )
    agree(now)
    return now


def agree(now: Screen) -> None:
    """Fail unless answer, equation, charts and every control say what the link says."""
    held = now.settings
    layer = held.counted_layer()
    assert now.query == encode(held)
    assert now.answer == (layer.parameter_count, layer.weight_count, layer.bias_count)
    assert list(now.equation) == re.findall(r"\$(.+?)\$", equation(layer))
    numbers = whole_numbers(held)
    assert now.sliders == {label: numbers[label] for label in now.sliders}
    assert now.boxes == now.sliders
    assert {"Input channels", "Output channels", "Groups"} <= now.sliders.keys()
    switches = {field.label: getattr(held, field.name) for field in FIELDS if field.kind == "switch"}
    switches |= {label: len(getattr(held, name)) > 1 for label, name in PER_AXIS.items()}
    switches["One value per axis"] = any(
        len(getattr(held, name)) > 1
        for name in ("stride", "padding", "output_padding", "dilation", "input_size")
    )
    assert now.switches == {label: switches[label] for label in now.switches}
    choices = {
        "Dimensions": f"{held.dimensions}-D",
        "Scale": held.scale,
        "Camera saves": held.picture.upper(),
    }
    assert now.choices == {label: choices[label] for label in now.choices}
    assert now.tab == TABS[held.view]
    assert split_finding(layer) in now.figures
    if held.view == "growth":
        assert growth_finding(layer) in now.figures
        assert now.marks.count(f"<b>{layer.parameter_count:,}</b>") == 3


def whole_numbers(held: Settings) -> dict[str, str]:
    """Return what slider and box of every whole number show, by its label."""
    texts: dict[str, str] = {}
    for field in FIELDS:
        value = getattr(held, field.name)
        if field.kind == "spatial" and len(value) > 1:
            for axis, part in zip(axis_names(held.dimensions), value, strict=True):
                texts[f"{field.label}, {axis}"] = str(part)
        elif field.kind == "spatial":
            texts[field.label] = str(value[0])
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


def watch_dialogs(page: Page) -> list[str]:
    """Return a list that gets the text of every dialog a script on the page opens from now on."""
    opened: list[str] = []

    def note(dialog: Dialog) -> None:
        opened.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", note)
    return opened


def slider(page: Page | Frame, label: str) -> Locator:
    """Return the slider of a setting."""
    return page.get_by_role("slider", name=label).and_(page.locator(f'[aria-label="{label}"]'))


def box(page: Page | Frame, label: str) -> Locator:
    """Return the box for an exact value of a setting."""
    return page.get_by_label(f"{label}{BOX}", exact=True)


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
    """Click what makes the calculator run again, and return what it says then."""
    with rerun(page):
        target.click()
    return screen(page)


def open_tab(page: Page, view: str) -> Screen:
    """Open a part of the page, if it is not open yet."""
    tab = page.get_by_role("tab", name=TABS[view])
    if tab.get_attribute("aria-selected") == "true":
        return screen(page)
    return click(page, tab)


def settled_frame(frame: Frame, *, asked: int = 0) -> Frame:
    """Return a page inside another page once it is at rest; ``asked`` as for ``settled``."""
    frame.wait_for_function(f"asked => window.__watch && ({REST})(asked)", arg=asked)
    return frame
