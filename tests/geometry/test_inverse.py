"""The ordinary convolution that is undone: a window really slides, every size is tried."""

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given

from calculator import ConvTranspose, LayerError
from calculator.geometry.inverse import ambiguous_sizes, convolved_size, full_size, restores_size
from tests.frameworks.strategies import layers_and_sizes
from tests.helpers import reference


def one_axis(kernel: int, **settings: Any) -> ConvTranspose:
    return ConvTranspose(in_channels=1, out_channels=1, kernel_size=(kernel,), **settings)


def windows(layer: ConvTranspose, axis: int, size: int) -> int:
    """Slide the dilated kernel over the padded positions, and count where it stops."""
    taps = np.arange(layer.kernel_size[axis]) * layer.dilation[axis]
    padded = np.pad(np.zeros(size), layer.padding[axis])
    if taps[-1] >= len(padded):
        return 0
    slid = np.lib.stride_tricks.sliding_window_view(padded, taps[-1] + 1)
    return len(slid[:: layer.stride[axis]])


SMALL = [
    one_axis(k, stride=s, padding=p, dilation=d)
    for k, s, p, d in itertools.product(range(1, 5), range(1, 5), range(5), range(1, 4))
]


@pytest.mark.parametrize(
    ("kernel", "stride", "padding", "size", "confused"),
    [
        (4, 2, 1, 16, [32, 33]),  # one DCGAN step
        (3, 2, 1, 7, [13, 14]),  # output_padding 0 and 1
        (3, 1, 1, 7, [7]),  # stride 1 confuses nothing
        (2, 2, 0, 5, [10, 11]),
        # ResNet's first convolution, k7 s2 p3: 224 and 223 both come to 112.
        (7, 2, 3, 112, [223, 224]),
        (1, 3, 1, 1, [1]),  # −1 and 0 are cut off
        (1, 1, 3, 2, []),  # only −4 would do
    ],
)
def test_known_confusions(kernel: int, stride: int, padding: int, size: int, confused: list[int]) -> None:
    layer = one_axis(kernel, stride=stride, padding=padding)
    assert list(ambiguous_sizes(layer, 0, size)) == confused


def test_undone_size_is_where_a_window_stops() -> None:
    for layer, size in itertools.product(SMALL, range(1, 15)):
        stops = windows(layer, 0, size)
        if stops:
            assert convolved_size(layer, 0, size) == stops
        else:
            with pytest.raises(LayerError, match="must fit into the padded input"):
                convolved_size(layer, 0, size)


def test_confused_sizes_are_all_there_are() -> None:
    for layer in SMALL:
        stops = {size: windows(layer, 0, size) for size in range(1, 32)}
        for i in range(1, 6):
            assert list(ambiguous_sizes(layer, 0, i)) == [size for size in stops if stops[size] == i]


def test_output_padding_picks_one_of_the_confused() -> None:
    for k, s, p, i in itertools.product(range(1, 5), range(1, 5), range(3), range(5, 8)):
        layers = [one_axis(k, stride=s, padding=p, output_padding=op) for op in range(s)]
        sizes = [layer.output_size(i)[0] for layer in layers]
        assert sizes == list(ambiguous_sizes(layers[0], 0, i))


@given(drawn=layers_and_sizes())
def test_undoes_sends_the_output_size_back(drawn: tuple[ConvTranspose, tuple[int, ...]]) -> None:
    layer, size = drawn
    try:
        output = layer.output_size(size)
    except LayerError:
        with pytest.raises(LayerError, match="must leave an output of at least 0"):
            restores_size(layer, size)
        return
    back = tuple(windows(layer, axis, length) if length else 0 for axis, length in enumerate(output))
    assert restores_size(layer, size) == (back == size)


@given(drawn=layers_and_sizes())
def test_undone_exactly_below_the_stride(drawn: tuple[ConvTranspose, tuple[int, ...]]) -> None:
    layer, size = drawn
    confused = [ambiguous_sizes(layer, axis, i) for axis, i in enumerate(size)]
    if all(confused) and all(sizes[0] > 1 for sizes in confused):
        below = all(op < s for op, s in zip(layer.output_padding, layer.stride, strict=True))
        assert restores_size(layer, size) == below


def test_what_is_not_undone() -> None:
    assert not restores_size(one_axis(3, dilation=2, output_padding=1), 7)
    assert not restores_size(one_axis(2, padding=1), 1)  # an output of 0
    assert restores_size(one_axis(3, stride=2, output_padding=1, padding=1), 7)


@given(drawn=layers_and_sizes())
def test_full_size_is_where_products_land(drawn: tuple[ConvTranspose, tuple[int, ...]]) -> None:
    layer, size = drawn
    for axis, i in enumerate(size):
        carried = reference.carry_out(
            np.ones((1, i)),
            [np.ones((1, 1, layer.kernel_size[axis]))],
            stride=(layer.stride[axis],),
            padding=(0,),
            output_padding=(0,),
            dilation=(layer.dilation[axis],),
        )
        assert (full_size(layer, axis, i),) == carried.size


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (lambda layer: convolved_size(layer, 0, 0), "size must be a whole number of at least 1, received 0."),
        (lambda layer: convolved_size(layer, 1, 5), "axis must be below 1, the layer's rank, received 1."),
        (
            lambda layer: ambiguous_sizes(layer, -1, 5),
            "axis must be a whole number of at least 0, received -1.",
        ),
        (
            lambda layer: ambiguous_sizes(layer, 0, 0),
            "input_size must be a whole number of at least 1, received 0.",
        ),
        (
            lambda layer: convolved_size(layer, 0, 2),
            "the kernel must fit into the padded input of the ordinary convolution: on axis 0 it spans 5 "
            "positions, received size=2 with padding=1.",
        ),
    ],
)
def test_refusals(asked: Any, sentence: str) -> None:
    with pytest.raises(LayerError) as refusal:
        asked(one_axis(5, padding=1))
    assert str(refusal.value) == sentence
