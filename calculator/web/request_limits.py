"""Limits on requests and messages: their size, uploads, open pages, and what Streamlit says about itself."""

import re
from collections.abc import Callable
from contextlib import suppress

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from calculator.web.addresses import RefusedRequests
from calculator.web.messages import MAX_BESIDE, size_without_texts
from calculator.web.shared_budget import SharedBudget

MAX_BODY = 64_000
"""The maximum size in bytes of the body of a request that is not an upload."""

UPLOAD_ENVELOPE = 100_000
"""The maximum size in bytes of what surrounds an uploaded file in its request."""

MAX_UPLOADED_BY_ONE = 16 << 20
"""The maximum size in bytes of the files that one open page has on the server."""

MAX_UPLOADED = 128 << 20
"""The maximum size in bytes of the files that all open pages together have on the server."""

MAX_UPLOADING = 16
"""The maximum number of files that are received at the same time, half of them from one address."""

MAX_HELD = 48 << 20
"""The maximum size in bytes of the messages with a long text, the longest of each page, of all pages.

As of ``MAX_SHORTENED``, one address may have half of it.
"""

MAX_SHORTENED = 32 << 20
"""The maximum size in bytes of the messages whose long text was taken out within ``KEPT_SECONDS``."""

KEPT_SECONDS = 60.0
"""For so long the connection of a page may keep its last message: until the answer to the next ping."""

SESSION_SECONDS = 120.0
"""For so long Streamlit keeps the session of a page that was closed, with its texts."""

PIECE = 32_000
"""The maximum size in bytes of what is handed on of an answer before it waits for the visitor to read."""

PRIVATE = re.compile(r"/_stcore/(?:metrics|agent(?:/.*)?|script-health-check|message)/?|/st-metrics/?")
"""The addresses at which Streamlit answers about itself, and to programs. Visitors do not need them."""

_UPLOAD = re.compile(r"/_stcore/upload_file/([^/]{1,100})/[^/]{1,100}")


class BodyTooLargeError(Exception):
    """The body of a request is larger than allowed."""


