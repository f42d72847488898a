"""A table of layers typed by hand: the box it is typed in, what enters it, and layers put into it."""

import streamlit as st

from calculator.checks import LayerError
from calculator.chosen_model import Chosen
from calculator.derivation import part_text, product
from calculator.networks import network
from calculator.readers.chain_link import add_layer, fits_link, tidy
from calculator.readers.model import ReadError
from calculator.settings import FIELD, Settings
from calculator.ui import inputs, state
from calculator.ui.echo import is_echo, shown
from calculator.values import read_value, write_value

BOX = "model.box"
"""What the box holds: the number in its key, the table it belongs to, the text it begins with."""


def controls(held: Settings, chosen: Chosen) -> None:
    """Draw the size that enters the model, and the ways to a table of one's own."""
    if chosen.rank:
        _size(held, chosen)
    with st.container(horizontal=True, gap="small"):
        if not held.layers:
            st.button(
                "Edit as a table",
                key="model.edit",
                icon=":material/edit:",
                help="Puts its layers into the box below, a row a layer: change them, and read it again.",
                on_click=_edit,
            )
        st.button(
            "Add the calculator's layer",
            key="model.add",
            icon=":material/add:",
            help="Adds the layer set on the calculator to your own table, as its last row.",
            on_click=_add,
        )
    inputs.problem("layers")


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


def typed(text: str, table: str) -> None:
    """Note what was read from the box, and the table that is set now: both stay as they are."""
    st.session_state[BOX] = st.session_state[BOX][0], table, text


def instead(held: Settings, chosen: Chosen) -> str:
    """Return what is shown where a table or an input size cannot be used."""
    if held.layers and not chosen.own:
        return f"Shown is {network(held.network).name} instead; the table is in the box, to be mended."
    return "Shown are the sizes without it."


def _size(held: Settings, chosen: Chosen) -> None:
    """Draw the box for the size that enters the model; empty it is the table's own."""
    field = FIELD["chain_size"]
    own = chosen.model.rows[0].input_size if not held.chain_size else None
    key = shown("chain_size", write_value(field, held.chain_size))
    st.text_input(
        field.label,
        key=key,
        placeholder=f"{product(own)}, as in the table" if own else "64x64",
        help=field.help,
        autocomplete="off",
        on_change=_sized,
        args=(key,),
    )
    inputs.problem("chain_size")


def _sized(key: str) -> None:
    if is_echo(key):
        return
    field, text = FIELD["chain_size"], str(st.session_state[key])
    try:
        size = read_value(field, text.strip(), 0)
    except LayerError as error:
        kept = write_value(field, state.settings().chain_size)
        st.session_state[key] = kept
        state.refuse("chain_size", f"{error} {kept or 'What the table says'} is kept.")
        return
    state.change(chain_size=size)


def _edit() -> None:
    """Make the network's table one's own, to be changed."""
    state.change(layers=tidy(network(state.settings().network).table))


def _add() -> None:
    """Add the calculator's layer to the table, or begin one with it."""
    held = state.settings()
    try:
        table = add_layer(held.layers, held.layer())
    except (LayerError, ReadError) as error:
        state.refuse("layers", f"The layer was not added: {error}")
        return
    if not fits_link(table):
        rows = part_text(len(table.splitlines()) - 1, "rows")
        state.refuse("layers", f"The layer was not added: with {rows} the table is too long for a link.")
        return
    state.change(layers=table)
