"""A visitor of the pages: reads the screen, moves every control, and checks the page after every step."""

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import pytest
from streamlit.components.v2.bidi_component.constants import EVENT_DELIM
from streamlit.runtime.state.session_state import STREAMLIT_INTERNAL_KEY_PREFIX
from streamlit.testing.v1 import AppTest

from calculator.settings import FIELD, FIELDS, Settings
from calculator.settings.examples import EXAMPLES
from calculator.settings.fields import Value
from calculator.settings.link import decode
from calculator.settings.settings import same_layer
from calculator.settings.values import write_value
from calculator.ui.session.viewport import WINDOW
from calculator.ui.shell.pages import PAGES
from tests.helpers.app_tests import sharing
from tests.helpers.paths import ROOT
from tests.helpers.plain_text import plain

HOME = ROOT / "app.py"

PICTURE, COMPARE, MODEL, LEARN = (f"pages/{name}.py" for name in ("picture", "compare", "model", "learn"))
CLASS = "pages/class.py"

ANSWER = re.compile(r"([\d,]+) parameters? = ([\d,]+) weights? \+ ([\d,]+) bias(?:es)?\b")
VIEW = "view"
"""The link's key of the open view of the calculator. Tests of the link leave the key out."""

VIEW_KEYS = {"app.py": VIEW, PICTURE: "see", COMPARE: "cmp", MODEL: "model", LEARN: "learn", CLASS: "class"}
"""The link's key of the open view, by page."""

VIEWS = {
    key: tuple(map(str, field.choices)) for field in FIELDS for key in VIEW_KEYS.values() if field.key == key
}
"""The views of a page, by that key."""

ELSEWHERE = {
    "picture_view": "size",
    "pair_in": "2",
    "pair_out": "7",
    "fill": "ones",
    "wanted_size": "30x31x32",
    "compare_view": "shelf",
    "kernel_bound": "20",
    "stride_bound": "6",
    "dilation_bound": "2",
    "output_padding_bound": "3",
    "chain_bound": "3",
    "listed_overlap": "covered",
    "click_opens": "model",
    "budget_of": "work",
    "aims": "memory-even",
    "every_form": "1",
    "every_column": "1",
    "number_type": "bfloat16",
    "budget": "1000000",
    "shelf": "k3x5_in64.wide~.plain",
    "reference": "2",
    "network": "unet",
    "chain_size": "24x32",
    "layers": "ConvTranspose2d_in8_out4_k3.up~BatchNorm2d_out4",
    "learn_view": "exercises",
    "step": "3",
    "presenting": "1",
    "seed": "2021",
    "level": "2",
    "exercise": "4",
    "questions": "12",
    "sheet_letter": "B",
    "sheet_title": "Week 3: up & down",
    "model_view": "layers",
    "class_source": "exercises",
    "room": "ACDEFG",
}
"""A value other than the default for every setting that is not shown on the calculator."""

UNUSABLE = {
    "negative": "-3",
    "huge": "99999999999999999999",
    "not whole": "12.7",
    "infinite": "inf",
    "not a number": "nan",
    "overflow": "1e400",
    "5,000 digits": "9" * 5000,
    "Arabic digits": "٣",
    "full-width digits": "３",
    "underscore": "1_0",
    "script": "<script>alert(1)</script>",
    "markdown": "[a](javascript:alert(1)) **b** $x$ :red[c]",
    "words": "four",
    "null": "\x00",
    "empty": "",
    "spaces": "   ",
}
"""Text that is not a valid whole number, by what is wrong with it."""

PLACE = ("stride", "padding", "output_padding", "dilation", "input_size")
PER_AXIS = {
    ("app.py", "stride"): PLACE,
    (PICTURE, "kernel_size"): ("kernel_size", *PLACE),
    (COMPARE, "kernel_size"): ("kernel_size", "stride", "input_size"),
}
"""The settings that one switch gives a value per axis, by page and first setting. Other switches have one."""


def visible_text(markdown: str) -> str:
    """Return the text that a reader sees of markdown: without escapes, bold, colours and invisible signs."""
    seen = re.sub(r"(?<!\\):[a-z]+\[((?:\\.|[^\]\\])*)\]", r"\1", markdown).replace("**", "")
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", plain(seen))


def read_count(text: str) -> int:
    return int(text.replace(",", ""))


