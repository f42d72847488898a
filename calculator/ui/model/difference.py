"""The view of two models: where they differ, and why. The first of them is kept in the session."""

import streamlit as st

from calculator.core.formatting import format_count
from calculator.readers import Model
from calculator.readers.difference.comparison import Comparison, compare_models
from calculator.tables.model import difference_table
from calculator.ui.components.downloads import MODEL_COMMAND
from calculator.ui.components.markdown import escape_markdown
from calculator.ui.components.table import table
from calculator.ui.session import models
from calculator.ui.session.callbacks import callback

FIRST, COMPARED = "model.first", "model.compared"
"""Session keys: the model on the left, and the last comparison."""

MAX_COMPARED = 5_000
"""The maximum number of rows of a model that the page compares; the shell has no such limit."""

MAX_DRAWN = 300
"""The maximum number of layers that the table draws; the export contains all."""


def difference_view(model: Model) -> None:
    """Draw where ``model`` differs from the first model; without a first one, the button that keeps it."""
    left: Model | None = models.kept(FIRST)
    if models.was_dropped(FIRST):
        st.warning(f"{models.DROPPED.format('the first model')} Show it, and keep it as the first again.")
    if len(model.rows) > MAX_COMPARED:
        st.info(
            f"This model has more than {format_count(MAX_COMPARED)} rows. Compare it in the shell: "
            f"{MODEL_COMMAND} FILE FILE2"
        )
        return
    if left is None:
        st.markdown(
            "**Why do two tools disagree?** Keep this model as the first of two. Then choose, paste or open "
            "the second: a print and a table of torchinfo, PyTorch and Keras, before and after an export."
        )
        st.button("Keep this model as the first", key="model.keep", on_click=callback(_keep), args=(model,))
        return
    comparison = _comparison(left, model)
    st.markdown(
        f"Left: **{_title(left)}**, right: **{_title(model)}**.\n"
        + "".join(f"\n- {escape_markdown(sentence)}" for sentence in comparison.sentences())
    )
    frame = difference_table(comparison)
    table(
        frame.head(MAX_DRAWN),
        key="difference",
        caption="Two models",
        marks={n: "best" for n, pair in enumerate(comparison.pairs[:MAX_DRAWN]) if pair.difference != 0},
        everything=lambda: frame,
        total=len(frame),
    )
    st.button("Forget the first model", key="model.forget", on_click=callback(_forget))


def _comparison(left: Model, right: Model) -> Comparison:
    """Return the comparison, which is computed again only for other models."""
    last: Comparison | None = models.kept(COMPARED)
    if last is None or last.left is not left or last.right is not right:
        last = compare_models(left, right, MAX_COMPARED)
        rows = (row for pair in last.pairs for row in (pair.left, pair.right) if row)
        models.keep(COMPARED, last, 2 * models.rows_bytes(tuple(rows)))
    return last


def _title(model: Model) -> str:
    return escape_markdown(f"{model.name or 'the model'} ({model.format})")


def _keep(model: Model) -> None:
    models.keep_model(FIRST, model)


def _forget() -> None:
    for key in (FIRST, COMPARED):
        st.session_state.pop(key, None)
