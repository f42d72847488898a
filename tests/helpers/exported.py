"""Sheets with a thousand exercises, and a check of the feedback that was read in a file of them."""

from collections.abc import Mapping
from functools import cache

from calculator.learn.exercise import Exercise
from calculator.learn.mistakes.diagnosis import diagnose
from calculator.learn.worksheet.sheet import Sheet
from calculator.learn.worksheet.worksheet import sheet
from tests.helpers.sheets import MADE

SEEDS = 12


@cache
def thousand() -> tuple[Sheet, ...]:
    """Return sheets with 360 exercises of each level, and a sheet with texts that must be escaped."""
    return (MADE, *(sheet(seed, level, 30, f"Seed {seed}") for level in (1, 2, 3) for seed in range(SEEDS)))


def exercises_of(sheets: tuple[Sheet, ...]) -> list[Exercise]:
    return [exercise for one in sheets for exercise in one.exercises]


def check_feedback(exercise: Exercise, read: Mapping[int, str]) -> None:
    """Check that ``read``, which maps numbers to feedback, has the right answer and every mistake."""
    assert read[exercise.answer] == diagnose(exercise, exercise.answer).sentence
    assert read[exercise.answer].startswith("Right")
    for mistake in exercise.mistakes:
        assert mistake.name in read[mistake.value]
    first = {mistake.value: mistake for mistake in reversed(exercise.mistakes)}
    for value, mistake in first.items():
        assert read[value].endswith(mistake.hint)
    for value, sentence in read.items():
        assert sentence == diagnose(exercise, value).sentence
