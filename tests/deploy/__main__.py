"""`python -m tests.deploy`: everything that `deploy/README.md` promises, tried for real.

With ``--short`` fewer visitors and two kills, as continuous integration runs it.
"""

import argparse
import asyncio
import itertools
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from calculator.classroom.room import Action
from calculator.classroom.store import Store
from tests.crash.phone import Phone
from tests.crash.serving import database
from tests.crash.vote import Vote
from tests.deploy.installed import installed_server
from tests.deploy.lock import LOCKS
from tests.deploy.lock import make as make_lock
from tests.deploy.replicas import Site, site
from tests.deploy.teacher import PageTeacher
from tests.deploy.visitor import Visitor, opens
from tests.helpers.paths import ROOT

PAGES = {
    "": (b"3,136", "in=3&out=64&k=4"),
    "picture": (b"32", "in=3&out=64&k=4&s=2&p=1"),
    "compare": (b"3,136", "in=3&out=64&k=4"),
    "model": (b"3,576,704", "net=dcgan&model=layers"),
    "learn": (b"", "learn=worksheet"),
    "class": (b"Start a class", "class=exercises"),
    "sources": (b"", ""),
}
SECONDS_TO_MOVE = 3.0
"""The first answers of 50 visitors who move at once take 1.1 s of a core that does nothing else."""

SECONDS_TO_STOP = 5.5

PLACE = "calculator_replica"
"""The name of the cookie with which the proxy finds a visitor's replica."""


def locks_are_current(folder: Path) -> None:
    """Make the locks anew, as `make lock` does, and compare them with those that are kept."""
    for name in LOCKS:
        copy = folder / Path(name).name
        shutil.copy(ROOT / name, copy)  # Versions that still fit are kept.
        make_lock(name, copy)
        assert copy.read_text("utf-8") == (ROOT / name).read_text("utf-8"), (
            f"{name} is out of date: make lock"
        )


def unit_is_valid(folder: Path) -> None:
    """Let systemd check the unit, where it is installed; it prints what it does not know."""
    if not shutil.which("systemd-analyze"):
        return
    unit = (ROOT / "deploy/calculator@.service").read_text("utf-8").replace("/opt/calculator", str(ROOT))
    (folder / "calculator@.service").write_text(unit, "utf-8")
    command = ["systemd-analyze", "verify", str(folder / "calculator@8501.service")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, ""), done


def visitors(running: Site, number: int) -> list[Visitor]:
    """Return visitors with different links: each expects its own count."""
    return [
        Visitor(running.url, f"in={n + 1}&out=7&k=3&bias=0", f"{(n + 1) * 63:,}".encode())
        for n in range(number)
    ]


async def every_page(running: Site) -> None:
    """Open every page, download what it offers, and send a file."""
    for page, (text, query) in PAGES.items():
        visitor = Visitor(running.url, query, text, page)
        await visitor.open()
        statuses = await asyncio.to_thread(visitor.downloads)
        assert set(statuses) <= {200}, (page, statuses)
        if page == "model":  # The other pages make their files when somebody asks for them.
            assert statuses, f"{page} offers no file"
            status = await asyncio.to_thread(visitor.upload, b"a" * 1_000_000)
            assert status in (200, 204), status
        await visitor.close()
    assert opens(f"{running.url}/")


async def kills(running: Site, people: int, times: int) -> str:
    """Kill one replica after the other under visitors; return what was measured."""
    slowest = processor = 0.0
    moved = 0
    crowd = visitors(running, people)
    await asyncio.gather(*(visitor.open() for visitor in crowd))
    for number in range(times):
        victim = running.replicas[number % len(running.replicas)]
        ends = {index: asyncio.create_task(visitor.left()) for index, visitor in enumerate(crowd)}
        await asyncio.sleep(0)
        others = [replica for replica in running.replicas if replica is not victim]
        before = sum(replica.processor() for replica in others)
        victim.kill()
        killed = time.monotonic()
        affected: set[int] = set()
        opened: list[float] = []

        async def again(index: int) -> None:
            await ends[index]  # noqa: B023 — awaited before the loop goes on
            affected.add(index)  # noqa: B023
            await crowd[index].open()
            opened.append(time.monotonic() - killed)  # noqa: B023

        tasks = [asyncio.create_task(again(index)) for index in ends]
        # The visitors of the other replica keep their connections, uploads and downloads.
        await asyncio.sleep(SECONDS_TO_MOVE)
        unmoved = len(affected) - len(opened)
        assert not unmoved, f"{unmoved} visitors had not moved after {SECONDS_TO_MOVE:g} s"
        for index in set(ends) - affected:
            tasks[index].cancel()
            ends[index].cancel()
        await asyncio.gather(*tasks, *ends.values(), return_exceptions=True)
        rest = [visitor for index, visitor in enumerate(crowd) if index not in affected]
        assert affected, "nobody was on the replica that was killed"
        if rest:
            one = rest[number % len(rest)]
            status = await asyncio.to_thread(one.upload, b"a" * 100_000)
            assert status in (200, 204), f"an upload of a visitor of the other replica answered {status}"
        moved += len(affected)
        slowest = max(slowest, *opened)
        processor = max(processor, sum(replica.processor() for replica in others) - before)
        await asyncio.to_thread(victim.start)
        await asyncio.sleep(1.5)  # Caddy asks after its health once a second.
        # Those who moved stay where they are: visitors who come anew are on both replicas again.
        await asyncio.gather(*(visitor.close() for visitor in crowd))
        crowd[:] = visitors(running, people)
        await asyncio.gather(*(visitor.open() for visitor in crowd))
    await asyncio.gather(*(visitor.close() for visitor in crowd))
    return (
        f"{times} kills under {people} visitors: {moved} moved, the slowest in {slowest:.2f} s; "
        f"the other replica took at most {processor:.2f} s of its processor"
    )


