"""A text that there is no room for is taken out of a message, and all else of the message stays."""

from typing import Any

import pytest
import streamlit as st
from streamlit.proto.BackMsg_pb2 import BackMsg

from calculator.ui.session import state
from calculator.ui.session.received_text import LONG, NOT_RECEIVED, SENTENCE, needs_text, without_long_texts


def message(text: str) -> bytes:
    """Return what a browser sends after a press beside a text."""
    sent = BackMsg()
    sent.rerun_script.query_string = "in=3&out=64&k=4"
    add = sent.rerun_script.widget_states.widgets.add
    add(id="press", trigger_value=True)
    add(id="box", string_value=text)
    add(id="other", string_value="a" * LONG)
    add(id="slider").double_array_value.data.extend([1.0, 2.0])
    content: bytes = sent.SerializeToString()
    return content


def test_a_long_text_is_replaced_and_nothing_else() -> None:
    assert without_long_texts(message("\u20ac" * (LONG + 1))) == message(NOT_RECEIVED)
    assert without_long_texts(message("\u20ac" * LONG)) == message("\u20ac" * LONG)
    assert len(NOT_RECEIVED) < LONG


@pytest.mark.parametrize("wrong", [b"\x80" * 20, b"\x5a", b"\x5a\x04\x12\x02\x0a\x7f"])
def test_what_cannot_be_read_stays(wrong: bytes) -> None:
    assert without_long_texts(wrong) == wrong


def test_an_action_without_its_text_is_refused_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    refused: list[tuple[Any, ...]] = []
    monkeypatch.setattr(st, "session_state", {"read": "up,Linear", "missing": NOT_RECEIVED})
    monkeypatch.setattr(state, "refuse", lambda *given: refused.append(given))
    monkeypatch.setattr(state, "clear_problems", lambda: done.append("cleared"))
    action = needs_text(done.append)
    action("read")
    assert (done, refused) == (["cleared", "read"], [])
    action("missing")
    assert (done, refused) == (["cleared", "read"], [("layers", SENTENCE)])
