"""The tabs of a page."""

from collections.abc import Callable, Mapping

import streamlit as st

from calculator.settings import FIELD
from calculator.ui.session import state
from calculator.ui.session.callbacks import callback
from calculator.ui.session.viewport import width
from calculator.ui.session.widget_keys import widget_key


def views(name: str, draw: Mapping[str, Callable[[], None]]) -> None:
    """Draw a tab for each choice of setting ``name``; ``draw`` has the function that draws each tab.

    Only the open tab is drawn: a closed view costs neither a calculation nor a redraw.
    Raises ``KeyError`` for a choice that is not in ``draw``.
    """
    field = FIELD[name]
    key = widget_key(name, field.name_of(getattr(state.current(), name)))
    tabs = st.tabs(list(field.names), key=key, on_change=callback(_open, key=key), args=(name, key))
    for view, title, tab in zip(field.choices, field.names, tabs, strict=True):
        if tab.open:
            with tab:
                if width() == "narrow":  # The tab itself may lie beyond the edge of a phone.
                    st.markdown(f"## {title}", anchors=False)
                draw[str(view)]()


def _open(name: str, key: str) -> None:
    field = FIELD[name]
    state.change(**{name: field.choices[field.names.index(st.session_state[key])]})
