"""One line of JSON for each record, and nothing that a visitor typed."""

import json
import logging
import sys
from types import SimpleNamespace

import pytest

import server
from calculator.web.json_log import MAX_EXCEPTIONS, MAX_FRAMES, PERIOD, FewExceptions, JsonFormatter

ERROR = (ValueError, ValueError(), None)


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


def test_exceptions_do_not_fill_the_disk() -> None:
    now = 0.0
    few = FewExceptions(lambda: now)
    plain, failed = (logging.LogRecord("a", logging.ERROR, "", 1, "", None, info) for info in (None, ERROR))
    assert [few.filter(failed) for _ in range(MAX_EXCEPTIONS + 2)] == [True] * MAX_EXCEPTIONS + [False] * 2
    assert few.filter(plain)
    now = PERIOD
    assert few.filter(failed)


def test_the_limit_holds_for_the_whole_log(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    handlers: list[logging.Handler] = []
    own = SimpleNamespace(**vars(logging))  # The loggers of the tests stay as they are.
    own.basicConfig = lambda **given: handlers.extend(given["handlers"])
    own.getLogger = logging.Logger
    monkeypatch.setattr(server, "logging", own)
    monkeypatch.setattr(server, "logger", logging.Logger("server"))
    server._log_as_json()
    [handler] = handlers
    for _ in range(MAX_EXCEPTIONS + 5):
        handler.handle(logging.LogRecord("a", logging.ERROR, "", 1, "", None, ERROR))
    assert len(capsys.readouterr().err.splitlines()) == MAX_EXCEPTIONS
