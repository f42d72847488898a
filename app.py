"""How many parameters has a transposed convolution, and how do they grow?"""

import streamlit as st

from calculator.ui import answer, growth, inputs, state
from calculator.ui.frame import frame, palette
from calculator.ui.frameworks import in_your_framework
from calculator.ui.gallery import gallery
from calculator.ui.numbers import which_number
from calculator.ui.share import share_button
from calculator.ui.unchanged import unchanged

with frame("app.py", tools=share_button):
    held = state.settings()
    layer = held.counted_layer()
    colours = palette()
    gallery()
    answer.headline(layer)
    answer.explain(layer, colours)
    answer.show_working(layer)
    controls, results = st.columns([3, 8], gap="medium")
    with controls, st.container(key="controls", gap="small"):
        inputs.dimensions()
        inputs.per_axis("One kernel size per axis", ("kernel_size",))
        inputs.spatial("kernel_size")
        inputs.whole_number("in_channels")
        inputs.whole_number("out_channels")
        inputs.groups()
        inputs.switch("bias")
    with results:
        growth.growth(layer, colours, log=held.scale == "log")
        growth.plane(layer, colours)
        unchanged(held)
        which_number(held)
        in_your_framework(held)
