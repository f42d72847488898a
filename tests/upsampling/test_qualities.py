"""What holds whatever the weights are, compared with forms that are carried out with many weights."""

import itertools

import numpy as np
import pytest

from calculator.core.layer import ConvTranspose
from calculator.upsampling.alternative import Alternative
from calculator.upsampling.layers import Blur, Conv, Operation, Resize, Shuffle, Unpool
from calculator.upsampling.qualities import (
    has_no_checkerboard,
    is_easy_to_export,
    learns_space,
    mixes_channels,
)
from tests.helpers import reference
from tests.helpers import reference_upsampling as oracle
from tests.helpers.upsampling_cases import alternatives_by_key, some_of


def made(*operations: Operation) -> Alternative:
    return Alternative("key", "name", operations, "", "")


def carried(one: Alternative, values: reference.Floats, fill: oracle.Fill) -> reference.Floats:
    """Return the output for ``values`` without biases, away from the borders."""
    layers = oracle.anywhere(one.operations)
    arrays = [oracle.LayerArrays(oracle.allocate(op, fill).groups, np.empty(0)) for op in layers]
    output, _ = oracle.chain(layers, values, arrays)
    return output[(slice(None), *(slice(2 * scale, -2 * scale) for scale in one.scale_factor))]


def weights_reach_neighbours(one: Alternative) -> bool:
    """Return whether other weights change how positions mix along each axis that grows, and fill them all.

    One input position is set; its shares along the axis are compared, channel by channel, for two fillings.
    """
    enlarged = [axis for axis, scale in enumerate(one.scale_factor) if scale > 1] or range(one.rank)
    values = np.zeros((one.in_channels, *(7,) * one.rank))
    np.moveaxis(values, 0, -1)[(3,) * one.rank] = 1
    for axis in enlarged:
        found = []
        for seed in (1, 2):
            output = np.moveaxis(carried(one, values, oracle.positive(seed)), axis + 1, 1)
            shares = output.reshape(*output.shape[:2], -1).sum(axis=2)
            found.append(shares / shares.sum(axis=1, keepdims=True))
        if np.allclose(*found):
            return False
    filled = carried(one, np.ones_like(values), oracle.positive(3))
    # An unpooling may leave a position empty wherever its kernel does not contain a whole block.
    return bool(filled.all()) and all(minimum for minimum, _ in one.overlap())


def every_channel_reaches_every_output(one: Alternative) -> bool:
    reached = []
    for channel in range(one.in_channels):
        values = np.zeros((one.in_channels, *(7,) * one.rank))
        values[channel] = 1
        reached.append(carried(one, values, oracle.positive(4)).all())
    return all(reached)


def constant_stays_constant(one: Alternative) -> bool:
    rng = np.random.default_rng(5)
    layers = one.operations
    arrays = [oracle.LayerArrays(oracle.allocate(op, oracle.mixed(6)).groups, np.empty(0)) for op in layers]
    values = np.broadcast_to(
        rng.normal(size=(one.in_channels, *(1,) * one.rank)), (one.in_channels, *(9,) * one.rank)
    )
    output, _ = oracle.chain(layers, np.array(values), arrays)
    middle = output[(slice(None), *(slice(3 * scale, -3 * scale) for scale in one.scale_factor))]
    return bool(np.ptp(middle.reshape(len(middle), -1), axis=1).max() < 1e-9)


CASES = [((2,), 1), ((2,), 5), ((3,), 3), ((4,), 7), ((2, 2), 3), ((1, 2), 1), ((1, 1), 5)]


@pytest.mark.parametrize(("scale", "kernel"), CASES)
def test_every_form_by_carrying_it_out(scale: tuple[int, ...], kernel: int) -> None:
    ways = alternatives_by_key(4, 2, scale, groups=2, kernel_size=(kernel,) * len(scale))
    for one in some_of(ways, 40):
        assert learns_space(one) is weights_reach_neighbours(one), one.name
        if all(minimum for minimum, _ in one.overlap()):
            assert mixes_channels(one) is every_channel_reaches_every_output(one), one.name
        assert has_no_checkerboard(one) is constant_stays_constant(one), one.name


def test_weights_of_one_position_learn_nothing_of_neighbours() -> None:
    point = ConvTranspose(in_channels=4, out_channels=4, kernel_size=(1, 1), stride=2, output_padding=1)
    assert not learns_space(made(point))
    assert not learns_space(made(Conv(4, 4, (1, 1)), Resize((2, 2), "linear")))
    # Every axis that grows must be learned; the others need not.
    across = ConvTranspose(in_channels=4, out_channels=4, kernel_size=(1, 2), stride=(1, 2))
    assert learns_space(made(across))
    assert not learns_space(made(Conv(4, 4, (1, 3)), Resize((2, 2), "linear")))
    assert learns_space(made(Conv(4, 4, (1, 3)), Conv(4, 4, (3, 1)), Resize((2, 2), "linear")))
    # Where none grows, all must be.
    assert not learns_space(made(Conv(4, 4, (1, 1)), Conv(4, 4, (3, 1))))


def test_a_shuffle_needs_kernels_that_reach_a_whole_block() -> None:
    for scale, kernel in itertools.product((2, 3, 4, 5), (1, 3, 5)):
        one = made(Shuffle((scale,)), Conv(2, 3, (kernel,)))
        assert mixes_channels(one) is (kernel >= scale)
    split = made(Shuffle((4,)), Conv(2, 2, (3,), 2), Conv(2, 3, (1,)), Conv(3, 3, (3,), 3))
    assert mixes_channels(split)


def test_groups_that_are_all_there_is_never_mix() -> None:
    assert not mixes_channels(made(Conv(8, 8, (3,), 4), Conv(8, 8, (3,), 2)))
    assert mixes_channels(made(Conv(8, 8, (3,), 8), Conv(8, 8, (1,))))
    # A single channel is mixed already.
    assert mixes_channels(made(Conv(1, 1, (3,))))


def test_a_mean_over_the_scale_removes_the_pattern() -> None:
    layer = ConvTranspose(
        in_channels=1, out_channels=1, kernel_size=(3,), stride=2, padding=1, output_padding=1
    )
    assert not has_no_checkerboard(made(layer))
    assert not has_no_checkerboard(made(layer, Blur((3,))))
    assert has_no_checkerboard(made(layer, Blur((2,))))
    assert has_no_checkerboard(made(layer, Conv(1, 1, (3,)), Blur((4,))))
    assert not has_no_checkerboard(made(layer, Resize((2,), "nearest"), Blur((2,))))
    assert has_no_checkerboard(made(layer, Resize((2,), "nearest"), Blur((4,))))
    assert not has_no_checkerboard(made(Unpool((2,)), Conv(1, 1, (3,))))


def test_what_is_easy_to_export() -> None:
    # Keras has no groups in a transposed convolution, and crops k3 s2 p1 op1 on the other side.
    found = alternatives_by_key(8, 4, (2, 2))
    easy = {key for key, one in found.items() if is_easy_to_export(one)}
    assert {"transposed-2x2", "transposed-4x4", "nearest-conv", "linear-conv", "pointwise-linear"} <= easy
    assert not {"transposed-3x3", "transposed-4x4-grouped", "unpool-conv", "conv-shuffle"} & easy
    assert not {key for key in easy if "blur" in key or "shuffle" in key or "unpool" in key}
    # UpSampling1D and 3D only repeat.
    assert not is_easy_to_export(made(Conv(1, 1, (3,)), Resize((2,), "linear")))
    assert is_easy_to_export(made(Conv(1, 1, (3,)), Resize((2,), "nearest")))
