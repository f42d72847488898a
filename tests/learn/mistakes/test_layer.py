"""Every mistake by itself: what it gives, worked out again from the words of the question."""

import collections
import functools
import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

import pytest

from calculator import ConvTranspose
from calculator.core.derivation import derive_parameters
from calculator.learn.exercise import Exercise
from calculator.learn.exercises.generator import exercises
from calculator.learn.mistakes.decoder import Unit, Way, decoder_steps, right_counts
from calculator.learn.mistakes.hand_count import QuestionFacts, correct_count, steps
from calculator.learn.mistakes.layer import SLIPS, layer_mistakes
from tests.helpers import question_parser, reference

SEEDS = 150


@functools.cache
def some(level: int) -> tuple[Exercise, ...]:
    return tuple(one for seed in range(SEEDS) for one in exercises(seed, level, 8))


def landed(asked_layer: question_parser.Layer, size: tuple[int, ...]) -> int:
    """Return how many output positions a layer has, from where its products land."""
    assert asked_layer.kernel is not None
    positions = 1
    strides = asked_layer.stride or (1,) * len(size)
    padding, extra = asked_layer.rest.get("padding", 0), asked_layer.rest.get("output_padding", 0)
    for i, k, s in zip(size, asked_layer.kernel, strides, strict=True):
        dilation = asked_layer.rest.get("dilation", 1)
        reached = {place * s + tap * dilation for place in range(i) for tap in range(k)}
        positions *= max(reached) + 1 + extra - 2 * padding
    return positions


def distinct(values: Sequence[int]) -> list[int]:
    return [value for place, value in enumerate(values) if value not in values[:place]]


