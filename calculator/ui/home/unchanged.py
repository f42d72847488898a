"""What does not change the count: stride, padding, output padding, dilation and input size."""

import streamlit as st

from calculator.core.derivation import Step, derive_multiply_accumulates, derive_output_size
from calculator.core.errors import LayerError
from calculator.core.formatting import format_count, format_product
from calculator.settings import Settings
from calculator.ui.components import inputs
from calculator.ui.components.markdown import escape_markdown

MOVED = ("stride", "padding", "output_padding", "dilation", "input_size")


def unchanged(held: Settings) -> None:
    """Draw the settings that move the output, and the output that follows them."""
    count = format_count(held.counted_layer().parameter_count)
    st.markdown(
        f"Move anything here: the layer keeps its **{count}** parameters. The same weights are used at "
        "every position; these settings only decide where they land."
    )
    left, right = st.columns(2, gap="medium")
    with left, st.container(key="moved", gap="xxsmall"):
        inputs.per_axis("One value per axis", MOVED)
        for name in MOVED:
            inputs.spatial(name)
    with right, st.container(key="moves"):
        _results(held)


def _results(held: Settings) -> None:
    """Draw output size and multiply–accumulates with their working, or why there are none."""
    sizes = held.spatial("input_size")
    try:
        layer = held.layer()
        output = layer.output_size(sizes)
        size_steps = derive_output_size(layer, sizes)
        work_steps = derive_multiply_accumulates(layer, sizes)
    except LayerError as error:
        st.error(f"**No output with these settings.** {escape_markdown(str(error))}")
        st.markdown(
            f"The count does not need them: it stays {format_count(held.counted_layer().parameter_count)}."
        )
        return
    st.metric("Output size", format_product(output), help="Positions along each axis.")
    _steps(size_steps)
    if 0 in output:
        st.info("An output of size 0 is allowed, as in PyTorch, but holds nothing.")
    st.metric("Multiply–accumulates", format_count(work_steps[-1].value), help="For one sample.")
    _steps(work_steps)
    st.caption(
        "Counted by input: every input value meets every weight of its channel once. Products that land "
        "in the border cropped by padding are counted; adding the biases is not. torchinfo 1.8.0 and "
        "thop 0.1.1 multiply by the output size instead, about ∏ stride times too much."
    )
    st.metric("Parameters", format_count(layer.parameter_count), help="Still the same.")


def _steps(steps: tuple[Step, ...]) -> None:
    lines = [
        f"{escape_markdown(step.what)}: {escape_markdown(step.expression)} = **{format_count(step.value)}**"
        for step in steps
    ]
    st.markdown("  \n".join(lines))
