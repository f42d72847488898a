"""Limits of the phones' pages: the size of a form, forms of other sites, and how fast codes can be guessed.

``PhoneLimits`` goes around the application of the phones, wherever it is mounted. The application answers an
unknown code with the status 404, and with nothing else: that is how wrong codes are counted.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from calculator.web.addresses import RefusedRequests, address_group
from calculator.web.request_limits import client_address, refusal, stated_size

MAX_FORM = 4_096
"""The maximum size in bytes of the body of a request: an answer of 64 characters and what surrounds it."""

MAX_WRONG_CODES = 300
"""The number of wrong codes of an address in a minute that are answered at once."""

SLOW_SECONDS = 2.0
"""How long every further wrong code of that minute waits for its answer."""

MAX_SLOWED = 100
"""The maximum number of wrong codes of an address that wait at the same time; others are refused."""


class PhoneLimits:
    """Middleware that refuses what exceeds a limit. A right code is never refused and never slow.

    ``refused`` counts large bodies by address; a server passes the counter of all its other refused requests.
    ``wrong`` counts wrong codes.
    """

    def __init__(
        self,
        app: ASGIApp,
        refused: RefusedRequests | None = None,
        wrong: RefusedRequests | None = None,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.app = app
        self.refused = refused or RefusedRequests()
        self.wrong = wrong or RefusedRequests(maximum=MAX_WRONG_CODES)
        self.pause = pause
        self.slowed: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as ``app`` does, or refuse."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if scope["method"] not in ("GET", "HEAD") and not comes_from_here(headers):
            # Not counted: another site can make every browser of a school send such a form.
            await refusal(403, "This form belongs to another site.")(scope, receive, send)
            return
        try:
            body = await _body(headers, receive)
        except ClientDisconnect:  # Part of an answer would be a different answer.
            return
        if body is None:
            self.refused.add(client_address(scope))
            await refusal(413, f"At most {MAX_FORM:,} bytes are received.")(scope, receive, send)
            return
        await self.app(scope, _replayed(body, receive), self._slow_for_wrong_codes(scope, send))

    def _slow_for_wrong_codes(self, scope: Scope, send: Send) -> Send:
        """Return ``send``, which counts wrong codes and delays the answer to each once they are many."""
        group = address_group(client_address(scope))
        replaced = False

        async def slow_send(message: Message) -> None:
            nonlocal replaced
            if message["type"] == "http.response.start" and message["status"] == 404:
                slow = self.wrong.too_many(group)
                self.wrong.add(group)
                if slow and self.slowed[group] >= MAX_SLOWED:
                    replaced = True
                    await refusal(429, "Many wrong codes came from here. Try again in a minute.")(
                        scope, _nothing, send
                    )
                elif slow:
                    self.slowed[group] += 1
                    try:
                        await self.pause(SLOW_SECONDS)
                    finally:
                        self.slowed[group] -= 1
                        self.slowed += Counter()  # Forget addresses that do not wait.
            if not replaced:
                await send(message)

        return slow_send


def comes_from_here(headers: Headers) -> bool:
    """Return whether a form was sent by a page of this server, as far as the browser says.

    The scheme is not compared: behind a proxy the server does not know it. Over http a browser sends only
    ``Origin``, and a program may send neither; it has no cookie of anybody else.

    >>> comes_from_here(Headers({"host": "a.example:8501", "origin": "http://a.example:8501"}))
    True
    >>> comes_from_here(Headers({"host": "a.example", "origin": "https://b.example"}))
    False
    >>> comes_from_here(Headers({"host": "a.example", "sec-fetch-site": "cross-site"}))
    False
    """
    if site := headers.get("sec-fetch-site"):
        return site == "same-origin"
    origin = headers.get("origin")
    if origin is None:
        return True
    try:
        return urlsplit(origin).netloc.lower() == headers.get("host", "").lower() != ""
    except ValueError:
        return False


async def _body(headers: Headers, receive: Receive) -> bytes | None:
    """Return the body of a request, or ``None`` where it is too large. Raises ``ClientDisconnect``."""
    size = stated_size(headers)
    if size is not None and size > MAX_FORM:
        return None
    body, more = b"", True
    while more and len(body) <= MAX_FORM:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body if len(body) <= MAX_FORM else None


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Return a ``receive`` that gives the body that was read, and then what comes after it."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


async def _nothing() -> Message:
    return {"type": "http.disconnect"}
