"""Where a whole model comes from: a built-in network, a table of one's own, a pasted text, a file.

The first two are settings, and in the link. What is pasted or opened only the session holds.
"""

import streamlit as st

from calculator.networks.builtin import NETWORKS, network
from calculator.networks.selection import SelectedModel, selected_model
from calculator.readers import Model, ReadError
from calculator.readers.isolation import read_in_subprocess
from calculator.readers.layer_table import table
from calculator.readers.layer_table.link_form import MAX_LINKED, fits_link, tidy
from calculator.readers.pytorch.snippet import SNIPPET
from calculator.settings import FIELD, Settings
from calculator.ui.components import inputs
from calculator.ui.components.expander import lazy_expander
from calculator.ui.components.markdown import escape_markdown
from calculator.ui.model import table_editor
from calculator.ui.session import state
from calculator.ui.session.widget_keys import is_stale, widget_key

MAX_TYPED = 4 * MAX_LINKED
"""Characters of a table that can be short enough for a link once it is tidy."""

GIVEN, BESIDE, WAITING, PROBLEM = "model.given", "model.beside", "model.waiting", "model.problem"


def sources(held: Settings) -> None:
    """Draw what a model can come from: a built-in network, a table, a pasted text, a file."""
    _networks(held)
    if is_given():
        _back(held)
    else:
        table_editor.size_box(held, chosen(held))
    with st.form("model.paste", clear_on_submit=False, border=False):
        key = table_editor.box(held)
        st.form_submit_button("Read it", key="model.read", on_click=_pasted, args=(key,), width="stretch")
        if not is_given():
            table_editor.builders(held, key)
    inputs.problem("layers")
    st.file_uploader("Or open a file", key="model.file", on_change=_opened)
    st.caption(
        "A .keras, .onnx, .safetensors, .pt or .pth file, up to 5 MB; larger ones from the shell: "
        "python -m calculator model FILE. Nothing in it is run. A network or a table of layers is in the "
        "link; any other model that you paste or open is not, and is neither stored nor logged."
    )
    with lazy_expander("Exact from a live PyTorch model", key="model.snippet") as opened:
        if opened:
            st.markdown("Run this beside `model`, and paste what it prints:")
            st.code(SNIPPET, language="python", wrap_lines=True)


def _networks(held: Settings) -> None:
    """Draw the list of built-in networks; above it what is shown in place of one."""
    field, names = FIELD["network"], {one.key: one.name for one in NETWORKS}
    instead = is_given() or chosen(held).own
    key = widget_key("network", None if instead else held.network)
    st.selectbox(
        field.label,
        list(names),
        key=key,
        index=None if instead else list(names).index(held.network),
        placeholder="Choose one to see it instead",
        format_func=lambda chosen: names.get(chosen, chosen),
        help=field.help,
        on_change=_picked,
        args=(key,),
    )


def _back(held: Settings) -> None:
    """Draw the way back from what was pasted or opened to what the link holds."""
    there = "your own layers" if held.layers else network(held.network).name
    st.button(
        f"Back to {escape_markdown(there)}", key="model.back", icon=":material/undo:", on_click=_returned
    )
    st.caption("The link holds these; what is shown is in no link.")


def _returned() -> None:
    _drop()
    state.touched()


def _picked(key: str) -> None:
    """Show the network that was picked, in place of what was pasted, opened or typed."""
    # The text of an option that the list no longer has arrives as it is.
    if is_stale(key) or st.session_state[key] not in FIELD["network"].choices:
        return
    _drop()
    state.change(network=st.session_state[key], layers="", chain_size=())


def _drop() -> None:
    for given in (GIVEN, WAITING, PROBLEM):
        st.session_state.pop(given, None)


def _pasted(key: str) -> None:
    """Take what stands in the box: a table of layers as a setting, any other model for this session."""
    state.touched()
    text = str(st.session_state[key])
    table_editor.typed(text, state.current().layers)
    # A longer table fits into no link; it is read apart, as everything is that may take long.
    if len(text) <= MAX_TYPED and table.recognises(text):
        try:
            tidied = tidy(text)
            table.read_table(text)
        except ReadError as error:
            st.session_state[PROBLEM] = str(error)
            return
        if fits_link(tidied):
            _drop()
            table_editor.typed(text, tidied)
            # The size belongs to the model it was typed for.
            size = state.current().chain_size if state.current().layers else ()
            state.change(layers=tidied, chain_size=size)
            return
    st.session_state[WAITING] = text, "pasted text"


def _opened() -> None:
    state.touched()
    uploaded = st.session_state["model.file"]
    if uploaded is not None:
        st.session_state[WAITING] = uploaded.getvalue(), str(uploaded.name)


def chosen(held: Settings) -> SelectedModel:
    """Return the model that the settings choose."""
    return selected_model(held.network, held.layers, held.chain_size)


def given(held: Settings) -> Model:
    """Return the model to show: the one that was pasted or opened last, else the one that is set."""
    beside = held.network, held.layers
    if st.session_state.get(BESIDE, beside) != beside:
        _drop()  # a link, or Back, has chosen another one since
    waiting = st.session_state.get(WAITING)
    if waiting is not None:
        data, name = waiting
        try:
            with st.spinner(f"Reading {escape_markdown(name)} …", show_time=True):
                st.session_state[GIVEN] = read_in_subprocess(data, name=name)
            st.session_state[PROBLEM] = ""
        except ReadError as error:
            st.session_state[PROBLEM] = str(error)
        st.session_state[WAITING] = None
    st.session_state[BESIDE] = beside
    model: Model | None = st.session_state.get(GIVEN)
    return chosen(held).model if model is None else model


def is_given() -> bool:
    """Return whether the model shown was pasted or opened."""
    return st.session_state.get(GIVEN) is not None


def problem(held: Settings) -> None:
    """Say why what was given last could not be read; the model before it stays."""
    sentence = st.session_state.get(PROBLEM)
    if sentence:
        st.error(f"{escape_markdown(sentence)} The model shown is the one before it.")
    if not is_given() and (refused := chosen(held).problem):
        st.error(f"{escape_markdown(refused)} {table_editor.instead(held, chosen(held))}")
