"""Shapes, counts, work, overlap and code of the layers of an upsampling block.

Every function accepts any ``Operation``: a transposed convolution, a convolution, a resize, a sub-pixel
shuffle, an unpooling or a blur. Only products with weights are multiply–accumulates, so the last four have
none.
"""

import math
from dataclasses import asdict
from functools import lru_cache
from typing import NamedTuple, assert_never

from calculator.core.description import LayerDescription
from calculator.core.errors import LayerError
from calculator.core.formatting import axes_code, collapse_axes
from calculator.core.layer import ConvTranspose
from calculator.core.validation import Spatial, per_axis, whole_number
from calculator.geometry.overlap import overlap
from calculator.upsampling.layers import Blur, Conv, Operation, Resize, Shuffle, Unpool

MAX_REMEMBERED = 2_048
"""The maximum number of layers whose facts are kept."""


def scale_factors(op: Operation) -> tuple[int, ...]:
    """Return the factor by which the size grows on each axis: of a transposed convolution, its stride."""
    match op:
        case ConvTranspose():
            return op.stride
        case Conv() | Blur():
            return (1,) * len(op.kernel_size)
        case Resize() | Shuffle() | Unpool():
            return op.scale_factor
        case _:
            assert_never(op)


def kernel_sizes(op: Operation) -> tuple[int, ...]:
    """Return the kernel size on each axis: 1 for resizing, shuffling and unpooling.

    >>> kernel_sizes(Shuffle((2, 2)))
    (1, 1)
    """
    return op.kernel_size if isinstance(op, ConvTranspose | Conv | Blur) else (1,) * len(op.scale_factor)


class Along(NamedTuple):
    """A layer along one axis: its type, its kernel and scale, and the range of ``products_met``."""

    kind: type
    kernel: int
    scale: int
    products: tuple[int, int]


class Facts(NamedTuple):
    """The effect of a layer along its axes, and its counts, independent of its neighbours.

    ``inputs`` and ``outputs`` are the channels of a layer with weights, 0 without. A shuffle ``divides`` the
    channels. ``enlarges`` is whether every size n becomes exactly n · scale: then each input has an output.
    """

    kernel: tuple[int, ...]
    scale: tuple[int, ...]
    weights: int
    biases: int
    inputs: int
    outputs: int
    divides: int
    axes: tuple[Along, ...]
    enlarges: bool


# A chain asks for them many times, and chains have layers in common.
@lru_cache(MAX_REMEMBERED)
def facts(op: Operation) -> Facts:
    """Return the facts of a layer.

    >>> facts(Conv(64, 32, (3,)))[:7]
    ((3,), (1,), 6144, 32, 64, 32, 1)
    """
    kernel, scale = kernel_sizes(op), scale_factors(op)
    channels = (op.in_channels, op.out_channels) if isinstance(op, ConvTranspose | Conv) else (0, 0)
    axes = enumerate(zip(kernel, scale, strict=True))
    return Facts(
        kernel,
        scale,
        weight_count(op),
        bias_count(op),
        *channels,
        math.prod(scale) if isinstance(op, Shuffle) else 1,
        tuple([Along(type(op), k, s, products_met(op, n)) for n, (k, s) in axes]),
        not isinstance(op, ConvTranspose) or _enlarges(op),
    )


def _enlarges(layer: ConvTranspose) -> bool:
    """Return whether every size n becomes n · stride."""
    axes = zip(layer.kernel_extent, layer.stride, layer.padding, layer.output_padding, strict=True)
    return all(extent + extra - 2 * padding == stride for extent, stride, padding, extra in axes)


def output_shape(op: Operation, channels: int, size: Spatial) -> tuple[int, tuple[int, ...]]:
    """Return (channels, size) of the output. Raises ``LayerError`` for the wrong number of channels.

    >>> output_shape(Shuffle((2, 2)), 128, (16, 16))
    (32, (32, 32))
    """
    factors = scale_factors(op)
    sizes = per_axis("input_size", size, len(factors), 1)
    grown = tuple(n * factor for n, factor in zip(sizes, factors, strict=True))
    whole_number("channels", channels, 1)
    match op:
        case ConvTranspose() | Conv():
            if channels != op.in_channels:
                raise LayerError(f"channels must be in_channels={op.in_channels}, received {channels}.")
            return op.out_channels, op.output_size(sizes) if isinstance(op, ConvTranspose) else sizes
        case Resize() | Unpool() | Blur():
            return channels, grown
        case Shuffle():
            volume = math.prod(factors)
            if channels % volume:
                raise LayerError(
                    f"channels must be a multiple of ∏ scale_factor={volume}, received {channels}."
                )
            return channels // volume, grown
        case _:
            assert_never(op)


