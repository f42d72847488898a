"""The sources of a whole model: a built-in network, the visitor's own table, a pasted text or a file.

The network and the table are settings and part of the link. A pasted or opened model exists only in the
session.
"""

import streamlit as st
from streamlit.runtime.uploaded_file_manager import DeletedFile

from calculator.core.formatting import format_count
from calculator.networks.builtin import NETWORKS, network
from calculator.networks.selection import SelectedModel, selected_model
from calculator.readers import Model, ReadError
from calculator.readers.isolation import read_in_subprocess
from calculator.readers.layer_table import table
from calculator.readers.layer_table.link_form import MAX_LINKED, fits_link, tidy
from calculator.readers.pytorch.snippet import SNIPPET
from calculator.readers.readable import readable_lines
from calculator.settings import FIELD, Settings
from calculator.ui.browser.large_file import large_file
from calculator.ui.browser.text_limit import text_limit
from calculator.ui.components import inputs
from calculator.ui.components.downloads import MODEL_COMMAND
from calculator.ui.components.expander import lazy_expander
from calculator.ui.components.markdown import escape_markdown
from calculator.ui.model import chain, kept, table_editor
from calculator.ui.model.chain import BESIDE, GIVEN
from calculator.ui.session import models, state
from calculator.ui.session.callbacks import callback
from calculator.ui.session.received_text import needs_text
from calculator.ui.session.widget_keys import widget_key

MAX_TYPED = 4 * MAX_LINKED
"""Characters of a typed table. A longer table cannot become short enough for a link by tidying."""

WAITING, PROBLEM, READER = "model.waiting", "model.problem", "model.reader"
"""Session keys: data that is not read yet, the last problem, and the object that identifies the session."""


MAX_UPLOAD = 5
"""The maximum size of an opened file in MB, as ``.streamlit/config.toml`` sets it."""

MAX_PASTED = 2_000_000
"""Characters of a pasted text. The browser sends the text with every press, as up to three bytes a character,
and ``server.maxWidgetStateSize`` limits that message."""


def paste_form(settings: Settings) -> None:
    """Draw the box for a table or a pasted model, with its buttons, and the input size of a pasted model."""
    model = _given()
    with st.form("model.paste", clear_on_submit=False, border=False):
        key = table_editor.box(settings)
        text_limit(key, key="model.limit", command=MODEL_COMMAND, maximum=MAX_PASTED)
        st.form_submit_button(
            "Read it",
            key="model.read",
            on_click=callback(needs_text(_text_pasted)),
            args=(key,),
            width="stretch",
        )
        if model is not None:
            chain.edit_button(model, key)
        else:
            table_editor.builders(settings, key)
    inputs.problem("layers")
    if model is not None:
        chain.controls(model)
    else:
        chain.undo_button(settings)
    kept.keep(settings, key)


def network_list(settings: Settings) -> None:
    """Draw the list of built-in networks, and the way back from a model that is not in the link."""
    _networks(settings)
    if (model := _given()) is not None:
        _back(settings, model)
    else:
        table_editor.size_box(settings, chosen(settings))


def file_opener() -> None:
    """Draw the control that opens a file, and the code that prints exact counts."""
    st.file_uploader(
        f"Or open a file of up to {MAX_UPLOAD} MB", key="model.file", on_change=callback(_file_opened)
    )
    large_file("model.file", key="model.large", command=MODEL_COMMAND, maximum=MAX_UPLOAD << 20)
    st.caption(
        f"Read a larger file in the shell: {MODEL_COMMAND} FILE. Nothing in a file is run. The link contains "
        "a network or a table of layers. It does not contain any other model that you paste or open; the "
        "server neither stores nor logs such a model. Your browser keeps the text in the box until you close "
        "this tab."
    )
    with lazy_expander("What can be read, and how exact it is", key="model.readable") as opened:
        if opened:
            st.markdown(readable_lines())
    with lazy_expander("Exact counts from a PyTorch model in memory", key="model.snippet") as opened:
        if opened:
            st.markdown("Run this code where your `model` is defined, and paste its output into the box:")
            st.code(SNIPPET, language="python", wrap_lines=True)


def _networks(settings: Settings) -> None:
    """Draw the list of built-in networks; no network is selected while another model is shown."""
    field, names = FIELD["network"], {item.key: item.name for item in NETWORKS}
    other_shown = is_given() or chosen(settings).own
    key = widget_key("network", None if other_shown else settings.network)
    st.selectbox(
        field.label,
        list(names),
        key=key,
        index=None if other_shown else list(names).index(settings.network),
        placeholder="Choose a network to show it instead",
        format_func=lambda name: names.get(name, name),
        help=field.help,
        on_change=callback(_network_chosen, key=key),
        args=(key,),
    )


