"""The table that sorts in the browser: exact digits, and clicks that only act on rows with a button."""

import json
import math
import re
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import streamlit
from hypothesis import example, given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from calculator.palette import DARK, LIGHT
from calculator.tables.export import FORMATS, export
from calculator.ui.components import table as module
from calculator.ui.components.table import Cell, cell
from tests.helpers.app_tests import sharing

ROOT = Path(module.__file__).parent
SCRIPT = ROOT / "table.js"
MARKUP = "<b>**x**</b> [a](javascript:alert(1)) :red[r] $x$"


def frame(columns: dict[str, Sequence[object]]) -> pd.DataFrame:
    rows = list(zip(*columns.values(), strict=True))
    return pd.DataFrame([list(row) for row in rows], columns=list(columns), dtype=object)


def page(shown: "Any", options: "Any") -> None:
    """Draw a table and record the rows that are chosen: the script of a page, run by ``AppTest``."""
    import streamlit as st

    from calculator.ui.components.table import table

    def take(row: int) -> None:
        st.session_state.setdefault("taken", []).append(row)

    table(shown, key="t", on_action=take, **options)


def drawn(shown: pd.DataFrame, theme: str = "light", **options: Any) -> AppTest:
    options = {"caption": "A caption", **options}
    words = {"shown": shown, "options": options}
    at = sharing(AppTest.from_function(page, default_timeout=60, kwargs=words))
    at.context["theme"] = theme
    at.run()
    assert [element.message for element in at.exception] == []
    return at


def given_to(at: AppTest) -> dict[str, Any]:
    [part] = at.get("bidi_component")
    data: dict[str, Any] = json.loads(json.loads(part.proto.json)["json"])
    return data


def click(at: AppTest, row: object) -> list[int]:
    """Send a click on the button of ``row``; return every row that was chosen so far."""
    [part] = at.get("bidi_component")
    states = at._tree.get_widget_states()
    event = json.dumps([{"event": "row", "value": row}])
    name = f"$$STREAMLIT_INTERNAL_KEY_{part.proto.id}__events"
    states.widgets.add(id=name, json_trigger_value=event)
    at._run(states)
    assert [element.message for element in at.exception] == []
    return list(at.session_state["taken"]) if "taken" in at.session_state else []


# A cell


@given(st.integers())
@example(2**53 + 1)
@example(-1)
@example(0)
def test_a_number_keeps_every_digit(value: int) -> None:
    made = cell(value)
    assert made.sort == str(value)
    assert int(made.text.replace(",", "").replace("−", "-")) == value
    assert "-" not in made.text
    groups = made.text.removeprefix("−").split(",")
    assert all(len(group) == 3 for group in groups[1:])
    assert 1 <= len(groups[0]) <= 3


@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=3))
def test_a_size_is_sorted_by_its_positions(sizes: list[int]) -> None:
    made = cell(tuple(sizes))
    assert made.sort == str(math.prod(sizes))
    assert [int(part.replace(",", "")) for part in made.text.split(" × ")] == sizes


@given(st.fractions(Fraction(1, 10**6), Fraction(10**6)), st.fractions(Fraction(1, 10**6), Fraction(10**6)))
def test_factors_are_sorted_by_their_value(one: Fraction, other: Fraction) -> None:
    first, second = cell(one).sort, cell(other).sort
    assert first is not None
    assert second is not None
    assert (float(first) < float(second)) == (float(one) < float(other))
    assert "×" in cell(one).text


@given(st.text())
def test_text_stays_as_it_is_and_has_no_number(text: str) -> None:
    assert cell(text) == Cell(text)


def test_what_is_missing() -> None:
    assert cell(None) == Cell("—")


# The data sent to the browser


def test_the_table_that_is_given() -> None:
    shown = frame(
        {
            "name": ["a", MARKUP],
            "count": [2**53 + 1, None],
            "size": [(32, 64), None],
            "factor": [Fraction(3, 2), Fraction(1)],
            "mixed": [1, "two"],
            "missing": [None, None],
        }
    )
    data = given_to(drawn(shown, action="take it", actions=["Use", None], marks={1: "yours"}))
    assert data["caption"] == "A caption"
    assert data["action"] == "take it"
    assert [column["name"] for column in data["columns"]] == list(shown.columns)
    numeric = [column["numeric"] for column in data["columns"]]
    assert numeric == [False, True, True, True, False, False]
    assert [(row["id"], row["action"], row["mark"]) for row in data["rows"]] == [
        (0, "Use", ""),
        (1, None, "yours"),
    ]
    texts = [[one["text"] for one in row["cells"]] for row in data["rows"]]
    assert texts == [
        ["a", "9,007,199,254,740,993", "32 × 64", "×1.5", "1", "—"],
        [MARKUP, "—", "—", "×1", "two", "—"],
    ]
    assert [one["sort"] for one in data["rows"][0]["cells"]][:3] == [None, "9007199254740993", "2048"]


