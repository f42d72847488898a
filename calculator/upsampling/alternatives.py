"""All ways to upsample by a whole factor, as chains of layers with the same output size.

They are built from rules: every kernel, whole and split along the axes, with groups and depthwise, with the
convolution of kernel 1 at every place, before and after every way to enlarge, with and without a blur. A
search adds the chains of layers that no other chain beats.
"""

import functools
import itertools
import math
import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from calculator.core.formatting import format_count
from calculator.core.layer import ConvTranspose, valid_groups
from calculator.core.validation import per_axis, whole_number
from calculator.upsampling.alternative import Alternative, Missing
from calculator.upsampling.form_search import cheapest
from calculator.upsampling.forms import (
    Builder,
    Kernel,
    Mode,
    Steps,
    conv_text,
    does_nothing,
    form_key,
    form_name,
    groups_text,
    kernel_text,
    partitions,
    resize_kernels,
    same_functions,
    transposed_kernels,
)
from calculator.upsampling.layers import Blur, Conv, Operation, Resize, Shuffle, scale_axes
from calculator.upsampling.operations import products_met
from calculator.upsampling.qualities import is_easy_to_export
from calculator.upsampling.tradeoffs import ALSO, BLURRED, OVERLAPS, TRADEOFFS

USUAL_GROUPS = (8, 4, 2)
"""The numbers of groups to choose from, the preferred first, where the layer has no groups."""

MODES: tuple[Mode, Mode] = ("nearest", "linear")

Choice = Alternative | Missing

Parts = tuple[tuple[int, ...], ...]
"""Axes in groups. A kernel is split into one part for each group."""


@dataclass(frozen=True)
class _Request:
    """The builder, the groups of grouped forms (1: no number fits), and the visitor's kernel and groups."""

    build: Builder
    groups: int
    own_kernel: Kernel | None
    own_groups: int

    @property
    def inputs(self) -> int:
        return self.build.in_channels

    @property
    def outputs(self) -> int:
        return self.build.out_channels

    @functools.cached_property
    def kernels(self) -> tuple[Kernel, ...]:
        """The kernels of transposed convolutions: the usual ones, the widest last, then the visitor's own.

        The visitor's own is not among them if it leaves holes or cannot keep the size.
        """
        own, scale = self.own_kernel, self.build.scale
        usable = own is not None and _keeps_size(own, scale) and all(map(operator.ge, own, scale))
        return tuple(dict.fromkeys((*transposed_kernels(scale), *([own] if own and usable else []))))

    @property
    def wide(self) -> Kernel:
        return transposed_kernels(self.build.scale)[-1]

    def parts(self, kernel: Kernel) -> tuple[Parts, ...]:
        """Return every way to split ``kernel`` along the axes, in every order; no part does nothing."""
        values = tuple(zip(kernel, self.build.scale, strict=True))
        every = partitions(values)
        return tuple(
            groups
            for groups in every
            if len(groups) == 1 or all(any(max(values[axis]) > 1 for axis in group) for group in groups)
        )

    def unordered_parts(self, kernel: Kernel) -> list[Parts]:
        """Return every way to split ``kernel`` along the axes, in one order."""
        return [parts for parts in self.parts(kernel) if list(parts) == sorted(parts)]

    def form(self, family: str, steps: Steps, *, usual: bool = False, name: str = "") -> Alternative:
        """Return the alternative with the advantage and the cost of its family."""
        layers = self.build.operations(steps)
        blurred = any(isinstance(step.layer, Blur) for step in steps)
        gets, pays = TRADEOFFS.get(family) or OVERLAPS[_overlap_kind(layers)]
        if blurred:
            gets, pays = BLURRED[0], f"{BLURRED[1]} {pays}"
        return Alternative(
            form_key(steps), name or form_name(steps), layers, gets, pays, ALSO.get(family, ""), usual
        )


def _keeps_size(kernel: Kernel, scale: Kernel) -> bool:
    return not any(s == 1 and k % 2 == 0 for k, s in zip(kernel, scale, strict=True))


def _overlap_kind(layers: Sequence[Operation]) -> str:
    """Return how the products of the first transposed convolutions overlap: a key of ``OVERLAPS``."""
    spans = [
        products_met(op, axis)
        for op in layers
        if isinstance(op, ConvTranspose)
        for axis in range(len(op.stride))
    ]
    if any(minimum == 0 for minimum, _ in spans):
        return "holes"
    if any(minimum != maximum for minimum, maximum in spans):
        return "uneven"
    return "single" if all(maximum == 1 for _, maximum in spans) else "even"


