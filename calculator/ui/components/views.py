"""The views of a page, one of which is open."""

from collections.abc import Callable, Mapping

import streamlit as st

from calculator.settings import FIELD
from calculator.ui.components import inputs
from calculator.ui.session import state
from calculator.ui.session.viewport import width


def views(name: str, draw: Mapping[str, Callable[[], None]]) -> None:
    """Draw the choice of the view, which is setting ``name``, and the open view by its function in ``draw``.

    It is one choice instead of tabs, because each tab is an element that the browser draws again after every
    press. Raises ``KeyError`` for a choice that is not in ``draw``.
    """
    field, value = FIELD[name], getattr(state.current(), name)
    narrow = width() == "narrow"
    inputs.choice(name, label_visibility="collapsed", wrap=not narrow)
    if narrow:  # The choice itself may lie beyond the edge of a phone.
        st.markdown(f"## {field.name_of(value)}", anchors=False)
    draw[value]()
