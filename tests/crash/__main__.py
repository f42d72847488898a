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
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from calculator.classroom.room import Action
from calculator.classroom.store import Store
from tests.browser.server import HOST
from tests.crash.phone import Phone
from tests.crash.serving import DATABASES, PhoneServer, database, phone_server
from tests.crash.vote import Teacher, Vote
from tests.helpers.postgresql import PostgreSQL

KILLS, PEOPLE = 50, 300
SHORT_KILLS, SHORT_PEOPLE = 5, 60
VOTE_SECONDS = 120.0


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
