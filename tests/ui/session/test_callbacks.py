"""Callbacks mark the session as changed, and ignore the events of outdated widget keys."""

from typing import Any

import pytest
import streamlit as st
from streamlit.runtime.scriptrunner import RerunData, RerunException

from calculator.ui.session import state
from calculator.ui.session.callbacks import callback
from calculator.ui.session.widget_keys import renew_keys, widget_key


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    session: dict[str, Any] = {}
    monkeypatch.setattr(st, "session_state", session)
    return session


def test_a_callback_marks_the_session_and_calls_its_function(session: dict[str, Any]) -> None:
    calls: list[tuple[object, ...]] = []
    callback(lambda *arguments, **more: calls.append((*arguments, more)))("a", 1, name="b")
    assert calls == [("a", 1, {"name": "b"})]
    assert session[state.CHANGED] is True


def test_a_callback_that_a_newer_event_interrupts_runs_to_its_end(session: dict[str, Any]) -> None:
    calls: list[str] = []
    newer = RerunException(RerunData(query_string="newer"))

    def change(value: str) -> None:
        if not calls:
            calls.append("interrupted")
            raise newer
        calls.append(value)

    with pytest.raises(RerunException) as raised:
        callback(change)("changed")
    assert raised.value is newer  # Streamlit runs the newer event next.
    assert calls == ["interrupted", "changed"]
    assert session[state.CHANGED] is True


def test_a_callback_without_a_function_marks_the_session(session: dict[str, Any]) -> None:
    callback()()
    assert session[state.CHANGED] is True


def test_an_event_of_an_outdated_key_is_ignored_and_still_marks_the_session(session: dict[str, Any]) -> None:
    calls: list[str] = []
    first = widget_key("groups", 1)
    second = widget_key("groups", 2)  # the program changed the value
    assert first != second
    for key in (first, second):
        session[state.CHANGED] = False
        callback(calls.append, key=key)(key)
        assert session[state.CHANGED] is True
    assert calls == [second]


def test_keys_of_another_page_are_outdated(session: dict[str, Any]) -> None:
    calls: list[str] = []
    renew_keys("app.py", "usual", "light")
    old = widget_key("stride", 2)
    renew_keys("pages/picture.py", "usual", "light")
    new = widget_key("stride", 2)
    for key in (old, new):
        callback(calls.append, key=key)(key)
    assert calls == [new]
