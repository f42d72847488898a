"""The stamp: every canvas held to a transposed convolution really carried out in numpy."""

import dataclasses
import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as configured
from hypothesis import strategies as st

from calculator import ConvTranspose, LayerError
from calculator.geometry.stamp import ROOM, Stamp, small_input, stamp
from calculator.geometry.weight_grid import connected, example_weight
from tests.helpers import reference

SPATIAL = ("stride", "padding", "output_padding", "dilation")


def layer(kernel: Any, **more: Any) -> ConvTranspose:
    return ConvTranspose(**{"in_channels": 1, "out_channels": 1, "kernel_size": kernel, **more})


def carried(
    made: ConvTranspose, image: Sequence[int], size: Sequence[int], kernel: Sequence[int], **other: Any
) -> reference.Floats:
    """Return the output of one channel pair as an array, carried out by the independent oracle."""
    values = np.array(image, float).reshape(1, *size)
    weight = np.array(kernel, float).reshape(1, 1, *made.kernel_size)
    spatial = {name: getattr(made, name) for name in SPATIAL} | other
    output: reference.Floats = reference.carry_out(values, [weight], **spatial).output[0]
    return output


def holds(made: Stamp) -> None:
    """Check a stamp, first to last step, with the oracle."""
    output = carried(made.layer, made.input, made.input_size, made.kernel)
    assert made.output_size == output.shape
    assert list(made.output) == output.ravel().tolist()
    assert len(made.steps) == len(made.input)
    zeros = (0,) * made.layer.rank
    for count, (step, place) in enumerate(
        zip(made.steps, np.ndindex(*made.input_size), strict=True), start=1
    ):
        assert (step.position, step.value) == (place, made.input[count - 1])
        masked = [value if n < count else 0 for n, value in enumerate(made.input)]
        landed = carried(
            made.layer, masked, made.input_size, made.kernel, padding=zeros, output_padding=zeros
        )
        # The canvas may go on past the last product, when output_padding moves the end that far.
        canvas = np.zeros(made.canvas_size)
        canvas[tuple(slice(length) for length in landed.shape)] = landed
        assert list(step.canvas) == canvas.ravel().tolist()


def steps_add_up(made: Stamp) -> None:
    """Check that each canvas is the one before plus the products of the step, where its cells say."""
    before = np.zeros(math.prod(made.canvas_size), int)
    for step in made.steps:
        assert step.products == tuple(step.value * weight for weight in made.kernel)
        assert len(set(step.cells)) == len(step.cells) == made.layer.kernel_volume
        corner = np.multiply(step.position, made.layer.stride)
        for cell, tap in zip(step.cells, np.ndindex(*made.layer.kernel_size), strict=True):
            target = corner + np.multiply(tap, made.layer.dilation)
            assert np.unravel_index(cell, made.canvas_size) == tuple(target)
        before[list(step.cells)] += step.products
        assert before.tolist() == list(step.canvas)


def sums_are_carried_out(made: Stamp) -> None:
    """Check where every canvas position comes from with the oracle, one input value or one tap at a time."""
    zeros = (0,) * made.layer.rank

    def marked(image: Sequence[int], kernel: Sequence[int]) -> list[bool]:
        """Return the canvas positions that these values and weights reach."""
        landed = carried(made.layer, image, made.input_size, kernel, padding=zeros, output_padding=zeros)
        canvas = np.zeros(made.canvas_size)
        canvas[tuple(slice(length) for length in landed.shape)] = landed
        reached: list[bool] = (canvas > 0).ravel().tolist()
        return reached

    def one_of(count: int, place: int) -> list[int]:
        return [int(number == place) for number in range(count)]

    inputs, taps = len(made.input), len(made.kernel)
    for step in range(inputs):
        reached = marked(one_of(inputs, step), [1] * taps)
        assert [step in [term.step for term in terms] for terms in made.sums] == reached
    for tap in range(taps):
        reached = marked([1] * inputs, one_of(taps, tap))
        assert [tap in [term.tap for term in terms] for terms in made.sums] == reached
    for terms in made.sums:
        assert all(term.product == made.input[term.step] * made.kernel[term.tap] for term in terms)
        # An input value reaches a position through one tap, so the lists above say which belongs to which.
        assert len({term.step for term in terms}) == len({term.tap for term in terms}) == len(terms)
        assert [term.step for term in terms] == sorted(term.step for term in terms)
    totals = [sum(term.product for term in terms) for terms in made.sums]
    assert totals == list(made.steps[-1].canvas)
    # The output is the part of the canvas that padding leaves, and output_padding adds to.
    kept = np.array(totals).reshape(made.canvas_size)[tuple(slice(*ends) for ends in made.kept)]
    output = carried(made.layer, made.input, made.input_size, made.kernel)
    assert kept.ravel().tolist() == output.ravel().tolist()


