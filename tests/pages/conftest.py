"""A visitor of the pages: sees what is on the screen, moves what can be moved, checks after every step."""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from calculator.link import decode
from calculator.settings import FIELD, FIELDS, Settings, Value

ROOT = Path(__file__).parents[2]
HOME = ROOT / "app.py"

ANSWER = re.compile(r"([\d,]+) parameters? = ([\d,]+) weights? \+ ([\d,]+) bias(?:es)?\b")
VIEW = "view"
"""The key of what part of the page is open, where it shows one at a time. Tests of the link leave it out."""


def shown(markdown: str) -> str:
    """Return what a reader sees of markdown: without escapes, bold and colours."""
    seen = re.sub(r"(?<!\\):[a-z]+\[((?:\\.|[^\]\\])*)\]", r"\1", markdown).replace("**", "")
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", seen)


def whole(text: str) -> int:
    return int(text.replace(",", ""))


def counted(held: Settings) -> tuple[int, int, int]:
    """Return parameters, weights and biases of settings, from the formula alone."""
    kernel = held.kernel_size * held.dimensions if len(held.kernel_size) == 1 else held.kernel_size
    groups = math.gcd(held.groups, held.in_channels, held.out_channels)
    weights = held.in_channels * held.out_channels // groups * math.prod(kernel)
    biases = held.out_channels if held.bias else 0
    return weights + biases, weights, biases


def name_of(widget: Any) -> str:
    """Return the key of a widget without the number it got when others changed its value."""
    return str(widget.key).partition("~")[0]


class Visit:
    """One visitor, on one page at a time.

    After every step: no exception, the answer is that of the link, and every slider, box, switch and
    choice on the screen shows what the link says.
    """

    def __init__(
        self, link: Mapping[str, Any] | None = None, *, view: str = "", page: str = "", theme: str = "light"
    ) -> None:
        self.at = AppTest.from_file(HOME, default_timeout=60)
        self.at.context["theme"] = theme
        self.at.query_params.update(link or {})
        if view and VIEW in FIELD:
            self.at.query_params[FIELD[VIEW].key] = view
        if page:
            self.at.switch_page(page)
        self.run()

    @property
    def query(self) -> dict[str, str]:
        """The link as it is now, without what part of the page is open."""
        return {key: value for key, value in self.at.query_params.items() if key != VIEW}

    @property
    def settings(self) -> Settings:
        """What the link says."""
        return decode({key: [value] for key, value in self.at.query_params.items()}).settings

    @property
    def text(self) -> str:
        """All running text on the screen."""
        return "\n".join(shown(element.value) for element in (*self.at.markdown, *self.at.caption))

    @property
    def answer(self) -> tuple[int, int, int]:
        """Parameters, weights and biases, as the page says them at its top."""
        [found] = [match for text in self.text.split("\n") for match in [ANSWER.search(text)] if match]
        total, weights, biases = (whole(part) for part in found.groups())
        return total, weights, biases

    @property
    def metrics(self) -> dict[str, str]:
        """The large numbers on the screen by their labels."""
        return {metric.label: metric.value for metric in self.at.metric}

    @property
    def errors(self) -> list[str]:
        """The sentences in red."""
        return [shown(element.value) for element in self.at.error]

    def refusals(self, label: str) -> list[str]:
        """Return the sentences in red about a value that was typed for ``label``."""
        return [sentence for sentence in self.errors if sentence.startswith(f"{label} must be ")]

    @property
    def warnings(self) -> list[str]:
        """The sentences in yellow."""
        return [shown(element.value) for element in self.at.warning]

    @property
    def code(self) -> list[str]:
        """The code blocks."""
        return [element.value for element in self.at.code]

    def all(self, kind: str) -> list[Any]:
        """Return everything of one kind on the screen: ``"slider"``, ``"image"`` …"""
        return list(self.at.get(kind))

    def slider(self, key: str) -> Any:
        """Return a slider, also one over a list of values."""
        sliders = self.all("slider") + self.all("select_slider")
        [found] = [slider for slider in sliders if name_of(slider) == f"{key}.slider"]
        return found

    def box(self, key: str) -> Any:
        """Return the box beside a slider."""
        [found] = [box for box in self.all("text_input") if name_of(box) == f"{key}.exact"]
        return found

    def run(self) -> "Visit":
        """Run the page, and check what holds on every page at any time."""
        self.at.run()
        self.check()
        return self

    def check(self) -> None:
        assert [element.message for element in self.at.exception] == []
        held = self.settings
        for key, value in self.widgets():
            assert value == expected(held, key), f"{key} shows {value!r}, the link says {self.query}"
        for slider in self.all("slider"):
            assert slider.min <= slider.value <= slider.max
            assert self.box(name_of(slider).removesuffix(".slider")).value == str(slider.value)
        for slider in self.all("select_slider"):
            assert self.box(name_of(slider).removesuffix(".slider")).value == str(slider.value)
        if ANSWER.search(self.text):
            assert self.answer == counted(held)

    def widgets(self) -> Iterator[tuple[str, object]]:
        """Yield the key and value of every input on the screen that shows a setting."""
        names = {field.name for field in FIELDS} | {"per_axis"}
        kinds = ("slider", "select_slider", "toggle", "button_group")
        for widget in (widget for kind in kinds for widget in self.all(kind)):
            assert name_of(widget).split(".")[0] in names
            yield name_of(widget), widget.value

    def slide(self, key: str, value: int) -> "Visit":
        """Move a slider to where it goes."""
        slider = self.slider(key)
        if slider.type == "select_slider":
            assert str(value) in slider.options
        else:
            assert slider.min <= value <= slider.max
        slider.set_value(value)
        return self.run()

    def type(self, key: str, text: str) -> "Visit":
        """Type an exact value."""
        self.box(key).set_value(text)
        return self.run()

    def flip(self, key: str) -> "Visit":
        """Flip a switch."""
        [toggle] = [toggle for toggle in self.all("toggle") if name_of(toggle) == key]
        toggle.set_value(not toggle.value)
        return self.run()

    def choose(self, key: str, value: Value) -> "Visit":
        """Choose one of several."""
        [found] = [group for group in self.all("button_group") if name_of(group) == key]
        found.set_value(value)
        return self.run()

    def press(self, key: str) -> "Visit":
        """Press a button."""
        self.at.button(key=key).click()
        return self.run()

    def follow(self, link: Mapping[str, Any]) -> "Visit":
        """Open another link in the same visit, as Back does; the same part of the page stays open."""
        view = {key: value for key, value in self.at.query_params.items() if key == VIEW}
        self.at.query_params.clear()
        self.at.query_params.update({**view, **link})
        return self.run()

    def go(self, page: str) -> "Visit":
        """Open another page of the menu."""
        self.at.switch_page(page)
        return self.run()


def expected(held: Settings, key: str) -> object:
    """Return what the widget at ``key`` must show."""
    name, *rest = key.split(".")
    if name == "per_axis":
        return len(getattr(held, rest[0])) > 1
    if name == "groups":
        return held.used_groups
    value = getattr(held, name)
    if not isinstance(value, tuple):
        return value
    return value[int(rest[0])] if rest[0] != "slider" else value[0]


@pytest.fixture
def visit() -> Callable[..., Visit]:
    """Return what begins a visit: ``visit({"in": "64"})``."""
    return Visit
