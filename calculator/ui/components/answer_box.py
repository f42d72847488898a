"""A box for the answer to a question: read in a callback, or refused beside the box."""

import streamlit as st

from calculator.core.errors import LayerError
from calculator.learn.calculation import Calculation
from calculator.learn.exercises.answer import read_calculation
from calculator.ui.session import state

EXAMPLE = "a number or 2*4*9+4"
"""The text in an empty box."""


def answered(key: str) -> Calculation | None:
    """Return the number or the calculation in the box at ``key``.

    For an invalid text, ``None`` is returned and the page explains why.
    """
    try:
        answer = read_calculation(str(st.session_state[key]))
    except LayerError as error:
        state.refuse(key, str(error))
        return None
    state.clear_problems()
    return answer