def weight_count(op: Operation) -> int:
    """Return the number of weights: 0 for all but the convolutions."""
    return op.weight_count if isinstance(op, ConvTranspose | Conv) else 0


def bias_count(op: Operation) -> int:
    """Return the number of biases: 0 for all but the convolutions."""
    return op.bias_count if isinstance(op, ConvTranspose | Conv) else 0


def multiply_accumulates(op: Operation, size: Spatial) -> int:
    """Return the multiply–accumulates for one sample of input ``size``: every weight at every position.

    A transposed convolution uses its weights at every input position, a convolution at every output position
    (here the same number). Products with padded zeros and cropped products are counted; adding biases is not.

    >>> multiply_accumulates(Conv(64, 32, (3, 3)), 32), multiply_accumulates(Resize((2, 2), "nearest"), 16)
    (18874368, 0)
    """
    sizes = per_axis("input_size", size, len(scale_factors(op)), 1)
    if isinstance(op, ConvTranspose):
        return op.multiply_accumulates(sizes)
    return math.prod(sizes) * weight_count(op)


def kept_values(op: Operation, channels: int, size: Spatial) -> int:
    """Return the values of one sample that PyTorch keeps for the backward pass of this layer.

    A convolution keeps its input, which the gradient of its weights needs; an unpooling its indices, one for
    each input value; a blur its input and the padded input. Resizing and shuffling keep nothing.

    >>> kept_values(Conv(64, 32, (3, 3)), 64, 16), kept_values(Blur((2, 2)), 32, 32)
    (16384, 67616)
    """
    sizes = per_axis("input_size", size, len(scale_factors(op)), 1)
    values = channels * math.prod(sizes)
    match op:
        case ConvTranspose() | Conv() | Unpool():
            return values
        case Blur():
            return values + channels * math.prod(
                n + k - 1 for n, k in zip(sizes, op.kernel_size, strict=True)
            )
        case Resize() | Shuffle():
            return 0
        case _:
            assert_never(op)


def reach(op: Operation, axis: int, position: int) -> range:
    """Return the input positions that an output position depends on along ``axis``, ignoring borders.

    So the range can begin before the first input position, and end after the last.

    >>> reach(Resize((2,), "linear"), 0, 6), reach(Conv(1, 1, (3,)), 0, 6)
    (range(2, 4), range(5, 8))
    """
    match op:
        case ConvTranspose():
            return _inputs_of(op, axis, position + op.padding[axis])
        case Conv():
            half = op.kernel_size[axis] // 2
            return range(position - half, position + half + 1)
        case Resize(mode="linear"):
            # The centre of the output position, in input positions, is (2 · position + 1 − s) / 2s.
            twice = 2 * op.scale_factor[axis]
            first, between = divmod(2 * position + 1 - op.scale_factor[axis], twice)
            return range(first, first + (2 if between else 1))
        case Blur():
            return range(position - op.kernel_size[axis] + 1, position + 1)
        case Resize() | Shuffle() | Unpool():
            first = position // op.scale_factor[axis]
            return range(first, first + 1)
        case _:
            assert_never(op)


