"""Overlap: the number of products that are added in each output position, and layers in which it is even.

Away from the borders the counts repeat with the stride. They are even exactly if the stride divides
kernel_size and has no common factor with dilation. Uneven counts cause the checkerboard pattern of
Odena, Dumoulin & Olah, "Deconvolution and Checkerboard Artifacts" (Distill, 2016,
https://distill.pub/2016/deconv-checkerboard/). Even overlap does not exclude the pattern: trained weights can
still cause it.
"""

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass

from calculator.core.errors import LayerError
from calculator.core.formatting import collapse_axes, format_axes, format_product, join_words, plural
from calculator.core.layer import ConvTranspose
from calculator.core.validation import Spatial, whole_number

MAX_POSITIONS = 1_000_000
"""The maximum number of positions along one axis whose products are counted one by one."""


def axis_overlap(layer: ConvTranspose, axis: int, input_size: int) -> tuple[int, ...]:
    """Return the number of (input value, tap) pairs in each output position along one axis.

    Cropped positions are not included. Raises ``LayerError`` if ``padding`` crops more positions than exist,
    and above ``MAX_POSITIONS``.

    >>> layer = ConvTranspose(in_channels=1, out_channels=1, kernel_size=3, stride=2)
    >>> axis_overlap(layer, 0, 4)
    (1, 1, 2, 1, 2, 1, 2, 1, 1)
    """
    i = whole_number("input_size", input_size, 1)
    s, p, extent = layer.stride[axis], layer.padding[axis], layer.kernel_extent[axis]
    length = (i - 1) * s + extent + layer.output_padding[axis]
    if length < 2 * p:
        raise LayerError(
            f"padding must leave an output of at least 0: on axis {axis}, padding={p} crops {2 * p} "
            f"of {length}, received input_size={i}."
        )
    if length + s > MAX_POSITIONS:
        raise LayerError(
            f"Products are counted in at most {MAX_POSITIONS} positions along an axis: on axis {axis} "
            f"there are {length + s}, with one more stride, received input_size={i}."
        )
    taps = range(0, extent, layer.dilation[axis])
    # A position gets the same taps as the position one stride before, but of the next input value. So the
    # counts differ only by the taps of the first and of the last value. The s zeros at the end are the counts
    # before the first position, which negative indices read.
    counts = [0] * (length + s)
    for position in range(length):
        counts[position] = counts[position - s] + (position in taps) - (position - i * s in taps)
    return tuple(counts[p : length - p])


@dataclass(frozen=True)
class AxisOverlap:
    """The fewest and the most products in an output position along one axis, away from the borders."""

    axis: int
    minimum: int
    maximum: int

    @property
    def even(self) -> bool:
        """Whether every position gets the same number of products."""
        return self.minimum == self.maximum

    @property
    def holes(self) -> bool:
        """Whether some positions get no product, and so only the bias."""
        return self.minimum == 0


def overlap(layer: ConvTranspose) -> tuple[AxisOverlap, ...]:
    """Return the overlap along each axis. The count of a position is the product over the axes.

    >>> layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=(4, 3), stride=2)
    >>> [(axis.minimum, axis.maximum, axis.even) for axis in overlap(layer)]
    [(2, 2, True), (1, 2, False)]
    """
    return tuple(_interior(layer, axis) for axis in range(layer.rank))


def _interior(layer: ConvTranspose, axis: int) -> AxisOverlap:
    """Return the overlap along one axis."""
    settings = layer.kernel_size[axis], layer.stride[axis], layer.dilation[axis]
    return AxisOverlap(axis, *product_range(*settings))


def product_range(k: int, s: int, d: int) -> tuple[int, int]:
    """Return the fewest and the most products along an axis with kernel size k, stride s and dilation d.

    >>> product_range(3, 2, 1), product_range(4, 2, 1), product_range(4, 2, 2)
    ((1, 2), (2, 2), (0, 4))
    """
    # Tap t lands on position t·d mod s within a stride. These positions repeat after s / gcd(s, d) taps, and
    # with a common factor of s and d the positions between the multiples of that factor get no tap.
    common = math.gcd(s, d)
    period = s // common
    return 0 if common > 1 else k // period, -(-k // period)


def interior_range(layer: ConvTranspose) -> tuple[int, int]:
    """Return the minimum and maximum number of products in an output position, away from the borders.

    >>> interior_range(ConvTranspose(in_channels=1, out_channels=1, kernel_size=3, stride=2))
    (1, 4)
    """
    axes = overlap(layer)
    return math.prod(axis.minimum for axis in axes), math.prod(axis.maximum for axis in axes)


