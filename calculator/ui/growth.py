"""How the count grows: three panels, and the plane of input × output channels."""

import streamlit as st

from calculator.charts import Panel, growth_figure, plane_figure
from calculator.findings import axis_name, growth_finding, law_title, plane_finding
from calculator.growth import SWEPT, current
from calculator.layer import ConvTranspose
from calculator.palette import Palette
from calculator.sweeps import equal_count_lines, plane_grid, plane_ladder, sweeps
from calculator.ticks import log_ticks
from calculator.ui import inputs
from calculator.ui.chart import show


def growth(layer: ConvTranspose, palette: Palette, *, log: bool) -> None:
    """Draw the three panels."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("## How it grows", anchors=False)
        inputs.scale()
    frame = sweeps(layer)
    panels = [
        Panel(name, axis_name(layer, name), current(layer, name), law_title(layer, name)) for name in SWEPT
    ]
    for across, name in ((True, "wide"), (False, "narrow")):
        with st.container(key=f"growth.{name}"):
            drawn = growth_figure(frame, panels, palette, log=log, across=across)
            show(drawn, key=f"growth.{name}.chart", alt=growth_finding(layer))


def plane(layer: ConvTranspose, palette: Palette) -> None:
    """Draw the plane with lines of equal count and the layer's own point."""
    st.markdown("## Trading input for output channels", anchors=False)
    frame = plane_grid(layer)
    totals = frame["parameters"]
    rounds = log_ticks(int(totals.min()), int(totals.max()), 6)
    lines = equal_count_lines(
        layer, {layer.parameter_count, *(int(total) for total in rounds)}, plane_ladder(layer, "in_channels")
    )
    here = (layer.in_channels, layer.out_channels, layer.parameter_count)
    show(plane_figure(frame, lines, here, palette), key="plane", alt=plane_finding(layer))
