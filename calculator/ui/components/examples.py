"""Worked examples to choose from. One press sets all settings of the layer."""

from collections.abc import Callable, Sequence

import streamlit as st

from calculator.settings import Settings
from calculator.settings.examples import Example
from calculator.settings.settings import same_layer
from calculator.ui.session import state
from calculator.ui.session.callbacks import callback
from calculator.ui.session.widget_keys import widget_key


def examples(
    label: str, offered: Sequence[Example], on_open: Callable[[Settings], None] = state.open_example
) -> None:
    """Draw the names of some examples, and mark the example whose layer is set.

    A press calls ``on_open`` with the settings of the example. Nothing is drawn inside a course page, which
    chose its own layer.
    """
    if st.context.is_embedded:
        return
    by_name = {example.name: example for example in offered}
    now = next((name for name, one in by_name.items() if same_layer(one.settings, state.current())), None)
    key = widget_key("examples", now)

    def chosen() -> None:
        # A press on the marked example takes the mark away; it opens the same layer again.
        name = st.session_state[key] or now
        if name is not None:
            on_open(by_name[name].settings)

    st.pills(
        label,
        by_name,
        default=now,
        key=key,
        help="\n".join(f"- {one.name}: {one.about}" for one in offered),
        on_change=callback(chosen, key=key),
        wrap=False,
    )
