"""The budget: against every pair of channels there is, allocated and counted."""

import dataclasses
import itertools
import time
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from calculator import ConvTranspose, LayerError
from calculator.comparison.budget import BudgetRow, Cost, budget_rows, frontier, widest, widest_square
from calculator.core.validation import MAX_CHANNELS
from calculator.settings import FIELD
from tests.helpers import reference

FEW = 10
"""Multiples of the groups that are tried by hand, on each side."""


@st.composite
def layers(draw: st.DrawFn) -> ConvTranspose:
    """Draw a small layer with at most ``FEW`` times its groups on each side."""
    groups = draw(st.integers(1, 3))
    return ConvTranspose(
        in_channels=groups * draw(st.integers(1, FEW)),
        out_channels=groups * draw(st.integers(1, FEW)),
        kernel_size=tuple(draw(st.lists(st.integers(1, 3), min_size=1, max_size=3))),
        groups=groups,
        bias=draw(st.booleans()),
    )


def counted(layer: ConvTranspose, inputs: int, outputs: int) -> int:
    """Return the parameters of ``layer`` with other channels: arrays allocated and counted."""
    arrays = reference.allocate(inputs, outputs, layer.kernel_size, layer.groups, layer.bias)
    return arrays.weights + arrays.biases


def fitting(layer: ConvTranspose, budget: int, maximum: int) -> set[tuple[int, int]]:
    """Return every pair of channels up to ``maximum`` within ``budget``, tried one by one."""
    steps = range(layer.groups, maximum + 1, layer.groups)
    return {(i, o) for i in steps for o in steps if counted(layer, i, o) <= budget}


BUDGETS = st.one_of(st.integers(1, 300), st.integers(1, 5_000))


@given(layers(), BUDGETS, st.integers(1, FEW))
def test_the_widest_of_all_that_fit(layer: ConvTranspose, budget: int, limit: int) -> None:
    maximum = min(limit * layer.groups, 24)
    fits = fitting(layer, budget, maximum)
    steps = range(layer.groups, maximum + 1, layer.groups)
    deep = [i for i in steps if counted(layer, i, layer.out_channels) <= budget]
    wide = [o for o in steps if counted(layer, layer.in_channels, o) <= budget]
    assert widest(layer, "in_channels", budget, maximum) == max(deep, default=None)
    assert widest(layer, "out_channels", budget, maximum) == max(wide, default=None)
    assert widest_square(layer, budget, maximum) == max((i for i, o in fits if i == o), default=None)


@given(layers(), BUDGETS, st.integers(1, FEW))
def test_the_frontier_is_every_pair_that_cannot_be_raised(
    layer: ConvTranspose, budget: int, limit: int
) -> None:
    step = layer.groups
    maximum = limit * step
    fits = fitting(layer, budget, maximum)
    maximal = {(i, o) for i, o in fits if (i + step, o) not in fits and (i, o + step) not in fits}
    assert frontier(layer, budget, maximum) == tuple(sorted(maximal))


WIDE = st.builds(
    ConvTranspose,
    in_channels=st.just(720_720),
    out_channels=st.just(720_720),
    kernel_size=st.lists(st.integers(1, 128), min_size=1, max_size=3).map(tuple),
    groups=st.integers(1, 16),
    bias=st.booleans(),
)


@given(WIDE, st.integers(1, 10**9), st.integers(1, MAX_CHANNELS))
@example(ConvTranspose(in_channels=1, out_channels=1, kernel_size=1), 10**15, MAX_CHANNELS)
def test_every_pair_fits_and_one_step_more_does_not(layer: ConvTranspose, budget: int, maximum: int) -> None:
    pairs = frontier(layer, budget, maximum)
    step = layer.groups

    def fits(inputs: int, outputs: int) -> bool:
        other = dataclasses.replace(layer, in_channels=inputs, out_channels=outputs)
        return other.parameter_count <= budget and max(inputs, outputs) <= maximum

    assert all(fits(i, o) for i, o in pairs)
    assert not any(fits(i + step, o) or fits(i, o + step) for i, o in pairs)
    # Nothing is missing between two neighbours, before the first or behind the last.
    assert all(a[0] < b[0] and a[1] > b[1] for a, b in itertools.pairwise(pairs))
    assert not any(fits(a[0] + step, b[1] + step) for a, b in itertools.pairwise(pairs))
    assert bool(pairs) is fits(step, step)
    if pairs:
        assert not fits(step, pairs[0][1] + step)
        assert not fits(pairs[-1][0] + step, step)


