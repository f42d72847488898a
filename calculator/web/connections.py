"""Uvicorn's connections with limits that Uvicorn lacks: time for a request, and open requests of an address.

Why this is a class of its own: Uvicorn limits only how long a connection may be silent *after* an answer. A
connection that never finishes its first request stays open until the visitor closes it.
"""

import asyncio
from collections import Counter
from collections.abc import Callable

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from calculator.web.addresses import RefusedRequests, address_group

HEADER_SECONDS = 10.0
"""The maximum time from the begin of a connection, or of a request, to the end of its headers."""

BODY_SECONDS = 120.0
"""The maximum time for the whole of a request; 5 MB in this time are 0.3 Mbit/s."""

MAX_HEADER_BYTES = 32_000
"""The maximum size in bytes of the line of a request and its headers; a link has up to 8,000."""

MAX_UNFINISHED_BY_ONE = 1_000
"""The maximum number of unfinished requests of one address: a school that opens a link all at once."""


class LimitedProtocol(H11Protocol):
    """A connection that is closed where a request takes too long, or its address has too many requests."""

    refused: RefusedRequests
    trusts: Callable[[str], bool]
    max_unfinished: int
    unfinished: Counter[str]
    header_seconds = HEADER_SECONDS
    body_seconds = BODY_SECONDS

    _timer: asyncio.TimerHandle | None = None
    _group = ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        address = self.client[0] if self.client else ""
        # All visitors behind a trusted proxy have its address; the proxy limits their connections itself.
        self._group = "" if self.trusts(address) else address_group(address)
        if self._group and (
            self.unfinished[self._group] >= self.max_unfinished or self.refused.too_many(self._group)
        ):
            self._group = ""
            transport.close()
            return
        self._wait(self.header_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._done()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Go on reading; what is complete need not be waited for."""
        before = self.cycle
        if self._timer is None and not self.transport.is_closing():
            self._wait(self.header_seconds)
        super().data_received(data)
        if self.conn.their_state in (h11.DONE, h11.MUST_CLOSE, h11.CLOSED, h11.SWITCHED_PROTOCOL, h11.ERROR):
            self._done()
        elif self.cycle is not before and self.conn.their_state is h11.SEND_BODY:
            self._done()
            self._wait(self.body_seconds)

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """Hand the connection over to the WebSocket, which has its own limits."""
        self._done()
        super().handle_websocket_upgrade(event)

    def _wait(self, seconds: float) -> None:
        self._timer = self.loop.call_later(seconds, self._too_late)
        if self._group:
            self.unfinished[self._group] += 1

    def _done(self) -> None:
        """Stop the clock of the request, and count it no longer among the open ones of its address."""
        if self._timer is None:
            return
        self._timer.cancel()
        self._timer = None
        if self._group:
            self.unfinished[self._group] -= 1
            if not self.unfinished[self._group]:
                del self.unfinished[self._group]

    def _too_late(self) -> None:
        if self._group:
            self.refused.add(self._group)
        self._done()
        # What has been received stays unanswered: a client this slow would not read the answer either.
        self.transport.abort()


def limited_protocol(
    refused: RefusedRequests,
    trusts: Callable[[str], bool],
    max_unfinished: int = MAX_UNFINISHED_BY_ONE,
    header_seconds: float = HEADER_SECONDS,
    body_seconds: float = BODY_SECONDS,
) -> type[LimitedProtocol]:
    """Return the class of the connections of one server.

    ``refused`` counts what is broken off, ``trusts`` says whether an address is a trusted proxy's,
    ``max_unfinished`` is the maximum number of unfinished requests of one address, and the other two are the
    maximum time for the headers and for the rest of a request.
    """
    own: dict[str, object] = {
        "refused": refused,
        "trusts": staticmethod(trusts),
        "max_unfinished": max_unfinished,
        "unfinished": Counter(),
        "header_seconds": header_seconds,
        "body_seconds": body_seconds,
    }
    return type("LimitedProtocol", (LimitedProtocol,), own)
