"""The worksheet as data, and the texts that its HTML and its Markdown have in common."""

from dataclasses import dataclass

from calculator.core.formatting import format_count, plural
from calculator.learn.exercise import Exercise

LIVE = "The same exercises live"
KEY = "Answer key"
WORKING_COLUMNS = ("Working", "Calculation", "Value")
MISTAKE_COLUMNS = ("Answer", "Common mistake", "Step")


@dataclass(frozen=True)
class Sheet:
    """A worksheet: its title, its exercises in order, and the seed and level that determine them.

    ``letter`` is "A" or "B" on the sheets of two neighbours, and "" on a sheet for everybody.
    """

    seed: int
    level: int
    title: str
    exercises: tuple[Exercise, ...]
    letter: str = ""


@dataclass(frozen=True)
class WrongAnswer:
    """A row of the answer key: a wrong number, the mistakes that give it, and the steps with the mistakes."""

    value: int
    mistakes: str
    steps: str


def source(sheet: Sheet) -> str:
    """Return level, seed and number of questions, with which anybody can make the same sheet.

    >>> source(Sheet(seed=2021, level=1, title="Homework", exercises=()))
    'Level 1 · seed 2021 · 0 questions'
    """
    level = f"Sheet {sheet.letter} · level" if sheet.letter else "Level"
    return f"{level} {sheet.level} · seed {sheet.seed} · {plural(len(sheet.exercises), 'question')}"


def answer_label(exercise: Exercise) -> str:
    """Return the label of the line for the answer, such as "Parameters ="."""
    return f"{exercise.quantity[:1].upper()}{exercise.quantity[1:]} ="


def working_rows(exercise: Exercise) -> list[tuple[str, str, str]]:
    """Return the working as rows of ``WORKING_COLUMNS``, with the steps numbered from 1."""
    return [
        (f"{number}. {step.what}", step.expression, f"= {format_count(step.value)}")
        for number, step in enumerate(exercise.working, start=1)
    ]


def wrong_answers(exercise: Exercise) -> tuple[WrongAnswer, ...]:
    """Return the wrong numbers of the common mistakes, the smallest first and each number once.

    A number that several mistakes give has the names of all of them. Steps are numbered from 1.
    """
    rows = []
    for value in sorted({mistake.value for mistake in exercise.mistakes}):
        mistakes = [mistake for mistake in exercise.mistakes if mistake.value == value]
        steps = sorted({mistake.differs_at + 1 for mistake in mistakes})
        names = "; or ".join(mistake.name for mistake in mistakes)
        rows.append(WrongAnswer(value, names, " or ".join(map(format_count, steps))))
    return tuple(rows)
