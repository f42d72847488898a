"""Which number is right? In the layer, trainable, all: three numbers, each with its reason."""

import streamlit as st

from calculator.counting import tally
from calculator.derivation import number, product
from calculator.examples import PUZZLE
from calculator.layer import ConvTranspose
from calculator.settings import Settings
from calculator.ui import inputs, state
from calculator.ui.text import plain


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
        column.metric(item.what, number(item.value))
        column.markdown(f"{plain(item.expression)}  \n{plain(item.reason)}")


def _layer_line(layer: ConvTranspose) -> str:
    return plain(
        f"{number(layer.in_channels)} → {number(layer.out_channels)}, kernel {product(layer.kernel_size)}: "
        f"{number(layer.weight_count)} weights + {number(layer.bias_count)} biases = "
        f"{number(layer.parameter_count)}"
    )
