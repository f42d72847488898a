"""The record of a learner's progress: it comes back with the same score, and is checked as untrusted."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculator.learn.calculation import number
from calculator.learn.exercises.answer import read_calculation
from calculator.learn.exercises.generator import MAX_QUESTIONS, MAX_SEED
from calculator.learn.exercises.progress import MAX_KEPT, Progress, read_progress, write_progress
from calculator.learn.exercises.score import Attempt, score_text

KEYS = st.tuples(st.integers(1, 3), st.integers(0, MAX_SEED), st.integers(1, MAX_QUESTIONS))
ANSWERS = st.integers(0, 10**18)
GAMES = st.dictionaries(
    KEYS,
    st.lists(st.one_of(st.none(), st.tuples(ANSWERS, st.booleans())), min_size=1, max_size=5),
    max_size=8,
)


@given(GAMES)
def test_what_comes_back_has_the_same_score_and_the_last_answers(
    games: dict[tuple[int, int, int], list[tuple[int, bool] | None]],
) -> None:
    attempts, last = {}, {}
    for key, moves in games.items():
        attempt = Attempt()
        for move in moves:
            if move is None:
                attempt = attempt.with_working_shown()
            else:
                attempt = attempt.with_answer(move[0], correct=move[1])
                last[key] = number(move[0])
        attempts[key] = attempt
    record = json.loads(json.dumps(write_progress(attempts, last)))
    back = read_progress(record)
    assert (back.last, back.invalid) == (last, 0)
    assert back.attempts.keys() == attempts.keys()
    for key, attempt in attempts.items():
        assert score_text([back.attempts[key]]) == score_text([attempt])
    # The record of what came back is the same record.
    assert write_progress(back.attempts, back.last) == record


GOOD: list[Any] = [1, 7, 2, ["12"], True, False, "12"]


WRONG: dict[int, tuple[Any, ...]] = {
    0: (0, 5, -1, True, 1.0, "1", None, 10**400),
    1: (-1, MAX_SEED + 1, False, "7"),
    2: (0, MAX_QUESTIONS + 1, True),
    3: ([], ["1"] * 3, [12], ["1e9"], ["9" * 5000], "12", None, ["12", None]),
    4: (1, "true", None),
    5: (0, "", []),
    6: ("", "x", "-1", "9" * 5000, 12, None),
}
"""Values that are never written, by their place in an entry."""


@pytest.mark.parametrize(("place", "value"), [(place, value) for place in WRONG for value in WRONG[place]])
def test_an_entry_that_is_never_written_is_left_out_and_counted(place: int, value: object) -> None:
    entry = [*GOOD[:place], value, *GOOD[place + 1 :]]
    assert read_progress([entry, GOOD]) == Progress(
        {(1, 7, 2): Attempt((12,), solved=True)}, {(1, 7, 2): number(12)}, 1
    )


@pytest.mark.parametrize(
    "entry", [None, {}, [], GOOD[:6], [*GOOD, 1], "1727", [1, 7, 2, [], False, False, ""]]
)
def test_what_is_not_an_entry_is_left_out_and_counted(entry: object) -> None:
    assert read_progress([entry]) == Progress({}, {}, 1)


def test_a_calculation_comes_back_as_it_was_typed() -> None:
    typed = read_calculation("1,024 * 3 + 64")
    record = write_progress({(1, 7, 2): Attempt((3136,), solved=True)}, {(1, 7, 2): typed})
    assert record == [[1, 7, 2, ["3136"], True, False, "1024 × 3 + 64"]]
    assert read_progress(json.loads(json.dumps(record))).last == {(1, 7, 2): typed}


def test_only_the_last_exercises_are_kept() -> None:
    attempts = {(1, seed, 1): Attempt((1,)) for seed in range(MAX_KEPT + 5)}
    record = write_progress(attempts, dict.fromkeys(attempts, number(1)))
    assert [entry[1] for entry in record if isinstance(entry, list)] == [*range(5, MAX_KEPT + 5)]
    # A longer record is not one of ours.
    assert read_progress([GOOD] * (MAX_KEPT + 5)).invalid == 5
