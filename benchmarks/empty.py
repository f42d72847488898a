"""One slider and nothing else: what a rerun costs before a page has done anything."""

import streamlit as st

st.slider("k", 1, 16, 4, key="empty")
