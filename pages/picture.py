"""What do those weights do, and how big is the output?"""

import streamlit as st

from calculator.ui.components import inputs
from calculator.ui.components.tabs import views
from calculator.ui.picture import weights
from calculator.ui.picture.output_size import output_size_view
from calculator.ui.session import state
from calculator.ui.session.viewport import controls_and_results
from calculator.ui.shell.frame import frame

VIEWS = {
    "stamp": "The stamp",
    "tensor": "The weight tensor",
    "transposed": "Why “transposed”",
    "overlap": "Overlap",
    "size": "Output size",
}
MOVES = ("kernel_size", "stride", "padding", "output_padding", "dilation", "input_size")

with frame("pages/picture.py"):
    held = state.current()
    with st.container(key="answer"):
        weights.headline(held)
    controls, results = controls_and_results()
    draw = {
        "stamp": lambda: weights.stamp_view(held),
        "tensor": lambda: weights.weight_tensor_view(held),
        "transposed": lambda: weights.matrices_view(held),
        "overlap": lambda: weights.overlap_view(held),
        "size": lambda: output_size_view(held),
    }
    with results:
        views(VIEWS, draw, "picture_view")
    with controls, st.container(key="controls", gap="xxsmall"):
        inputs.choice("dimensions")
        if held.picture_view == "tensor":
            inputs.spatial("kernel_size")
            inputs.whole_number("in_channels")
            inputs.whole_number("out_channels")
            inputs.groups()
            inputs.switch("bias")
        else:
            inputs.per_axis("One value per axis", MOVES)
            for name in MOVES:
                inputs.spatial(name)