@configured(max_examples=150)
@given(
    settings=reference.settings(channels=2, crop=3),
    values=st.sampled_from(["numbers", "ones"]),
    data=st.data(),
)
def test_every_step_is_as_carried_out(settings: dict[str, Any], values: str, data: Any) -> None:
    made = ConvTranspose(**settings)
    size = data.draw(st.tuples(*[st.integers(1, 4 if made.rank < 3 else 2)] * made.rank))
    channels = itertools.product(range(made.in_channels), range(made.out_channels))
    pair: tuple[int, int] = data.draw(st.sampled_from([p for p in channels if connected(made, *p)]))
    try:
        made.output_size(size)
    except LayerError:
        with pytest.raises(LayerError, match="padding must leave an output of at least 0"):
            stamp(made, size, pair=pair, values=values)
        return
    done = stamp(made, size, pair=pair, values=values)
    assert (done.layer, done.input_size) == (made, size)
    if values == "numbers":
        assert done.kernel == tuple(example_weight(*pair, tap) for tap in range(made.kernel_volume))
    holds(done)
    steps_add_up(done)
    sums_are_carried_out(done)


@pytest.mark.parametrize(
    ("kernel", "size", "spatial"),
    [
        ((3,), (4,), {"stride": 2, "dilation": 3, "output_padding": 2}),
        ((2,), (3,), {"stride": 4, "output_padding": 3}),
        ((2,), (3,), {"stride": 4, "padding": 1, "output_padding": 3}),
        ((3, 2), (2, 4), {"stride": (1, 3), "padding": (2, 0), "output_padding": (0, 2), "dilation": (3, 1)}),
        (
            (1, 2, 3),
            (3, 1, 2),
            {
                "stride": (3, 1, 2),
                "padding": (0, 1, 2),
                "output_padding": (2, 0, 1),
                "dilation": (1, 2, 1),
            },
        ),
    ],
)
def test_each_axis_for_itself(kernel: Any, size: Any, spatial: Any) -> None:
    for values in ("numbers", "ones"):
        done = stamp(layer(kernel, **spatial), size, values=values)
        holds(done)
        steps_add_up(done)
        sums_are_carried_out(done)


def test_the_terms_of_a_sum_by_hand() -> None:
    # 1, 2, 3 stamped with (1, 2, 3, 4) two apart: position 4 gets 2 · 3 and 3 · 1, position 0 only 1 · 1.
    done = stamp(layer((4,), stride=2, padding=1), 3)
    assert done.sums[4] == ((1, 2, 6), (2, 0, 3))
    assert done.sums[0] == ((0, 0, 1),)
    # A stride of 3 leaves holes between kernels of one weight, and output_padding adds more of them.
    holes = stamp(layer((1,), stride=3, output_padding=2), 2)
    assert [len(terms) for terms in holes.sums] == [1, 0, 0, 1, 0, 0]


@given(reference.settings(channels=2, size=2, crop=2), st.data())
def test_the_sums_of_the_pairs_of_a_group_make_the_output_of_the_layer(
    settings: dict[str, Any], data: Any
) -> None:
    made = ConvTranspose(**settings)
    size = (data.draw(st.integers(2, 3)),) * made.rank
    try:
        made.output_size(size)
    except LayerError:
        return
    pairs = {
        pair: stamp(made, size, pair=pair)
        for pair in itertools.product(range(made.in_channels), range(made.out_channels))
        if connected(made, *pair)
    }
    per_in, per_out = made.in_channels // made.groups, made.out_channels // made.groups
    weights = [
        np.array(
            [[pairs[g * per_in + i, g * per_out + o].kernel for o in range(per_out)] for i in range(per_in)],
            float,
        ).reshape(per_in, per_out, *made.kernel_size)
        for g in range(made.groups)
    ]
    image = np.array([next(iter(pairs.values())).input] * made.in_channels, float)
    whole = reference.carry_out(
        image.reshape(-1, *size), weights, **{name: getattr(made, name) for name in SPATIAL}
    ).output
    for channel in range(made.out_channels):
        stamps = [done for (_, out), done in pairs.items() if out == channel]
        assert len(stamps) == per_in
        summed = np.sum([done.output for done in stamps], axis=0)
        assert summed.tolist() == whole[channel].ravel().tolist()


