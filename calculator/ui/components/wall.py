"""The presenter's view: one idea on the whole screen, with every number large enough for the back row."""

from pathlib import Path

import streamlit as st

from calculator.ui.components import inputs

CSS = Path(__file__).with_suffix(".css").read_text(encoding="utf-8")


def wall() -> None:
    """Give the page the style of a wall, and draw the switch that leads back."""
    st.html(f"<style>{CSS}</style>")
    inputs.switch("presenting")
