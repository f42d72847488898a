"""A table of layers typed by hand: the box it is typed in, what enters it, and layers put into it."""

import streamlit as st

from calculator.core.errors import LayerError
from calculator.core.formatting import format_product, plural
from calculator.core.parsing import parse_spatial
from calculator.networks.builtin import network
from calculator.networks.selection import SelectedModel
from calculator.readers.layer_table.link_form import add_layer, fits_link, tidy
from calculator.readers.layer_table.table import read_table
from calculator.readers.model import ReadError
from calculator.settings import FIELD, Settings
from calculator.settings.values import write_value
from calculator.ui.components import inputs
from calculator.ui.session import state
from calculator.ui.session.widget_keys import is_stale, widget_key

BOX = "model.box"
"""What the box holds: the number in its key, the table it belongs to, the text it begins with."""


def box(held: Settings) -> str:
    """Draw the box for a table or any other text, and return its key. A table that is set stands in it.

    Its key is new only when the table changed elsewhere: text that was typed and not read yet stays.
    """
    number, layers, text = st.session_state.get(BOX, (0, None, ""))
    if layers != held.layers:
        number, text = number + 1, held.layers
    st.session_state[BOX] = number, held.layers, text
    key = f"model.text.{number}"
    st.text_area(
        "Your own layers, or a pasted model" if held.layers else "Or paste a model",
        text,
        key=key,
        height=240 if held.layers else 120,
        placeholder="print(model), model.summary(), model.to_json() or a table of layers",
    )
    return key


def builders(held: Settings, key: str) -> None:
    """Draw the ways to a table of one's own; they are told what stands in the box at ``key``."""
    with st.container(horizontal=True, gap="small"):
        if not held.layers:
            st.form_submit_button(
                "Edit as a table",
                key="model.edit",
                icon=":material/edit:",
                help="Puts the network's layers into the box, a row a layer: change them, and read it.",
                on_click=_edit,
                args=(key,),
            )
        st.form_submit_button(
            "Add the calculator's layer",
            key="model.add",
            icon=":material/add:",
            help="Adds the layer set on the calculator to your own table, as its last row.",
            on_click=_add,
            args=(key,),
        )


def typed(text: str, table: str) -> None:
    """Note what was read from the box, and the table that is set now: both stay as they are."""
    st.session_state[BOX] = st.session_state[BOX][0], table, text


def instead(held: Settings, chosen: SelectedModel) -> str:
    """Return what is shown where a table or an input size cannot be used."""
    if held.layers and not chosen.own:
        return f"Shown is {network(held.network).name} instead; the table is in the box, to be mended."
    size = write_value(FIELD["chain_size"], held.chain_size)
    return f"The input size {size} is left out."


def size_box(held: Settings, chosen: SelectedModel) -> None:
    """Draw the box for the size that enters the model, where one can; empty it is the table's own."""
    if not chosen.rank:
        return
    field = FIELD["chain_size"]
    size = write_value(field, held.chain_size)
    key = widget_key("chain_size", size)
    own = f"{format_product(chosen.size)}, as in the table"
    st.text_input(
        field.label,
        size,
        key=key,
        placeholder=own if chosen.size else f"such as {'x'.join(['64'] * chosen.rank)}",
        help=field.help,
        autocomplete="off",
        on_change=_sized,
        args=(key, chosen.rank),
    )
    inputs.problem("chain_size")


def _sized(key: str, rank: int) -> None:
    """Take the size that was typed for a model of ``rank`` axes, or keep the one there was and say why."""
    if is_stale(key):
        return
    field, text = FIELD["chain_size"], str(st.session_state[key]).strip()
    try:
        minimum, maximum = field.minimum, field.maximum
        size = parse_spatial(text, field.label, rank=rank, minimum=minimum, maximum=maximum) if text else ()
    except LayerError as error:
        kept = write_value(field, state.current().chain_size)
        st.session_state[key] = kept
        state.refuse("chain_size", f"{error} {kept or 'Nothing'} is {'kept' if kept else 'changed'}.")
        return
    state.change(chain_size=size)


def _edit(key: str) -> None:
    """Make the network's table one's own, to be changed; what already stands in the box is not lost."""
    if str(st.session_state[key]).strip():
        state.refuse("layers", "The box holds a text already. Read it, or clear it, first.")
        return
    state.change(layers=tidy(network(state.current().network).table))


def _add(key: str) -> None:
    """Add the calculator's layer to the table in the box, or begin one with it."""
    held, text = state.current(), str(st.session_state[key])
    try:
        table = add_layer(text if text.strip() else "", held.layer())
        read_table(table)
    except (LayerError, ReadError) as error:
        state.refuse("layers", f"The layer was not added: {error}")
        return
    if not fits_link(table):
        rows = plural(len(table.splitlines()) - 1, "row")
        state.refuse("layers", f"The layer was not added: with {rows} the table is too long for a link.")
        return
    state.change(layers=table)
