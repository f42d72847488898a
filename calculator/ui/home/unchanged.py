"""The settings that do not change the count: stride, padding, output padding, dilation and input size."""

import streamlit as st

from calculator.core.derivation import EMPTY_OUTPUT, Step, derive_multiply_accumulates, derive_output_size
from calculator.core.formatting import format_count, format_product
from calculator.settings import Settings
from calculator.ui.components import inputs
from calculator.ui.components.layer_output import layer_with_output
from calculator.ui.components.markdown import escape_markdown, metric_style

OUTPUT_SETTINGS = ("stride", "padding", "output_padding", "dilation", "input_size")
"""The settings that change the output, but not the number of parameters."""

WORK = (
    "Multiply–accumulates (MACs) are counted by input: each input value is multiplied once by each "
    "weight of its channel. Products that padding crops away are counted; adding the biases is not. "
    "torchinfo 1.8.0 and thop 0.1.1 multiply by the output size instead, so their numbers are too large "
    "by about the product of the strides."
)
"""How multiply–accumulates are counted."""


def unchanged_view(settings: Settings) -> None:
    """Draw the settings that change the output, and beside them the output."""
    count = format_count(settings.counted_layer().parameter_count)
    st.markdown(
        f"Change any of these settings: the layer still has **{count}** parameters. The same weights are "
        "used at every position; these settings only decide where the products are added."
    )
    halves = st.container(key="halves")
    with halves.container(key="rows.unchanged", gap="xxsmall"):
        inputs.per_axis("One value per axis", OUTPUT_SETTINGS)
        for name in OUTPUT_SETTINGS:
            inputs.spatial(name, together=OUTPUT_SETTINGS)
    with halves.container(key="moves"):
        _results(settings)


def _results(settings: Settings) -> None:
    """Draw output size and multiply–accumulates, each with its calculation, or why there is no output."""
    layer = layer_with_output(settings)
    if layer is None:
        return
    sizes = settings.spatial("input_size")
    output = layer.output_size(sizes)
    work_steps = derive_multiply_accumulates(layer, sizes)
    size, work = format_product(output), format_count(work_steps[-1].value)
    if style := metric_style([size, work]):
        st.html(style)
    st.metric("Output size", size, help="Positions along each axis.")
    first, *others = size_steps = derive_output_size(layer, sizes)
    agree = others and {step.expression for step in others} == {first.expression}
    _steps((first._replace(what="Output size, every axis"),) if agree else size_steps)
    if 0 in output:
        st.info(EMPTY_OUTPUT)
    st.metric("Multiply–accumulates", work, help="For one sample.")
    _steps(work_steps)
    if settings.presenting:  # The count of parameters is in the headline, which is always in sight.
        return
    st.caption(WORK)
    st.metric("Parameters", format_count(layer.parameter_count), help="None of these settings changes it.")


def _steps(steps: tuple[Step, ...]) -> None:
    """Draw each step of a calculation on a line of its own."""
    lines = [
        f"{escape_markdown(step.what)}: {escape_markdown(step.expression)} = **{format_count(step.value)}**"
        for step in steps
    ]
    st.markdown("  \n".join(lines))
