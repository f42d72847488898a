"""The ways to upsample: a known case, their order, and those that are not possible."""

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
from calculator.core.validation import MAX_VALUE
from calculator.upsampling.alternative import Alternative, Missing
from calculator.upsampling.alternatives import alternatives
from calculator.upsampling.forms import does_nothing, same_functions
from calculator.upsampling.layers import Conv, Operation
from tests.helpers import reference_upsampling as oracle
from tests.helpers.upsampling_cases import alternative_arguments, alternatives_by_key


def missing(*arguments: Any, **named: Any) -> dict[str, Missing]:
    return {way.key: way for way in alternatives(*arguments, **named) if isinstance(way, Missing)}


def stored_values(way: Alternative, size: int) -> int:
    """Return the values in the outputs of all layers, the last included."""
    return sum(channels * math.prod(space) for channels, space in way.shapes(size)[1:])


def test_the_known_case() -> None:
    found = alternatives_by_key(64, 32, (2, 2))
    for key, counts in oracle.KNOWN_COSTS.items():
        assert (found[key].parameter_count, found[key].multiply_accumulates(16)) == counts, key
    for way in found.values():
        assert way.output_shape(16) == (32, (32, 32))
        assert way.output_activations(16) == 32 * 32 * 32
        assert way.parameter_count == way.weight_count + way.bias_count
        assert (way.rank, way.in_channels, way.scale_factor) == (2, 64, (2, 2))
    inner = {key: stored_values(way, 16) for key, way in found.items()}
    # What lies between: 64 channels at 32×32; 32 channels at 32×16; 128 at 16×16; 32 at 16×16.
    assert inner["transposed-4x4"] == 32_768
    assert inner["depthwise-transposed-4x4-pointwise"] == inner["nearest-conv"] == 65_536 + 32_768
    assert inner["transposed-4x1-transposed-1x4"] == 16_384 + 32_768
    assert inner["conv-shuffle"] == 32_768 + 32_768
    assert inner["pointwise-linear"] == 8_192 + 32_768
    kept = {key: way.kept_activations(16) for key, way in found.items()}
    # Measured: what torch.autograd saves of one sample, the inputs of the layers with weights.
    assert kept["transposed-4x4"] == kept["conv-shuffle"] == kept["pointwise-linear"] == 16_384
    assert kept["nearest-conv"] == kept["linear-conv"] == 65_536
    assert kept["depthwise-transposed-4x4-pointwise"] == 81_920
    assert kept["transposed-4x1-transposed-1x4"] == 32_768
    # Measured too: the indices of an unpooling; the input of a mean, and again with a border, 33 × 33.
    assert kept["unpool-conv"] == 16_384 + 65_536
    assert kept["transposed-4x4-blur"] == 16_384 + 32 * 32 * 32 + 32 * 33 * 33


def test_your_layer_has_your_groups() -> None:
    ways = {way.key: way for way in alternatives(64, 32, (2, 2), kernel_size=(5, 5), groups=4)}
    yours = ways["yours"]
    assert isinstance(yours, Alternative)
    assert yours.name == "transposed, your kernel 5, groups 4"
    assert yours.parameter_count == 64 * 32 // 4 * 25 + 32
    assert "yours" not in {way.key for way in alternatives(64, 32, (2, 2), kernel_size=(4, 4), groups=4)}
    many = {way.key: way for way in alternatives(16384, 16384, (2, 2), kernel_size=(5, 5), groups=16384)}
    assert many["yours"].name == "transposed, your kernel 5, groups 16,384"
    assert {name for name in (way.name for way in many.values()) if "16384" in name} == set()
    unfit = {way.key: way for way in alternatives(64, 32, (2, 2), kernel_size=(5, 5), groups=3)}
    assert unfit["yours"].name == "transposed, your kernel 5"


def test_order_and_names_of_the_usual_forms() -> None:
    found = alternatives(64, 32, (2, 2), kernel_size=(5, 6))
    assert [way.name for way in found if isinstance(way, Missing) or way.usual] == [
        "transposed, kernel 2",
        "transposed, kernel 3",
        "transposed, kernel 4",
        "transposed, kernel 4, groups 8",
        "transposed, your kernel 5×6",
        "1×1 + depthwise transposed 4×4",
        "depthwise transposed 4×4 + 1×1",
        "separable transposed, 4×1 then 1×4",
        "transposed 4×4 + blur",
        "nearest + conv 3×3",
        "bilinear + conv 3×3",
        "nearest + depthwise 3×3 + 1×1",
        "unpooling + conv 3×3",
        "sub-pixel · PixelShuffle: conv 3×3 + shuffle",
        "patch expanding: 1×1 + shuffle",
        "1×1 + bilinear",
    ]


