"""Lighter blocks: counted again by the layers that the comparison is made of."""

import dataclasses
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculator.comparison.lighter_block import (
    Block,
    Costs,
    activation_values,
    block_of,
    change_text,
    lighter,
    output_values,
)
from calculator.core.layer import ConvTranspose
from calculator.readers import read
from calculator.readers.model import Model, Row
from calculator.upsampling.alternative import Alternative
from calculator.upsampling.layers import Conv, Operation, Shuffle


@st.composite
def blocks(draw: st.DrawFn) -> tuple[Block, int]:
    """Draw a block that multiplies the size by its stride, and its input size along each axis."""
    rank, size = draw(st.integers(1, 3)), draw(st.integers(1, 5))
    transposed = draw(st.booleans())
    stride = draw(st.integers(1, 3)) if transposed else 1
    kernel = stride + 2 * draw(st.integers(0, 2)) if transposed else draw(st.sampled_from([1, 3, 5]))
    groups = draw(st.integers(1, 4))
    inputs, outputs = groups * draw(st.integers(1, 20)), groups * draw(st.integers(1, 20))
    block = Block(
        inputs,
        outputs,
        (kernel,) * rank,
        transposed,
        draw(st.booleans()),
        False,
        size**rank,
        (size * stride) ** rank,
        groups=groups,
    )
    return block, size


def spatial(block: Block, channels: tuple[int, int], groups: int, size: int) -> Operation:
    if not block.transposed:
        return Conv(*channels, block.kernel_size, groups, block.bias)
    stride = round((block.after // block.before) ** (1 / len(block.kernel_size)))
    return ConvTranspose(
        in_channels=channels[0],
        out_channels=channels[1],
        kernel_size=block.kernel_size,
        stride=stride,
        padding=(block.kernel_size[0] - stride) // 2,
        groups=groups,
        bias=block.bias,
    )


def counted(size: int, *operations: Operation) -> Costs:
    whole = Alternative("", "", operations, "", "")
    return Costs(whole.parameter_count, whole.multiply_accumulates(size), whole.kept_activations(size))


@given(blocks())
def test_every_order_costs_what_its_layers_cost(drawn: tuple[Block, int]) -> None:
    block, size = drawn
    inputs, outputs, ones = block.in_channels, block.out_channels, (1,) * len(block.kernel_size)
    point = Conv(inputs, outputs, ones, block.groups, block.bias)
    assert block.costs() == counted(size, spatial(block, (inputs, outputs), block.groups, size))
    first = counted(size, spatial(block, (inputs, inputs), inputs, size), point)
    last = counted(size, point, spatial(block, (outputs, outputs), outputs, size))
    assert (block.depthwise_first(), block.depthwise_last()) == (first, last)
    scale = (2,) * len(ones)
    shuffled = Conv(inputs, outputs * math.prod(scale), (3,) * len(ones), block.groups, block.bias)
    assert block.sub_pixel(scale) == counted(size, shuffled, Shuffle(scale))
    best = lighter(block)
    own = block.costs()

    def share(costs: Costs) -> float:
        assert costs.work is not None
        assert own.work is not None
        return costs.parameters / own.parameters + costs.work / own.work

    useful = [one for one in (first, last) if one.parameters < own.parameters and share(one) < 2 - 1e-9]
    if block.volume == 1 or block.groups in (inputs, outputs):
        assert best is None
    elif best is None:
        assert not useful
    else:
        # Neither order is better in both.
        assert best.after in useful
        assert share(best.after) <= min(map(share, useful)) + 1e-9
        assert best.before == own
        assert ("1" in best.name.split(", ")[0]) == (best.after == last) or first == last


@given(blocks(), st.integers(2, 4))
def test_equal_layers_are_added_up(drawn: tuple[Block, int], times: int) -> None:
    block, _ = drawn
    one, several = block.costs(), dataclasses.replace(block, times=times).costs()
    assert several.parameters == times * one.parameters
    assert one.work is not None
    assert several.work == times * one.work
    unknown = dataclasses.replace(block, before=0).costs()
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
    # 32 kernels of 3 × 3, then 8 weights to each of 64 channels; 32 and 64 biases.
    assert better.name == "depthwise, kernel 3×3, then 1×1 in 4 groups"
    assert (better.before.parameters, better.after.parameters) == (64 * 8 * 9 + 64, 32 * 9 + 32 + 64 * 8 + 64)
    assert all(block is not None and lighter(block) is None for block in depthwise)


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


def test_the_values_that_layers_put_out() -> None:
    layer = ConvTranspose(in_channels=8, out_channels=4, kernel_size=2, stride=2)
    rows = (
        Row("up", "Conv2DTranspose", (2, 2, 4, 8), 128, 4, layer=layer, output_size=(6, 6), times=2),
        Row("keras", "Conv2D", (3, 3, 4, 5), 180, 0, output_size=(6, 6)),
        Row("torch", "Conv2d", (5, 4, 3, 3), 180, 0, output_size=(6, 6)),
        Row("norm", "BatchNormalization", (5,), 5, 5, output_size=(6, 6)),
        Row("fc", "Linear", (3, 7), 21, 3, multiply_accumulates=21),
        Row("dense", "Dense", (7, 3), 21, 3, multiply_accumulates=42),
    )
    assert [output_values(row) for row in rows] == [2 * 4 * 36, 5 * 36, 5 * 36, 5 * 36, 3, 6]
    assert activation_values(Model((*rows, Row("x", "Mine", known=False)), "")) == (288 + 540 + 9, 1)
    assert activation_values(Model((), "")) == (0, 0)
