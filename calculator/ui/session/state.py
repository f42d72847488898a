"""The settings of this visit, and the link that always equals them.

One ``Settings`` in the session is the truth. Widgets show it and change it through ``change``; the
link is written from it at the end of every run. A link that this session did not write (a fresh
page, Back, a page of the menu) is read into it, unless the same run carries a change by a widget: a
browser in haste sends its next change with the link of the one before.
"""

import streamlit as st

from calculator.core.layer import ConvTranspose
from calculator.settings import FIELDS, Settings
from calculator.settings.fields import Value
from calculator.settings.layer import layer_values
from calculator.settings.link import decode, encode

SETTINGS, WRITTEN, CHANGED, IGNORED = "settings", "link.written", "link.outdated", "link.ignored"
WIDE, PROBLEMS, RENEWED = "sliders.wide", "typed.problems", "widgets.renewed"
AXES, JOINED, GO = "axes.without_room", "axes.joined", "page.next"
LOOK = {
    "view",
    "scale",
    "picture",
    "working",
    "picture_view",
    "fill",
    "compare_view",
    "number_type",
    "reference",
    "network",
    "model_view",
    "learn_view",
    "step",
    "presenting",
    "exercise",
}
"""Settings of the page, not of the layer: to look elsewhere is no answer to what was said."""
OWN = LOOK | {
    "pair_in",
    "pair_out",
    "wanted_size",
    "budget",
    "shelf",
    "chain_size",
    "layers",
    "seed",
    "level",
    "questions",
    "sheet_title",
}
"""What stays the visitor's own when another layer is opened."""


def current() -> Settings:
    """Return the settings of this visit."""
    held: Settings = st.session_state.get(SETTINGS, Settings())
    return held


def change(**values: Value) -> None:
    """Change settings from a widget's callback. What an earlier link could not give is then old news."""
    for name in values:
        _axes().pop(name, None)
    if values.keys() <= LOOK:
        st.session_state[SETTINGS] = current().change(**values)
        touched()
    else:
        _replace(current().change(**values))


def change_dimensions(rank: int) -> None:
    """Change the dimensions. Values per axis that have no room now come back with the room."""
    held, axes = current(), _axes()
    for field in FIELDS:
        value = getattr(held, field.name)
        if field.kind == "spatial" and len(value) > 1 and axes.get(field.name, ())[: len(value)] != value:
            axes[field.name] = value
    _replace(held.change(dimensions=rank, **axes))


def join_axes(names: tuple[str, ...]) -> None:
    """Give all axes the first one's value, and remember what each had."""
    held = current()
    joined = {name: getattr(held, name) for name in names if len(getattr(held, name)) > 1}
    st.session_state.setdefault(JOINED, {}).update(joined)
    change(**{name: value[:1] for name, value in joined.items()})


def split_axes(names: tuple[str, ...]) -> None:
    """Give every axis its own value: what it had before, where the first one is still the same."""
    held, joined = current(), st.session_state.get(JOINED, {})
    values = {name: held.spatial(name) for name in names}
    had = {
        name: joined[name]
        for name in names
        if len(joined.get(name, ())) == held.dimensions and joined[name][:1] == values[name][:1]
    }
    change(**(values | had))


def refuse(place: str, sentence: str) -> None:
    """Note what was wrong with the value typed at ``place``; nothing else changes."""
    st.session_state[PROBLEMS] = {place: sentence}
    touched()


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
    """Set the layer to ``new``. How the pages are looked at stays the visitor's own, unless ``new`` says."""
    held = current()
    own = {name: getattr(held, name) for name in OWN}
    if new.view != Settings().view:
        own["view"] = new.view
    _forget()
    _replace(new.change(**own))


def take_layer(layer: ConvTranspose) -> None:
    """Set the layer to ``layer``; everything else stays."""
    change(**layer_values(layer))


def take_count(layer: ConvTranspose) -> None:
    """Set what ``layer``'s count depends on; stride, padding and the rest stay."""
    names = ("dimensions", "kernel_size", "in_channels", "out_channels", "groups", "bias")
    values = layer_values(layer)
    change(**{name: values[name] for name in names})


def open_page(script: str) -> None:
    """Open the page ``script`` at the start of the next run: a callback cannot."""
    st.session_state[GO] = script


def requested_page() -> str:
    """Return the page to open, once."""
    script: str = st.session_state.setdefault(GO, "")
    st.session_state[GO] = ""
    return script


def touched() -> None:
    """Note that a widget outside the settings started this run; its link may be an old one."""
    st.session_state[CHANGED] = True


def read_link() -> None:
    """Take the settings from the link where it is not this session's own."""
    query = {key: tuple(st.query_params.get_all(key)) for key in st.query_params}
    if st.session_state.get(CHANGED) or query == st.session_state.get(WRITTEN):
        return
    opened = decode(query)
    st.session_state[SETTINGS] = opened.settings
    st.session_state[IGNORED] = opened.ignored
    st.session_state[PROBLEMS] = {}
    _forget()


def _forget() -> None:
    """Forget how earlier settings came about."""
    st.session_state[WIDE] = set()
    st.session_state[AXES] = {}
    st.session_state[JOINED] = {}


def write_link() -> None:
    """Make the link equal the settings. Only now is a change done with: a run may be cut off before."""
    st.session_state[CHANGED] = False
    query = encode(current())
    st.session_state[WRITTEN] = {key: (value,) for key, value in query.items()}
    if {key: tuple(st.query_params.get_all(key)) for key in st.query_params} != st.session_state[WRITTEN]:
        st.query_params.from_dict(query)


def ignored() -> tuple[str, ...]:
    """Return what the last link held that could not be used, a sentence each."""
    sentences: tuple[str, ...] = st.session_state.get(IGNORED, ())
    return sentences
