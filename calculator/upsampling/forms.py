"""The forms of upsampling, built from rules: steps in every order, each a layer with exact counts.

A form enlarges each axis by a transposed convolution, a resize, a shuffle or an unpooling, or by one of these
and a resize for the rest. Its channel count changes once, and one layer without groups mixes the channels. A
shuffle also divides the channels. Its biases, if it has any, are those of the last layer with weights, as in
Keras' ``SeparableConv2D``: a bias before another layer would be one more parameter for each channel, and
does, away from the borders, hardly more than another value of the last bias.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

from calculator.core.formatting import collapse_axes, format_count, format_product
from calculator.core.layer import ConvTranspose
from calculator.upsampling.layers import Blur, Conv, Operation, Resize, Shuffle, Unpool

MAX_REMEMBERED = 1_024
"""The maximum number of layers that are kept with and without their bias."""

Kernel = tuple[int, ...]
"""A size per axis."""

Axes = Sequence[Sequence[int]]
"""Groups of axes, each of which has a part of a kernel."""

Mode = Literal["nearest", "linear"]


WEIGHTED = (ConvTranspose, Conv)
"""The layers with weights."""


@dataclass(frozen=True)
class Step:
    """One layer of a form, its code in a key, and its name: what it does and, after a space, its kernel."""

    layer: Operation
    code: str
    text: str


Steps = tuple[Step, ...]


def form_key(steps: Steps) -> str:
    """Return the key of a form: the codes of its layers."""
    return "-".join(step.code for step in steps)


def form_name(steps: Steps) -> str:
    """Return the name of a form. The word for several kernels after each other is written once."""
    names: list[str] = []
    previous = ""
    for step in steps:
        word, _, kernel = step.text.rpartition(" ")
        names.append(kernel if word and word == previous else step.text)
        previous = word
    return " + ".join(names)


@dataclass(frozen=True)
class Builder:
    """The channels, the scale factor and the bias that every form must have.

    Its methods return steps. No layer has a bias before ``operations`` gives it to the last one.
    """

    in_channels: int
    out_channels: int
    scale: Kernel
    bias: bool

    @property
    def rank(self) -> int:
        """The number of spatial axes."""
        return len(self.scale)

    @property
    def volume(self) -> int:
        """The positions that an input position becomes: ∏ scale."""
        return math.prod(self.scale)

    def operations(self, steps: Steps) -> tuple[Operation, ...]:
        """Return the layers of a form, the last one with weights with its bias."""
        layers = [step.layer for step in steps]
        for index in reversed(range(len(layers))) if self.bias else ():
            layer = layers[index]
            if isinstance(layer, WEIGHTED):
                layers[index] = _with_bias(layer, True)
                break
        return tuple(layers)

    def mix(self, inputs: int, outputs: int, groups: int = 1) -> Step:
        """Return a convolution with kernel 1."""
        return _conv_step("pointwise", (1,) * self.rank, inputs, outputs, groups)

    def conv(self, kernel: Kernel, inputs: int, outputs: int, groups: int = 1) -> Step:
        """Return a convolution that keeps the size."""
        return _conv_step("conv", kernel, inputs, outputs, groups)

    def depthwise(self, kernel: Kernel, channels: int) -> Step:
        """Return a convolution with one kernel for each channel."""
        return _conv_step("depthwise", kernel, channels, channels, channels)

    def transposed(
        self,
        kernel: Kernel,
        scale: Kernel,
        inputs: int,
        outputs: int,
        groups: int = 1,
        word: str = "transposed",
    ) -> Step:
        """Return the transposed convolution with output size = input size · ``scale``."""
        return _transposed_step(word, kernel, scale, inputs, outputs, groups)

    def depthwise_transposed(self, kernel: Kernel, scale: Kernel, channels: int) -> Step:
        """Return a transposed convolution with one kernel for each channel."""
        return self.transposed(kernel, scale, channels, channels, channels, "depthwise transposed")

    def layer(
        self, kernel: Kernel, inputs: int, outputs: int, groups: int, scale: Kernel | None = None
    ) -> Step:
        """Return a convolution, or a transposed one where ``scale`` is given; depthwise where it is that."""
        if inputs == outputs == groups > 1:
            return (
                self.depthwise_transposed(kernel, scale, inputs) if scale else self.depthwise(kernel, inputs)
            )
        if scale:
            return self.transposed(kernel, scale, inputs, outputs, groups)
        return self.conv(kernel, inputs, outputs, groups)

    def resize(self, mode: Mode, scale: Kernel | None = None) -> Step:
        """Return a resize by ``scale``, or by the whole scale."""
        layer = Resize(scale or self.scale, mode)
        return Step(layer, mode + self._part_code(scale), layer.title + self._part_text(scale))

    def shuffle(self, scale: Kernel | None = None) -> Step:
        """Return a shuffle by ``scale``, or by the whole scale."""
        code, text = self._part_code(scale), self._part_text(scale)
        return Step(Shuffle(scale or self.scale), f"shuffle{code}", f"shuffle{text}")

    def _part_code(self, scale: Kernel | None) -> str:
        return f"-{_code(scale)}" if scale and scale != self.scale else ""

    def _part_text(self, scale: Kernel | None) -> str:
        return f" ×{format_product(scale, compact=True)}" if scale and scale != self.scale else ""

    def unpool(self) -> Step:
        """Return an unpooling by the scale."""
        return Step(Unpool(self.scale), "unpool", "unpooling")

    def blur(self, scale: Kernel | None = None) -> Step:
        """Return a mean over as many positions as ``scale``, or the whole scale."""
        return Step(
            Blur(scale or self.scale), "blur" + self._part_code(scale), "blur" + self._part_text(scale)
        )

    # Chains in which one kernel is whole, or split into kernels along some of the axes.

    def convs(self, kernel: Kernel, inputs: int, outputs: int, axes: Axes) -> Steps:
        """Return convolutions with the parts of ``kernel`` along ``axes``, one after the other."""
        channels = self._between(inputs, outputs, len(axes))
        pairs = zip(axes, itertools.pairwise(channels), strict=True)
        return tuple(self.conv(_part(kernel, part), *pair) for part, pair in pairs)

    def depthwises(self, kernel: Kernel, channels: int, axes: Axes) -> Steps:
        """Return depthwise convolutions with the parts of ``kernel`` along ``axes``."""
        return tuple(self.depthwise(_part(kernel, part), channels) for part in axes)

    def transposeds(self, kernel: Kernel, axes: Axes) -> Steps:
        """Return transposed convolutions that enlarge ``axes`` one after the other."""
        channels = self._between(self.in_channels, self.out_channels, len(axes))
        pairs = zip(axes, itertools.pairwise(channels), strict=True)
        return tuple(
            self.transposed(_part(kernel, part), _part(self.scale, part), *pair) for part, pair in pairs
        )

    def factorised_transposed(self, kernel: Kernel, axes: Axes, mixed: int) -> Steps:
        """Return depthwise transposed convolutions; after ``mixed`` of them, one that mixes channels."""
        parts = [(_part(kernel, part), _part(self.scale, part)) for part in axes]
        before = tuple(self.depthwise_transposed(*part, self.in_channels) for part in parts[:mixed])
        after = tuple(self.depthwise_transposed(*part, self.out_channels) for part in parts[mixed:])
        return (*before, self.mix(self.in_channels, self.out_channels), *after)

    def grouped(self, kernel: Kernel, inputs: int, outputs: int, axes: Axes, *, transposed: bool) -> Steps:
        """Return layers with as many groups as both channel counts allow; one of them changes the channels.

        It is the first one if the channels become fewer, else the last one. The others are depthwise.
        """
        groups = math.gcd(inputs, outputs)
        steps: list[Step] = []
        channels = inputs
        for number, part in enumerate(axes):
            changes = number == (0 if outputs < inputs else len(axes) - 1)
            after = outputs if changes else channels
            piece, scale = _part(kernel, part), _part(self.scale, part)
            if transposed and changes:
                steps.append(self.transposed(piece, scale, channels, after, groups))
            elif transposed:
                steps.append(self.depthwise_transposed(piece, scale, channels))
            else:
                steps.append(
                    self.conv(piece, channels, after, groups) if changes else self.depthwise(piece, channels)
                )
            channels = after
        return tuple(steps)

    def dense_first(self, kernel: Kernel, channels: int, axes: Axes, *, transposed: bool) -> Steps:
        """Return layers that keep the channels; the first one mixes them, and the others are depthwise."""
        steps = []
        for number, part in enumerate(axes):
            piece, scale = _part(kernel, part), _part(self.scale, part)
            if number == 0:
                steps.append(
                    self.transposed(piece, scale, channels, channels)
                    if transposed
                    else self.conv(piece, channels, channels)
                )
            elif transposed:
                steps.append(self.depthwise_transposed(piece, scale, channels))
            else:
                steps.append(self.depthwise(piece, channels))
        return tuple(steps)

    @staticmethod
    def _between(inputs: int, outputs: int, layers: int) -> list[int]:
        """Return the channels before, between and after layers; between are the fewer of the two."""
        return [inputs, *[min(inputs, outputs)] * (layers - 1), outputs]


# The forms of a layer have many steps in common, and each new layer is checked.
@lru_cache(MAX_REMEMBERED)
def _conv_step(word: str, kernel: Kernel, inputs: int, outputs: int, groups: int) -> Step:
    """Return a convolution; ``word`` is conv, pointwise or depthwise."""
    layer = Conv(inputs, outputs, kernel, groups, bias=False)
    code = word if word == "pointwise" or set(kernel) == {3} else f"{word}-{_code(kernel)}"
    if word == "depthwise":
        return Step(layer, code, f"depthwise {format_product(kernel, compact=True)}")
    return Step(layer, code + "-grouped" * (groups > 1), conv_text(kernel) + groups_text(groups))


@lru_cache(MAX_REMEMBERED)
def _transposed_step(
    word: str, kernel: Kernel, scale: Kernel, inputs: int, outputs: int, groups: int
) -> Step:
    """Return a transposed convolution; ``word`` is transposed or depthwise transposed.

    The size needs 2p − op = k − s for padding p and output_padding op; op is the smallest that is allowed.
    """
    excess = [k - s for k, s in zip(kernel, scale, strict=True)]
    layer = ConvTranspose(
        in_channels=inputs,
        out_channels=outputs,
        kernel_size=kernel,
        stride=scale,
        padding=tuple(max(0, (extra + 1) // 2) for extra in excess),
        output_padding=tuple(extra % 2 if extra > 0 else -extra for extra in excess),
        groups=groups,
        bias=False,
    )
    code = f"{word.replace(' ', '-')}-{_code(kernel)}"
    grouped = groups > 1 and word == "transposed"
    text = f"{word} {format_product(kernel, compact=True)}" + groups_text(groups) * grouped
    return Step(layer, code + "-grouped" * grouped, text)


def groups_text(groups: int) -> str:
    """Return the end of the name of a layer with groups.

    >>> groups_text(16384), groups_text(1)
    (', groups 16,384', '')
    """
    return f", groups {format_count(groups)}" if groups > 1 else ""


def conv_text(kernel: Kernel) -> str:
    """Return the name of a convolution: conv 3×3 in 2-D; a kernel 1×1 needs no "conv"."""
    text = format_product(kernel, compact=True)
    return text if set(kernel) == {1} and len(kernel) > 1 else f"conv {text}"


def _code(kernel: Kernel) -> str:
    return "x".join(map(str, kernel))


def _part(values: Kernel, axes: Sequence[int]) -> Kernel:
    """Return ``values`` along ``axes`` and 1 along the others."""
    return tuple(value if axis in axes else 1 for axis, value in enumerate(values))


@lru_cache
def partitions(values: Sequence[object]) -> tuple[tuple[tuple[int, ...], ...], ...]:
    """Return the ways to put the axes into groups, in every order of the groups; first all in one.

    Axes of equal ``values`` may be exchanged: of the ways that differ only in that, there is one.

    >>> partitions((2, 3)), partitions((2, 2))
    ((((0, 1),), ((0,), (1,)), ((1,), (0,))), (((0, 1),), ((0,), (1,))))
    >>> len(partitions("abc"))
    13
    """
    axes = range(len(values))
    found: dict[object, tuple[tuple[int, ...], ...]] = {}
    labels = [
        row for row in itertools.product(axes, repeat=len(axes)) if set(row) == set(range(max(row) + 1))
    ]
    for row in sorted(labels, key=lambda row: (max(row), row)):
        groups = tuple(tuple(axis for axis in axes if row[axis] == group) for group in range(max(row) + 1))
        pattern = tuple(tuple(sorted(repr(values[axis]) for axis in group)) for group in groups)
        found.setdefault(pattern, groups)
    return tuple(found.values())


def transposed_kernels(scale: Kernel) -> tuple[Kernel, Kernel, Kernel]:
    """Return the usual kernels of a transposed convolution: the scale, 2 · scale − 1 and 2 · scale.

    Along an axis with scale 1 an even kernel cannot keep the size, so they are 1, 3 and 3 there.
    """
    return (
        scale,
        tuple(2 * s - 1 if s > 1 else 3 for s in scale),
        tuple(2 * s if s > 1 else 3 for s in scale),
    )


def resize_kernels(scale: Kernel, kernels: Sequence[Kernel]) -> tuple[Kernel, ...]:
    """Return the kernels after a resize: 3, and those that cover as many inputs as ``kernels`` do.

    A transposed convolution with kernel k covers up to r = ⌈k ÷ s⌉ inputs. After a nearest resize, a kernel
    of (r − 1) · s + 1 covers at least r. It is rounded up to an odd number.

    >>> resize_kernels((2, 2), [(4, 4)]), resize_kernels((4,), [(8,)])
    (((3, 3),), ((3,), (5,)))
    """
    found = [(3,) * len(scale)]
    for kernel in kernels:
        covering = tuple((-(-k // s) - 1) * s + 1 for k, s in zip(kernel, scale, strict=True))
        found.append(tuple(max(size + (size + 1) % 2, 3) for size in covering))
    return tuple(dict.fromkeys(found))


def same_functions(layers: Sequence[Operation]) -> tuple[object, ...]:
    """Return a value that is equal for two forms if these rules show that their functions are the same.

    - A layer that does nothing may be left out.
    - A kernel of 1 commutes with a resize, whose weights add up to 1 at every position.
    - Depthwise layers along different axes commute.
    - A transposed convolution with stride 1 and an odd kernel is a convolution with the kernel turned round.
    - Without a bias, a convolution before a shuffle is a transposed convolution with kernel k · s.
    """
    rest = [each for each in map(_exchanged, layers) if not each.nothing]
    swapped = True
    for _ in range(len(rest) ** 2):
        swapped = False
        for n, (one, two) in enumerate(itertools.pairwise(rest)):
            if two.order < one.order and _commute(one, two):
                rest[n : n + 2] = two, one
                swapped = True
        if not swapped:
            break
    biases = sum([each.biases for each in rest])
    alone = [each.layer for each in rest]
    if not biases:
        for n, (first, second) in enumerate(itertools.pairwise(alone)):
            if isinstance(first, Conv) and isinstance(second, Shuffle):
                alone[n : n + 2] = _shuffled_as_transposed(first, second)
                break
    return (biases, *alone)


class _Exchanged(NamedTuple):
    """A layer without its biases, and what decides whether it may be exchanged with others, and for which.

    ``order`` is the place among layers that commute: kernels of 1 before a resize, depthwise layers by axis.
    """

    layer: Operation
    biases: int
    nothing: bool
    resizes: bool
    pointwise: bool
    depthwise: bool
    order: tuple[int, list[int]]


# The forms have many layers in common.
@lru_cache(MAX_REMEMBERED)
def _exchanged(op: Operation) -> _Exchanged:
    """Return a layer as ``same_functions`` sees it."""
    if not isinstance(op, WEIGHTED):
        resizes = isinstance(op, Resize)
        return _Exchanged(op, 0, does_nothing(op), resizes, False, False, (int(resizes), []))
    layer = _without_bias(op)
    pointwise = isinstance(layer, Conv) and set(layer.kernel_size) == {1}
    stride = layer.stride if isinstance(layer, ConvTranspose) else layer.kernel_size
    pairs = enumerate(zip(layer.kernel_size, stride, strict=True))
    axes = [n for n, pair in pairs if max(pair) > 1]
    depthwise = layer.in_channels == layer.out_channels == layer.groups
    return _Exchanged(layer, op.bias_count, False, False, pointwise, depthwise, (0, axes))


def does_nothing(op: Operation) -> bool:
    """Return whether the output is the input: a resize by 1, for example."""
    match op:
        case Resize() | Shuffle() | Unpool():
            return set(op.scale_factor) == {1}
        case Blur():
            return set(op.kernel_size) == {1}
        case _:
            return False


def _without_bias(op: ConvTranspose | Conv) -> ConvTranspose | Conv:
    """Return the layer without bias; a transposed convolution with stride 1 as the convolution that it is."""
    if isinstance(op, ConvTranspose) and set(op.stride) == set(op.dilation) == {1}:
        odd = all(k % 2 and 2 * p == k - 1 for k, p in zip(op.kernel_size, op.padding, strict=True))
        if odd:
            return Conv(op.in_channels, op.out_channels, op.kernel_size, op.groups, bias=False)
    return _with_bias(op, False)


# The forms have many layers in common, and each new layer is checked.
@lru_cache(MAX_REMEMBERED)
def _with_bias(layer: ConvTranspose | Conv, bias: bool) -> ConvTranspose | Conv:
    """Return the layer with biases, or without."""
    if layer.bias == bias:
        return layer
    # A copy, whose values have been checked: a bias is allowed in every layer.
    copied = object.__new__(type(layer))
    vars(copied).update(vars(layer), bias=bias)
    return copied


def _commute(one: _Exchanged, two: _Exchanged) -> bool:
    """Return whether two layers may be exchanged, by the rules of ``same_functions``."""
    if one.resizes:
        return two.pointwise
    if two.resizes:
        return one.pointwise
    return one.depthwise and two.depthwise and not set(one.order[1]) & set(two.order[1])


def _shuffled_as_transposed(conv: Conv, shuffle: Shuffle) -> list[Operation]:
    """Return the transposed convolution that computes the same, or both where their groups rule it out."""
    scale = shuffle.scale_factor
    outputs = conv.out_channels // math.prod(scale)
    if outputs % conv.groups:
        return [conv, shuffle]
    layer = ConvTranspose(
        in_channels=conv.in_channels,
        out_channels=outputs,
        kernel_size=tuple(k * s for k, s in zip(conv.kernel_size, scale, strict=True)),
        stride=scale,
        padding=tuple(k // 2 * s for k, s in zip(conv.kernel_size, scale, strict=True)),
        groups=conv.groups,
        bias=False,
    )
    return [layer]


def kernel_text(kernel: Kernel) -> str:
    """Return "kernel 4", or "kernel 3×5" where the axes differ."""
    return f"kernel {format_product(collapse_axes(kernel), compact=True)}"
