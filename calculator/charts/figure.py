"""What all figures share: font, layout, axes. Only here and in ``palette.py`` is the look decided.

Fixed margins, own ticks, no legend, no template: a chart with these is drawn in a third of the time.
"""

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from calculator.charts.ticks import tick_texts
from calculator.palette import Palette

FONT = '"Source Sans", "Source Sans 3", "Source Sans Pro", sans-serif'
Spec = dict[str, Any]


class UnvalidatedFigure(go.Figure):  # type: ignore[misc]
    """A Plotly figure that is sent exactly as specified.

    Plotly's own constructor and copy take more time than everything else in a rerun together, and
    only check what the tests have checked. ``go.Figure(drawing.to_dict())`` is the validated figure.
    """

    def __init__(self, spec: Spec) -> None:
        self._specification = spec

    def to_dict(self) -> Spec:
        """Return the specification."""
        return self._specification


def figure(data: Sequence[Spec], layout: Spec) -> UnvalidatedFigure:
    """Return a figure of ``data`` and ``layout``."""
    return UnvalidatedFigure({"data": list(data), "layout": layout})


def layout(palette: Palette, height: int, margin: tuple[int, int, int, int], **more: Any) -> Spec:
    """Return the layout all figures share; ``margin`` is left, right, top, bottom in pixels."""
    left, right, top, bottom = margin
    return {
        "template": "none",
        "autosize": True,
        "height": height,
        "margin": {"l": left, "r": right, "t": top, "b": bottom, "pad": 0},
        "paper_bgcolor": palette.background,
        "plot_bgcolor": palette.background,
        "font": {"family": FONT, "size": 14, "color": palette.text},
        "hoverlabel": {"font": {"family": FONT, "size": 15}},
        "hovermode": "closest",
        "showlegend": False,
        "dragmode": False,
        **more,
    }


def axis(palette: Palette, ticks: Sequence[float], **more: Any) -> Spec:
    """Return an axis with its own ticks."""
    return {
        "tickmode": "array",
        "tickvals": list(ticks),
        "ticktext": tick_texts(ticks),
        "tickfont": {"size": 13, "color": palette.muted},
        "gridcolor": palette.grid,
        "zeroline": False,
        "automargin": False,
        "fixedrange": True,
        **more,
    }


def title(text: str, palette: Palette) -> Spec:
    """Return an axis title close to its ticks."""
    return {"text": text, "font": {"size": 14, "color": palette.muted}, "standoff": 4}


def note(text: str, **more: Any) -> Spec:
    """Return a text on a figure, without an arrow."""
    return {"text": text, "showarrow": False, **more}


def enlarged(drawing: UnvalidatedFigure, factor: float, words: float = 1) -> UnvalidatedFigure:
    """Return ``drawing`` with its texts, marks, margins and height ``factor`` times as large.

    What is written around it grows ``words`` times more, with the margins, while the height stays.

    >>> small = figure([{"marker": {"size": [0, 12]}}], {"height": 300, "font": {"size": 14}})
    >>> enlarged(small, 1.5).to_dict()
    {'data': [{'marker': {'size': [0.0, 18.0]}}], 'layout': {'height': 450.0, 'font': {'size': 21.0}}}
    >>> enlarged(small, 1.5, words=2).to_dict()["layout"]
    {'height': 450.0, 'font': {'size': 42.0}}
    """
    spec = drawing.to_dict()
    height = {"height": spec["layout"]["height"] * factor}
    around = _enlarged(spec["layout"], factor * words)
    return UnvalidatedFigure({"data": _enlarged(spec["data"], factor), "layout": around | height})


GROWING = ("size", "height", "l", "r", "t", "b")
"""What grows with a drawing: texts and marks, the drawing itself, its margins."""


def _enlarged(value: Any, factor: float) -> Any:
    """Return ``value`` with every size in it, however deep, multiplied."""
    if isinstance(value, list):
        return [_enlarged(item, factor) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: _times(item, factor) if key in GROWING else _enlarged(item, factor)
        for key, item in value.items()
    }


def _times(value: Any, factor: float) -> Any:
    return [item * factor for item in value] if isinstance(value, list) else value * factor
