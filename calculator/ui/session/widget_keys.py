"""Keys of widgets whose value others change too, and how a late browser's echo is known."""

import streamlit as st

from calculator.ui.session import state
from calculator.ui.session.viewport import mode, width

PAGE, BASE = "widgets.page", "widgets.first"


def renew_keys(script: str) -> None:
    """Renew every key when another page begins to draw, or the same page for another window.

    To Streamlit a widget of the same key on another page is another widget: it would start at its
    own default, whatever the session holds under that key. So would one that a slow browser is still
    about to draw for the first time when a second run, laid out for its window, takes its place.
    """
    here = script, width(), mode()
    if st.session_state.setdefault(PAGE, here) != here:
        st.session_state[PAGE] = here
        times = st.session_state.get(state.RENEWED, {})
        st.session_state[BASE] = max((st.session_state.get(BASE, 0), *times.values())) + 1
        st.session_state[state.RENEWED] = {}


def widget_key(name: str, value: object) -> str:
    """Return the key under which a widget shows ``value``: a new one whenever others changed the value.

    A browser that has not heard of a change yet still reports the value before it. Under an old key
    that is known for what it is, an echo (``is_stale``); under the same key it would undo the change.

    The widget is given ``value`` as its default as well. Streamlit sends what is set here once; a browser
    that draws the widget only from the next run's message, for the page ran again at once, would begin at
    the widget's own default, such as a slider's least value, and report that as a change.
    """
    key = _numbered(name, _number(name))
    if key in st.session_state and st.session_state[key] != value:
        st.session_state[state.RENEWED][name] = _number(name) + 1
        key = _numbered(name, _number(name))
    if key not in st.session_state:
        st.session_state[key] = value
    return key


def is_stale(key: str) -> bool:
    """Return whether ``key`` is one that a widget had before; Streamlit still hears what comes under it."""
    name, _, times = key.partition("~")
    if _number(name) == int(times or 0):
        return False
    state.touched()
    return True


def _number(name: str) -> int:
    """Return the number of the key that widget ``name`` has now."""
    times: dict[str, int] = st.session_state.setdefault(state.RENEWED, {})
    first: int = st.session_state.setdefault(BASE, 0)
    return times.get(name, first)


def _numbered(name: str, times: int) -> str:
    return f"{name}~{times}" if times else name
