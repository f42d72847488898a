"""The presenter's view: one idea on the whole screen, with every number large enough for the back row."""

from pathlib import Path

import streamlit as st

from calculator.ui.components import inputs
from calculator.ui.session import state
from calculator.ui.session.viewport import width

LETTERS = """
html { font-size: clamp(16px, 1.25vw, 28px) !important; }
[data-testid="stMainBlockContainer"] { padding-top: .1rem; --our-table-text: 1rem; }
.st-key-class-corner p { font-size: 1rem; }
"""
"""The style of every projected page. Letters of 1rem have 24 pixels on a screen of 1920 pixels; no number is
smaller."""

CSS = Path(__file__).with_suffix(".css").read_text(encoding="utf-8")


def presenter_style() -> None:
    """Give the page the style of the presenter's view."""
    st.html(f"<style>{LETTERS}{CSS}</style>")


def presenter_switch() -> None:
    """Draw the switch to the presenter's view and back; on a phone only the switch back."""
    if width() != "narrow" or state.current().presenting:
        inputs.switch("presenting")
