"""Long texts that the server did not accept, because those of all pages fill its memory.

The browser sends the text of the box with every press. Where there is no memory for the text, the server
replaces it with ``NOT_RECEIVED`` and keeps the rest of the message, so the page can explain that and loses
nothing else.
"""

from collections.abc import Callable

import streamlit as st
from streamlit.proto.BackMsg_pb2 import BackMsg

from calculator.ui.session import state

NOT_RECEIVED = "\N{REPLACEMENT CHARACTER} not received"

LONG = 10_000
"""The maximum number of characters of a text that is never replaced."""

SENTENCE = (
    "The server did not receive the text, because many long texts are open on it at the moment. The text is "
    "still in the box: press again in two minutes."
)


def without_long_texts(message: bytes) -> bytes:
    """Return a browser's message with ``NOT_RECEIVED`` in place of each long text.

    A message that cannot be read is returned as it is.
    """
    read = BackMsg()
    try:
        read.ParseFromString(message)
    except Exception:  # Streamlit says the same of it in its log.
        return message
    for widget in read.rerun_script.widget_states.widgets:
        if len(widget.string_value) > LONG:
            widget.string_value = NOT_RECEIVED
    shortened: bytes = read.SerializeToString()
    return shortened


def needs_text(action: Callable[[str], None]) -> Callable[[str], None]:
    """Return a callback that calls ``action`` with the key of a text box, if its text was received."""

    def pressed(key: str) -> None:
        if st.session_state[key] == NOT_RECEIVED:
            state.refuse("layers", SENTENCE)
        else:
            state.clear_problems()  # A model that is read changes no setting, which would clear them.
            action(key)

    return pressed
