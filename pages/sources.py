"""What is counted, and who says so?"""

import streamlit as st

from calculator.ui.frame import frame

with frame("pages/sources.py"):
    st.write("…")
