"""The generator: every exercise valid, its answer counted from arrays by its own words, the same forever."""

import collections
import functools
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import settings as configured
from hypothesis import strategies as st

from calculator import LayerError
from calculator.learn.exercise import Exercise
from calculator.learn.exercises import generator
from calculator.learn.exercises.generator import LEVELS, MAX_QUESTIONS, MAX_SEED, exercise, exercises
from calculator.learn.exercises.layer_questions import level_one_question
from calculator.learn.exercises.seeded_random import SeededRandom
from calculator.settings import FIELD
from tests.core.test_derivation import evaluate
from tests.fuzz import exercises as fuzz
from tests.helpers import question_parser
from tests.helpers.expected_mistakes import KEYS, in_inverse, sample_exercises

RECORDED = Path(__file__).with_name("recorded.json")
SEEDED = st.integers(0, MAX_SEED)
LEVEL = st.sampled_from(sorted(LEVELS))


@functools.cache
def sheet(seed: int, level: int) -> tuple[Exercise, ...]:
    """Return the longest sheet, which several tests go through; it begins with every shorter one."""
    return exercises(seed, level, MAX_QUESTIONS)


@pytest.mark.parametrize("part", range(20))
def test_every_seed(part: int) -> None:
    """Two thousand seeds of each level with all pairs; `make fuzz` goes through fifty times as many."""
    assert fuzz.faults(100, part, workings_of_every=10) == []


def identity(one: Exercise) -> object:
    """Return the layers a question is about, as its words have them, without what does not count."""
    if one.listing:
        return tuple(
            (unit.inputs, unit.outputs, unit.kernel, unit.bias, unit.norm)
            for unit in question_parser.listed(one)
        )
    assert one.layer is not None
    layer = one.layer
    return layer.in_channels, layer.out_channels, layer.kernel_size, layer.groups, layer.bias


def test_the_settings_offer_every_level_and_question() -> None:
    assert FIELD["level"].choices == tuple(LEVELS)
    assert FIELD["questions"].maximum == FIELD["exercise"].maximum == MAX_QUESTIONS


@pytest.mark.parametrize("level", LEVELS)
def test_sheets_have_no_duplicates(level: int) -> None:
    for seed in range(100):
        ones = sheet(seed, level)
        assert [one.number for one in ones] == list(range(1, MAX_QUESTIONS + 1))
        assert len({identity(one) for one in ones}) == MAX_QUESTIONS


@configured(deadline=None, max_examples=30)
@given(SEEDED, LEVEL, st.integers(0, MAX_QUESTIONS), st.integers(0, MAX_QUESTIONS))
@example(MAX_SEED, 3, MAX_QUESTIONS, 1)
def test_fewer_are_the_first_of_more(seed: int, level: int, one: int, other: int) -> None:
    few, many = sorted((one, other))
    more = exercises(seed, level, many)
    assert exercises(seed, level, few) == more[:few]
    if few:
        assert exercise(seed, level, few) == more[few - 1]


@configured(deadline=None, max_examples=80)
@given(SEEDED, LEVEL, st.integers(1, MAX_QUESTIONS))
@example(0, 1, 1)
@example(MAX_SEED, 2, MAX_QUESTIONS)
def test_every_exercise(seed: int, level: int, number: int) -> None:
    one = exercise(seed, level, number)
    assert fuzz.problems(one) == []
    for step in [*one.working, *(step for mistake in one.mistakes for step in mistake.working)]:
        assert value_of(step.expression) == step.value, step
        assert step.part in ("weights", "biases", "parameters")
    assert one.question.endswith("?")
    assert "\n" not in one.question
    assert "  " not in one.question


def value_of(expression: str) -> int:
    if expression.startswith("√"):
        square = evaluate(expression[1:])
        [side] = [side for side in range(square + 1) if side * side == square]
        return side
    return evaluate(expression)


def kind(one: Exercise) -> str:
    """Return what kind of question it is, from its words."""
    if one.listing:
        question = one.question
        if "Keras" in question:
            return "keras"
        return "layers" if "alone" in question else "trainable" if "trainable" in question else "all"
    words = question_parser.layer(one)
    if "in_channels" not in one.question:
        return "positional"
    if "?" in one.question.partition(")")[0]:
        return one.quantity
    assert words.kernel is not None
    if words.groups > 1:
        return "groups"
    if len(words.kernel) != 2:
        return f"{len(words.kernel)}-D"
    if len(set(words.kernel)) == 2:
        return "rectangular"
    return "bias" if words.bias else "no bias"


