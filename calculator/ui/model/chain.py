"""Sizes along a pasted or opened model, and its layers as a table in the link, with the way back."""

from dataclasses import dataclass

import streamlit as st

from calculator.core.errors import LayerError
from calculator.readers import Model, ReadError
from calculator.readers.layer_table.chain import (
    edit_problem,
    left_out_sentence,
    parse_size,
    size_hint,
    size_problem,
    with_input_size,
)
from calculator.readers.layer_table.table import TABLE, table_lines
from calculator.settings import FIELD, Settings
from calculator.settings.values import write_value
from calculator.ui.components import inputs
from calculator.ui.components.markdown import escape_markdown
from calculator.ui.model import table_editor
from calculator.ui.session import models, state
from calculator.ui.session.callbacks import callback
from calculator.ui.session.received_text import needs_text
from calculator.ui.session.widget_keys import widget_key

GIVEN, BESIDE = "model.given", "model.beside"
"""Session keys: the pasted or opened model, and the settings that it replaces."""

ENTERED, SIZED, EDITED = "model.entered", "model.sized", "model.edited"
"""Session keys: what was entered for the model, the model with its sizes, the model before its edit."""


@dataclass(frozen=True)
class Entered:
    """The input size of the model, and whether its layers are said to run one after the other."""

    size: tuple[int, ...] = ()
    listed: bool = False


@dataclass(frozen=True)
class Edited:
    """A model that became a table: what undoing the edit restores, and the ``table`` that it became."""

    model: Model
    entered: Entered
    text: str
    layers: str
    chain_size: tuple[int, ...]
    table: str


def forget_sizes() -> None:
    """Forget what was entered for the model that was shown."""
    for key in (ENTERED, SIZED):
        st.session_state.pop(key, None)


def forget_edit() -> None:
    """Forget the model before its edit."""
    st.session_state.pop(EDITED, None)


def sized(model: Model) -> Model:
    """Return ``model`` with sizes for the input size that was entered, or ``model`` itself without one."""
    return _sized(model)[0]


def problem_with(model: Model) -> str:
    """Return why the input size that was entered cannot be applied, or ""."""
    return _sized(model)[1]


def _sized(model: Model) -> tuple[Model, str]:
    """Return the model with its sizes, and why it has none or ""; it is computed once for each input size."""
    entered = _entered()
    if not entered.size or not (entered.listed or (model.chain is not None and model.chain.proven)):
        return model, ""
    last = models.kept(SIZED)
    if last is None or last[0] is not model or last[1] != entered:
        try:
            result = with_input_size(model, entered.size), ""
        except ReadError as error:
            result = model, str(error)
        last = model, entered, result
        models.keep(SIZED, last, models.model_bytes(result[0]))
    found: tuple[Model, str] = last[2]
    return found


def _entered() -> Entered:
    entered: Entered = st.session_state.get(ENTERED, Entered())
    return entered


def controls(model: Model) -> None:
    """Draw the input size of a pasted or opened model, or why it cannot have one.

    Where it is not proven that its layers form a chain, the visitor has to say so first.
    """
    if problem := size_problem(model):
        if model.multiply_accumulates is None:  # An ONNX file has the sizes of its own input.
            st.caption(escape_markdown(problem))
        return
    entered = _entered()
    proven = model.chain is not None and model.chain.proven
    if not proven:
        key = widget_key("model.listed", entered.listed)
        st.toggle(
            "Its layers run one after the other, as listed",
            entered.listed,
            key=key,
            help="What was read does not show how the layers are connected. Switch this on only if nothing "
            "stands between them: no skip connection, no resizing, no reshaping in forward().",
            on_change=callback(_listed_changed, key=key),
            args=(key,),
        )
    if proven or entered.listed:
        _size_box(model, entered)