def test_a_table_without_buttons_and_without_rows() -> None:
    data = given_to(drawn(frame({"a": [1], "b": [2]})))
    assert [row["action"] for row in data["rows"]] == [None]
    empty = given_to(drawn(pd.DataFrame(columns=["a", "b"], dtype=object)))
    assert (empty["rows"], [column["numeric"] for column in empty["columns"]]) == ([], [False, False])


@pytest.mark.parametrize(("theme", "palette"), [("light", LIGHT), ("dark", DARK)])
def test_colours_follow_the_theme(theme: str, palette: Any) -> None:
    colours = given_to(drawn(frame({"a": [1]}), theme))["colours"]
    assert colours == {name: getattr(palette, name) for name in colours}
    assert {"weights", "biases"} <= set(colours)


def test_the_script_reads_only_what_is_given() -> None:
    data = given_to(drawn(frame({"a": [1]}), action="x", actions=["Use"]))
    text = SCRIPT.read_text(encoding="utf-8")
    assert set(re.findall(r"\bdata\.(\w+)", text)) <= set(data)
    assert set(re.findall(r"\brow\.(\w+)", text)) <= set(data["rows"][0])
    assert set(re.findall(r"\bcolumn\.(\w+)", text)) <= set(data["columns"][0])


def test_no_script_draws_text_as_markup() -> None:
    scripts = list(ROOT.glob("*.js"))
    assert SCRIPT in scripts
    for script in scripts:
        text = script.read_text(encoding="utf-8")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b", text), (
            script.name
        )


# A click


def test_a_click_takes_its_row() -> None:
    at = drawn(frame({"a": [1, 2, 3]}), actions=["Use", None, "Use"])
    assert click(at, 2) == [2]
    assert click(at, 0) == [2, 0]


@pytest.mark.parametrize("row", [1, -1, 3, 99, "0", None, 0.0, [0], {"row": 0}])
def test_a_click_on_what_has_no_button_takes_nothing(row: object) -> None:
    at = drawn(frame({"a": [1, 2, 3]}), actions=["Use", None, "Use"])
    assert click(at, row) == []


def test_a_table_without_buttons_takes_nothing() -> None:
    assert click(drawn(frame({"a": [1]})), 0) == []


# The export


class Files:
    """Records every file that is offered, in place of Streamlit's button."""

    def __init__(self) -> None:
        self.offered: dict[str, dict[str, Any]] = {}

    def __call__(self, label: str, data: Any, **rest: Any) -> bool:
        self.offered[label] = {"data": data, **rest}
        return False


def exported(monkeypatch: pytest.MonkeyPatch, shown: pd.DataFrame, **options: Any) -> Files:
    """Return the files that are offered after the export is opened; before, no file is offered."""
    files = Files()
    monkeypatch.setattr(streamlit, "download_button", files)
    at = drawn(shown, **options)
    assert files.offered == {}
    [popover] = at.get("popover")
    states = at._tree.get_widget_states()
    states.widgets.add(id=popover.proto.popover.id, bool_value=True)
    at._run(states)
    assert [element.message for element in at.exception] == []
    return files


def test_every_format_holds_the_whole_table(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = frame({"name": ["a", "=1+1"], "count": [2**53 + 1, None], "factor": [Fraction(1, 3), None]})
    files = exported(monkeypatch, shown)
    assert set(files.offered) == {form.name for form in FORMATS}
    for form in FORMATS:
        offered = files.offered[form.name]
        assert offered["data"] == export(shown, form.name, title="A caption")
        assert (offered["file_name"], offered["mime"]) == (f"t.{form.suffix}", form.mime)
        assert offered["on_click"] == "ignore"
    csv = files.offered[FORMATS[0].name]["data"].decode("utf-8-sig")
    assert "9007199254740993" in csv


@pytest.mark.parametrize("rows", [1_999, 2_000])
def test_a_part_of_a_table_exports_all_of_it_and_only_when_asked(
    monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    whole, made = frame({"a": list(range(rows))}), []

    def everything() -> pd.DataFrame:
        made.append(1)
        return whole

    files = exported(monkeypatch, frame({"a": [0, 1]}), everything=everything)
    assert made == [1]
    data = files.offered[FORMATS[0].name]["data"]
    # A long file is created only when its button is clicked.
    assert callable(data) is (rows >= 2_000)
    written = data() if callable(data) else data
    assert written == export(whole, FORMATS[0].name, title="A caption")
