"""Buttons for worked examples. One click sets all settings of the layer."""

from collections.abc import Callable, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from calculator.settings import Settings
from calculator.settings.examples import EXAMPLES, Example
from calculator.ui.session import state
from calculator.ui.session.callbacks import callback


def gallery_row() -> DeltaGenerator:
    """Return the row for the gallery. In a narrow window it scrolls sideways."""
    return st.container(
        horizontal=True, wrap=False, gap="xsmall", key="examples", vertical_alignment="center"
    )


def gallery() -> None:
    """Draw a button for each worked example, but not inside a course page, which chose its own layer."""
    if st.context.is_embedded:
        return
    st.markdown("Try", width="content")
    example_buttons(EXAMPLES)


def example_buttons(
    examples: Sequence[Example], on_open: Callable[[Settings], None] = state.open_example
) -> None:
    """Draw a button for each of some examples. A press calls ``on_open`` with the example's settings."""
    for example in examples:
        st.button(
            example.name,
            key=f"example.{example.name}",
            help=example.about,
            on_click=callback(on_open),
            args=(example.settings,),
            wrap=False,
        )