class RequestLimits:
    """Middleware that refuses what exceeds a limit.

    ``base`` is the path below which the app stands, ``max_upload`` the maximum size of a file in bytes,
    ``max_pages`` the maximum number of open pages. ``uploaded`` returns the number of bytes of files on the
    server: of the page with the given session, and of all pages. ``shortened`` returns a message without its
    long texts, which the app gets where there is no room for them.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        base: str,
        max_upload: int,
        max_pages: int,
        uploaded: Callable[[str], tuple[int, int]],
        shortened: Callable[[bytes], bytes],
        refused: RefusedRequests,
    ) -> None:
        self.app = app
        self.base = base
        self.max_upload = max_upload
        self.max_pages = max_pages
        self.uploaded = uploaded
        self.shortened = shortened
        self.refused = refused
        self.pages = 0
        self.held = SharedBudget(MAX_HELD)
        self.shortening = SharedBudget(MAX_SHORTENED)
        self.uploading = SharedBudget(MAX_UPLOADING)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as ``app`` does, or refuse."""
        if scope["type"] == "websocket":
            await self._page(scope, receive, send)
        elif scope["type"] == "http":
            await self._request(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _page(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Connect a page, unless there are too many. Code 1013 means "try again later"."""
        address = client_address(scope)
        if self.pages >= self.max_pages or self.refused.too_many(address):
            await send({"type": "websocket.close", "code": 1013, "reason": "Too many pages are open."})
            return
        self.pages += 1
        largest = 0

        def fits(content: bytes) -> bool:
            """Note what a message takes beyond those before; return whether there is room for it."""
            nonlocal largest
            more = max(len(content) - largest, 0) if len(content) > MAX_BESIDE else 0
            if more and not self.held.take(address, more):
                return False
            largest += more
            return True

        async def receive_limited() -> Message:
            message = await receive()
            content = message.get("bytes") or b""
            code, reason = 1013, "Many large texts are open."
            if message.get("text") is not None:  # Streamlit fails at it, and logs the whole failure.
                code, reason = 1003, "Messages are bytes."
            elif size_without_texts(content) > MAX_BESIDE:
                self.refused.add(address)
                code, reason = 1009, "The message is too large."
            elif fits(content):
                return message
            elif self.shortening.take(address, len(content)):
                self.shortening.give_back_after(KEPT_SECONDS, address, len(content))
                if fits(short := self.shortened(content)):
                    return {"type": message["type"], "bytes": short}
            await send({"type": "websocket.close", "code": code, "reason": reason})
            return {"type": "websocket.disconnect", "code": code}

        try:
            await self.app(scope, receive_limited, send)
        finally:
            self.pages -= 1
            if largest:
                self.held.give_back_after(SESSION_SECONDS, address, largest)

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it: private paths, large bodies, and uploads beyond a limit."""
        address = client_address(scope)
        path = scope["path"].removeprefix(self.base)
        if self.refused.too_many(address):
            await refusal(429, "Too many requests were refused. Try again in a minute.")(scope, receive, send)
            return
        if PRIVATE.fullmatch(path):
            await refusal(404, "Not found.")(scope, receive, send)
            return
        upload = _UPLOAD.fullmatch(path) if scope["method"] == "PUT" else None
        maximum = self.max_upload + UPLOAD_ENVELOPE if upload else MAX_BODY
        size = stated_size(Headers(scope=scope))
        if size is not None and size > maximum:
            self.refused.add(address)
            await refusal(413, f"At most {maximum:,} bytes are received.")(scope, receive, send)
            return
        if not upload:
            await self._limited(scope, receive, send, maximum)
            return
        own, everyone = self.uploaded(upload[1])
        expected = self.max_upload if size is None else size
        if own + expected > MAX_UPLOADED_BY_ONE:
            self.refused.add(address)
            await _drain(receive, maximum)
            await refusal(413, "This page has sent as many files as it may.")(scope, receive, send)
        elif everyone + expected * (1 + self.uploading.used) > MAX_UPLOADED or not self.uploading.take(
            address, 1
        ):
            await _drain(receive, maximum)
            await refusal(503, "Many files are being received. Try again in a minute.")(scope, receive, send)
        else:
            try:
                await self._limited(scope, receive, send, maximum)
            finally:
                self.uploading.give_back(address, 1)

    async def _limited(self, scope: Scope, receive: Receive, send: Send, maximum: int) -> None:
        """Answer as ``app`` does, but break off where the body exceeds ``maximum`` bytes."""
        received = 0
        begun = False

        async def receive_limited() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > maximum:
                raise BodyTooLargeError
            return message

        async def send_noted(message: Message) -> None:
            nonlocal begun
            if received > maximum and not begun:
                return  # The app says that it failed.
            begun = True
            body = message.get("body", b"")
            # A visitor who does not read has the rest copied into the connection.
            while len(body) > PIECE:
                await send({"type": message["type"], "body": bytes(body[:PIECE]), "more_body": True})
                body = memoryview(body)[PIECE:]
            await send({**message, "body": bytes(body)} if body else message)

        with suppress(BodyTooLargeError, ClientDisconnect):  # A visitor who has left gets no answer.
            await self.app(scope, receive_limited, send_noted)
        if received > maximum:
            self.refused.add(client_address(scope))
            if not begun:
                await refusal(413, f"At most {maximum:,} bytes are received.")(scope, receive, send)


async def _drain(receive: Receive, maximum: int) -> None:
    """Read a body of at most ``maximum`` bytes and keep nothing: who still sends would not see an answer."""
    received = 0
    while received <= maximum:
        message = await receive()
        received += len(message.get("body", b""))
        if not message.get("more_body"):
            return


def client_address(scope: Scope) -> str:
    """Return the address that a request comes from, or an empty string where there is none."""
    client = scope.get("client")
    return str(client[0]) if client else ""


def stated_size(headers: Headers) -> int | None:
    """Return the size in bytes that a request states, or ``None``. An unreadable size exceeds every limit."""
    text = headers.get("content-length")
    if text is None:
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 1 << 62


def refusal(status: int, sentence: str) -> PlainTextResponse:
    """Return an answer that refuses a request with a sentence."""
    headers = {"cache-control": "no-store", "connection": "close"}
    if status in (429, 503):
        headers["retry-after"] = "60"
    return PlainTextResponse(sentence, status, headers)
