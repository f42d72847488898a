"""What a number given as an answer tells: right, which mistake was made, or neither."""

from collections.abc import Sequence
from dataclasses import dataclass

from calculator.core.formatting import format_count
from calculator.learn.exercise import Exercise, Mistake

LONGEST = 10**40
"""Numbers from here on are not repeated in a sentence."""


@dataclass(frozen=True)
class Diagnosis:
    """Whether an answer is right, the mistakes that give the same number, and a sentence to the person.

    Unless it is right, the sentence does not give the answer away.
    """

    right: bool
    mistakes: tuple[Mistake, ...]
    sentence: str


def diagnose(exercise: Exercise, given: int) -> Diagnosis:
    """Return what the number ``given`` tells about how it came about.

    >>> from calculator.learn.exercises.generator import exercises
    >>> one = exercises(1, 1, 1)[0]
    >>> diagnose(one, one.answer).right, diagnose(one, one.answer + 1).mistakes
    (True, ())
    >>> diagnose(one, one.mistakes[0].value).sentence
    'Not yet: 240 comes out with the biases forgotten. Up to “Weights” that is right; it parts from the \
working at “Biases, one per output channel”. Unless bias=False, there is also one bias for each output \
channel.'
    """
    if given == exercise.answer:
        return Diagnosis(True, (), f"Right: {format_count(given)}.")
    found = tuple(mistake for mistake in exercise.mistakes if mistake.value == given)
    sentence = _mistaken(exercise, found) if found else _unknown(exercise, given)
    return Diagnosis(False, found, f"Not yet: {sentence}")


def _mistaken(exercise: Exercise, found: Sequence[Mistake]) -> str:
    """Return the names of the mistakes, where they part from the working, and what to mend."""
    first = found[0]
    at = f"“{exercise.working[first.parts_at].what}”"
    if first.parts_at:
        before = exercise.working[first.parts_at - 1].what
        first_difference = f"Up to “{before}” that is right; it parts from the working at {at}."
    else:
        first_difference = f"It parts from the working at the first step, {at}."
    return f"{format_count(first.value)} comes out with {_named(found)}. {first_difference} {first.hint}"


def _named(found: Sequence[Mistake]) -> str:
    *others, last = [mistake.name for mistake in found]
    return f"{', with '.join(others)}, or with {last}" if others else last


def _unknown(exercise: Exercise, given: int) -> str:
    """Return on which side of the answer a number is that no mistake gives."""
    side = "large" if given > exercise.answer else "small"
    shown = format_count(given) if abs(given) < LONGEST else "that number"
    # A 0 or a 1 comes out in many ways: it says nothing of how far somebody got.
    steps = [step.what for step in exercise.working if step.value == given > 1]
    if steps:
        advice = f"It is the step “{steps[-1]}”, but not the last one: go on from there."
    else:
        advice = f"Begin again at the first step, “{exercise.working[0].what}”."
    return f"{shown} is too {side}, and none of the mistakes known here gives this number. {advice}"
