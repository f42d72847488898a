"""The order in which each framework stores the weights of the current layer."""

import streamlit as st

from calculator.core.errors import LayerError
from calculator.core.formatting import format_shape
from calculator.frameworks import FRAMEWORKS
from calculator.ui.components.markdown import escape_markdown
from calculator.ui.session import state


def orders_table() -> None:
    """Draw the order of each framework, and the shape it gives this layer."""
    layer = state.current().counted_layer()
    rows = []
    for framework in FRAMEWORKS.values():
        try:
            weights = format_shape(framework.weight_shape(layer))
        except LayerError:
            weights = "none: it has no groups"
        order = escape_markdown(framework.weight_order)
        rows.append(f"| {framework.title} | {order} | {escape_markdown(weights)} |")
    st.markdown("| framework | order | the layer you set |\n|---|---|---|\n" + "\n".join(rows))
    st.caption(
        "MLX keeps (out, *kernel, in), a fourth order; Flux.jl keeps (*kernel, out ÷ groups, in), "
        "Keras' order with groups."
    )
