"""Questions to the layers an upsampling block is made of: shapes, counts, work, positions, words, code.

One function per question, each for any ``Operation`` (transposed convolution, convolution, resize,
sub-pixel shuffle). Multiply–accumulates are those of weights: resizing and shuffling count as 0.
"""

import math
from dataclasses import asdict
from typing import assert_never

from calculator.comparison.upsampling_layers import Conv, Operation, Resize, Shuffle
from calculator.core.description import LayerDescription
from calculator.core.errors import LayerError
from calculator.core.formatting import axes_code, collapse_axes, format_axes
from calculator.core.layer import ConvTranspose
from calculator.core.validation import Spatial, per_axis, whole

__all__ = [
    "Conv",
    "Operation",
    "Resize",
    "Shuffle",
    "bias_count",
    "code",
    "describe",
    "multiply_accumulates",
    "output_shape",
    "products_met",
    "reach",
    "scale_factors",
    "sources",
    "weight_count",
]


def scale_factors(op: Operation) -> tuple[int, ...]:
    """Return by how much the size grows on each axis: the stride of a transposed convolution."""
    match op:
        case ConvTranspose():
            return op.stride
        case Conv():
            return (1,) * len(op.kernel_size)
        case Resize() | Shuffle():
            return op.scale_factor
        case _:
            assert_never(op)


def output_shape(op: Operation, channels: int, size: Spatial) -> tuple[int, tuple[int, ...]]:
    """Return (channels, size) of the output. Raises ``LayerError`` for channels that do not fit.

    >>> output_shape(Shuffle((2, 2)), 128, (16, 16))
    (32, (32, 32))
    """
    factors = scale_factors(op)
    sizes = per_axis("input_size", size, len(factors), 1)
    grown = tuple(n * factor for n, factor in zip(sizes, factors, strict=True))
    whole("channels", channels, 1)
    match op:
        case ConvTranspose() | Conv():
            if channels != op.in_channels:
                raise LayerError(f"channels must be in_channels={op.in_channels}, received {channels}.")
            return op.out_channels, op.output_size(sizes) if isinstance(op, ConvTranspose) else sizes
        case Resize():
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
    """Return the number of weights; resizing and shuffling have none."""
    return op.weight_count if isinstance(op, ConvTranspose | Conv) else 0


def bias_count(op: Operation) -> int:
    """Return the number of biases."""
    return op.bias_count if isinstance(op, ConvTranspose | Conv) else 0


def multiply_accumulates(op: Operation, size: Spatial) -> int:
    """Return the multiply–accumulates for one sample of input ``size``: every weight at every position.

    A transposed convolution works at its input positions, a convolution at its output positions (the
    same number here). Products with padded zeros and cropped ones are counted; adding biases is not.

    >>> multiply_accumulates(Conv(64, 32, (3, 3)), 32), multiply_accumulates(Resize((2, 2), "nearest"), 16)
    (18874368, 0)
    """
    sizes = per_axis("input_size", size, len(scale_factors(op)), 1)
    if isinstance(op, ConvTranspose):
        return op.multiply_accumulates(sizes)
    return math.prod(sizes) * weight_count(op)


def reach(op: Operation, axis: int, position: int) -> range:
    """Return the input positions that an output position depends on, along ``axis``, without borders.

    >>> reach(Resize((2,), "linear"), 0, 6), reach(Conv(1, 1, (3,)), 0, 6)
    (range(2, 4), range(5, 8))
    """
    match op:
        case ConvTranspose():
            return _landed(op, axis, position + op.padding[axis])
        case Conv():
            half = op.kernel_size[axis] // 2
            return range(position - half, position + half + 1)
        case Resize(mode="linear"):
            # The centre of the output position, in input positions: (2 · position + 1 − s) / 2s.
            twice = 2 * op.scale_factor[axis]
            first, between = divmod(2 * position + 1 - op.scale_factor[axis], twice)
            return range(first, first + (2 if between else 1))
        case Resize() | Shuffle():
            first = position // op.scale_factor[axis]
            return range(first, first + 1)
        case _:
            assert_never(op)


