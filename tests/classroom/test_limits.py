"""What the phones' pages refuse, and that a right code is never refused and never slow."""

import asyncio

import pytest
from starlette.types import Message, Receive, Scope, Send

from calculator.classroom.limits import MAX_FORM, MAX_SLOWED, MAX_WRONG_CODES, SLOW_SECONDS, PhoneLimits
from calculator.web.addresses import MAX_REFUSED, PERIOD, RefusedRequests
from tests.helpers.asgi import answer, ask, reads_all, scope

HERE = {"host": "a.example:8501"}


def post(**headers: str) -> Scope:
    return scope("/j/ACDEFG", method="POST", **HERE, **headers)


def test_a_form_of_4_kb_is_read_and_a_larger_one_is_not() -> None:
    app = PhoneLimits(reads_all)
    assert ask(app, post(content_length=str(MAX_FORM)), [b"a" * MAX_FORM]).body == b"4096"
    assert ask(app, post(), [b"a" * 1000] * 4 + [b"b" * 96]).body == b"4096"
    for large in (
        ask(app, post(content_length=str(MAX_FORM + 1))),
        ask(app, post(content_length="-1")),
        ask(app, post(), [b"a" * 1000] * 5),
    ):
        assert (large.status, large.body) == (413, b"At most 4,096 bytes are received.")


def test_large_forms_are_counted_with_what_the_server_counts() -> None:
    refused = RefusedRequests(lambda: 0.0)
    app = PhoneLimits(reads_all, refused)
    for _ in range(MAX_REFUSED):
        assert not refused.too_many("192.0.2.1")
        ask(app, post(content_length="5000"))
    assert refused.too_many("192.0.2.1")


def test_half_a_form_is_no_answer() -> None:
    async def never(_: Scope, __: Receive, ___: Send) -> None:
        raise AssertionError("half a form was taken for a whole one")

    async def run() -> None:
        messages = iter([{"type": "http.request", "body": b"answer=3", "more_body": True}])

        async def receive() -> Message:
            return next(messages, {"type": "http.disconnect"})

        async def send(_: Message) -> None:
            raise AssertionError("nobody is there")

        await PhoneLimits(never)(post(), receive, send)

    asyncio.run(run())


def test_who_waits_for_the_end_of_a_visit_still_hears_of_it() -> None:
    async def waits(_: Scope, receive: Receive, send: Send) -> None:
        body, gone = await receive(), await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body["body"] + gone["type"].encode()})

    assert ask(PhoneLimits(waits), post(), [b"ab"]).body == b"abhttp.disconnect"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "http://a.example:8501"},
        {"origin": "https://A.example:8501"},
        {"sec_fetch_site": "same-origin", "origin": "null"},
    ],
)
def test_forms_of_these_pages_are_taken(headers: dict[str, str]) -> None:
    assert ask(PhoneLimits(reads_all), post(**headers), [b"a"]).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://b.example:8501"},
        {"origin": "http://a.example"},
        {"origin": "http://a.example:8501.b.example"},
        {"origin": "http://b.example/@a.example:8501"},
        {"origin": "null"},
        {"origin": ""},
        {"origin": "http://[a.example:8501"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site", "origin": "http://a.example:8501"},
        {"sec_fetch_site": "none"},
    ],
)
def test_forms_of_other_sites_are_refused_and_never_counted(headers: dict[str, str]) -> None:
    refused = RefusedRequests(lambda: 0.0)
    answered = ask(PhoneLimits(reads_all, refused), post(**headers), [b"a"])
    assert (answered.status, answered.body) == (403, b"This form belongs to another site.")
    assert not refused.counts


def test_a_link_from_another_site_opens_the_page() -> None:
    assert ask(PhoneLimits(reads_all), scope("/j/ACDEFG", sec_fetch_site="cross-site")).status == 200


async def codes(request: Scope, receive: Receive, send: Send) -> None:
    """Answer one code, and no other."""
    await receive()
    status = 200 if request["path"].endswith("/ACDEFG") else 404
    await send({"type": "http.response.start", "status": status, "headers": []})
    await send({"type": "http.response.body", "body": b"page"})


class Time:
    """A clock, and a pause that lets the clock go on."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    def clock(self) -> float:
        return self.now

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)

    def limits(self) -> PhoneLimits:
        return PhoneLimits(codes, None, RefusedRequests(self.clock, MAX_WRONG_CODES), self.pause)


def test_wrong_codes_of_an_address_become_slow_and_right_ones_never() -> None:
    time = Time()
    app = time.limits()
    wrong, right = scope("/j/CCCCCC"), scope("/j/ACDEFG")
    for _ in range(MAX_WRONG_CODES):
        assert ask(app, wrong).status == 404
        assert ask(app, right).status == 200
    assert time.pauses == []
    assert (ask(app, wrong).status, time.pauses) == (404, [SLOW_SECONDS])
    assert (ask(app, right).status, time.pauses) == (200, [SLOW_SECONDS])
    assert (ask(app, scope("/j/CCCCCC", client="192.0.2.2")).status, time.pauses) == (404, [SLOW_SECONDS])
    time.now += PERIOD
    assert (ask(app, wrong).status, time.pauses) == (404, [SLOW_SECONDS])


def test_not_many_wrong_codes_wait_at_the_same_time() -> None:
    async def run() -> tuple[list[int], tuple[int, int], set[int], int]:
        go, waiting = asyncio.Event(), asyncio.Semaphore(0)

        async def pause(_: float) -> None:
            waiting.release()
            await go.wait()

        app = PhoneLimits(codes, None, RefusedRequests(lambda: 0.0, maximum=1), pause)
        wrong = scope("/j/CCCCCC")
        first = [(await answer(app, wrong)).status]
        tasks = [asyncio.create_task(answer(app, wrong)) for _ in range(MAX_SLOWED)]
        for _ in tasks:
            await waiting.acquire()
        beyond = await answer(app, wrong)
        assert beyond.body == b"Many wrong codes came from here. Try again in a minute."
        right = (await answer(app, scope("/j/ACDEFG"))).status
        go.set()
        slow = {(await task).status for task in tasks}
        return first, (beyond.status, right), slow, len(app.slowed)

    assert asyncio.run(run()) == ([404], (429, 200), {404}, 0)