@given(WIDE, st.integers(1, 10**15), st.integers(1, MAX_CHANNELS))
def test_widths_touch_the_frontier(layer: ConvTranspose, budget: int, maximum: int) -> None:
    minimum = dataclasses.replace(layer, in_channels=layer.groups, out_channels=layer.groups)
    square = widest_square(layer, budget, maximum)
    for setting in ("in_channels", "out_channels"):
        width = widest(minimum, setting, budget, maximum)
        assert (width is None) is (square is None)
        if width is None:
            continue
        assert dataclasses.replace(minimum, **{setting: width}).parameter_count <= budget  # type: ignore[arg-type]
        more = dataclasses.replace(minimum, **{setting: width + layer.groups})  # type: ignore[arg-type]
        assert width + layer.groups > maximum or more.parameter_count > budget
    if square is not None:
        sides = [
            dataclasses.replace(layer, in_channels=c, out_channels=c).parameter_count
            for c in (square, square + layer.groups)
        ]
        assert sides[0] <= budget
        assert square + layer.groups > maximum or sides[1] > budget


def test_known_widths() -> None:
    # 3 → C, k 4: 48·C + C = 49·C. The first worked example has 3,136 = 49 · 64 parameters.
    layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=4)
    assert widest(layer, "out_channels", 3_136) == 64
    assert widest(layer, "out_channels", 3_135) == 63
    assert widest(layer, "in_channels", 3_136) == 3
    assert widest(layer, "in_channels", 3_135) == 2
    # Depthwise in 8 groups: 8·a · c · 9 + 8·c; a square one has c = a.
    depthwise = ConvTranspose(in_channels=8, out_channels=8, kernel_size=3, groups=8)
    assert depthwise.parameter_count == 80
    assert widest_square(depthwise, 80) == widest_square(depthwise, 303) == 8
    assert widest_square(depthwise, 304) == 16
    assert widest(depthwise, "out_channels", 79) is None
    assert (widest(depthwise, "out_channels", 159), widest(depthwise, "out_channels", 160)) == (8, 16)
    assert frontier(depthwise, 79) == ()
    assert frontier(depthwise, 80) == ((8, 8),)


def test_nothing_is_wider_than_the_most() -> None:
    layer = ConvTranspose(in_channels=3, out_channels=3, kernel_size=1, groups=3)
    assert widest(layer, "in_channels", 10**15) == widest_square(layer, 10**15) == 65_535
    assert frontier(layer, 10**15) == ((65_535, 65_535),)
    assert widest(layer, "in_channels", 10**15, maximum=2) is None
    assert widest_square(layer, 10**15, maximum=2) is None
    assert frontier(layer, 10**15, maximum=2) == ()
    # What is found can be set.
    assert FIELD["in_channels"].maximum == FIELD["out_channels"].maximum == MAX_CHANNELS


@given(layers(), BUDGETS)
def test_rows_use_what_they_say(layer: ConvTranspose, budget: int) -> None:
    rows = budget_rows(layer, budget, maximum=20)
    square = len(set(layer.kernel_size)) == 1
    firsts = [row.kernel_size[0] for row in rows]
    assert firsts == sorted(set(range(1, 9)) | {layer.kernel_size[0]})
    for row in rows:
        rest = row.kernel_size[:1] * (layer.rank - 1) if square else layer.kernel_size[1:]
        assert row.kernel_size[1:] == rest
        other = dataclasses.replace(layer, kernel_size=row.kernel_size)
        assert row.out_channels == widest(other, "out_channels", budget, 20)
        assert row.in_channels == widest(other, "in_channels", budget, 20)
        assert row.square == widest_square(other, budget, 20)
        used = [
            (row.out_cost, layer.in_channels, row.out_channels),
            (row.in_cost, row.in_channels, layer.out_channels),
            (row.square_cost, row.square, row.square),
        ]
        for parameters, inputs, outputs in used:
            if inputs is None or outputs is None:
                assert parameters is None
            else:
                assert parameters == counted(other, inputs, outputs) <= budget


def test_rows_as_they_stand() -> None:
    layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=(11, 11))
    rows = budget_rows(layer, 10_000, [2, 1])
    assert rows == (
        BudgetRow((1, 1), 2_500, 10_000, 155, 9_984, 99, 9_900),
        BudgetRow((2, 2), 769, 9_997, 38, 9_792, 49, 9_653),
        BudgetRow((11, 11), 27, 9_828, 1, 7_808, 9, 9_810),
    )
    assert [row.kernel_size[0] for row in budget_rows(layer, 1)] == [*range(1, 9), 11]
    assert set(dataclasses.astuple(budget_rows(layer, 1)[0])[1:]) == {None}


@pytest.mark.parametrize("budget", [0, -1, 2**63, 1.5, "9", True, None])
def test_a_budget_is_a_whole_number_above_0(budget: Any) -> None:
    layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=4)
    calls = (
        lambda: widest(layer, "in_channels", budget),
        lambda: widest(layer, "out_channels", budget),
        lambda: widest_square(layer, budget),
        lambda: budget_rows(layer, budget),
        lambda: frontier(layer, budget),
    )
    for call in calls:
        with pytest.raises(LayerError, match=r"^budget must be "):
            call()


