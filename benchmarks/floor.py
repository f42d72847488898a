"""The floor of all benchmarks: an app with one slider and one small chart."""

import streamlit as st

k = st.slider("k", 1, 16, 4, key="floor")
st.plotly_chart(
    {
        "data": [{"type": "scatter", "mode": "lines", "x": list(range(10)), "y": [k * x for x in range(10)]}],
        "layout": {
            "template": "none",
            "height": 240,
            "margin": {"l": 30, "r": 5, "t": 30, "b": 20},
            "title": {"text": f"k = {k}"},
        },
    },
    theme=None,
    key="chart",
    config={"displayModeBar": False},
)
