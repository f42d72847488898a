"""Showing a figure: how Streamlit is asked to draw it, once for all charts."""

import plotly.graph_objects as go
import streamlit as st

CONFIG = {
    "displaylogo": False,
    "displayModeBar": False,
    "scrollZoom": False,
    "doubleClick": False,
    "showTips": False,
    "showAxisDragHandles": False,
}


def show(figure: go.Figure, *, key: str, alt: str) -> None:
    """Draw ``figure`` as it is; ``alt`` says its finding to those who cannot see it."""
    st.plotly_chart(figure, theme=None, key=key, config=CONFIG, alt=alt)