def wrong_layer(key: str, one: question_parser.Layer, size: tuple[int, ...] | None = None) -> int:
    """Return what a mistake gives in one layer: the right count where it cannot be made."""
    assert one.inputs
    assert one.outputs
    assert one.kernel
    i, o, k, g, weights, biases = one.inputs, one.outputs, one.kernel, one.groups, one.weights, one.biases
    volume, side, wires = math.prod(k), k[0], sum(1 for _ in range(i) for _ in range(o // g))
    swapped = reference.allocate(o, i, k, g, bool(one.bias))
    extents = [len(range(0, (n - 1) * one.rest.get("dilation", 1) + 1)) for n in k]
    ones, pairs = distinct(k), distinct([volume // n for n in reversed(k)])
    square = {1: side * side, 2: side * side, 3: volume}[len(k)]
    given = {
        "bias-forgotten": weights,
        "bias-counted": weights + o,
        "bias-per-input": swapped.weights + swapped.biases,
        "channels-swapped": swapped.weights + swapped.biases,
        "convolution-bias": swapped.weights + swapped.biases,
        "bias-single": weights + bool(one.bias),
        "bias-per-kernel": weights + wires * bool(one.bias),
        "one-kernel": volume + biases,
        "in-forgotten": reference.allocate(1, o, k, 1, False).weights + biases,
        "out-forgotten": reference.allocate(i, 1, k, 1, False).weights + biases,
        "kernel-side": wires * (side if len(k) > 1 else volume) + biases,
        "kernel-side-2": wires * (ones[1] if len(k) > 1 and len(ones) > 1 else volume) + biases,
        "kernel-two-sides": wires * (pairs[0] if len(k) == 3 else volume) + biases,
        "kernel-two-sides-2": wires * (pairs[1] if len(k) == 3 and len(pairs) > 1 else volume) + biases,
        "kernel-added": wires * (sum(k) if len(k) < 3 else volume) + biases,
        "kernel-square": wires * square + biases,
        "dilation-counted": wires * math.prod(extents) + biases,
        "stride-squared": weights * math.prod(one.stride or (1,)) + biases,
        "stride-once": weights * (one.stride[0] if one.stride and len(k) > 1 else 1) + biases,
        "groups-ignored": reference.allocate(i, o, k, 1, False).weights + biases,
        "groups-twice": weights // g + biases,
        "groups-bias": weights + biases // g,
    }
    if size:
        positions = landed(one, size)
        given["output-size"] = weights * positions + biases
        given["output-size-all"] = (weights + biases) * positions if biases else weights + biases
        given["input-size"] = weights * math.prod(size) + biases
    return given.get(key, weights + biases)


KEYS = [slip.key for slip in SLIPS]
RENAMED = {"one-kernel", "bias-per-kernel", "bias-single", "groups-bias", "kernel-square"}
RENAMED |= {"kernel-two-sides", "kernel-two-sides-2"}
"""Mistakes that in some layers are the same as another, and go by its name."""


def check(one: Exercise, given: dict[str, int], renamed: frozenset[str] = frozenset()) -> None:
    """Assert that the mistakes are exactly those of ``given`` that change the answer."""
    mistakes = {mistake.key: mistake.value for mistake in one.mistakes}
    wanted = {key: value for key, value in given.items() if value != one.answer}
    values = set(mistakes.values())
    missing = {key: value for key, value in wanted.items() if key not in mistakes}
    assert {
        key: value for key, value in missing.items() if key not in renamed or value not in values
    } == {}, one
    assert mistakes == {key: value for key, value in wanted.items() if key in mistakes}, one


@pytest.mark.parametrize("level", [1, 2])
def test_layers(level: int) -> None:
    for one in some(level):
        words, size = question_parser.layer(one), question_parser.input_size(one)
        check(one, {key: wrong_layer(key, words, size) for key in KEYS}, frozenset(RENAMED))


def rule_of(one: Exercise) -> tuple[int, bool]:
    """Return the values of a BatchNorm channel that count, and whether frozen layers do."""
    if "alone" in one.question:
        return 0, True
    return (
        (4, True) if "Total params" in one.question else (2, "requires_grad" not in one.question or _all(one))
    )


def _all(one: Exercise) -> bool:
    return "model.parameters()" in one.question


def in_decoder(one: Exercise) -> Iterator[tuple[str, int]]:
    """Yield every mistake in a decoder that has a number, and the number."""
    norm, frozen_counts = rule_of(one)
    units = question_parser.listed(one)
    channels = sum(unit.norm for unit in units)
    layers = [unit for unit in units if not unit.norm]
    counted = [unit for unit in layers if frozen_counts or not unit.frozen]
    frozen = [unit for unit in layers if unit.frozen]

    def inside(some: list[question_parser.Layer]) -> int:
        return sum(unit.weights + unit.biases for unit in some)

    for key in KEYS:
        yield key, sum(wrong_layer(key, unit) for unit in counted) + norm * channels
    for key, values in {
        0: {"norm-counted": 2, "statistics-counted": 4},
        2: {"norm-forgotten": 0, "norm-single": 1, "statistics-counted": 4},
        4: {"norm-forgotten": 0, "norm-single": 1, "statistics-forgotten": 2},
    }[norm].items():
        yield key, inside(counted) + values * channels
    if frozen and frozen_counts:
        yield "frozen-left-out", inside([unit for unit in layers if not unit.frozen]) + norm * channels
    elif frozen:
        yield "frozen-counted", inside(layers) + norm * channels
        yield "frozen-biases", inside(counted) + sum(unit.biases for unit in frozen) + norm * channels
        yield "frozen-only", inside(frozen)


def test_decoders() -> None:
    for one in some(3):
        if one.listing:
            check(one, dict(in_decoder(one)), frozenset(RENAMED))


def in_inverse(one: Exercise) -> Iterator[tuple[str, Fraction | float]]:
    """Yield every mistake in counting backwards, and the number, which need not be whole."""
    layer = one.layer
    assert layer is not None
    i, o, k, b = layer.in_channels, layer.out_channels, layer.kernel_size[0], int(layer.bias)
    total = Fraction(i * o * k * k + o * b)
    weights = total - o * b
    if one.asked == "kernel size":
        yield "root-forgotten", weights / i / o
        yield "root-halved", weights / i / o / 2
        yield "in-forgotten", math.sqrt(weights / o)
        yield "out-forgotten", math.sqrt(weights / i)
    elif one.asked == "input channels":
        yield "kernel-side", weights / o / k
        yield "kernel-added", weights / o / (k + k)
        yield "kernel-forgotten", weights / o
        yield "out-forgotten", weights / k / k
    elif one.asked == "output channels":
        yield "bias-forgotten", total / (i * k * k)
        yield "bias-per-kernel", total / (i * k * k + i * b)
        yield "kernel-side", total / (i * k + b)
        yield "kernel-added", total / (i * (k + k) + b)
        yield "kernel-forgotten", total / (i + b)
        yield "in-forgotten", total / (k * k + b)
    else:
        yield "bias-forgotten", Fraction(0)
        yield "bias-counted", Fraction(o)
        yield "bias-single", Fraction(b)
        yield "bias-per-input", Fraction(i * b)
        yield "bias-per-kernel", Fraction(i * o * b)
        yield "kernel-side", total - i * o * k
        yield "in-forgotten", total - o * k * k
        yield "out-forgotten", total - i * k * k


def test_backwards() -> None:
    for one in some(3):
        if not one.listing:
            wholes = {key: int(value) for key, value in in_inverse(one) if value == int(value)}
            check(
                one, wholes, frozenset({"bias-per-kernel"}) if one.asked == "output channels" else frozenset()
            )


def test_every_mistake_occurs() -> None:
    found: dict[str, set[str]] = collections.defaultdict(set)
    for level in (1, 2, 3):
        for one in some(level):
            name = "decoder" if one.listing else f"level {level}" if level < 3 else one.asked
            found[name] |= {mistake.key for mistake in one.mistakes}
    spatial = {"kernel-side-2", "kernel-two-sides", "kernel-two-sides-2", "kernel-square"}
    grouped = {"groups-ignored", "groups-twice", "groups-bias"}
    sized = {"output-size", "output-size-all", "input-size"}
    assert found["level 1"] == set(KEYS) - spatial - grouped
    assert found["level 2"] == set(KEYS)
    norms = {"norm-counted", "norm-forgotten", "norm-single", "statistics-counted", "statistics-forgotten"}
    frozen = {"frozen-left-out", "frozen-counted", "frozen-biases", "frozen-only"}
    assert found["decoder"] == set(KEYS) - spatial - grouped - sized - {"dilation-counted"} | norms | frozen
    kernel = {"kernel-side", "kernel-added", "kernel-forgotten"}
    assert found["kernel size"] == {"root-forgotten", "root-halved", "in-forgotten", "out-forgotten"}
    assert found["input channels"] == kernel | {"out-forgotten"}
    assert found["output channels"] == kernel | {"in-forgotten", "bias-forgotten", "bias-per-kernel"}
    assert found["biases"] == {slip for slip, _ in in_inverse(next(filter(_asks_biases, some(3))))}


def _asks_biases(one: Exercise) -> bool:
    return one.asked == "biases"


def test_what_is_not_said_is_no_mistake() -> None:
    for level in (1, 2):
        for one in some(level):
            keys = {mistake.key for mistake in one.mistakes}
            assert ("stride=" in one.question) == ("stride-squared" in keys)
            assert ("stride-squared" in keys) >= ("stride-once" in keys)
            assert ("input of the layer" in one.question) >= ("output-size" in keys)
            assert ("input of the layer" in one.question) == ("input-size" in keys)
            assert ("groups=" in one.question) == ("groups-ignored" in keys)
            assert ("bias=True" in one.question) == ("bias-forgotten" in keys)
            assert ("bias=False" in one.question) == ("bias-counted" in keys)


@pytest.mark.parametrize(
    ("key", "settings", "value"),
    [
        # 64 → 32 with 3 × 3 has 18,432 weights and 32 biases; the layer the other way round 64.
        ("bias-forgotten", {}, 18_432),
        ("bias-counted", {"bias": False}, 18_464),
        ("bias-per-input", {}, 18_496),
        ("channels-swapped", {}, 18_496),
        ("convolution-bias", {}, 18_496),
        ("one-kernel", {}, 41),
        ("in-forgotten", {}, 320),
        ("kernel-side", {}, 6_176),
        ("kernel-side", {"kernel_size": (3, 5)}, 6_176),
        ("kernel-side-2", {"kernel_size": (3, 5)}, 10_272),
        ("kernel-side-2", {"kernel_size": (5, 3)}, 6_176),
        ("output-size", {}, 18_432 * 1_089 + 32),
        ("stride-squared", {}, 73_760),
        ("stride-once", {}, 36_896),
        ("groups-ignored", {"groups": 2}, 18_464),
        ("groups-twice", {"groups": 2}, 4_640),
    ],
)
def test_known(key: str, settings: dict[str, int], value: int) -> None:
    layer = ConvTranspose(
        **{"in_channels": 64, "out_channels": 32, "kernel_size": 3, "stride": 2, **settings}  # type: ignore[arg-type]
    )
    [mistake] = [
        one for one in layer_mistakes(QuestionFacts(layer, (16, 16), strided=True)) if one.key == key
    ]
    assert mistake.value == mistake.working[-1].value == value


def test_what_is_not_told_is_no_mistake_in_a_layer() -> None:
    layer = ConvTranspose(in_channels=64, out_channels=32, kernel_size=3, stride=2)
    told = {
        "stride-squared": QuestionFacts(layer, strided=True),
        "stride-once": QuestionFacts(layer, strided=True),
        "output-size": QuestionFacts(layer, (16, 16)),
    }
    for key, one in told.items():
        keys = {mistake.key for mistake in layer_mistakes(one)}
        assert {name for name in told if name in keys} == {name for name in told if told[name] == one}, key


@pytest.mark.parametrize(
    ("settings", "missing"),
    [
        ({"in_channels": 1}, {"in-forgotten", "one-kernel", "bias-single", "bias-per-kernel"}),
        ({"out_channels": 1}, {"out-forgotten", "one-kernel", "bias-single", "bias-per-kernel"}),
        ({"in_channels": 8, "groups": 8}, {"in-forgotten", "out-forgotten", "groups-bias", "one-kernel"}),
        ({"kernel_size": 2}, {"kernel-added"}),
        ({}, {"kernel-side-2", "kernel-two-sides", "kernel-two-sides-2"}),
        ({"kernel_size": (1, 3)}, {"kernel-square", "kernel-side-2"}),
        ({"kernel_size": (3, 1)}, {"kernel-side"}),
        ({"kernel_size": (1, 2, 2)}, {"kernel-two-sides", "kernel-two-sides-2"}),
        ({"kernel_size": (3, 3, 3)}, {"kernel-side-2", "kernel-two-sides-2"}),
        ({"kernel_size": (8,), "stride": 2}, {"stride-once"}),
        ({"in_channels": 8}, {"bias-per-input", "channels-swapped", "convolution-bias"}),
    ],
)
def test_what_changes_nothing_or_is_another_mistake(settings: dict[str, Any], missing: set[str]) -> None:
    """A layer with 1 input channel has nothing to forget; a bias for the layer is one per input channel."""
    layer = ConvTranspose(**{"in_channels": 6, "out_channels": 8, "kernel_size": 3, **settings})
    assert not {mistake.key for mistake in layer_mistakes(QuestionFacts(layer, strided=True))} & missing


def test_the_sides_of_a_box() -> None:
    """Of 3 × 2 × 2, one side is 3 or 2, two sides are 6 or 4; 6 × 8 kernels and 8 biases."""
    layer = ConvTranspose(in_channels=6, out_channels=8, kernel_size=(3, 2, 2))
    sides = {one.key: one.value for one in layer_mistakes(QuestionFacts(layer)) if "side" in one.key}
    volumes = {"kernel-side": 3, "kernel-side-2": 2, "kernel-two-sides": 6, "kernel-two-sides-2": 4}
    assert sides == {key: 48 * volume + 8 for key, volume in volumes.items()}
    names = [one.name for one in layer_mistakes(QuestionFacts(layer)) if "kernel-side" in one.key]
    assert names == [f"one side of the kernel only: {side} instead of 3 × 2 × 2" for side in (3, 2)]


@pytest.mark.parametrize("groups", [1, 2, 4])
def test_forgotten_input_channels_are_mended_by_the_hint(groups: int) -> None:
    layer = ConvTranspose(in_channels=24, out_channels=8, kernel_size=3, groups=groups, bias=False)
    [mistake] = [one for one in layer_mistakes(QuestionFacts(layer)) if one.key == "in-forgotten"]
    by = "in_channels" if groups == 1 else "the input channels of a group"
    assert mistake.hint == f"Every input channel has kernels of its own: multiply by {by} too."
    assert (
        mistake.value * len(range(0, 24, groups)) == reference.allocate(24, 8, (3, 3), groups, False).weights
    )


def test_the_puzzle_of_three_numbers() -> None:
    """The layers of the puzzle 99,360, 101,472, 103,584 are counted as there."""
    layers = [
        ConvTranspose(in_channels=32, out_channels=1024, kernel_size=(2, 1)),
        ConvTranspose(in_channels=1024, out_channels=32, kernel_size=(1, 1)),
    ]
    units = [Unit(place, part, part.out_channels) for place, part in zip((0, 3), layers, strict=True)]
    units += [Unit(place, None, part.out_channels) for place, part in zip((1, 4), layers, strict=True)]
    puzzle = tuple(sorted(units, key=lambda unit: unit.place))
    totals = [
        decoder_steps(puzzle, right_counts(puzzle), Way(norm), "parameters")[-1].value for norm in (0, 2, 4)
    ]
    assert totals == [99_360, 101_472, 103_584]


def test_the_right_count_is_the_derivation() -> None:
    for level in (1, 2):
        for one in some(level):
            assert one.layer is not None
            assert steps(correct_count(one.layer)) == derive_parameters(one.layer) == one.working
