"""The editor of a table of layers: its box, its input size, and the buttons that fill it."""

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
from calculator.ui.session.callbacks import callback
from calculator.ui.session.received_text import needs_text
from calculator.ui.session.widget_keys import widget_key

BOX = "model.box"
"""Session key of the box: the number in its widget key, the table it belongs to, its initial text."""


def box(settings: Settings) -> str:
    """Draw the box for a table or a pasted model, and return the key of the box.

    The box begins with the table of the settings. The key changes only when the table was changed elsewhere,
    so text that was typed but not read yet stays in the box.
    """
    number, layers, text = st.session_state.get(BOX, (0, None, ""))
    if layers != settings.layers:
        number, text = number + 1, settings.layers
    st.session_state[BOX] = number, settings.layers, text
    key = f"model.text.{number}"
    st.text_area(
        "Your own layers, or a pasted model" if settings.layers else "Or paste a model",
        text,
        key=key,
        height=240 if settings.layers else 120,
        placeholder="print(model), model.summary(), model.to_json() or a table of layers",
    )
    return key


def builders(settings: Settings, key: str) -> None:
    """Draw the buttons that fill the table; each of them reads the text in the box at ``key``."""
    with st.container(horizontal=True, gap="small"):
        if not settings.layers:
            st.form_submit_button(
                "Edit as a table",
                key="model.edit",
                icon=":material/edit:",
                help="Copies the network's layers into the box, one row per layer, to be changed and read.",
                on_click=callback(needs_text(_edit)),
                args=(key,),
            )
        st.form_submit_button(
            "Add the calculator's layer",
            key="model.add",
            icon=":material/add:",
            help="Adds the layer of the calculator page as the last row of your table.",
            on_click=callback(needs_text(_add)),
            args=(key,),
        )


def remember_text(text: str, table: str) -> None:
    """Remember the text of the box and its table, so that the box keeps the text as it was typed."""
    st.session_state[BOX] = st.session_state[BOX][0], table, text


def restore_text(text: str, table: str) -> None:
    """Put ``text`` into a new box beside the table of the settings."""
    st.session_state[BOX] = st.session_state[BOX][0] + 1, table, text


def instead(settings: Settings, chosen: SelectedModel) -> str:
    """Return the sentence about the replacement of an invalid table or input size."""
    if settings.layers and not chosen.own:
        return (
            f"{network(settings.network).name} is shown instead. Your table is still in the box: correct it "
            "and read it again."
        )
    size = write_value(FIELD["chain_size"], settings.chain_size)
    return f"The input size {size} is ignored."


def size_box(settings: Settings, chosen: SelectedModel) -> None:
    """Draw the box for the input size of the model, if the model can have one.

    An empty box stands for the size in the table.
    """
    if not chosen.rank:
        return
    field = FIELD["chain_size"]
    size = write_value(field, settings.chain_size)
    key = widget_key("chain_size", size)
    own = f"{format_product(chosen.size)}, as in the table"
    st.text_input(
        field.label,
        size,
        key=key,
        placeholder=own if chosen.size else f"such as {'x'.join(['64'] * chosen.rank)}",
        help=field.help,
        autocomplete="off",
        on_change=callback(_size_typed, key=key),
        args=(key, chosen.rank),
    )
    inputs.problem("chain_size")


def _size_typed(key: str, rank: int) -> None:
    """Set the typed input size of a model with ``rank`` axes, or keep the previous size and report why."""
    field, text = FIELD["chain_size"], str(st.session_state[key]).strip()
    try:
        minimum, maximum = field.minimum, field.maximum
        size = parse_spatial(text, field.label, rank=rank, minimum=minimum, maximum=maximum) if text else ()
    except LayerError as error:
        inputs.keep_previous("chain_size", key, error, write_value(field, state.current().chain_size))
        return
    state.change(chain_size=size)


def _edit(key: str) -> None:
    """Copy the table of the network into the box, unless the box contains text that would be lost."""
    if str(st.session_state[key]).strip():
        state.refuse("layers", "The box already contains text. Read it or clear it first.")
        return
    state.change(layers=tidy(network(state.current().network).table))


def _add(key: str) -> None:
    """Add the calculator's layer to the table in the box; an empty box gets a table of this layer alone."""
    settings, text = state.current(), str(st.session_state[key])
    try:
        table = add_layer(text if text.strip() else "", settings.layer())
        read_table(table)
    except (LayerError, ReadError) as error:
        state.refuse("layers", f"The layer was not added: {error}")
        return
    if not fits_link(table):
        rows = plural(len(table.splitlines()) - 1, "row")
        state.refuse("layers", f"The layer was not added: with {rows} the table is too long for a link.")
        return
    state.change(layers=table)
