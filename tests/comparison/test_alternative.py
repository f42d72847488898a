"""One way to upsample: its counts, receptive field and overlap are those of its layers, carried out."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as configured
from hypothesis import strategies as st

from tests.helpers import reference
from tests.helpers import reference_upsampling as oracle
from tests.helpers.upsampling_cases import alternative_arguments, alternatives_by_key


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


@configured(max_examples=25, deadline=None)
@given(wish=alternative_arguments(3), seed=st.integers(0, 99))
def test_counts_are_those_of_the_layers_carried_out(wish: Any, seed: int) -> None:
    (_, _, scale), named = wish
    inputs, outputs = 1 + seed % 4, 1 + seed // 4 % 4
    size = (2, 1, 1)[: len(scale)]
    for way in alternatives_by_key(inputs, outputs, scale, **named).values():
        held = [oracle.allocate(op, oracle.mixed(seed)) for op in way.operations]
        output, products = oracle.chain(way.operations, np.ones((inputs, *size)), held)
        assert way.output_shape(size) == (output.shape[0], output.shape[1:])
        assert way.output_activations(size) == output.size
        assert way.multiply_accumulates(size) == products
        assert way.weight_count == sum(arrays.weights for arrays in held)
        assert way.bias_count == sum(arrays.bias.size for arrays in held)
        between = [oracle.chain(way.operations[:n], np.ones((inputs, *size)), held[:n])[0] for n in (1, 2, 3)]
        stored = [values.size for values, _ in zip(between, way.operations, strict=False)]
        assert [channels * math.prod(space) for channels, space in way.shapes(size)[1:]] == stored


@pytest.mark.parametrize(("scale", "kernel"), SCALES)
def test_receptive_field_by_changing_one_input(scale: tuple[int, ...], kernel: tuple[int, ...]) -> None:
    for way in alternatives_by_key(2, 2, scale, kernel_size=kernel).values():
        for axis, factor in enumerate(scale):
            size = tuple(9 if a == axis else 2 for a in range(len(scale)))
            depends = oracle.dependence(way.operations, 2, size, axis)
            assert way.receptive_field()[axis] == _inside(depends, factor), (way.key, axis)


@pytest.mark.parametrize(("scale", "kernel"), SCALES)
def test_overlap_by_ones(scale: tuple[int, ...], kernel: tuple[int, ...]) -> None:
    for way in alternatives_by_key(1, 1, scale, kernel_size=kernel).values():
        held = [oracle.LayerArrays(oracle.allocate(op, np.ones).groups, np.empty(0)) for op in way.operations]
        output, _ = oracle.chain(way.operations, np.ones((1, *[7] * len(scale))), held)
        # One step of every scale in the middle; least and most there are products of those of the axes.
        inside = output[0][tuple(slice(3 * s, 4 * s) for s in scale)]
        minimum, maximum = zip(*way.overlap(), strict=True)
        assert (math.prod(minimum), math.prod(maximum)) == (inside.min(), inside.max()), way.key
        for axis, span in enumerate(way.overlap()):
            line = np.moveaxis(inside, axis, 0).reshape(scale[axis], -1)[:, 0]
            ratio = [value / line.max() for value in span] if line.max() else [0.0, 0.0]
            assert span[0] / span[1] == line.min() / line.max() if ratio[1] else span[0] == 0
        assert way.even == (inside.min() == inside.max())
