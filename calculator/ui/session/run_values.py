"""The program's own values of a session, looked up once in each run of a page.

Streamlit takes a lock and checks whether the run was interrupted at every access to the session, and every
widget needs the settings.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

import streamlit as st

Value = TypeVar("Value")

_seen: ContextVar[dict[str, Any] | None] = ContextVar("values seen in this run", default=None)


@contextmanager
def one_run() -> Iterator[None]:
    """Look up each value at most once until the block ends. Callbacks run before it and see the session."""
    token = _seen.set({})
    try:
        yield
    finally:
        _seen.reset(token)


def read(key: str, default: Callable[[], Value]) -> Value:
    """Return the value under a key of the session; ``default()`` is kept there if there is none."""
    seen = _seen.get()
    if seen is not None and key in seen:
        kept: Value = seen[key]
        return kept
    value: Value | None = st.session_state.get(key)
    if value is None:
        value = default()
        st.session_state[key] = value
    if seen is not None:
        seen[key] = value
    return value


def write(key: str, value: object) -> None:
    """Put a value under a key of the session."""
    st.session_state[key] = value
    if (seen := _seen.get()) is not None:
        seen[key] = value
