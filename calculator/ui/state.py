"""The settings of this visit, and the link that always equals them.

One ``Settings`` in the session is the truth. Widgets show it and change it through ``change``; the
link is written from it at the end of every run. A link that this session did not write (a fresh
page, Back, a page of the menu) is read into it, unless the same run carries a change by a widget: a
browser in haste sends its next change with the link of the one before.
"""

import streamlit as st

from calculator.link import decode, encode
from calculator.settings import FIELDS, Settings, Value

SETTINGS, WRITTEN, CHANGED, IGNORED = "settings", "link.written", "link.outdated", "link.ignored"
WIDE, PROBLEMS, AXES = "sliders.wide", "typed.problems", "axes.remembered"


def settings() -> Settings:
    """Return the settings of this visit."""
    held: Settings = st.session_state.get(SETTINGS, Settings())
    return held


def change(**values: Value) -> None:
    """Change settings from a widget's callback. What an earlier link could not give is then old news."""
    replace(settings().change(**values))


def replace(new: Settings) -> None:
    """Put ``new`` in place of all settings, from a callback."""
    held = settings()
    _remember_axes(held)
    st.session_state[SETTINGS] = _recalled(new, held)
    st.session_state[CHANGED] = True
    st.session_state[IGNORED] = ()
    st.session_state[PROBLEMS] = {}


def open_example(new: Settings) -> None:
    """Set everything to ``new``; only how the charts are scaled stays the visitor's own."""
    replace(new.change(scale=settings().scale))


def touched() -> None:
    """Note that a widget outside the settings started this run; its link may be an old one."""
    st.session_state[CHANGED] = True


def read_link() -> None:
    """Take the settings from the link where it is not this session's own."""
    query = {key: tuple(st.query_params.get_all(key)) for key in st.query_params}
    by_widget = st.session_state.pop(CHANGED, False)
    if by_widget or query == st.session_state.get(WRITTEN):
        return
    opened = decode(query)
    st.session_state[SETTINGS] = opened.settings
    st.session_state[IGNORED] = opened.ignored
    st.session_state[PROBLEMS] = {}
    st.session_state[WIDE] = set()


def write_link() -> None:
    """Make the link equal the settings."""
    query = encode(settings())
    st.session_state[WRITTEN] = {key: (value,) for key, value in query.items()}
    if {key: tuple(st.query_params.get_all(key)) for key in st.query_params} != st.session_state[WRITTEN]:
        st.query_params.from_dict(query)


def ignored() -> tuple[str, ...]:
    """Return what the last link held that could not be used, a sentence each."""
    sentences: tuple[str, ...] = st.session_state.get(IGNORED, ())
    return sentences


def _remember_axes(held: Settings) -> None:
    """Keep the values per axis, for when the dimension that has room for them comes back."""
    memory = st.session_state.setdefault(AXES, {})
    for field in FIELDS:
        value = getattr(held, field.name)
        if field.kind == "spatial" and len(value) > 1:
            memory[field.name] = value


def _recalled(new: Settings, held: Settings) -> Settings:
    """Return ``new`` with the values per axis that a smaller dimension had no room for."""
    if new.dimensions <= held.dimensions:
        return new
    memory: dict[str, tuple[int, ...]] = st.session_state[AXES]
    back = {
        name: value[: new.dimensions]
        for name, value in memory.items()
        if len(value) >= new.dimensions and value[: held.dimensions] == getattr(held, name)
    }
    return new.change(**back)
