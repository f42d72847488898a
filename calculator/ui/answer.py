"""The answer: total, weights, biases; the equation; the split; the working."""

import streamlit as st

from calculator.charts import split_figure
from calculator.derivation import derive_parameters, number, part_text
from calculator.findings import split_finding
from calculator.layer import ConvTranspose
from calculator.palette import Palette
from calculator.sweeps import split, working
from calculator.ui.chart import show
from calculator.ui.text import equation, share_text


def headline(layer: ConvTranspose) -> None:
    """Draw the answer in one line; it stays at the top while the page scrolls."""
    share = share_text(layer.bias_count, layer.parameter_count)
    noun = part_text(layer.parameter_count, "parameters").split()[1]
    with st.container(key="answer"):
        st.markdown(
            f"**{number(layer.parameter_count)}** {noun} = "
            f":blue[{part_text(layer.weight_count, 'weights')}] + "
            f":orange[{part_text(layer.bias_count, 'biases')}] "
            f":gray[· biases are {share}]"
        )


def explain(layer: ConvTranspose, palette: Palette) -> None:
    """Draw the equation with the numbers in it, and the split as a picture."""
    left, right = st.columns([6, 5], vertical_alignment="center", gap="medium")
    with left, st.container(key="equation"):
        st.markdown(equation(layer))
    with right:
        show(split_figure(split(layer), palette), key="split", alt=split_finding(layer))


def show_working(layer: ConvTranspose) -> None:
    """Draw the steps from the kernel to the answer, when asked for."""
    opened = st.expander("Show the working", key="working", on_change="rerun")
    if opened.open:
        table = working(derive_parameters(layer))
        table["value"] = table["value"].map(number)
        opened.table(
            table.rename(columns={"what": "step", "expression": "with numbers", "value": "result"}),
            hide_index=True,
        )
