"""Pages that open, a few at a time: of many who come at once, the first have their answer before the last.

Streamlit runs each page in a thread of its own. Where all of them run at once, each gets an equal part of the
processor, so everybody waits as long as the last. When a replica ends, all of its visitors come at once.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from calculator.readers.containers.protobuf import Wire
from calculator.readers.model import ReadError

MAX_OPENING = 4
"""The maximum number of pages that open at a time. Streamlit pauses before it sends, so two are too few."""

OPENING_SECONDS = 0.5
"""A page that takes longer does not keep the others waiting."""

WAITING_SECONDS = 10.0
"""A page that has waited so long opens at once. Otherwise a client that opens eight endless pages a second
would keep all others waiting."""

RUN, FINISHED = 11, 6
"""The numbers of the fields that ask for a run and that end one (`BackMsg.proto`, `ForwardMsg.proto`)."""

MAX_FIELDS = 100
"""The maximum number of fields of a message that are looked at. Streamlit's messages have under ten."""


class Openings:
    """Middleware that hands on the first runs of ``MAX_OPENING`` pages at a time, in their order."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.free = asyncio.Semaphore(MAX_OPENING)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as ``app`` does."""
        if scope["type"] != "websocket":
            await self.app(scope, receive, send)
            return
        release: Callable[[], None] | None = None
        turn: asyncio.Task[None] | None = None
        coming: asyncio.Task[Message] | None = None

        def done() -> None:
            nonlocal release
            if release:
                release()
                release = None

        async def take_turn() -> None:
            nonlocal release
            with suppress(TimeoutError):
                async with asyncio.timeout(WAITING_SECONDS):
                    await self.free.acquire()
                release = self.free.release
                asyncio.get_running_loop().call_later(OPENING_SECONDS, done)

        async def receive_in_turn() -> Message:
            nonlocal turn, coming
            ahead, coming = coming, None
            message = await (ahead or receive())
            if turn or not has_field(message.get("bytes"), RUN):
                return message
            turn = asyncio.create_task(take_turn())
            await asyncio.sleep(0)
            if not turn.done():
                # Who leaves meanwhile has no need of a run.
                coming = asyncio.ensure_future(receive())
                await asyncio.wait((turn, coming), return_when=asyncio.FIRST_COMPLETED)
                if coming.done() and coming.result()["type"] == "websocket.disconnect":
                    return coming.result()
                await turn
            return message

        async def send_noted(message: Message) -> None:
            await send(message)
            if release and has_field(message.get("bytes"), FINISHED):
                done()

        try:
            await self.app(scope, receive_in_turn, send_noted)
        finally:
            for task in (turn, coming):
                if task:
                    task.cancel()
            done()


def has_field(message: bytes | None, number: int) -> bool:
    """Return whether a message has a field.

    >>> has_field(bytes([48, 0]), FINISHED), has_field(bytes([8, 0]), FINISHED), has_field(None, FINISHED)
    (True, False, False)
    """
    try:
        return any(found == number for found, _ in Wire(MAX_FIELDS).fields(memoryview(message or b"")))
    except ReadError:
        return False
