"""Exercises of very many seeds: what would be wrong with one that a teacher prints."""

import collections

from calculator.learn.exercise import Exercise
from calculator.learn.exercises.generator import LEVELS, MAX_SEED, exercise
from tests.helpers import question_parser

INDISTINGUISHABLE = {"bias-per-input", "channels-swapped", "convolution-bias"}


def faults(count: int, seed: int, workings_of_every: int = 1) -> list[str]:
    """Return what is wrong with the first exercise of each level, for the ``seed``-th ``count`` seeds.

    The numbers of all pairs of mistakes are gone through. Their workings, which a page writes only for a pair
    that is shown, take most of the time, so they may be gone through for one seed of so many only.
    """
    found = []
    for number in range(count * seed, count * (seed + 1)):
        given = number % (MAX_SEED + 1)
        for level in LEVELS:
            one = exercise(given, level, 1)
            assert (one.level, one.seed, one.number) == (level, given, 1)
            found += [
                f"seed {given}, level {level}: {problem}"
                for problem in problems(one, workings=not number % workings_of_every)
            ]
    return found


def problems(one: Exercise, *, workings: bool = True) -> list[str]:
    """Return what is wrong with an exercise and its pairs of mistakes, perhaps without their ``workings``."""
    found = []
    if one.answer != question_parser.oracle(one) or one.working[-1].value != one.answer:
        found.append("the answer is wrong")
    values = collections.defaultdict(set)
    both = one.pairs()
    for mistake in one.mistakes:
        values[mistake.value].add(mistake.key)
    if min(mistake.value for mistake in (*one.mistakes, *both)) < 0:
        found.append("a mistake gives a number below 0")
    right = one.working
    for mistake in (*one.mistakes, *both) if workings else one.mistakes:
        wrong = mistake.working
        if wrong[-1].value != mistake.value or len(wrong) != len(right) or wrong == right:
            found.append(f"the working of {mistake.key} is wrong")
        if workings:
            at = mistake.differs_at
            if right[:at] != wrong[:at] or right[at] == wrong[at]:
                found.append(f"the working of {mistake.key} differs elsewhere")
    if {pair.value for pair in both} & {one.answer, *values}:
        found.append("a pair of mistakes has the number of a shorter explanation")
    if len({pair.key for pair in both}) != len(both):
        found.append("a pair of mistakes stands twice")
    if one.answer in values:
        found.append("a mistake has the answer")
    if any(len(keys) > 1 and not keys <= INDISTINGUISHABLE for keys in values.values()):
        found.append("two mistakes have one number")
    if len({mistake.key for mistake in one.mistakes}) != len(one.mistakes) or not one.mistakes:
        found.append("a mistake stands twice, or there is none")
    return found