def _landed(layer: ConvTranspose, axis: int, place: int) -> range:
    """Return every i with i · s + t · d = place for a tap 0 ≤ t < k of the kernel."""
    k, s, d = layer.kernel_size[axis], layer.stride[axis], layer.dilation[axis]
    common = math.gcd(s, d)
    if place % common:
        return range(0)
    every = s // common
    taps = range(place // common * pow(d // common, -1, every) % every, k, every)
    if not taps:
        return range(0)
    first = (place - taps[-1] * d) // s
    return range(first, first + len(taps) * (d // common), d // common)


def sources(op: Operation, axis: int, position: int, size: int) -> range:
    """Return the input positions that an output position depends on along ``axis``, of ``size`` there are.

    >>> layer = ConvTranspose(in_channels=1, out_channels=1, kernel_size=(4,), stride=2, padding=1)
    >>> [list(sources(layer, 0, position, 8)) for position in (0, 1, 2)]
    [[0], [0, 1], [0, 1]]
    """
    whole("position", position, 0)
    endless = reach(op, axis, position)
    skipped = max(0, -(endless.start // endless.step)) * endless.step
    return range(endless.start + skipped, min(endless.stop, whole("size", size, 1)), endless.step)


def products_met(op: Operation, axis: int) -> tuple[int, int]:
    """Return the least and the most products with weights that meet in an output position along ``axis``.

    Away from the borders, and for one input and one output channel.

    >>> products_met(ConvTranspose(in_channels=1, out_channels=1, kernel_size=(3,), stride=2), 0)
    (1, 2)
    """
    match op:
        case ConvTranspose():
            # Taps that differ by s / gcd(s, d) land in the same place of a step of the stride.
            k, common = op.kernel_size[axis], math.gcd(op.stride[axis], op.dilation[axis])
            every = op.stride[axis] // common
            return (0 if common > 1 else k // every), -(-k // every)
        case Conv():
            return op.kernel_size[axis], op.kernel_size[axis]
        case Resize() | Shuffle():
            return 1, 1
        case _:
            assert_never(op)


def describe(op: Operation) -> str:
    """Return what the layer is, in a few words.

    >>> describe(Resize((2, 2), "linear"))
    'bilinear resize, scale 2'
    """
    match op:
        case ConvTranspose() | Conv():
            kind = "transposed" if isinstance(op, ConvTranspose) else "convolution"
            return f"{kind} {LayerDescription(**asdict(op)).words()}"
        case Resize():
            return f"{op.title} resize, scale {format_axes(op.scale_factor)}"
        case Shuffle():
            return f"sub-pixel shuffle, scale {format_axes(op.scale_factor)}"
        case _:
            assert_never(op)


def code(op: Operation) -> str:
    """Return the layer as a line of PyTorch (``from torch import nn``); a comment where it has no module.

    >>> code(Conv(64, 32, (3, 3)))
    'nn.Conv2d(64, 32, kernel_size=3, padding=1)'
    >>> code(Shuffle((2, 2))), code(Resize((2, 2), "linear"))
    ('nn.PixelShuffle(2)', 'nn.Upsample(scale_factor=2, mode="bilinear")')
    >>> code(Shuffle((2,)))
    '# no PyTorch module: sub-pixel shuffle, scale 2 (nn.PixelShuffle is 2-D, with one scale)'
    """
    match op:
        case ConvTranspose():
            return f"nn.{LayerDescription(**asdict(op)).code('ConvTranspose')}"
        case Conv():
            return _conv_code(op)
        case Resize():
            return f'nn.Upsample(scale_factor={axes_code(op.scale_factor)}, mode="{op.title}")'
        case Shuffle():
            if len(op.scale_factor) == 2 and len(collapse_axes(op.scale_factor)) == 1:
                return f"nn.PixelShuffle({op.scale_factor[0]})"
            return f"# no PyTorch module: {describe(op)} (nn.PixelShuffle is 2-D, with one scale)"
        case _:
            assert_never(op)


def _conv_code(op: Conv) -> str:
    padding = tuple(size // 2 for size in op.kernel_size)
    return f"nn.{LayerDescription(**asdict(op), padding=padding).code('Conv')}"
