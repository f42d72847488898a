"""Pages open a few at a time, in the order in which they come, and none keeps the others waiting."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence

import pytest
from starlette.types import Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from calculator.web import openings
from calculator.web.openings import FINISHED, RUN, Openings, has_field
from tests.helpers.asgi import ask, reads_all, scope

SCRIPT = BackMsg.DESCRIPTOR.fields_by_name["rerun_script"].number
RUN_MESSAGE = BackMsg(rerun_script=ClientState(query_string="k=4")).SerializeToString()
OTHER_MESSAGE = BackMsg(app_heartbeat=True).SerializeToString()
FINISHED_MESSAGE = ForwardMsg(
    hash="a" * 64, script_finished=ForwardMsg.FINISHED_SUCCESSFULLY
).SerializeToString()
DELTA = ForwardMsg(hash="a" * 64, delta=Delta()).SerializeToString()


@pytest.fixture(autouse=True)
def two_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openings, "MAX_OPENING", 2)


class Pages:
    """Pages of one server. Each sends messages, and notes the runs that the app gets."""

    def __init__(self) -> None:
        self.app = Openings(self._page)
        self.begun: list[str] = []
        self.received: dict[str, list[bytes]] = {name: [] for name in "abcdef"}
        self.left: list[str] = []
        self.ended = {name: asyncio.Event() for name in "abcdef"}
        self.go = {name: asyncio.Event() for name in "abcdef"}
        self.answers = dict.fromkeys("abcdef", FINISHED_MESSAGE)
        self.tasks: list[asyncio.Task[None]] = []

    async def _page(self, request: Scope, receive: Receive, send: Send) -> None:
        while (message := await receive()).get("bytes") == OTHER_MESSAGE:
            pass
        if message["type"] == "websocket.disconnect":
            self.left.append(request["path"])
            return
        self.begun.append(request["path"])
        await self.go[request["path"]].wait()
        await send({"type": "websocket.send", "bytes": DELTA})
        await send({"type": "websocket.send", "bytes": self.answers[request["path"]]})
        while (message := await receive())["type"] != "websocket.disconnect":
            self.received[request["path"]].append(message["bytes"])

    async def open(self, names: str, *messages: bytes, later: Sequence[bytes] = ()) -> None:
        for name in names:
            waiting = iter((*messages, RUN_MESSAGE, *later))
            ended = self.ended[name]

            async def receive(waiting: object = waiting, ended: asyncio.Event = ended) -> Message:
                content = next(waiting, None)  # type: ignore[call-overload]
                if content is None:
                    await ended.wait()
                    return {"type": "websocket.disconnect", "code": 1001}
                return {"type": "websocket.receive", "bytes": content}

            async def send(_: Message) -> None:
                pass

            request = scope(name, kind="websocket")
            self.tasks.append(asyncio.create_task(self.app(request, receive, send)))
        await self.settle()

    async def settle(self) -> None:
        for _ in range(20):
            await asyncio.sleep(0)

    async def let(self, name: str) -> None:
        self.go[name].set()
        await self.settle()

    async def end(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)


def run(scenario: Callable[[Pages], Coroutine[None, None, None]]) -> None:
    async def whole() -> None:
        pages = Pages()
        await scenario(pages)
        await pages.end()

    asyncio.run(whole())


def test_pages_open_in_their_order_two_at_a_time() -> None:
    async def scenario(pages: Pages) -> None:
        await pages.open("abcde")
        assert pages.begun == ["a", "b"]
        await pages.let("b")
        assert pages.begun == ["a", "b", "c"]
        await pages.let("a")
        await pages.let("c")
        assert pages.begun == ["a", "b", "c", "d", "e"]

    run(scenario)


def test_a_page_that_is_closed_lets_the_next_one_open() -> None:
    async def scenario(pages: Pages) -> None:
        await pages.open("abcd")
        pages.tasks[0].cancel()
        pages.tasks[2].cancel()  # It was waiting.
        await pages.settle()
        assert pages.begun == ["a", "b", "d"]

    run(scenario)


def test_a_page_that_is_left_while_it_waits_does_not_run() -> None:
    async def scenario(pages: Pages) -> None:
        await pages.open("abcd")
        pages.ended["c"].set()
        await pages.settle()
        assert (pages.begun, pages.left, pages.tasks[2].done()) == (["a", "b"], ["c"], True)
        await pages.let("a")
        assert pages.begun == ["a", "b", "d"]
        await pages.let("b")
        await pages.let("d")
        assert pages.app.free._value == 2

    run(scenario)


def test_what_a_page_sends_while_it_waits_comes_after_its_run() -> None:
    async def scenario(pages: Pages) -> None:
        await pages.open("ab")
        await pages.open("c", later=[OTHER_MESSAGE])
        assert pages.begun == ["a", "b"]
        await pages.let("a")
        assert pages.begun == ["a", "b", "c"]
        pages.ended["c"].set()
        await pages.let("c")
        assert pages.received["c"] == [OTHER_MESSAGE]

    run(scenario)


def test_a_slow_page_does_not_keep_the_others_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openings, "OPENING_SECONDS", 0.0)

    async def scenario(pages: Pages) -> None:
        await pages.open("abcdef")
        while len(pages.begun) < 6:
            await asyncio.sleep(0)
        # Their ends let nobody in a second time.
        for name in "abcdef":
            await pages.let(name)
        assert pages.app.free._value == 2

    run(scenario)


def test_nobody_is_kept_out_by_pages_that_never_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openings, "WAITING_SECONDS", 0.0)

    async def scenario(pages: Pages) -> None:
        await pages.open("abcd")
        while len(pages.begun) < 4:
            await asyncio.sleep(0)
        free = []
        for name in "cdab":
            await pages.let(name)
            free.append(pages.app.free._value)
        assert free == [0, 0, 1, 2]  # Only those that had a turn give one back.

    run(scenario)


def test_only_the_first_run_waits_and_only_its_end_counts() -> None:
    async def scenario(pages: Pages) -> None:
        pages.answers["a"] = DELTA
        await pages.open("ab", OTHER_MESSAGE, OTHER_MESSAGE)
        await pages.open("c")
        await pages.let("a")
        assert pages.begun == ["a", "b"]

    run(scenario)


def test_requests_do_not_wait() -> None:
    assert ask(Openings(reads_all), scope("/")).body == b"0"


def test_the_fields_are_those_of_streamlit() -> None:
    assert (SCRIPT, ForwardMsg.DESCRIPTOR.fields_by_name["script_finished"].number) == (RUN, FINISHED)
    assert has_field(RUN_MESSAGE, RUN)
    assert not has_field(OTHER_MESSAGE, RUN)
    assert has_field(FINISHED_MESSAGE, FINISHED)
    assert not has_field(DELTA, FINISHED)
    for wrong in (b"\x80" * 20, b"\x5a", None, b""):
        assert not has_field(wrong, RUN)
