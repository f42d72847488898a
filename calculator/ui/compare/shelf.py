"""The shelf: up to six layers with names, side by side; the link holds them all."""

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
from calculator.ui.components.inputs import problem
from calculator.ui.components.markdown import escape_markdown
from calculator.ui.components.table import table
from calculator.ui.session import state
from calculator.ui.session.widget_keys import is_stale, widget_key

NAME = "shelf.name"


def shelf_view(held: Settings) -> None:
    """Draw what is kept, and the way to keep this layer."""
    _keep_row(held)
    if not held.shelf:
        st.info(
            "Nothing is kept yet. Keep this layer, change it with the controls, keep that one too: up to "
            "six stand side by side here, and the link carries them all."
        )
        return
    rows = shelf_rows(held.shelf, held.reference)
    reference = min(held.reference, len(held.shelf)) - 1
    _reference(held, reference)
    table(
        shelf_table(rows),
        key="shelf",
        caption=f"Layers on the shelf, compared with {held.shelf[reference].name}",
        action="as your layer",
        actions=["Use"] * len(rows),
        on_action=lambda row: state.change(**layer_part(held.shelf[row].settings)),
        marks={reference: "best"},
    )
    for row in rows:
        if row.problem:
            st.warning(f"**{escape_markdown(row.name)}** has no output. {escape_markdown(row.problem)}")
    st.markdown("**Names**")
    for place, kept in enumerate(held.shelf):
        _name_row(place, kept)


def _keep_row(held: Settings) -> None:
    """Draw the name to keep this layer under, and the button that does."""
    full = len(held.shelf) >= SHELF_ROOM
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            "Name of this layer",
            key=NAME,
            placeholder=usual_name(held),
            max_chars=NAME_LENGTH,
            disabled=full,
            on_change=state.touched,
        )
        st.button("Keep this layer", key="shelf.keep", on_click=_keep, disabled=full, type="primary")
    if full:
        st.caption("Six are kept; remove one to keep another.")
    problem(NAME)


def _keep() -> None:
    try:
        kept = keep(state.current().shelf, state.current(), str(st.session_state.get(NAME, "")))
    except LayerError as error:
        state.refuse(NAME, f"{error} Nothing was kept.")
        return
    state.change(shelf=kept)
    st.session_state[NAME] = ""


def _reference(held: Settings, reference: int) -> None:
    """Draw the choice of the layer that the others are compared with."""
    # The browser holds the text of the choice, so other names need another widget.
    names = "~".join(kept.name for kept in held.shelf)
    key = widget_key(f"reference.{crc32(names.encode())}", reference)
    st.selectbox(
        FIELD["reference"].label,
        range(len(held.shelf)),
        reference,
        key=key,
        format_func=lambda place: held.shelf[place].name,
        help=FIELD["reference"].help,
        on_change=_refer,
        args=(key,),
    )


def _refer(key: str) -> None:
    chosen = st.session_state[key]
    if is_stale(key) or not isinstance(chosen, int):
        state.touched()
        return
    state.change(reference=chosen + 1)


def _name_row(place: int, kept: Kept) -> None:
    key = widget_key(f"shelf.name.{place}", kept.name)
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"row.shelf.{place}"):
        st.text_input(
            f"Name of layer {place + 1}",
            kept.name,
            key=key,
            label_visibility="collapsed",
            max_chars=NAME_LENGTH,
            on_change=_rename,
            args=(place, key),
        )
        st.button("Remove", key=f"shelf.remove.{place}", on_click=_remove, args=(place,))
    problem(f"shelf.name.{place}")


def _rename(place: int, key: str) -> None:
    if is_stale(key):
        return
    shelf = list(state.current().shelf)
    kept = shelf[place]
    try:
        name = read_name(str(st.session_state[key]))
    except LayerError as error:
        st.session_state[key] = kept.name
        state.refuse(f"shelf.name.{place}", f"{error} {kept.name} is kept.")
        return
    shelf[place] = dataclasses.replace(
        kept, name=fresh_name(name, [one.name for one in shelf if one != kept])
    )
    state.change(shelf=tuple(shelf))


def _remove(place: int) -> None:
    held = state.current()
    before = min(held.reference, len(held.shelf)) - 1
    shelf = held.shelf[:place] + held.shelf[place + 1 :]
    # The layer compared with stays the same one, unless it is the one that goes.
    reference = before - (place < before)
    state.change(shelf=shelf, reference=max(min(reference + 1, len(shelf)), 1))