DECODERS = ("layers", "all", "keras", "trainable")
KINDS = {
    1: {"bias": 2, "no bias": 1},
    2: {"rectangular": 1, "1-D": 1, "3-D": 1, "groups": 1},
    3: {
        **dict.fromkeys(DECODERS, 1),
        **{"kernel size": 1, "input channels": 1, "output channels": 1, "biases": 1},
    },
    4: {"positional": 1},
}


@pytest.mark.parametrize("level", LEVELS)
def test_kinds_are_balanced(level: int) -> None:
    turn = sum(KINDS[level].values())
    for seed in range(30):
        kinds = [kind(one) for one in sheet(seed, level)[:24]]
        if level == 3:
            decoders = [name for name in kinds if name in DECODERS]
            backwards = [name for name in kinds if name not in DECODERS]
            assert kinds[::2] in (decoders, backwards)
            kinds = [name for pair in zip(decoders, backwards, strict=True) for name in pair]
        for start in range(0, 24, turn):
            assert collections.Counter(kinds[start : start + turn]) == KINDS[level]
    first: collections.Counter[str] = collections.Counter(
        kind(exercise(seed, level, 1)) for seed in range(200)
    )
    assert set(first) == set(KINDS[level])
    assert min(first.values()) >= 8


def test_levels_have_what_they_promise() -> None:
    seen: collections.Counter[str] = collections.Counter()
    for seed in range(60):
        for one in sheet(seed, 1)[:10]:
            words = question_parser.layer(one)
            seen["stride"] += words.stride is not None
            seen["input"] += question_parser.input_size(one) is not None
            seen["plain"] += words.stride is None
            seen |= collections.Counter(words.rest.keys())
            assert one.layer is not None
            assert one.layer.rank == 2
            assert len(set(one.layer.kernel_size)) == one.layer.groups == 1
        for one in sheet(seed, 2)[:12]:
            assert one.layer is not None
            seen[f"depthwise {one.layer.bias}"] += one.layer.in_channels == one.layer.groups > 1
            seen["cube"] += one.layer.rank == 3 and len(set(one.layer.kernel_size)) == 1
            seen["box"] += one.layer.rank == 3 and len(set(one.layer.kernel_size)) > 1
            seen[f"groups in {one.layer.rank}-D"] += one.layer.groups > 1
        for one in sheet(seed, 3)[:16]:
            assert (one.layer is None) == bool(one.listing)
            if one.listing:
                units = question_parser.listed(one)
                seen[f"{sum(not unit.norm for unit in units)} layers"] += 1
                seen["norm" if any(unit.norm for unit in units) else "no norm"] += 1
                frozen = sum(unit.frozen for unit in units)
                assert frozen == 1 or (frozen == 0 and kind(one) != "trainable")
                seen[f"frozen {kind(one)}"] += frozen
                seen[f"keras {one.quantity}"] += kind(one) == "keras"
            else:
                seen[f"{one.quantity} {one.layer and one.layer.bias}"] += 1
    wanted = ["stride", "input", "plain", "padding", "output_padding", "dilation", "cube", "box"]
    wanted += ["groups in 1-D", "groups in 2-D", "2 layers", "3 layers", "4 layers", "norm", "no norm"]
    wanted += ["frozen all", "frozen trainable", "keras parameters", "keras trainable parameters"]
    wanted += ["depthwise True", "depthwise False"]
    unknowns = ("kernel size", "input channels", "output channels", "biases")
    wanted += [f"{unknown} {bias}" for unknown in unknowns for bias in (True, False)]
    assert [name for name in wanted if not seen[name]] == []
    assert seen["frozen layers"] == seen["frozen keras"] == 0


def test_numbers_can_be_done_by_hand() -> None:
    for level in LEVELS:
        for one in sample_exercises(level):
            assert 0 <= one.answer < (150_000 if level == 3 else 100_000)
            units = question_parser.listed(one) if one.listing else [question_parser.layer(one)]
            channels = [count for unit in units for count in (unit.inputs, unit.outputs) if count]
            assert max(channels) <= 80
            assert max([side for unit in units for side in unit.kernel or ()], default=1) <= 16


