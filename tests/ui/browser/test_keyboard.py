"""Keyboard reports: each press is handled once, whatever a slow or hostile browser reports."""

from typing import Any

import pytest
import streamlit as st
from hypothesis import given
from hypothesis import strategies as some

from calculator.settings import Settings
from calculator.ui.browser import keyboard
from calculator.ui.session import state


@pytest.fixture(autouse=True)
def session(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    session_state: dict[str, Any] = {"visit": "this", "keys.processed": 0}
    monkeypatch.setattr(st, "session_state", session_state)
    return session_state


def report(first: int, pressed: str, visit: str = "this") -> dict[str, object]:
    return {"visit": visit, "from": first, "keys": list(pressed)}


def test_each_press_counts_once() -> None:
    assert keyboard.new_keys(report(0, "nn")) == ["n", "n"]
    assert keyboard.new_keys(report(0, "nn")) == []
    # The browser does not know yet that two presses were handled.
    assert keyboard.new_keys(report(0, "nnb")) == ["b"]
    assert keyboard.new_keys(report(3, "v")) == ["v"]


@given(some.data())
def test_all_presses_are_done_in_their_order(data: some.DataObject) -> None:
    st.session_state["keys.processed"] = 0
    pressed = data.draw(some.text("nbv", max_size=12))
    done: list[str] = []
    known = 0
    for end in sorted(data.draw(some.sets(some.integers(0, len(pressed)))) | {len(pressed)}):
        # Some reports are lost, and the browser may learn late which presses were handled.
        if data.draw(some.booleans()) or end == len(pressed):
            done += keyboard.new_keys(report(known, pressed[known:end]))
            known = data.draw(some.integers(known, st.session_state["keys.processed"]))
    assert done == list(pressed)


@pytest.mark.parametrize(
    "strange",
    [
        *(None, "n", ["n"], {}, {"visit": "this"}, {"visit": "this", "from": 0, "keys": "n"}),
        *({"visit": "this", "from": "0", "keys": ["n"]}, report(5, "n"), report(-9, "n")),
        report(0, "n", visit="before the server was started again"),
        {"visit": "this", "from": 0, "keys": [["n"], {"n": 1}, 7, None]},
    ],
)
def test_a_report_that_is_invalid_or_of_another_visit_does_nothing(strange: object) -> None:
    assert keyboard.new_keys(strange) == []


def test_keys_move_a_setting_within_its_order() -> None:
    order = ("growth", "plane", "output")
    does = keyboard.move_keys("view", order, remote=True)
    assert does.keys() == {"n", "b", "PageDown", "PageUp", "1", "2", "3"}
    assert does.keys() - keyboard.move_keys("view", order).keys() == {"PageDown", "PageUp"}
    st.session_state[state.SETTINGS] = Settings(view="plane")
    seen = []
    for key in ("b", "PageUp", "n", "PageDown", "n", "1", "3"):
        does[key]()
        seen.append(state.current().view)
    assert seen == ["growth", "growth", "plane", "output", "output", "growth", "output"]