def _size_box(model: Model, entered: Entered) -> None:
    """Draw the box for the input size of a pasted or opened model."""
    field = FIELD["chain_size"]
    size = write_value(field, entered.size)
    key = widget_key("model.size", size)
    st.text_input(
        field.label,
        size,
        key=key,
        placeholder=f"such as {size_hint(model)}",
        help="Positions of the model's input along each axis, or its features if the first layer is linear. "
        "With it, the page shows output sizes and multiply–accumulates.",
        autocomplete="off",
        on_change=callback(_size_typed, key=key),
        args=(key,),
    )
    inputs.problem("model.size")


def _listed_changed(key: str) -> None:
    st.session_state[ENTERED] = Entered(_entered().size, bool(st.session_state[key]))


def _size_typed(key: str) -> None:
    """Take the typed input size of the model, or keep the previous size and report why."""
    field, text, entered = FIELD["chain_size"], str(st.session_state[key]).strip(), _entered()
    model: Model | None = models.kept(GIVEN)
    if model is None:
        return
    try:
        size = parse_size(model, text, field.label, field.maximum) if text else ()
    except LayerError as error:
        inputs.keep_previous("model.size", key, error, write_value(field, entered.size))
        return
    state.clear_problems()
    st.session_state[ENTERED] = Entered(size, entered.listed)


def edit_button(model: Model, key: str) -> None:
    """Draw the button that makes a table of a model, or why there is none. The button needs a form."""
    if model.format == TABLE:  # It is a table already, and too long for the link.
        return
    if problem := edit_problem(model):
        st.caption(f"This model cannot be edited as a table. {escape_markdown(problem)}")
        return
    note = left_out_sentence(model.chain) if model.chain else ""
    st.form_submit_button(
        "Edit as a table",
        key="model.edit",
        icon=":material/edit:",
        help=f"Makes a table of the layers, which is in the link. You can undo this. {escape_markdown(note)}",
        on_click=callback(needs_text(_edit)),
        args=(key,),
    )


def _edit(key: str) -> None:
    """Make the table of the model the visitor's own layers, and keep what undoing this needs."""
    settings, model = state.current(), models.kept(GIVEN)
    if model is None or model.chain is None or edit_problem(model):
        return
    entered, table = _entered(), model.chain.table
    text = str(st.session_state[key])
    edited = Edited(model, entered, text, settings.layers, settings.chain_size, table)
    st.session_state[EDITED] = edited
    st.session_state.pop(GIVEN, None)
    forget_sizes()
    # The size of a vector of features stands in the table itself.
    size = () if table_lines(table)[0].type == "Input" else entered.size
    state.change(layers=table, chain_size=size)


def undo_button(settings: Settings) -> None:
    """Draw the button that returns to the model before its edit, if there is one."""
    edited: Edited | None = st.session_state.get(EDITED)
    if edited is None:
        return
    changed = settings.layers not in (edited.table, edited.layers)
    st.button(
        f"Undo: back to {escape_markdown(edited.model.name or 'the model')}",
        key="model.undo",
        icon=":material/undo:",
        help="Your changed table stays in the link." if changed else None,
        on_click=callback(_undo),
    )


def _undo() -> None:
    """Show the model before its edit again. A table that was changed since then stays in the link."""
    edited: Edited | None = st.session_state.pop(EDITED, None)
    if edited is None:
        return
    if state.current().layers == edited.table:
        state.change(layers=edited.layers, chain_size=edited.chain_size)
    models.keep_model(GIVEN, edited.model)
    st.session_state[ENTERED] = edited.entered
    settings = state.current()
    st.session_state[BESIDE] = settings.network, settings.layers
    table_editor.restore_text(edited.text, settings.layers)


def edit_sentence(settings: Settings) -> str:
    """Return what the table on the page was made of, and what it leaves out; "" for any other table."""
    edited: Edited | None = st.session_state.get(EDITED)
    if edited is None or settings.layers != edited.table or edited.model.chain is None:
        return ""
    made = f"Made from {edited.model.name or 'the model'} ({edited.model.format}), with the same counts."
    return f"{made} {left_out_sentence(edited.model.chain)}".strip()
