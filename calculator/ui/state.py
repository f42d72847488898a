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
    for name in values:
        _axes().pop(name, None)
    _replace(settings().change(**values))


def change_dimensions(rank: int) -> None:
    """Change the dimensions. Values per axis that have no room now come back with the room."""
    held, axes = settings(), _axes()
    for field in FIELDS:
        value = getattr(held, field.name)
        if field.kind == "spatial" and len(value) > 1 and axes.get(field.name, ())[: len(value)] != value:
            axes[field.name] = value
    _replace(held.change(dimensions=rank, **axes))


def _axes() -> dict[str, tuple[int, ...]]:
    """Return the values per axis of settings that nobody has touched since the dimensions changed."""
    axes: dict[str, tuple[int, ...]] = st.session_state.setdefault(AXES, {})
    return axes


def _replace(new: Settings) -> None:
    st.session_state[SETTINGS] = new
    st.session_state[CHANGED] = True
    st.session_state[IGNORED] = ()
    st.session_state[PROBLEMS] = {}


def open_example(new: Settings) -> None:
    """Set the layer to ``new``. How the page is looked at stays the visitor's own, unless ``new`` says."""
    held = settings()
    view = held.view if new.view == Settings().view else new.view
    st.session_state[WIDE] = set()
    _axes().clear()
    _replace(new.change(scale=held.scale, picture=held.picture, working=held.working, view=view))


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
    _axes().clear()


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
