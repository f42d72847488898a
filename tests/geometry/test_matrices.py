"""The matrix of the ordinary convolution: held to convolutions carried out window by window in numpy."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import settings as configured
from hypothesis import strategies as st

from calculator import ConvTranspose, LayerError
from calculator.geometry.matrices import convolution_matrix, line_layer
from calculator.geometry.stamp import stamp
from tests.helpers import reference
from tests.helpers.matrices import multiply, transpose

SPATIAL = ("stride", "padding", "output_padding", "dilation")


def layer(kernel: Any, **more: Any) -> ConvTranspose:
    return ConvTranspose(**{"in_channels": 1, "out_channels": 1, "kernel_size": kernel, **more})


def convolve(image: npt.NDArray[Any], kernel: npt.NDArray[Any], made: ConvTranspose) -> npt.NDArray[Any]:
    """Carry out an ordinary convolution: lay the kernel, spread out, on every window of the padded image."""
    spread = np.zeros(
        [np.arange(0, k * d, d)[-1] + 1 for k, d in zip(kernel.shape, made.dilation, strict=True)]
    )
    spread[tuple(slice(None, None, d) for d in made.dilation)] = kernel
    padded = np.pad(image, [(p, p) for p in made.padding])
    windows = np.lib.stride_tricks.sliding_window_view(padded, spread.shape)
    windows = windows[tuple(slice(None, None, s) for s in made.stride)]
    axes = range(-image.ndim, 0)
    return np.asarray((windows * spread).sum(axis=tuple(axes)))


def columns(made: ConvTranspose, size: Sequence[int], kernel: Sequence[int]) -> npt.NDArray[Any]:
    """Return the matrix of that convolution from its results on images with a single 1."""
    image_size = made.output_size(size)
    held = np.array(kernel).reshape(made.kernel_size)
    found = []
    for place in np.ndindex(*image_size):
        image = np.zeros(image_size)
        image[place] = 1
        result = convolve(image, held, made)
        # As many results as the layer has inputs, or more where output_padding reaches a stride.
        for i, r, s, op in zip(size, result.shape, made.stride, made.output_padding, strict=True):
            assert r == i if op < s else r > i
        found.append(result[tuple(slice(i) for i in size)].ravel())
    return np.array(found).T


@configured(max_examples=150)
@given(settings=reference.settings(channels=1, crop=2), data=st.data())
def test_matrix_is_that_of_the_convolution(settings: dict[str, Any], data: Any) -> None:
    made = ConvTranspose(**settings | {"groups": 1})
    size = data.draw(st.tuples(*[st.integers(1, 4 if made.rank < 3 else 2)] * made.rank))
    whole = st.integers(-9, 9)
    kernel = data.draw(st.lists(whole, min_size=made.kernel_volume, max_size=made.kernel_volume))
    try:
        image_size = made.output_size(size)
    except LayerError:
        with pytest.raises(LayerError, match="padding must leave an output of at least 0"):
            convolution_matrix(made, size, kernel)
        return
    matrix = convolution_matrix(made, size, kernel)
    inputs, outputs = int(np.prod(size)), int(np.prod(image_size))
    assert [len(row) for row in matrix] == [outputs] * inputs
    if outputs:
        assert np.array_equal(matrix, columns(made, size, kernel))

    # The transpose is the transposed convolution, carried out by scattering.
    x = data.draw(st.lists(whole, min_size=inputs, max_size=inputs))
    weight = np.array(kernel, float).reshape(1, 1, *made.kernel_size)
    values = np.array(x, float).reshape(1, *size)
    spatial = {name: getattr(made, name) for name in SPATIAL}
    carried = reference.carry_out(values, [weight], **spatial).output
    assert list(multiply(transpose(matrix), x)) == carried.ravel().tolist()

    # What makes it the transpose: ⟨C y, x⟩ = ⟨y, Cᵀ x⟩.
    y = data.draw(st.lists(whole, min_size=outputs, max_size=outputs))
    assert np.dot(multiply(matrix, y), x) == np.dot(y, multiply(transpose(matrix), x))


@given(settings=reference.settings(channels=1, crop=1), data=st.data())
def test_transposed_matrix_is_the_stamp(settings: dict[str, Any], data: Any) -> None:
    made = ConvTranspose(**settings)
    size = data.draw(st.tuples(*[st.integers(1, 3 if made.rank < 3 else 2)] * made.rank))
    try:
        done = stamp(made, size)
    except LayerError:
        return
    matrix = convolution_matrix(made, size, done.kernel)
    assert multiply(transpose(matrix), done.input) == done.output


def test_by_hand() -> None:
    # The 4 × 16 matrix of Dumoulin & Visin (2016), section 4.1: 3 × 3 kernel on a 4 × 4 image, stride 1.
    w = (1, 2, 3, 4, 5, 6, 7, 8, 9)
    assert convolution_matrix(layer(3), 2, w) == (
        (1, 2, 3, 0, 4, 5, 6, 0, 7, 8, 9, 0, 0, 0, 0, 0),
        (0, 1, 2, 3, 0, 4, 5, 6, 0, 7, 8, 9, 0, 0, 0, 0),
        (0, 0, 0, 0, 1, 2, 3, 0, 4, 5, 6, 0, 7, 8, 9, 0),
        (0, 0, 0, 0, 0, 1, 2, 3, 0, 4, 5, 6, 0, 7, 8, 9),
    )
    assert convolution_matrix(layer((3,), stride=2, padding=1), 3, (1, 2, 3)) == (
        (2, 3, 0, 0, 0),
        (0, 1, 2, 3, 0),
        (0, 0, 0, 1, 2),
    )
    assert convolution_matrix(layer((2,), dilation=2), 2, (5, 7)) == ((5, 0, 7, 0), (0, 5, 0, 7))


def test_output_padding_of_a_stride_leaves_results_out() -> None:
    # The ordinary convolution of the 6 positions has 3 results; the layer has 1 input.
    made = layer((2,), stride=1, dilation=3, output_padding=2)
    assert made.output_size(1) == (6,)
    assert convolution_matrix(made, 1, (5, 7)) == ((5, 0, 0, 7, 0, 0),)
    assert convolve(np.arange(6), np.array([5, 7]), made).shape == (3,)


def test_the_transpose_does_not_undo_the_convolution() -> None:
    matrix = convolution_matrix(layer((3,), stride=2), 2, (1, 2, 3))
    image = (1, 0, 0, 0, 0)
    assert multiply(transpose(matrix), multiply(matrix, image)) == (1, 2, 3, 0, 0)


def test_no_output_and_exact_numbers() -> None:
    nothing = convolution_matrix(layer((2,), padding=1), 1, (3, 4))
    assert (nothing, transpose(nothing), multiply(nothing, ())) == (((),), (), (0,))
    big = 2**62
    row = convolution_matrix(layer((2,)), 1, (big, big))
    assert multiply(row, (big, 1)) == (big * big + big,)


def test_refusals() -> None:
    for wrong in (8, 10):
        with pytest.raises(LayerError, match=f"kernel must have 9 weights, received {wrong}"):
            convolution_matrix(layer(3), 2, (1,) * wrong)
    with pytest.raises(LayerError, match="input_size must be a whole number of at least 1"):
        convolution_matrix(layer((1,)), 0, (1,))
    with pytest.raises(ValueError, match="longer"):
        multiply(((1, 2),), (1, 2, 3))


def test_line_layer() -> None:
    made = layer(
        (2, 3, 4),
        in_channels=6,
        out_channels=9,
        groups=3,
        stride=(2, 3, 4),
        padding=(0, 1, 2),
        output_padding=(1, 2, 3),
        dilation=(3, 2, 1),
        bias=False,
    )
    expected = layer((3,), stride=3, padding=1, output_padding=2, dilation=2, bias=False)
    assert line_layer(made, 1) == expected
    assert line_layer(made) == line_layer(made, 2) == line_layer(made, -1)
    for axis in range(3):
        assert line_layer(made, axis).output_size(5) == made.output_size(5)[axis : axis + 1]
    assert line_layer(expected) == expected
