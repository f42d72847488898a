"""The order in which each framework keeps the same weights, for the layer that is set."""

import streamlit as st

from calculator.core.errors import LayerError
from calculator.core.formatting import format_shape
from calculator.frameworks import FRAMEWORKS
from calculator.ui.components.markdown import escape_markdown
from calculator.ui.session import state

ORDERS = {
    "pytorch": "(in, out ÷ groups, *kernel)",
    "keras": "(*kernel, out, in)",
    "flax": "(*kernel, in, out); with transpose_kernel=True (*kernel, out, in)",
    "onnx": "(in, out ÷ groups, *kernel)",
}


def orders_table() -> None:
    """Draw the order of each framework, and the shape it gives this layer."""
    layer = state.current().counted_layer()
    rows = []
    for name, framework in FRAMEWORKS.items():
        try:
            weights = format_shape(framework.weight_shape(layer))
        except LayerError:
            weights = "none: it has no groups"
        rows.append(f"| {framework.title} | {escape_markdown(ORDERS[name])} | {escape_markdown(weights)} |")
    st.markdown("| framework | order | the layer you set |\n|---|---|---|\n" + "\n".join(rows))
    st.caption(
        "MLX keeps (out, *kernel, in), a fourth order; Flux.jl keeps (*kernel, out ÷ groups, in), "
        "Keras' order with groups."
    )
