"""Only a text of a control may make a message long."""

import json

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg

from calculator.ui.model.source import MAX_PASTED
from calculator.web.messages import MAX_FIELDS, size_without_texts


def ordinary(text: str = "") -> BackMsg:
    """Return what a browser sends after a press, with a control of each kind."""
    message = BackMsg()
    run = message.rerun_script
    run.query_string, run.page_script_hash = "in=3&out=64&k=4", "0123456789abcdef"
    run.context_info.timezone_offset = -60
    add = run.widget_states.widgets.add
    add(id="trigger", trigger_value=True)
    add(id="number", double_value=1.5)
    add(id="slider").double_array_value.data.extend([1.0, 2.0])
    add(id="box", string_value=text)
    add(id="component", json_value=json.dumps({"value": [1, 2]}))
    add(id="typed", string_value=text)
    return message


def size(message: BackMsg) -> int:
    return size_without_texts(message.SerializeToString())


def test_texts_do_not_count() -> None:
    assert size(ordinary()) == len(ordinary().SerializeToString()) < 300
    # The lengths of the text, and of what contains it, take more bytes.
    assert size(ordinary("\u20ac" * MAX_PASTED)) - size(ordinary()) < 20


def test_all_else_does() -> None:
    many = BackMsg()
    many.file_urls_request.file_names.extend([""] * 1000)
    assert size(many) == len(many.SerializeToString()) > 2000
    for name in ("query_string", "page_name", "fragment_id"):
        message = ordinary()
        setattr(message.rerun_script, name, "a" * 10_000)
        assert size(message) > 10_000
    for value in ({"json_value": "[]" * 5000}, {"bytes_value": b"a" * 10_000}, {"id": "a" * 10_000}):
        message = ordinary()
        message.rerun_script.widget_states.widgets.add(**value)
        assert size(message) > 10_000


def test_empty_parts_count_as_many() -> None:
    message = BackMsg()
    for _ in range(MAX_FIELDS):
        message.rerun_script.widget_states.widgets.add(string_value="a" * 10)
    assert size(message) == len(message.SerializeToString())


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(b"\x80" * 20, id="endless number"),
        pytest.param(b"\x0b", id="group"),
        pytest.param(b"\x5a", id="cut"),
        pytest.param(b"\x0d\x00", id="cut number"),
        pytest.param(b"\x5a\xff\x7f", id="too long"),
        pytest.param(b"\x5a\x04\x12\x02\x0a\x7f", id="too long inside"),
        pytest.param(b"\x5a\x02\x12\x05abcde", id="longer than its part"),
    ],
)
def test_what_cannot_be_read_counts_whole(wrong: bytes) -> None:
    assert size_without_texts(wrong) == len(wrong)