def formula_counts(settings: Settings) -> tuple[int, int, int]:
    """Return parameters, weights and biases of settings, computed here with the formula."""
    kernel = (
        settings.kernel_size * settings.dimensions if len(settings.kernel_size) == 1 else settings.kernel_size
    )
    groups = math.gcd(settings.groups, settings.in_channels, settings.out_channels)
    weights = settings.in_channels * settings.out_channels // groups * math.prod(kernel)
    biases = settings.out_channels if settings.bias else 0
    return weights + biases, weights, biases


def name_of(widget: Any) -> str:
    """Return the key of a widget without the number that the program adds when it changes the value."""
    return str(widget.key).partition("~")[0]


def number_of(box: Any) -> str:
    """Return the key of the whole number that is typed into a box, or an empty text."""
    key, _, kind = name_of(box).rpartition(".")
    return key if kind in ("exact", "number") else ""


class Chart(NamedTuple):
    """A chart: its text alternative and its figure."""

    alt: str
    figure: dict[str, Any]


@dataclass(frozen=True)
class SortedTable:
    """A table that the browser draws: the data that is sent to the browser."""

    caption: str
    columns: list[str]
    numeric: list[bool]
    rows: list[list[str]]
    sorts: list[list[str | None]]
    actions: list[str | None]
    marks: list[str]

    def column(self, name: str) -> list[str]:
        """Return the texts of one column, from top to bottom."""
        return [row[self.columns.index(name)] for row in self.rows]


def query_without_views(params: Mapping[str, Any]) -> dict[str, str]:
    """Return a link as key → text, without the open view."""
    return {key: value for key, value in params.items() if key not in VIEW_KEYS.values()}


