"""Diagnosis: every kind of mistake, indistinguishable mistakes together, and no answer given away."""

import functools
import re

import pytest
from hypothesis import example, given
from hypothesis import settings as configured
from hypothesis import strategies as st

from calculator.core.formatting import format_count
from calculator.learn.exercise import Exercise, Mistake
from calculator.learn.exercises.answer import read_calculation
from calculator.learn.exercises.generator import MAX_SEED, exercise, exercises
from calculator.learn.mistakes.diagnosis import MAX_PAIRS, diagnose
from calculator.learn.mistakes.inverse import NAMES
from calculator.learn.mistakes.layer import EXERCISE_KINDS

NORMS = ("norm-counted", "norm-forgotten", "norm-single", "statistics-counted", "statistics-forgotten")
FROZEN = ("frozen-left-out", "frozen-counted", "frozen-biases", "frozen-only")
KINDS = sorted({*(kind.key for kind in EXERCISE_KINDS), *NAMES, *NORMS, *FROZEN})
INDISTINGUISHABLE = ("bias-per-input", "channels-swapped", "convolution-bias")


@functools.cache
def sample_exercises(level: int) -> tuple[Exercise, ...]:
    return tuple(one for seed in range(30) for one in exercises(seed, level, 8))


def with_mistake(key: str) -> tuple[tuple[Exercise, Mistake], ...]:
    """Return exercises in which a mistake can be made, of every level that has it."""
    found = []
    for level in (1, 2, 3):
        made = [
            (one, mistake)
            for one in sample_exercises(level)
            for mistake in one.mistakes
            if mistake.key == key
        ]
        found += made[:12]
    return tuple(found)


def given_away(one: Exercise, sentence: str, shown: int) -> bool:
    """Return whether a sentence has the answer in it; the number of a layer in a listing does not count."""
    numbers = re.findall(r"\d[\d,]*", re.sub(r"\(\d+\)", "", sentence))
    return one.answer in {int(digits.replace(",", "")) for digits in numbers} - {shown}


@pytest.mark.parametrize("key", KINDS)
def test_every_kind_is_diagnosed(key: str) -> None:
    assert with_mistake(key)
    for one, mistake in with_mistake(key):
        told = diagnose(one, mistake.value)
        assert not told.correct
        assert told.mistakes == tuple(other for other in one.mistakes if other.value == mistake.value)
        assert mistake in told.mistakes
        assert told.sentence.startswith(f"Not yet: {format_count(mistake.value)} is the result with ")
        assert mistake.name in told.sentence
        assert f"“{one.working[mistake.differs_at].what}”" in told.sentence
        assert told.mistakes[0].hint in told.sentence
        assert told.sentence.endswith((".", "?"))
        assert not given_away(one, told.sentence, mistake.value)
        assert all("{" not in text for text in (told.sentence, mistake.name, mistake.hint))


def test_only_indistinguishable_mistakes_share_a_number() -> None:
    shared = set()
    for one in (*sample_exercises(1), *sample_exercises(2), *sample_exercises(3)):
        for mistake in one.mistakes:
            shared.add(tuple(other.key for other in diagnose(one, mistake.value).mistakes))
    assert {keys for keys in shared if len(keys) > 1} == {INDISTINGUISHABLE}
    assert not {keys for keys in shared if len(keys) == 1 and keys[0] in INDISTINGUISHABLE} - {
        ("bias-per-input",)
    }


def test_indistinguishable_mistakes_are_all_named() -> None:
    one, mistake = with_mistake("channels-swapped")[0]
    assert (
        "is the result with a bias for each input channel, with in_channels and out_channels swapped, or "
        "with the biases of the ordinary convolution. The steps up to “Weights” are right. "
        "The first different step is “Biases, one per output channel”."
    ) in diagnose(one, mistake.value).sentence


def test_the_sentence_shows_where_it_parts() -> None:
    one, mistake = with_mistake("bias-forgotten")[0]
    value = format_count(mistake.value)
    assert diagnose(one, mistake.value).sentence == (
        f"Not yet: {value} is the result with the biases forgotten. The steps up to “Weights” are right. "
        "The first different step is “Biases, one per output channel”. Unless bias=False, there is also one "
        "bias for each output channel."
    )
    one, mistake = with_mistake("kernel-side")[0]
    assert "The first step, “Weights in one kernel”, is already different." in (
        diagnose(one, mistake.value).sentence
    )


def test_right() -> None:
    [one] = exercises(1, 1, 1)
    assert one.answer == 243
    told = diagnose(one, 243)
    assert (told.correct, told.mistakes, told.sentence) == (True, (), "Right: 243.")


def test_neither() -> None:
    [one] = exercises(1, 1, 1)
    told = diagnose(one, 1_234_567)
    assert (told.correct, told.mistakes) == (False, ())
    assert told.sentence == (
        "Not yet: 1,234,567 is about 5,081 times too large, and no known mistake gives this number. Begin "
        "again at the first step, “Weights in one kernel”."
    )
    assert diagnose(one, 0).sentence.startswith("Not yet: 0 is too small, and no known mistake gives")
    kernels = one.working[2]
    assert kernels.what == "Kernels"
    assert diagnose(one, kernels.value).sentence == (
        f"Not yet: {kernels.value} is about 16 times too small. "
        "It is the result of the step “Kernels”, which is not the last step: continue from there."
    )


