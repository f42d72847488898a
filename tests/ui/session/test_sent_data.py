"""Data for a component is one text of JSON."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as some

from calculator.ui.session.sent_data import as_json, sent

VALUES = some.recursive(
    some.none() | some.booleans() | some.integers() | some.text() | some.floats(allow_nan=False),
    lambda inner: some.lists(inner) | some.dictionaries(some.text(), inner),
)


@given(some.dictionaries(some.text(), VALUES), VALUES)
def test_what_is_sent_can_be_read(data: dict[str, Any], value: Any) -> None:
    assert json.loads(as_json(value)) == value
    received = json.loads(json.dumps(sent(data, figure=as_json(value))))  # Streamlit writes it as JSON.
    assert list(received) == ["json"]
    assert json.loads(received["json"]) == data | {"figure": value}
