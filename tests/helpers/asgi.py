"""Call an ASGI app without a network."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send


@dataclass(frozen=True)
class Answer:
    """What an app has answered."""

    status: int
    headers: dict[str, str]
    body: bytes


def scope(
    path: str, *, method: str = "GET", kind: str = "http", client: str = "192.0.2.1", **headers: str
) -> Scope:
    """Return what a server tells an app about a request."""
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {
        "type": kind,
        "method": method,
        "path": path,
        "headers": pairs,
        "client": (client, 1),
        "query_string": b"",
    }


def ask(app: ASGIApp, request: Scope, body: Iterable[bytes] = ()) -> Answer:
    """Return the answer of ``app`` to a request whose body comes in parts."""
    return asyncio.run(answer(app, request, body))


async def answer(app: ASGIApp, request: Scope, body: Iterable[bytes] = ()) -> Answer:
    """Return the answer of ``app`` within a running event loop."""
    parts = iter([*body, b""])
    sent: list[Message] = []

    async def receive() -> Message:
        part = next(parts, None)
        if part is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": part, "more_body": part != b""}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(request, receive, send)
    start = next(message for message in sent if message["type"] == "http.response.start")
    return Answer(
        start["status"],
        {name.decode(): value.decode() for name, value in start["headers"]},
        b"".join(message.get("body", b"") for message in sent),
    )


async def reads_all(request: Scope, receive: Receive, send: Send) -> None:
    """Answer with the number of bytes of the body."""
    size = 0
    while True:
        message = await receive()
        size += len(message.get("body", b""))
        if not message.get("more_body"):
            break
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(size).encode()})