def test_by_hand() -> None:
    # Worked on paper: 1, 2, 3 stamped with (1, 2, 3, 4) two apart, one position cropped at both ends.
    done = stamp(layer((4,), stride=2, padding=1), 3)
    assert (done.input, done.kernel) == ((1, 2, 3), (1, 2, 3, 4))
    assert [step.canvas for step in done.steps] == [
        (1, 2, 3, 4, 0, 0, 0, 0),
        (1, 2, 5, 8, 6, 8, 0, 0),
        (1, 2, 5, 8, 9, 14, 9, 12),
    ]
    assert done.steps[1].cells == (2, 3, 4, 5)
    assert done.steps[1].products == (2, 4, 6, 8)
    assert (done.canvas_size, done.kept, done.output) == ((8,), ((1, 7),), (2, 5, 8, 9, 14, 9))


def test_output_padding_moves_the_end() -> None:
    # Over what padding crops first, then past the last product onto zeros.
    inside = stamp(layer((3,), stride=3, padding=2, output_padding=1), 2)
    assert (inside.canvas_size, inside.kept, inside.output) == ((6,), ((2, 5),), (3, 2, 4))
    beyond = stamp(layer((3,), stride=3, padding=0, output_padding=2), 2)
    assert (beyond.canvas_size, beyond.kept, beyond.output) == ((8,), ((0, 8),), (1, 2, 3, 2, 4, 6, 0, 0))


def test_values() -> None:
    done = stamp(layer((2, 5), in_channels=4, out_channels=6), (3, 4), pair=(3, 5))
    assert done.input == (1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3)
    # 1 + (tap + 6 + 15) mod 9
    assert done.kernel == (4, 5, 6, 7, 8, 9, 1, 2, 3, 4)
    ones = stamp(layer((3,), stride=2), 3, values="ones")
    assert set(ones.input + ones.kernel) == {1}
    assert ones.output == (1, 1, 2, 1, 2, 1, 1)


def test_an_output_of_nothing() -> None:
    done = stamp(layer((2,), padding=1), 1)
    assert (done.output_size, done.output, done.steps[0].canvas) == ((0,), (), (1, 2))


def test_refusals() -> None:
    made = layer(3, in_channels=4, out_channels=6, groups=2)
    with pytest.raises(ValueError, match="values must be one of numbers, ones, received 'zeros'"):
        stamp(made, 2, values="zeros")
    with pytest.raises(LayerError, match="must be in the same group"):
        stamp(made, 2, pair=(0, 3))
    with pytest.raises(LayerError, match="in_channel counts from 0 and must be below 4, received 4"):
        stamp(made, 2, pair=(4, 0))
    for ask in (stamp, small_input):
        with pytest.raises(LayerError, match="input_size must be a whole number of at least 1, received 0"):
            ask(made, 0)


def test_frozen_and_exact() -> None:
    done = stamp(layer((3, 3), stride=2, padding=1), 3)
    numbers = (
        done.input,
        done.kernel,
        done.output,
        done.output_size,
        done.canvas_size,
        done.steps[-1].canvas,
    )
    assert {type(number) for number in itertools.chain(*numbers)} == {int}
    with pytest.raises(dataclasses.FrozenInstanceError):
        done.input = ()  # type: ignore[misc]


MAX_VALUE = {1: 80, 2: 40, 3: 12}
READABLE = {1: (6, 24), 2: (4, 12), 3: (2, 6)}


def drawn(made: ConvTranspose, axis: int, i: int) -> tuple[int, int]:
    """Return canvas and output length of ``i`` values along one axis, by marking positions."""
    s, d, p = made.stride[axis], made.dilation[axis], made.padding[axis]
    last = max(j * s + a * d for j in range(i) for a in range(made.kernel_size[axis]))
    kept = list(range(last + 1 + made.output_padding[axis]))[p:]
    kept = kept[: max(len(kept) - p, 0)]
    return max(last, *kept, last) + 1, len(kept)


WIDE = st.tuples(
    st.integers(1, 12), st.integers(1, 9), st.integers(0, 14), st.integers(0, 8), st.integers(1, 4)
)


@configured(max_examples=300)
@given(st.lists(st.tuples(WIDE, st.integers(1, 30)), min_size=1, max_size=3))
def test_small_input(axes: list[tuple[tuple[int, ...], int]]) -> None:
    k, s, p, extra, d = (tuple(axis[0][n] for axis in axes) for n in range(5))
    op = tuple(min(e, max(pair) - 1) for e, *pair in zip(extra, s, d, strict=True))
    made = layer(k, stride=s, padding=p, output_padding=op, dilation=d)
    check_small_input(made, tuple(axis[1] for axis in axes))


