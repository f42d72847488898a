"""The Pareto front, compared with every pair of alternatives, cost by cost."""

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import settings as configured
from hypothesis import strategies as st

from calculator.upsampling.alternative import Alternative
from calculator.upsampling.alternatives import alternatives
from calculator.upsampling.forms import Builder
from calculator.upsampling.layers import Conv, Operation, Resize, Shuffle
from calculator.upsampling.pareto_front import compared, learned_front, pareto_front
from calculator.upsampling.qualities import learns_space, mixes_channels


def ways(*arguments: object, **named: object) -> list[Alternative]:
    return [one for one in alternatives(*arguments, **named) if isinstance(one, Alternative)]  # type: ignore[arg-type]


def made(*operations: object) -> Alternative:
    return Alternative("key", "name", operations, "", "")  # type: ignore[arg-type]


def test_a_layer_that_leaves_holes_is_on_no_front() -> None:
    found = ways(64, 32, (3, 3), kernel_size=(2, 2))
    [small] = [n for n, one in enumerate(found) if one.key == "yours"]
    # It costs less than every other transposed layer, and fills four positions of nine.
    assert not learns_space(found[small])
    assert small not in learned_front(found, 16)


@configured(max_examples=25, deadline=None)
@given(
    inputs=st.integers(1, 96),
    outputs=st.integers(1, 96),
    scale=st.lists(st.integers(1, 4), min_size=1, max_size=3),
    bias=st.booleans(),
    groups=st.integers(1, 8),
    size=st.integers(1, 64),
    kernel=st.integers(1, 9),
)
def test_nothing_that_learns_beats_the_front(
    inputs: int, outputs: int, scale: list[int], bias: bool, groups: int, size: int, kernel: int
) -> None:
    found = ways(inputs, outputs, tuple(scale), bias=bias, groups=groups, kernel_size=(kernel,) * len(scale))
    front = learned_front(found, size)
    costs = [(one.parameter_count, one.multiply_accumulates(size)) for one in found]
    learning = [n for n, one in enumerate(found) if learns_space(one) and mixes_channels(one)]
    assert tuple(learning) == compared(found)

    def beats(one: int, other: int) -> bool:
        pairs = list(zip(costs[one], costs[other], strict=True))
        return all(a <= b for a, b in pairs) and any(a < b for a, b in pairs)

    unbeaten = [n for n in learning if not any(beats(other, n) for other in learning)]
    assert {costs[n] for n in front} == {costs[n] for n in unbeaten}
    # From the smallest to the cheapest, and of equal costs the one that keeps the least.
    for one, other in itertools.pairwise(front):
        assert costs[one][0] < costs[other][0]
        assert costs[one][1] > costs[other][1]
    for n in front:
        equal = [found[other].kept_activations(size) for other in unbeaten if costs[other] == costs[n]]
        assert found[n].kept_activations(size) == min(equal)


def test_the_known_case() -> None:
    found = ways(64, 32, (2, 2))
    # A shuffle to 16 channels, twice 16·3, 16·16, 16 to 32 channels in 16 groups, and 32 biases; 64 to 32
    # channels in 32 groups, 32·32, 32·4, and 32 biases.
    assert [(found[n].name, found[n].parameter_count) for n in learned_front(found, 16)] == [
        ("shuffle + depthwise 3×1 + 1×3 + 1×1 + 1×1, groups 16", 48 + 48 + 256 + 32 + 32),
        ("1×1, groups 32 + 1×1 + depthwise transposed 2×2", 64 + 1_024 + 128 + 32),
    ]
    # What a person would try first: both orders of 1×1 and depthwise lie behind the front.
    by_key = {one.key: one for one in found}
    for key in ("pointwise-depthwise-transposed-4x4", "depthwise-transposed-4x4-pointwise"):
        front = [found[n] for n in learned_front(found, 16)]
        assert any(
            one.parameter_count < by_key[key].parameter_count
            and one.multiply_accumulates(16) < by_key[key].multiply_accumulates(16)
            for one in front
        )


def test_biases_count_too() -> None:
    # 720 weights and 40 biases, 729 weights and none: the second is smaller, the first takes less work.
    biased, plain = made(Conv(2, 40, (3, 3))), made(Conv(9, 9, (3, 3), bias=False))
    assert (biased.weight_count, plain.weight_count) == (720, 729)
    assert learned_front([biased, plain], 4) == (1, 0)


def test_where_nothing_learns_all_are_compared() -> None:
    points = [one for one in ways(64, 32, (2, 2)) if not learns_space(one)]
    assert {"pointwise-linear", "pointwise-nearest"} <= {one.key for one in points}
    assert compared(points) == tuple(range(len(points)))
    assert learned_front([], 16) == ()


def test_groups_are_not_compared_with_what_mixes() -> None:
    found = ways(64, 64, (2, 2), groups=64)
    [own] = [n for n, one in enumerate(found) if one.key == "transposed-4x4-grouped"]
    assert own not in compared(found)


