"""The replies to the answers of an exercise that can be foreseen, for files that work without the calculator.

Every sentence comes from the diagnosis of the page, so that a file never says anything else.
"""

from dataclasses import dataclass, replace

from calculator.core.formatting import format_count
from calculator.learn.exercise import Exercise
from calculator.learn.mistakes.diagnosis import diagnose

_TOO_SMALL = -1
_FACTOR = 10**12
"""Numbers that no calculation gives: one below 0, and one beyond every mistake."""


@dataclass(frozen=True)
class Reply:
    """An answer that can be foreseen, whether it is correct, and the sentence for the student."""

    value: int
    correct: bool
    sentence: str


@dataclass(frozen=True)
class OtherReply:
    """The sentence about any other number.

    ``before`` comes before the number, ``between`` follows the number, and ``after`` begins with "too small"
    or "too large". Words that say how many times may stand before ``after``.
    """

    before: str
    between: str
    after: str


def replies(exercise: Exercise, *, pairs: bool = False) -> tuple[Reply, ...]:
    """Return the right answer, then each known wrong number once, the smallest first.

    Known are the numbers of the mistakes and, unless they are 0 or 1, those of the steps of the working; with
    ``pairs`` also those of two mistakes at once, which are many.

    >>> from calculator.learn.exercises.generator import exercise
    >>> [(reply.value, reply.correct) for reply in replies(exercise(1, 1, 1))][:4]
    [(243, True), (3, False), (15, False), (16, False)]
    """
    exercise = pairs_once(exercise)
    steps = {step.value for step in exercise.working if step.value > 1}
    mistakes = (*exercise.mistakes, *(exercise.pairs() if pairs else ()))
    wrong = {mistake.value for mistake in mistakes} | steps
    values = [exercise.answer, *sorted(wrong - {exercise.answer})]
    diagnoses = [diagnose(exercise, value) for value in values]
    return tuple(
        Reply(value, diagnosis.correct, diagnosis.sentence)
        for value, diagnosis in zip(values, diagnoses, strict=True)
    )


def pairs_once(exercise: Exercise) -> Exercise:
    """Return the exercise with its pairs of mistakes computed once, for many diagnoses.

    >>> from calculator.learn.exercises.generator import exercise
    >>> one = pairs_once(exercise(1, 1, 1))
    >>> one == exercise(1, 1, 1), one.pairs() is one.pairs()
    (True, True)
    """
    found = exercise.pairs()
    return replace(exercise, pairs=lambda: found)


def other_replies(exercise: Exercise) -> tuple[OtherReply, OtherReply]:
    """Return the replies to a number that is too small, and to one that is too large, and otherwise unknown.

    >>> from calculator.learn.exercises.generator import exercise
    >>> small, large = other_replies(exercise(1, 1, 1))
    >>> small.before, small.between, large.after[:50]
    ('Not yet: ', ' is ', 'too large, and no known mistake gives this number.')
    """
    large = exercise.answer * _FACTOR + _FACTOR + 1
    return _around(exercise, _TOO_SMALL, "too small"), _around(exercise, large, "too large")


def _around(exercise: Exercise, number: int, size: str) -> OtherReply:
    before, _, rest = diagnose(exercise, number).sentence.partition(format_count(number))
    between, size, after = rest.partition(size)
    return OtherReply(before, between, f"{size}{after}")


def any_other_reply(exercise: Exercise) -> str:
    """Return the sentence about any unknown number, for files that cannot repeat the number.

    >>> from calculator.learn.exercises.generator import exercise
    >>> any_other_reply(exercise(1, 1, 1))
    'Not yet: no known mistake gives this number. Begin again at the first step, “Weights in one kernel”.'
    """
    first = exercise.working[0].what
    return f"Not yet: no known mistake gives this number. Begin again at the first step, “{first}”."
