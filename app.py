"""How many parameters does a transposed convolution have, and how do they grow?"""

import streamlit as st

from calculator.core.layer import ConvTranspose
from calculator.settings import Settings
from calculator.settings.examples import EXAMPLES
from calculator.ui.components import inputs
from calculator.ui.components.examples import examples
from calculator.ui.components.markdown import equation
from calculator.ui.components.presenter_view import presenter_style, presenter_switch
from calculator.ui.components.views import views
from calculator.ui.home import answer, growth, mystery
from calculator.ui.home.frameworks import frameworks_view
from calculator.ui.home.unchanged import unchanged_view
from calculator.ui.home.which_number import which_number_view
from calculator.ui.session import state
from calculator.ui.session.viewport import controls_and_results, palette
from calculator.ui.shell.frame import frame


def counted(settings: Settings) -> None:
    """Draw the count of the layer with everything about it."""
    layer = settings.counted_layer()
    colours = palette()
    examples("Try", EXAMPLES)
    with st.container(key="answer"):
        answer.headline(layer)
    with st.container(key="how"):
        st.markdown(equation(layer), text_alignment="center")
        answer.split_chart(layer, colours)
    mystery.verdict(settings)
    controls, results = controls_and_results(controls_first=True)
    with results:
        if settings.working:
            answer.steps_table(layer)
        open_view(settings, layer)
    with controls:
        inputs.choice("dimensions")
        inputs.per_axis("One kernel size per axis", ("kernel_size",))
        sliders()
        inputs.switch("bias")
        inputs.switch("working")
        presenter_switch()


def open_view(settings: Settings, layer: ConvTranspose) -> None:
    """Draw the choice of the view, and the open view."""
    views(
        "view",
        [
            lambda: growth.growth_view(settings, layer, palette()),
            lambda: growth.plane_view(settings, layer, palette()),
            lambda: unchanged_view(settings),
            lambda: which_number_view(settings),
            lambda: frameworks_view(settings),
        ],
        presenting=settings.presenting,
        beside=presenter_switch,
    )


def sliders() -> None:
    """Draw the settings that the count depends on."""
    inputs.spatial("kernel_size")
    inputs.whole_number("in_channels")
    inputs.whole_number("out_channels")
    inputs.groups()


def presented(settings: Settings) -> None:
    """Draw the count and the open view on the whole screen; where there is room, the calculation too."""
    layer = settings.counted_layer()
    presenter_style()
    with st.container(key="answer"):
        answer.headline(layer)
    if settings.view == "growth":
        st.markdown(equation(layer), text_alignment="center")
    with st.container(key="presenter-controls"):
        sliders()
        inputs.switch("bias")
        if settings.view == "growth":
            inputs.choice("scale")
    open_view(settings, layer)


with frame("app.py"):
    current = state.current()
    if current.hidden:
        mystery.ask(current)
    elif current.presenting:
        presented(current)
    else:
        counted(current)
