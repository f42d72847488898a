"""The ways to upsample by a whole factor, each a list of layers with the same output size."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from calculator.comparison.alternative import Alternative, Missing
from calculator.comparison.operations import products_met, scale_factors
from calculator.comparison.tradeoffs import OVERLAPS, TRADEOFFS
from calculator.comparison.upsampling_layers import Conv, Operation, Resize, Shuffle, scale_axes
from calculator.core.formatting import collapse_axes, format_count, format_product
from calculator.core.layer import ConvTranspose, valid_groups
from calculator.core.validation import per_axis, whole

Kernel = tuple[int, ...]


@dataclass(frozen=True)
class _Wanted:
    """What every alternative has to do."""

    in_channels: int
    out_channels: int
    scale: tuple[int, ...]
    bias: bool

    @property
    def rank(self) -> int:
        return len(self.scale)

    def conv(self, inputs: int, outputs: int, size: int) -> Conv:
        return Conv(inputs, outputs, (size,) * self.rank, bias=self.bias)

    def transposed(
        self, kernel: Kernel, scale: Kernel, inputs: int, outputs: int, groups: int = 1
    ) -> ConvTranspose:
        """Return the layer that gives input size · scale: 2p − op = k − s, with the least legal op."""
        over = [k - s for k, s in zip(kernel, scale, strict=True)]
        return ConvTranspose(
            in_channels=inputs,
            out_channels=outputs,
            kernel_size=kernel,
            stride=scale,
            padding=tuple(max(0, (extra + 1) // 2) for extra in over),
            output_padding=tuple(extra % 2 if extra > 0 else -extra for extra in over),
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
    """Return the ways to get from size n to n · scale_factor, without repeats, in a fixed order.

    ``scale_factor`` has one whole number per axis. ``kernel_size`` adds a transposed layer of your own;
    ``groups`` is used for it and for the grouped one when it divides both channel counts. Every
    convolution has biases when ``bias``. Raises ``LayerError`` for values no layer can have.

    >>> for way in alternatives(64, 32, (2,))[:3]:
    ...     print(way.name, way.parameter_count)
    transposed, kernel 2 4128
    transposed, kernel 3 6176
    transposed, kernel 4 8224
    """
    scale = scale_axes(scale_factor)
    want = _Wanted(whole("in_channels", in_channels, 1), whole("out_channels", out_channels, 1), scale, bias)
    wide = tuple(2 * s if s > 1 else 3 for s in scale)
    found: list[Alternative | Missing] = [
        _transposed(want, scale),
        _transposed(want, tuple(2 * s - 1 if s > 1 else 3 for s in scale)),
        _transposed(want, wide),
        _grouped(want, wide, whole("groups", groups, 1)),
        *_yours(want, kernel_size, groups),
        _depthwise(want, wide),
        _separable(want, wide),
        *_resized(want),
        _sub_pixel(want),
        *_interpolated(want),
    ]
    return _without_repeats(found)


def _without_repeats(found: Sequence[Alternative | Missing]) -> tuple[Alternative | Missing, ...]:
    """Return what is left when layers that change nothing do not make a difference: scale 1."""
    seen, kept = set(), []
    for way in found:
        if isinstance(way, Alternative):
            essence = tuple(op for op in way.operations if not _changes_nothing(op))
            if essence in seen:
                continue
            seen.add(essence)
        kept.append(way)
    return tuple(kept)


def _changes_nothing(op: Operation) -> bool:
    return isinstance(op, Resize | Shuffle) and set(scale_factors(op)) == {1}


def _kernel_text(kernel: Kernel) -> str:
    return f"kernel {format_product(collapse_axes(kernel), compact=True)}"


def _conv_text(size: int, rank: int) -> str:
    """Return the name of a convolution: conv 3×3 in 2-D; 1×1 alone says that it is one."""
    kernel = format_product((size,) * rank, compact=True)
    return kernel if size == 1 and rank > 1 else f"conv {kernel}"


def _made(key: str, name: str, *operations: Operation) -> Alternative:
    return Alternative(key, name, operations, *TRADEOFFS[key])


def _transposed(want: _Wanted, kernel: Kernel, key: str = "", name: str = "", groups: int = 1) -> Alternative:
    """Return a single transposed layer; what it gives and costs follows from its overlap."""
    layer = want.transposed(kernel, want.scale, want.in_channels, want.out_channels, groups)
    minimum, maximum = zip(*(products_met(layer, axis) for axis in range(want.rank)), strict=True)
    if 0 in minimum:
        kind = "holes"
    elif minimum != maximum:
        kind = "uneven"
    else:
        kind = "single" if set(maximum) == {1} else "even"
    key, name = key or f"transposed-{'x'.join(map(str, kernel))}", name or "transposed,"
    title = f"{name} {_kernel_text(kernel)}" + (f", groups {groups}" if groups > 1 else "")
    return Alternative(key, title, (layer,), *OVERLAPS[kind])


def _yours(want: _Wanted, kernel_size: Kernel | None, groups: int) -> tuple[Alternative | Missing, ...]:
    if kernel_size is None:
        return ()
    kernel = per_axis("kernel_size", kernel_size, want.rank, 1)
    name = "transposed, your"
    if any(s == 1 and k % 2 == 0 for k, s in zip(kernel, want.scale, strict=True)):
        reason = "Where the scale is 1, an even kernel cannot keep the size: padding crops both ends alike."
        return (Missing("yours", f"{name} {_kernel_text(kernel)}", reason),)
    if groups not in valid_groups(want.in_channels, want.out_channels):
        groups = 1
    return (_transposed(want, kernel, "yours", name, groups),)


def _grouped(want: _Wanted, kernel: Kernel, groups: int) -> Alternative | Missing:
    common = valid_groups(want.in_channels, want.out_channels)
    if len(common) == 1:
        counts = f"{format_count(want.in_channels)} and {format_count(want.out_channels)}"
        reason = f"The channel counts {counts} have no common divisor above 1, so there are no groups."
        return Missing("grouped", "transposed, grouped", reason)
    if groups == 1 or groups not in common:
        groups = next((count for count in (8, 4, 2) if count in common), common[1])
    layer = want.transposed(kernel, want.scale, want.in_channels, want.out_channels, groups)
    return _made("grouped", f"transposed, {_kernel_text(kernel)}, groups {groups}", layer)


def _depthwise(want: _Wanted, kernel: Kernel) -> Alternative:
    inputs = want.in_channels
    spread = want.transposed(kernel, want.scale, inputs, inputs, inputs)
    mix = want.conv(inputs, want.out_channels, 1)
    return _made("depthwise", f"depthwise transposed + {_conv_text(1, want.rank)}", spread, mix)


def _separable(want: _Wanted, kernel: Kernel) -> Alternative | Missing:
    if want.rank == 1:
        reason = "In 1-D there is a single axis, so there is nothing to separate."
        return Missing("separable", "separable transposed", reason)
    middle = min(want.in_channels, want.out_channels)
    channels = [want.in_channels, *[middle] * (want.rank - 1), want.out_channels]
    layers = []
    for axis in range(want.rank):
        alone = [tuple(v if a == axis else 1 for a, v in enumerate(axes)) for axes in (kernel, want.scale)]
        layers.append(want.transposed(alone[0], alone[1], channels[axis], channels[axis + 1]))
    sizes = " then ".join(format_product(layer.kernel_size, compact=True) for layer in layers)
    return _made("separable", f"separable transposed, {sizes}", *layers)


def _resized(want: _Wanted) -> tuple[Alternative, ...]:
    nearest, linear = Resize(want.scale, "nearest"), Resize(want.scale, "linear")
    last, title = want.conv(want.in_channels, want.out_channels, 3), _conv_text(3, want.rank)
    return (
        _made("nearest-conv", f"{nearest.title} + {title}", nearest, last),
        _made("linear-conv", f"{linear.title} + {title}", linear, last),
    )


def _sub_pixel(want: _Wanted) -> Alternative:
    first = want.conv(want.in_channels, want.out_channels * math.prod(want.scale), 3)
    title = f"sub-pixel: {_conv_text(3, want.rank)} + shuffle"
    return _made("sub-pixel", title, first, Shuffle(want.scale))


def _interpolated(want: _Wanted) -> tuple[Alternative, ...]:
    linear, mix = Resize(want.scale, "linear"), want.conv(want.in_channels, want.out_channels, 1)
    title = _conv_text(1, want.rank)
    return (
        _made("linear-pointwise", f"{linear.title} + {title}", linear, mix),
        _made("pointwise-linear", f"{title} + {linear.title}", mix, linear),
    )
