"""The parts that all figures share: font, layout and axes.

Only this module and ``palette.py`` decide how charts look. With fixed margins, given ticks, no legend and
no template, the browser draws a chart in a third of the time. An axis with ``fixedrange=False`` can be
zoomed. Labels that may move stand in ``meta.labels``.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import plotly.graph_objects as go

from calculator.charts.ticks import tick_texts
from calculator.palette import Palette

FONT = '"Source Sans", "Source Sans 3", "Source Sans Pro", sans-serif'
PROJECTED_TEXT = 24
"""The height in pixels of the smallest letter on a projector of 1920 × 1080 pixels, for the back row."""

Spec = dict[str, Any]
"""A part of a Plotly figure as JSON data."""


class UnvalidatedFigure(go.Figure):  # type: ignore[misc]
    """A Plotly figure that is sent to the browser exactly as specified, without validation.

    The constructor and the copy of ``go.Figure`` take more time than everything else in a rerun together, and
    they only check what the tests have checked. ``go.Figure(figure.to_dict())`` is the validated figure.
    """

    def __init__(self, spec: Spec) -> None:
        self._specification = spec
        self._json = ""

    def to_dict(self) -> Spec:
        """Return the specification."""
        return self._specification

    @property
    def json(self) -> str:
        """The specification as JSON without spaces, which is written once."""
        self._json = self._json or json.dumps(self._specification, separators=(",", ":"), ensure_ascii=False)
        return self._json


def figure(data: Sequence[Spec], layout: Spec) -> UnvalidatedFigure:
    """Return a figure with these traces and this layout."""
    return UnvalidatedFigure({"data": list(data), "layout": layout})


def layout(palette: Palette, height: int, margin: tuple[int, int, int, int], **more: Any) -> Spec:
    """Return the layout that all figures share; ``more`` adds or replaces entries.

    ``height`` and ``margin`` (left, right, top, bottom) are in pixels.
    """
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
    """Return an axis with ticks at these values; ``more`` adds or replaces entries."""
    return {
        "tickmode": "array",
        "tickvals": list(ticks),
        "ticktext": tick_texts(ticks),
        "tickfont": {"size": 13, "color": palette.muted},
        "gridcolor": palette.grid,
        "ticks": "",
        "zeroline": False,
        "automargin": False,
        "fixedrange": True,
        **more,
    }


def title(text: str, palette: Palette) -> Spec:
    """Return the title of an axis, close to the ticks."""
    return {"text": text, "font": {"size": 14, "color": palette.muted}, "standoff": 4}


def note(text: str, **more: Any) -> Spec:
    """Return a text on a figure, without an arrow; ``more`` adds or replaces entries."""
    return {"text": text, "showarrow": False, **more}


def enlarged(original: UnvalidatedFigure, factor: float, words: float = 1) -> UnvalidatedFigure:
    """Return ``original`` with its texts, markers, margins and height multiplied by ``factor``.

    The texts outside the plot (axis titles, ticks) and the margins are multiplied by ``words`` as well.

    >>> small = figure([{"marker": {"size": [0, 12]}}], {"height": 300, "font": {"size": 14}})
    >>> enlarged(small, 1.5).to_dict()
    {'data': [{'marker': {'size': [0.0, 18.0]}}], 'layout': {'height': 450.0, 'font': {'size': 21.0}}}
    >>> enlarged(small, 1.5, words=2).to_dict()["layout"]
    {'height': 450.0, 'font': {'size': 42.0}}
    """
    spec = original.to_dict()
    height = {"height": spec["layout"]["height"] * factor}
    layout = _scale_sizes(spec["layout"], factor * words)
    return UnvalidatedFigure({"data": _scale_sizes(spec["data"], factor), "layout": layout | height})


def for_projector(original: UnvalidatedFigure, height: int) -> UnvalidatedFigure:
    """Return ``original`` ``height`` pixels high, with its smallest text as high as ``PROJECTED_TEXT``.

    >>> small = figure([{"textfont": {"size": 16}}], {"height": 300, "font": {"size": 12}})
    >>> for_projector(small, 700).to_dict()
    {'data': [{'textfont': {'size': 32.0}}], 'layout': {'height': 700, 'font': {'size': 24.0}}}
    """
    larger = enlarged(original, PROJECTED_TEXT / min(_text_sizes(original.to_dict()))).to_dict()
    return UnvalidatedFigure({**larger, "layout": larger["layout"] | {"height": height}})


def _text_sizes(value: Any) -> Iterator[float]:
    """Yield the size of every text in ``value``, at any depth."""
    if isinstance(value, list):
        for item in value:
            yield from _text_sizes(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key.endswith("font") and "size" in item:
                yield item["size"]
            else:
                yield from _text_sizes(item)


SIZE_KEYS = ("size", "height", "l", "r", "t", "b")
"""The keys whose values are sizes in pixels: of texts and markers, of the figure, of its margins."""


def _scale_sizes(value: Any, factor: float) -> Any:
    """Return ``value`` with every size in it, at any depth, multiplied by ``factor``."""
    if isinstance(value, list):
        return [_scale_sizes(item, factor) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: _multiply(item, factor) if key in SIZE_KEYS else _scale_sizes(item, factor)
        for key, item in value.items()
    }


def _multiply(value: Any, factor: float) -> Any:
    return [item * factor for item in value] if isinstance(value, list) else value * factor
