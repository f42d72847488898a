"""What is refused, and that ordinary requests never are."""

import asyncio
import itertools
from collections.abc import Callable, Sequence

import pytest
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg

from calculator.ui.session.received_text import NOT_RECEIVED, without_long_texts
from calculator.web.addresses import MAX_REFUSED, RefusedRequests
from calculator.web.messages import MAX_BESIDE
from calculator.web.request_limits import (
    MAX_BODY,
    MAX_HELD,
    MAX_SHORTENED,
    MAX_UPLOADED,
    MAX_UPLOADED_BY_ONE,
    MAX_UPLOADING,
    PIECE,
    SESSION_SECONDS,
    UPLOAD_ENVELOPE,
    RequestLimits,
)
from tests.helpers.asgi import answer, ask, reads_all, scope

MEGABYTE = 1 << 20
UPLOAD = "/_stcore/upload_file/session/file"


def limits(
    uploaded: Callable[[str], tuple[int, int]] = lambda _: (0, 0), base: str = "", max_pages: int = 2
) -> RequestLimits:
    return RequestLimits(
        reads_all,
        base=base,
        max_upload=5 * MEGABYTE,
        max_pages=max_pages,
        uploaded=uploaded,
        shortened=without_long_texts,
        refused=RefusedRequests(lambda: 0.0),
    )


def put(size: int, **headers: str) -> Scope:
    return scope(UPLOAD, method="PUT", content_length=str(size), **headers)


@pytest.mark.parametrize("base", ["", "/calculator"])
@pytest.mark.parametrize(
    "path",
    ["/_stcore/metrics", "/_stcore/agent/mcp", "/_stcore/agent/openapi.json", "/_stcore/script-health-check"],
)
def test_what_streamlit_says_about_itself_is_private(base: str, path: str) -> None:
    assert ask(limits(base=base), scope(base + path)).status == 404


@pytest.mark.parametrize("path", ["/", "/model", "/_stcore/health", "/_stcore/host-config", "/metrics"])
def test_pages_are_not_private(path: str) -> None:
    assert ask(limits(), scope(path)).status == 200


def test_a_body_that_states_its_size_is_refused_unread() -> None:
    app = limits()
    assert ask(app, scope("/", method="POST", content_length=str(MAX_BODY + 1))).status == 413
    assert ask(app, scope("/", method="POST", content_length=str(MAX_BODY)), [b"a"]).body == b"1"
    for wrong in ("9" * 30, "-1", "1e3", "٣"):
        assert ask(app, scope("/", method="POST", content_length=wrong)).status == 413


