"""The views of a page, one of which is open."""

from collections.abc import Callable, Mapping

import streamlit as st

from calculator.settings import FIELD
from calculator.ui.browser.keyboard import class_key, keys, keys_switch, move_keys
from calculator.ui.components import inputs
from calculator.ui.session import state
from calculator.ui.session.viewport import width


def views(
    name: str,
    draw: Mapping[str, Callable[[], None]],
    *,
    presenting: bool = False,
    beside: Callable[[], None] = lambda: None,
) -> None:
    """Draw the choice of the view, which is setting ``name``, and the open view by its function in ``draw``.

    It is one choice instead of tabs, because each tab is an element that the browser draws again after every
    press. With ``presenting``, the keys of the lesson open the views, and ``beside`` draws what stands in the
    same row. Raises ``KeyError`` for a choice that is not in ``draw``.
    """
    field, value = FIELD[name], getattr(state.current(), name)
    narrow = width() == "narrow"
    if presenting:
        _choice_with_keys(name, tuple(draw), beside)
    else:
        inputs.choice(name, label_visibility="collapsed", wrap=not narrow)
    if narrow:  # The choice itself may lie beyond the edge of a phone.
        st.markdown(f"## {field.name_of(value)}", anchors=False)
    draw[value]()


def _choice_with_keys(name: str, order: tuple[str, ...], beside: Callable[[], None]) -> None:
    """Draw the choice of the view, and keys for whoever stands in front of a class."""
    with st.container(key="wall.views", horizontal=True, vertical_alignment="center"):
        inputs.choice(name, label_visibility="collapsed", wrap=width() != "narrow")
        keys_switch(f"N, B, 1 to {len(order)}")
        beside()
    said = FIELD[name].name_of(getattr(state.current(), name))
    keys(move_keys(name, order, remote=True) | class_key(), leave=True, said=said)
