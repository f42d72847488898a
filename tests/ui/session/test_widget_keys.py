"""A widget key stays while the browser changes its value, and changes when the program does."""

from typing import Any

import pytest
import streamlit as st

from calculator.ui.session.widget_keys import is_stale, renew_keys, widget_key


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    session: dict[str, Any] = {}
    monkeypatch.setattr(st, "session_state", session)
    return session


def test_the_key_stays_while_the_browser_changes_the_value(session: dict[str, Any]) -> None:
    key = widget_key("stride", 2)
    assert session[key] == 2
    session[key] = 3  # as Streamlit does for an event of the widget
    assert widget_key("stride", 3) == key
    assert not is_stale(key)


def test_the_key_changes_when_the_program_changes_the_value(session: dict[str, Any]) -> None:
    key = widget_key("stride", 2)
    new = widget_key("stride", 5)
    assert (new != key, session[new], session[key]) == (True, 5, 2)
    assert (is_stale(key), is_stale(new)) == (True, False)
    assert widget_key("padding", 1) == "padding"  # other widgets keep theirs


def test_all_keys_change_with_the_page_or_the_window(session: dict[str, Any]) -> None:
    keys = set()
    pages = [("app.py", "usual", "light"), ("app.py", "narrow", "light"), ("app.py", "narrow", "dark")]
    for page in [*pages, pages[0]]:
        renew_keys(*page)
        renew_keys(*page)  # the next run of the same page
        keys.add(widget_key("stride", 2))
    assert len(keys) == 4
    assert len({key.partition("~")[0] for key in keys}) == 1
