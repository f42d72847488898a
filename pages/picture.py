"""What do those weights do, and how big is the output?"""

import streamlit as st

from calculator.ui.components import inputs
from calculator.ui.components.presenter_view import presenter_style, presenter_switch
from calculator.ui.components.views import views
from calculator.ui.picture import weights
from calculator.ui.picture.output_size import output_size_view
from calculator.ui.session import state
from calculator.ui.session.viewport import controls_and_results
from calculator.ui.shell.frame import frame

SPATIAL = ("kernel_size", "stride", "padding", "output_padding", "dilation", "input_size")

with frame("pages/picture.py"):
    settings = state.current()
    if settings.presenting:
        presenter_style()
    with st.container(key="answer"):
        weights.headline(settings)
    controls, results = controls_and_results()
    with results:
        views(
            "picture_view",
            [
                lambda: weights.stamp_view(settings),
                lambda: weights.weight_tensor_view(settings),
                lambda: weights.matrices_view(settings),
                lambda: weights.overlap_view(settings),
                lambda: output_size_view(settings),
            ],
            presenting=settings.presenting,
        )
    with controls:
        inputs.choice("dimensions")
        if settings.picture_view == "tensor":
            inputs.spatial("kernel_size")
            inputs.whole_number("in_channels")
            inputs.whole_number("out_channels")
            inputs.groups()
            inputs.switch("bias")
        else:
            inputs.per_axis("One value per axis", SPATIAL)
            for name in SPATIAL:
                inputs.spatial(name, together=SPATIAL)
        presenter_switch()