def _inputs_of(layer: ConvTranspose, axis: int, position: int) -> range:
    """Return every input i with i · s + t · d = ``position`` for a kernel index 0 ≤ t < k.

    ``position`` is an output position before cropping.
    """
    k, s, d = layer.kernel_size[axis], layer.stride[axis], layer.dilation[axis]
    common = math.gcd(s, d)
    if position % common:
        return range(0)
    # All solutions t differ by s / gcd(s, d). The inverse of d modulo that number gives the smallest.
    step = s // common
    kernel_indices = range(position // common * pow(d // common, -1, step) % step, k, step)
    if not kernel_indices:
        return range(0)
    first = (position - kernel_indices[-1] * d) // s
    return range(first, first + len(kernel_indices) * (d // common), d // common)


def products_met(op: Operation, axis: int) -> tuple[int, int]:
    """Return the minimum and maximum number of products added up in an output position along ``axis``.

    The count is for one input and one output channel, away from the borders. A layer without weights passes
    on the products before it.

    >>> products_met(ConvTranspose(in_channels=1, out_channels=1, kernel_size=(3,), stride=2), 0)
    (1, 2)
    """
    match op:
        case ConvTranspose():
            along = overlap(op)[axis]
            return along.minimum, along.maximum
        case Conv():
            return op.kernel_size[axis], op.kernel_size[axis]
        case Resize() | Shuffle() | Unpool() | Blur():
            return 1, 1
        case _:
            assert_never(op)


def code(op: Operation) -> str:
    """Return the layer as a line of PyTorch after ``from torch import nn``.

    PyTorch has no module for a shuffle in 1-D, in 3-D or with different scales. Its line needs the class that
    ``definition`` returns.

    >>> code(Conv(64, 32, (3, 3)))
    'nn.Conv2d(64, 32, kernel_size=3, padding=1)'
    >>> code(Shuffle((2, 2))), code(Resize((2, 2), "linear")), code(Unpool((2, 2)))
    ('nn.PixelShuffle(2)', 'nn.Upsample(scale_factor=2, mode="bilinear")', 'nn.MaxUnpool2d(2)')
    >>> code(Blur((2, 2)))
    'nn.Sequential(nn.ReplicationPad2d((1, 0, 1, 0)), nn.AvgPool2d(2, stride=1))'
    >>> code(Shuffle((2,)))
    'Shuffle1d()'
    """
    match op:
        case ConvTranspose():
            return f"nn.{LayerDescription(**asdict(op)).code('ConvTranspose')}"
        case Conv():
            return _conv_code(op)
        case Resize():
            return f'nn.Upsample(scale_factor={axes_code(op.scale_factor)}, mode="{op.title}")'
        case Shuffle():
            return f"{_shuffle_name(op)}()" if definition(op) else f"nn.PixelShuffle({op.scale_factor[0]})"
        case Unpool():
            return f"nn.MaxUnpool{len(op.scale_factor)}d({axes_code(op.scale_factor)})"
        case Blur():
            return _blur_code(op)
        case _:
            assert_never(op)


def definition(op: Operation) -> str:
    """Return the class that the line of ``code`` needs; empty where PyTorch has a module.

    >>> print(definition(Shuffle((2,))))
    class Shuffle1d(nn.Module):
        def forward(self, x):
            b, c, w = x.shape
            x = x.reshape(b, c // 2, 2, w).permute(0, 1, 3, 2)
            return x.reshape(b, c // 2, w * 2)
    """
    if not isinstance(op, Shuffle):
        return ""
    scale, rank = op.scale_factor, len(op.scale_factor)
    if rank == 2 and len(collapse_axes(scale)) == 1:
        return ""
    names = ("d", "h", "w")[3 - rank :]
    channels = f"c // {math.prod(scale)}"
    split = ", ".join(["b", channels, *map(str, scale), *names])
    order = ", ".join(map(str, [0, 1, *(axis for n in range(rank) for axis in (2 + rank + n, 2 + n))]))
    grown = ", ".join(["b", channels, *(f"{name} * {r}" for name, r in zip(names, scale, strict=True))])
    return "\n".join(
        (
            f"class {_shuffle_name(op)}(nn.Module):",
            "    def forward(self, x):",
            f"        b, c, {', '.join(names)} = x.shape",
            f"        x = x.reshape({split}).permute({order})",
            f"        return x.reshape({grown})",
        )
    )


def _shuffle_name(op: Shuffle) -> str:
    """Return the name of the class; a chain can have several shuffles along different axes."""
    scale = op.scale_factor
    return f"Shuffle{len(scale)}d" if len(set(scale)) == 1 else f"Shuffle{'x'.join(map(str, scale))}"


def _conv_code(op: Conv) -> str:
    padding = tuple(size // 2 for size in op.kernel_size)
    return f"nn.{LayerDescription(**asdict(op), padding=padding).code('Conv')}"


def _blur_code(op: Blur) -> str:
    """Return the padding of the first border and the mean; PyTorch names the last axis first."""
    rank = len(op.kernel_size)
    pads = tuple(pad for size in reversed(op.kernel_size) for pad in (size - 1, 0))
    mean = f"nn.AvgPool{rank}d({axes_code(op.kernel_size)}, stride=1)"
    return f"nn.Sequential(nn.ReplicationPad{rank}d({pads}), {mean})"
