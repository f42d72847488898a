"""Text boxes and pages of Streamlit are the same without the work that is left out."""

import importlib
from copy import copy
from typing import Any

import pytest
from streamlit.elements.widgets import text_widgets
from streamlit.navigation import page
from streamlit.runtime import state
from streamlit.runtime.state import SafeSessionState
from streamlit.testing.v1 import AppTest

from calculator.ui.session import streamlit_patches
from calculator.ui.session.streamlit_patches import skip_repeated_work
from calculator.ui.shell.pages import PAGES
from tests.helpers.paths import ROOT


def boxes() -> None:
    import streamlit as st

    st.session_state.setdefault("emptied", None)
    st.session_state.setdefault("set", "b")
    for key in ("emptied", "set", "new"):
        st.text_input(key, "a", key=key)


def drawn() -> tuple[list[Any], list[Any], list[str]]:
    """Return what the boxes have where the session has ``None``, where it has a value, and where nothing."""
    at = AppTest.from_function(boxes).run()
    found = at.text_input
    return (
        [box.value for box in found],
        [(box.proto.HasField("default"), box.proto.default, box.proto.value) for box in found],
        [error.message for error in at.exception],
    )


def test_a_box_is_drawn_as_with_a_copy_of_the_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(vars(text_widgets), "get_session_state", state.get_session_state)
    copies: list[SafeSessionState] = []
    filtered = vars(SafeSessionState)["filtered_state"]

    def copied(session: SafeSessionState) -> Any:
        copies.append(session)
        return filtered.fget(session)

    monkeypatch.setattr(SafeSessionState, "filtered_state", property(copied))
    expected = drawn()
    assert len(copies) == 3  # Where Streamlit makes none, this can go.
    assert expected[0] == [None, "b", "a"]
    skip_repeated_work()
    assert drawn() == expected
    assert len(copies) == 3


def test_every_run_has_pages_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    created: list[page.Page] = []

    def noted(one: page.Page) -> page.Page:
        created.append(copy(one))
        return created[-1]

    monkeypatch.setattr(streamlit_patches, "copy", noted)
    streamlit_patches._created.cache_clear()
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for _ in range(2):
        assert not at.run().exception
    assert streamlit_patches._created.cache_info().misses == len(PAGES)
    first, second = created[: len(PAGES)], created[len(PAGES) :]
    assert sorted(one.url_path for one in first) == sorted(one.address for one in PAGES)
    assert [vars(one) for one in first] == [vars(one) for one in second]
    assert not {*map(id, first)} & {*map(id, second)}


def test_loaded_again_it_stands_on_streamlits_function() -> None:
    skip_repeated_work()
    streamlits = streamlit_patches._created.__wrapped__
    assert streamlits.__code__.co_filename == page.__file__
    assert importlib.reload(streamlit_patches)._created.__wrapped__ is streamlits