def test_the_largest() -> None:
    found = ways(65_536, 65_536, (128,) * 3, kernel_size=(128,) * 3, groups=65_536)
    front = [found[n].key for n in learned_front(found, 65_536)]
    assert front
    assert not {"pointwise-nearest", "pointwise-linear"} & set(front)


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=12))
def test_the_front_is_what_nothing_beats(points: list[tuple[int, int]]) -> None:
    def beats(one: tuple[int, int], two: tuple[int, int]) -> bool:
        return one != two and all(a <= b for a, b in zip(one, two, strict=True))

    front = pareto_front(points)
    assert sorted(front) == [
        index for index, point in enumerate(points) if not any(beats(other, point) for other in points)
    ]
    assert [points[index] for index in front] == sorted(points[index] for index in front)


# The neighbourhood: every chain of layers that a person might try, by its own arithmetic.


@dataclass(frozen=True)
class Chain:
    """A chain that was put together by hand: its layers, and what they cost for one input position."""

    layers: tuple[Operation, ...]
    channels: int
    grown: tuple[int, ...]
    shuffled: bool
    changes: int
    weights: int
    work: int


def neighbourhood(inputs: int, outputs: int, scale: tuple[int, ...], layers: int) -> Iterator[Chain]:
    """Yield every chain of at most ``layers`` layers from the channels to the channels, with one kernel 1."""
    volume, rank = math.prod(scale), len(scale)
    kernels = [kernel for kernel in itertools.product((1, 3, 5), repeat=rank) if max(kernel) > 1]
    upwards = [
        (kernel, part)
        for part in itertools.product(*[(1, s) if s > 1 else (1,) for s in scale])
        if max(part) > 1
        for kernel in itertools.product(*[range(s, 2 * s + 2) if s > 1 else (1, 3) for s in part])
    ]

    def grow(chain: Chain) -> Iterator[Chain]:
        if chain.grown == scale and chain.channels == outputs and chain.weights:
            yield chain
        if len(chain.layers) == layers:
            return
        size, before = math.prod(chain.grown), chain.channels
        rest = volume // size
        for after in {before, outputs, outputs * rest if not chain.shuffled else outputs}:
            changes = chain.changes + (after != before)
            if changes > 1 or (after * rest < outputs and not chain.shuffled):
                continue
            common = math.gcd(before, after)
            for groups in {1, common, next((g for g in (2, 3) if common % g == 0), 1)}:
                pointwise = any(isinstance(op, Conv) and set(op.kernel_size) == {1} for op in chain.layers)
                for kernel in [*kernels, *([] if pointwise else [(1,) * rank])]:
                    weights = before * after // groups * math.prod(kernel)
                    conv = Conv(before, after, kernel, groups, bias=False)
                    yield from grow(added(chain, conv, after, chain.grown, changes, weights, weights * size))
                for kernel, part in upwards:
                    new = tuple(a * b for a, b in zip(chain.grown, part, strict=True))
                    if any(s % n for s, n in zip(scale, new, strict=True)):
                        continue
                    weights = before * after // groups * math.prod(kernel)
                    step = Builder(1, 1, scale, bias=False).transposed(kernel, part, before, after, groups)
                    yield from grow(added(chain, step.layer, after, new, changes, weights, weights * size))
        if size == 1:
            yield from grow(added(chain, Resize(scale, "linear"), before, scale, chain.changes, 0, 0))
            if before % volume == 0:
                shuffled = added(chain, Shuffle(scale), before // volume, scale, chain.changes, 0, 0)
                yield from grow(replace(shuffled, shuffled=True))

    start = Chain((), inputs, (1,) * rank, False, 0, 0, 0)
    yield from grow(start)


def added(
    chain: Chain, op: Operation, channels: int, grown: tuple[int, ...], changes: int, weights: int, work: int
) -> Chain:
    return replace(
        chain,
        layers=(*chain.layers, op),
        channels=channels,
        grown=grown,
        changes=changes,
        weights=chain.weights + weights,
        work=chain.work + work,
    )


@pytest.mark.parametrize(
    ("inputs", "outputs", "scale", "layers"),
    [
        (64, 32, (2,), 4),
        (3, 64, (2,), 4),
        (32, 64, (3,), 3),
        (12, 18, (4,), 3),
        (8, 8, (2,), 3),
        (1, 5, (2,), 3),
        (64, 32, (2, 2), 2),
        (16, 64, (2, 2), 2),
    ],
)
def test_nothing_in_the_neighbourhood_beats_the_front(
    inputs: int, outputs: int, scale: tuple[int, ...], layers: int
) -> None:
    found = ways(inputs, outputs, scale, bias=False)
    front = [(found[n].parameter_count, found[n].multiply_accumulates(1)) for n in learned_front(found, 1)]
    chains, count = neighbourhood(inputs, outputs, scale, layers), 0
    for chain in chains:
        count += 1
        point = chain.weights, chain.work
        beaten = [
            other for other in front if point != other and point[0] <= other[0] and point[1] <= other[1]
        ]
        if beaten:
            one = made(*chain.layers)
            assert (one.parameter_count, one.multiply_accumulates(1)) == point
            assert not learns_space(one) or not mixes_channels(one), (chain.layers, point, beaten)
    assert count > 100
