"""Values of the session are looked up once in a run, and written through."""

from contextlib import suppress
from typing import Any

import pytest
import streamlit as st

from calculator.ui.session.run_values import one_run, read, write


class Session(dict[str, Any]):
    """A session that counts how often a value is looked up."""

    looks = 0

    def get(self, key: str, default: Any = None) -> Any:
        self.looks += 1
        return super().get(key, default)


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Session:
    session = Session()
    monkeypatch.setattr(st, "session_state", session)
    return session


def test_a_run_looks_up_a_value_once(session: Session) -> None:
    with one_run():
        assert [read("a", default) for default in (lambda: 1, lambda: 2)] == [1, 1]
        assert (session, session.looks) == ({"a": 1}, 1)
        write("a", 3)
        assert (read("a", int), session) == (3, {"a": 3})
        write("b", 4)
        assert (read("b", int), session.looks) == (4, 1)


def test_outside_of_a_run_and_in_the_next_the_session_has_the_value(session: Session) -> None:
    write("a", 1)
    with suppress(ZeroDivisionError), one_run():  # As Streamlit raises where a newer event interrupts a run.
        assert read("a", int) // 0
    session["a"] = 2  # As Streamlit restores what a callback changed.
    assert read("a", int) == 2
    with one_run():
        assert read("a", int) == 2


def test_a_container_is_the_one_of_the_session(session: Session) -> None:
    read("ends", dict[str, int])["k"] = 1
    with one_run():
        read("ends", dict[str, int])["in"] = 2
    assert session == {"ends": {"k": 1, "in": 2}}