def alternatives(
    in_channels: int,
    out_channels: int,
    scale_factor: tuple[int, ...],
    *,
    bias: bool = True,
    groups: int = 1,
    kernel_size: tuple[int, ...] | None = None,
    merged: bool = True,
) -> tuple[Choice, ...]:
    """Return the ways to upsample from size n to n · scale_factor, in a fixed order.

    Forms that compute the same functions are one alternative, with the costs of the cheapest; so are forms
    that differ only in a permutation of the axes. Without ``merged``, each form stands for itself.
    ``scale_factor`` is one whole number per axis. ``kernel_size`` adds the visitor's own transposed layer.
    ``groups`` applies to that layer and to the grouped forms, if it divides both channel counts. With
    ``bias``, the last layer with weights has biases.
    Raises ``LayerError`` for values that no layer can have.

    >>> found = alternatives(64, 32, (2,))
    >>> for alternative in found[:3]:
    ...     print(alternative.name, alternative.parameter_count)
    transposed, kernel 2 4128
    transposed, kernel 3 6176
    transposed, kernel 4 8224
    """
    build = Builder(
        whole_number("in_channels", in_channels, 1),
        whole_number("out_channels", out_channels, 1),
        scale_axes(scale_factor),
        Conv(1, 1, (1,), bias=bias).bias,
    )
    fitting = valid_groups(build.in_channels, build.out_channels)
    groups = whole_number("groups", groups, 1)
    own_groups = groups if groups in fitting else 1
    own_kernel = None if kernel_size is None else per_axis("kernel_size", kernel_size, build.rank, 1)
    request = _Request(build, _number_of_groups(fitting, own_groups), own_kernel, own_groups)
    return _different(request) if merged else _every(request)


def _every(request: _Request) -> tuple[Choice, ...]:
    """Return all forms, without those that hold a layer that does nothing."""
    every = (
        *_transposed(request),
        *_grouped(request),
        *_own(request),
        *_factorised_transposed(request),
        *_grouped_and_mixed(request),
        *_separable(request),
        *_blurred(request),
        *_resized(request),
        *_factorised_resized(request),
        *_unpooled(request),
        *_sub_pixel(request),
        *_shuffled_first(request),
        *_interpolated(request),
        *_searched(request),
    )
    # Along axes that keep their size, a resize, a shuffle or a blur does nothing.
    return tuple(
        way for way in every if isinstance(way, Missing) or not any(map(does_nothing, way.operations))
    )


def _number_of_groups(fitting: Sequence[int], groups: int) -> int:
    """Return ``groups`` if it is above 1, else a usual number that fits, or 1 if none does."""
    if groups > 1 or len(fitting) == 1:
        return groups
    return next((count for count in USUAL_GROUPS if count in fitting), fitting[1])


# Some hundred forms take a tenth of a second, and a page asks again at every press.
@functools.lru_cache(maxsize=64)
def _different(request: _Request) -> tuple[Choice, ...]:
    """Return one alternative for all that compute the same functions."""
    kept: dict[object, Choice] = {}
    for choice in _every(request):
        key = choice.key if isinstance(choice, Missing) else same_functions(choice.operations)
        earlier = kept.get(key)
        if isinstance(earlier, Alternative) and isinstance(choice, Alternative):
            choice = _cheaper(earlier, choice)
        kept[key] = choice
    return tuple(kept.values())


def _cheaper(one: Alternative, other: Alternative) -> Alternative:
    """Return the alternative with less work, then less memory, then the one that is easy to export.

    Its ``equal`` has the name of the other.
    """
    costs = [
        (way.multiply_accumulates(1), way.kept_activations(1), not is_easy_to_export(way))
        for way in (one, other)
    ]
    best, worse = (other, one) if costs[1] < costs[0] else (one, other)
    # The visitor's kernel may be a usual one; then it is not another form.
    worse_name = (worse.name,) if worse.key != "yours" else ()
    names = dict.fromkeys((*best.equal, *worse_name, *worse.equal))
    return replace(best, usual=one.usual or other.usual, equal=tuple(names), also=best.also or worse.also)


def _transposed(request: _Request) -> Iterator[Alternative]:
    """Yield a transposed convolution with each usual kernel."""
    build = request.build
    for kernel in transposed_kernels(build.scale):
        step = build.transposed(kernel, build.scale, request.inputs, request.outputs)
        family = "up-convolution" if kernel == build.scale else "transposed"
        yield request.form(family, (step,), usual=True, name=f"transposed, {kernel_text(kernel)}")


