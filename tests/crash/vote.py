"""A teacher and one vote of a class, in which everything that was acknowledged must be in the store."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable

from calculator.classroom.database import StoreError
from calculator.classroom.questions import plan, questions
from calculator.classroom.room import Action, Room
from calculator.classroom.store import Store
from calculator.settings import Settings
from tests.crash.phone import Phone

PLAN = plan(Settings(class_source="exercises", level=1, seed=1, questions=30))


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
        if self.close_after > len(phones):
            assert len(self.counted) == len(phones), f"{len(phones) - len(self.counted)} phones were refused"
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