def test_small_input_of_every_small_axis() -> None:
    for k, s, p in itertools.product(range(1, 6), range(1, 8), range(9)):
        check_small_input(layer((1, k, 1), stride=(1, s, 1), padding=(0, p, 0)), (1, 9, 1))


def check_small_input(made: ConvTranspose, maximum: tuple[int, ...]) -> None:
    """Compare the numbers of input values with every smaller number."""
    values, readable = READABLE[made.rank]
    try:
        small = small_input(made, maximum)
    except LayerError as refusal:
        sound_refusal(made, maximum, str(refusal))
        return
    for axis, (i, whole) in enumerate(zip(small, maximum, strict=True)):
        fitting = [n for n in range(1, min(whole, values) + 1) if drawn(made, axis, n)[0] <= readable]
        usual = max([min(2, whole), *fitting])
        assert usual <= i <= whole
        canvas, left = drawn(made, axis, i)
        assert canvas <= MAX_VALUE[made.rank]
        assert left >= 1
        if i > usual:
            assert drawn(made, axis, i - 1)[1] == 0, "one value less leaves an output, too"
            assert i <= readable
    done = stamp(made, small)
    assert done.canvas_size == tuple(drawn(made, axis, i)[0] for axis, i in enumerate(small))
    assert min(done.output_size) >= 1


def sound_refusal(made: ConvTranspose, maximum: tuple[int, ...], sentence: str) -> None:
    """Check that the sentence is about an axis on which nothing can be drawn."""
    axis = int(sentence.split("on axis ")[1][0])
    if sentence.startswith("The layer is too large for the picture"):
        canvas = drawn(made, axis, min(2, maximum[axis]))[0]
        assert canvas > MAX_VALUE[made.rank]
        assert f"make {canvas:,} positions" in sentence
        assert f"kernel_size={made.kernel_size[axis]}, stride={made.stride[axis]}" in sentence
    else:
        assert f"padding={made.padding[axis]} crops {2 * made.padding[axis]} of" in sentence
        for i in range(1, min(maximum[axis], READABLE[made.rank][1]) + 1):
            canvas, left = drawn(made, axis, i)
            assert left == 0 or canvas > MAX_VALUE[made.rank]


def test_small_input_by_hand() -> None:
    assert [(room.values, room.canvas) for room in ROOM.values()] == list(READABLE.values())
    assert small_input(layer((4,), stride=2, padding=1), 16) == (6,)
    assert small_input(layer((4, 4), stride=2, padding=1), 16) == (4, 4)
    assert small_input(layer((4, 4, 4), stride=2, padding=1), 16) == (2, 2, 2)
    assert small_input(layer((16,), stride=8, padding=4), 100) == (2,)
    assert small_input(layer((8, 2), stride=2), (16, 3)) == (3, 3)
    assert small_input(layer((8, 2), stride=2), 1) == (1, 1)
    # k16 s8 of FCN-8s: wider than what is readable, but two values show the stride.
    assert small_input(layer(16, stride=8), 16) == (2, 2)
    # Four values would leave nothing: 4 + 2 − 6 positions.
    assert small_input(layer(3, padding=3), 16) == (5, 5)


def test_small_input_refuses_what_cannot_be_drawn() -> None:
    with pytest.raises(LayerError) as caught:
        small_input(layer((4, 64), stride=32), 16)
    assert str(caught.value) == (
        "The layer is too large for the picture: on axis 1, 2 input values make 96 positions, and at most 40 "
        "are drawn; received kernel_size=64, stride=32, dilation=1, output_padding=0."
    )
    with pytest.raises(LayerError) as caught:
        small_input(layer((3, 3), padding=(1, 20)), 64)
    assert str(caught.value) == (
        "padding must leave an output to draw: on axis 1, padding=20 crops 40 of the 14 positions made "
        "by 12 input values."
    )
    with pytest.raises(LayerError, match="crops 4 of the 3 positions made by 1 input value"):
        small_input(layer((3,), padding=2), 1)
    for rank, maximum in MAX_VALUE.items():
        just = (maximum - 1,) * rank
        assert small_input(layer(just), 2) == (2,) * rank
        with pytest.raises(LayerError, match=f"2 input values make {maximum + 1} positions"):
            small_input(layer((maximum,) * rank), 2)
    huge = 2**63 - 1
    with pytest.raises(LayerError, match="positions, and at most 80 are drawn"):
        small_input(layer((huge,), stride=huge, dilation=huge), huge)
    assert small_input(layer((2,), stride=2), huge) == (6,)