async def rolling_restart(running: Site, people: int) -> str:
    """Restart all replicas one after the other; nobody may get an error meanwhile."""
    crowd = visitors(running, people)
    await asyncio.gather(*(visitor.open() for visitor in crowd))
    statuses: list[int] = []
    ended = asyncio.Event()

    async def asks() -> None:
        while not ended.is_set():
            visitor = Visitor(running.url, "", b"")
            statuses.append((await asyncio.to_thread(visitor.get, "/"))[0])
            await asyncio.sleep(0.05)

    asking = asyncio.create_task(asks())
    slowest = 0.0
    for replica in running.replicas:
        stays = [asyncio.create_task(visitor.left()) for visitor in crowd]
        await asyncio.sleep(0)
        begun = time.monotonic()
        stopped = await asyncio.to_thread(replica.ask_to_stop, SECONDS_TO_STOP)
        assert stopped, f"a replica did not stop within {SECONDS_TO_STOP:g} s"
        slowest = max(slowest, time.monotonic() - begun)
        left = [index for index, stay in enumerate(stays) if stay.done()]
        for index in left:
            await crowd[index].open()
        await asyncio.to_thread(replica.start)
        await asyncio.sleep(1.5)
        for stay in stays:
            stay.cancel()
        await asyncio.gather(*stays, return_exceptions=True)
    ended.set()
    await asking
    assert set(statuses) == {200}, {status: statuses.count(status) for status in set(statuses)}
    await asyncio.gather(*(visitor.close() for visitor in crowd))
    return f"rolling restart: {len(statuses)} requests without an error, the slowest stop in {slowest:.2f} s"


async def cookies(running: Site) -> list[str]:
    """Return the values of the cookie with which the proxy finds each replica."""
    found: dict[str, None] = {}
    for _ in range(100):  # Of replicas without visitors, a new one gets any.
        stranger = Phone(running.url, "")
        await stranger.ask("GET", "/readyz")
        await stranger.close()
        found[stranger.cookies[PLACE]] = None
    assert len(found) == len(running.replicas), found
    return [*found]


async def class_under_kills(running: Site, store: Store, people: int) -> str:
    """Kill each replica once while a class votes, which may cost no phone more than one repeat.

    The teacher is on the same replica both times, so one kill takes the teacher's page and one does not. As
    many phones are on the one as on the other.
    """
    phones = [Phone(running.url, "") for _ in range(people)]
    repeats = moves = 0
    places = await cookies(running)
    for number, victim in enumerate(running.replicas):
        teacher = await PageTeacher.start(store, running.url, {PLACE: places[0]})
        for phone, place in zip(phones, itertools.cycle(places), strict=False):
            phone.cookies[PLACE] = place
            phone.code, phone.repeats, phone.left = teacher.room.code, 0, 0
        await asyncio.gather(*(phone.join() for phone in phones))
        assert {phone.cookies[PLACE] for phone in phones} == {*places}, "all phones are on one replica"
        await asyncio.to_thread(teacher.act, Action.OPEN)
        vote = Vote(teacher, number, kill_after=people // 3, close_after=people + 1)
        await vote.run(phones, victim.kill)
        most = max(phone.repeats - phone.left for phone in phones)
        assert most <= 1, f"a phone had to repeat {most} times when one of two replicas was killed"
        repeats += sum(phone.repeats - phone.left for phone in phones)
        await asyncio.to_thread(teacher.act, Action.REVEAL)
        assert f"of {people} right".encode() in teacher.page.seen, "the teacher does not see all answers"
        await teacher.page.close()
        moves += teacher.moves
        await asyncio.to_thread(victim.start)
        await asyncio.sleep(1.5)  # Caddy asks after its health once a second.
    await asyncio.gather(*(phone.close() for phone in phones))
    assert moves == 1, f"the teacher moved {moves} times"
    return (
        f"a class of {people} and its teacher on two replicas, each killed once: no answer lost, "
        f"{repeats} requests repeated, the teacher led it on"
    )


def main() -> int:
    """Try everything and print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="20 visitors and two kills")
    short = parser.parse_args().short
    people, times = (20, 2) if short else (100, 20)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        locks_are_current(folder)
        unit_is_valid(folder)
        print("the locks are those of the requirements, and the unit is valid", flush=True)
        with site(folder) as running:
            asyncio.run(every_page(running))
            print("every page, its downloads and an upload through the proxy", flush=True)
            print(asyncio.run(kills(running, people, times)), flush=True)
            print(asyncio.run(rolling_restart(running, people)), flush=True)
        with ExitStack() as stack:
            url, _ = stack.enter_context(database("postgresql", folder))
            running = stack.enter_context(site(folder, DATABASE_URL=url))
            store = Store(url)
            stack.callback(store.close)
            print(asyncio.run(class_under_kills(running, store, people)), flush=True)
        with site(folder, base="/course/calculator", replicas=1) as running:
            asyncio.run(every_page(running))
            print("the same below a path", flush=True)
        if not short:
            with installed_server(folder / "installed") as url:
                assert opens(f"{url}/readyz")
                asyncio.run(every_page(Site(url)))
            print("installed with hashes, as another user, read-only, without a home, over IPv6", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
