"""The tabs of a page."""

from collections.abc import Callable, Mapping

import streamlit as st

from calculator.ui.session import state
from calculator.ui.session.viewport import width
from calculator.ui.session.widget_keys import is_stale, widget_key


def views(labels: dict[str, str], draw: Mapping[str, Callable[[], None]], name: str = "view") -> None:
    """Draw the tabs of the page, a label for each choice of setting ``name``, and in it what is open.

    The others stay empty: what nobody looks at costs neither a calculation nor a redraw.
    """
    shown_as = widget_key(name, labels[getattr(state.current(), name)])
    tabs = st.tabs(list(labels.values()), key=shown_as, on_change=_viewed, args=(labels, name, shown_as))
    for view, tab in zip(labels, tabs, strict=True):
        if tab.open:
            with tab:
                if width() == "narrow":  # the tab itself may lie beyond the edge of a phone
                    st.markdown(f"## {labels[view]}", anchors=False)
                draw[view]()


def _viewed(labels: dict[str, str], name: str, key: str) -> None:
    if is_stale(key):
        return
    chosen = st.session_state[key]
    state.change(**{name: next(view for view, label in labels.items() if label == chosen)})
