"""Many people at once, and people beside an attack: one process, and two replicas behind the proxy."""

import asyncio
import re
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from pathlib import Path

from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.exceptions import ConnectionClosed

from benchmarks.report import aim, median, p95, table, three_digits
from calculator.web.addresses import MAX_REFUSED
from tests.browser.server import HOST
from tests.deploy.replicas import Site, site
from tests.deploy.visitor import Visitor

OPENING, WITHIN = 300, 5.0
MOVING, PERIOD, ROUNDS = (100, 200, 500), 10.0, 3
ATTACKED = 100
VISITS, TOGETHER = (500, 1_000, 2_000), 20
MAX_MEMORY, MAX_RATIO = 400, 2
ATTACKER = "127.0.0.2"
"""The address of who is refused, which is not that of the visitors."""

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


Attack = Callable[[Site], Coroutine[None, None, None]]
"""What attacks a site, in a process of its own."""


async def beside(running: Site) -> float:
    """Return the 95 % of the seconds in which a page opens."""
    seconds = []
    for one in people(running.url, ATTACKED):
        seconds.append(await one.open(60))
        await one.close()
    return p95(seconds)


@contextmanager
def under(attack: Attack, running: Site) -> Iterator[None]:
    """Attack a site from a process of its own, which takes nothing from the visitors' process."""
    process = get_context("fork").Process(target=lambda: asyncio.run(attack(running)), daemon=True)
    process.start()
    try:
        time.sleep(1)
        yield
    finally:
        process.kill()
        process.join()


async def unfinished(running: Site) -> None:
    """Hold 600 requests that never end, and open those again that are closed."""
    port = running.replicas[0].port

    async def one() -> None:
        while True:
            reader, writer = await asyncio.open_connection(HOST, port, local_addr=(ATTACKER, 0))
            # An upload is awaited, where any other request is answered without its body.
            writer.write(b"PUT /_stcore/upload_file/a/b HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc")
            with suppress(OSError):
                await reader.read()
            writer.close()
            await asyncio.sleep(1)

    await asyncio.gather(*(one() for _ in range(600)), return_exceptions=True)


async def uploads(running: Site) -> None:
    """Send files of 5 MB to a page again and again."""
    one = people(running.url, 1)[0]
    await one.open()
    for number in range(MAX_REFUSED // 2):  # As below.
        with suppress(OSError):  # The server takes no more, and closes the connection.
            await asyncio.to_thread(one.upload, b"a" * 5_000_000, f"{number:08}-1111-4111-8111-111111111111")


async def pages(running: Site, number: int) -> list[Visitor]:
    """Return open pages of the replica itself: a proxy counts no addresses."""
    crowd = people(f"http://{HOST}:{running.replicas[0].port}", number)
    for one in crowd:
        await one.open(60)
    return crowd


def messages(content: bytes, number: int) -> Attack:
    """Return what sends a message from so many pages, one after the other, and again."""

    async def attack(running: Site) -> None:
        # Beyond `MAX_REFUSED` in a minute everybody at this address would be refused, the visitors too.
        for _round in range(MAX_REFUSED // 2 // number):
            for one in await pages(running, number):
                assert one.socket
                with suppress(ConnectionClosed):
                    await one.socket.send(content)
                    await one.answered()

    return attack


def many_files() -> bytes:
    """Return a message that asks where to send five million files without a name."""
    message = BackMsg()
    message.file_urls_request.file_names.extend([""] * 5_000_000)
    content: bytes = message.SerializeToString()
    return content


def long_text() -> bytes:
    """Return a message with a text in a control that no page has."""
    message = BackMsg()
    message.rerun_script.widget_states.widgets.add(id="box", string_value="a" * 9_000_000)
    content: bytes = message.SerializeToString()
    return content


async def unfinished_messages(running: Site) -> None:
    """Begin 60 messages of 10 MB, of which the end never comes."""
    crowd = await pages(running, 60)
    for one in crowd:
        assert one.socket
        transport = one.socket.transport
        # RFC 6455, 5.2.
        transport.write(bytes([130, 255]) + (10_000_000).to_bytes(8) + bytes(4) + bytes(9_900_000))
        while transport.get_write_buffer_size() and not transport.is_closing():
            await asyncio.sleep(0.01)
    await asyncio.Event().wait()  # They stay open until the process ends.


async def who_never_reads(running: Site) -> None:
    """Ask for Plotly's script from 300 connections, and read nothing."""
    [one] = await pages(running, 1)
    [address, *_] = re.findall(r"/plotly-[0-9a-f]+\.js", one.seen.decode("utf-8", "replace"))
    held = []
    for _ in range(300):
        _, writer = await asyncio.open_connection(HOST, running.replicas[0].port, limit=1)
        held.append(writer)
        writer.write(f"GET {address} HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n".encode())
    await asyncio.Event().wait()


async def first_scripts(running: Site) -> None:
    """Ask for all scripts of the start page, in gzip, from 100 browsers at once."""
    [one] = people(f"http://{HOST}:{running.replicas[0].port}", 1)
    start = (await asyncio.to_thread(one.get, "/"))[1]
    paths = re.findall(r'href="\./([^"]+\.js)"', start.decode())

    async def fetch() -> None:
        reader, writer = await asyncio.open_connection(HOST, running.replicas[0].port)
        for path in paths:
            writer.write(f"GET /{path} HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n".encode())
            head = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(int(re.findall(rb"content-length: (\d+)", head)[0]))
        writer.close()

    await asyncio.gather(*(fetch() for _ in range(100)))


ATTACKS: dict[str, Attack] = {
    "600 requests that never end": unfinished,
    "files of 5 MB": uploads,
    "messages of five million empty names": messages(many_files(), 1),
    "15 long texts": messages(long_text(), 15),
    "60 unfinished messages": unfinished_messages,
    "300 visitors who never read": who_never_reads,
    "100 first visitors who ask for compressed scripts": first_scripts,
}
"""Each has a server of its own."""


def attacks() -> str:
    """Return what each attack costs: the server's memory, and how long a visitor beside it waits."""
    rows = []
    memory: dict[str, float] = {}
    ratio: dict[str, float] = {}
    for label, attack in ATTACKS.items():
        with tempfile.TemporaryDirectory() as name, site(Path(name), replicas=1) as running:
            calm = asyncio.run(beside(running))
            with under(attack, running):
                seconds = asyncio.run(beside(running))
            memory[label], ratio[label] = running.replicas[0].memory() >> 20, seconds / calm
            rows.append(
                [label, f"{memory[label]}", three_digits(calm), three_digits(seconds), f"{ratio[label]:.1f}"]
            )
    header = ["attack", "memory, MB", "a visitor opens, p95, s", "beside it", "× undisturbed"]
    aims = (
        aim("Memory in an attack", memory, MAX_MEMORY, "MB"),
        aim("A visitor beside it, p95", ratio, MAX_RATIO, "× undisturbed"),
    )
    return "\n".join((table(header, rows), "", *aims))


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
    aims = "\n".join(
        aim(subject, {"p95": seconds_of[replicas][number]}, maximum, "s")
        for subject, replicas, number, maximum in AIMS
    )
    return (
        f"{OPENING} people open a link within {WITHIN:g} s; "
        f"people move: each changes something every {PERIOD:g} s.\n\n"
        f"{crowd}\n\n{opened_and_closed}\n\n{aims}\n\n{attacks()}"
    )
