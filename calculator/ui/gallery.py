"""Examples: one click sets everything."""

import streamlit as st

from calculator.examples import EXAMPLES
from calculator.ui import state


def gallery() -> None:
    """Draw a button for each worked example, in one row that scrolls sideways where it must."""
    with st.container(horizontal=True, wrap=False, gap="xsmall", key="examples", vertical_alignment="center"):
        st.markdown("Try", width="content")
        for example in EXAMPLES:
            st.button(
                example.name,
                key=f"example.{example.name}",
                help=example.about,
                on_click=state.open_example,
                args=(example.settings,),
                wrap=False,
            )
