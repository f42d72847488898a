"""Inputs for every setting: a whole number has a slider to explore and a box for an exact value.

Slider, box and link show one value, which ``state.current()`` returns. None of them stores its own value.
The stylesheet (``shell/style.py``) places a box beside its slider: a container for each pair would be one
more element that the browser draws again after every press.
"""

from typing import Literal

import streamlit as st

from calculator.core.errors import LayerError
from calculator.core.formatting import axis_names
from calculator.settings import FIELD, Field
from calculator.settings.fields import Value
from calculator.settings.link import groups_notice, read_typed
from calculator.settings.values import read_value
from calculator.ui.components.markdown import escape_markdown, isolated
from calculator.ui.session import state
from calculator.ui.session.callbacks import callback
from calculator.ui.session.viewport import is_projected
from calculator.ui.session.widget_keys import widget_key

BOX_WIDTH = 92

USUAL_GROUPS = 8
"""The groups of the example where the channels allow none."""

REFUSED_GROUPS = "groups.refused"
"""The key of the last number of groups that was typed and refused."""


def whole_number(name: str, axis: int | None = None) -> None:
    """Draw slider and box of a whole number; ``axis`` is the index in a value per axis."""
    field = FIELD[name]
    key = name if axis is None else f"{name}.{axis}"
    value = _value(name, axis)
    label = field.label if axis is None else f"{field.label}, {axis_names(state.current().dimensions)[axis]}"
    _slider(field, key, label, value, axis)
    _box(name, axis, key, label, value)
    problem(key)


def exact(name: str) -> None:
    """Draw only the box of a whole number, for a setting whose range is too wide for a slider."""
    field = FIELD[name]
    _box(name, None, name, field.label, _value(name, None), visible=True)
    problem(name)


def _box(name: str, axis: int | None, key: str, label: str, value: int, *, visible: bool = False) -> None:
    """Draw the box for an exact value. The box accepts any text; invalid text is explained in a sentence.

    Beside a slider the label is hidden, because the slider shows it.
    """
    widget = widget_key(f"{key}.{'number' if visible else 'exact'}", str(value))
    st.text_input(
        label if visible else f"{label}, exact value",
        str(value),
        key=widget,
        label_visibility="visible" if visible else "collapsed",
        type="phone",  # A phone then shows the keypad of digits.
        icon="",
        placeholder="",
        validate="",
        autocomplete="off",
        width=2 * BOX_WIDTH if visible else BOX_WIDTH,
        on_change=callback(_typed, key=widget),
        args=(name, axis, key, widget),
    )


