"""Lighter replacements of a layer of a model, with what each one costs: parameters, work and activations.

A replacement divides a convolution into 1×1, which mixes channels, and kernels for each channel, which mix
positions: one kernel, or one for each axis or group of axes. Every order of these layers is tried. The 1×1
has the groups of the layer; a layer whose channels are not mixed needs none. Both sides are counted by the
same rules: a bias at every layer if the layer has one, the magnitudes of weight norm at every layer if the
layer has them, multiply–accumulates of every weight at every position of its layer, and the inputs of the
layers with weights as what training keeps.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from calculator.core.formatting import format_count, format_product, join_words, noun_for, plural
from calculator.readers.model import Row
from calculator.upsampling.forms import partitions


@dataclass(frozen=True)
class Costs:
    """The costs of a layer or its replacement for one sample; ``None`` where no size is known.

    ``work`` is the number of multiply–accumulates, and ``kept`` the number of values that training keeps.
    """

    parameters: int
    work: int | None
    kept: int | None


@dataclass(frozen=True)
class Block:
    """A convolution of a model, with the values from which its replacements are counted.

    ``before`` and ``after`` are the sizes of its input and output, () where they are not known. ``times`` is
    the number of equal layers, whose costs are added up. ``certain`` is whether its groups are known.
    """

    in_channels: int
    out_channels: int
    kernel_size: tuple[int, ...]
    transposed: bool
    bias: bool
    weight_norm: bool
    before: tuple[int, ...]
    after: tuple[int, ...]
    times: int = 1
    groups: int = 1
    certain: bool = True

    def costs(self) -> Costs:
        """Return the costs of the layer itself."""
        axes = tuple(range(len(self.kernel_size)))
        return self._sum(_Part(self.in_channels, self.out_channels, self.groups, self.kernel_size, axes))

    def replacement(self, axes: Sequence[tuple[int, ...]]) -> Costs:
        """Return the costs of layers, each with a kernel along some axes, and 1×1 where there are none."""
        ones, channels, parts = (1,) * len(self.kernel_size), self.in_channels, []
        for along in axes:
            if along:
                kernel = tuple(k if n in along else 1 for n, k in enumerate(self.kernel_size))
                parts.append(_Part(channels, channels, channels, kernel, along))
            else:
                parts.append(_Part(channels, self.out_channels, self.groups, ones))
                channels = self.out_channels
        return self._sum(*parts)

    def replacements(self) -> Iterator[tuple[tuple[int, ...], ...]]:
        """Yield the axes of the layers of every replacement, those with few layers first."""
        sizes = (self.before, self.after) if self.before and self.after else ()
        values = tuple(zip(self.kernel_size, *sizes, strict=True))
        for groups in partitions(values):
            if not all(any(self.kernel_size[axis] > 1 for axis in group) for group in groups):
                continue
            if self.in_channels == self.out_channels == self.groups:
                yield groups
            else:
                yield from ((*groups[:n], (), *groups[n:]) for n in range(len(groups), -1, -1))

    def sub_pixel(self, scale: tuple[int, ...]) -> Costs:
        """Return the costs of a convolution with kernel 3, whose extra channels a shuffle makes positions."""
        outputs = self.out_channels * math.prod(scale)
        return self._sum(_Part(self.in_channels, outputs, self.groups, (3,) * len(scale)))

    def _sum(self, *parts: "_Part") -> Costs:
        """Return the costs of layers that follow each other, of all equal layers together."""
        size, known = self.before or (1,) * len(self.kernel_size), bool(self.before and self.after)
        parameters = work = kept = 0
        for part in parts:
            # A part along no axis is an ordinary convolution that keeps the size.
            transposed = self.transposed and bool(part.axes)
            grown = tuple(self.after[n] if known and n in part.axes else s for n, s in enumerate(size))
            magnitudes = (part.inputs if transposed else part.outputs) if self.weight_norm else 0
            parameters += part.weights + magnitudes + (part.outputs if self.bias else 0)
            work += part.weights * math.prod(size if transposed else grown)
            kept += part.inputs * math.prod(size)
            size = grown
        times = self.times
        return Costs(parameters * times, work * times if known else None, kept * times if known else None)


@dataclass(frozen=True)
class _Part:
    """One convolution of a block, and the axes whose size it changes as the block does."""

    inputs: int
    outputs: int
    groups: int
    kernel: tuple[int, ...]
    axes: tuple[int, ...] = ()

    @property
    def weights(self) -> int:
        return self.inputs * self.outputs // self.groups * math.prod(self.kernel)


def block_of(row: Row) -> Block | None:
    """Return a row of a model as a block, or ``None`` for another layer.

    Where the source does not state the groups of an ordinary convolution, the block has one group and is not
    certain.

    >>> row = Row("conv", "Conv2d", (64, 32, 3, 3), 18432, 64, input_size=(8, 8), output_size=(8, 8))
    >>> block = block_of(row)
    >>> block.costs()
    Costs(parameters=18496, work=1179648, kept=2048)
    >>> block.replacement([(0, 1), ()]), block.replacement([(), (0, 1)]).kept
    (Costs(parameters=2432, work=149504, kept=4096), 6144)
    """
    shape = row.weight_shape
    groups = row.groups or 1
    if transposed := row.layer is not None:
        inputs, outputs, kernel = row.layer.in_channels, row.layer.out_channels, row.layer.kernel_size
        groups = row.layer.groups
    elif shape is not None and (rank := _ordinary_rank(row)):
        if len(shape) != rank + 2:
            return None
        # Names of Keras end with D. Its weights are (*kernel, in, out), those of PyTorch (out, in, *kernel).
        keras = row.type.endswith("D")
        kernel = shape[:rank] if keras else shape[2:]
        each, outputs = shape[-2:] if keras else (shape[1], shape[0])
        inputs = each * groups
    else:
        return None
    magnitudes = (inputs if transposed else outputs) * row.times
    volume = math.prod(kernel)
    if (
        row.weight_count * groups != inputs * outputs * volume * row.times
        or row.bias_count not in (0, outputs * row.times)
        or row.other_count not in (0, magnitudes)
        or row.undecided
    ):
        return None  # Shared weights, or parameters of another kind: the counts are not those of a layer.
    known = row.input_size or (), row.output_size or ()
    before, after = (size if len(size) == len(kernel) and all(size) else () for size in known)
    return Block(
        inputs,
        outputs,
        tuple(kernel),
        transposed,
        row.bias_count > 0,
        row.other_count > 0,
        before,
        after,
        row.times,
        groups,
        transposed or row.groups is not None,
    )


def _ordinary_rank(row: Row) -> int:
    """Return the number of axes of an ordinary convolution, 0 for another layer."""
    # ONNX states the groups, and has one name for any number of axes. So has Flax, whose weights differ.
    if row.type == "Conv" and row.groups and row.weight_shape:
        return len(row.weight_shape) - 2
    return _ORDINARY.get(row.type, 0)


_ORDINARY = {f"Conv{rank}{letter}": rank for rank in (1, 2, 3) for letter in "dD"}
"""The ordinary convolutions by type, with their number of axes."""


@dataclass(frozen=True)
class Lighter:
    """The lighter replacement of a layer: its name, and the costs before and after."""

    name: str
    before: Costs
    after: Costs


def lighter(block: Block) -> Lighter | None:
    """Return the best replacement, or ``None`` if none has fewer parameters.

    Where work is known, the best replacement is the one whose share of the layer's parameters plus share of
    its work is smallest; the sum must be below 2. Otherwise it is the one with the fewest parameters.

    >>> better = lighter(Block(64, 32, (4, 4), True, True, False, (7, 7), (14, 14)))
    >>> better.name, better.after.parameters, better.after.work
    ('1×1, then depthwise transposed, kernels 4×1 and 1×4', 2400, 119168)
    """
    own = block.costs()
    found = [(axes, block.replacement(axes)) for axes in block.replacements()]
    fewer = [(axes, after) for axes, after in found if after.parameters < own.parameters]
    axes, best = min(fewer, key=lambda one: _share(own, one[1]), default=((), own))
    return Lighter(_name(block, axes), own, best) if _share(own, best) < _share(own, own) else None


def _name(block: Block, axes: Sequence[tuple[int, ...]]) -> str:
    """Return the layers of a replacement in words. Adjacent depthwise layers are named together."""
    names: list[str] = []
    kernels: list[str] = []
    channels = block.in_channels
    for along in (*axes, None):
        if along:
            kernel = tuple(k if n in along else 1 for n, k in enumerate(block.kernel_size))
            kernels.append(format_product(kernel, compact=True))
            continue
        if kernels:
            kind = ("depthwise" if channels > 1 else "single-channel") + " transposed" * block.transposed
            names.append(f"{kind}, {noun_for(len(kernels), 'kernel')} {join_words(kernels)}")
            kernels = []
        if along is not None:
            point = format_product((1,) * len(block.kernel_size), compact=True)
            names.append((point if len(block.kernel_size) > 1 else "kernel 1") + groups_text(block))
            channels = block.out_channels
    return ", then ".join(names)


def groups_text(block: Block) -> str:
    """Return the groups after the name of a layer, "" for one group.

    >>> groups_text(Block(8, 8, (3, 3), False, True, False, (), (), groups=4))
    ' in 4 groups'
    """
    return f" in {plural(block.groups, 'group')}" if block.groups > 1 else ""


def _share(before: Costs, after: Costs) -> Fraction:
    """Return the share of parameters plus, where it is known, the share of work."""
    share = Fraction(after.parameters, before.parameters)
    return share + Fraction(after.work, before.work) if before.work and after.work else share


def change_text(before: Costs, after: Costs) -> str:
    """Return a change as sentences after the name of the replacement: what grows first, then what shrinks.

    >>> change_text(Costs(32800, 1605632, 3136), Costs(2624, 125440, 4704))
    'needs more activations kept to train, 4,704 instead of 3,136. It needs fewer parameters, 2,624 instead \
of 32,800, and fewer multiply–accumulates, 125,440 instead of 1,605,632.'
    >>> change_text(Costs(10, None, None), Costs(4, None, None))
    'needs fewer parameters, 4 instead of 10. Its work and its activations are not known without an input \
size.'
    """
    pairs = (
        ("parameters", before.parameters, after.parameters),
        ("multiply–accumulates", before.work, after.work),
        ("activations kept to train", before.kept, after.kept),
    )
    known = [(noun, old, new) for noun, old, new in pairs if old is not None and new is not None]
    more = [_difference("more", *pair) for pair in known if pair[2] > pair[1]]
    fewer = [_difference("fewer", *pair) for pair in known if pair[2] < pair[1]]
    same = [f"as many {noun}, {format_count(old)}" for noun, old, new in known if new == old]
    sentence = ". It ".join(f"needs {', and '.join(items)}" for items in (more, fewer, same) if items)
    if len(known) < len(pairs):
        sentence += ". Its work and its activations are not known without an input size"
    return f"{sentence}."


def _difference(word: str, noun: str, old: int, new: int) -> str:
    return f"{word} {noun}, {format_count(new)} instead of {format_count(old)}"
