"""Which number is right? In the layer, trainable, all: three numbers, each with its reason."""

import streamlit as st

from calculator.core.formatting import format_count, format_product
from calculator.core.layer import ConvTranspose
from calculator.core.totals import tally
from calculator.settings import Settings
from calculator.settings.examples import PUZZLE
from calculator.ui.components import inputs
from calculator.ui.components.markdown import escape_markdown
from calculator.ui.session import state


def which_number(held: Settings) -> None:
    """Draw the three numbers for the layer, what follows it, and whether it is frozen."""
    st.markdown(
        "All three are right; each answers its own question. Tools print different ones, which is how the "
        "count of the same network came to be 99,360 and 103,584."
    )
    with st.container(horizontal=True, key="follows"):
        inputs.switch("batch_norm")
        inputs.switch("frozen")
        inputs.switch("second")
        st.button(
            "The 99,360 / 101,472 / 103,584 puzzle",
            key="puzzle",
            on_click=state.open_example,
            args=(PUZZLE.settings,),
            help=PUZZLE.about,
        )
    second = held.second_layer()
    if second:
        left, right = st.columns(2)
        with left:
            inputs.whole_number("second_out_channels")
        with right:
            inputs.per_axis("One kernel size per axis, second layer", ("second_kernel_size",))
            inputs.spatial("second_kernel_size")
    layers = [held.counted_layer(), *([second] if second else [])]
    if len(layers) > 1:
        st.markdown("  \n".join(_layer_line(layer) for layer in layers))
    for column, item in zip(
        st.columns(3), tally(layers, batch_norm=held.batch_norm, frozen=held.frozen), strict=True
    ):
        column.metric(item.what, format_count(item.value))
        column.markdown(f"{escape_markdown(item.expression)}  \n{escape_markdown(item.reason)}")


def _layer_line(layer: ConvTranspose) -> str:
    return escape_markdown(
        f"{format_count(layer.in_channels)} → {format_count(layer.out_channels)}, kernel "
        f"{format_product(layer.kernel_size)}: "
        f"{format_count(layer.weight_count)} weights + {format_count(layer.bias_count)} biases = "
        f"{format_count(layer.parameter_count)}"
    )
