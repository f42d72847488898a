"""How many parameters has my whole model, and where?"""

import streamlit as st

from calculator.ui.components.tabs import views
from calculator.ui.model import source
from calculator.ui.model import views as model_views
from calculator.ui.session import state
from calculator.ui.session.viewport import controls_and_results
from calculator.ui.shell.frame import frame

VIEWS = {"where": "Where they are", "layers": "Layers", "advice": "Advice", "memory": "Memory"}

with frame("pages/model.py"):
    held = state.current()
    with st.container(key="answer"):
        shown = source.given(held)
        model_views.headline(shown)
    controls, results = controls_and_results()
    draw = {
        "where": lambda: model_views.where_view(held, shown),
        "layers": lambda: model_views.layers_view(shown),
        "advice": lambda: model_views.advice_view(shown),
        "memory": lambda: model_views.memory_view(shown),
    }
    with results:
        source.problem(held)
        model_views.about(held, shown)
        views(VIEWS, draw, "model_view")
    with controls, st.container(key="controls", gap="xxsmall"):
        source.sources(held)