class Visit:
    """One visitor, on one page at a time.

    After every step the visitor checks that there is no exception, and that the answer and every slider, box,
    switch and choice on the screen agree with the link.
    """

    def __init__(
        self,
        link: Mapping[str, Any] | None = None,
        *,
        view: str = "",
        page: str = "",
        theme: str = "light",
        width: str = "",
    ) -> None:
        self.at = sharing(AppTest.from_file(HOME, default_timeout=60))
        self.at.context["theme"] = theme
        self.at.query_params.update(link or {})
        if width:
            self.window(width, theme)
        if view:
            self.at.query_params[VIEW_KEYS[page or "app.py"]] = view
        if page:
            self.at.switch_page(page)
        self.run()

    @property
    def page(self) -> str:
        """The script of the open page, recognised by the question at its top."""
        top = {element.value for element in self.at.markdown}
        [script] = [page.script for page in PAGES if f"# {page.question}" in top]
        return script

    @property
    def query(self) -> dict[str, str]:
        """The current link, without the open view."""
        return query_without_views(self.at.query_params)

    @property
    def settings(self) -> Settings:
        """The settings in the link."""
        return decode({key: [value] for key, value in self.at.query_params.items()}).settings

    @property
    def text(self) -> str:
        """All running text on the screen; spaces where no line may end are spaces."""
        texts = (visible_text(element.value) for element in (*self.at.markdown, *self.at.caption))
        return "\n".join(texts).replace("\u00a0", " ")

    @property
    def answer(self) -> tuple[int, int, int]:
        """Parameters, weights and biases in the headline."""
        [found] = [match for text in self.text.split("\n") for match in [ANSWER.search(text)] if match]
        total, weights, biases = (read_count(part) for part in found.groups())
        return total, weights, biases

    @property
    def metrics(self) -> dict[str, str]:
        """The large numbers on the screen by their labels."""
        return {metric.label: metric.value for metric in self.at.metric}

    @property
    def errors(self) -> list[str]:
        """The error messages."""
        return [visible_text(element.value) for element in self.at.error]

    def refusals(self, label: str) -> list[str]:
        """Return the error messages about a value that was typed for ``label``."""
        return [sentence for sentence in self.errors if sentence.startswith(f"{label} must be ")]

    @property
    def warnings(self) -> list[str]:
        """The warnings."""
        return [visible_text(element.value) for element in self.at.warning]

    @property
    def code(self) -> list[str]:
        """The code blocks."""
        return [element.value for element in self.at.code]

    @property
    def given(self) -> dict[str, Any]:
        """The data sent to the browser for each custom component, by its key."""
        sent = {str(part.key): json.loads(part.proto.json) for part in self.all("bidi_component")}
        return {key: json.loads(data["json"]) if "json" in data else data for key, data in sent.items()}

    def table(self, key: str) -> SortedTable:
        """Return a table that sorts in the browser."""
        data = self.given[key]
        assert [row["id"] for row in data["rows"]] == list(range(len(data["rows"])))
        return SortedTable(
            data["caption"],
            [column["name"] for column in data["columns"]],
            [column["numeric"] for column in data["columns"]],
            [[cell["text"] for cell in row["cells"]] for row in data["rows"]],
            [[cell["sort"] for cell in row["cells"]] for row in data["rows"]],
            [row["action"] for row in data["rows"]],
            [row["mark"] for row in data["rows"]],
        )

    @property
    def charts(self) -> dict[str, Chart]:
        """The charts on the screen by their keys, drawn by Plotly or as SVG."""
        found = {
            str(chart.key): Chart(chart.proto.alt, json.loads(chart.proto.spec))
            for chart in self.all("plotly_chart")
        }
        drawings = {key: data for key, data in self.given.items() if "figure" in data}
        return found | {key: Chart(data["alt"], data["figure"]) for key, data in drawings.items()}

    @property
    def infos(self) -> list[str]:
        """The information messages."""
        return [visible_text(element.value) for element in self.at.info]

    def all(self, kind: str) -> list[Any]:
        """Return all elements of one kind on the screen: ``"slider"``, ``"image"`` …"""
        return list(self.at.get(kind))

    def slider(self, key: str) -> Any:
        """Return a slider, which may be a slider over a list of values."""
        sliders = self.all("slider") + self.all("select_slider")
        [found] = [slider for slider in sliders if name_of(slider) == f"{key}.slider"]
        return found

    def box(self, key: str) -> Any:
        """Return the box of a whole number, beside its slider or alone."""
        [found] = [box for box in self.all("text_input") if number_of(box) == key]
        return found

    def run(self) -> "Visit":
        """Run the page and check it."""
        self.at.run()
        return self.ran()

    def ran(self) -> "Visit":
        """Check the page after a run. If the page opened another page, the visitor stays on that page."""
        self.at._page_hash = ""
        self.check()
        return self

    def check(self) -> None:
        assert [(element.message, element.stack_trace) for element in self.at.exception] == []
        # Each of the three searches the whole page.
        settings, page, text = self.settings, self.page, self.text
        shown_network = " read as " not in text
        for key, value in self.widgets():
            wanted = expected(settings, key.removesuffix(".slider"), page, shown_network)
            assert value == wanted, f"{key} shows {value!r}, the link says {self.query}"
        for slider in self.all("slider"):
            assert slider.min <= slider.value <= slider.max
            assert self.box(name_of(slider).removesuffix(".slider")).value == str(slider.value)
        for slider in self.all("select_slider"):
            assert self.box(name_of(slider).removesuffix(".slider")).value == str(slider.value)
        for box in self.all("text_input"):
            name = name_of(box)
            if number := number_of(box):
                assert box.value == str(expected(settings, number, page))
            elif name in ("chain_size", "sheet_title"):
                assert box.value == write_value(FIELD[name], getattr(settings, name))
            elif name.startswith(("learn.", "mystery.")):
                continue  # An answer of a learner is not part of the link.
            elif name not in ("shelf.name", "model.search", "model.size"):
                assert box.value == settings.shelf[int(name.removeprefix("shelf.name."))].name
        if ANSWER.search(text):
            assert self.answer == formula_counts(settings)

    def widgets(self) -> Iterator[tuple[str, object]]:
        """Yield the key and value of every input on the screen that shows a setting."""
        names = {field.name for field in FIELDS} | {"per_axis"}
        kinds = ("slider", "select_slider", "toggle", "button_group", "selectbox")
        for widget in (widget for kind in kinds for widget in self.all(kind)):
            if name_of(widget).startswith(("model.", "keys.", "code")):
                continue  # A search in a model, the keyboard and the open code are not part of the link.
            if name_of(widget) == "examples":
                settings = self.settings
                same = [one.name for one in EXAMPLES if same_layer(one.settings, settings)]
                assert widget.value == next((name for name in same if name in widget.options), None)
                continue
            assert name_of(widget).split(".")[0] in names
            yield name_of(widget), widget.value

    def slide(self, key: str, value: int) -> "Visit":
        """Move a slider to ``value``."""
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
        """Choose one of several values."""
        groups = self.all("button_group") + self.all("selectbox")
        [found] = [group for group in groups if name_of(group) == key or name_of(group).startswith(f"{key}.")]
        found.set_value(value)
        return self.run()

    def press(self, key: str) -> "Visit":
        """Press a button."""
        self.at.button(key=key).click()
        return self.run()

    def tell(self, part: str, **value: Any) -> "Visit":
        """Send the browser's report for a widget that ``AppTest`` cannot move, by the widget's id."""
        states = self.at._tree.get_widget_states()
        states.widgets.add(id=part, **value)
        self.at._run(states)
        return self.ran()

    def take(self, key: str, row: int) -> "Visit":
        """Press the button in a row of a table."""
        assert self.table(key).actions[row]
        return self.send_row(key, row)

    def send_row(self, key: str, row: object) -> "Visit":
        """Report a press of the button in ``row`` of a table, whether or not the row has a button."""
        return self.send(key, "row", row)

    def point(self, key: str, point: object) -> "Visit":
        """Report a click on a point of an SVG chart, whether or not the chart has that point."""
        return self.send(key, "point", point)

    def send(self, key: str, event: str, value: object) -> "Visit":
        """Send an event of a custom component."""
        [part] = [part for part in self.all("bidi_component") if part.key == key]
        events = f"{STREAMLIT_INTERNAL_KEY_PREFIX}_{part.proto.id}{EVENT_DELIM}events"
        return self.tell(events, json_trigger_value=json.dumps([{"event": event, "value": value}]))

    def tab(self, label: str) -> "Visit":
        """Open another view of the page by its name."""
        [field] = [field for field in FIELDS if field.key == VIEW_KEYS[self.page]]
        return self.choose(field.name, dict(zip(field.names, field.choices, strict=True))[label])

    def example(self, name: str) -> "Visit":
        """Open a worked example; the one that is marked already is pressed all the same."""
        [offered] = [group for group in self.all("button_group") if name_of(group) == "examples"]
        offered.set_value(None if offered.value == name else name)
        return self.run()

    def share(self) -> "Visit":
        """Open the share dialog."""
        return self.send("menu", "share", True)

    def open(self, key: str) -> "Visit":
        """Open the popover with this key."""
        [found] = [popover for popover in self.all("popover") if popover.key == key]
        return self.tell(found.proto.popover.id, bool_value=True)

    def press_late(self, key: str) -> "Visit":
        """Press a button that was disabled after the browser drew it."""
        return self.tell(self.at.button(key=key).proto.id, trigger_value=True)

    def unfold(self, key: str) -> "Visit":
        """Open the expander with this key."""
        [found] = [expander for expander in self.all("expander") if expander.key == key]
        return self.tell(found.proto.id, bool_value=True)

    def window(self, width: str, mode: str = "light") -> "Visit":
        """Give the window another width from the next run on: ``"narrow"``, ``"usual"`` or ``"wide"``."""
        self.at.session_state[WINDOW] = width, mode
        return self

    def follow(self, link: Mapping[str, Any]) -> "Visit":
        """Open another link in the same visit, as the Back button does; the same view stays open."""
        view = {key: value for key, value in self.at.query_params.items() if key in VIEW_KEYS.values()}
        self.at.query_params.clear()
        self.at.query_params.update({**view, **link})
        return self.run()

    def go(self, page: str) -> "Visit":
        """Open another page of the menu."""
        self.at.switch_page(page)
        return self.run()


def expected(settings: Settings, key: str, page: str, shown_network: bool = True) -> object:
    """Return the value that the widget at ``key`` must show; no network while another model is shown."""
    name, *rest = key.split(".")
    if name == "per_axis":
        names = PER_AXIS.get((page, rest[0]), (rest[0],))
        return any(len(getattr(settings, one)) > 1 for one in names)
    if name == "groups":
        return settings.used_groups
    if name == "reference":
        return min(settings.reference, len(settings.shelf)) - 1
    if name == "network" and not shown_network:
        return None
    value = getattr(settings, name)
    if not isinstance(value, tuple):
        return value
    if FIELD[name].kind == "choices":
        return list(value)
    if rest and value:
        # A switch for several settings draws all of them per axis, also those that have one value.
        return (value * settings.dimensions if len(value) == 1 else value)[int(rest[0])]
    return value[0]


@pytest.fixture
def visit() -> Callable[..., Visit]:
    """Return the function that begins a visit: ``visit({"in": "64"})``."""
    return Visit
