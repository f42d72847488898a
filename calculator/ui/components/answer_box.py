"""A box for a number that answers a question: read in a callback, or refused beside the box."""

import streamlit as st

from calculator.core.errors import LayerError
from calculator.learn.exercises.answer import read_answer
from calculator.ui.session import state


def answered(key: str) -> int | None:
    """Return the number in the box at ``key``; for an invalid text ``None``, and the page explains why."""
    try:
        answer = read_answer(str(st.session_state[key]))
    except LayerError as error:
        state.refuse(key, str(error))
        return None
    state.clear_problems()
    return answer