def test_overlap_and_inputs_of_the_known_case() -> None:
    fields = {
        key: (way.receptive_field()[0], way.overlap()[0], way.even)
        for key, way in alternatives_by_key(64, 32, (2, 2)).items()
        if key in oracle.KNOWN_COSTS
    }
    assert fields == {
        "transposed-2x2": ((1, 1), (1, 1), True),
        "transposed-3x3": ((1, 2), (1, 2), False),
        "transposed-4x4": ((2, 2), (2, 2), True),
        "transposed-4x4-grouped": ((2, 2), (2, 2), True),
        # Two positions with two products each.
        "transposed-4x4-blur": ((2, 3), (4, 4), True),
        "depthwise-transposed-4x4-pointwise": ((2, 2), (2, 2), True),
        "pointwise-depthwise-transposed-4x4": ((2, 2), (2, 2), True),
        "pointwise-depthwise-transposed-2x2": ((1, 1), (1, 1), True),
        "transposed-4x1-transposed-1x4": ((2, 2), (2, 2), True),
        "nearest-conv": ((2, 2), (3, 3), True),
        "linear-conv": ((3, 3), (3, 3), True),
        "nearest-depthwise-pointwise": ((2, 2), (3, 3), True),
        "unpool-conv": ((2, 2), (1, 2), False),
        "conv-shuffle": ((3, 3), (3, 3), True),
        "pointwise-shuffle": ((1, 1), (1, 1), True),
        "shuffle-depthwise-3x1-depthwise-1x3-pointwise": ((2, 2), (3, 3), True),
        "pointwise-linear": ((2, 2), (1, 1), True),
    }


def usual(*arguments: Any, **named: Any) -> list[str]:
    return [way.name for way in alternatives(*arguments, **named) if isinstance(way, Missing) or way.usual]


def test_names_in_other_ranks() -> None:
    assert usual(4, 4, (3,)) == [
        "transposed, kernel 3",
        "transposed, kernel 5",
        "transposed, kernel 6",
        "transposed, kernel 6, groups 4",
        "conv 1 + depthwise transposed 6",
        "depthwise transposed 6 + conv 1",
        "separable transposed",
        "transposed 6 + blur",
        "nearest + conv 3",
        "linear + conv 3",
        "nearest + conv 5",
        "linear + conv 5",
        "nearest + depthwise 3 + conv 1",
        "unpooling + conv 5",
        "sub-pixel · PixelShuffle: conv 3 + shuffle",
        "patch expanding: conv 1 + shuffle",
        "shuffle + convolution",
        "conv 1 + linear",
    ]
    deep = usual(4, 4, (2, 3, 1))
    assert deep[:3] == ["transposed, kernel 2×3×1", "transposed, kernel 3×5×3", "transposed, kernel 4×6×3"]
    assert {
        "separable transposed, 4×1×1 then 1×6×1 then 1×1×3",
        "trilinear + conv 3×3×3",
        "1×1×1 + trilinear",
    } <= {*deep}


@given(wish=alternative_arguments(9), data=st.data())
def test_every_output_is_the_input_times_the_scale(wish: Any, data: st.DataObject) -> None:
    (inputs, outputs, scale), named = wish
    size = data.draw(st.tuples(*[st.integers(1, 100)] * len(scale)))
    wanted = tuple(n * s for n, s in zip(size, scale, strict=True))
    for way in alternatives_by_key(inputs, outputs, scale, **named).values():
        assert way.output_shape(size) == (outputs, wanted), way
        assert way.scale_factor == scale
        assert way.output_activations(size) == outputs * math.prod(wanted)
        assert (way.in_channels, way.rank) == (inputs, len(scale))
        *others, last = [op.bias for op in way.operations if isinstance(op, ConvTranspose | Conv)]
        assert last is named["bias"]
        assert not any(others)


def test_mixing_first_is_the_same_function_and_one_alternative() -> None:
    found = alternatives_by_key(3, 2, (2, 2))
    assert found["pointwise-linear"].equal == ("bilinear + 1×1",)
    assert "linear-pointwise" not in found
    forms = {way.key: way for way in alternatives(3, 2, (2, 2), merged=False) if isinstance(way, Alternative)}
    first, second = forms["linear-pointwise"], forms["pointwise-linear"]
    assert first.multiply_accumulates(5) == 4 * second.multiply_accumulates(5)


