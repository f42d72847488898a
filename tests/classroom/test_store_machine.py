"""Any order of what a class can do, compared with a model of plain dictionaries after every step.

The model is written from the rules in words, not from the store: it has no SQL and none of the store's code.
"""

from collections import Counter

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from calculator.classroom.room import Action, Phase, RoomError
from calculator.classroom.store import Receipt, Refusal, Store
from tests.helpers.class_stores import Clock

QUESTIONS = 2
DAY, SECOND = 24 * 3600 * 1000, 1000

# Phase and action: the next phase, and what is added to the question; a vote again adds a round.
NEXT_PHASE = {
    ("waiting", "open"): "open",
    ("open", "close"): "closed",
    ("closed", "reveal"): "revealed",
    ("closed", "vote again"): "open",
    ("revealed", "vote again"): "open",
    ("revealed", "next"): "open",
}


class ClassMachine(RuleBasedStateMachine):
    """One room of a store, whose address the test sets."""

    url = ""
    seats = Bundle("seats")

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.stores = [Store(self.url, self.clock.column)]
        self.answers: dict[tuple[int, int, str], tuple[str, int, int]] = {}
        self.joined: set[str] = set()
        self.question, self.round, self.phase, self.version = 0, 1, "waiting", 1

    @property
    def store(self) -> Store:
        return self.stores[-1]

    @property
    def alive(self) -> bool:
        return self.phase != "ended" and self.clock.ms - self.begun < DAY

    @initialize()
    def create(self) -> None:
        self.begun = self.clock.ms
        room, self.secret = self.store.create("a plan", QUESTIONS)
        self.code = room.code

    @rule(target=seats)
    def somebody_joins(self) -> str:
        if not self.alive:
            with pytest.raises(RoomError):
                self.store.join(self.code, None)
            return "nobody"
        seat = self.store.join(self.code, None)
        assert seat not in self.joined
        self.joined.add(seat)
        return seat

    @rule(seat=seats)
    def somebody_joins_again(self, seat: str) -> None:
        if not self.alive:
            with pytest.raises(RoomError):
                self.store.join(self.code, seat)
        elif seat in self.joined:
            assert self.store.join(self.code, seat) == seat
        else:
            self.joined.add(self.store.join(self.code, seat))

    @rule(
        seat=st.one_of(seats, seats, seats, st.just("forged")),
        away=st.sampled_from([0] * 6 + [-1, 1]),
        rounds_away=st.sampled_from([0] * 6 + [-1, 1]),
        value=st.sampled_from([243, 240, 80]),
        spaced=st.booleans(),
    )
    def somebody_answers(self, seat: str, away: int, rounds_away: int, value: int, spaced: bool) -> None:
        question, round_number = self.question + away, self.round + rounds_away
        typed = f"{value} " if spaced else f"{value}"
        key = question, round_number, seat
        last = self.answers.get(key)
        open_here = (self.phase, question, round_number) == ("open", self.question, self.round)
        receipt = self.store.answer(self.code, seat, question, round_number, typed, value)
        if not self.alive:
            expected = Receipt(False, Refusal.ENDED)
        elif seat not in self.joined:
            expected = Receipt(False, Refusal.NOT_JOINED)
        elif open_here and (last is None or self.clock.ms - last[2] >= SECOND):
            expected = Receipt(True)
            self.answers[key] = typed, value, self.clock.ms
        elif last is not None and last[:2] == (typed, value):
            expected = Receipt(True)
        elif question != self.question:
            expected = Receipt(False, Refusal.OTHER_QUESTION)
        elif round_number != self.round:
            expected = Receipt(False, Refusal.OTHER_ROUND)
        else:
            reasons = {"waiting": Refusal.NOT_OPEN, "open": Refusal.TOO_SOON}
            expected = Receipt(False, reasons.get(self.phase, Refusal.CLOSED))
        assert receipt == expected

    @rule(action=st.sampled_from([*Action] * 2 + [Action.CLOSE, Action.REVEAL, Action.VOTE_AGAIN]))
    def the_teacher_acts(self, action: Action) -> None:
        if action is Action.END and self.version < 4:
            return  # Most classes shall have a life before their end.
        before = self.phase, str(action)
        last = self.round == 2 if action is Action.VOTE_AGAIN else self.question + 1 == QUESTIONS
        possible = before in NEXT_PHASE and not (action in (Action.VOTE_AGAIN, Action.NEXT) and last)
        if not self.alive or not (possible or action is Action.END):
            with pytest.raises(RoomError):
                self.store.act(self.code, self.secret, action, self.version)
            return
        room = self.store.act(self.code, self.secret, action, self.version)
        self.version += 1
        self.phase = "ended" if action is Action.END else NEXT_PHASE[before]
        if action is Action.VOTE_AGAIN:
            self.round = 2
        if action is Action.NEXT:
            self.question, self.round = self.question + 1, 1
        assert (room.question, room.round, room.phase) == (self.question, self.round, Phase(self.phase))

    @rule(action=st.sampled_from(Action), versions=st.sampled_from([-1, 1]))
    def another_window_acts_late(self, action: Action, versions: int) -> None:
        with pytest.raises(RoomError):
            self.store.act(self.code, self.secret, action, self.version + versions)

    @rule(action=st.sampled_from(Action))
    def somebody_else_acts(self, action: Action) -> None:
        with pytest.raises(RoomError):
            self.store.act(self.code, self.secret[::-1], action, self.version)

    @rule(ms=st.sampled_from([1, SECOND - 1, SECOND, SECOND, 10 * SECOND, 60 * SECOND]))
    def time_passes(self, ms: int) -> None:
        self.clock.ms += ms

    @rule(away=st.sampled_from([-1, 0]), seconds=st.integers(0, 40))
    def a_day_passes(self, away: int, seconds: int) -> None:
        if seconds == 0:
            self.clock.ms = max(self.clock.ms, self.begun + DAY + away)

    @rule()
    def old_rooms_are_swept(self) -> None:
        assert self.store.sweep() == (self.phase != "ended" and not self.alive)
        if not self.alive:
            self.phase = "ended"

    @rule()
    def the_process_is_killed_and_another_one_serves(self) -> None:
        self.stores.append(Store(self.url, self.clock.column))

    @invariant()
    def the_store_says_what_the_model_says(self) -> None:
        room = self.store.room(self.code)
        assert self.store.is_teacher(self.code, self.secret) == self.alive
        assert not self.store.is_teacher(self.code, self.secret[::-1])
        if not self.alive:
            assert room is None
            kept: dict[tuple[int, int, str], tuple[str, int, int]] = {}
            joined = 0
        else:
            assert room
            found = room.question, room.round, str(room.phase), room.version
            assert found == (self.question, self.round, self.phase, self.version)
            kept, joined = self.answers, len(self.joined)
        assert self.store.joined(self.code) == joined
        now = [key for key in kept if key[:2] == (self.question, self.round)]
        assert self.store.received(self.code) == len(now)
        for question in range(QUESTIONS):
            for round_number in (1, 2):
                votes = Counter(kept[key][1] for key in kept if key[:2] == (question, round_number))
                assert self.store.votes(self.code, question, round_number) == votes
        for seat in self.joined:
            answer = kept.get((self.question, self.round, seat))
            own = self.store.own_answer(self.code, seat, self.question, self.round)
            assert own == (answer[:2] if answer else None)

    def teardown(self) -> None:
        if self.alive:
            self.store.act(self.code, self.secret, Action.END, self.version)
        for store in self.stores:
            store.close()


def test_any_order_of_what_a_class_can_do(url: str) -> None:
    machine = type("Machine", (ClassMachine,), {"url": url})
    run_state_machine_as_test(machine, settings=settings(max_examples=20, stateful_step_count=30))