def _grouped(request: _Request) -> Iterator[Choice]:
    """Yield every transposed convolution with groups, or why there is none."""
    build = request.build
    if request.groups == 1:
        counts = f"{format_count(request.inputs)} and {format_count(request.outputs)}"
        reason = f"The channel counts {counts} have no common divisor above 1, so there are no groups."
        yield Missing("grouped", "transposed, grouped", reason)
        return
    for kernel in reversed(transposed_kernels(build.scale)):
        step = build.transposed(kernel, build.scale, request.inputs, request.outputs, request.groups)
        name = f"transposed, {kernel_text(kernel)}{groups_text(request.groups)}"
        yield request.form("grouped", (step,), usual=kernel == request.wide, name=name)


def _own(request: _Request) -> Iterator[Choice]:
    """Yield the transposed layer with the visitor's kernel and groups, or why it is missing."""
    kernel, build = request.own_kernel, request.build
    if kernel is None:
        return
    name = f"transposed, your {kernel_text(kernel)}"
    if not _keeps_size(kernel, build.scale):
        reason = "Where the scale is 1, an even kernel cannot keep the size: padding crops both ends alike."
        yield Missing("yours", name, reason)
        return
    groups = request.own_groups
    name += groups_text(groups)
    step = build.transposed(kernel, build.scale, request.inputs, request.outputs, groups)
    yield replace(request.form("transposed", (step,), usual=True, name=name), key="yours")


def _factorised_transposed(request: _Request) -> Iterator[Alternative]:
    """Yield depthwise transposed convolutions, whole and split, with the mixing layer at every place."""
    build = request.build
    for kernel, axes in _pairs(reversed(request.kernels), request.parts):
        for mixed in range(len(axes) + 1):
            steps = build.factorised_transposed(kernel, axes, mixed)
            family = "mixed-first" if mixed == 0 else "depthwise" if mixed == len(axes) else "mixed-between"
            yield request.form(family, steps, usual=kernel == request.wide and len(axes) == 1)
            yield request.form(family, (*steps, build.blur()))


