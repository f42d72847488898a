"""Turns: never more than there are, one for each owner, in the order of asking, and none is lost."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event

import pytest

from calculator.readers.turns import NoTurnError, ReplacedError, Turns


class Line:
    """Owners that ask for turns, each in a thread. A turn ends when it is told to."""

    def __init__(self, turns: Turns, pool: ThreadPoolExecutor) -> None:
        self.turns, self.pool, self.begun = turns, pool, list[str]()

    def ask(self, owner: str, name: str, ends: Event) -> "Future[None]":
        """Ask for a turn; return once the request is in the line, or has its turn."""
        before = len(self.turns._waiting) + len(self.begun)
        known = set(self.turns._waiting)

        def run() -> None:
            with self.turns.turn(owner, 60):
                self.begun.append(name)
                assert ends.wait(60)

        future = self.pool.submit(run)
        until(lambda: len(self.turns._waiting) + len(self.begun) > before or known != {*self.turns._waiting})
        return future


def until(done: Callable[[], bool]) -> None:
    while not done():
        Event().wait(0.001)


def test_each_owner_has_one_turn_and_the_newest_request_waits() -> None:
    with ThreadPoolExecutor(10) as pool:
        line, end, rest = Line(Turns(2), pool), Event(), Event()
        first = line.ask("a", "a1", end)
        second = line.ask("a", "a2", rest)  # waits, though a turn is free
        other = line.ask("b", "b1", rest)  # has the free turn
        third = line.ask("a", "a3", rest)  # replaces a2
        with pytest.raises(ReplacedError):
            second.result(60)
        assert line.begun == ["a1", "b1"]
        last = line.ask("c", "c1", rest)
        end.set()
        first.result(60)
        until(lambda: len(line.begun) == 3)
        assert line.begun[2] == "a3"  # it kept the place of a2, before c1
        rest.set()
        for future in (other, third, last):
            future.result(60)
        assert (line.turns._free, line.turns._running, line.turns._waiting) == (2, set(), [])


def test_waiting_ends_and_leaves_nothing_behind() -> None:
    turns = Turns(1)
    with turns.turn("a", 1), pytest.raises(NoTurnError), turns.turn("b", 0.001):
        pass
    with turns.turn("b", 1):
        pass


def test_a_turn_is_given_back_after_an_error() -> None:
    turns = Turns(1)
    for _ in range(3):
        with pytest.raises(KeyError), turns.turn("a", 1):
            raise KeyError
