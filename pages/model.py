"""How many parameters has my whole model, and where?"""

import streamlit as st

from calculator.ui import model, model_source, state
from calculator.ui.frame import frame
from calculator.ui.viewport import controls_and_results
from calculator.ui.views import views

VIEWS = {"where": "Where they are", "layers": "Layers", "advice": "Advice", "memory": "Memory"}

with frame("pages/model.py"):
    held = state.settings()
    with st.container(key="answer"):
        shown = model_source.given(held)
        model.headline(shown)
    controls, results = controls_and_results()
    draw = {
        "where": lambda: model.where(held, shown),
        "layers": lambda: model.layers(shown),
        "advice": lambda: model.advised(shown),
        "memory": lambda: model.memory(shown),
    }
    with results:
        model_source.problem(held)
        model.about(held, shown)
        views(VIEWS, draw, "model_view")
    with controls, st.container(key="controls", gap="xxsmall"):
        model_source.sources(held)
