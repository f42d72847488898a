"""One line of JSON for each record, and nothing that a visitor typed."""

import json
import logging
import sys

import pytest

from calculator.web.json_log import MAX_FRAMES, JsonFormatter


def line(error: Exception | None = None) -> dict[str, object]:
    info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("streamlit", logging.ERROR, __file__, 1, "said %r\nmore", ("é",), info)
    text = JsonFormatter().format(record)
    assert "\n" not in text
    return dict(json.loads(text))


def test_a_message() -> None:
    entry = line()
    assert (entry["level"], entry["logger"], entry["message"]) == ("error", "streamlit", "said 'é'\nmore")


def test_an_exception_without_its_message() -> None:
    with pytest.raises(ValueError, match="typed by a visitor") as raised:
        int("typed by a visitor")
    entry = line(raised.value)
    assert entry["exception"] == "ValueError"
    assert "visitor" not in json.dumps(entry)
    assert "message" not in entry
    places = entry["places"]
    assert isinstance(places, list)
    assert places[0].endswith(" test_an_exception_without_its_message")


def test_a_deep_exception_is_short() -> None:
    def deep(level: int) -> None:
        if not level:
            raise ValueError
        deep(level - 1)

    try:
        deep(200)
    except ValueError:
        record = logging.LogRecord("a", logging.ERROR, "", 1, "", None, sys.exc_info())
    places = json.loads(JsonFormatter().format(record))["places"]
    assert len(places) == MAX_FRAMES
