"""The shelf: up to six named layers side by side. The link contains all of them."""

import dataclasses
from zlib import crc32

import streamlit as st

from calculator.comparison.shelf_rows import shelf_rows
from calculator.core.errors import LayerError
from calculator.settings import FIELD, Settings
from calculator.settings.layer import layer_part
from calculator.settings.page import SHELF_ROOM, Kept
from calculator.settings.shelf import NAME_LENGTH, fresh_name, keep, read_name, usual_name
from calculator.tables.compare import shelf_table
from calculator.ui.components.inputs import keep_previous, problem
from calculator.ui.components.markdown import escape_markdown
from calculator.ui.components.table import table
from calculator.ui.session import state
from calculator.ui.session.callbacks import callback
from calculator.ui.session.widget_keys import widget_key

NAME = "shelf.name"


def shelf_view(settings: Settings) -> None:
    """Draw the layers on the shelf, and the controls that keep, rename and remove a layer."""
    _keep_row(settings)
    if not settings.shelf:
        st.info(
            "The shelf is empty. Keep this layer, change it with the controls, then keep the changed layer "
            f"too. Up to {SHELF_ROOM} layers stand here side by side, and the link contains all of them."
        )
        return
    rows = shelf_rows(settings.shelf, settings.reference)
    reference = min(settings.reference, len(settings.shelf)) - 1
    _reference(settings, reference)
    table(
        shelf_table(rows),
        key="shelf",
        caption=f"Layers on the shelf, compared with {settings.shelf[reference].name}",
        action="as your layer",
        actions=["Use"] * len(rows),
        on_action=lambda row: state.change(**layer_part(settings.shelf[row].settings)),
        marks={reference: "best"},
    )
    for row in rows:
        if row.problem:
            st.warning(f"**{escape_markdown(row.name)}** has no output. {escape_markdown(row.problem)}")
    st.markdown("**Names**")
    for index, kept in enumerate(settings.shelf):
        _name_row(index, kept)


def _keep_row(settings: Settings) -> None:
    """Draw the box for the name of this layer, and the button that keeps the layer."""
    full = len(settings.shelf) >= SHELF_ROOM
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            "Name of this layer",
            key=NAME,
            placeholder=usual_name(settings),
            max_chars=NAME_LENGTH,
            disabled=full,
            on_change=callback(),
        )
        st.button(
            "Keep this layer", key="shelf.keep", on_click=callback(_keep), disabled=full, type="primary"
        )
    if full:
        st.caption(f"The shelf is full ({SHELF_ROOM} layers). Remove a layer to keep another.")
    problem(NAME)


def _keep() -> None:
    """Keep the current layer under the typed name; a name that cannot be used is refused beside its box."""
    try:
        kept = keep(state.current().shelf, state.current(), str(st.session_state.get(NAME, "")))
    except LayerError as error:
        state.refuse(NAME, f"{error} The layer was not kept.")
        return
    state.change(shelf=kept)
    st.session_state[NAME] = ""


def _reference(settings: Settings, reference: int) -> None:
    """Draw the choice of the layer that the other layers are compared with."""
    # The browser reports the chosen name, not its index, so changed names need a new widget.
    names = "~".join(kept.name for kept in settings.shelf)
    key = widget_key(f"reference.{crc32(names.encode())}", reference)
    st.selectbox(
        FIELD["reference"].label,
        range(len(settings.shelf)),
        reference,
        key=key,
        format_func=lambda index: settings.shelf[index].name,
        help=FIELD["reference"].help,
        on_change=callback(_choose_reference, key=key),
        args=(key,),
    )


def _choose_reference(key: str) -> None:
    """Compare with the chosen layer. Text instead of an index comes from an outdated list and is ignored."""
    chosen = st.session_state[key]
    if isinstance(chosen, int):
        state.change(reference=chosen + 1)


def _name_row(index: int, kept: Kept) -> None:
    """Draw the box that renames a layer, and the button that removes it."""
    key = widget_key(f"shelf.name.{index}", kept.name)
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"row.shelf.{index}"):
        st.text_input(
            f"Name of layer {index + 1}",
            kept.name,
            key=key,
            label_visibility="collapsed",
            max_chars=NAME_LENGTH,
            on_change=callback(_rename, key=key),
            args=(index, key),
        )
        st.button("Remove", key=f"shelf.remove.{index}", on_click=callback(_remove), args=(index,))
    problem(f"shelf.name.{index}")


def _rename(index: int, key: str) -> None:
    """Rename a layer; a name that cannot be used is refused, and the previous name stays."""
    shelf = list(state.current().shelf)
    kept = shelf[index]
    try:
        name = read_name(str(st.session_state[key]))
    except LayerError as error:
        keep_previous(f"shelf.name.{index}", key, error, kept.name)
        return
    shelf[index] = dataclasses.replace(
        kept, name=fresh_name(name, [other.name for other in shelf if other != kept])
    )
    state.change(shelf=tuple(shelf))


def _remove(index: int) -> None:
    """Remove a layer from the shelf, and keep comparing with the same layer."""
    settings = state.current()
    before = min(settings.reference, len(settings.shelf)) - 1
    shelf = settings.shelf[:index] + settings.shelf[index + 1 :]
    # The reference stays the same layer, unless that layer is removed.
    reference = before - (index < before)
    state.change(shelf=shelf, reference=max(min(reference + 1, len(shelf)), 1))