@configured(max_examples=20, deadline=None)
@given(wish=alternative_arguments(3))
def test_one_alternative_is_the_cheapest_of_its_functions(wish: Any) -> None:
    arguments, named = wish
    kept = {same_functions(way.operations): way for way in alternatives_by_key(*arguments, **named).values()}
    for way in alternatives(*arguments, **named, merged=False):
        if isinstance(way, Alternative):
            best = kept[same_functions(way.operations)]
            assert best.multiply_accumulates(3) <= way.multiply_accumulates(3)
            assert best.parameter_count == way.parameter_count
            assert way.name in (best.name, *best.equal) or way.key == "yours"


def test_sub_pixel_is_that_transposed_layer() -> None:
    # Shi et al. (2016): the same products, the weights only lie in another order. Kernel 6, stride 2.
    forms = {
        way.key: way
        for way in alternatives(2, 3, (2,), bias=False, merged=False)
        if isinstance(way, Alternative)
    }
    sub_pixel = forms["conv-shuffle"].operations
    layer = alternatives_by_key(2, 3, (2,), bias=False, kernel_size=(6,))["yours"].operations[0]
    kernel = oracle.mixed(3)((2, 3, 6))
    spread = np.empty((2, 6, 3))
    for out, corner, tap in np.ndindex(3, 2, 3):
        # Output 2i + corner meets input i + tap − 1: the transposed tap is what is left of the way.
        spread[:, 2 * out + corner, tap] = kernel[:, out, corner + 2 * (2 - tap)]
    values = oracle.mixed(4)((2, 5))
    nothing = oracle.LayerArrays([], np.empty(0))
    one, _ = oracle.chain(sub_pixel, values, [oracle.LayerArrays([spread], np.empty(0)), nothing])
    two, _ = oracle.carry_out(layer, values, oracle.LayerArrays([kernel], np.empty(0)))
    np.testing.assert_array_equal(one, two)


def test_transposed_layers_take_the_least_output_padding() -> None:
    for k, s in itertools.product(range(1, 9), range(1, 6)):
        fits = [
            (extra, crop)
            for extra in range(s)
            for crop in range(9)
            if 7 * s == 6 * s - 2 * crop + k + extra  # (i − 1)s − 2p + k + op for i = 7
        ]
        found = alternatives(1, 1, (s,), kernel_size=(k,))
        layers = [way.operations[0] for way in found if isinstance(way, Alternative)]
        mine = [op for op in layers if isinstance(op, ConvTranspose) and op.kernel_size == (k,)]
        if not fits:
            assert "yours" in missing(1, 1, (s,), kernel_size=(k,))
            assert mine == []
        else:
            assert (mine[0].output_padding[0], mine[0].padding[0]) == min(fits)


def test_grouped_takes_the_groups_given_or_a_usual_number() -> None:
    def groups(*arguments: Any, **named: Any) -> int:
        op = alternatives_by_key(*arguments, (2,), **named)["transposed-4-grouped"].operations[0]
        assert isinstance(op, ConvTranspose)
        return op.groups

    assert groups(64, 32) == 8
    assert groups(64, 32, groups=1) == 8
    assert groups(64, 32, groups=32) == 32
    assert groups(64, 32, groups=2) == 2
    assert groups(64, 32, groups=3) == 8  # it does not divide them
    assert groups(12, 20) == 4
    assert groups(6, 10) == 2
    assert groups(45, 15) == 3
    assert groups(25, 35) == 5
    assert groups(9, 15, groups=2) == 3


def test_what_cannot_be_says_why() -> None:
    assert missing(3, 64, (2, 2)) == {
        "grouped": Missing(
            "grouped",
            "transposed, grouped",
            "The channel counts 3 and 64 have no common divisor above 1, so there are no groups.",
        ),
        "shuffle-first": Missing(
            "shuffle-first",
            "shuffle + convolution",
            "A shuffle divides the channels by 4, and 3 channels cannot be divided by that.",
        ),
    }
    assert missing(8, 8, (2,)) == {
        "separable": Missing(
            "separable",
            "separable transposed",
            "In 1-D there is a single axis, so there is nothing to separate.",
        )
    }
    assert missing(8, 8, (2, 1), kernel_size=(4, 4)) == {
        "yours": Missing(
            "yours",
            "transposed, your kernel 4",
            "Where the scale is 1, an even kernel cannot keep the size: padding crops both ends alike.",
        )
    }


@pytest.mark.parametrize("kernel", [(2, 2), (3, 3), (4, 4)])
def test_your_kernel_is_listed_once(kernel: tuple[int, ...]) -> None:
    assert alternatives(8, 8, (2, 2), kernel_size=kernel) == alternatives(8, 8, (2, 2))


