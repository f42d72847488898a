"""How many parameters does a transposed convolution have, and how do they grow?"""

import streamlit as st

from calculator.ui.components import inputs
from calculator.ui.components.examples import gallery, gallery_row
from calculator.ui.components.markdown import equation
from calculator.ui.components.tabs import views
from calculator.ui.home import answer, growth
from calculator.ui.home.frameworks import frameworks_view
from calculator.ui.home.unchanged import unchanged_view
from calculator.ui.home.which_number import which_number_view
from calculator.ui.session import state
from calculator.ui.session.viewport import palette
from calculator.ui.shell.frame import frame

with frame("app.py"):
    settings = state.current()
    layer = settings.counted_layer()
    colours = palette()
    examples = gallery_row()
    with st.container(key="answer"):
        answer.headline(layer)
    formula, split = st.columns([6, 5], vertical_alignment="center", gap="medium")
    formula.markdown(equation(layer), text_alignment="center")
    with split:
        answer.split_chart(layer, colours)
    controls, results = st.columns([3, 8], gap="medium")
    with results:
        if settings.working:
            answer.steps_table(layer)
        views(
            "view",
            {
                "growth": lambda: growth.growth_view(settings, layer, colours),
                "plane": lambda: growth.plane_view(settings, layer, colours),
                "output": lambda: unchanged_view(settings),
                "numbers": lambda: which_number_view(settings),
                "frameworks": lambda: frameworks_view(settings),
            },
        )
    with controls, st.container(key="controls", gap="xxsmall"):
        inputs.choice("dimensions")
        inputs.per_axis("One kernel size per axis", ("kernel_size",))
        inputs.spatial("kernel_size")
        inputs.whole_number("in_channels")
        inputs.whole_number("out_channels")
        inputs.groups()
        with st.container(horizontal=True):
            inputs.switch("bias")
            inputs.switch("working")
    with examples:
        gallery()
