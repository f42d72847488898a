"""Connections that never finish a request are closed, and only those."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from unittest.mock import Mock

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from calculator.web import connections
from calculator.web.addresses import RefusedRequests
from calculator.web.connections import MAX_HEADER_BYTES, LimitedMessages, limited_protocol
from tests.helpers.asgi import reads_all

HOST = "127.0.0.1"
GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
UPGRADE = (
    b"GET /_stcore/stream HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


@dataclass
class Running:
    """A running server, and what it has counted."""

    port: int
    refused: RefusedRequests
    unfinished: dict[str, int]

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection(HOST, self.port)

    async def send(self, *parts: bytes) -> bytes:
        """Return all that the server answers to ``parts``, until it closes the connection."""
        reader, writer = await self.connect()
        for part in parts:
            writer.write(part)
            await writer.drain()
        try:
            return await reader.read()
        except ConnectionResetError:
            return b""
        finally:
            writer.close()


@asynccontextmanager
async def running(
    *,
    header_seconds: float = 60,
    body_seconds: float = 60,
    transfer_seconds: float = 60,
    max_unfinished: int = 1000,
    trusts: Callable[[str], bool] = lambda _: False,
    app: Callable[[Scope, Receive, Send], Awaitable[None]] = reads_all,
) -> AsyncIterator[Running]:
    refused = RefusedRequests()
    protocol = limited_protocol(refused, trusts, max_unfinished, header_seconds, body_seconds)
    protocol.transfer_seconds = transfer_seconds
    config = uvicorn.Config(
        app,
        host=HOST,
        port=0,
        http=protocol,
        ws=LimitedMessages,
        lifespan="off",
        log_config=None,
        timeout_keep_alive=1,
        timeout_graceful_shutdown=1,
        h11_max_incomplete_event_size=MAX_HEADER_BYTES,
    )
    server = uvicorn.Server(config)
    server.config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    loop = asyncio.create_task(server.main_loop())
    [socket] = server.servers[0].sockets
    try:
        yield Running(socket.getsockname()[1], refused, protocol.unfinished)
    finally:
        server.should_exit = True
        await loop
        await server.shutdown()


def run(scenario: Callable[[], Coroutine[None, None, None]]) -> None:
    """Run a scenario in the event loop that the server would have."""
    with asyncio.Runner(loop_factory=uvicorn.Config(reads_all).get_loop_factory()) as runner:
        runner.run(scenario())


def test_a_silent_connection_is_closed() -> None:
    async def scenario() -> None:
        async with running(header_seconds=0.1) as server:
            assert await server.send() == b""
            assert server.refused.counts == {HOST: 1}
            assert not server.unfinished

    run(scenario)


def test_headers_that_never_end_are_closed_however_often_a_byte_comes() -> None:
    async def scenario() -> None:
        async with running(header_seconds=0.3) as server:
            reader, writer = await server.connect()
            writer.write(GET[:-2])
            begun = time.monotonic()
            while not reader.at_eof() and time.monotonic() < begun + 60:
                writer.write(b"a: b\r\n")
                try:
                    await asyncio.wait_for(reader.read(1), 0.05)
                except TimeoutError:
                    continue
                except OSError:
                    break
            writer.close()
            assert server.refused.counts == {HOST: 1}

    run(scenario)


def test_a_body_that_never_ends_is_closed() -> None:
    async def scenario() -> None:
        async with running(body_seconds=0.2) as server:
            head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n"
            assert await server.send(head + b"12345") == b""
            assert await server.send(head, b"12345") == b""
            assert server.refused.counts == {HOST: 2}
            assert b"\r\n2\r\n10\r\n" in await server.send(head + b"1234567890")
            assert server.refused.counts == {HOST: 2}

    run(scenario)


def test_requests_one_after_the_other_are_all_answered() -> None:
    async def scenario() -> None:
        async with running(header_seconds=30) as server:
            reader, writer = await server.connect()
            for _ in range(3):
                writer.write(GET)
                assert await reader.readuntil(b"0\r\n\r\n")
                assert not server.unfinished
            writer.write(GET[:5])
            while not server.unfinished:
                await asyncio.sleep(0)
            writer.write(GET[5:])
            assert await reader.readuntil(b"0\r\n\r\n")
            writer.close()
            assert not server.refused.counts

    run(scenario)


def test_a_slow_answer_is_no_slow_request() -> None:
    async def scenario() -> None:
        async def slow(request: Scope, receive: Receive, send: Send) -> None:
            await asyncio.sleep(0.3)
            await reads_all(request, receive, send)

        async with running(header_seconds=0.1, body_seconds=0.1, app=slow) as server:
            assert b"200 OK" in await server.send(GET.replace(b"Host", b"Connection: close\r\nHost"))
            assert not server.refused.counts

    run(scenario)


def test_one_address_holds_few_unfinished_requests() -> None:
    async def scenario() -> None:
        async with running(max_unfinished=5) as server:
            held = [await server.connect() for _ in range(5)]
            while server.unfinished.get(HOST) != 5:
                await asyncio.sleep(0)
            assert await server.send(GET) == b""
            held[0][1].close()
            while server.unfinished.get(HOST) != 4:
                await asyncio.sleep(0)
            assert b"200 OK" in await server.send(GET.replace(b"Host", b"Connection: close\r\nHost"))
            for _, writer in held:
                writer.close()

    run(scenario)


def test_connections_of_a_trusted_proxy_are_its_own_concern() -> None:
    async def scenario() -> None:
        async with running(max_unfinished=1, header_seconds=0.2, trusts=lambda _: True) as server:
            held = [await server.connect() for _ in range(5)]
            assert b"200 OK" in await server.send(GET.replace(b"Host", b"Connection: close\r\nHost"))
            assert [await reader.read() for reader, _ in held] == [b""] * 5
            assert not server.refused.counts
            for _, writer in held:
                writer.close()

    run(scenario)


def test_long_headers_are_refused() -> None:
    async def scenario() -> None:
        async with running() as server:
            long = GET[:-2] + b"a: " + b"b" * 20 * MAX_HEADER_BYTES + b"\r\n\r\n"
            # Who still sends may miss the answer, because the connection is closed.
            assert (await server.send(long))[:12] in (b"", b"HTTP/1.1 400")

    run(scenario)


def test_who_never_reads_is_closed() -> None:
    async def scenario() -> None:
        closed = asyncio.Event()

        async def endless(_: Scope, receive: Receive, send: Send) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            gone = asyncio.create_task(receive_disconnect(receive))
            while not gone.done():  # More than the system takes for who does not read.
                await send({"type": "http.response.body", "body": b"a" * 100_000, "more_body": True})
                await asyncio.sleep(0)
            closed.set()

        async with running(transfer_seconds=0.2, app=endless) as server:
            _, writer = await asyncio.open_connection(HOST, server.port, limit=1)
            writer.write(GET)
            await closed.wait()
            writer.close()
            assert not server.refused.counts  # A slow line is not an attack.

    run(scenario)


async def receive_disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def test_who_reads_slowly_is_answered() -> None:
    async def scenario() -> None:
        async def long(_: Scope, __: Receive, send: Send) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            for _part in range(100):
                await send({"type": "http.response.body", "body": b"a" * 100_000, "more_body": True})
            await send({"type": "http.response.body"})

        async with running(transfer_seconds=60, app=long) as server:
            assert (await server.send(GET.replace(b"Host", b"Connection: close\r\nHost"))).endswith(
                b"0\r\n\r\n"
            )

    run(scenario)


@dataclass
class Page:
    """The server's end of a page's connection, without a network."""

    protocol: LimitedMessages
    transport: Mock
    aborted: bool = False


async def reads_messages(_: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    while (await receive())["type"] != "websocket.disconnect":
        pass


async def page(transfer_seconds: float = 60, asked: bytes = UPGRADE) -> Page:
    """Return a connection after its handshake."""
    config = uvicorn.Config(reads_messages, lifespan="off", log_config=None)
    config.load()
    transport = Mock(asyncio.Transport, get_extra_info=lambda _: None)
    connection = Page(LimitedMessages(config, uvicorn.server.ServerState(), {}), transport)
    transport.is_closing = lambda: connection.aborted

    def abort() -> None:
        connection.aborted = True
        connection.protocol.connection_lost(None)

    transport.abort = abort
    connection.protocol.transfer_seconds = transfer_seconds
    connection.protocol.connection_made(transport)
    connection.protocol.data_received(asked)
    while not connection.protocol.handshake_complete:
        await asyncio.sleep(0)
    return connection


def part(size: int, *, opcode: int = 2, end: bool = True, sent: int | None = None) -> bytes:
    """Return a frame of ``size`` bytes, or its first ``sent`` bytes (RFC 6455, 5.2), with a mask of zeros."""
    head = bytes([opcode | end << 7, 255]) + size.to_bytes(8) + bytes(4)
    if size < 126:
        head = bytes([opcode | end << 7, 128 | size]) + bytes(4)
    return head + b"a" * (size if sent is None else sent)


def test_messages_that_are_not_complete_have_one_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MAX_RECEIVING", 1_000_000)

    async def scenario() -> None:
        pages = [await page() for _ in range(6)]

        def aborted() -> list[int]:
            return [number for number, one in enumerate(pages) if one.aborted]

        for one in pages[:3]:
            one.protocol.data_received(part(900_000, sent=300_000))
        pages[5].protocol.data_received(part(50_000, sent=40_000))
        assert LimitedMessages.receiving == 940_000
        pages[0].protocol.data_received(b"a" * 100_000)  # It goes on; the others hold theirs open.
        assert (aborted(), LimitedMessages.receiving) == ([1], 740_000)
        pages[3].protocol.data_received(part(500_000, end=False))  # All of a part, and another to come.
        assert (aborted(), LimitedMessages.receiving) == ([1, 2], 940_000)
        # A message that is complete, and the begin of the next.
        pages[0].protocol.data_received(b"a" * 500_000 + part(900_000, sent=100_000))
        pages[4].protocol.data_received(part(900_000, sent=500_000))
        assert (aborted(), LimitedMessages.receiving) == ([1, 2, 3], 640_000)
        for one in (pages[0], pages[4], pages[5]):
            one.protocol.connection_lost(None)
        assert (LimitedMessages.receiving, LimitedMessages.large) == (0, {})

    run(scenario)


def test_small_messages_are_always_received(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MAX_RECEIVING", 100_000)

    async def scenario() -> None:
        pages = [await page() for _ in range(5)]
        for one in pages:
            one.protocol.data_received(part(60_000, sent=50_000))
        assert not any(one.aborted for one in pages)
        for one in pages:
            one.protocol.connection_lost(None)

    run(scenario)


def test_a_message_has_few_parts() -> None:
    async def scenario() -> None:
        one = await page()
        one.protocol.data_received(part(0, end=False))
        one.protocol.data_received(part(0, opcode=0, end=False) * (connections.MAX_PARTS - 1))
        assert not one.aborted
        one.protocol.data_received(part(0, opcode=0, end=False))
        assert one.aborted

    run(scenario)


def test_a_message_that_never_ends_is_closed() -> None:
    async def scenario() -> None:
        one, other = await page(transfer_seconds=0), await page(transfer_seconds=0)
        one.protocol.data_received(part(10, sent=9))
        other.protocol.data_received(part(10))
        await asyncio.sleep(0.001)
        assert (one.aborted, other.aborted, LimitedMessages.receiving) == (True, False, 0)

    run(scenario)


def test_pings_are_answered_only_as_long_as_the_answers_are_read() -> None:
    async def scenario() -> None:
        one = await page()
        written = one.protocol.transport.write
        assert isinstance(written, Mock)
        written.reset_mock()
        ping, pong = part(3, opcode=9), b"\x8a\x03aaa"
        one.protocol.data_received(ping * 2)
        one.protocol.pause_writing()
        one.protocol.data_received(ping * 1_000)
        one.protocol.resume_writing()
        one.protocol.data_received(ping)
        assert b"".join(call.args[0] for call in written.call_args_list) == pong * 3

    run(scenario)


TEXT = random.Random(1).randbytes(10_000)
"""Cannot be made shorter, but for what repeats it."""


@pytest.mark.parametrize(("offered", "most"), [(b"permessage-deflate", 10_500), (b"unknown", 20_500)])
def test_messages_are_compressed_by_what_was_sent_before(offered: bytes, most: int) -> None:
    async def scenario() -> None:
        one = await page(asked=UPGRADE[:-2] + b"Sec-WebSocket-Extensions: " + offered + b"\r\n\r\n")
        one.transport.write.reset_mock()
        for _number in range(2):
            await one.protocol.send({"type": "websocket.send", "bytes": TEXT})
        sent = sum(len(call.args[0]) for call in one.transport.write.call_args_list)
        assert most - 500 < sent < most

    run(scenario)