def test_a_step_of_0_or_1_is_no_progress() -> None:
    seen = set()
    for one in (*sample_exercises(1), *sample_exercises(2), *sample_exercises(3)):
        for step in one.working[:-1]:
            told = diagnose(one, step.value)
            if not told.correct and not told.mistakes:
                seen.add(min(step.value, 2))
                assert ("continue from there" in told.sentence) == (step.value > 1)
                assert ("Begin again at the first step" in told.sentence) == (step.value <= 1)
    assert seen == {0, 1, 2}


@configured(deadline=None, max_examples=150)
@given(
    st.integers(0, MAX_SEED),
    st.integers(1, 3),
    st.integers(1, 8),
    st.integers() | st.integers(0, 1000) | st.just(10**5000) | st.just(-(10**5000)),
)
@example(0, 3, 1, 0)
def test_any_number(seed: int, level: int, place: int, value: int) -> None:
    one = exercise(seed, level, place)
    told = diagnose(one, value)
    assert told.correct == (value == one.answer)
    known = tuple(mistake for mistake in one.mistakes if mistake.value == value)
    if not known and told.mistakes:
        known = tuple(pair for pair in one.pairs() if pair.value == value)[:MAX_PAIRS]
    assert told.mistakes == known
    assert len(told.sentence) < 700
    if not told.correct:
        assert not given_away(one, told.sentence, value)
        if not told.mistakes:
            assert f"too {'large' if value > one.answer else 'small'}" in told.sentence


def pair(one: Exercise, key: str) -> Mistake:
    [found] = [pair for pair in one.pairs() if pair.key == key]
    return found


def test_two_mistakes_at_once() -> None:
    [one] = exercises(1, 1, 1)
    told = diagnose(one, 80)
    assert told.mistakes == (pair(one, "bias-forgotten+out-forgotten"),)
    assert told.sentence == (
        "Not yet: 80 is the result with the biases forgotten and the output channels forgotten. The steps "
        "up to “Kernels for each input channel” are right. The first different step is “Kernels”. Unless "
        "bias=False, there is also one bias for each output channel. An input channel has a kernel for each "
        "output channel."
    )


def test_the_shorter_explanation_comes_first() -> None:
    """A single mistake, then the result of a step, then a pair; of two pairs the one with fewer words."""
    several = 0
    for one in (*sample_exercises(1)[:40], *sample_exercises(2)[:40], *sample_exercises(3)[:16]):
        pairs = one.pairs()
        single = {mistake.value for mistake in one.mistakes}
        steps = {step.value for step in one.working if step.value > 1}
        assert not {pair.value for pair in pairs} & {*single, one.answer}
        assert [len(pair.name) for pair in pairs] == sorted(len(pair.name) for pair in pairs)
        for value in {pair.value for pair in pairs}:
            told = diagnose(one, value)
            same = tuple(pair for pair in pairs if pair.value == value)
            assert told.mistakes == (() if value in steps else same[:MAX_PAIRS])
            if told.mistakes:
                more = " Other pairs of mistakes give this number too."
                assert (more in told.sentence) == (len(same) > MAX_PAIRS)
                assert not given_away(one, told.sentence, value)
                several += len(same) > MAX_PAIRS
    assert several


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (2, "2 is about 122 times too small, and"),
        (486, "486 is 2 times too large, and"),
        (500, "500 is about 2 times too large, and"),
        (300, "300 is too large, and"),
        (200, "200 is too small, and"),
        (1, "1 is too small, and"),  # 243 times would give the answer away
        (243 * 243, "59,049 is too large, and"),
        (243 * 10**6, "243,000,000 is 1,000,000 times too large, and"),
        (243 * 10**6 + 243, "243,000,243 is too large, and"),
        (-243, "-243 is too small, and"),
    ],
)
def test_the_size_of_an_unknown_number(answer: int, words: str) -> None:
    [one] = exercises(1, 1, 1)
    assert diagnose(one, answer).sentence.startswith(f"Not yet: {words} no known mistake gives this number.")


def test_an_exact_ratio() -> None:
    [one] = exercises(1, 1, 2)[1:]
    assert one.answer == 550
    assert diagnose(one, 110).sentence.startswith("Not yet: 110 is 5 times too small, and no known mistake")


def test_the_factors_of_a_calculation_are_compared() -> None:
    [one] = exercises(1, 1, 1)
    typed = read_calculation("5*16*3*7+3")
    assert diagnose(one, typed.value, calculation=typed).sentence.endswith(
        " In 5 × 16 × 3 × 7 the factor 7 is too much."
    )
    typed = read_calculation("200+43")
    assert diagnose(one, typed.value, calculation=typed).sentence == "Right: 243."
