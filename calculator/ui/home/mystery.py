"""A layer with a hidden answer: the visitor predicts it first, and then sees the answer and the mistake."""

import streamlit as st

from calculator.learn.exercises.mystery import mystery_question
from calculator.learn.mistakes.diagnosis import diagnose
from calculator.settings import Settings
from calculator.ui.components import inputs
from calculator.ui.components.answer_box import EXAMPLE, answered
from calculator.ui.components.markdown import escape_markdown
from calculator.ui.session import state
from calculator.ui.session.callbacks import callback

BOX, PREDICTED = "mystery.prediction", "mystery.predicted"
"""Session keys: the box, and the layer as it was asked with the calculation that was predicted."""


def ask(settings: Settings) -> None:
    """Draw the layer and the box for a prediction, and nothing that shows the answer."""
    question = mystery_question(settings)
    with st.container(key="question"):
        st.markdown(f"## What do you think? {question.question}", anchors=False)
        st.code(question.listing, language="python", wrap_lines=True)
        with st.form("form.mystery", border=False, enter_to_submit=True):
            st.text_input(
                "Your prediction", key=BOX, type="phone", icon="", placeholder=EXAMPLE, validate="",
                autocomplete="off", width=240,
            )  # fmt: skip
            st.form_submit_button(
                "Show the answer", key="mystery.show", on_click=callback(_predict), type="primary"
            )
        inputs.problem(BOX)
        st.caption("The answer is shown after your prediction, with the mistake that gives your number.")


def _predict() -> None:
    """Store the prediction, and show the answer from now on."""
    if (prediction := answered(BOX)) is not None:
        st.session_state[PREDICTED] = mystery_question(state.current()).listing, prediction
        state.change(hidden=False)


def verdict(settings: Settings) -> None:
    """Draw the diagnosis of the prediction, as long as the layer is the one that was asked about."""
    listing, prediction = st.session_state.get(PREDICTED, ("", None))
    if prediction and (question := mystery_question(settings)).listing == listing:
        diagnosis = diagnose(question, prediction.value, revealed=True, calculation=prediction)
        (st.success if diagnosis.correct else st.warning)(escape_markdown(diagnosis.sentence))
