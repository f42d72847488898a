"""A figure drawn by Plotly, with the configuration that all charts share."""

from typing import Any

import streamlit as st

from calculator.charts.figure import UnvalidatedFigure

CONFIG: dict[str, Any] = {
    "displaylogo": False,
    "scrollZoom": False,
    "doubleClick": False,
    "showTips": False,
    "showAxisDragHandles": False,
}


def plotly_chart(figure: UnvalidatedFigure, *, key: str, alt: str, image_format: str, name: str) -> None:
    """Draw ``figure``; with an ``image_format``, a button on the chart saves it under ``name``."""
    config = CONFIG | {"displayModeBar": bool(image_format)}
    if image_format:
        # The image has three times the size on screen, so that it is sharp on a projector and in print.
        options = {"format": image_format, "filename": name, "scale": 3}
        config |= {"modeBarButtons": [["toImage"]], "toImageButtonOptions": options}
    st.plotly_chart(figure, theme=None, key=key, config=config, alt=alt)
