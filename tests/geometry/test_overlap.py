"""Overlap: known answers of Odena et al. (2016), and products counted with ones in numpy."""

import itertools
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import settings as configured
from hypothesis import strategies as st

from calculator import ConvTranspose, LayerError
from calculator.geometry.matrices import line_layer
from calculator.geometry.overlap import (
    AxisOverlap,
    Remedy,
    axis_overlap,
    interior_range,
    overlap,
    remedies,
)
from tests.helpers import reference

SPATIAL = ("stride", "padding", "output_padding", "dilation")


def layer(kernel: Any, **more: Any) -> ConvTranspose:
    return ConvTranspose(**{"in_channels": 1, "out_channels": 1, "kernel_size": kernel, **more})


def counted(made: ConvTranspose, size: tuple[int, ...]) -> npt.NDArray[Any]:
    """Return the products in every output position: a transposed convolution of ones with ones."""
    spatial = {name: getattr(made, name) for name in SPATIAL}
    ones = np.ones((1, 1, *made.kernel_size))
    carried: npt.NDArray[Any] = reference.carry_out(np.ones((1, *size)), [ones], **spatial).output[0]
    return carried


def interior(made: ConvTranspose, axis: int) -> list[int]:
    """Return one stride of counts from the middle of a long line, from a multiple of the stride on."""
    line = line_layer(made, axis)
    s, reach = line.stride[0], line.kernel_extent[0]
    bare = layer(line.kernel_size, stride=s, dilation=line.dilation)
    start = -(-reach // s) * s
    counts = counted(bare, (2 * start // s + 3,))
    period = counts[start : start + s].astype(int).tolist()
    assert counts[start + s : start + 2 * s].tolist() == period, "not the interior"
    return list(period)


@pytest.mark.parametrize(
    ("kernel", "stride", "counts"),
    [
        (2, 2, {1}),
        (3, 2, {1, 2}),
        (4, 2, {2}),
        (5, 4, {1, 2}),
        (6, 3, {2}),
        (1, 2, {0, 1}),
        (4, 4, {1}),
        (9, 3, {3}),
    ],
)
def test_known_overlap(kernel: int, stride: int, counts: set[int]) -> None:
    # Odena, Dumoulin & Olah (2016): even exactly when the stride divides the kernel; below it, holes.
    (axis,) = overlap(layer((kernel,), stride=stride))
    assert (axis.minimum, axis.maximum) == (min(counts), max(counts))
    assert axis.even == (len(counts) == 1) == (kernel % stride == 0)
    assert axis.holes == (kernel < stride)
    assert interior_range(layer((kernel, kernel), stride=stride)) == (min(counts) ** 2, max(counts) ** 2)


@configured(max_examples=200)
@given(settings=reference.settings(channels=1, size=4, crop=3), data=st.data())
def test_counts_of_the_axes_multiply_to_the_products(settings: dict[str, Any], data: Any) -> None:
    made = ConvTranspose(**settings | {"groups": 1})
    size = data.draw(st.tuples(*[st.integers(1, 5 if made.rank < 3 else 2)] * made.rank))
    try:
        products = counted(made, size)
    except reference.NothingLeftError:
        with pytest.raises(LayerError, match="padding must leave an output of at least 0: on axis"):
            [axis_overlap(made, axis, i) for axis, i in enumerate(size)]
        return
    counts = [axis_overlap(made, axis, i) for axis, i in enumerate(size)]
    assert tuple(map(len, counts)) == made.output_size(size) == products.shape
    assert [int(np.prod(pair)) for pair in itertools.product(*counts)] == products.ravel().tolist()


@given(st.integers(1, 12), st.integers(1, 6), st.integers(1, 6))
def test_interior_is_what_repeats_in_the_middle(kernel: int, stride: int, dilation: int) -> None:
    made = layer((kernel, 1), stride=(stride, 1), dilation=(dilation, 1))
    period = interior(made, 0)
    assert sum(period) == kernel
    assert overlap(made) == (AxisOverlap(0, min(period), max(period)), AxisOverlap(1, 1, 1))


def test_counts_at_the_borders_by_hand() -> None:
    assert axis_overlap(layer((3,), stride=2), 0, 3) == (1, 1, 2, 1, 2, 1, 1)
    assert axis_overlap(layer((3,), stride=2, padding=1, output_padding=1), 0, 3) == (1, 2, 1, 2, 1, 1)
    assert axis_overlap(layer((1,), stride=3, output_padding=2), 0, 2) == (1, 0, 0, 1, 0, 0)
    assert axis_overlap(layer((2,), stride=2, dilation=2), 0, 3) == (1, 0, 2, 0, 2, 0, 1)
    assert axis_overlap(layer((2,), padding=1), 0, 1) == ()
    assert axis_overlap(layer((3, 1), stride=(2, 1)), 1, 4) == (1, 1, 1, 1)
    assert interior_range(layer((3, 1), stride=(2, 3))) == (0, 2)


def test_refusals() -> None:
    made = layer((3, 3), padding=(0, 3))
    with pytest.raises(LayerError) as caught:
        axis_overlap(made, 1, 2)
    with pytest.raises(LayerError) as layers_own:
        made.output_size(2)
    assert str(caught.value) == str(layers_own.value)
    with pytest.raises(LayerError, match="input_size must be a whole number of at least 1, received 0"):
        axis_overlap(made, 0, 0)
    with pytest.raises(LayerError, match="padding must leave an output of at least 0: on axis 1"):
        remedies(made, 2)


def test_large_layers() -> None:
    assert sum(axis_overlap(layer((128,), stride=128, dilation=127), 0, 300)) == 300 * 128
    # Counted tap by tap, or by the positions of a stride, these would never end.
    assert overlap(layer((2**63 - 1,), stride=2, dilation=2**62 + 1)) == (AxisOverlap(0, 2**62 - 1, 2**62),)
    assert overlap(layer((2**62,), stride=2**63 - 1)) == (AxisOverlap(0, 0, 1),)


def legal(stride: int, dilation: int, maximum: int) -> list[tuple[int, int]]:
    return list(itertools.product(range(maximum), range(max(stride, dilation))))


def nearest_even(made: ConvTranspose, axis: int) -> tuple[tuple[int, int], int]:
    """Return the nearest even kernels, smaller and larger, and their dilation: 1 where no kernel is even."""
    k, s, d = made.kernel_size[axis], made.stride[axis], made.dilation[axis]

    def even(kernel: int, dilation: int) -> bool:
        return len(set(interior(layer((kernel,), stride=s, dilation=dilation), 0))) == 1

    spacing = d if any(even(kernel, d) for kernel in range(1, k + s + 1)) else 1
    smaller = [kernel for kernel in range(s, k + 1) if even(kernel, spacing)]
    larger = [kernel for kernel in range(k, k + s + 1) if even(kernel, spacing)]
    return (max(smaller, default=larger[0]), larger[0]), spacing


@configured(max_examples=250)
@given(settings=reference.settings(channels=2, size=7, crop=4), i=st.integers(1, 9))
def test_remedies(settings: dict[str, Any], i: int) -> None:
    made = ConvTranspose(**settings)
    try:
        size = made.output_size(i)
    except LayerError:
        return
    uneven = [axis for axis in range(made.rank) if len(set(interior(made, axis))) > 1]
    found = remedies(made, i)
    assert bool(found) == bool(uneven)
    even = {axis: nearest_even(made, axis) for axis in uneven}
    kernels = [even[axis][0] if axis in even else (k, k) for axis, k in enumerate(made.kernel_size)]
    dilation = tuple(even[axis][1] if axis in even else d for axis, d in enumerate(made.dilation))
    if uneven:
        assert [remedy.layer.kernel_size for remedy in found] == list(
            dict.fromkeys(zip(*kernels, strict=True))
        )
    for remedy in found:
        assert remedy.layer.dilation == dilation
        same = [sound_axis(made, remedy.layer, axis, axis in uneven, i) for axis in range(made.rank)]
        assert all(same) == (remedy.layer.output_size(i) == size)
        sound_words(made, remedy, i)


def sound_axis(made: ConvTranspose, other: ConvTranspose, axis: int, uneven: bool, i: int) -> bool:
    """Check one axis of a remedy by trying every legal padding; return whether it keeps the size."""
    before, after = line_layer(made, axis), line_layer(other, axis)
    if not uneven:
        assert before == after
        return True
    assert len(set(interior(other, axis))) == 1
    assert other.stride == made.stride
    (wanted,) = before.output_size(i)
    tried = {}
    for p, op in legal(after.stride[0], after.dilation[0], 60):
        try:
            trial = layer(
                after.kernel_size, stride=after.stride, dilation=after.dilation, padding=p, output_padding=op
            )
            (length,) = trial.output_size(i)
        except LayerError:
            continue
        tried[p, op] = abs(length - wanted)
    best = min(tried.values())
    assert tried[after.padding[0], after.output_padding[0]] == best
    smallest = min(op for (_, op), away in tried.items() if away == best)
    assert after.output_padding == (smallest,)
    return best == 0


def sound_words(made: ConvTranspose, remedy: Remedy, i: int) -> None:
    """Check what a remedy says about itself."""
    names = ("kernel_size", "dilation", "padding", "output_padding")
    assert [name for name, _ in remedy.changes] == [
        name for name in names if getattr(made, name) != getattr(remedy.layer, name)
    ]
    changed: dict[str, Any] = {
        name: getattr(made, name) for name in ("in_channels", "out_channels", "groups", "bias", "stride")
    }
    changed |= {name: getattr(made, name) for name in names} | dict(remedy.changes)
    assert ConvTranspose(**changed) == remedy.layer
    size = " × ".join(map(str, remedy.layer.output_size(i)))
    same_size = remedy.layer.output_size(i) == made.output_size(i)
    assert remedy.sentence.endswith(f"{'stays' if same_size else 'becomes'} {size}.")
    minimum, maximum = interior_range(remedy.layer)
    assert minimum == maximum == np.prod([axis.minimum for axis in overlap(remedy.layer)])


def sentences(made: ConvTranspose, i: int) -> list[str]:
    return [remedy.sentence for remedy in remedies(made, i)]


def test_remedies_in_words() -> None:
    every = "away from the borders, every position gets"
    assert sentences(layer(3, stride=2, padding=1, output_padding=1), 16) == [
        f"Kernel size 2 with padding 0 and output padding 0: {every} 1 product along each axis. "
        "The output stays 32 × 32.",
        f"Kernel size 4 with padding 1 and output padding 0: {every} 2 products along each axis. "
        "The output stays 32 × 32.",
    ]
    assert sentences(layer((6,), stride=4, padding=1), 600) == [
        f"Kernel size 4 with padding 0: {every} 1 product. The output stays 2,400.",
        f"Kernel size 8 with padding 2: {every} 2 products. The output stays 2,400.",
    ]
    # One axis is even and stays as it is; below the stride there is no smaller kernel.
    assert sentences(layer((4, 1), stride=2, padding=(1, 0)), 16) == [
        f"Kernel size 4 × 2 with padding 1 and output padding 0 × 1: {every} 2 × 1 products. "
        "The output stays 32 × 31."
    ]


def test_a_shared_factor_needs_another_dilation() -> None:
    # Stride 2 and dilation 2: every product lands on an even position, whatever the kernel.
    assert all(interior(layer((k,), stride=2, dilation=2), 0)[1] == 0 for k in range(1, 9))
    both = remedies(layer((3,), stride=2, dilation=2, padding=1), 8)
    assert [dict(remedy.changes) for remedy in both] == [
        {"kernel_size": (2,), "dilation": (1,), "padding": (0,), "output_padding": (1,)},
        {"kernel_size": (4,), "dilation": (1,), "output_padding": (1,)},
    ]
    # The stride divides this kernel already: one remedy, which keeps it.
    (one,) = remedies(layer((4,), stride=2, dilation=2), 8)
    assert dict(one.changes) == {"dilation": (1,), "output_padding": (1,)}
    assert one.layer.output_size(8) != layer((4,), stride=2, dilation=2).output_size(8)
    assert one.sentence == (
        "Dilation 1 with padding 0 and output padding 1: away from the borders, every position gets 2 "
        "products. No padding keeps the output 21: it becomes 19."
    )


def test_even_layers_need_no_remedy() -> None:
    for made in (
        layer(4, stride=2, padding=1),
        layer((3,)),
        layer((2, 3), stride=(2, 3)),
        layer(5, dilation=3),
    ):
        assert remedies(made, 8) == ()
