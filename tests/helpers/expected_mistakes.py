"""Wrong numbers of common mistakes, calculated from the words of a question without the product."""

import functools
import math
from collections.abc import Iterator, Sequence
from fractions import Fraction

from calculator.learn.exercise import Exercise
from calculator.learn.exercises.generator import exercises
from calculator.learn.mistakes.layer import EXERCISE_KINDS
from tests.helpers import question_parser, reference

SEEDS = 150
KEYS = [kind.key for kind in EXERCISE_KINDS]
RENAMED = {"one-kernel", "bias-per-kernel", "bias-single", "groups-bias", "kernel-square"}
RENAMED |= {"kernel-two-sides", "kernel-two-sides-2"}
"""Mistakes that equal another mistake in some layers, which is reported instead."""


@functools.cache
def sample_exercises(level: int) -> tuple[Exercise, ...]:
    """Return the first exercises of many seeds."""
    return tuple(one for seed in range(SEEDS) for one in exercises(seed, level, 8))


def landed(asked_layer: question_parser.Layer, size: tuple[int, ...]) -> int:
    """Return the number of output positions, from the positions that the kernel reaches."""
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
    """Return the values without repetitions, in their order."""
    return [value for place, value in enumerate(values) if value not in values[:place]]


def wrong_counts(one: question_parser.Layer, size: tuple[int, ...] | None = None) -> dict[str, int]:
    """Return the number that each mistake gives in one layer, the correct count where it is impossible."""
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
    return dict.fromkeys(KEYS, weights + biases) | given


def check_mistakes(one: Exercise, given: dict[str, int], renamed: frozenset[str] = frozenset()) -> None:
    """Assert that the mistakes of an exercise are exactly those of ``given`` that change the answer."""
    mistakes = {mistake.key: mistake.value for mistake in one.mistakes}
    wanted = {key: value for key, value in given.items() if value != one.answer}
    values = set(mistakes.values())
    missing = {key: value for key, value in wanted.items() if key not in mistakes}
    assert {
        key: value for key, value in missing.items() if key not in renamed or value not in values
    } == {}, one
    assert mistakes == {key: value for key, value in wanted.items() if key in mistakes}, one


def rule_of(one: Exercise) -> tuple[int, bool]:
    """Return how many values of a BatchNorm channel count, and whether frozen layers count."""
    if "alone" in one.question:
        return 0, True
    return (
        (4, True) if "Total params" in one.question else (2, "requires_grad" not in one.question or _all(one))
    )


def _all(one: Exercise) -> bool:
    return "model.parameters()" in one.question


def in_decoder(one: Exercise) -> Iterator[tuple[str, int]]:
    """Yield the key of every mistake in a decoder, and its number."""
    norm, frozen_counts = rule_of(one)
    units = question_parser.listed(one)
    channels = sum(unit.norm for unit in units)
    layers = [unit for unit in units if not unit.norm]
    counted = [unit for unit in layers if frozen_counts or not unit.frozen]
    frozen = [unit for unit in layers if unit.frozen]

    def inside(some: list[question_parser.Layer]) -> int:
        return sum(unit.weights + unit.biases for unit in some)

    wrong = [wrong_counts(unit) for unit in counted]
    for key in KEYS:
        yield key, sum(given[key] for given in wrong) + norm * channels
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


def in_inverse(one: Exercise) -> Iterator[tuple[str, Fraction | float]]:
    """Yield the key of every mistake in counting backwards, and its number, which may be a fraction."""
    layer = one.layer
    assert layer is not None
    i, o, k, b = layer.in_channels, layer.out_channels, layer.kernel_size[0], int(layer.bias)
    total = Fraction(i * o * k * k + o * b)
    weights = total - o * b
    if one.quantity == "kernel size":
        yield "root-forgotten", weights / i / o
        yield "root-halved", weights / i / o / 2
        yield "in-forgotten", math.sqrt(weights / o)
        yield "out-forgotten", math.sqrt(weights / i)
    elif one.quantity == "input channels":
        yield "kernel-side", weights / o / k
        yield "kernel-added", weights / o / (k + k)
        yield "kernel-forgotten", weights / o
        yield "out-forgotten", weights / k / k
    elif one.quantity == "output channels":
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
