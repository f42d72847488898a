"""A vote by raised hands: four numbers for a question, of which three are real mistakes."""

import zlib
from dataclasses import dataclass

from calculator.learn.exercise import Mistake, Question

LETTERS = "ABCD"
"""The letters of the numbers. The figure of a vote has a number for each letter, or fewer."""

MAX_RATIO = 4_000
"""A number this many times larger or smaller than the answer is only offered when others are missing."""


@dataclass(frozen=True)
class Option:
    """A number to vote for, and the mistake that gives the number; ``None`` for the right answer."""

    letter: str
    value: int
    mistake: Mistake | None


def vote(question: Question) -> tuple[Option, ...]:
    """Return the options of a question, which has mistakes, in the order of their letters.

    The mistakes of the question are taken in their order, each number once. The same question always has the
    same options, and the letter of the right answer depends on the text of the question.

    >>> from calculator.learn.lesson.lesson import lesson_step
    >>> from calculator.settings import Settings
    >>> for option in vote(lesson_step(Settings(), 4)):
    ...     print(option.letter, option.value, option.mistake.name if option.mistake else "right")
    A 3264 a bias for each kernel
    B 3075 a bias for each input channel
    C 3136 right
    D 3072 the biases forgotten
    """
    by_value: dict[int, Mistake] = {}
    for mistake in question.mistakes:
        if mistake.value not in (0, question.answer):
            by_value.setdefault(mistake.value, mistake)
    chosen = sorted(by_value, key=lambda value: not _plausible(value, question.answer))[: len(LETTERS) - 1]
    # Not ``hash``, which differs in every process, nor by size, which would put the answer in the middle.
    values = sorted((question.answer, *chosen), key=lambda value: _shuffled(question, value))
    return tuple(
        Option(letter, value, by_value.get(value)) for letter, value in zip(LETTERS, values, strict=False)
    )


def _plausible(value: int, answer: int) -> bool:
    """Return whether a number is not many times larger or smaller than the answer."""
    smaller, larger = sorted((value, answer))
    return larger <= smaller * MAX_RATIO


def _shuffled(question: Question, value: int) -> tuple[int, int]:
    """Return a number that orders the options, the same one on every computer and in every process."""
    return zlib.crc32(f"{question.question} {value}".encode()), value
