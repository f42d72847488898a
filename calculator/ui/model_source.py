"""Where a whole model comes from: a built-in network, a pasted text, a file. Only the session holds it."""

import streamlit as st

from calculator.networks import NETWORKS, network
from calculator.readers import Model, ReadError
from calculator.readers.apart import read_apart
from calculator.readers.torch_json import SNIPPET
from calculator.settings import FIELD, Settings
from calculator.ui import state
from calculator.ui.echo import is_echo, shown
from calculator.ui.text import plain
from calculator.ui.unfold import unfolded

GIVEN, WAITING, PROBLEM = "model.given", "model.waiting", "model.problem"


def sources() -> None:
    """Draw what a model can come from: a built-in network, a pasted text, a file."""
    _networks()
    with st.form("model.paste", clear_on_submit=False, border=False):
        st.text_area(
            "Or paste a model",
            key="model.text",
            height=120,
            placeholder="print(model), model.summary(), model.to_json() or a table of layers",
        )
        st.form_submit_button("Read it", key="model.read", on_click=_pasted, width="stretch")
    st.file_uploader("Or open a file", key="model.file", on_change=_opened)
    st.caption(
        "A .keras, .onnx, .safetensors, .pt or .pth file, up to 5 MB; larger ones from the shell: "
        "python -m calculator model FILE. Nothing in it is run. What you paste or open is not in the "
        "link, and is neither stored nor logged."
    )
    with unfolded("Exact from a live PyTorch model", key="model.snippet") as opened:
        if opened:
            st.markdown("Run this beside `model`, and paste what it prints:")
            st.code(SNIPPET, language="python", wrap_lines=True)


def _networks() -> None:
    """Draw the list of built-in networks."""
    field, names = FIELD["network"], {one.key: one.name for one in NETWORKS}
    key = shown("network", state.settings().network)
    st.selectbox(
        field.label,
        list(names),
        key=key,
        format_func=lambda chosen: names.get(chosen, chosen),
        help=field.help,
        on_change=_picked,
        args=(key,),
    )


def _picked(key: str) -> None:
    """Show the network that was picked, in place of what was pasted or opened."""
    # The text of an option that the list no longer has arrives as it is.
    if is_echo(key) or st.session_state[key] not in FIELD["network"].choices:
        return
    for given in (GIVEN, WAITING, PROBLEM):
        st.session_state.pop(given, None)
    state.change(network=st.session_state[key])


def _pasted() -> None:
    state.touched()
    st.session_state[WAITING] = str(st.session_state["model.text"]), "pasted text"


def _opened() -> None:
    state.touched()
    uploaded = st.session_state["model.file"]
    if uploaded is not None:
        st.session_state[WAITING] = uploaded.getvalue(), str(uploaded.name)


def given(held: Settings) -> Model:
    """Return the model to show: the one that was pasted or opened last, else the built-in network."""
    waiting = st.session_state.get(WAITING)
    if waiting is not None:
        data, name = waiting
        try:
            with st.spinner(f"Reading {plain(name)} …", show_time=True):
                st.session_state[GIVEN] = read_apart(data, name=name)
            st.session_state[PROBLEM] = ""
        except ReadError as error:
            st.session_state[PROBLEM] = str(error)
        st.session_state[WAITING] = None
    model: Model | None = st.session_state.get(GIVEN)
    return network(held.network).model() if model is None else model


def is_given() -> bool:
    """Return whether the model shown was pasted or opened."""
    return st.session_state.get(GIVEN) is not None


def problem() -> None:
    """Say why what was given last could not be read; the model before it stays."""
    sentence = st.session_state.get(PROBLEM)
    if sentence:
        st.error(f"{plain(sentence)} The model shown is the one before it.")
