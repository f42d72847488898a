"""Uvicorn's connections with limits that Uvicorn lacks: time for a request and for reading the answer, open
requests of an address, and messages that are not complete.

Why these are classes of their own: Uvicorn limits only how long a connection may be silent *after* an
answer. A connection that never finishes its first request, or a message, stays open until the visitor closes
it, as does one that never reads.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any, ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory

from calculator.web.addresses import RefusedRequests, address_group

HEADER_SECONDS = 10.0
"""The maximum time from the begin of a connection, or of a request, to the end of its headers."""

BODY_SECONDS = 120.0
"""The maximum time for the whole of a request; 5 MB in this time are 0.3 Mbit/s."""

TRANSFER_SECONDS = 300.0
"""The maximum time for the next 64 kB of an answer and for a message: 1,000 people may share a slow line."""

MAX_HEADER_BYTES = 32_000
"""The maximum size in bytes of the line of a request and its headers; a link has up to 8,000."""

MAX_UNFINISHED_BY_ONE = 1_000
"""The maximum number of unfinished requests of one address: a school that opens a link all at once."""

MAX_RECEIVING = 32 << 20
"""The maximum size in bytes of all messages of all pages that are not complete."""

ORDINARY = 64_000
"""The maximum size in bytes of a message that is received even when all messages take too much memory."""

MAX_PARTS = 1_000
"""The maximum number of parts in which a browser may send a message."""

COMPRESSION = ServerPerMessageDeflateFactory(
    server_max_window_bits=14, client_max_window_bits=12, compress_settings={"level": 3, "memLevel": 7}
)
"""How messages are compressed. With Uvicorn's own settings the messages of an answer are a sixth longer and
take a third more of the processor, which is an eighth of what the answer takes; a page needs 0.1 MB less."""


class LimitedProtocol(H11Protocol):
    """A connection that is closed where a request takes too long, or its address has too many requests."""

    refused: RefusedRequests
    trusts: Callable[[str], bool]
    max_unfinished: int
    unfinished: Counter[str]
    header_seconds = HEADER_SECONDS
    body_seconds = BODY_SECONDS

    transfer_seconds = TRANSFER_SECONDS

    _reading: asyncio.TimerHandle | None = None
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
        self._read()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Begin to wait for the visitor to read."""
        super().pause_writing()
        self._reading = self.loop.call_later(self.transfer_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on writing."""
        self._read()
        super().resume_writing()

    def _read(self) -> None:
        if self._reading:
            self._reading.cancel()

    def data_received(self, data: bytes) -> None:
        """Read on, and stop the timer of a request that is complete."""
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
        self._read()
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


class LimitedMessages(WebSocketsSansIOProtocol):
    """A page's connection that is closed where a message takes too long.

    Where all messages take too much memory, the connection is closed that has sent nothing for longest: a
    connection that keeps a message incomplete gives way to those that complete theirs.
    """

    receiving = 0
    """The size in bytes of the messages of all pages that are not complete."""

    large: ClassVar[dict["LimitedMessages", None]] = {}
    """The connections whose incomplete message is large, in the order in which they last sent a part."""

    transfer_seconds = TRANSFER_SECONDS

    _own = 0
    _noted = 0
    _timer: asyncio.TimerHandle | None = None

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        if self.conn.available_extensions:  # Else compression is switched off.
            self.conn.available_extensions = [COMPRESSION]

    def data_received(self, data: bytes) -> None:
        """Go on receiving."""
        super().data_received(data)
        self._count(sum(map(len, self.frames)) + len(self.conn.reader.buffer))
        if len(self.frames) > MAX_PARTS:
            self.transport.abort()
        while LimitedMessages.receiving > MAX_RECEIVING and self.large:
            next(iter(self.large))._break_off()

    def handle_ping(self) -> None:
        """Answer a ping, unless the visitor does not read: the answers would fill the memory."""
        if self.writable.is_set():
            super().handle_ping()
        else:
            self.conn.data_to_send()  # The answer is dropped.

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection, and free what it received at once: garbage is collected much later."""
        super().connection_lost(exc)
        self._forget()

    def _break_off(self) -> None:
        self.transport.abort()
        self._forget()

    def _forget(self) -> None:
        self.conn.reader.buffer.clear()
        self.frames.clear()
        self._count(0)

    def _count(self, size: int) -> None:
        """Record the size of the incomplete message, and start or stop the timer for its end."""
        LimitedMessages.receiving += size - self._own
        self._own = size
        if size <= ORDINARY:
            self.large.pop(self, None)
            self._noted = 0
        elif abs(size - self._noted) > ORDINARY:
            self.large.pop(self, None)
            self.large[self] = None
            self._noted = size
        if size and not self._timer:
            self._timer = self.loop.call_later(self.transfer_seconds, self.transport.abort)
        elif not size and self._timer:
            self._timer.cancel()
            self._timer = None


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
