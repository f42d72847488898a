"""Keys of widgets whose value others change too, and how a late browser's echo is known."""

import streamlit as st

from calculator.ui import state


def shown(name: str, value: object) -> str:
    """Return the key under which a widget shows ``value``: a new one whenever others changed the value.

    A browser that has not heard of a change yet still reports the value before it. Under an old key
    that is known for what it is, an echo (``is_echo``); under the same key it would undo the change.
    """
    times: dict[str, int] = st.session_state.setdefault(state.RENEWED, {})
    key = _numbered(name, times.get(name, 0))
    if key in st.session_state and st.session_state[key] != value:
        times[name] = times.get(name, 0) + 1
        key = _numbered(name, times[name])
    if key not in st.session_state:
        st.session_state[key] = value
    return key


def is_echo(key: str) -> bool:
    """Return whether ``key`` is one that a widget had before; Streamlit still hears what comes under it."""
    name, _, times = key.partition("~")
    now: int = st.session_state.get(state.RENEWED, {}).get(name, 0)
    if now == int(times or 0):
        return False
    state.touched()
    return True


def _numbered(name: str, times: int) -> str:
    return f"{name}~{times}" if times else name
