"""`python -m tests.crash`: phones answer while the server, the database or both are killed.

Every phone sends a number that no other one sends and repeats what was not acknowledged, so that the votes
say whose answers the store has. After each vote they must be exactly the acknowledged ones. With ``--short``
fewer phones and kills, as continuous integration runs it.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from calculator.classroom.questions import plan, questions

from calculator.classroom.room import Action, Room
from calculator.classroom.store import Store, StoreError
from calculator.settings import Settings
from tests.browser.server import HOST
from tests.crash.phone import Phone
from tests.crash.serving import DATABASES, PhoneServer, database, phone_server
from tests.helpers.postgresql import PostgreSQL

PLAN = plan(Settings(class_source="exercises", level=1, seed=1, questions=30))
KILLS, PEOPLE = 50, 300
SHORT_KILLS, SHORT_PEOPLE = 5, 60
VOTE_SECONDS = 120.0


class Teacher:
    """A teacher in another process than that of the phones, who repeats what was not acknowledged."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.room, self.secret = store.create(PLAN, len(questions(PLAN)))

    def see(self) -> Room:
        """Return the room, once the database answers."""
        while True:
            try:
                room = self.store.room(self.room.code)
            except StoreError:
                time.sleep(0.05)
            else:
                assert room, "the room is lost"
                return room

    def act(self, action: Action) -> None:
        """Act once, however often that has to be tried."""
        version = self.room.version
        while self.room.version == version:
            try:
                self.room = self.store.act(self.room.code, self.secret, action, version)
            except StoreError:
                self.room = self.see()  # It may have been done before the answer was lost.


class Vote:
    """One vote of a class, during which something is killed after ``kill_after`` answers were acknowledged.

    It is closed after ``close_after`` of them, or once everybody was answered.
    """

    def __init__(self, teacher: Teacher, number: int, kill_after: int, close_after: int) -> None:
        self.teacher = teacher
        self.first = 10_000 * (number + 1)
        self.kill_after, self.close_after = kill_after, close_after
        self.acknowledged = 0
        self.kill_now, self.close_now = asyncio.Event(), asyncio.Event()
        self.counted: dict[int, int] = {}

    async def run(self, phones: list[Phone], kill: Callable[[], None]) -> None:
        """Let all vote; compare what was acknowledged with what the store has."""
        room = self.teacher.room
        self._note(0)
        killing = asyncio.create_task(self._at(self.kill_now, kill))
        closing = asyncio.create_task(self._at(self.close_now, lambda: self.teacher.act(Action.CLOSE)))
        await asyncio.gather(*(self._answers(number, phone) for number, phone in enumerate(phones)))
        self.kill_now.set()
        self.close_now.set()
        await asyncio.gather(killing, closing)
        votes = self.teacher.store.votes(room.code, room.question, room.round)
        assert votes == Counter(self.counted.values()), _difference(votes, Counter(self.counted.values()))

    async def _at(self, event: asyncio.Event, work: Callable[[], None]) -> None:
        await event.wait()
        await asyncio.to_thread(work)

    def _note(self, more: int) -> None:
        self.acknowledged += more
        if self.acknowledged >= self.kill_after:
            self.kill_now.set()
        if self.acknowledged >= self.close_after:
            self.close_now.set()

    async def _answers(self, number: int, phone: Phone) -> None:
        """Send an answer; every third phone changes it, every tenth loses the network after sending it."""
        room = self.teacher.room
        value = self.first + number
        await asyncio.sleep(random.uniform(0, 0.5))
        if await phone.answer(room.question, room.round, value, leave=number % 10 == 1):
            self.counted[number] = value
            self._note(1)
        if number % 3 == 0 and await phone.answer(room.question, room.round, value + 5_000):
            self.counted[number] = value + 5_000


def _difference(votes: dict[int, int], counted: Counter[int]) -> str:
    lost = [value for value in counted if value not in votes]
    added = [value for value in votes if value not in counted]
    return f"acknowledged and not in the store: {lost}; in the store and not acknowledged: {added}"


def kinds_of_kills(server: PhoneServer, postgresql: PostgreSQL | None) -> list[Callable[[], None]]:
    """Return what can be killed and started again."""

    def process() -> None:
        server.kill()
        server.start()

    if not postgresql:
        return [process]
    running = postgresql

    def database_server() -> None:
        running.kill()
        running.start()

    def both() -> None:
        server.kill()
        database_server()
        server.start()

    return [process, database_server, both]


async def votes_under_kills(
    server: PhoneServer, teacher: Teacher, kinds: list[Callable[[], None]], kills: int, people: int
) -> str:
    """Let a class vote as often as something is killed; return what was done."""
    phones = [Phone(f"http://{HOST}:{server.port}", teacher.room.code) for _ in range(people)]
    await asyncio.gather(*(phone.join() for phone in phones))
    votes = acknowledged = 0
    teacher.act(Action.OPEN)
    begun = time.monotonic()
    for number in range(kills):
        # Half of the votes end before everybody has answered.
        early = random.randrange(people) if number % 2 else people + 1
        vote = Vote(teacher, number, random.randrange(people), early)
        async with asyncio.timeout(VOTE_SECONDS):
            await vote.run(phones, kinds[number % len(kinds)])
        votes, acknowledged = votes + 1, acknowledged + len(vote.counted)
        teacher.act(Action.REVEAL)
        if number + 1 < kills:
            teacher.act(Action.VOTE_AGAIN if teacher.room.round == 1 else Action.NEXT)
    await asyncio.gather(*(phone.join() for phone in phones))
    joined = teacher.store.joined(teacher.room.code)
    assert joined == people, f"{people} phones have {joined} seats"
    await asyncio.gather(*(phone.close() for phone in phones))
    repeats = sum(phone.repeats for phone in phones)
    return (
        f"{votes} kills under {people} phones: {acknowledged:,} acknowledged answers, each counted once, "
        f"{repeats:,} requests repeated, {time.monotonic() - begun:.0f} s"
    )


def main() -> int:
    """Try both databases and print what was done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help=f"{SHORT_KILLS} kills, {SHORT_PEOPLE} phones")
    parser.add_argument("--only", choices=DATABASES)
    options = parser.parse_args()
    kills, people = (SHORT_KILLS, SHORT_PEOPLE) if options.short else (KILLS, PEOPLE)
    for kind in [options.only] if options.only else DATABASES:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            url, postgresql = stack.enter_context(database(kind, folder))
            server = stack.enter_context(phone_server(url, folder))
            store = Store(url)
            stack.callback(store.close)
            kinds = kinds_of_kills(server, postgresql)
            told = asyncio.run(votes_under_kills(server, Teacher(store), kinds, kills, people))
            print(f"{kind}: {told}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