def test_only_channels_can_be_widest() -> None:
    layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=4)
    with pytest.raises(ValueError, match="setting must be in_channels or out_channels, received 'groups'"):
        widest(layer, "groups", 100)


def test_the_frontier_is_fast() -> None:
    layer = ConvTranspose(in_channels=1, out_channels=1, kernel_size=1, bias=False)
    best = 1.0
    for _ in range(5):
        start = time.process_time()
        pairs = frontier(layer, 10**7)
        best = min(best, time.process_time() - start)
    assert best < 0.05
    # About 2 · √10⁷ pairs, less those cut off at the most channels.
    assert 5_900 < len(pairs) < 6_324


COSTS = st.builds(
    Cost,
    st.sampled_from(["parameters", "work", "memory", "training"]),
    st.integers(1, 4),
    st.sampled_from(["float64", "float32", "bfloat16"]),
)


def counted_cost(layer: ConvTranspose, inputs: int, outputs: int, cost: Cost) -> int:
    """Return the cost of ``layer`` with other channels from arrays that are allocated and counted."""
    size = {"float64": 8, "float32": 4, "bfloat16": 2}[cost.number_type]
    parameters = counted(layer, inputs, outputs)
    arrays = reference.allocate(inputs, outputs, layer.kernel_size, layer.groups, layer.bias)
    assert isinstance(cost.input_size, int)
    shape = (cost.input_size,) * layer.rank
    values_in = inputs * np.empty(shape).size
    values_out = outputs * np.empty(layer.output_size(cost.input_size)).size
    return {
        "parameters": parameters,
        "work": arrays.weights * np.empty(shape).size,
        "memory": size * (parameters + values_in + values_out),
        # Weight, gradient and two moments; in 16 bit the moments and a copy have 32 bit: 2 + 2 + 4 + 4 + 4.
        "training": parameters * (16 if size == 2 else 4 * size) + size * values_in,
    }[cost.kind]


@given(layers(), st.integers(1, 40_000), st.integers(1, 5), COSTS)
def test_every_cost_against_all_pairs(layer: ConvTranspose, budget: int, limit: int, cost: Cost) -> None:
    step = layer.groups
    maximum = limit * step
    steps = range(step, maximum + 1, step)
    fits = {(i, o) for i in steps for o in steps if counted_cost(layer, i, o, cost) <= budget}
    maximal = {(i, o) for i, o in fits if (i + step, o) not in fits and (i, o + step) not in fits}
    assert frontier(layer, budget, maximum, cost) == tuple(sorted(maximal))
    deep = [i for i in steps if counted_cost(layer, i, layer.out_channels, cost) <= budget]
    wide = [o for o in steps if counted_cost(layer, layer.in_channels, o, cost) <= budget]
    square = [c for c in steps if counted_cost(layer, c, c, cost) <= budget]
    assert widest(layer, "in_channels", budget, maximum, cost) == max(deep, default=None)
    assert widest(layer, "out_channels", budget, maximum, cost) == max(wide, default=None)
    assert widest_square(layer, budget, maximum, cost) == max(square, default=None)
    assert cost.of(layer) == counted_cost(layer, layer.in_channels, layer.out_channels, cost)
    [row] = budget_rows(layer, budget, [], maximum, cost)
    assert (row.in_channels, row.out_channels, row.square) == (
        max(deep, default=None),
        max(wide, default=None),
        max(square, default=None),
    )
    if row.square is not None:
        assert row.square_cost == counted_cost(layer, row.square, row.square, cost)


def test_costs_that_do_not_exist() -> None:
    layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=4, padding=2)
    with pytest.raises(LayerError, match=r"^There is no memory to train: int8 is for running"):
        frontier(layer, 100, cost=Cost("training", 4, "int8"))
    with pytest.raises(LayerError, match=r"^padding must leave an output of at least 0"):
        widest(dataclasses.replace(layer, padding=(3, 3)), "in_channels", 100, cost=Cost("memory", 1))
    with pytest.raises(LayerError, match=r"^input_size must be"):
        Cost("work", 0).of(layer)
    # A smaller kernel than the layer's has no output here, and so no layers.
    first, *_, own = budget_rows(layer, 10**6, [1], cost=Cost("memory", 2))
    assert set(dataclasses.astuple(first)[1:]) == {None}
    assert own.square
    assert [Cost(kind).noun for kind in ("parameters", "work", "memory", "training")] == [
        "parameter",
        "multiply–accumulate",
        "byte",
        "byte",
    ]
