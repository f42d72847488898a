"""The matrix of an ordinary convolution. Its transpose is the matrix of the transposed convolution.

An ordinary convolution is a matrix C that maps the flat image to the flat result. The transposed convolution
with the same settings and weights is the transpose of C. It restores the *shape* of the image, not its
values, so it is not an inverse (Dumoulin & Visin 2016, section 4.1).

Why this is hand-written: the matrices are small and have integer entries, and this package uses the standard
library only.
"""

import dataclasses
import math
from collections.abc import Sequence

from calculator.core.errors import LayerError
from calculator.core.layer import ConvTranspose
from calculator.core.validation import Spatial
from calculator.geometry.stamp import positions

Matrix = tuple[tuple[int, ...], ...]
"""A matrix as a tuple of rows of whole numbers."""


MAX_ENTRIES = 1_000_000
"""The maximum number of entries of a matrix."""


def convolution_matrix(layer: ConvTranspose, input_size: Spatial, kernel: Sequence[int]) -> Matrix:
    """Return the matrix C of the ordinary convolution whose transpose is ``layer``, for one channel.

    The ordinary convolution has the layer's kernel_size, stride, padding and dilation. Its image has the
    *output* size of the layer, and C has one column per position of the image, row by row. Its result has the
    layer's ``input_size``, and C has one row per position of the result. ``kernel`` is flat, row by row. With
    an output_padding of a stride or more the ordinary convolution has more results on an axis. C has the
    first ones.
    Raises ``LayerError`` as ``output_size`` does, if ``kernel`` has another length, and above
    ``MAX_ENTRIES``.

    >>> layer = ConvTranspose(in_channels=1, out_channels=1, kernel_size=(3,), stride=2)
    >>> convolution_matrix(layer, 2, (1, 2, 3))
    ((1, 2, 3, 0, 0), (0, 0, 1, 2, 3))
    """
    if len(kernel) != layer.kernel_volume:
        raise LayerError(f"kernel must have {layer.kernel_volume} weights, received {len(kernel)}.")
    weights = dict(zip(positions(layer.kernel_size), kernel, strict=True))
    image, results = layer.output_size(input_size), layer.input_axes(input_size)
    if (entries := math.prod(image) * math.prod(results)) > MAX_ENTRIES:
        raise LayerError(f"The matrix may have at most {MAX_ENTRIES} entries, received {entries}.")
    return tuple(
        tuple(weights.get(_tap(layer, result, position), 0) for position in positions(image))
        for result in positions(results)
    )


def _tap(layer: ConvTranspose, result: tuple[int, ...], position: tuple[int, ...]) -> tuple[int, ...]:
    """Return the tap that multiplies one position of the image for one result.

    If no tap does, the returned position lies outside the kernel.
    """
    tap = []
    axes = zip(result, layer.stride, position, layer.padding, layer.dilation, strict=True)
    for j, s, y, p, d in axes:
        along, between = divmod(y + p - j * s, d)
        tap.append(-1 if between else along)
    return tuple(tap)


def line_layer(layer: ConvTranspose, axis: int = -1) -> ConvTranspose:
    """Return the 1-D layer with one channel that has the settings of ``layer`` along ``axis``.

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
