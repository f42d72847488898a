"""What do those weights do, and how big is the output?"""

import streamlit as st

from calculator.ui import inputs, picture, state
from calculator.ui.frame import frame
from calculator.ui.output import output_size
from calculator.ui.viewport import controls_and_results
from calculator.ui.views import views

VIEWS = {
    "stamp": "The stamp",
    "tensor": "The weight tensor",
    "transposed": "Why “transposed”",
    "overlap": "Overlap",
    "size": "Output size",
}
MOVES = ("kernel_size", "stride", "padding", "output_padding", "dilation", "input_size")

with frame("pages/picture.py"):
    held = state.settings()
    with st.container(key="answer"):
        picture.headline(held)
    controls, results = controls_and_results()
    draw = {
        "stamp": lambda: picture.stamp_view(held),
        "tensor": lambda: picture.tensor(held),
        "transposed": lambda: picture.transposed(held),
        "overlap": lambda: picture.overlapping(held),
        "size": lambda: output_size(held),
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
