"""Three right numbers for one network: in the transposed layers, trainable, all."""

import streamlit as st

from calculator.core.formatting import format_count, format_product
from calculator.core.layer import ConvTranspose
from calculator.core.totals import tally
from calculator.settings import Settings
from calculator.settings.examples import PUZZLE
from calculator.ui.components import inputs
from calculator.ui.components.markdown import escape_markdown, metric_style
from calculator.ui.session import state
from calculator.ui.session.callbacks import callback


def which_number_view(settings: Settings) -> None:
    """Draw the three numbers of the layer and what follows it, with the controls that change them."""
    st.markdown(
        "All three numbers are right: each answers a different question. Tools print different ones, so the "
        "same network was once reported with 99,360 and with 103,584 parameters."
    )
    with st.container(horizontal=True, key="follows"):
        inputs.switch("batch_norm")
        inputs.switch("frozen")
        inputs.switch("second")
        st.button(
            "Example: 99,360, 101,472 or 103,584?",
            key="puzzle",
            on_click=callback(state.open_example),
            args=(PUZZLE.settings,),
            help=PUZZLE.about,
        )
    second = settings.second_layer()
    if second:
        halves = st.container(key="halves")
        with halves.container(key="rows.second"):
            inputs.whole_number("second_out_channels")
        with halves.container(key="rows.second_kernel_size"):
            inputs.per_axis("One kernel size per axis, second layer", ("second_kernel_size",))
            inputs.spatial("second_kernel_size")
    layers = [settings.counted_layer(), *([second] if second else [])]
    if len(layers) > 1:
        st.markdown("  \n".join(_layer_line(layer) for layer in layers))
    numbers = tally(layers, batch_norm=settings.batch_norm, frozen=settings.frozen)
    if style := metric_style(format_count(item.value) for item in numbers):
        st.html(style)
    for column, item in zip(st.columns(3), numbers, strict=True):
        column.metric(item.what, format_count(item.value))
        column.markdown(f"{escape_markdown(item.expression)}  \n{escape_markdown(item.reason)}")


def _layer_line(layer: ConvTranspose) -> str:
    """Return the channels, the kernel and the counts of a layer as one line of markdown."""
    return escape_markdown(
        f"{format_count(layer.in_channels)} → {format_count(layer.out_channels)}, kernel "
        f"{format_product(layer.kernel_size)}: "
        f"{format_count(layer.weight_count)} weights + {format_count(layer.bias_count)} biases = "
        f"{format_count(layer.parameter_count)}"
    )
