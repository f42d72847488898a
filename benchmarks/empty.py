"""An app with a single slider: the cost of a rerun without any work of a page."""

import streamlit as st

st.slider("k", 1, 16, 4, key="empty")