def _back(settings: Settings, model: Model) -> None:
    """Draw the button that returns to the model in the link, which does not contain ``model``."""
    linked = "your own layers" if settings.layers else network(settings.network).name
    st.button(
        f"Back to {escape_markdown(linked)}",
        key="model.back",
        icon=":material/undo:",
        on_click=callback(_drop),
    )
    reason = f": the link contains only a pasted table of at most {format_count(MAX_LINKED)} characters"
    st.caption(
        f"The model shown is not part of the link{reason if model.format == table.TABLE else ''}. Go back to "
        "use a model that is."
    )


def _network_chosen(key: str) -> None:
    """Show the chosen network in place of the pasted, opened or typed model."""
    # Streamlit delivers an option that is not in the list as plain text.
    if st.session_state[key] in FIELD["network"].choices:
        _drop()
        chain.forget_edit()
        state.change(network=st.session_state[key], layers="", chain_size=())


def _drop() -> None:
    """Forget the pasted or opened model."""
    for key in (GIVEN, WAITING, PROBLEM):
        st.session_state.pop(key, None)
    chain.forget_sizes()
    kept.forget_lost()


def _text_pasted(key: str) -> None:
    """Take the text in the box: a table of layers becomes a setting, any other model is read."""
    text = str(st.session_state[key])
    if len(text) > MAX_PASTED:  # The browser refuses such a text before it is sent.
        received, maximum = format_count(len(text)), format_count(MAX_PASTED)
        st.session_state[PROBLEM] = (
            f"The text has {received} characters, and the box takes at most {maximum}. Save the text in a "
            f"file and run: {MODEL_COMMAND} FILE."
        )
        return
    table_editor.remember_text(text, state.current().layers)
    # A longer table does not fit in a link. Like every text that may take long, it is read in a subprocess.
    if len(text) <= MAX_TYPED and table.recognises(text):
        try:
            tidied = tidy(text)
            table.read_table(text)
        except ReadError as error:
            st.session_state[PROBLEM] = str(error)
            return
        if fits_link(tidied):
            _drop()
            table_editor.remember_text(text, tidied)
            # An input size belongs to the model for which it was typed.
            size = state.current().chain_size if state.current().layers else ()
            state.change(layers=tidied, chain_size=size)
            return
    st.session_state[WAITING] = text, "pasted text"


def _file_opened() -> None:
    """Take the opened file as the next model to read."""
    uploaded = st.session_state["model.file"]
    # A server that was restarted no longer has the file that the browser names.
    if uploaded is not None and not isinstance(uploaded, DeletedFile):
        st.session_state[WAITING] = uploaded.getvalue(), str(uploaded.name)


def chosen(settings: Settings) -> SelectedModel:
    """Return the model that the settings choose."""
    return selected_model(settings.network, settings.layers, settings.chain_size)


def read_waiting(settings: Settings) -> None:
    """Read the model that was pasted or opened last and not read yet; drop a model that the link replaced.

    The page calls this function, because a callback cannot show a spinner while a model is read.
    """
    selection = settings.network, settings.layers
    if st.session_state.get(BESIDE, selection) != selection:
        _drop()  # A link, or Back, has chosen another model since.
    st.session_state[BESIDE] = selection
    waiting = st.session_state.get(WAITING)
    if waiting is None:
        return
    data, name = waiting
    try:
        with st.spinner(f"Reading {escape_markdown(name)} …", show_time=True):
            models.keep_model(GIVEN, read_in_subprocess(data, name=name, owner=_reader()))
        kept.remember_origin(data)
        chain.forget_sizes()
        chain.forget_edit()
        st.session_state[PROBLEM] = ""
    except ReadError as error:
        st.session_state[PROBLEM] = str(error)
    st.session_state[WAITING] = None


def current_model(settings: Settings) -> Model:
    """Return the model to show: the model that was pasted or opened last, else the model of the settings."""
    model = _given()
    return chosen(settings).model if model is None else chain.sized(model)


def _given() -> Model | None:
    """Return the model that was pasted or opened, as it was read."""
    model: Model | None = models.kept(GIVEN)
    return model


def _reader() -> object:
    """Return the object that identifies this session among those that read models."""
    return st.session_state.setdefault(READER, object())


def is_given() -> bool:
    """Return whether the model shown was pasted or opened, so that it is not part of the link."""
    return _given() is not None


def problem(settings: Settings) -> None:
    """Draw why the last text, file, table or input size could not be used."""
    sentence = st.session_state.get(PROBLEM)
    if sentence:
        st.error(f"{escape_markdown(sentence)} The previous model is still shown.")
    if models.was_dropped(GIVEN):
        st.warning(f"{models.DROPPED.format('the model that you gave')} Paste or open it again.")
    if (model := _given()) is not None:
        if refused := chain.problem_with(model):
            st.error(f"{escape_markdown(refused)} The input size is ignored.")
    elif refused := chosen(settings).problem:
        st.error(f"{escape_markdown(refused)} {table_editor.instead(settings, chosen(settings))}")
