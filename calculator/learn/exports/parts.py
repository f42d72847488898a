"""The texts of a question that several formats have in common: its name, and its parts as XHTML."""

from html import escape

from calculator.core.formatting import format_count
from calculator.learn.exercise import Exercise

DIGITS = "Write only the digits, as in 1234."
"""Platforms differ in which separators of thousands they accept."""


def question_name(exercise: Exercise) -> str:
    """Return the name of a question in a collection of questions.

    >>> from calculator.learn.exercises.generator import exercise
    >>> question_name(exercise(2021, 1, 3))
    'Level 1 · seed 2021 · question 3'
    """
    return f"Level {exercise.level} · seed {exercise.seed} · question {exercise.number}"


def question_xhtml(exercise: Exercise) -> str:
    """Return the text and the listing of a question as XHTML elements."""
    listing = f"<pre>{escape(exercise.listing)}</pre>" if exercise.listing else ""
    return f"<p>{escape(exercise.question)}</p>{listing}<p>{DIGITS}</p>"


def working_xhtml(exercise: Exercise) -> str:
    """Return the working as an XHTML list with a step in each line.

    >>> from calculator.learn.exercises.generator import exercise
    >>> working_xhtml(exercise(1, 1, 1))[:54]
    '<ol><li>Weights in one kernel: 4 × 4 = 16</li><li>Kern'
    """
    steps = (
        f"<li>{escape(f'{step.what}: {step.expression} = {format_count(step.value)}')}</li>"
        for step in exercise.working
    )
    return f"<ol>{''.join(steps)}</ol>"
