"""A number that somebody answers with: read in a callback, or refused beside its box."""

import streamlit as st

from calculator.core.errors import LayerError
from calculator.learn.exercises.answer import read_answer
from calculator.ui.session import state


def answered(key: str) -> int | None:
    """Return the number in the box at ``key``; ``None`` where there is none, which is then said there."""
    try:
        given = read_answer(str(st.session_state[key]))
    except LayerError as error:
        state.refuse(key, str(error))
        return None
    st.session_state[state.PROBLEMS] = {}
    return given
