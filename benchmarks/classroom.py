"""A class at once, through one slow line that all phones share, beside people who use the calculator."""

import asyncio
import gzip
import random
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.crowd import move, open_within, people
from benchmarks.report import aim, p95, table, three_digits
from calculator.classroom.room import Action
from calculator.classroom.store import Store
from tests.crash.phone import Phone
from tests.crash.serving import database
from tests.crash.vote import Teacher
from tests.deploy.replicas import Site, site

PHONES, BESIDE = 300, 20
JOIN_WITHIN, ANSWER_WITHIN = 30.0, 10.0
POLL = 2.0, 3.0
PERIOD, ROUNDS = 5.0, 9
BYTES_PER_SECOND = 2e6 / 8
LATENCY, LOST, STALL = 1.0, 0.05, 3.0
PACKET = 1_400
REPLICAS = {"sqlite": 1, "postgresql": 2}
MAX_PAGE_KB, MAX_SENT_KB, MAX_JOIN, MAX_ACKNOWLEDGED, MAX_BESIDE = 30, 10, 3.0, 0.5, 2.0


class Line:
    """A line that all phones share: what is sent waits for what was sent before it.

    Half of the latency lies on each way. Where a packet is lost, the message waits for its repetition.
    """

    def __init__(self) -> None:
        self.free = 0.0

    async def send(self, size: int) -> float:
        """Wait as long as the line takes for that many bytes; return the seconds."""
        begun = time.monotonic()
        self.free = max(self.free, begun) + size / BYTES_PER_SECOND
        packets = -(-size // PACKET)
        stalls = sum(random.random() < LOST for _ in range(packets))
        arrives = self.free + LATENCY / 2 + (STALL if stalls else 0)
        await asyncio.sleep(arrives - begun)
        return time.monotonic() - begun


@dataclass
class Timed:
    """A phone on the line, and what its requests took beyond the line's own time, in seconds."""

    phone: Phone
    line: Line
    on_line: float = 0.0
    joined: float = 0.0
    acknowledged: float = 0.0
    polls: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.phone.line = self.send

    async def send(self, size: int) -> None:
        self.on_line += await self.line.send(size)

    async def ask(self, method: str, path: str, body: str = "") -> tuple[float, int, bytes]:
        """Return the seconds beyond the line's own time, the status, and the body of an answer."""
        begun, self.on_line = time.monotonic(), 0.0
        status, content = await self.phone.ask(method, path, body)
        return time.monotonic() - begun - self.on_line, status, content

    async def run(self, teacher: Teacher, opened: asyncio.Event, ended: asyncio.Event) -> bytes:
        """Join within the first half minute, ask what is new, answer once; return the page."""
        path = f"/j/{teacher.room.code}"
        await asyncio.sleep(random.uniform(0, JOIN_WITHIN))
        self.joined, status, page = await self.ask("GET", path)
        assert status == 200, status
        while not opened.is_set():
            await self._poll(path, teacher)
        await asyncio.sleep(random.uniform(0, ANSWER_WITHIN))
        room = teacher.room
        form = f"question={room.question}&round={room.round}&answer={random.choice((243, 240, 80))}"
        self.acknowledged, status, _ = await self.ask("POST", f"{path}/now", form)
        assert status == 200, status
        while not ended.is_set():
            await self._poll(path, teacher)
        await self.phone.close()
        return page

    async def _poll(self, path: str, teacher: Teacher) -> None:
        await asyncio.sleep(random.uniform(*POLL))
        seconds, status, _ = await self.ask("GET", f"{path}/now?v={teacher.room.version}")
        assert status in (200, 204), status
        self.polls.append(seconds)


@dataclass(frozen=True)
class Result:
    """What was measured: seconds, and the bytes of the page before and after compression."""

    page: int
    sent: int
    joins: list[float]
    acknowledged: list[float]
    polls: list[float]
    undisturbed: float
    beside: float


async def a_class(running: Site, store: Store) -> Result:
    """Let a class join and answer beside people who change something every few seconds."""
    others = people(running.url, BESIDE)
    await open_within(others, 5)
    undisturbed = p95(await move(others, PERIOD, 3))
    teacher = Teacher(store)
    line, opened, ended = Line(), asyncio.Event(), asyncio.Event()
    phones = [Timed(Phone(running.url, teacher.room.code), line) for _ in range(PHONES)]
    class_ = [asyncio.create_task(one.run(teacher, opened, ended)) for one in phones]
    moving = asyncio.create_task(move(others, PERIOD, ROUNDS))
    await asyncio.sleep(JOIN_WITHIN + 3)
    await asyncio.to_thread(teacher.act, Action.OPEN)
    opened.set()
    beside = p95(await moving)
    ended.set()
    pages = await asyncio.gather(*class_)
    votes = store.votes(teacher.room.code, 0, 1)
    assert sum(votes.values()) == PHONES, votes
    await asyncio.gather(*(one.close() for one in others))
    sent = max(pages, key=len)
    return Result(
        len(gzip.decompress(sent)),
        len(sent),
        [one.joined for one in phones],
        [one.acknowledged for one in phones],
        [seconds for one in phones for seconds in one.polls],
        undisturbed,
        beside,
    )


def measure(_: int) -> str:
    """Return the report."""
    results: dict[str, Result] = {}
    for kind, replicas in REPLICAS.items():
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            url, _server = stack.enter_context(database(kind, folder))
            running = stack.enter_context(site(folder, replicas=replicas, DATABASE_URL=url))
            store = Store(url)
            stack.callback(store.close)
            name = (
                f"{'SQLite' if kind == 'sqlite' else 'PostgreSQL'}, {replicas} process{'es' * (replicas > 1)}"
            )
            results[name] = asyncio.run(a_class(running, store))
    head = [
        "store",
        "page, kB",
        "as sent, kB",
        "join, p95, s",
        "acknowledged, p95, s",
        "poll, p95, s",
        "calculator undisturbed, p95, s",
        "beside the class",
    ]
    rows = [
        [
            name,
            three_digits(result.page / 1000),
            three_digits(result.sent / 1000),
            *(three_digits(p95(seconds)) for seconds in (result.joins, result.acknowledged, result.polls)),
            three_digits(result.undisturbed),
            three_digits(result.beside),
        ]
        for name, result in results.items()
    ]
    aims = [
        aim("The page of a phone", {n: r.page / 1000 for n, r in results.items()}, MAX_PAGE_KB, "kB"),
        aim("As sent", {n: r.sent / 1000 for n, r in results.items()}, MAX_SENT_KB, "kB"),
        aim("Join, p95", {n: p95(r.joins) for n, r in results.items()}, MAX_JOIN, "s"),
        aim(
            "Acknowledged, p95",
            {n: p95(r.acknowledged) for n, r in results.items()},
            MAX_ACKNOWLEDGED,
            "s",
        ),
        aim(
            "The calculator beside it, p95",
            {n: r.beside / r.undisturbed for n, r in results.items()},
            MAX_BESIDE,
            "× undisturbed",
        ),
    ]
    return (
        f"{PHONES} phones join within {JOIN_WITHIN:g} s, answer within {ANSWER_WITHIN:g} s, and ask what is "
        f"new every {POLL[0]:g} to {POLL[1]:g} s; {BESIDE} people change something in the calculator every "
        f"{PERIOD:g} s.\n\nAll phones share a line of {BYTES_PER_SECOND * 8 / 1e6:g} Mbit/s with "
        f"{LATENCY:g} s of latency, where {LOST:.0%} of the packets are lost and wait {STALL:g} s for their "
        f"repetition. Times of phones are beyond the line's own.\n\n{table(head, rows)}\n\n" + "\n".join(aims)
    )
