"""A figure drawn in the browser: as SVG at once, and by Plotly where there is something to explore.

The light drawing is written by hand because

- Streamlit lets Plotly build every chart twice on every rerun, which on a page with many controls takes
  longer than everything else, and forgets what was zoomed;
- Plotly's script is 4.7 MB, and takes a phone most of the time until the first chart.

Plotly's script is fetched after everything else. Then Plotly replaces the light drawing and keeps the chart.
The light drawing stays

- where there is nothing to explore: no axis of the figure can be zoomed (``fixedrange``), and it is not a
  treemap. So the split, the grids of cells and the drawings of the lesson are never drawn by Plotly;
- on a phone, and where the browser asks to save data, until "Explore" is pressed;
- where this process does not serve the script. "Explore" then calls ``on_explore``.

Tips, keys and clicks are the component's own and the same for both drawings, because Plotly's tips are cut
at the border of the chart, vanish when a finger is lifted, and cannot be reached by keys. The figures stay
Plotly figures, so that tests can validate them, and compare the light drawing with Plotly's.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from calculator.charts.figure import UnvalidatedFigure
from calculator.ui.browser import script_addresses
from calculator.ui.session.callbacks import callback
from calculator.ui.session.sent_data import sent

_SOURCE = Path(__file__)

SCRIPT = "\n".join(
    _SOURCE.with_name(f"{name}.js").read_text(encoding="utf-8")
    for name in ("light_drawing", "label_places", "plotly_in_place", "drawn_chart")
)
"""The component's script: the light drawing, its labels, what is special about Plotly, and the chart."""

FETCHED = """
export default function (component) {
  const { own, height } = component.data, root = component.parentElement.querySelector(".drawing");
  root.style.height ||= `${height}px`;  // So that nothing moves when the script has arrived.
  root.newest = component;
  import(new URL(own, location.href).href).then(script => {
    if (root.isConnected && root.newest === component) root.leave = script.default(component);
  });
  // If the element is removed before the script arrives, an earlier call may have drawn the chart.
  return () => root.leave?.();
}
"""
"""The script in messages where the server serves ``SCRIPT``. Streamlit would send all of that with each chart
at each rerun."""


def _component(name: str, script: str) -> Callable[..., Any]:
    """Return the component that draws a figure by ``script``."""
    # Plotly puts its styles into the page, so they would not reach the inside of an isolated component.
    return st.components.v2.component(
        name,
        html=_SOURCE.with_suffix(".html").read_text(encoding="utf-8"),
        css=_SOURCE.with_suffix(".css").read_text(encoding="utf-8"),
        js=script,
        isolate_styles=False,
    )


# Streamlit requires that a component is registered once, when its module is loaded.
_whole = _component("drawing", SCRIPT)
_fetched = _component("fetched_drawing", FETCHED)


def drawn_chart(
    figure: UnvalidatedFigure,
    *,
    key: str,
    alt: str,
    image_format: str,
    name: str,
    on_explore: Callable[[], None],
    on_point: Callable[[tuple[object, ...]], None] | None = None,
) -> None:
    """Draw ``figure``; a button on the chart saves it under ``name``. See ``chart`` for ``on_point``."""

    def clicked() -> None:
        point = st.session_state[key].point
        if on_point is not None and isinstance(point, list):
            on_point(tuple(point))

    described = {
        "alt": alt,
        "picture": image_format,
        "name": name,
        "clickable": on_point is not None,
        "script": script_addresses.address("plotly"),
    }
    data: dict[str, Any] = sent(described, figure=figure.json)
    drawing = _whole
    if own := script_addresses.address("chart"):
        drawing, data = _fetched, data | {"own": own, "height": figure.to_dict()["layout"]["height"]}
    drawing(key=key, data=data, on_point_change=callback(clicked), on_explore_change=callback(on_explore))
