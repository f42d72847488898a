"""Showing a figure: how Streamlit is asked to draw it, once for all charts."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from calculator.chart_parts import Drawing, enlarged
from calculator.ui import state
from calculator.ui.viewport import width

PROJECTOR = 1.35
"""How much larger charts are on a wide window, to be read from the back row."""

CONFIG: dict[str, Any] = {
    "displaylogo": False,
    "scrollZoom": False,
    "doubleClick": False,
    "showTips": False,
    "showAxisDragHandles": False,
}


def show(
    figure: Drawing, *, key: str, alt: str, picture: str = "", on_point: Callable[[], None] | None = None
) -> None:
    """Draw ``figure`` as it is; ``alt`` says its finding to those who cannot see it.

    With a ``picture`` format (``"svg"`` or ``"png"``) a camera on the chart saves it. A click on one of
    its points calls ``on_point``, which finds it by ``chosen_point``.
    """
    if width() == "wide":
        figure = enlarged(figure, PROJECTOR)
    config = CONFIG | {"displayModeBar": bool(picture)}
    if picture:
        # Three times the size on screen: sharp on a projector and in print.
        options = {"format": picture, "filename": f"transposed-convolution-{key}", "scale": 3}
        config |= {"modeBarButtons": [["toImage"]], "toImageButtonOptions": options}
    if on_point is None:
        st.plotly_chart(figure, theme=None, key=key, config=config, alt=alt)
    else:
        st.plotly_chart(
            figure,
            theme=None,
            key=key,
            config=config,
            alt=alt,
            on_select=_clicked(on_point),
            selection_mode="points",
        )


def _clicked(on_point: Callable[[], None]) -> Callable[[], None]:
    def clicked() -> None:
        state.touched()
        on_point()

    return clicked


def chosen_point(key: str) -> tuple[int, int] | None:
    """Return the whole numbers of the point that was clicked on a chart, if any."""
    points = st.session_state[key]["selection"]["points"]
    if not points:
        return None
    return int(points[0]["x"]), int(points[0]["y"])
