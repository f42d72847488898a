"""A figure drawn as SVG in the browser, without Plotly's script.

The drawing is written by hand because

- Streamlit lets Plotly build every chart twice on every rerun, which on a page with many controls takes
  longer than everything else;
- Plotly's script is 4.7 MB, and takes a phone most of the time until the first chart. These charts do not
  need its other features.

The figures stay Plotly figures, so that tests can validate them, and compare this drawing with Plotly's.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from calculator.charts.figure import UnvalidatedFigure
from calculator.ui.session.callbacks import callback

_SOURCE = Path(__file__)

# Streamlit requires that a component is registered once, when its module is loaded.
_drawing = st.components.v2.component(
    "drawing",
    html=_SOURCE.with_suffix(".html").read_text(encoding="utf-8"),
    css=_SOURCE.with_suffix(".css").read_text(encoding="utf-8"),
    js=_SOURCE.with_suffix(".js").read_text(encoding="utf-8"),
)


def svg_chart(
    figure: UnvalidatedFigure,
    *,
    key: str,
    alt: str,
    image_format: str,
    name: str,
    on_point: Callable[[tuple[object, ...]], None] | None = None,
) -> None:
    """Draw ``figure``; a button on the chart saves it under ``name``. See ``chart`` for ``on_point``."""

    def clicked() -> None:
        point = st.session_state[key].point
        if on_point is not None and isinstance(point, list):
            on_point(tuple(point))

    data: dict[str, Any] = {
        "figure": figure.to_dict(),
        "alt": alt,
        "picture": image_format,
        "name": name,
        "clickable": on_point is not None,
    }
    _drawing(key=key, data=data, on_point_change=callback(clicked))
