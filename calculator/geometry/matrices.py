"""Why "transposed": the matrix of an ordinary convolution, flipped over, is the transposed convolution.

An ordinary convolution is a matrix C that takes the flat image to the flat result. The transposed
convolution with the same settings and weights is C transposed. It brings the *shape* back, not the
values: it is not an inverse (Dumoulin & Visin 2016, section 4.1).
"""

import dataclasses
from collections.abc import Sequence

from calculator.core.errors import LayerError
from calculator.core.layer import ConvTranspose
from calculator.core.validation import Spatial
from calculator.geometry.stamp import positions

Matrix = tuple[tuple[int, ...], ...]
"""Rows of whole numbers."""


def convolution_matrix(layer: ConvTranspose, input_size: Spatial, kernel: Sequence[int]) -> Matrix:
    """Return the matrix C of the ordinary convolution that ``layer`` is the transpose of.

    One channel with the layer's kernel_size, stride, padding and dilation. Its image has the *output*
    size of the layer (one column per position, row by row) and its result the layer's ``input_size``
    (one row per position). ``kernel`` is flat, row by row. With output_padding of a stride or more the
    ordinary convolution makes more results than that on an axis; C has the first ones.
    Raises ``LayerError`` as ``output_size`` does, and when ``kernel`` has another length.

    >>> layer = ConvTranspose(in_channels=1, out_channels=1, kernel_size=(3,), stride=2)
    >>> convolution_matrix(layer, 2, (1, 2, 3))
    ((1, 2, 3, 0, 0), (0, 0, 1, 2, 3))
    """
    if len(kernel) != layer.kernel_volume:
        raise LayerError(f"kernel must have {layer.kernel_volume} weights, received {len(kernel)}.")
    weights = dict(zip(positions(layer.kernel_size), kernel, strict=True))
    image = layer.output_size(input_size)
    return tuple(
        tuple(weights.get(_tap(layer, result, place), 0) for place in positions(image))
        for result in positions(layer.input_axes(input_size))
    )


def _tap(layer: ConvTranspose, result: tuple[int, ...], place: tuple[int, ...]) -> tuple[int, ...]:
    """Return which tap lies over a place of the image for one result; no tap when it lies over none."""
    tap = []
    axes = zip(result, layer.stride, place, layer.padding, layer.dilation, strict=True)
    for j, s, y, p, d in axes:
        along, between = divmod(y + p - j * s, d)
        tap.append(-1 if between else along)
    return tuple(tap)


def transpose(matrix: Matrix) -> Matrix:
    """Return the matrix with its rows as columns.

    >>> transpose(((1, 2, 3), (4, 5, 6)))
    ((1, 4), (2, 5), (3, 6))
    """
    return tuple(zip(*matrix, strict=True))


def multiply(matrix: Matrix, vector: Sequence[int]) -> tuple[int, ...]:
    """Return the matrix times the vector. Raises ``ValueError`` when their sizes do not meet.

    >>> layer = ConvTranspose(in_channels=1, out_channels=1, kernel_size=(3,), stride=2)
    >>> multiply(transpose(convolution_matrix(layer, 2, (1, 2, 3))), (1, 2))
    (1, 2, 5, 4, 6)
    """
    return tuple(sum(a * x for a, x in zip(row, vector, strict=True)) for row in matrix)


def line_layer(layer: ConvTranspose, axis: int = -1) -> ConvTranspose:
    """Return the layer along one axis, with one channel: a case small enough to write out.

    >>> layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=(2, 4), stride=2, padding=(0, 1))
    >>> line = line_layer(layer)
    >>> line.kernel_size, line.stride, line.padding, line.in_channels
    ((4,), (2,), (1,), 1)
    """
    return dataclasses.replace(
        layer,
        in_channels=1,
        out_channels=1,
        groups=1,
        kernel_size=(layer.kernel_size[axis],),
        stride=(layer.stride[axis],),
        padding=(layer.padding[axis],),
        output_padding=(layer.output_padding[axis],),
        dilation=(layer.dilation[axis],),
    )
