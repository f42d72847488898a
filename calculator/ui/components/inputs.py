"""Inputs from ``FIELDS``: every whole number has a slider to explore and a box for an exact value.

Slider, box and link are three views of one value in ``state.current()``; none of them is the truth.
A browser in haste reports a value that has meanwhile been changed from elsewhere; ``echo.shown`` sees to it
that such an echo is not taken for a wish.
"""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from calculator.core.errors import LayerError
from calculator.core.formatting import axis_names
from calculator.settings import FIELD, Field
from calculator.settings.fields import Value
from calculator.settings.link import groups_notice, read_typed
from calculator.ui.components.markdown import escape_markdown
from calculator.ui.session import state
from calculator.ui.session.widget_keys import is_stale, widget_key

BOX_WIDTH = 92


def whole_number(name: str, axis: int | None = None) -> None:
    """Draw slider and box of a whole number; ``axis`` is the place in a value per axis."""
    field = FIELD[name]
    key = name if axis is None else f"{name}.{axis}"
    value = _value(name, axis)
    label = field.label if axis is None else f"{field.label}, {axis_names(state.current().dimensions)[axis]}"
    with _row(key):
        _slider(field, key, label, value, axis)
        _box(name, axis, key, label, value)
    problem(key)


def exact(name: str) -> None:
    """Draw a whole number as a box alone, for one whose range is too wide for a slider."""
    field = FIELD[name]
    _box(name, None, name, field.label, _value(name, None), visible=True)
    problem(name)


def _row(key: str) -> DeltaGenerator:
    """Return a row that holds slider and box side by side, on a phone too."""
    return st.container(
        horizontal=True, vertical_alignment="bottom", gap="small", wrap=False, key=f"row.{key}"
    )


def _box(name: str, axis: int | None, key: str, label: str, value: int, *, visible: bool = False) -> None:
    """Draw the box for an exact value. It takes any text: what is wrong is said in a sentence here.

    Beside a slider the label is hidden, for the slider has it.
    """
    shown_as = widget_key(f"{key}.exact", str(value))
    st.text_input(
        label if visible else f"{label}, exact value",
        str(value),
        key=shown_as,
        label_visibility="visible" if visible else "collapsed",
        type="phone",  # the keypad of digits on a phone
        icon="",
        placeholder="",
        validate="",
        autocomplete="off",
        width=2 * BOX_WIDTH if visible else BOX_WIDTH,
        on_change=_typed,
        args=(name, axis, key, shown_as),
    )


def _slider(field: Field, key: str, label: str, value: int, axis: int | None) -> None:
    """Draw the slider; it reaches further once the value lies beyond its first range."""
    wide: set[str] = st.session_state.setdefault(state.WIDE, set())
    if value > field.slider_maximum:
        wide.add(key)
    shown_as = widget_key(f"{key}.slider", value)
    st.slider(
        label,
        field.minimum,
        field.maximum if key in wide else field.slider_maximum,
        value,
        key=shown_as,
        help=field.help,
        on_change=_slid,
        args=(field.name, axis, shown_as),
    )


def spatial(name: str, *, boxes: bool = False) -> None:
    """Draw a row for a value for all axes, or a row per axis; with ``boxes``, all axes share one row."""
    axes = len(getattr(state.current(), name))
    if boxes and axes > 1:
        _boxes(name, axes)
        return
    for axis in range(axes):
        whole_number(name, axis if axes > 1 else None)


def _boxes(name: str, axes: int) -> None:
    """Draw a box for the value on each axis, all in one row."""
    label, names = FIELD[name].label, axis_names(state.current().dimensions)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False):
        st.markdown(f"{label}  \n:gray[:small[{' × '.join(names)}]]")
        for axis in range(axes):
            _box(name, axis, f"{name}.{axis}", f"{label}, {names[axis]}", _value(name, axis))
    for axis in range(axes):
        problem(f"{name}.{axis}")


