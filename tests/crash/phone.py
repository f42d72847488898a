"""A phone without a browser: it joins, answers, repeats what was not acknowledged, and asks what is new."""

import asyncio
import random
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

BROKEN = (OSError, EOFError)
"""What a connection that breaks raises; ``asyncio.IncompleteReadError`` is an ``EOFError``."""

AWAY = (502, 503, 504)
"""What a server, or a proxy before it, answers while something behind it is away."""

MAX_HEADERS = 64_000

_COOKIE = re.compile(r"set-cookie: *([^=\s]+)=([^;\r]*)", re.IGNORECASE)
_LENGTH = re.compile(r"content-length: *(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(r"transfer-encoding: *chunked", re.IGNORECASE)


async def at_once(_: int) -> None:
    """Stand for a line that takes no time."""


@dataclass
class Phone:
    """One phone in the class with a code; ``url`` is the address below which the pages of phones are.

    ``repeats`` counts the requests that were not answered, ``left`` those that the phone left itself.
    ``line`` is awaited with the number of bytes of each request and each answer, as a slow line takes time.
    """

    url: str
    code: str
    line: Callable[[int], Awaitable[None]] = at_once
    cookies: dict[str, str] = field(default_factory=dict)
    repeats: int = 0
    left: int = 0
    received: int = 0
    _connection: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, body: str = "", *, leave: bool = False) -> tuple[int, bytes]:
        """Return the status and the body of an answer. Raises one of ``BROKEN`` where the connection breaks.

        With ``leave`` the phone loses the network right after it has sent the request.
        """
        parts = urlsplit(self.url)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = (
            f"{method} {parts.path}{path} HTTP/1.1\r\nHost: {parts.netloc}\r\nCookie: {cookies}\r\n"
            f"Origin: {parts.scheme}://{parts.netloc}\r\nAccept-Encoding: gzip\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        ).encode()
        try:
            if self._connection is None:
                self._connection = await asyncio.open_connection(
                    parts.hostname, parts.port, limit=MAX_HEADERS
                )
            reader, writer = self._connection
            await self.line(len(sent))
            writer.write(sent)
            await writer.drain()
            if leave:
                raise ConnectionResetError
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            content = await _content(reader, head)
        except BROKEN:
            await self.close()
            raise
        await self.line(len(head) + len(content))
        self.received = len(head) + len(content)
        self.cookies |= dict(_COOKIE.findall(head))
        if "connection: close" in head.lower():
            await self.close()
        return int(head.split()[1]), content

    async def until_answered(self, method: str, path: str, body: str = "", leave: bool = False) -> int:
        """Return the status, asking again while something is away, each time after a longer wait."""
        wait = 0.05
        while True:
            with suppress(*BROKEN):
                status, _ = await self.ask(method, path, body, leave=leave)
                if status not in AWAY:
                    return status
            self.left += leave
            self.repeats += 1
            leave = False
            await asyncio.sleep(random.uniform(wait / 2, wait))
            wait = min(2 * wait, 1.0)

    async def join(self) -> None:
        """Open the page of the class, and so get a seat or keep it."""
        status = await self.until_answered("GET", f"/j/{self.code}")
        assert status == 200, status

    async def answer(self, question: int, round_number: int, value: int, *, leave: bool = False) -> bool:
        """Send a number until the class has acknowledged it or said why it does not count."""
        form = f"question={question}&round={round_number}&answer={value}"
        while True:
            status = await self.until_answered("POST", f"/j/{self.code}/now", form, leave)
            if status != 429:  # One answer a second.
                break
            await asyncio.sleep(0.2)
        assert status in (200, 409), status
        return status == 200

    async def close(self) -> None:
        """Close the connection; the next request opens another one."""
        if self._connection:
            self._connection[1].close()
            with suppress(OSError):
                await self._connection[1].wait_closed()
            self._connection = None


async def _content(reader: asyncio.StreamReader, head: str) -> bytes:
    if stated := _LENGTH.search(head):
        return await reader.readexactly(int(stated[1]))
    if not _CHUNKED.search(head):
        return b""
    content = b""
    while size := int(await reader.readuntil(b"\r\n"), 16):
        content += (await reader.readexactly(size + 2))[:-2]
    await reader.readexactly(2)
    return content
