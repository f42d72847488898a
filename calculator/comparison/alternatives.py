"""All ways to upsample by a whole factor, as chains of layers with the same output size."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from calculator.comparison.alternative import Alternative, Missing
from calculator.comparison.operations import products_met, scale_factors
from calculator.comparison.tradeoffs import OVERLAPS, TRADEOFFS
from calculator.comparison.upsampling_layers import Conv, Operation, Resize, Shuffle, scale_axes
from calculator.core.formatting import collapse_axes, format_count, format_product
from calculator.core.layer import ConvTranspose, valid_groups
from calculator.core.validation import per_axis, whole_number

Kernel = tuple[int, ...]
"""A size per axis."""

USUAL_GROUPS = (8, 4, 2)
"""The numbers of groups to choose from, the preferred first, where the layer has no groups."""


@dataclass(frozen=True)
class _Requirements:
    """The channels, the scale factor and the bias that every alternative must have."""

    in_channels: int
    out_channels: int
    scale: tuple[int, ...]
    bias: bool

    @property
    def rank(self) -> int:
        return len(self.scale)

    def conv(self, inputs: int, outputs: int, size: int) -> Conv:
        """Return an ordinary convolution with a square kernel that keeps the size."""
        return Conv(inputs, outputs, (size,) * self.rank, bias=self.bias)

    def transposed(
        self, kernel: Kernel, scale: Kernel, inputs: int, outputs: int, groups: int = 1
    ) -> ConvTranspose:
        """Return the transposed convolution with output size = input size · ``scale``.

        That needs 2p − op = k − s for padding p and output_padding op; op is the smallest that is allowed.
        """
        excess = [k - s for k, s in zip(kernel, scale, strict=True)]
        return ConvTranspose(
            in_channels=inputs,
            out_channels=outputs,
            kernel_size=kernel,
            stride=scale,
            padding=tuple(max(0, (extra + 1) // 2) for extra in excess),
            output_padding=tuple(extra % 2 if extra > 0 else -extra for extra in excess),
            groups=groups,
            bias=self.bias,
        )


def alternatives(
    in_channels: int,
    out_channels: int,
    scale_factor: tuple[int, ...],
    *,
    bias: bool = True,
    groups: int = 1,
    kernel_size: tuple[int, ...] | None = None,
) -> tuple[Alternative | Missing, ...]:
    """Return the ways to upsample from size n to n · scale_factor, without duplicates, in a fixed order.

    ``scale_factor`` is one whole number per axis. ``kernel_size`` adds the visitor's own transposed layer.
    ``groups`` applies to that layer and to the grouped layer, if it divides both channel counts. With
    ``bias``, every convolution has biases. Raises ``LayerError`` for values that no layer can have.

    >>> for alternative in alternatives(64, 32, (2,))[:3]:
    ...     print(alternative.name, alternative.parameter_count)
    transposed, kernel 2 4128
    transposed, kernel 3 6176
    transposed, kernel 4 8224
    """
    scale = scale_axes(scale_factor)
    required = _Requirements(
        whole_number("in_channels", in_channels, 1),
        whole_number("out_channels", out_channels, 1),
        scale,
        bias,
    )
    # Along an axis with scale 1, an even kernel cannot keep the size.
    wide = tuple(2 * s if s > 1 else 3 for s in scale)
    every: list[Alternative | Missing] = [
        _transposed(required, scale),
        _transposed(required, tuple(2 * s - 1 if s > 1 else 3 for s in scale)),
        _transposed(required, wide),
        _grouped(required, wide, whole_number("groups", groups, 1)),
        *_own_layer(required, kernel_size, groups),
        _depthwise(required, wide),
        _separable(required, wide),
        *_resized(required),
        sub_pixel(in_channels, out_channels, scale, bias=bias),
        *_interpolated(required),
    ]
    return _without_duplicates(every)


def _without_duplicates(every: Sequence[Alternative | Missing]) -> tuple[Alternative | Missing, ...]:
    """Return the alternatives without those that do the same as an earlier one.

    Layers that do nothing, such as a resize by 1, make no difference.
    """
    seen, kept = set(), []
    for alternative in every:
        if isinstance(alternative, Alternative):
            effective = tuple(op for op in alternative.operations if not _does_nothing(op))
            if effective in seen:
                continue
            seen.add(effective)
        kept.append(alternative)
    return tuple(kept)


def _does_nothing(op: Operation) -> bool:
    return isinstance(op, Resize | Shuffle) and set(scale_factors(op)) == {1}


def _kernel_text(kernel: Kernel) -> str:
    return f"kernel {format_product(collapse_axes(kernel), compact=True)}"


def _conv_text(size: int, rank: int) -> str:
    """Return the name of a convolution: conv 3×3 in 2-D; a kernel 1×1 needs no "conv"."""
    kernel = format_product((size,) * rank, compact=True)
    return kernel if size == 1 and rank > 1 else f"conv {kernel}"


def _alternative(key: str, name: str, *operations: Operation) -> Alternative:
    """Return an alternative with the advantage and the cost of its key."""
    return Alternative(key, name, operations, *TRADEOFFS[key])


def _transposed(
    required: _Requirements, kernel: Kernel, key: str = "", name: str = "", groups: int = 1
) -> Alternative:
    """Return a single transposed layer; its advantage and its cost follow from its overlap."""
    layer = required.transposed(kernel, required.scale, required.in_channels, required.out_channels, groups)
    minimum, maximum = zip(*(products_met(layer, axis) for axis in range(required.rank)), strict=True)
    if 0 in minimum:
        kind = "holes"
    elif minimum != maximum:
        kind = "uneven"
    else:
        kind = "single" if set(maximum) == {1} else "even"
    key, name = key or f"transposed-{'x'.join(map(str, kernel))}", name or "transposed,"
    title = f"{name} {_kernel_text(kernel)}" + (f", groups {groups}" if groups > 1 else "")
    return Alternative(key, title, (layer,), *OVERLAPS[kind])


def _own_layer(
    required: _Requirements, kernel_size: Kernel | None, groups: int
) -> tuple[Alternative | Missing, ...]:
    """Return the transposed layer with the visitor's kernel, or why it is missing; empty without a kernel."""
    if kernel_size is None:
        return ()
    kernel = per_axis("kernel_size", kernel_size, required.rank, 1)
    name = "transposed, your"
    if any(s == 1 and k % 2 == 0 for k, s in zip(kernel, required.scale, strict=True)):
        reason = "Where the scale is 1, an even kernel cannot keep the size: padding crops both ends alike."
        return (Missing("yours", f"{name} {_kernel_text(kernel)}", reason),)
    if groups not in valid_groups(required.in_channels, required.out_channels):
        groups = 1
    return (_transposed(required, kernel, "yours", name, groups),)


