"""The search for the cheapest chains, against another one that tries every layer at every place."""

import itertools
import math
import operator
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from unittest import mock

import pytest
from hypothesis import example, given
from hypothesis import settings as configured
from hypothesis import strategies as st

from calculator.core.layer import ConvTranspose
from calculator.upsampling import form_search
from calculator.upsampling.alternative import Alternative
from calculator.upsampling.alternatives import alternatives
from calculator.upsampling.form_search import cheapest
from calculator.upsampling.forms import Builder, Kernel, form_name
from calculator.upsampling.layers import Conv, Operation, Resize, Shuffle
from calculator.upsampling.pareto_front import compared, learned_front
from calculator.upsampling.qualities import (
    has_no_checkerboard,
    is_easy_to_export,
    learns_space,
    mixes_channels,
)
from calculator.upsampling.ranking import ranking, verdict
from calculator.upsampling.recommendation import COST_AIMS, costs, recommend

MAX_LAYERS = 5


@dataclass(frozen=True)
class Place:
    """Where a chain has come to. Chains at one place can go on in the same ways."""

    channels: int
    grown: Kernel
    learned: tuple[bool, ...]
    reach: Kernel
    mixed: bool = False
    changed: bool = False
    last: int = 0


Costs = tuple[int, int, int]
"""Parameters, work and kept values."""

Label = tuple[Costs, tuple[Operation, ...]]


