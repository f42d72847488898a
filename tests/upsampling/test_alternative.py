"""One way to upsample: its counts, receptive field and overlap are those of its layers, carried out."""

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as configured
from hypothesis import strategies as st

from calculator.core.errors import LayerError
from calculator.core.layer import ConvTranspose
from calculator.upsampling.alternative import Alternative
from calculator.upsampling.layers import Blur, Conv, Shuffle, Unpool
from tests.helpers import reference
from tests.helpers import reference_upsampling as oracle
from tests.helpers.upsampling_cases import alternative_arguments, alternatives_by_key, some_of


def _inside(matrix: reference.Floats, scale: int) -> tuple[int, int]:
    """Return the least and the most inputs over one step of the scale in the middle."""
    middle = matrix.shape[1] // 2 * scale
    counts = matrix[middle : middle + scale].sum(axis=1)
    return int(counts.min()), int(counts.max())


SCALES = [
    ((1,), (5,)),
    ((2,), (1,)),
    ((2,), (7,)),
    ((3,), (2,)),
    ((4,), (6,)),
    ((5,), (4,)),
    ((2, 1), (3, 5)),
    ((2, 3), (5, 2)),
]


@configured(max_examples=15, deadline=None)
@given(wish=alternative_arguments(3), seed=st.integers(0, 99))
def test_counts_are_those_of_the_layers_carried_out(wish: Any, seed: int) -> None:
    (_, _, scale), named = wish
    inputs, outputs = 1 + seed % 4, 1 + seed // 4 % 4
    size = (2, 1, 1)[: len(scale)]
    for way in some_of(alternatives_by_key(inputs, outputs, scale, **named)):
        held = [oracle.allocate(op, oracle.mixed(seed)) for op in way.operations]
        output, products = oracle.chain(way.operations, np.ones((inputs, *size)), held)
        assert way.output_shape(size) == (output.shape[0], output.shape[1:])
        assert way.output_activations(size) == output.size
        assert way.multiply_accumulates(size) == products
        assert way.weight_count == sum(arrays.weights for arrays in held)
        assert way.bias_count == sum(arrays.bias.size for arrays in held)
        parts = range(1, len(held) + 1)
        between = [oracle.chain(way.operations[:n], np.ones((inputs, *size)), held[:n])[0] for n in parts]
        stored = [values.size for values in between]
        assert [channels * math.prod(space) for channels, space in way.shapes(size)[1:]] == stored


@pytest.mark.parametrize(("scale", "kernel"), SCALES)
def test_receptive_field_by_changing_one_input(scale: tuple[int, ...], kernel: tuple[int, ...]) -> None:
    for way in some_of(alternatives_by_key(4, 2, scale, kernel_size=kernel)):
        for axis, factor in enumerate(scale):
            size = tuple(9 if a == axis else 2 for a in range(len(scale)))
            depends = oracle.dependence(oracle.anywhere(way.operations), 4, size, axis)
            assert way.receptive_field()[axis] == _inside(depends, factor), (way.key, axis)


@pytest.mark.parametrize(("scale", "kernel"), SCALES)
def test_overlap_by_ones(scale: tuple[int, ...], kernel: tuple[int, ...]) -> None:
    for way in alternatives_by_key(1, 1, scale, kernel_size=kernel).values():
        if way.key.startswith("unpool"):
            continue
        held = [oracle.LayerArrays(oracle.allocate(op, np.ones).groups, np.empty(0)) for op in way.operations]
        start = np.ones((1, *[9] * len(scale)))
        output, _ = oracle.chain(way.operations, start, held)
        # One step of every scale in the middle; least and most there are products of those of the axes. A
        # channel for each position of a block counts as one, and a mean as the sum that it divides.
        means = [math.prod(op.kernel_size) for op in way.operations if isinstance(op, Blur)]
        inside = output[0][tuple(slice(4 * s, 5 * s) for s in scale)] * math.prod(means)
        inside = inside / _channels_added(way)
        minimum, maximum = zip(*way.overlap(), strict=True)
        assert (math.prod(minimum), math.prod(maximum)) == pytest.approx((inside.min(), inside.max())), (
            way.key
        )
        assert way.even == (inside.max() - inside.min() < 1e-9)


def _channels_added(way: Alternative) -> int:
    """Return the products over channels, which overlap does not count."""
    return math.prod(
        op.in_channels // op.groups for op in way.operations if isinstance(op, ConvTranspose | Conv)
    )


@pytest.mark.parametrize("scale", [2, 3, 4])
@pytest.mark.parametrize("kernel", [3, 5, 7, 9])
def test_an_unpooling_puts_its_values_anywhere(scale: int, kernel: int) -> None:
    # Every place of the value in each block, for a window of ``kernel`` positions that begins anywhere.
    blocks = (kernel - 2) // scale + 2
    counts = {
        sum(begin <= n * scale + place < begin + kernel for n, place in enumerate(places))
        for places in itertools.product(range(scale), repeat=blocks)
        for begin in range(scale)
    }
    way = Alternative("", "", (Unpool((scale,)), Conv(1, 1, (kernel,))), "", "")
    assert way.overlap() == ((min(counts), max(counts)),)
    mixed = Alternative("", "", (Unpool((scale,)), Conv(1, 1, (1,)), Conv(1, 1, (kernel,))), "", "")
    assert mixed.overlap() == way.overlap()
    assert Alternative("", "", (Unpool((scale,)), Conv(1, 1, (1,))), "", "").overlap() == ((0, 1),)


def test_an_alternative_has_weights() -> None:
    with pytest.raises(LayerError, match="must have a layer with weights"):
        Alternative("", "", (Shuffle((2, 2)),), "", "").in_channels  # noqa: B018
