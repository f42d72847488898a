"""What a worksheet is, and the words that its HTML and its Markdown share."""

from dataclasses import dataclass

from calculator.core.formatting import format_count, plural
from calculator.learn.exercise import Exercise

LIVE = "The same exercises live"
KEY = "Answer key"
STEPS = ("Working", "Calculation", "Value")
"""The columns of the working."""
WRONG = ("Answer", "Common mistake", "Step")
"""The columns of the mistakes."""


@dataclass(frozen=True)
class Sheet:
    """A worksheet: its title, its exercises in order, and the seed and level that make them again."""

    seed: int
    level: int
    title: str
    exercises: tuple[Exercise, ...]


@dataclass(frozen=True)
class Wrong:
    """A wrong answer for the one who marks: its number, what people did, the steps at which they did it."""

    value: int
    mistakes: str
    steps: str


def source(sheet: Sheet) -> str:
    """Return what makes the same sheet again.

    >>> source(Sheet(seed=2021, level=1, title="Homework", exercises=()))
    'Level 1 · seed 2021 · 0 questions'
    """
    return f"Level {sheet.level} · seed {sheet.seed} · {plural(len(sheet.exercises), 'question')}"


def asked(exercise: Exercise) -> str:
    """Return what stands in front of the place for the answer, such as "Parameters ="."""
    return f"{exercise.asked[:1].upper()}{exercise.asked[1:]} ="


def wrong_answers(exercise: Exercise) -> tuple[Wrong, ...]:
    """Return the numbers that the common mistakes give, the smallest first; each number once.

    A number that several mistakes give names them all. Steps are counted from 1, as the key prints them.
    """
    rows = []
    for value in sorted({mistake.value for mistake in exercise.mistakes}):
        behind = [mistake for mistake in exercise.mistakes if mistake.value == value]
        steps = sorted({mistake.parts_at + 1 for mistake in behind})
        names = "; or ".join(mistake.name for mistake in behind)
        rows.append(Wrong(value, names, " or ".join(map(format_count, steps))))
    return tuple(rows)
