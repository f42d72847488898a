"""The answer: total, weights, biases; the equation; the split; the working."""

import streamlit as st

from calculator.charts import split_figure
from calculator.derivation import derive_parameters, number, part_text, share_text
from calculator.findings import split_finding
from calculator.layer import ConvTranspose
from calculator.palette import Palette
from calculator.sweeps import split, working
from calculator.ui.chart import show


def headline(layer: ConvTranspose) -> None:
    """Draw the answer in one line."""
    share = share_text(layer.bias_count, layer.parameter_count)
    noun = part_text(layer.parameter_count, "parameters").split()[1]
    st.markdown(
        f"**{number(layer.parameter_count)}** {noun} = "
        f":blue[{part_text(layer.weight_count, 'weights')}] + "
        f":orange[{part_text(layer.bias_count, 'biases')}] "
        f":gray[· biases are {share}]"
    )


def split_picture(layer: ConvTranspose, palette: Palette) -> None:
    """Draw the split into weights and biases."""
    show(split_figure(split(layer), palette), key="split", alt=split_finding(layer))


def show_working(layer: ConvTranspose) -> None:
    """Draw the steps from one kernel to the answer."""
    table = working(derive_parameters(layer))
    table["value"] = table["value"].map(number)
    st.table(
        table.rename(columns={"what": "step", "expression": "with numbers", "value": "result"}),
        hide_index=True,
    )
