"""The log of a hosted server: one JSON object a line, without addresses of visitors and without their data.

An exception is written with its type and the places in the code, never with its message: a message may quote
what a visitor typed.
"""

import json
import logging
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime

MAX_FRAMES = 30
"""The maximum number of places in the code that are written for one exception."""

MAX_EXCEPTIONS, PERIOD = 100, 60.0
"""The maximum number of exceptions within so many seconds, so that nobody can fill the disk with them."""


class FewExceptions(logging.Filter):
    """Lets ``MAX_EXCEPTIONS`` exceptions of each ``PERIOD`` through, and every other line."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self.clock = clock
        self.ends = self.count = 0.0

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether a line is written."""
        if not record.exc_info:
            return True
        if self.clock() >= self.ends:
            self.ends, self.count = self.clock() + PERIOD, 0
        self.count += 1
        return self.count <= MAX_EXCEPTIONS


class JsonFormatter(logging.Formatter):
    """Formats a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line.

        >>> record = logging.LogRecord("server", logging.WARNING, "", 0, "end: %s", ("ok",), None)
        >>> record.created = 0
        >>> JsonFormatter().format(record)
        '{"time": "1970-01-01T00:00:00+00:00", "level": "warning", "logger": "server", "message": "end: ok"}'
        """
        entry: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        error = record.exc_info[1] if record.exc_info else None
        if error is None:
            entry["message"] = record.getMessage()
        else:
            frames = traceback.extract_tb(error.__traceback__)[-MAX_FRAMES:]
            entry["exception"] = type(error).__qualname__
            entry["places"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        return json.dumps(entry)