@pytest.mark.parametrize(
    ("seed", "level", "count", "sentence"),
    [
        (-1, 1, 1, "seed must be a whole number from 0 to 999,999,999, received -1."),
        (MAX_SEED + 1, 1, 1, "seed must be a whole number from 0 to 999,999,999, received 1000000000."),
        (10**50, 1, 1, "seed must be a whole number from 0 to 999,999,999, received a whole number of"),
        ("1", 1, 1, "seed must be a whole number from 0 to 999,999,999, received '1'."),
        (1.0, 1, 1, "seed must be a whole number from 0 to 999,999,999, received 1.0."),
        (True, 1, 1, "seed must be a whole number from 0 to 999,999,999, received True."),
        (1, 0, 1, "level must be a whole number from 1 to 4, received 0."),
        (1, 5, 1, "level must be a whole number from 1 to 4, received 5."),
        (1, None, 1, "level must be a whole number from 1 to 4, received None."),
        (1, 1, -1, "count must be a whole number from 0 to 30, received -1."),
        (1, 1, 31, "count must be a whole number from 0 to 30, received 31."),
    ],
)
def test_refuses(seed: Any, level: Any, count: Any, sentence: str) -> None:
    with pytest.raises(LayerError, match=f"^{re.escape(sentence)}"):
        exercises(seed, level, count)


@pytest.mark.parametrize("number", [0, 31, -1, "1", True])
def test_refuses_numbers(number: Any) -> None:
    with pytest.raises(LayerError, match=r"^number must be a whole number from 1 to 30, received "):
        exercise(1, 1, number)


def test_a_question_that_cannot_be_found_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        generator,
        "level_one_question",
        lambda kind, rng: level_one_question("bias", SeededRandom("the same")),
    )
    with pytest.raises(RuntimeError, match=r"^No question of the kind '(no )?bias' among 2000 candidates\.$"):
        exercises(1, 1, 2)


def test_every_mistake_occurs() -> None:
    found: dict[str, set[str]] = collections.defaultdict(set)
    for level in LEVELS:
        for one in sample_exercises(level):
            name = "decoder" if one.listing else one.quantity if level == 3 else f"level {level}"
            found[name] |= {mistake.key for mistake in one.mistakes}
    spatial = {"kernel-side-2", "kernel-two-sides", "kernel-two-sides-2", "kernel-square"}
    grouped = {"groups-ignored", "groups-twice", "groups-bias"}
    sized = {"output-size", "output-size-all", "input-size"}
    assert found["level 1"] == set(KEYS) - spatial - grouped
    assert found["level 2"] == set(KEYS)
    assert found["level 4"] == set(KEYS) - spatial - grouped - sized - {"bias-counted", "dilation-counted"}
    norms = {"norm-counted", "norm-forgotten", "norm-single", "statistics-counted", "statistics-forgotten"}
    frozen = {"frozen-left-out", "frozen-counted", "frozen-biases", "frozen-only"}
    assert found["decoder"] == set(KEYS) - spatial - grouped - sized - {"dilation-counted"} | norms | frozen
    kernel = {"kernel-side", "kernel-added", "kernel-forgotten"}
    assert found["kernel size"] == {"root-forgotten", "root-halved", "in-forgotten", "out-forgotten"}
    assert found["input channels"] == kernel | {"out-forgotten"}
    assert found["output channels"] == kernel | {"in-forgotten", "bias-forgotten", "bias-per-kernel"}
    assert found["biases"] == {
        kind for kind, _ in in_inverse(next(filter(_asks_biases, sample_exercises(3))))
    }


def _asks_biases(one: Exercise) -> bool:
    return one.quantity == "biases"


def recorded(one: Exercise) -> dict[str, object]:
    """Return the question, its answer, and what the mistakes give."""
    return {
        "question": one.question,
        "listing": one.listing,
        "asked": one.quantity,
        "answer": one.answer,
        "mistakes": {mistake.key: mistake.value for mistake in one.mistakes},
    }


@pytest.mark.parametrize("level", LEVELS)
def test_recorded_seeds_never_change(level: int) -> None:
    """Sheets are printed: whoever makes this test fail changes exercises that are out there."""
    known = json.loads(RECORDED.read_text(encoding="utf-8"))[str(level)]
    assert len(known) == 12
    for seed, questions in known.items():
        assert [recorded(one) for one in exercises(int(seed), level, len(questions))] == questions
