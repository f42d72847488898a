"""Lighter blocks: counted again by the layers that the comparison is made of."""

import dataclasses
import itertools
from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import settings as configured
from hypothesis import strategies as st

from calculator.comparison.lighter_block import (
    Block,
    Costs,
    block_of,
    change_text,
    lighter,
)
from calculator.core.layer import ConvTranspose
from calculator.readers import read
from calculator.readers.model import Row
from calculator.upsampling.alternative import Alternative
from calculator.upsampling.layers import Conv, Operation, Shuffle

CHANNELS = st.one_of(st.just(1), st.integers(1, 20))


@st.composite
def blocks(draw: st.DrawFn) -> tuple[Block, tuple[int, ...], tuple[int, ...]]:
    """Draw a block that multiplies the size by its stride, its input size and its stride."""
    rank = draw(st.integers(1, 3))
    size = tuple(draw(st.lists(st.integers(1, 5), min_size=rank, max_size=rank)))
    transposed = draw(st.booleans())
    stride = tuple(draw(st.integers(1, 3)) if transposed else 1 for _ in size)
    kernel = tuple(s + 2 * draw(st.integers(0, 2)) for s in stride)
    groups = draw(st.integers(1, 4))
    inputs, outputs = groups * draw(CHANNELS), groups * draw(CHANNELS)
    after = tuple(n * s for n, s in zip(size, stride, strict=True))
    bias = draw(st.booleans())
    return (
        Block(inputs, outputs, kernel, transposed, bias, False, size, after, groups=groups),
        size,
        stride,
    )