def per_axis(label: str, names: tuple[str, ...]) -> None:
    """Draw the switch between one value for all axes and one per axis, for the settings ``names``."""
    held = state.current()
    if held.dimensions == 1:
        return
    split = any(len(getattr(held, name)) > 1 for name in names)
    key = widget_key(f"per_axis.{names[0]}", split)
    st.toggle(label, split, key=key, on_change=_split_axes, args=(names, key))


def groups() -> None:
    """Draw the groups: a slider over those that divide both channel counts, and a box."""
    held = state.current()
    offered = held.offered_groups
    field = FIELD["groups"]
    with _row("groups"):
        shown_as = widget_key("groups.slider", held.used_groups)
        st.select_slider(
            field.label,
            offered,
            held.used_groups,
            key=shown_as,
            help=field.help,
            on_change=_slid,
            args=("groups", None, shown_as),
        )
        _box("groups", None, "groups", field.label, held.used_groups)
    if held.used_groups != held.groups:
        st.warning(escape_markdown(groups_notice(held)))
        st.button(
            f"Use {held.used_groups:,}",
            key="groups.use",
            on_click=_put,
            args=("groups", None, held.used_groups),
        )
    problem("groups")


def choice(name: str) -> None:
    """Draw a setting with a few values to choose from."""
    field, value = FIELD[name], getattr(state.current(), name)
    shown_as = widget_key(name, value)
    st.segmented_control(
        field.label,
        field.choices,
        default=value,
        key=shown_as,
        format_func=lambda value: _choice_text(name, value),
        required=True,
        help=field.help,
        on_change=_chosen,
        args=(name, shown_as),
    )


def _choice_text(name: str, value: Value) -> str:
    """Return a choice as it is shown: dimensions as 2-D, formats in capitals, the others as they are."""
    if name == "dimensions":
        return f"{value}-D"
    return str(value).upper() if name == "picture" else str(value)


def switch(name: str) -> None:
    """Draw a setting that is on or off."""
    field, value = FIELD[name], getattr(state.current(), name)
    shown_as = widget_key(name, value)
    st.toggle(field.label, value, key=shown_as, help=field.help, on_change=_chosen, args=(name, shown_as))


def problem(key: str) -> None:
    """Say what was wrong with the last value typed at ``key``, if anything."""
    sentence = st.session_state.get(state.PROBLEMS, {}).get(key)
    if sentence:
        st.error(escape_markdown(sentence))


def _value(name: str, axis: int | None) -> int:
    value = getattr(state.current(), name)
    return int(value[axis or 0]) if isinstance(value, tuple) else int(value)


def _put(name: str, axis: int | None, value: Value) -> None:
    """Change a setting, or its value on one axis when ``value`` is a single number for that axis."""
    held = getattr(state.current(), name)
    if axis is not None and isinstance(value, tuple) and len(value) == 1:
        value = (*held[:axis], *value, *held[axis + 1 :])
    state.change(**{name: value})


def _slid(name: str, axis: int | None, key: str) -> None:
    if is_stale(key):
        return
    value = st.session_state[key]
    _put(name, axis, (value,) if FIELD[name].kind == "spatial" else value)


def _chosen(name: str, key: str) -> None:
    if is_stale(key):
        return
    if name == "dimensions":
        state.change_dimensions(st.session_state[key])
    else:
        state.change(**{name: st.session_state[key]})


def _typed(name: str, axis: int | None, place: str, key: str) -> None:
    """Take an exact value, or keep the one there was and say why."""
    if is_stale(key):
        return
    try:
        value = read_typed(state.current(), name, str(st.session_state[key]))
    except LayerError as error:
        kept = _value(name, axis) if name != "groups" else state.current().used_groups
        st.session_state[key] = str(kept)
        state.refuse(place, f"{error} {kept:,} is kept.")
        return
    st.session_state[state.WIDE] = set()
    _put(name, axis, value)


def _split_axes(names: tuple[str, ...], key: str) -> None:
    """Give every axis its own value, the ones it had before if any, or all of them the first one's."""
    if is_stale(key):
        return
    if st.session_state[key]:
        state.split_axes(names)
    else:
        state.join_axes(names)
