"""Drawing a small figure in the browser without Plotly's script.

Streamlit lets Plotly build every chart twice on every rerun, which on a page full of controls takes longer
than all the rest. The pictures of cells, and small charts beside a table, are drawn as SVG by a component
of our own instead. They stay Plotly figures, so that they can be checked and drawn by Plotly too.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from calculator.charts.figure import UnvalidatedFigure
from calculator.ui.components.plotly_chart import for_window, picture_name
from calculator.ui.session import state

_SOURCE = Path(__file__)

# Streamlit wants a component registered once, when its module is loaded.
_drawing = st.components.v2.component(
    "drawing",
    html=_SOURCE.with_suffix(".html").read_text(encoding="utf-8"),
    css=_SOURCE.with_suffix(".css").read_text(encoding="utf-8"),
    js=_SOURCE.with_suffix(".js").read_text(encoding="utf-8"),
)


def draw(
    figure: UnvalidatedFigure,
    *,
    key: str,
    alt: str,
    picture: str,
    presenting: bool = False,
    on_point: Callable[[tuple[object, ...]], None] | None = None,
) -> None:
    """Draw ``figure`` as it is; ``alt`` says its finding to those who cannot see it.

    ``presenting`` enlarges the text for the presenter's view. A camera on it saves it in the format
    ``picture``, ``"svg"`` or ``"png"``. A click on a point that tells something calls
    ``on_point`` with what the browser says are the point's numbers: they may be of an earlier figure, or of
    none.
    """

    def clicked() -> None:
        state.touched()
        point = st.session_state[key].point
        if on_point is not None and isinstance(point, list):
            on_point(tuple(point))

    data: dict[str, Any] = {
        "figure": for_window(figure, presenting=presenting).to_dict(),
        "alt": alt,
        "picture": picture,
        "name": picture_name(key),
        "clickable": on_point is not None,
    }
    _drawing(key=key, data=data, on_point_change=clicked)
