"""Many people at once, and people beside an attack: one process, and two replicas behind the proxy."""

import asyncio
import tempfile
import time
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path

from benchmarks.report import aim, median, p95, table, three_digits
from tests.browser.server import HOST
from tests.deploy.replicas import Site, site
from tests.deploy.visitor import Visitor

OPENING, WITHIN = 300, 5.0
MOVING, PERIOD, ROUNDS = (100, 200, 500), 10.0, 3
ATTACKED = 30
VISITS, TOGETHER = (500, 1_000, 2_000), 20
AIMS = (
    ("300 people open, p95, one process", 1, OPENING, 3),
    ("300 people open, p95, two replicas", 2, OPENING, 1.5),
    ("200 people move, p95, one process", 1, 200, 0.1),
    ("500 people move, p95, two replicas", 2, 500, 0.25),
)
"""What is aimed at: replicas, people, and the most seconds for 95 % of them."""


def people(url: str, number: int) -> list[Visitor]:
    """Return visitors with the links of different layers."""
    return [Visitor(url, f"in={n + 1}&out=7&k=3&bias=0", f"{(n + 1) * 63:,}".encode()) for n in range(number)]


async def open_within(crowd: Sequence[Visitor], seconds: float) -> list[float]:
    """Open all pages, spread over ``seconds``; return how long each took."""

    async def later(number: int, visitor: Visitor) -> float:
        await asyncio.sleep(seconds * number / len(crowd))
        return await visitor.open(120)

    return await asyncio.gather(*(later(number, one) for number, one in enumerate(crowd)))


async def move(crowd: Sequence[Visitor], period: float, rounds: int) -> list[float]:
    """Let everybody change a setting once in each ``period``; return how long each answer took."""

    async def moves(number: int, visitor: Visitor) -> list[float]:
        taken: list[float] = []
        for turn in range(rounds):
            await asyncio.sleep(period * number / len(crowd) if not turn else max(period - taken[-1], 0))
            kernel = 4 + turn % 2
            taken.append(await visitor.ask(f"in={number + 1}&out=7&k={kernel}&bias=0"))
        return taken

    taken = await asyncio.gather(*(moves(number, one) for number, one in enumerate(crowd)))
    return [seconds for each in taken for seconds in each]


async def crowd_at(running: Site) -> tuple[list[float], list[list[float]]]:
    """Return the seconds of the first answers, and of the answers to moves of each number of people."""
    crowd = people(running.url, max(MOVING))
    opened = await open_within(crowd[:OPENING], WITHIN)
    await open_within(crowd[OPENING:], 20)
    moved = [await move(crowd[:number], PERIOD, ROUNDS) for number in MOVING]
    await asyncio.gather(*(one.close() for one in crowd))
    return opened, moved


async def visits(running: Site) -> list[int]:
    """Open and close pages, some at a time; return the most memory that was used until each of ``VISITS``."""
    memory, done = [], 0
    for number in VISITS:
        while done < number:
            some = people(running.url, TOGETHER)
            await asyncio.gather(*(one.open(60) for one in some))
            await asyncio.gather(*(one.close() for one in some))
            done += TOGETHER
        memory.append(running.replicas[0].memory())
    return memory


async def beside(running: Site, attack: Callable[[Site], Coroutine[None, None, None]] | None) -> float:
    """Return the 95 % of the seconds in which a page opens while an attack goes on."""
    task = asyncio.create_task(attack(running)) if attack else None
    await asyncio.sleep(1)
    seconds = []
    for one in people(running.url, ATTACKED):
        seconds.append(await one.open(60))
        await one.close()
    if task:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    return p95(seconds)


async def unfinished(running: Site) -> None:
    """Hold 600 requests that never end, and open those again that are closed."""
    port = running.replicas[0].port

    async def one() -> None:
        while True:
            reader, writer = await asyncio.open_connection(HOST, port)
            writer.write(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc")
            try:
                await reader.read()
            except OSError:
                await asyncio.sleep(0.1)
            writer.close()

    await asyncio.gather(*(one() for _ in range(600)), return_exceptions=True)


async def uploads(running: Site) -> None:
    """Send files of 5 MB to a page again and again."""
    one = people(running.url, 1)[0]
    await one.open()
    number = 0
    while True:
        number += 1
        await asyncio.to_thread(one.upload, b"a" * 5_000_000, f"{number:08}-1111-4111-8111-111111111111")


def measure(_: int) -> str:
    """Return the report."""
    rows, seconds_of = [], {}
    for replicas in (1, 2):
        with tempfile.TemporaryDirectory() as name, site(Path(name), replicas=replicas) as running:
            begun = time.monotonic()
            opened, moved = asyncio.run(crowd_at(running))
            seconds_of[replicas] = dict(zip((OPENING, *MOVING), map(p95, (opened, *moved)), strict=True))
            rows.append(
                [
                    f"{replicas}",
                    three_digits(median(opened)),
                    three_digits(p95(opened)),
                    *(three_digits(p95(seconds)) for seconds in moved),
                    f"{sum(one.memory() for one in running.replicas) >> 20}",
                    f"{time.monotonic() - begun:.0f}",
                ]
            )
    moves = [f"{number} people move: p95, s" for number in MOVING]
    header = ["replicas", f"{OPENING} people open: median, s", "p95", *moves, "memory, MB", "in all, s"]
    crowd = table(header, rows)
    with tempfile.TemporaryDirectory() as name, site(Path(name), replicas=1) as running:
        memory = [f"{bytes_ >> 20}" for bytes_ in asyncio.run(visits(running))]
    opened_and_closed = table(
        ["visits opened and closed", *(f"{n:,}" for n in VISITS)], [["memory, MB", *memory]]
    )
    rows = []
    with tempfile.TemporaryDirectory() as name, site(Path(name), replicas=1) as running:
        calm = asyncio.run(beside(running, None))
        for label, attack in (("600 requests that never end", unfinished), ("files of 5 MB", uploads)):
            seconds = asyncio.run(beside(running, attack))
            rows.append(
                [
                    label,
                    f"{running.replicas[0].memory() >> 20}",
                    three_digits(seconds),
                    f"{seconds / calm:.1f}",
                ]
            )
    aims = "\n".join(
        aim(subject, {"p95": seconds_of[replicas][number]}, maximum, "s")
        for subject, replicas, number, maximum in AIMS
    )
    attacks = table(["attack", "memory, MB", "a visitor beside it opens, p95, s", "× undisturbed"], rows)
    return (
        f"{OPENING} people open a link within {WITHIN:g} s; "
        f"people move: each changes something every {PERIOD:g} s.\n\n"
        f"{crowd}\n\n{opened_and_closed}\n\n{attacks}\n\n{aims}"
    )