def _grouped_and_mixed(request: _Request) -> Iterator[Alternative]:
    """Yield kernels with groups that change the channels, and a mixing layer on the fewer channels."""
    build, inputs, outputs = request.build, request.inputs, request.outputs
    for kernel, axes in _pairs(reversed(request.kernels), request.parts):
        for steps in _mixed(request, kernel, axes, inputs, outputs, transposed=True):
            yield request.form("grouped-mixed", steps)
            yield request.form("grouped-mixed", (*steps, build.blur()))
    for kernel, axes in _pairs(_small_kernels(request), request.unordered_parts):
        for steps in _mixed(request, kernel, axes, inputs, outputs):
            for mode, place in itertools.product(MODES, range(len(steps) + 1)):
                # Between the parts of one kernel there is no resize.
                if place in (0, len(steps)) or steps[place - 1].code.startswith("pointwise"):
                    yield request.form("grouped-mixed", (*steps[:place], build.resize(mode), *steps[place:]))
        for steps in _mixed(request, kernel, axes, inputs, outputs * build.volume):
            yield request.form("grouped-mixed", (*steps, build.shuffle()))
    if build.volume > 1 and inputs % build.volume == 0:
        for kernel, axes in _pairs(_reaching_kernels(request), request.unordered_parts):
            for steps in _mixed(request, kernel, axes, inputs // build.volume, outputs):
                yield request.form("grouped-mixed", (build.shuffle(), *steps))


def _mixed(
    request: _Request, kernel: Kernel, axes: Parts, inputs: int, outputs: int, *, transposed: bool = False
) -> Iterator[Steps]:
    """Yield a kernel and a layer with kernel 1, one with groups; none where groups are all channels or 1."""
    if inputs == outputs or math.gcd(inputs, outputs) == 1:
        return
    build, fewer, groups = request.build, min(inputs, outputs), math.gcd(inputs, outputs)
    kernels = build.grouped(kernel, inputs, outputs, axes, transposed=transposed)
    mix = build.mix(fewer, fewer)
    yield (mix, *kernels) if inputs < outputs else (*kernels, mix)
    # The other way round, the kernel mixes the fewer channels, and the layer with kernel 1 has the groups.
    kernels = build.dense_first(kernel, fewer, axes, transposed=transposed)
    change = build.mix(inputs, outputs, groups)
    yield (*kernels, change) if inputs < outputs else (change, *kernels)


def _separable(request: _Request) -> Iterator[Choice]:
    """Yield one transposed convolution for each axis or group of axes, or why there is none."""
    build = request.build
    if build.rank == 1:
        reason = "In 1-D there is a single axis, so there is nothing to separate."
        yield Missing("separable", "separable transposed", reason)
        return
    for kernel, axes in _pairs(reversed(request.kernels), lambda kernel: request.parts(kernel)[1:]):
        steps = build.transposeds(kernel, axes)
        usual = kernel == request.wide and axes == tuple((axis,) for axis in range(build.rank))
        kernels = " then ".join(step.text.removeprefix("transposed ") for step in steps)
        yield request.form("separable", steps, usual=usual, name=f"separable transposed, {kernels}")
        yield request.form("separable", (*steps, build.blur()))


def _blurred(request: _Request) -> Iterator[Alternative]:
    """Yield a transposed convolution with each kernel, and a blur after it."""
    build = request.build
    for kernel in request.kernels:
        step = build.transposed(kernel, build.scale, request.inputs, request.outputs)
        yield request.form("transposed", (step, build.blur()), usual=kernel == request.wide)


def _small_kernels(request: _Request) -> tuple[Kernel, ...]:
    """Return the kernel 3, and the kernel that is 3 only along the axes that are enlarged."""
    scale = request.build.scale
    only = tuple(3 if s > 1 else 1 for s in scale)
    return tuple(dict.fromkeys([(3,) * len(scale), *([only] if max(scale) > 1 else [])]))


def _wide_kernels(request: _Request) -> tuple[Kernel, ...]:
    """Return the kernels of a convolution at the output size."""
    covering = resize_kernels(request.build.scale, [request.wide, *request.kernels])
    return tuple(dict.fromkeys((*covering, *_small_kernels(request))))


def _pairs(
    kernels: Iterable[Kernel], parts: Callable[[Kernel], Iterable[Parts]]
) -> Iterator[tuple[Kernel, Parts]]:
    """Yield each kernel with each way to split it."""
    return ((kernel, axes) for kernel in kernels for axes in parts(kernel))


def _resized(request: _Request) -> Iterator[Alternative]:
    """Yield a convolution after a resize, and before it; whole, split and with groups."""
    build, channels = request.build, (request.inputs, request.outputs)
    usual = set(resize_kernels(build.scale, [request.wide]))
    for kernel, mode in itertools.product(_wide_kernels(request), MODES):
        up = build.resize(mode)
        for axes in request.unordered_parts(kernel):
            steps = build.convs(kernel, *channels, axes)
            whole = len(axes) == 1
            yield request.form(f"{mode}-conv", (up, *steps), usual=whole and kernel in usual)
            if kernel in _small_kernels(request):
                yield request.form("conv-resize", (*steps, up))
        if request.groups > 1:
            step = build.conv(kernel, *channels, request.groups)
            yield request.form("grouped", (up, step))
            yield request.form("grouped", (step, up))


def _factorised_resized(request: _Request) -> Iterator[Alternative]:
    """Yield a resize, a depthwise convolution and one that mixes channels, in every order."""
    build = request.build
    mix = build.mix(request.inputs, request.outputs)
    pairs = _pairs(_wide_kernels(request), request.unordered_parts)
    for (kernel, axes), mode in itertools.product(pairs, MODES):
        up = build.resize(mode)
        few, many = (build.depthwises(kernel, count, axes) for count in (request.inputs, request.outputs))
        usual = len(axes) == 1 and kernel == (3,) * build.rank and mode == "nearest"
        yield request.form("resize-separable", (up, *few, mix), usual=usual)
        yield request.form("resize-separable", (up, mix, *many))
        yield request.form("resize-separable", (mix, up, *many))
        if kernel in _small_kernels(request):
            yield request.form("separable-resize", (*few, up, mix))
            yield request.form("separable-resize", (*few, mix, up))
            yield request.form("separable-resize", (mix, *many, up))


def _unpooled(request: _Request) -> Iterator[Alternative]:
    """Yield a convolution after an unpooling, whole, split and factorised.

    The kernel 2 · scale − 1 is the smallest that always contains the value of at least one block.
    """
    build = request.build
    kernel, up = transposed_kernels(build.scale)[1], build.unpool()
    if max(build.scale) == 1:
        return
    mix = build.mix(request.inputs, request.outputs)
    for axes in request.unordered_parts(kernel):
        whole = build.convs(kernel, request.inputs, request.outputs, axes)
        yield request.form("unpooled", (up, *whole), usual=len(axes) == 1)
        yield request.form("unpooled", (up, *build.depthwises(kernel, request.inputs, axes), mix))
        yield request.form("unpooled", (up, mix, *build.depthwises(kernel, request.outputs, axes)))


def _sub_pixel(request: _Request) -> Iterator[Alternative]:
    """Yield convolutions to ∏ scale times the channels, which a shuffle turns into positions."""
    build, wide = request.build, request.outputs * request.build.volume
    up, blur = build.shuffle(), build.blur()
    expand = build.mix(request.inputs, wide)
    name = f"patch expanding: {conv_text((1,) * build.rank)} + shuffle"
    for kernel, axes in _pairs(_small_kernels(request), request.unordered_parts):
        steps = (*build.convs(kernel, request.inputs, wide, axes), up)
        usual = len(axes) == 1 and set(kernel) == {3}
        title = f"sub-pixel · PixelShuffle: {form_name(steps)}"
        yield request.form("sub-pixel", steps, usual=usual, name=title if usual else "")
        yield request.form("sub-pixel", (*steps, blur), name=f"{title} + blur" if usual else "")
        few, many, some = (
            build.depthwises(kernel, count, axes) for count in (request.inputs, request.outputs, wide)
        )
        for chain in ((*few, expand, up), (expand, *some, up), (expand, up, *many)):
            yield request.form("sub-pixel-separable", chain)
            yield request.form("sub-pixel-separable", (*chain, blur))
    yield request.form("patch-expanding", (expand, up), usual=True, name=name)
    yield request.form("patch-expanding", (expand, up, blur))
    if request.groups > 1:
        step = build.conv((3,) * build.rank, request.inputs, wide, request.groups)
        yield request.form("grouped", (step, up))


def _reaching_kernels(request: _Request) -> tuple[Kernel, ...]:
    """Return the kernels after a shuffle: the small ones, and the one that reaches a whole block.

    A position has the channels of one place in its block. The kernel reaches those of the other places.
    """
    reaching = tuple(s + (s + 1) % 2 if s > 2 else 3 if s == 2 else 1 for s in request.build.scale)
    return tuple(dict.fromkeys((*_small_kernels(request), reaching)))


def _shuffled_first(request: _Request) -> Iterator[Choice]:
    """Yield convolutions after a shuffle, which divides the input channels, or why there are none."""
    build, up = request.build, request.build.shuffle()
    if build.volume == 1:
        return
    if request.inputs % build.volume:
        reason = (
            f"A shuffle divides the channels by {format_count(build.volume)}, and "
            f"{format_count(request.inputs)} channels cannot be divided by that."
        )
        yield Missing("shuffle-first", "shuffle + convolution", reason)
        return
    inputs = request.inputs // build.volume
    mix = build.mix(inputs, request.outputs)
    for kernel, axes in _pairs(_reaching_kernels(request), request.unordered_parts):
        yield request.form("shuffle-first", (up, *build.convs(kernel, inputs, request.outputs, axes)))
        yield request.form("shuffle-first", (up, *build.depthwises(kernel, inputs, axes), mix))
        yield request.form("shuffle-first", (up, mix, *build.depthwises(kernel, request.outputs, axes)))
    yield request.form("shuffle-pointwise", (up, mix))


def _interpolated(request: _Request) -> Iterator[Alternative]:
    """Yield a fixed resize with a convolution of kernel 1 before it, and after it."""
    build = request.build
    mix = build.mix(request.inputs, request.outputs)
    for mode in MODES:
        up = build.resize(mode)
        yield request.form("interpolated", (mix, up), usual=mode == "linear")
        yield request.form("interpolated", (up, mix))


def _searched(request: _Request) -> Iterator[Alternative]:
    """Yield the chains that no other chain beats in parameters and work, without and with a blur."""
    build = request.build
    for steps in cheapest(build).chains:
        if not isinstance(resize := steps[-1].layer, Resize):
            yield request.form("searched", steps)
            yield request.form("searched", (*steps, build.blur()))
            continue
        # A blur before the resize keeps fewer values, and a resize makes no pattern.
        rest = resize.scale_factor
        blur = build.blur(tuple(s // r for s, r in zip(build.scale, rest, strict=True)))
        for mode in MODES:
            yield request.form("searched", (*steps[:-1], build.resize(mode, rest)))
            yield request.form("searched", (*steps[:-1], blur, build.resize(mode, rest)))


def sub_pixel(in_channels: int, out_channels: int, scale: tuple[int, ...], *, bias: bool) -> Alternative:
    """Return a convolution to more channels, which a shuffle turns into positions. Raises ``LayerError``.

    >>> sub_pixel(64, 32, (2, 2), bias=True).parameter_count
    73856
    """
    kernel = (3,) * len(scale)
    first = Conv(in_channels, out_channels * Builder(1, 1, scale, bias).volume, kernel, bias=bias)
    title = f"sub-pixel: {conv_text(kernel)} + shuffle"
    return Alternative("sub-pixel", title, (first, Shuffle(scale)), *TRADEOFFS["sub-pixel"])
