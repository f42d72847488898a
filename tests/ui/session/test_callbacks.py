"""Callbacks mark the session as changed, and ignore the events of outdated widget keys."""

from collections.abc import Callable
from copy import copy
from functools import partial
from typing import Any

import pytest
import streamlit as st
from streamlit.runtime.scriptrunner import RerunData, RerunException

from calculator.networks.builtin import network
from calculator.readers import Model, Row
from calculator.settings import Settings
from calculator.settings.shelf import keep
from calculator.ui.browser import keyboard
from calculator.ui.compare import shelf
from calculator.ui.learn import exercises, lesson
from calculator.ui.model import difference, source, table_editor
from calculator.ui.session import state
from calculator.ui.session.callbacks import callback
from calculator.ui.session.models import Ticket
from calculator.ui.session.widget_keys import renew_keys, widget_key


class Session(dict[str, Any]):
    """A session outside of a page."""

    def to_dict(self) -> dict[str, Any]:
        return dict(self)


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    session = Session()
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


class InterruptedSession(Session):
    """A session that a newer event interrupts before the accesses of these numbers, as Streamlit does."""

    def __init__(self, values: dict[str, Any], *numbers: int) -> None:
        super().__init__(values)
        self.numbers, self.accesses = numbers, 0

    def _yield(self) -> None:
        self.accesses += 1
        if self.accesses in self.numbers:
            raise RerunException(RerunData(query_string=str(self.accesses)))

    def __getitem__(self, key: str) -> Any:
        self._yield()
        return super().__getitem__(key)

    def __setitem__(self, key: str, value: Any) -> None:
        self._yield()
        super().__setitem__(key, value)

    def __delitem__(self, key: str) -> None:
        self._yield()
        super().__delitem__(key)

    def __contains__(self, key: object) -> bool:
        self._yield()
        return super().__contains__(key)

    def get(self, key: str, default: Any = None) -> Any:
        return self[key] if key in self else default  # noqa: SIM401

    def setdefault(self, key: str, default: Any = None) -> Any:
        if key not in self:
            self[key] = default
        return self[key]

    def pop(self, key: str, *default: Any) -> Any:
        value = self.get(key, *default)
        if key in self:
            del self[key]
        return value


def _read_modify_write() -> None:
    session = st.session_state
    session["count"] = session["count"] + 1
    session["list"].append(session["count"])
    session.setdefault("new", set()).add(session["count"])
    session["old"] = session.pop("gone", "nothing")


SHELF = keep((), Settings(), "first")
MODEL = Model((Row("up", "Linear", None, 6, 2),), "a table")
TABLE = network("dcgan").table
REPORT = {"visit": "visit", "from": 0, "keys": ["n", "n", "v"]}
NEXT: dict[str, Callable[[], None]] = {
    "n": partial(keyboard.move, "step", lesson.STEPS, 1),
    "v": lesson._toggle_answer,
}


@pytest.mark.parametrize(
    ("function", "values"),
    [
        (_read_modify_write, {"count": 1, "list": [0], "gone": "once"}),
        (partial(keyboard.move, "step", lesson.STEPS, 1), {}),
        (partial(keyboard.move, *exercises.NUMBERS, 1), {}),
        (lesson._toggle_answer, {}),
        (lesson._toggle_answer, {lesson.REVEALED: {1, 2}}),
        (partial(lesson._open_example, Settings(out_channels=5)), {lesson.REVEALED: {1, 2}}),
        (partial(keyboard._pressed, NEXT), {"keys": type("Keys", (), {"pressed": REPORT})}),
        (shelf._keep, {shelf.NAME: "second", state.SETTINGS: Settings(shelf=SHELF)}),
        (partial(shelf._remove, 0), {state.SETTINGS: Settings(shelf=keep(SHELF, Settings(), "second"))}),
        (partial(table_editor._add, "box"), {"box": TABLE, table_editor.BOX: (0, "", "")}),
        (partial(source._text_pasted, "box"), {"box": TABLE, table_editor.BOX: (0, "", "")}),
        (partial(source._network_chosen, "list"), {"list": "dcgan", source.WAITING: ("text", "name")}),
        (partial(difference._keep, MODEL), {}),
        (difference._forget, {difference.FIRST: None, difference.COMPARED: None}),
        (partial(state.change_dimensions, 1), {state.SETTINGS: Settings(kernel_size=(3, 5))}),
        (partial(state.join_axes, ("kernel_size",)), {state.SETTINGS: Settings(kernel_size=(3, 5))}),
        (
            partial(state.split_axes, ("kernel_size",)),
            {state.SETTINGS: Settings(kernel_size=(3,)), state.JOINED: {"kernel_size": (3, 5)}},
        ),
    ],
)
def test_a_callback_that_is_interrupted_anywhere_changes_the_session_once(
    monkeypatch: pytest.MonkeyPatch, function: Callable[[], None], values: dict[str, Any]
) -> None:
    def after(*numbers: int) -> tuple[dict[str, Any], int]:
        copies = {key: copy(value) for key, value in {state.VISIT: "visit", **values}.items()}
        session = InterruptedSession(copies, *numbers)
        monkeypatch.setattr(st, "session_state", session)
        if numbers and numbers[0] <= accesses:
            with pytest.raises(RerunException) as raised:
                callback(function)()
            # Streamlit runs the newest event next.
            assert raised.value.rerun_data.query_string == str(
                max(n for n in numbers if n <= session.accesses)
            )
        else:
            callback(function)()
        # Two tickets of one model are two objects.
        return {
            key: type(value) if isinstance(value, Ticket) else value for key, value in dict.items(session)
        }, session.accesses

    accesses = 0
    expected, accesses = after()
    assert expected != values
    for number in range(1, accesses + 1):
        assert after(number)[0] == expected
        assert after(number, number + accesses)[0] == expected


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
