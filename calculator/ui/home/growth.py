"""The growth of the number of parameters: along one setting, and over input × output channels."""

from functools import lru_cache

import streamlit as st

from calculator.charts.descriptions import axis_name, doubling_law, growth_finding, plane_finding
from calculator.charts.figure import UnvalidatedFigure
from calculator.charts.growth import Panel, growth_figure
from calculator.charts.plane import plane_figure
from calculator.charts.ticks import log_ticks
from calculator.core.growth import SWEPT, current_value
from calculator.core.layer import ConvTranspose
from calculator.palette import Palette
from calculator.settings import Settings
from calculator.tables.sweeps import equal_count_lines, plane_channels, plane_grid, sweeps
from calculator.ui.charts.chart import MAX_KEPT_FIGURES, chart
from calculator.ui.components import inputs
from calculator.ui.session.viewport import width

ROUND_LINES = 6
"""Lines of a round number of parameters on the plane, at most."""

PROJECTED_HEIGHTS = {"growth": 548, "plane": 640}
"""The heights of the views in the presenter's view, in pixels: what the answer and the controls leave."""


def growth_view(settings: Settings, layer: ConvTranspose, palette: Palette) -> None:
    """Draw three panels side by side, or one below another on a phone; the controls not while presenting."""
    across, log = width() != "narrow", settings.scale == "log"
    _drawn("growth", *_growth(layer, palette, log=log, across=across), settings)
    if settings.presenting:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        inputs.choice("scale")
        inputs.choice("image_format")
    st.caption(
        "Each panel changes one setting and keeps the others. Its title states the effect of doubling that "
        "setting: ×4 means four times as many, and “about” marks a rounded factor."
    )


def plane_view(settings: Settings, layer: ConvTranspose, palette: Palette) -> None:
    """Draw input × output channels as a plane with lines of equal count and a point for the layer."""
    _drawn("plane", *_plane(layer, palette), settings)
    if settings.presenting:
        return
    inputs.choice("image_format")
    st.caption(
        "Each point is a pair of channel counts. All points of a line have the same number of parameters: "
        "more input channels leave room for fewer output channels."
    )


def _drawn(view: str, figure: UnvalidatedFigure, finding: str, settings: Settings) -> None:
    """Draw ``figure`` as the chart of a view, which fills the screen in the presenter's view."""
    chart(
        figure,
        key=view,
        alt=finding,
        image_format=settings.image_format,
        presenting=settings.presenting,
        projected_height=settings.presenting * PROJECTED_HEIGHTS[view],
    )


@lru_cache(MAX_KEPT_FIGURES)
def _growth(
    layer: ConvTranspose, palette: Palette, *, log: bool, across: bool
) -> tuple[UnvalidatedFigure, str]:
    """Return the figure of the growth and its finding: a class that opens a link sees one layer."""
    panels = [
        Panel(name, axis_name(layer, name), current_value(layer, name), doubling_law(layer, name))
        for name in SWEPT
    ]
    figure = growth_figure(sweeps(layer), panels, palette, log=log, across=across)
    return figure, growth_finding(layer)


@lru_cache(MAX_KEPT_FIGURES)
def _plane(layer: ConvTranspose, palette: Palette) -> tuple[UnvalidatedFigure, str]:
    """Return the figure of the plane and its finding."""
    frame = plane_grid(layer)
    totals = frame["parameters"]
    rounds = log_ticks(int(totals.min()), int(totals.max()), ROUND_LINES)
    lines = equal_count_lines(
        layer,
        {layer.parameter_count, *(int(total) for total in rounds)},
        plane_channels(layer, "in_channels"),
    )
    here = (layer.in_channels, layer.out_channels, layer.parameter_count)
    return plane_figure(frame, lines, here, palette), plane_finding(layer)
