"""The Pareto front, compared with every pair of alternatives, cost by cost."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as configured
from hypothesis import strategies as st

from calculator.comparison.alternative import Alternative
from calculator.comparison.alternatives import alternatives
from calculator.comparison.pareto_front import learned_front, learns_space, pareto_front
from calculator.comparison.upsampling_layers import Conv, Resize
from calculator.core.layer import ConvTranspose
from tests.helpers import reference_upsampling as oracle


def ways(*arguments: object, **named: object) -> list[Alternative]:
    return [one for one in alternatives(*arguments, **named) if isinstance(one, Alternative)]  # type: ignore[arg-type]


def made(*operations: object) -> Alternative:
    return Alternative("key", "name", operations, "", "")  # type: ignore[arg-type]


def weights_reach_neighbours(one: Alternative) -> bool:
    """Return whether other weights change how neighbours mix: a second filling does not scale the first.

    One input position is set; the output is compared, position by position, for two fillings of weights.
    """
    found = []
    for seed in (1, 2):
        fill = oracle.positive(seed)
        held = [oracle.LayerArrays(oracle.allocate(op, fill).groups, np.empty(0)) for op in one.operations]
        values = np.zeros((one.in_channels, *(5,) * one.rank))
        np.moveaxis(values, 0, -1)[(2,) * one.rank] = 1
        output, _ = oracle.chain(one.operations, values, held)
        shares = output / output.reshape(len(output), -1).sum(axis=1).reshape(-1, *(1,) * one.rank)
        found.append(shares)
    return not np.allclose(*found)


def fills_every_position(one: Alternative) -> bool:
    """Return whether every output position away from the borders gets something of positive values."""
    fill = oracle.positive(3)
    held = [oracle.LayerArrays(oracle.allocate(op, fill).groups, np.empty(0)) for op in one.operations]
    output, _ = oracle.chain(one.operations, np.ones((one.in_channels, *(7,) * one.rank)), held)
    middle = [slice(2 * scale, -2 * scale) for scale in one.scale_factor]
    return bool(output[(slice(None), *middle)].all())


@pytest.mark.parametrize("scale", [(2,), (2, 2), (1, 2), (3,)])
@pytest.mark.parametrize("kernel", [1, 3, 5])
def test_who_learns_about_space(scale: tuple[int, ...], kernel: int) -> None:
    for one in ways(4, 4, scale, groups=2, kernel_size=(kernel,) * len(scale)):
        learns = weights_reach_neighbours(one) and fills_every_position(one)
        assert learns_space(one) is learns, one.name


def test_a_layer_that_leaves_holes_is_on_no_front() -> None:
    found = ways(64, 32, (3, 3), kernel_size=(2, 2))
    [small] = [n for n, one in enumerate(found) if one.key == "yours"]
    # It costs less than every other transposed layer, and fills four positions of nine.
    assert not learns_space(found[small])
    assert small not in learned_front(found, 16)


def test_weights_of_one_position_learn_nothing_of_neighbours() -> None:
    point = ConvTranspose(in_channels=4, out_channels=4, kernel_size=(1, 1), stride=2, output_padding=1)
    assert not learns_space(made(point))
    assert not learns_space(made(Conv(4, 4, (1, 1)), Resize((2, 2), "linear")))
    # One axis is enough, and one layer of several.
    across = ConvTranspose(in_channels=4, out_channels=4, kernel_size=(1, 2), stride=(1, 2))
    assert learns_space(made(across))
    assert learns_space(made(Conv(4, 4, (1, 1)), Conv(4, 4, (3, 1))))


@configured(max_examples=100, deadline=None)
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
    learning = [n for n, one in enumerate(found) if learns_space(one)]
    assert learning

    def beats(one: int, other: int) -> bool:
        pairs = list(zip(costs[one], costs[other], strict=True))
        return all(a <= b for a, b in pairs) and any(a < b for a, b in pairs)

    assert set(front) == {n for n in learning if not any(beats(other, n) for other in learning)}
    assert len(front) == len(set(front))
    # From the smallest to the cheapest.
    for one, other in itertools.pairwise(front):
        assert costs[one] == costs[other] or (
            costs[one][0] < costs[other][0] and costs[one][1] > costs[other][1]
        )


def test_the_known_case() -> None:
    found = ways(64, 32, (2, 2))
    # 3,168 and 2,359,296; 4,128 and 1,048,576: the others are larger than the first, dearer than the second.
    assert [found[n].key for n in learned_front(found, 16)] == ["depthwise", "grouped"]


def test_biases_count_too() -> None:
    # 720 weights and 40 biases, 729 weights and none: the second is smaller, the first takes less work.
    biased, plain = made(Conv(2, 40, (3, 3))), made(Conv(9, 9, (3, 3), bias=False))
    assert (biased.weight_count, plain.weight_count) == (720, 729)
    assert learned_front([biased, plain], 4) == (1, 0)


def test_where_nothing_learns_the_cheapest_of_all_is_the_front() -> None:
    points = [one for one in ways(64, 32, (2, 2)) if not learns_space(one)]
    assert [one.key for one in points] == ["linear-pointwise", "pointwise-linear"]
    assert [points[n].key for n in learned_front(points, 16)] == ["pointwise-linear"]
    assert learned_front([], 16) == ()


def test_the_largest() -> None:
    found = ways(65_536, 65_536, (128,) * 3, kernel_size=(128,) * 3, groups=65_536)
    front = [found[n].key for n in learned_front(found, 65_536)]
    assert front
    assert not {"linear-pointwise", "pointwise-linear"} & set(front)


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=12))
def test_the_front_is_what_nothing_beats(points: list[tuple[int, int]]) -> None:
    def beats(one: tuple[int, int], two: tuple[int, int]) -> bool:
        return one != two and all(a <= b for a, b in zip(one, two, strict=True))

    front = pareto_front(points)
    assert sorted(front) == [
        index for index, point in enumerate(points) if not any(beats(other, point) for other in points)
    ]
    assert [points[index] for index in front] == sorted(points[index] for index in front)


def test_the_front_of_the_known_case() -> None:
    keys = list(oracle.KNOWN_COSTS)
    front = [keys[index] for index in pareto_front(list(oracle.KNOWN_COSTS.values()))]
    assert front == ["pointwise-linear"]
    learned = [key for key in keys if "pointwise" not in key]
    front = [learned[index] for index in pareto_front([oracle.KNOWN_COSTS[key] for key in learned])]
    assert front == ["depthwise", "grouped"]
