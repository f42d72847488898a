"""Showing a figure: how Streamlit is asked to draw it, once for all charts."""

from typing import Any

import streamlit as st

from calculator.charts.figure import UnvalidatedFigure, enlarged
from calculator.ui.session.viewport import width

PROJECTOR = 1.35
"""How much larger charts are on a wide window, to be read from the back row."""

WALL = 1.35
"""How much larger still what is written around a chart is in the presenter's view."""

CONFIG: dict[str, Any] = {
    "displaylogo": False,
    "scrollZoom": False,
    "doubleClick": False,
    "showTips": False,
    "showAxisDragHandles": False,
}


def show(
    figure: UnvalidatedFigure, *, key: str, alt: str, picture: str = "", presenting: bool = False
) -> None:
    """Draw ``figure`` as it is; ``alt`` says its finding to those who cannot see it.

    On a ``presenting``, in the presenter's view, what is written is larger still.

    With a ``picture`` format (``"svg"`` or ``"png"``) a camera on the chart saves it.
    """
    config = CONFIG | {"displayModeBar": bool(picture)}
    if picture:
        # Three times the size on screen: sharp on a projector and in print.
        options = {"format": picture, "filename": picture_name(key), "scale": 3}
        config |= {"modeBarButtons": [["toImage"]], "toImageButtonOptions": options}
    st.plotly_chart(for_window(figure, presenting=presenting), theme=None, key=key, config=config, alt=alt)


def for_window(figure: UnvalidatedFigure, *, presenting: bool = False) -> UnvalidatedFigure:
    """Return ``figure`` as large as the visitor's window wants it."""
    factor, words = PROJECTOR if width() == "wide" else 1, WALL if presenting and width() != "narrow" else 1
    return figure if factor == words == 1 else enlarged(figure, factor, words)


def picture_name(key: str) -> str:
    """Return the name a chart is saved under, without its ending."""
    return f"transposed-convolution-{key}"
