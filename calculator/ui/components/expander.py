"""What is folded away until someone asks: until then it costs neither a calculation nor a redraw."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from calculator.ui.session import state


@contextmanager
def lazy_expander(label: str, *, key: str) -> Iterator[bool]:
    """Draw a line that unfolds; inside the ``with`` is whether it is, and what to draw then goes there."""
    box = st.expander(label, key=key, on_change=state.touched)
    with box:
        yield bool(box.open)
