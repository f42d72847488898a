"""The growth of the number of parameters: along one setting, and over input × output channels."""

import streamlit as st

from calculator.charts.descriptions import axis_name, doubling_law, growth_finding, plane_finding
from calculator.charts.growth import Panel, growth_figure
from calculator.charts.plane import plane_figure
from calculator.charts.ticks import log_ticks
from calculator.core.growth import SWEPT, current_value
from calculator.core.layer import ConvTranspose
from calculator.palette import Palette
from calculator.settings import Settings
from calculator.tables.sweeps import equal_count_lines, plane_channels, plane_grid, sweeps
from calculator.ui.components import inputs
from calculator.ui.components.chart import chart
from calculator.ui.session.viewport import width

ROUND_LINES = 6
"""Lines of a round number of parameters on the plane, at most."""


def growth_view(settings: Settings, layer: ConvTranspose, palette: Palette) -> None:
    """Draw three panels side by side; in a narrow window, one below another."""
    panels = [
        Panel(name, axis_name(layer, name), current_value(layer, name), doubling_law(layer, name))
        for name in SWEPT
    ]
    across, log = width() != "narrow", settings.scale == "log"
    figure = growth_figure(sweeps(layer), panels, palette, log=log, across=across)
    chart(figure, key="growth", alt=growth_finding(layer), image_format=settings.image_format)
    with st.container(horizontal=True):
        inputs.choice("scale")
        inputs.choice("image_format")
    st.caption(
        "Each panel changes one setting and keeps the others. Its title states the effect of doubling that "
        "setting: ×4 means four times as many, and “about” marks a rounded factor."
    )


def plane_view(settings: Settings, layer: ConvTranspose, palette: Palette) -> None:
    """Draw input × output channels as a plane with lines of equal count and a point for the layer."""
    frame = plane_grid(layer)
    totals = frame["parameters"]
    rounds = log_ticks(int(totals.min()), int(totals.max()), ROUND_LINES)
    lines = equal_count_lines(
        layer,
        {layer.parameter_count, *(int(total) for total in rounds)},
        plane_channels(layer, "in_channels"),
    )
    here = (layer.in_channels, layer.out_channels, layer.parameter_count)
    figure = plane_figure(frame, lines, here, palette)
    chart(figure, key="plane", alt=plane_finding(layer), image_format=settings.image_format)
    inputs.choice("image_format")
    st.caption(
        "Each point is a pair of channel counts. All points of a line have the same number of parameters: "
        "more input channels leave room for fewer output channels."
    )
