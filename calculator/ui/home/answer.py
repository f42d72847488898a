"""The answer: the number of parameters, its split into weights and biases, and the calculation."""

import streamlit as st

from calculator.charts.descriptions import split_finding
from calculator.charts.split import split_figure
from calculator.core.derivation import derive_parameters
from calculator.core.formatting import format_count, format_share, noun_for, plural
from calculator.core.layer import ConvTranspose
from calculator.palette import Palette
from calculator.tables.answer import working
from calculator.ui.charts.chart import chart
from calculator.ui.components.markdown import kept_together, large_number

SMALLEST_SHARE = 100_000
"""The headline has the share of the biases in percent down to this part of all parameters."""


def headline(layer: ConvTranspose) -> None:
    """Draw the answer in one line."""
    is_tiny = 0 < layer.bias_count * SMALLEST_SHARE < layer.parameter_count
    share = "under 0.001 %" if is_tiny else format_share(layer.bias_count, layer.parameter_count)
    noun = noun_for(layer.parameter_count, "parameter")
    st.markdown(
        f"{large_number(layer.parameter_count)} {noun} = "
        f":blue[{plural(layer.weight_count, 'weight')}] + "
        f":orange[{plural(layer.bias_count, 'bias')}] "
        f":gray[· biases are {kept_together(share)}]"
    )


def split_chart(layer: ConvTranspose, palette: Palette) -> None:
    """Draw the split into weights and biases."""
    figure = split_figure(layer.weight_count, layer.bias_count, palette)
    chart(figure, key="split", alt=split_finding(layer))


def steps_table(layer: ConvTranspose) -> None:
    """Draw the steps from one kernel to the answer."""
    table = working(derive_parameters(layer))
    table["value"] = table["value"].map(format_count)
    st.table(
        table.rename(columns={"what": "step", "expression": "with numbers", "value": "result"}),
        hide_index=True,
    )
