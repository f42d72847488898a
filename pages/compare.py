"""Which upsampling layer should I choose?"""

from functools import cache, partial

import streamlit as st

from calculator.ui.compare import alternatives, budget, other_tools, shelf, wanted_size
from calculator.ui.components import inputs
from calculator.ui.components.views import views
from calculator.ui.session import state
from calculator.ui.session.viewport import controls_and_results
from calculator.ui.shell.frame import frame

ASKED = ("input_size",)
SCALED = ("kernel_size", "stride", "input_size")
WHOLE_LAYER = ("kernel_size", "stride", "padding", "output_padding", "dilation", "input_size")

with frame("pages/compare.py"):
    settings = state.current()
    # What takes time is computed once, and only where it is shown.
    choices = cache(partial(alternatives.choices, settings))
    found = cache(partial(wanted_size.find, settings))
    with st.container(key="answer"):
        if settings.compare_view == "size":
            wanted_size.headline(found())
        else:
            alternatives.headline(settings, choices())
    if settings.compare_view != "size":
        alternatives.sentence(settings, choices())
    controls, results = controls_and_results()
    with results:
        views(
            "compare_view",
            [
                lambda: alternatives.alternatives_view(settings, choices()),
                lambda: wanted_size.wanted_size_view(settings, found()),
                lambda: shelf.shelf_view(settings),
                lambda: budget.budget_view(settings),
                lambda: other_tools.tools_view(settings),
            ],
        )
    with controls:
        inputs.choice("dimensions")
        inputs.whole_number("in_channels")
        inputs.whole_number("out_channels")
        names = {"size": ASKED, "shelf": WHOLE_LAYER, "tools": WHOLE_LAYER}.get(settings.compare_view, SCALED)
        if (settings.compare_view, settings.budget_of) == ("budget", "memory"):
            names = WHOLE_LAYER  # The output is a part of the memory.
        inputs.per_axis("One value per axis", names)
        for name in names:
            inputs.spatial(name, together=names)
        inputs.groups()
        inputs.switch("bias")