def test_a_body_that_does_not_is_broken_off() -> None:
    part = b"a" * 1000
    assert ask(limits(), scope("/", method="POST"), [part] * (MAX_BODY // 1000)).body == b"64000"
    refused = ask(limits(), scope("/", method="POST"), [part] * (MAX_BODY // 1000 + 1))
    assert (refused.status, refused.body) == (413, b"At most 64,000 bytes are received.")
    # Streamlit's app answers first when something fails in it.
    app = limits()
    app.app = ServerErrorMiddleware(app.app)
    assert ask(app, scope("/", method="POST"), [part] * (MAX_BODY // 1000 + 1)) == refused
    assert app.refused.counts.total() == 1


def test_a_long_answer_is_handed_on_in_pieces() -> None:
    content = bytes(range(256)) * 1000
    sent: list[bytes] = []

    async def long(_: Scope, __: Receive, send: Send) -> None:
        await Response(content)(scope("/"), receive, send)

    async def receive() -> Message:
        raise AssertionError

    async def noted(message: Message) -> None:
        sent.append(message.get("body", b""))

    app = limits()
    app.app = long
    asyncio.run(app(scope("/"), receive, noted))
    assert max(map(len, sent)) == PIECE
    assert b"".join(sent) == content
    assert ask(app, scope("/")).headers["content-length"] == str(len(content))


def test_an_upload_may_be_as_large_as_the_form_says() -> None:
    app = limits()
    assert ask(app, put(5 * MEGABYTE + UPLOAD_ENVELOPE)).status == 200
    assert ask(app, put(5 * MEGABYTE + UPLOAD_ENVELOPE + 1)).status == 413
    assert ask(app, scope("/_stcore/upload_file/a", method="PUT", content_length="100000")).status == 413


def test_one_page_cannot_fill_the_memory() -> None:
    kept = MAX_UPLOADED_BY_ONE - MEGABYTE
    assert ask(limits(lambda _: (kept, kept)), put(MEGABYTE)).status == 200
    assert ask(limits(lambda _: (kept + 1, kept)), put(MEGABYTE)).status == 413
    # A request that does not state its size counts as the largest one.
    assert ask(limits(lambda _: (kept, kept)), scope(UPLOAD, method="PUT")).status == 413


def test_all_pages_together_cannot_fill_the_memory() -> None:
    assert ask(limits(lambda _: (0, MAX_UPLOADED - MEGABYTE)), put(MEGABYTE)).status == 200
    refused = ask(limits(lambda _: (0, MAX_UPLOADED)), put(MEGABYTE))
    assert (refused.status, refused.headers["retry-after"]) == (503, "60")


def test_few_files_are_received_at_the_same_time() -> None:
    async def run() -> tuple[list[int], list[int], int]:
        go = asyncio.Event()
        arrived = asyncio.Semaphore(0)

        async def waits(request: Scope, receive: Receive, send: Send) -> None:
            arrived.release()
            await go.wait()
            await reads_all(request, receive, send)

        app = limits()
        app.app = waits
        tasks = []
        for client in ["192.0.2.1"] * 8 + ["192.0.2.2"] * 8:
            tasks.append(asyncio.create_task(answer(app, put(1000, client=client))))
            await arrived.acquire()
        assert len(tasks) == MAX_UPLOADING
        refused = [(await answer(app, put(1000, client=f"192.0.2.{n}"))).status for n in (1, 3)]
        go.set()
        accepted = [(await task).status for task in tasks]
        arrived.release()
        return accepted, refused, (await answer(app, put(1000))).status

    accepted, refused, later = asyncio.run(run())
    assert (set(accepted), refused, later) == ({200}, [503, 503], 200)


def test_an_address_that_was_refused_often_must_wait() -> None:
    app = limits()
    large = scope("/", method="POST", content_length="99999999")
    assert [ask(app, large).status for _ in range(MAX_REFUSED)] == [413] * MAX_REFUSED
    assert ask(app, scope("/")).status == 429
    assert ask(app, scope("/", client="192.0.2.2")).status == 200


def test_ordinary_requests_of_a_school_are_never_counted() -> None:
    app = limits()
    assert {ask(app, scope("/")).status for _ in range(10 * MAX_REFUSED)} == {200}
    assert {ask(app, put(MEGABYTE)).status for _ in range(2 * MAX_REFUSED)} == {200}


def test_pages_above_the_maximum_are_asked_to_come_again() -> None:
    async def run() -> list[Message]:
        go = asyncio.Event()
        opened = asyncio.Semaphore(0)

        async def page(request: Scope, receive: Receive, send: Send) -> None:
            opened.release()
            await go.wait()
            await send({"type": "websocket.accept"})

        app = limits(max_pages=2)
        app.app = page
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        async def receive() -> Message:
            raise AssertionError

        request = scope("/_stcore/stream", kind="websocket")
        tasks = [asyncio.create_task(app(request, receive, send)) for _ in range(2)]
        for _ in tasks:
            await opened.acquire()
        await app(request, receive, send)
        go.set()
        await asyncio.gather(*tasks)
        await app(request, receive, send)
        return sent

    closed, *accepted = asyncio.run(run())
    assert (closed["type"], closed["code"]) == ("websocket.close", 1013)
    assert [message["type"] for message in accepted] == ["websocket.accept"] * 3


def text(size: int) -> bytes:
    message = BackMsg()
    message.rerun_script.widget_states.widgets.add(id="box", string_value="a" * size)
    content: bytes = message.SerializeToString()
    return content


def pages_that_send(app: RequestLimits, *pages: Sequence[bytes | str]) -> list[list[int]]:
    """Return, for pages that are open at the same time, the sizes that the app got, or a code at the end.

    The pages are opened from two addresses in turn.
    """

    async def run() -> list[list[int]]:
        got: list[list[int]] = [[] for _ in pages]
        all_sent = asyncio.Event()

        async def page(messages: Sequence[bytes | str], own: list[int], client: str) -> None:
            waiting = iter(messages)
            sent: list[Message] = []

            async def receive() -> Message:
                content = next(waiting)
                kind = "bytes" if isinstance(content, bytes) else "text"
                return {"type": "websocket.receive", kind: content}

            async def reads(_: Scope, receive: Receive, __: Send) -> None:
                for _message in messages:
                    message = await receive()
                    if message["type"] == "websocket.disconnect":
                        own.append(message["code"])
                        break
                    own.append(len(message["bytes"]))
                await all_sent.wait()

            async def send(message: Message) -> None:
                sent.append(message)

            app.app = reads
            await app(scope("/_stcore/stream", kind="websocket", client=client), receive, send)
            assert [message["code"] for message in sent] == [code for code in own if 1000 < code < 2000]

        clients = itertools.cycle(("192.0.2.1", "192.0.2.2"))
        tasks = [asyncio.create_task(page(*one)) for one in zip(pages, got, clients, strict=False)]
        await asyncio.sleep(0)
        all_sent.set()
        await asyncio.gather(*tasks)
        await asyncio.sleep(0)
        return got

    return asyncio.run(run())


def test_a_message_that_is_long_without_a_text_ends_its_page() -> None:
    app = limits()
    many = BackMsg()
    many.file_urls_request.file_names.extend([""] * MAX_BESIDE)
    large = text(MEGABYTE)
    assert pages_that_send(app, [large], [many.SerializeToString()]) == [[len(large)], [1009]]
    assert app.refused.counts.total() == 1


def test_a_message_of_characters_ends_its_page() -> None:
    assert pages_that_send(limits(), ["text"], [""]) == [[1003], [1003]]


def test_the_texts_of_all_pages_have_one_limit() -> None:
    app = limits(max_pages=100)
    large, small = text(8 * MEGABYTE - 100), text(10_000)
    pages = MAX_HELD // (8 * MEGABYTE)
    got = pages_that_send(app, *[[large, large, small]] * pages, [large, small, large], [small])
    without = len(text(0)) + len(NOT_RECEIVED.encode())
    assert got == [[len(large), len(large), len(small)]] * pages + [
        [without, len(small), without],
        [len(small)],
    ]
    assert not app.refused.counts


@pytest.mark.parametrize("seconds", [60.0, 0.0])
def test_few_texts_are_taken_out_in_a_minute(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    monkeypatch.setattr("calculator.web.request_limits.KEPT_SECONDS", seconds)
    app = limits(max_pages=100)
    app.held.used = MAX_HELD
    large = text(8 * MEGABYTE - 100)
    without = len(text(0)) + len(NOT_RECEIVED.encode())
    times = MAX_SHORTENED // (8 * MEGABYTE)
    assert pages_that_send(app, *[[large]] * (times + 1)) == [*[[without]] * times, [1013]]
    assert app.shortening.used == (times * len(large) if seconds else 0)


def test_a_message_of_many_texts_that_there_is_no_room_for_ends_its_page() -> None:
    app = limits(max_pages=100)
    many = BackMsg()
    for _ in range(1_000):
        many.rerun_script.widget_states.widgets.add(string_value="a" * 9_000)
    content = many.SerializeToString()
    pages = 2 * (MAX_HELD // 2 // len(content))
    got = pages_that_send(app, *[[content]] * (pages + 1))
    assert got == [[len(content)]] * pages + [[1013]]


@pytest.mark.parametrize(("seconds", "pages"), [(SESSION_SECONDS, 1), (0, 0)])
def test_the_text_of_a_closed_page_counts_as_long_as_its_session(
    monkeypatch: pytest.MonkeyPatch, seconds: float, pages: int
) -> None:
    monkeypatch.setattr("calculator.web.request_limits.SESSION_SECONDS", seconds)
    app = limits()
    large = text(8 * MEGABYTE)
    pages_that_send(app, [large])
    assert app.held.used == pages * len(large)


def test_the_texts_of_one_address_leave_room_for_those_of_others() -> None:
    app = limits(max_pages=100)
    large, small = text(8 * MEGABYTE - 100), text(10_000)
    without = len(text(0)) + len(NOT_RECEIVED.encode())
    half = MAX_HELD // 2 // (8 * MEGABYTE)
    got = pages_that_send(app, *[[large], [small]] * half, [large], [large])
    assert got == [*[[len(large)], [len(small)]] * half, [without], [len(large)]]


def test_a_visitor_who_leaves_during_a_request_is_no_failure() -> None:
    async def left(_: Scope, __: Receive, ___: Send) -> None:
        raise ClientDisconnect

    async def nothing(*_: object) -> Message:
        raise AssertionError

    app = limits()
    app.app = left
    asyncio.run(app(scope("/"), nothing, nothing))  # type: ignore[arg-type]
    assert not app.refused.counts