def _slider(field: Field, key: str, label: str, value: int, axis: int | None) -> None:
    """Draw the slider. Its range is doubled until the value lies within it."""
    ends = state.slider_ends()
    # Once extended, the range stays, also when the value becomes small again.
    doublings = (max(value - 1, 0) // field.slider_maximum).bit_length()
    ends[key] = max(ends.get(key, 0), min(field.slider_maximum << doublings, field.maximum))
    widget = widget_key(f"{key}.slider", value)
    st.slider(
        label,
        field.minimum,
        ends[key],
        value,
        key=widget,
        help=field.help,
        on_change=callback(_slid, key=widget),
        args=(field.name, axis, widget),
    )


def spatial(name: str, *, together: tuple[str, ...] = ()) -> None:
    """Draw one row for all axes, or one row per axis; in the presenter's view all axes share one row.

    Where one of the settings ``together`` has a value per axis, as in a link, this one is drawn per axis too,
    because one switch is for all of them.
    """
    axes = max(len(getattr(state.current(), each)) for each in (name, *together))
    if axes > 1 and is_projected():
        _boxes(name, axes)
        return
    for axis in range(axes):
        whole_number(name, axis if axes > 1 else None)


def _boxes(name: str, axes: int) -> None:
    """Draw a box for the value on each axis, all in one row; without sliders, which have no room there."""
    label, names = FIELD[name].label, axis_names(state.current().dimensions)
    with st.container(key=f"boxes.{name}", horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"{label} :gray[:small[{' × '.join(names)}]]", width="content")
        for axis in range(axes):
            _box(name, axis, f"{name}.{axis}", f"{label}, {names[axis]}", _value(name, axis))
    for axis in range(axes):
        problem(f"{name}.{axis}")


def per_axis(label: str, names: tuple[str, ...]) -> None:
    """Draw the switch between one value for all axes and one per axis, for the settings ``names``."""
    settings = state.current()
    if settings.dimensions == 1:
        return
    split = any(len(getattr(settings, name)) > 1 for name in names)
    key = widget_key(f"per_axis.{names[0]}", split)
    st.toggle(label, split, key=key, on_change=callback(_split_axes, key=key), args=(names, key))


def groups() -> None:
    """Draw the groups: a slider over those that divide both channel counts, and a box."""
    settings = state.current()
    offered = settings.offered_groups
    field = FIELD["groups"]
    help_text = field.help if len(offered) > 1 else f"{field.help} {isolated(_channels_text(USUAL_GROUPS))}"
    widget = widget_key("groups.slider", settings.used_groups)
    st.select_slider(
        field.label,
        offered,
        settings.used_groups,
        key=widget,
        help=help_text,
        on_change=callback(_slid, key=widget),
        args=("groups", None, widget),
    )
    _box("groups", None, "groups", field.label, settings.used_groups)
    if settings.used_groups != settings.groups:
        st.warning(escape_markdown(f"{groups_notice(settings)} {_channels_text(settings.groups)}"))
        st.button(
            f"Use {settings.used_groups:,}",
            key="groups.use",
            on_click=callback(_put),
            args=("groups", None, settings.used_groups),
        )
        _offer_channels(settings.groups)
    problem("groups")
    if state.problem("groups") and (refused := st.session_state.get(REFUSED_GROUPS)):
        _offer_channels(refused)


def _channels_text(groups: int) -> str:
    """Return the sentence with the nearest channels that can have that many groups."""
    inputs, outputs = state.current().channels_with(groups)
    return f"{inputs:,} → {outputs:,} can have {groups:,} groups."


def _offer_channels(groups: int) -> None:
    """Draw the button that sets the nearest channels that can have that many groups, and the groups."""
    inputs, outputs = state.current().channels_with(groups)
    st.button(
        isolated(f"Use {inputs:,} → {outputs:,} with {groups:,} groups"),
        key="groups.channels",
        on_click=callback(_put_channels),
        args=(inputs, outputs, groups),
    )


def _put_channels(inputs: int, outputs: int, groups: int) -> None:
    state.change(in_channels=inputs, out_channels=outputs, groups=groups)


def choice(
    name: str,
    *,
    label_visibility: Literal["visible", "collapsed"] = "visible",
    wrap: bool | None = None,
) -> None:
    """Draw a setting with a few values to choose from; without ``wrap`` the row scrolls sideways."""
    field, value = FIELD[name], getattr(state.current(), name)
    widget = widget_key(name, value)
    st.segmented_control(
        field.label,
        field.choices,
        default=value,
        key=widget,
        format_func=field.name_of,
        required=True,
        label_visibility=label_visibility,
        help=field.help if label_visibility == "visible" else None,
        wrap=wrap,
        on_change=callback(_chosen, key=widget),
        args=(name, widget),
    )


def choices(name: str) -> None:
    """Draw a setting with one or a few chosen values. If too many are chosen, the first are dropped."""
    field, value = FIELD[name], list(getattr(state.current(), name))
    widget = widget_key(name, value)
    st.pills(
        field.label,
        field.choices,
        selection_mode="multi",
        default=value,
        key=widget,
        format_func=field.name_of,
        help=field.help,
        on_change=callback(_chosen_several, key=widget),
        args=(name, widget),
    )


def switch(name: str) -> None:
    """Draw a setting that is on or off."""
    field, value = FIELD[name], getattr(state.current(), name)
    widget = widget_key(name, value)
    st.toggle(
        field.label,
        value,
        key=widget,
        help=field.help,
        on_change=callback(_chosen, key=widget),
        args=(name, widget),
    )


def problem(key: str) -> None:
    """Draw the reason why the last value typed at ``key`` is invalid, if there is one."""
    if sentence := state.problem(key):
        st.error(escape_markdown(sentence))


def keep_previous(
    place: str, key: str, error: LayerError, previous: str, *, empty: str = "Nothing is changed."
) -> None:
    """Refuse the text in the box ``key`` at ``place``, and put the ``previous`` text back into the box.

    The sentence on the page is that of ``error``, and what is kept; ``empty`` says it of an empty text.
    """
    st.session_state[key] = previous
    state.refuse(place, f"{error} {f'{previous} is kept.' if previous else empty}")


def _value(name: str, axis: int | None) -> int:
    value = getattr(state.current(), name)
    return int(state.current().spatial(name)[axis or 0]) if isinstance(value, tuple) else int(value)


def _put(name: str, axis: int | None, value: Value) -> None:
    """Change a setting, or its value on one axis when ``value`` is a single number for that axis."""
    if axis is not None and isinstance(value, tuple) and len(value) == 1:
        previous = state.current().spatial(name)
        value = (*previous[:axis], *value, *previous[axis + 1 :])
    state.change(**{name: value})


def _slid(name: str, axis: int | None, key: str) -> None:
    value = st.session_state[key]
    _put(name, axis, (value,) if FIELD[name].kind == "spatial" else value)


def _chosen(name: str, key: str) -> None:
    if name == "dimensions":
        state.change_dimensions(st.session_state[key])
    else:
        state.change(**{name: st.session_state[key]})


def _chosen_several(name: str, key: str) -> None:
    """Take the chosen values in the order in which they were chosen; without any, the default."""
    field, previous = FIELD[name], getattr(state.current(), name)
    chosen = list(st.session_state[key])
    kept = [choice for choice in previous if choice in chosen]
    added = [choice for choice in chosen if choice not in previous]
    state.change(**{name: tuple([*kept, *added][-field.maximum :]) or field.default})


def _typed(name: str, axis: int | None, problem_key: str, key: str) -> None:
    """Take an exact value, or keep the previous one and report why."""
    try:
        value = read_typed(state.current(), name, str(st.session_state[key]))
    except LayerError as error:
        kept = _value(name, axis) if name != "groups" else state.current().used_groups
        sentence = f"{error} {kept:,} is kept."
        if name == "groups":
            refused = _number_or_none(str(st.session_state[key]))
            st.session_state[REFUSED_GROUPS] = refused
            sentence += f" {_channels_text(refused)}" if refused else ""
        st.session_state[key] = str(kept)
        state.refuse(problem_key, sentence)
        return
    # After a typed value, only the sliders that need an extended range keep one.
    state.forget_slider_ends()
    _put(name, axis, value)


def _number_or_none(text: str) -> int | None:
    """Return a number of groups that some channels could have, or ``None`` for other text."""
    try:
        return int(str(read_value(FIELD["groups"], text, 1)))
    except LayerError:
        return None


def _split_axes(names: tuple[str, ...], key: str) -> None:
    """Switch between one value per axis (restoring earlier values) and one value for all axes (the first)."""
    if st.session_state[key]:
        state.split_axes(names)
    else:
        state.join_axes(names)
