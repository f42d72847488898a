"""The ordinary convolution that maps the output *size* of a transposed convolution back to the input size.

An ordinary convolution with stride s maps s neighbouring sizes to the same size. ``output_padding`` selects
the one of them that the transposed convolution returns. Only sizes are restored, not values. Sources:
Dumoulin & Visin, "A guide to convolution arithmetic for deep learning" (2016), relationships 6 (the floor)
and 14, and PyTorch's note on ``output_padding``
(https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose2d.html).
"""

from calculator.core.errors import LayerError
from calculator.core.formatting import short_repr
from calculator.core.layer import ConvTranspose
from calculator.core.validation import Spatial, whole_number


def valid_axis(layer: ConvTranspose, axis: int) -> int:
    """Return ``axis``, counted from 0. Raises ``LayerError`` if ``layer`` has no such axis."""
    if whole_number("axis", axis, 0) >= layer.rank:
        raise LayerError(f"axis must be below {layer.rank}, the layer's rank, received {short_repr(axis)}.")
    return axis


def full_size(layer: ConvTranspose, axis: int, input_size: int) -> int:
    """Return the number of positions that products reach on one axis, before padding crops: (i − 1)s + K.

    Raises ``LayerError`` for an input size below 1 and for an axis that does not exist.

    >>> full_size(ConvTranspose(in_channels=1, out_channels=1, kernel_size=4, stride=2, padding=1), 0, 16)
    34
    """
    axis = valid_axis(layer, axis)
    return (whole_number("input_size", input_size, 1) - 1) * layer.stride[axis] + layer.kernel_extent[axis]


def convolved_size(layer: ConvTranspose, axis: int, size: int) -> int:
    """Return the output size of the ordinary convolution for ``size`` positions: ⌊(size + 2p − K) / s⌋ + 1.

    The ordinary convolution has the kernel, stride, padding and dilation of ``layer``. Raises ``LayerError``
    if the kernel does not fit into the padded input. Source: Dumoulin & Visin (2016), relationship 6.

    >>> layer = ConvTranspose(in_channels=1, out_channels=1, kernel_size=4, stride=2, padding=1)
    >>> [convolved_size(layer, 0, size) for size in (31, 32, 33, 34)]
    [15, 16, 16, 17]
    """
    axis = valid_axis(layer, axis)
    extent, pad = layer.kernel_extent[axis], layer.padding[axis]
    slack = whole_number("size", size, 1) + 2 * pad - extent
    if slack < 0:
        raise LayerError(
            f"the kernel must fit into the padded input of the ordinary convolution: on axis {axis} it spans "
            f"{extent} positions, received size={size} with padding={pad}."
        )
    return slack // layer.stride[axis] + 1


def ambiguous_sizes(layer: ConvTranspose, axis: int, input_size: int) -> range:
    """Return all sizes of at least 1 that the ordinary convolution maps to ``input_size``.

    They are s neighbouring sizes, or fewer if some would be below 1. ``output_padding`` selects one of them.
    Raises ``LayerError`` as ``full_size`` does.

    >>> layer = ConvTranspose(in_channels=1, out_channels=1, kernel_size=4, stride=2, padding=1)
    >>> list(ambiguous_sizes(layer, 0, 16))
    [32, 33]
    """
    minimum = full_size(layer, axis, input_size) - 2 * layer.padding[axis]
    return range(max(minimum, 1), max(minimum + layer.stride[axis], 1))


def restores_size(layer: ConvTranspose, input_size: Spatial) -> bool:
    """Return whether the ordinary convolution maps the layer's output size back to ``input_size``.

    It does not for an ``output_padding`` of a stride or more, and for an output size of 0.
    Raises ``LayerError`` as ``ConvTranspose.output_size`` does.

    >>> layer = ConvTranspose(in_channels=1, out_channels=1, kernel_size=3, dilation=2, output_padding=1)
    >>> restores_size(layer, 7)
    False
    """
    sizes = layer.output_size(input_size)
    if min(sizes) < 1:
        return False
    back = tuple(convolved_size(layer, axis, size) for axis, size in enumerate(sizes))
    return back == layer.input_axes(input_size)