def test_scale_1_leaves_no_repeats() -> None:
    assert list(alternatives_by_key(8, 8, (1, 1))) == [
        "transposed-1x1",
        "transposed-3x3",
        "transposed-3x3-grouped",
        "transposed-1x1-grouped",
        "pointwise-depthwise-transposed-3x3",
        # Keras has this as a convolution, and not as a transposed one with groups.
        "depthwise-pointwise",
        "pointwise-depthwise-transposed-3x1-depthwise-transposed-1x3",
        "depthwise-transposed-3x1-pointwise-depthwise-transposed-1x3",
        "depthwise-3x1-depthwise-1x3-pointwise",
        "pointwise-depthwise-transposed-1x1",
        "depthwise-transposed-1x1-pointwise",
        "transposed-3x1-transposed-1x3",
    ]


@configured(max_examples=30, deadline=None)
@given(wish=alternative_arguments())
def test_no_two_do_the_same(wish: Any) -> None:
    arguments, named = wish
    found = alternatives_by_key(*arguments, **named)
    lists: list[tuple[Operation, ...]] = [way.operations for way in found.values()]
    assert len(set(lists)) == len(lists)
    assert len({way.name for way in found.values()}) == len(found)
    assert not [way for way in found.values() if any(map(does_nothing, way.operations))]


def test_separable_goes_axis_by_axis_through_the_fewer_channels() -> None:
    layers = alternatives_by_key(8, 12, (2, 3, 1))[
        "transposed-4x1x1-transposed-1x6x1-transposed-1x1x3"
    ].operations
    assert [(op.in_channels, op.out_channels) for op in layers if isinstance(op, ConvTranspose)] == [
        (8, 8),
        (8, 8),
        (8, 12),
    ]
    shrinking = alternatives_by_key(12, 8, (2, 2))["transposed-4x1-transposed-1x4"].operations
    assert [op.out_channels for op in shrinking if isinstance(op, ConvTranspose)] == [8, 8]


def test_numpy_whole_numbers_become_python_ints() -> None:
    big = np.int64(2**40)
    found = alternatives(big, big, (np.int64(2**12), np.int8(2)), groups=np.int8(2))  # type: ignore[arg-type]
    assert found == alternatives(2**40, 2**40, (2**12, 2), groups=2)
    ways = [way for way in found if isinstance(way, Alternative)]
    assert {type(way.multiply_accumulates(2**12)) for way in ways} == {int}


def test_huge_counts_stay_exact() -> None:
    found = alternatives_by_key(2**40, 2**41 + 1, (2, 2))
    assert found["transposed-4x4"].parameter_count == 2**40 * (2**41 + 1) * 16 + 2**41 + 1
    assert found["conv-shuffle"].multiply_accumulates(2**20) == 2**40 * (2**41 + 1) * 4 * 9 * 2**40


def refusal(*arguments: Any, **named: Any) -> str:
    with pytest.raises(LayerError) as caught:
        alternatives(*arguments, **named)
    return str(caught.value)


def test_refuses_bad_values() -> None:
    assert refusal(0, 4, (2,)) == "in_channels must be a whole number of at least 1, received 0."
    assert refusal(4, "4", (2,)) == "out_channels must be a whole number of at least 1, received '4'."
    assert refusal(4, 4, 2) == "scale_factor must be a tuple of 1, 2 or 3 whole numbers, received 2."
    assert refusal(4, 4, (2, 0)) == "scale_factor must be a whole number of at least 1, received 0."
    assert refusal(4, 4, (2,), groups=0) == "groups must be a whole number of at least 1, received 0."
    assert refusal(4, 4, (2,), bias=1) == "bias must be True or False, received 1."
    assert refusal(4, 4, (2, 2), kernel_size=(3,)) == (
        "kernel_size must be one whole number, or 2 (one per axis), received (3,)."
    )
    assert refusal(4, 4, (MAX_VALUE,)).startswith("kernel_size must be at most")
    way = alternatives_by_key(4, 4, (2, 2))["conv-shuffle"]
    for ask in (way.output_shape, way.multiply_accumulates, way.output_activations, way.shapes):
        with pytest.raises(LayerError, match="input_size must be a whole number of at least 1, received 0"):
            ask(0)


@configured(max_examples=20, deadline=None)
@given(wish=alternative_arguments())
def test_one_layer_changes_the_channels(wish: Any) -> None:
    # The page says so, as the reason why a form of two such layers can be smaller.
    arguments, named = wish
    for way in alternatives_by_key(*arguments, **named).values():
        layers = [op for op in way.operations if isinstance(op, ConvTranspose | Conv)]
        assert sum(op.in_channels != op.out_channels for op in layers) <= 1, way.name
