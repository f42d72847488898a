"""Attempts as a small record for a learner's browser, and back; a record that comes back is untrusted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from calculator.core.errors import LayerError
from calculator.learn.calculation import Calculation
from calculator.learn.exercises.answer import read_answer, read_calculation
from calculator.learn.exercises.generator import LEVELS, MAX_QUESTIONS, MAX_SEED
from calculator.learn.exercises.score import Attempt

ExerciseKey = tuple[int, int, int]
"""Level, seed and number of an exercise."""

MAX_KEPT = 500
"""The number of exercises in a record: the last ones."""

MAX_ANSWERS = 2
"""The number of answers of an exercise in a record. The score only asks whether there was more than one."""


def write_progress(
    attempts: Mapping[ExerciseKey, Attempt], last: Mapping[ExerciseKey, Calculation]
) -> list[object]:
    """Return a record of ``attempts``, and of the ``last`` answer to each exercise, for JSON.

    Answers are text, because a browser rounds large numbers. The last answer is the number or the
    calculation that was typed.

    >>> write_progress({(1, 7, 2): Attempt((12, 16), solved=True)}, {(1, 7, 2): read_calculation("4*4")})
    [[1, 7, 2, ['12', '16'], True, False, '4 × 4']]
    """
    return [
        [
            *key,
            [str(answer) for answer in attempt.answers[-MAX_ANSWERS:]],
            attempt.solved,
            attempt.working_shown,
            str(last[key]).replace(",", "") if key in last else "",
        ]
        for key, attempt in list(attempts.items())[-MAX_KEPT:]
    ]


@dataclass(frozen=True)
class Progress:
    """The contents of a record: attempts, last answers, and the number of invalid entries, left out here."""

    attempts: dict[ExerciseKey, Attempt]
    last: dict[ExerciseKey, Calculation]
    invalid: int = 0


def read_progress(record: Sequence[object]) -> Progress:
    """Return what a record says. Whether an answer was correct is not computed again.

    >>> found = read_progress([[1, 7, 2, ["12"], False, False, "12"], [9, 7, 2, [], False, False, ""]])
    >>> found.attempts, found.invalid
    ({(1, 7, 2): Attempt(answers=(12,), solved=False, working_shown=False)}, 1)
    """
    found = Progress({}, {}, max(len(record) - MAX_KEPT, 0))
    for entry in record[:MAX_KEPT]:
        try:
            key, attempt, answer = _read_entry(entry)
        except LayerError:
            found = replace(found, invalid=found.invalid + 1)
            continue
        found.attempts[key] = attempt
        if answer is not None:
            found.last[key] = answer
    return found


def _read_entry(entry: object) -> tuple[ExerciseKey, Attempt, Calculation | None]:
    """Return the exercise, its attempt and its last answer. Raises ``LayerError`` for an invalid entry."""
    match entry:
        case [int(level), int(seed), int(number), list(texts), bool(solved), bool(shown), str(last)]:
            answers = tuple(read_answer(text) for text in texts[:MAX_ANSWERS] if isinstance(text, str))
            valid = (
                bool not in map(type, (level, seed, number))
                and level in LEVELS
                and 0 <= seed <= MAX_SEED
                and 1 <= number <= MAX_QUESTIONS
                and len(answers) == len(texts)
                # An exercise is solved by an answer, and an answered exercise has a last answer.
                and bool(answers) == bool(last)
                and (bool(answers) or (shown and not solved))
            )
            if valid:
                attempt = Attempt(answers, solved=solved, working_shown=shown)
                return (level, seed, number), attempt, read_calculation(last) if last else None
    raise LayerError("This is not an entry of a record.")