def layer_of(kernel: Kernel, stride: Kernel, inputs: int, outputs: int, groups: int) -> Operation:
    """Return a convolution, or the transposed one whose kernel is its stride."""
    if max(stride) == 1:
        return Conv(inputs, outputs, kernel, groups, bias=False)
    padding = tuple(k // 2 if s == 1 else 0 for k, s in zip(kernel, stride, strict=True))
    return ConvTranspose(
        in_channels=inputs,
        out_channels=outputs,
        kernel_size=kernel,
        stride=stride,
        padding=padding,
        groups=groups,
        bias=False,
    )


def next_places(place: Place, outputs: int, scale: Kernel) -> list[tuple[Place, int, Operation]]:
    """Return every next layer with its weights: kernels 1, 3, 5 and all, resizes and shuffles anywhere.

    Each axis grows in any number of stages, but not while its kernels must still see what a shuffle spread.
    """
    found: list[tuple[Place, int, Operation]] = []
    rest = [1 if r else s // g for r, g, s in zip(place.reach, place.grown, scale, strict=True)]
    stages = ([n for n in range(1, r + 1) if r % n == 0] for r in rest)
    parts = [part for part in itertools.product(*stages) if max(part) > 1]
    for part in parts:
        grown = tuple(map(math.prod, zip(place.grown, part, strict=True)))
        found.append((replace(place, grown=grown), 0, Resize(part, "nearest")))
        if place.channels % math.prod(part) == 0:
            shuffled = replace(
                place,
                channels=place.channels // math.prod(part),
                grown=grown,
                learned=tuple(
                    known or (place.last > 0 and r > 1) for known, r in zip(place.learned, part, strict=True)
                ),
                reach=place.reach
                if place.mixed
                else tuple(map(max, zip(place.reach, (r - 1 for r in part), strict=True))),
            )
            found.append((shuffled, 0, Shuffle(part)))
    targets = {place.channels}
    if not place.changed:
        targets |= {outputs, *(outputs * math.prod(part) for part in parts)}
    strides = [(1,) * len(scale), *parts]
    for after, stride in itertools.product(targets, strides):
        sizes = [sorted({1, 3, 5, r + 1 + r % 2}) for r in place.reach]
        kernels = itertools.product(
            *[size if s == 1 else (s,) for size, s in zip(sizes, stride, strict=True)]
        )
        for kernel, groups in itertools.product(kernels, {1, math.gcd(place.channels, after)}):
            new = Place(
                after,
                tuple(map(math.prod, zip(place.grown, stride, strict=True))),
                tuple(known or k > 1 for known, k in zip(place.learned, kernel, strict=True)),
                tuple(max(r - (k - 1), 0) for r, k in zip(place.reach, kernel, strict=True)),
                place.mixed or groups == 1,
                place.changed or after != place.channels,
                after,
            )
            weights = place.channels * after // groups * math.prod(kernel)
            found.append((new, weights, layer_of(kernel, stride, place.channels, after, groups)))
    return found


def as_small(one: Sequence[int], other: Sequence[int]) -> bool:
    return all(a <= b for a, b in zip(one, other, strict=True))


def every_chain(inputs: int, outputs: int, scale: Kernel, bias: bool) -> list[Label]:
    """Return the complete chains that no other one with the same end beats in all costs."""
    ones, known = (1,) * len(scale), (False,) * len(scale)
    start = Place(inputs, ones, known, (0,) * len(scale), mixed=inputs == 1)
    best: dict[Place, list[Label]] = {}
    begun: list[tuple[Place, Label]] = [(start, ((0, 0, 0), ()))]
    complete: list[Label] = []
    for _ in range(MAX_LAYERS):
        longer = []
        for place, (before, layers) in begun:
            size = math.prod(place.grown)
            for after, more, layer in next_places(place, outputs, scale):
                kept = place.channels * size if more else 0
                label: Label = (
                    (before[0] + more, before[1] + more * size, before[2] + kept),
                    (*layers, layer),
                )
                front = best.setdefault(after, [])
                if any(as_small(one[0], label[0]) for one in front):
                    continue
                front.append(label)
                longer.append((after, label))
                enlarged = [n for n, s in enumerate(scale) if s > 1] or range(len(scale))
                if (
                    (after.channels, after.grown) == (outputs, scale)
                    and after.last
                    and after.mixed
                    and not any(after.reach)
                    and all(after.learned[n] for n in enlarged)
                ):
                    parameters = label[0][0] + (after.last if bias else 0)
                    complete.append(((parameters, *label[0][1:]), label[1]))
        begun = longer
    return complete


CHANNELS = st.one_of(st.integers(1, 12), st.sampled_from([16, 24, 64, 96, 512, 2048]), st.integers(1, 2048))


def forms(inputs: int, outputs: int, scale: Kernel, bias: bool) -> list[Alternative]:
    found = alternatives(inputs, outputs, scale, bias=bias)
    return [one for one in found if isinstance(one, Alternative)]


@configured(max_examples=8, deadline=None)
@given(
    inputs=CHANNELS,
    outputs=CHANNELS,
    scale=st.lists(st.integers(1, 4), min_size=1, max_size=2).map(tuple)
    | st.sampled_from([(6,), (8,), (12,), (16,)]),
    bias=st.booleans(),
)
@example(inputs=64, outputs=128, scale=(16,), bias=True)
def test_no_chain_beats_the_front_or_a_recommendation(
    inputs: int, outputs: int, scale: Kernel, bias: bool
) -> None:
    found = forms(inputs, outputs, scale, bias)
    chains = every_chain(inputs, outputs, scale, bias)
    front = [costs(found[n], 1)[:2] for n in learned_front(found, 1)]
    for point, layers in chains:
        assert any(as_small(one, point[:2]) for one in front), (point, layers)
    for aims in itertools.chain(*(itertools.combinations(COST_AIMS, count) for count in (1, 2))):
        best = recommend(found, aims, (1,) * len(scale))
        assert best is not None
        chosen = [COST_AIMS.index(aim) for aim in aims]

        def product(of: Costs, chosen: list[int] = chosen) -> int:
            return math.prod(of[n] for n in chosen)

        assert product(costs(found[best.index], 1)) <= min(product(point) for point, _ in chains), aims


@pytest.mark.parametrize(
    ("inputs", "outputs", "scale", "name", "weights"),
    [
        # 8·3, 8·8 and 128, and not 8·8·3 and 128: the kernel of the mixing layer is a layer of its own.
        (8, 128, (3,), "depthwise 3 + conv 1 + conv 1, groups 8 + nearest", 216),
        # The channels cannot be divided by the whole scale, but by a part of it: 403 channels are left.
        (
            1612,
            995,
            (4, 4),
            "shuffle ×2×2 + depthwise 3×1 + 1×3 + 1×1 + nearest ×2×2",
            403 * (3 + 3 + 995),
        ),
        (62, 64, (4,), "shuffle ×2 + depthwise 3 + conv 1 + nearest ×2", 31 * (3 + 64)),
        # Neither the whole scale nor its least part; a kernel 9 sees all 8 channels of a position.
        (
            64,
            128,
            (16,),
            "shuffle ×8 + depthwise 9 + conv 1 + conv 1, groups 8 + nearest ×2",
            8 * 9 + 8 * 8 + 128,
        ),
        # A large divisor of the channels and of the scale.
        (200, 300, (1_000,), "shuffle ×200 + conv 201 + 1 + nearest ×5", 201 + 300),
        # A learned step of 2 has fewer weights than a kernel 3.
        (63, 64, (4,), "conv 1 + depthwise transposed 2 + nearest ×2", 63 * 64 + 64 * 2),
        (64, 64, (1, 1), "depthwise 3×1 + 1×3 + 1×1", 64 * (3 + 3 + 64)),
    ],
)
def test_known_chains(inputs: int, outputs: int, scale: Kernel, name: str, weights: int) -> None:
    chains = {
        form_name(steps): steps for steps in cheapest(Builder(inputs, outputs, scale, bias=False)).chains
    }
    assert Alternative("", "", tuple(step.layer for step in chains[name]), "", "").parameter_count == weights


@configured(max_examples=30, deadline=None)
@given(
    inputs=CHANNELS,
    outputs=CHANNELS,
    scale=st.lists(st.integers(1, 5), min_size=1, max_size=3).map(tuple),
)
def test_a_chain_does_what_is_promised(inputs: int, outputs: int, scale: Kernel) -> None:
    build = Builder(inputs, outputs, scale, bias=True)
    chains = [Alternative("", "", build.operations(steps), "", "") for steps in cheapest(build).chains]
    for chain in chains:
        assert chain.output_shape(3) == (outputs, tuple(3 * s for s in scale))
        assert chain.in_channels == inputs
        assert learns_space(chain)
        assert mixes_channels(chain)
    assert any(map(is_easy_to_export, chains))


@configured(max_examples=60, deadline=None)
@given(
    inputs=st.sampled_from([1, 4, 6, 8, 12, 16, 24, 36, 64, 512]),
    outputs=st.sampled_from([1, 2, 3, 6, 8, 12, 16, 64, 96]),
    scale=st.sampled_from([(2,), (3,), (4,), (6,), (8,), (1, 2), (2, 2), (2, 3), (1, 2, 2)]),
    bias=st.booleans(),
)
@example(inputs=16, outputs=4, scale=(4,), bias=False)
@example(inputs=24, outputs=2, scale=(2, 3), bias=True)
def test_what_a_chain_still_costs_at_least_leaves_no_chain_out(
    inputs: int, outputs: int, scale: Kernel, bias: bool
) -> None:
    build = Builder(inputs, outputs, scale, bias)
    with mock.patch.object(form_search._Moves, "_least", return_value=(0, 0, 0)):
        every = cheapest.__wrapped__(build)
    assert cheapest.__wrapped__(build) == every


@pytest.mark.parametrize("exportable", [True, False])
@pytest.mark.parametrize(
    ("inputs", "outputs", "scale"),
    [(16, 4, (4,)), (4, 16, (4,)), (24, 2, (2, 3)), (6, 8, (2, 2)), (1, 3, (4,))],
)
def test_no_chain_costs_less_than_at_least(
    inputs: int, outputs: int, scale: Kernel, exportable: bool
) -> None:
    moves = form_search._Moves(Builder(inputs, outputs, scale, bias=True), exportable)

    @cache
    def rest(place: form_search._Place) -> list[float]:
        """Return the least weights, work and kept values that complete a chain, each on its own."""
        found = [[place.state.last, 0, 0]] if place.rest else [[math.inf] * 3]
        size = math.prod(place.state.grown)
        for kind in moves.after(place):
            for move in kind.moves:
                kept = place.state.channels * size if move.weights else 0
                after = rest(moves.reached(place.state, move))
                assert all(kind.least[n] <= move.least[n] <= after[n] for n in range(3)), (place.state, move)
                own = move.weights, move.weights * size, kept
                found.append([*map(operator.add, own, after)])
        return [*map(min, *found, found[0])]

    assert max(rest(moves.start())) < math.inf


def test_an_aim_without_a_number_keeps_the_least_costs() -> None:
    found = forms(8, 32, (2,), False)
    small = min(found[n].parameter_count for n in compared(found))
    # A blur has no weights. Without a shuffle there are more.
    even = [found[n].parameter_count for n in compared(found) if has_no_checkerboard(found[n])]
    assert min(even) == small == 4 * 4 + 4 * 3 + 32
    exported = [found[n].parameter_count for n in compared(found) if is_easy_to_export(found[n])]
    assert min(exported) == 8 * 8 + 8 * 3 + 32


def test_the_largest_ends() -> None:
    # 2^16 channels and 128 positions along each axis are the limits of the settings.
    assert cheapest(Builder(65_536, 65_536, (128,) * 3, bias=True)).chains


@pytest.mark.parametrize("scale", [(2,), (16,), (128,), (3, 5), (60, 96), (2, 2, 2), (4, 4, 4), (8, 8, 8)])
def test_no_chain_is_left_to_try(scale: Kernel) -> None:
    assert cheapest(Builder(64, 32, scale, bias=True)).complete


@pytest.mark.parametrize(
    ("inputs", "limit", "value"),
    [(6_006, "MAX_TRIED", 10), (6_012, "MAX_SHUFFLES", 2), (6_018, "MAX_DIVISOR", 1)],
)
def test_a_search_that_leaves_chains_says_so(
    monkeypatch: pytest.MonkeyPatch, inputs: int, limit: str, value: int
) -> None:
    # No other test has these channels and this stride, and what was searched is remembered.
    layer = ConvTranspose(in_channels=inputs, out_channels=30, kernel_size=6, stride=6)
    monkeypatch.setattr(form_search, limit, value)
    form_search._divisors.cache_clear()
    every = ranking(layer, 1, ())
    form_search._divisors.cache_clear()
    assert not every.complete
    assert verdict(every, layer, 1)[1].endswith("Not all chains of layers were tried: others may cost less.")


def test_an_even_chain_keeps_few_values() -> None:
    # The mean stands before the resize, where a position has become 2 and not 4.
    found = forms(63, 64, (4,), False)
    best = recommend(found, ["even", "parameters"], (1,))
    assert best is not None
    assert found[best.index].name == "depthwise transposed 2 + conv 1 + blur ×2 + linear ×2"
    weights, kept = (63 * 2, 63 * 64), (63, 63 * 2, 64 * 2, 64 * 3)
    assert costs(found[best.index], 1) == (sum(weights), weights[0] + 2 * weights[1], sum(kept))


def test_of_equal_functions_the_one_that_exports_is_kept() -> None:
    found = forms(3, 3, (1,), True)
    best = recommend(found, ["export"], (1,))
    assert best is not None
    assert costs(found[best.index], 1) == (3 * 3 + 3 * 3 + 3, 18, 6)
