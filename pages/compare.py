"""Which upsampling layer should I choose?"""

import streamlit as st

from calculator.ui.compare import alternatives, budget, other_tools, shelf
from calculator.ui.components import inputs
from calculator.ui.components.tabs import views
from calculator.ui.session import state
from calculator.ui.session.viewport import controls_and_results
from calculator.ui.shell.frame import frame

VIEWS = {
    "alternatives": "Alternatives",
    "shelf": "Shelf",
    "budget": "Budget",
    "tools": "What other tools print",
}

CHOSEN = ("kernel_size", "stride", "input_size")
WHOLE = ("kernel_size", "stride", "padding", "output_padding", "dilation", "input_size")

with frame("pages/compare.py"):
    held = state.current()
    found = alternatives.choices(held)
    with st.container(key="answer"):
        alternatives.headline(held, found)
    controls, results = controls_and_results()
    draw = {
        "alternatives": lambda: alternatives.alternatives_view(held, found),
        "shelf": lambda: shelf.shelf_view(held),
        "budget": lambda: budget.budget_view(held),
        "tools": lambda: other_tools.tools_view(held),
    }
    with results:
        views(VIEWS, draw, "compare_view")
    with controls, st.container(key="controls", gap="xxsmall"):
        inputs.choice("dimensions")
        inputs.whole_number("in_channels")
        inputs.whole_number("out_channels")
        names = WHOLE if held.compare_view in ("shelf", "tools") else CHOSEN
        inputs.per_axis("One value per axis", names)
        for name in names:
            inputs.spatial(name)
        inputs.groups()
        inputs.switch("bias")
