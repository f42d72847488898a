"""How many parameters has my whole model, and where?"""

import streamlit as st

from calculator.ui.components.views import views as page_views
from calculator.ui.model import difference, kept, source, views
from calculator.ui.session import state
from calculator.ui.session.viewport import controls_and_results, width
from calculator.ui.shell.frame import frame

with frame("pages/model.py"):
    settings = state.current()
    with st.container(key="answer"):
        source.read_waiting(settings)
        model = source.current_model(settings)
        views.headline(model)
    kept.lost()
    # On a phone the box for a model comes first: the results are long.
    first = st.container() if width() == "narrow" else None
    controls, results = controls_and_results()
    with results:
        source.problem(settings)
        views.about(settings, model)
        page_views(
            "model_view",
            [
                lambda: views.where_view(settings, model),
                lambda: views.layers_view(model),
                lambda: views.advice_view(model),
                lambda: views.memory_view(model),
                lambda: difference.difference_view(model),
            ],
        )
    with controls:
        source.network_list(settings)
        with first or st.container():
            source.paste_form(settings)
        source.file_opener()