def layer(
    block: Block, stride: tuple[int, ...], channels: tuple[int, int], groups: int, axes: Sequence[int]
) -> Operation:
    """Return the layer of the comparison that has the kernel of the block along some axes."""
    kernel, step = (
        tuple(value if axis in axes else 1 for axis, value in enumerate(values))
        for values in (block.kernel_size, stride)
    )
    if not block.transposed or not axes:
        return Conv(*channels, kernel, groups, block.bias)
    return ConvTranspose(
        in_channels=channels[0],
        out_channels=channels[1],
        kernel_size=kernel,
        stride=step,
        padding=tuple((k - s) // 2 for k, s in zip(kernel, step, strict=True)),
        groups=groups,
        bias=block.bias,
    )


def counted(size: tuple[int, ...], *operations: Operation) -> Costs:
    whole = Alternative("", "", operations, "", "")
    return Costs(whole.parameter_count, whole.multiply_accumulates(size), whole.kept_activations(size))


def every_replacement(block: Block, size: tuple[int, ...], stride: tuple[int, ...]) -> list[Costs]:
    """Return the costs of 1×1 before, between and after kernels along any axes, in any order."""
    inputs, outputs, axes = block.in_channels, block.out_channels, range(len(size))
    point = layer(block, stride, (inputs, outputs), block.groups, ())
    found = []
    for labels in itertools.product(axes, repeat=len(axes)):
        groups = [[axis for axis in axes if labels[axis] == n] for n in axes]
        chain = [group for group in groups if group]
        for place in range(len(chain) + 1):
            before = [layer(block, stride, (inputs, inputs), inputs, group) for group in chain[:place]]
            after = [layer(block, stride, (outputs, outputs), outputs, group) for group in chain[place:]]
            found.append(counted(size, *before, point, *after))
            if inputs == outputs == block.groups:
                found.append(counted(size, *before, *after))
    return found


@configured(deadline=None)
@given(blocks())
@example((Block(1, 64, (9, 9), False, True, False, (8, 8), (8, 8)), (8, 8), (1, 1)))
@example((Block(56, 1, (9, 9), True, True, False, (8, 8), (24, 24)), (8, 8), (3, 3)))
@example((Block(1, 1, (5, 5), False, True, False, (8, 8), (8, 8)), (8, 8), (1, 1)))
@example((Block(16, 16, (3, 3), False, True, False, (8, 8), (8, 8), groups=16), (8, 8), (1, 1)))
def test_no_order_of_the_layers_is_lighter(
    drawn: tuple[Block, tuple[int, ...], tuple[int, ...]],
) -> None:
    block, size, stride = drawn
    own, best = block.costs(), lighter(block)
    every = range(len(size))
    assert own == counted(
        size, layer(block, stride, (block.in_channels, block.out_channels), block.groups, every)
    )
    scale = (2,) * len(size)
    wide = Conv(
        block.in_channels, 2 ** len(size) * block.out_channels, (3,) * len(size), block.groups, block.bias
    )
    assert block.sub_pixel(scale) == counted(size, wide, Shuffle(scale))

    def share(costs: Costs) -> Fraction:
        assert costs.work is not None
        assert own.work is not None
        return Fraction(costs.parameters, own.parameters) + Fraction(costs.work, own.work)

    found = every_replacement(block, size, stride)
    useful = [one for one in found if one.parameters < own.parameters and share(one) < 2]
    if best is None:
        assert not useful
    else:
        assert best.before == own
        assert best.after in useful
        assert share(best.after) == min(map(share, useful))


@pytest.mark.parametrize(
    ("block", "name", "parameters"),
    [
        # 9 + 9 weights on the one channel, and 64.
        (
            Block(1, 64, (9, 9), False, False, False, (), ()),
            "single-channel, kernels 9×1 and 1×9, then 1×1",
            82,
        ),
        (
            Block(56, 1, (9, 9), True, False, False, (), ()),
            "1×1, then single-channel transposed, kernels 9×1 and 1×9",
            56 + 9 + 9,
        ),
        (Block(1, 1, (5, 5), False, False, False, (), ()), "single-channel, kernels 5×1 and 1×5", 10),
        (Block(1, 8, (9,), False, False, False, (), ()), "single-channel, kernel 9, then kernel 1", 17),
        (Block(1, 1, (9,), False, False, False, (), ()), None, 0),
        (Block(1, 64, (1, 1), False, False, False, (), ()), None, 0),
    ],
)
def test_a_single_channel_has_lighter_layers_too(block: Block, name: str | None, parameters: int) -> None:
    found = lighter(block)
    assert (found and found.name) == name
    assert found is None or found.after == Costs(parameters, None, None)


@given(blocks(), st.integers(2, 4))
def test_equal_layers_are_added_up(drawn: tuple[Block, tuple[int, ...], tuple[int, ...]], times: int) -> None:
    block = drawn[0]
    one, several = block.costs(), dataclasses.replace(block, times=times).costs()
    assert several.parameters == times * one.parameters
    assert one.work is not None
    assert several.work == times * one.work
    unknown = dataclasses.replace(block, before=()).costs()
    assert unknown == Costs(one.parameters, None, None)


def test_rows_that_are_blocks() -> None:
    keras = Row("conv", "Conv2D", (3, 3, 8, 16), 1152, 16)
    torch = Row("conv", "Conv2d", (16, 8, 3, 3), 1152, 16)
    assert block_of(keras) == block_of(torch)
    found = block_of(torch)
    assert found is not None
    assert (found.in_channels, found.out_channels, found.certain) == (8, 16, False)
    normed = block_of(dataclasses.replace(torch, other_count=16))
    assert normed is not None
    assert normed.weight_norm
    for strange in (
        dataclasses.replace(torch, weight_count=0),
        dataclasses.replace(torch, other_count=5),
        dataclasses.replace(torch, bias_count=3),
        dataclasses.replace(torch, undecided=True),
        dataclasses.replace(torch, weight_shape=None),
        Row("fc", "Linear", (2, 3), 6),
        Row("conv", "Conv2d", (16, 8), 128),
        Row("conv", "Conv", (3, 3, 8, 16), 1152, 16),  # as Flax stores it
    ):
        assert block_of(strange) is None


GROUPED = {
    "a print": "(0): Conv2d(32, 64, kernel_size=(3, 3), groups=4)\n"
    "(1): Conv2d(32, 32, kernel_size=(3, 3), groups=32)",
    "code": "nn.Sequential(nn.Conv2d(32, 64, 3, groups=4), nn.Conv2d(32, 32, 3, groups=32))",
    "a table": "type,in,out,kernel,groups\nConv2d,32,64,3,4\nConv2d,32,32,3,32",
    "Keras": '{"class_name": "Sequential", "config": {"layers": ['
    '{"class_name": "InputLayer", "config": {"batch_shape": [null, 8, 8, 32]}},'
    '{"class_name": "Conv2D", "config": {"filters": 64, "kernel_size": [3, 3], "groups": 4}}]}}',
}
"""Two ordinary convolutions in groups, the second depthwise, in the words of the readers."""


@pytest.mark.parametrize("text", GROUPED.values(), ids=GROUPED)
def test_groups_that_a_source_states_stay_in_the_replacement(text: str) -> None:
    grouped, *depthwise = (block_of(row) for row in read(text).rows)
    assert grouped is not None
    assert (grouped.in_channels, grouped.out_channels, grouped.groups, grouped.certain) == (32, 64, 4, True)
    better = lighter(grouped)
    assert better is not None
    # 32 kernels of 3 × 1 and 32 of 1 × 3, then 8 weights to each of 64 channels; 32, 32 and 64 biases.
    assert better.name == "depthwise, kernels 3×1 and 1×3, then 1×1 in 4 groups"
    parameters = 32 * 6 + 64 + 64 * 8 + 64
    assert (better.before.parameters, better.after.parameters) == (64 * 8 * 9 + 64, parameters)
    for block in depthwise:
        assert block is not None
        separated = lighter(block)
        assert separated is not None
        assert (separated.name, separated.after.parameters) == ("depthwise, kernels 3×1 and 1×3", 32 * 6 + 64)


def test_onnx_has_blocks_too() -> None:
    row = Row("conv", "Conv", (64, 8, 3, 3), 4608, groups=4, input_size=(8, 8), output_size=(6, 6))
    block = block_of(row)
    assert block is not None
    assert block.costs() == Costs(4608, 36 * 4608, 32 * 64)


def test_changes_in_words() -> None:
    assert change_text(Costs(10, 20, 30), Costs(10, 25, 28)) == (
        "needs more multiply–accumulates, 25 instead of 20. It needs fewer activations kept to train, 28 "
        "instead of 30. It needs as many parameters, 10."
    )
