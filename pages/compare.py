"""Which upsampling layer should I choose?"""

import streamlit as st

from calculator.ui import budget, compare, inputs, shelf, state, tools
from calculator.ui.frame import frame
from calculator.ui.viewport import controls_and_results
from calculator.ui.views import views

VIEWS = {
    "alternatives": "Alternatives",
    "shelf": "Shelf",
    "budget": "Budget",
    "tools": "What other tools print",
}

CHOSEN = ("kernel_size", "stride", "input_size")
WHOLE = ("kernel_size", "stride", "padding", "output_padding", "dilation", "input_size")

with frame("pages/compare.py"):
    held = state.settings()
    found = compare.choices(held)
    with st.container(key="answer"):
        compare.headline(held, found)
    controls, results = controls_and_results()
    draw = {
        "alternatives": lambda: compare.alternatives_view(held, found),
        "shelf": lambda: shelf.shelf_view(held),
        "budget": lambda: budget.budget_view(held),
        "tools": lambda: tools.tools_view(held),
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
