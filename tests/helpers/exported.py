"""Sheets with a thousand exercises, and a check of the feedback that was read in a file of them."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from calculator.learn.exercise import Exercise
from calculator.learn.exercises.generator import LEVELS
from calculator.learn.exports.replies import pairs_once
from calculator.learn.mistakes.diagnosis import diagnose
from calculator.learn.worksheet.sheet import Sheet
from calculator.learn.worksheet.worksheet import sheet
from tests.helpers.sheets import MADE

SEEDS = 9


@cache
def thousand() -> tuple[Sheet, ...]:
    """Return sheets with 270 exercises of each level, and a sheet with texts that must be escaped."""
    sheets = [sheet(seed, level, 30, f"Seed {seed}") for level in LEVELS for seed in range(SEEDS)]
    return (MADE, *(replace(one, exercises=tuple(map(pairs_once, one.exercises))) for one in sheets))


def exercises_of(sheets: tuple[Sheet, ...]) -> list[Exercise]:
    return [exercise for one in sheets for exercise in one.exercises]


def check_feedback(exercise: Exercise, read: Mapping[int, str], *, pairs: bool = False) -> None:
    """Check that ``read``, which maps numbers to feedback, has the right answer and every mistake.

    With ``pairs``, also two mistakes at once.
    """
    if pairs:
        assert {pair.value for pair in exercise.pairs()} <= read.keys()
    assert read[exercise.answer] == diagnose(exercise, exercise.answer).sentence
    assert read[exercise.answer].startswith("Right")
    for mistake in exercise.mistakes:
        assert mistake.name in read[mistake.value]
    first = {mistake.value: mistake for mistake in reversed(exercise.mistakes)}
    for value, mistake in first.items():
        assert read[value].endswith(mistake.hint)
    for value, sentence in read.items():
        assert sentence == diagnose(exercise, value).sentence
