"""An expander whose content is computed only when it is open."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from calculator.ui.session.callbacks import callback


@contextmanager
def lazy_expander(label: str, *, key: str) -> Iterator[bool]:
    """Draw an expander. The ``with`` yields whether it is open; the content is drawn inside the ``with``."""
    box = st.expander(label, key=key, on_change=callback())
    with box:
        yield bool(box.open)
