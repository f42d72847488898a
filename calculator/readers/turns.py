"""Turns at a limited resource, shared fairly: each owner has at most one turn, and one request for a turn.

Why this is hand-written: a semaphore of the standard library gives turns to whoever asks most often, and
cannot withdraw a request that a newer one of the same owner replaces.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class NoTurnError(Exception):
    """No turn became free in time."""


class ReplacedError(Exception):
    """A newer request of the same owner has replaced this one."""


class _Request:
    """A request for a turn. ``answered`` is set when it is ``granted`` or replaced."""

    def __init__(self, owner: object) -> None:
        self.owner = owner
        self.answered = threading.Event()
        self.granted = False


class Turns:
    """At most ``maximum`` turns at a time. Requests are granted in their order, one turn for each owner.

    An owner that asks again while a request of its own waits keeps the place in the line with the newer
    request. So one owner can neither hold more than one turn nor make the line longer than by one.
    """

    def __init__(self, maximum: int) -> None:
        self._free = maximum
        self._lock = threading.Lock()
        self._waiting: list[_Request] = []
        self._running: set[object] = set()

    @contextmanager
    def turn(self, owner: object, seconds: float) -> Iterator[None]:
        """Hold a turn inside the block.

        Raises ``NoTurnError`` where there is none within ``seconds``, and ``ReplacedError``.

        >>> with Turns(1).turn("a visitor", seconds=1):
        ...     print("It is my turn.")
        It is my turn.
        """
        request = _Request(owner)
        with self._lock:
            self._line_up(request)
            self._grant()
        request.answered.wait(seconds)
        with self._lock:
            if request in self._waiting:
                self._waiting.remove(request)
                raise NoTurnError
        if not request.granted:
            raise ReplacedError
        try:
            yield
        finally:
            with self._lock:
                self._free += 1
                self._running.remove(owner)
                self._grant()

    def _line_up(self, request: _Request) -> None:
        """Put a request at the end of the line, or in the place of the one that it replaces."""
        for place, other in enumerate(self._waiting):
            if other.owner == request.owner:
                self._waiting[place] = request
                other.answered.set()
                return
        self._waiting.append(request)

    def _grant(self) -> None:
        """Grant the first requests whose owners have no turn, as long as turns are free."""
        for request in list(self._waiting):
            if self._free and request.owner not in self._running:
                self._waiting.remove(request)
                self._free -= 1
                self._running.add(request.owner)
                request.granted = True
                request.answered.set()