def _grouped(required: _Requirements, kernel: Kernel, groups: int) -> Alternative | Missing:
    """Return a transposed layer with groups: with ``groups`` if possible, else with a usual number."""
    common = valid_groups(required.in_channels, required.out_channels)
    if len(common) == 1:
        counts = f"{format_count(required.in_channels)} and {format_count(required.out_channels)}"
        reason = f"The channel counts {counts} have no common divisor above 1, so there are no groups."
        return Missing("grouped", "transposed, grouped", reason)
    if groups == 1 or groups not in common:
        groups = next((count for count in USUAL_GROUPS if count in common), common[1])
    layer = required.transposed(kernel, required.scale, required.in_channels, required.out_channels, groups)
    return _alternative("grouped", f"transposed, {_kernel_text(kernel)}, groups {groups}", layer)


def _depthwise(required: _Requirements, kernel: Kernel) -> Alternative:
    """Return one kernel for each channel, then a convolution that mixes the channels."""
    inputs = required.in_channels
    enlarge = required.transposed(kernel, required.scale, inputs, inputs, inputs)
    mix = required.conv(inputs, required.out_channels, 1)
    return _alternative("depthwise", f"depthwise transposed + {_conv_text(1, required.rank)}", enlarge, mix)


def _separable(required: _Requirements, kernel: Kernel) -> Alternative | Missing:
    """Return one transposed layer for each axis, or why there is none."""
    if required.rank == 1:
        reason = "In 1-D there is a single axis, so there is nothing to separate."
        return Missing("separable", "separable transposed", reason)
    # The smaller channel count between the layers gives them fewer weights.
    middle = min(required.in_channels, required.out_channels)
    channels = [required.in_channels, *[middle] * (required.rank - 1), required.out_channels]
    layers = []
    for axis in range(required.rank):
        axis_kernel, axis_scale = (
            tuple(size if a == axis else 1 for a, size in enumerate(sizes))
            for sizes in (kernel, required.scale)
        )
        layers.append(required.transposed(axis_kernel, axis_scale, channels[axis], channels[axis + 1]))
    kernels = " then ".join(format_product(layer.kernel_size, compact=True) for layer in layers)
    return _alternative("separable", f"separable transposed, {kernels}", *layers)


def _resized(required: _Requirements) -> tuple[Alternative, ...]:
    """Return a convolution after a nearest resize, and one after a linear resize."""
    nearest, linear = Resize(required.scale, "nearest"), Resize(required.scale, "linear")
    last, title = required.conv(required.in_channels, required.out_channels, 3), _conv_text(3, required.rank)
    return (
        _alternative("nearest-conv", f"{nearest.title} + {title}", nearest, last),
        _alternative("linear-conv", f"{linear.title} + {title}", linear, last),
    )


def sub_pixel(in_channels: int, out_channels: int, scale: tuple[int, ...], *, bias: bool) -> Alternative:
    """Return a convolution to more channels, which a shuffle turns into positions. Raises ``LayerError``.

    >>> sub_pixel(64, 32, (2, 2), bias=True).parameter_count
    73856
    """
    kernel = (3,) * len(scale)
    first = Conv(in_channels, out_channels * math.prod(scale), kernel, bias=bias)
    title = f"sub-pixel: {_conv_text(3, len(scale))} + shuffle"
    return _alternative("sub-pixel", title, first, Shuffle(scale))


def _interpolated(required: _Requirements) -> tuple[Alternative, ...]:
    """Return a fixed interpolation with a convolution of kernel 1 after it, and before it."""
    linear, mix = (
        Resize(required.scale, "linear"),
        required.conv(required.in_channels, required.out_channels, 1),
    )
    title = _conv_text(1, required.rank)
    return (
        _alternative("linear-pointwise", f"{linear.title} + {title}", linear, mix),
        _alternative("pointwise-linear", f"{title} + {linear.title}", mix, linear),
    )
