"""Callbacks of widgets: every one marks the session as changed, and outdated reports are ignored."""

from collections.abc import Callable
from copy import copy
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import RerunException

from calculator.ui.session import state
from calculator.ui.session.widget_keys import is_stale


def callback(function: Callable[..., None] | None = None, *, key: str = "") -> Callable[..., None]:
    """Return ``function`` as the callback of a widget; without a function the session is only marked.

    Without the mark, the link of the previous run would replace the settings (see ``state``), so
    every widget needs it. A test of the architecture finds callbacks that this function did not create. With
    the ``key`` of a widget from ``widget_key``, an event of an outdated key is ignored.
    """

    def run(*arguments: Any, **settings: Any) -> None:
        state.mark_changed()
        if function is not None and not (key and is_stale(key)):
            function(*arguments, **settings)

    def run_to_the_end(*arguments: Any, **settings: Any) -> None:
        # Streamlit interrupts a callback at any access to the session where the browser has sent a newer
        # event meanwhile, and never calls it again: what the visitor changed first would be lost. So the
        # callback runs again, from the session as it was: a step forward is one step and not two.
        before = _copied_session()
        newer: RerunException | None = None
        while True:
            try:
                if newer is not None:
                    _restore_session(before)
                run(*arguments, **settings)
                break
            except RerunException as interruption:
                newer = interruption
        if newer is not None:
            raise newer

    return run_to_the_end


def _copied_session() -> dict[str, tuple[Any, Any]]:
    """Return each value of the session with a copy, which differs once the value is changed in place.

    Streamlit makes the dictionary without an interruption, and once. A loop over the session makes it twice,
    as it asks for the length too, and then looks up every value again.
    """
    return {key: (value, _copied(value)) for key, value in st.session_state.to_dict().items()}


def _copied(value: Any) -> Any:
    """Return a copy of a container, and any other value itself: nothing else is changed in place."""
    return copy(value) if type(value) in (dict, list, set) else value


def _restore_session(before: dict[str, tuple[Any, Any]]) -> None:
    """Put back the values that were replaced, removed, added or changed in place since ``before``.

    Other values are not written: Streamlit forbids that for buttons.
    """
    for key in list(st.session_state):
        if key not in before:
            del st.session_state[key]
    for key, (value, copied) in before.items():
        is_same = key in st.session_state and st.session_state[key] is value
        if not is_same or (value is not copied and value != copied):
            st.session_state[key] = _copied(copied)
