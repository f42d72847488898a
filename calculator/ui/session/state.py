"""The settings of this visit, and the link that always equals them.

The session stores one ``Settings``. Widgets show these settings and change them through ``change``; the link
is written from them at the end of every run. A link that this session did not write (a new page, Back, a menu
entry) replaces the settings, unless a widget started the run: a late browser sends its next change together
with the link of the previous change.
"""

import secrets

import streamlit as st

from calculator.core.layer import ConvTranspose
from calculator.settings import FIELD, FIELDS, Settings
from calculator.settings.fields import Value
from calculator.settings.layer import layer_values
from calculator.settings.link import decode, encode
from calculator.ui.session import run_values

SETTINGS, WRITTEN, CHANGED, IGNORED = "settings", "link.written", "link.outdated", "link.ignored"
WIDE, PROBLEMS = "sliders.wide", "typed.problems"
AXES, JOINED, NEXT_PAGE, VISIT = "axes.without_room", "axes.joined", "page.next", "visit"
"""Session keys. Other modules use only ``WIDE``."""


def current() -> Settings:
    """Return the settings of this visit."""
    return run_values.read(SETTINGS, Settings)


def visit() -> str:
    """Return the name of this session. A reloaded page, or a page after a restart, has another session."""
    return run_values.read(VISIT, lambda: secrets.token_hex(8))


def change(**values: Value) -> None:
    """Change settings from a callback, and remove the warnings about the last link.

    The warnings stay when only the view changes.
    """
    # A new value replaces the values per axis that ``change_dimensions`` would restore.
    for name in values:
        _axes().pop(name, None)
    changed = current().change(**values)
    if all(FIELD[name].scope == "page" for name in values):
        run_values.write(SETTINGS, changed)
    else:
        _replace(changed)


def change_dimensions(rank: int) -> None:
    """Change the dimensions. Values per axis that do not fit now come back when they fit again."""
    settings, axes = current(), _axes()
    for field in FIELDS:
        value = getattr(settings, field.name)
        # A stored value that begins with the current value has more axes, and is kept.
        if field.kind == "spatial" and len(value) > 1 and axes.get(field.name, ())[: len(value)] != value:
            axes[field.name] = value
    _replace(settings.change(dimensions=rank, **axes))


def join_axes(names: tuple[str, ...]) -> None:
    """Give all axes the value of the first axis, and store the previous values."""
    settings = current()
    joined = {name: getattr(settings, name) for name in names if len(getattr(settings, name)) > 1}
    _joined().update(joined)
    change(**{name: value[:1] for name, value in joined.items()})


def split_axes(names: tuple[str, ...]) -> None:
    """Give every axis its own value: the stored value, if the value of the first axis has not changed."""
    settings, joined = current(), _joined()
    values = {name: settings.spatial(name) for name in names}
    previous = {
        name: joined[name]
        for name in names
        if len(joined.get(name, ())) == settings.dimensions and joined[name][:1] == values[name][:1]
    }
    change(**(values | previous))


def refuse(place: str, sentence: str) -> None:
    """Report that the value typed at ``place`` is invalid, and why; nothing else changes."""
    run_values.write(PROBLEMS, {place: sentence})


def problem(place: str) -> str:
    """Return why the last value typed at ``place`` is invalid, or an empty text."""
    return run_values.read(PROBLEMS, dict[str, str]).get(place, "")


def clear_problems() -> None:
    """Forget which typed values were invalid."""
    run_values.write(PROBLEMS, {})


def _axes() -> dict[str, tuple[int, ...]]:
    """Return the values per axis of settings that nobody has changed since the dimensions changed."""
    return run_values.read(AXES, dict[str, tuple[int, ...]])


def _joined() -> dict[str, tuple[int, ...]]:
    """Return the values per axis of settings from before their axes were joined."""
    return run_values.read(JOINED, dict[str, tuple[int, ...]])


def slider_ends() -> dict[str, int]:
    """Return the end of each slider, by its key."""
    return run_values.read(WIDE, dict[str, int])


def forget_slider_ends() -> None:
    """Give every slider its initial end again, or the end that its value needs."""
    run_values.write(WIDE, {})


def _replace(new: Settings) -> None:
    run_values.write(SETTINGS, new)
    run_values.write(IGNORED, ())
    clear_problems()


def open_example(new: Settings) -> None:
    """Set the layer to ``new``. All other settings stay, except a view that ``new`` opens."""
    settings = current()
    own = {field.name: getattr(settings, field.name) for field in FIELDS if field.scope != "layer"}
    # The default view means that the example does not select a view.
    if new.view != Settings().view:
        own["view"] = new.view
    _forget()
    _replace(new.change(**own))


def take_layer(layer: ConvTranspose) -> None:
    """Set the layer to ``layer``; everything else stays."""
    change(**layer_values(layer))


def take_count(layer: ConvTranspose) -> None:
    """Set the settings that the count of ``layer`` depends on. Stride, padding and all others stay."""
    names = ("dimensions", "kernel_size", "in_channels", "out_channels", "groups", "bias")
    values = layer_values(layer)
    change(**{name: values[name] for name in names})


def open_page(script: str) -> None:
    """Open the page ``script`` at the start of the next run. A callback cannot open a page itself."""
    run_values.write(NEXT_PAGE, script)


def requested_page() -> str:
    """Return the page to open, once; an empty text if there is none."""
    if script := run_values.read(NEXT_PAGE, str):
        run_values.write(NEXT_PAGE, "")
    return script


def mark_changed() -> None:
    """Record that a widget started this run. ``callbacks.callback`` calls it for every widget."""
    run_values.write(CHANGED, True)


def read_link() -> None:
    """Take the settings from the link, unless this session wrote it or a widget started this run."""
    query = {key: tuple(st.query_params.get_all(key)) for key in st.query_params}
    if run_values.read(CHANGED, bool) or query == run_values.read(WRITTEN, lambda: None):
        return
    opened = decode(query)
    run_values.write(SETTINGS, opened.settings)
    run_values.write(IGNORED, opened.ignored)
    clear_problems()
    _forget()


def _forget() -> None:
    """Forget the extended sliders and the values per axis of earlier settings."""
    for key in (WIDE, AXES, JOINED):
        run_values.write(key, {})


def write_link() -> None:
    """Make the link equal the settings.

    A change is complete only after this, because Streamlit may interrupt a run earlier.
    """
    run_values.write(CHANGED, False)
    query = encode(current())
    written = {key: (value,) for key, value in query.items()}
    run_values.write(WRITTEN, written)
    if {key: tuple(st.query_params.get_all(key)) for key in st.query_params} != written:
        st.query_params.from_dict(query)


def ignored() -> tuple[str, ...]:
    """Return a sentence for each part of the last link that could not be used."""
    return run_values.read(IGNORED, tuple[str, ...])
