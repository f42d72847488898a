"""Overlap: how many products meet in each output position, and what makes it even.

Away from the borders the counts repeat with the stride. They are even exactly when the stride divides
kernel_size and has no factor in common with dilation. Uneven counts make the checkerboard pattern of
Odena, Dumoulin & Olah, "Deconvolution and Checkerboard Artifacts" (Distill, 2016,
https://distill.pub/2016/deconv-checkerboard/). Even overlap is necessary, not sufficient: trained
weights can still make a pattern.
"""

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass

from calculator.core.errors import LayerError
from calculator.core.formatting import collapse_axes, format_count, format_product
from calculator.core.layer import ConvTranspose
from calculator.core.validation import Spatial, whole_number


def axis_overlap(layer: ConvTranspose, axis: int, input_size: int) -> tuple[int, ...]:
    """Return, for each output position along one axis, how many (input, tap) pairs land there.

    What ``padding`` crops is not in it. Raises ``LayerError`` when it crops more than there is.

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
    taps = range(0, extent, layer.dilation[axis])
    # One stride back the same taps met the inputs one earlier: only the pairs of the first and of the
    # last differ. Before the start Python counts from the end, where s zeros stay.
    counts = [0] * (length + s)
    for place in range(length):
        counts[place] = counts[place - s] + (place in taps) - (place - i * s in taps)
    return tuple(counts[p : length - p])


def interior_counts(layer: ConvTranspose, axis: int) -> tuple[int, ...]:
    """Return the counts over one stride, away from the borders: entry r has the taps with a·d mod s = r.

    >>> for k, s in ((2, 2), (3, 2), (4, 2), (5, 4), (6, 3), (1, 2)):
    ...     layer = ConvTranspose(in_channels=1, out_channels=1, kernel_size=(k,), stride=s)
    ...     print(k, s, interior_counts(layer, 0))
    2 2 (1, 1)
    3 2 (2, 1)
    4 2 (2, 2)
    5 4 (2, 1, 1, 1)
    6 3 (2, 2, 2)
    1 2 (1, 0)
    """
    k, s, d = layer.kernel_size[axis], layer.stride[axis], layer.dilation[axis]
    counts = [0] * s
    rounds, rest = divmod(k, s // math.gcd(s, d))
    for tap in range(s // math.gcd(s, d)):
        counts[tap * d % s] = rounds + (tap < rest)
    return tuple(counts)


@dataclass(frozen=True)
class AxisOverlap:
    """The counts along one axis over one stride, away from the borders."""

    axis: int
    counts: tuple[int, ...]

    @property
    def minimum(self) -> int:
        """Products in the position that gets fewest."""
        return min(self.counts)

    @property
    def maximum(self) -> int:
        """Products in the position that gets most."""
        return max(self.counts)

    @property
    def even(self) -> bool:
        """Whether every position gets as many."""
        return self.minimum == self.maximum

    @property
    def holes(self) -> bool:
        """Whether some positions get nothing but the bias."""
        return self.minimum == 0


def overlap(layer: ConvTranspose) -> tuple[AxisOverlap, ...]:
    """Return the overlap along each axis. Counts of several axes multiply.

    >>> layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=(4, 3), stride=2)
    >>> [(axis.minimum, axis.maximum, axis.even) for axis in overlap(layer)]
    [(2, 2, True), (1, 2, False)]
    """
    return tuple(AxisOverlap(axis, interior_counts(layer, axis)) for axis in range(layer.rank))


def interior_range(layer: ConvTranspose) -> tuple[int, int]:
    """Return the fewest and the most products in one output position, away from the borders.

    >>> interior_range(ConvTranspose(in_channels=1, out_channels=1, kernel_size=3, stride=2))
    (1, 4)
    """
    axes = overlap(layer)
    return math.prod(axis.minimum for axis in axes), math.prod(axis.maximum for axis in axes)


@dataclass(frozen=True)
class Remedy:
    """A layer with even overlap next to an uneven one.

    ``changes`` has each setting that differs with its new values, one per axis; ``same_size`` says
    whether the output stays as large as it was.
    """

    layer: ConvTranspose
    changes: tuple[tuple[str, tuple[int, ...]], ...]
    sentence: str
    same_size: bool


def remedies(layer: ConvTranspose, input_size: Spatial) -> tuple[Remedy, ...]:
    """Return the nearest layers whose overlap is even: a smaller kernel, a larger one. None when it is.

    Only uneven axes change. Where stride and dilation share a factor no kernel helps, and dilation
    becomes 1. ``padding`` and ``output_padding`` keep the output size, with the smallest
    ``output_padding``; where none can, they come as near to it as they may.
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
    # A dictionary, because both are the same where the kernel is smaller than the stride.
    found = dict.fromkeys(_evened(layer, uneven, larger) for larger in (False, True))
    return tuple(_remedy(layer, made, size, made.output_size(input_size)) for made in found if made != layer)


def _evened(layer: ConvTranspose, axes: Sequence[int], larger: bool) -> ConvTranspose:
    """Return the layer with the next smaller or larger kernel that is even on ``axes``."""
    kernel, dilation = list(layer.kernel_size), list(layer.dilation)
    padding, extra = list(layer.padding), list(layer.output_padding)
    for axis in axes:
        k, s, d = kernel[axis], layer.stride[axis], dilation[axis]
        kernel[axis] = -(-k // s) * s if larger else max(k // s, 1) * s
        dilation[axis] = 1 if math.gcd(s, d) > 1 else d
        extent = dilation[axis] * (kernel[axis] - 1) + 1
        # The size stays when output_padding − 2 · padding makes up for the change of the extent.
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
    layer: ConvTranspose, made: ConvTranspose, size: tuple[int, ...], new_size: tuple[int, ...]
) -> Remedy:
    names = ("kernel_size", "dilation", "padding", "output_padding")
    changes = tuple(
        (name, getattr(made, name)) for name in names if getattr(made, name) != getattr(layer, name)
    )
    changed = dict(changes)
    main = [_setting(name, made) for name in names[:2] if name in changed]
    rest = [_setting("padding", made)]
    if "output_padding" in changed or any(made.output_padding):
        rest.append(_setting("output_padding", made))
    what = f"{' and '.join(main)} with {' and '.join(rest)}"
    kept = f"The output stays {format_product(size)}."
    if new_size != size:
        kept = f"No padding keeps the output {format_product(size)}: it becomes {format_product(new_size)}."
    sentence = (
        f"{what[0].upper()}{what[1:]}: away from the borders, every position gets {_each(made)}. {kept}"
    )
    return Remedy(made, changes, sentence, new_size == size)


def _setting(name: str, layer: ConvTranspose) -> str:
    """Return a setting in words: one number when all axes have the same."""
    values = getattr(layer, name)
    return f"{name.replace('_', ' ')} {format_product(collapse_axes(values))}"


def _each(layer: ConvTranspose) -> str:
    """Return how many products meet in a position of an even layer, in words."""
    counts = [axis.maximum for axis in overlap(layer)]
    if len(set(counts)) > 1:
        return f"{format_product(counts)} products"
    along = " along each axis" if layer.rank > 1 else ""
    return f"{format_count(counts[0])} product{'s' if counts[0] > 1 else ''}{along}"
