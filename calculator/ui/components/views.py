"""The views of a page, one of which is open.

The setting of the page has the key and the name of each view; the script of the page has their functions,
in the same order.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

import streamlit as st

from calculator.settings import FIELD
from calculator.ui.browser.keyboard import class_key, keys, keys_switch, move_keys
from calculator.ui.components import inputs
from calculator.ui.session import state
from calculator.ui.session.viewport import width

T = TypeVar("T")


def of_view(name: str, parts: Sequence[T]) -> T:
    """Return which of ``parts`` belongs to the open view. There is one for each choice of setting ``name``.

    Raises ``ValueError`` if there are more or fewer parts than choices.
    """
    return dict(zip(FIELD[name].choices, parts, strict=True))[getattr(state.current(), name)]


def views(
    name: str,
    draw: Sequence[Callable[[], None]],
    *,
    presenting: bool = False,
    beside: Callable[[], None] = lambda: None,
) -> None:
    """Draw the choice of the view, which is setting ``name``, and the open view by its function in ``draw``.

    The functions stand in the order of the choices.

    It is one choice instead of tabs, because each tab is an element that the browser draws again after every
    press. With ``presenting``, the keys of the lesson open the views, and ``beside`` draws what stands in the
    same row. Raises ``ValueError`` if there are more or fewer functions than choices.
    """
    narrow = width() == "narrow"
    if presenting:
        _choice_with_keys(name, beside)
    else:
        inputs.choice(name, label_visibility="collapsed", wrap=not narrow)
    if narrow:  # The choice itself may lie beyond the edge of a phone.
        st.markdown(f"## {_name_of_view(name)}", anchors=False)
    of_view(name, draw)()


def _name_of_view(name: str) -> str:
    return FIELD[name].name_of(getattr(state.current(), name))


def _choice_with_keys(name: str, beside: Callable[[], None]) -> None:
    """Draw the choice of the view, and the keys for a teacher in front of a class."""
    order = tuple(map(str, FIELD[name].choices))
    with st.container(key="presenter.views", horizontal=True, vertical_alignment="center"):
        inputs.choice(name, label_visibility="collapsed", wrap=width() != "narrow")
        keys_switch(f"N, B, 1 to {len(order)}")
        beside()
    keys(move_keys(name, order, remote=True) | class_key(), leave=True, said=_name_of_view(name))
