"""How the count grows: three panels, and the plane of input × output channels."""

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
from calculator.ui.components.plotly_chart import show
from calculator.ui.session.viewport import width


def growth(held: Settings, layer: ConvTranspose, palette: Palette) -> None:
    """Draw the three panels: side by side, or one below another in a narrow window."""
    panels = [
        Panel(name, axis_name(layer, name), current_value(layer, name), doubling_law(layer, name))
        for name in SWEPT
    ]
    drawn = growth_figure(sweeps(layer), panels, palette, log=held.scale == "log", across=width() != "narrow")
    show(drawn, key="growth", alt=growth_finding(layer), picture=held.picture)
    with st.container(horizontal=True):
        inputs.choice("scale")
        inputs.choice("picture")


def plane(held: Settings, layer: ConvTranspose, palette: Palette) -> None:
    """Draw the plane with lines of equal count and the layer's own point."""
    frame = plane_grid(layer)
    totals = frame["parameters"]
    rounds = log_ticks(int(totals.min()), int(totals.max()), 6)
    lines = equal_count_lines(
        layer,
        {layer.parameter_count, *(int(total) for total in rounds)},
        plane_channels(layer, "in_channels"),
    )
    here = (layer.in_channels, layer.out_channels, layer.parameter_count)
    drawn = plane_figure(frame, lines, here, palette)
    show(drawn, key="plane", alt=plane_finding(layer), picture=held.picture)
    inputs.choice("picture")