@dataclass(frozen=True)
class Remedy:
    """A layer with even overlap that is close to a given uneven layer.

    ``changes`` has the name and the new values (one per axis) of each changed setting.
    """

    layer: ConvTranspose
    changes: tuple[tuple[str, tuple[int, ...]], ...]
    sentence: str


def remedies(layer: ConvTranspose, input_size: Spatial) -> tuple[Remedy, ...]:
    """Return the nearest layers with even overlap: one with a smaller and one with a larger kernel.

    Only uneven axes change; the result is empty if all axes are even. If stride and dilation have a common
    factor, no kernel size makes an axis even, and dilation becomes 1. ``padding`` and ``output_padding``
    change so that the output size stays the same, with the smallest ``output_padding``. If that is
    impossible, the output size comes as close as possible.
    Raises ``LayerError`` as ``output_size`` does.

    >>> layer = ConvTranspose(in_channels=1, out_channels=1, kernel_size=3, stride=2, padding=1)
    >>> for remedy in remedies(layer, 4):
    ...     print(remedy.sentence)
    Kernel size 2 with padding 1 and output padding 1: away from the borders, every position gets \
1 product along each axis. The output stays 7 × 7.
    Kernel size 4 with padding 2 and output padding 1: away from the borders, every position gets \
2 products along each axis. The output stays 7 × 7.
    """
    size = layer.output_size(input_size)
    uneven = [axis.axis for axis in overlap(layer) if not axis.even]
    # If the kernel is smaller than the stride, both are the same layer. The dictionary keeps it once.
    nearest = dict.fromkeys(_even_layer(layer, uneven, larger) for larger in (False, True))
    changed = [even for even in nearest if even != layer]
    return tuple(_remedy(layer, even, size, even.output_size(input_size)) for even in changed)


def _even_layer(layer: ConvTranspose, axes: Sequence[int], larger: bool) -> ConvTranspose:
    """Return the layer with the next smaller or larger kernel that is even on ``axes``."""
    kernel, dilation = list(layer.kernel_size), list(layer.dilation)
    padding, extra = list(layer.padding), list(layer.output_padding)
    for axis in axes:
        k, s, d = kernel[axis], layer.stride[axis], dilation[axis]
        kernel[axis] = -(-k // s) * s if larger else max(k // s, 1) * s
        dilation[axis] = 1 if math.gcd(s, d) > 1 else d
        extent = dilation[axis] * (kernel[axis] - 1) + 1
        # The output size stays if output_padding − 2 · padding compensates the change of the extent.
        wanted = extra[axis] - 2 * padding[axis] + layer.kernel_extent[axis] - extent
        extra[axis] = min(max(wanted, wanted % 2), max(s, dilation[axis]) - 1)
        padding[axis] = max(extra[axis] - wanted, 0) // 2
    return dataclasses.replace(
        layer,
        kernel_size=tuple(kernel),
        dilation=tuple(dilation),
        padding=tuple(padding),
        output_padding=tuple(extra),
    )


def _remedy(
    layer: ConvTranspose, even: ConvTranspose, size: tuple[int, ...], new_size: tuple[int, ...]
) -> Remedy:
    """Return the remedy that replaces ``layer`` by ``even``, with its sentence."""
    names = ("kernel_size", "dilation", "padding", "output_padding")
    changes = {name: getattr(even, name) for name in names if getattr(even, name) != getattr(layer, name)}
    main = [_setting(name, even) for name in names[:2] if name in changes]
    rest = [_setting("padding", even)]
    if "output_padding" in changes or any(even.output_padding):
        rest.append(_setting("output_padding", even))
    settings = f"{join_words(main)} with {join_words(rest)}"
    result = f"The output stays {format_product(size)}."
    if new_size != size:
        result = f"No padding keeps the output {format_product(size)}: it becomes {format_product(new_size)}."
    sentence = (
        f"{settings[0].upper()}{settings[1:]}: away from the borders, every position gets "
        f"{_products(even)}. {result}"
    )
    return Remedy(even, tuple(changes.items()), sentence)


def _setting(name: str, layer: ConvTranspose) -> str:
    """Return a spatial setting in words."""
    return f"{name.replace('_', ' ')} {format_axes(getattr(layer, name))}"


def _products(layer: ConvTranspose) -> str:
    """Return the number of products in each position of a layer with even overlap, in words."""
    counts = tuple(axis.maximum for axis in overlap(layer))
    if len(collapse_axes(counts)) > 1:
        return f"{format_product(counts)} products"
    return plural(counts[0], "product") + (" along each axis" if layer.rank > 1 else "")
