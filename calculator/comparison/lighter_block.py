"""Lighter replacements of a layer of a model, with what each one costs: parameters, work and activations.

A replacement divides a convolution into one that mixes channels and one that mixes positions, in both
orders: 1×1 then depthwise, and depthwise then 1×1. The 1×1 has the groups of the layer. Both sides are
counted by the same rules: a bias at every layer if the layer has one, the magnitudes of weight norm at every
layer if the layer has them, multiply–accumulates of every weight at every position of its layer, and the
inputs of the layers with weights as what training keeps.
"""

import math
from dataclasses import dataclass
from fractions import Fraction

from calculator.core.formatting import format_count, format_product, plural
from calculator.readers.model import Model, Row


@dataclass(frozen=True)
class Costs:
    """What a layer or its replacement costs for one sample; ``None`` where no size is known.

    ``work`` is the number of multiply–accumulates, and ``kept`` the number of values that training keeps.
    """

    parameters: int
    work: int | None
    kept: int | None


@dataclass(frozen=True)
class Block:
    """A convolution of a model in the terms that its replacements need.

    ``before`` and ``after`` are the positions of its input and output, 0 where they are not known. ``times``
    is the number of equal layers, whose costs are added up. ``certain`` is whether its groups are known.
    """

    in_channels: int
    out_channels: int
    kernel_size: tuple[int, ...]
    transposed: bool
    bias: bool
    weight_norm: bool
    before: int
    after: int
    times: int = 1
    groups: int = 1
    certain: bool = True

    @property
    def volume(self) -> int:
        """The number of weights in one kernel."""
        return math.prod(self.kernel_size)

    def costs(self) -> Costs:
        """Return the costs of the layer itself."""
        inputs, outputs, groups = self.in_channels, self.out_channels, self.groups
        return self._sum(
            _Part(inputs, outputs, self.volume, groups, self.transposed, self.before, self.after)
        )

    def depthwise_first(self) -> Costs:
        """Return the costs of one kernel for each input channel, and 1×1 after it."""
        inputs = self.in_channels
        return self._sum(
            _Part(inputs, inputs, self.volume, inputs, self.transposed, self.before, self.after),
            _Part(inputs, self.out_channels, 1, self.groups, False, self.after, self.after),
        )

    def depthwise_last(self) -> Costs:
        """Return the costs of 1×1, and one kernel for each output channel after it."""
        outputs = self.out_channels
        return self._sum(
            _Part(self.in_channels, outputs, 1, self.groups, False, self.before, self.before),
            _Part(outputs, outputs, self.volume, outputs, self.transposed, self.before, self.after),
        )

    def sub_pixel(self, scale: tuple[int, ...]) -> Costs:
        """Return the costs of a convolution of kernel 3 to more channels, which a shuffle makes positions."""
        outputs = self.out_channels * math.prod(scale)
        return self._sum(
            _Part(self.in_channels, outputs, 3 ** len(scale), self.groups, False, self.before, self.before)
        )

    def _sum(self, *parts: "_Part") -> Costs:
        """Return the costs of layers that follow each other, of all equal layers together."""
        parameters = sum(part.parameters(self.bias, self.weight_norm) for part in parts)
        if not (self.before and self.after):
            return Costs(parameters * self.times, None, None)
        work = sum(part.weights * (part.before if part.transposed else part.after) for part in parts)
        kept = sum(part.inputs * part.before for part in parts)
        return Costs(parameters * self.times, work * self.times, kept * self.times)


@dataclass(frozen=True)
class _Part:
    """One convolution of a block, with the positions of its input and output."""

    inputs: int
    outputs: int
    volume: int
    groups: int
    transposed: bool
    before: int
    after: int

    @property
    def weights(self) -> int:
        return self.inputs * self.outputs // self.groups * self.volume

    def parameters(self, bias: bool, weight_norm: bool) -> int:
        """Return the parameters; weight norm has a magnitude for each slice along PyTorch's first axis."""
        magnitudes = (self.inputs if self.transposed else self.outputs) if weight_norm else 0
        return self.weights + magnitudes + (self.outputs if bias else 0)


def block_of(row: Row) -> Block | None:
    """Return a row of a model as a block, or ``None`` for another layer.

    Where the source does not state the groups of an ordinary convolution, the block has one group and is not
    certain.

    >>> row = Row("conv", "Conv2d", (64, 32, 3, 3), 18432, 64, input_size=(8, 8), output_size=(8, 8))
    >>> block = block_of(row)
    >>> block.costs()
    Costs(parameters=18496, work=1179648, kept=2048)
    >>> block.depthwise_first(), block.depthwise_last().kept
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
    return Block(
        inputs,
        outputs,
        tuple(kernel),
        transposed,
        row.bias_count > 0,
        row.other_count > 0,
        math.prod(row.input_size or (0,)),
        math.prod(row.output_size or (0,)),
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
    """Return the better order of 1×1 and depthwise, or ``None`` if neither has fewer parameters.

    Where work is known, the better order is the one whose shares of parameters and of work add up to less;
    it must be less than the layer's own two whole shares. Otherwise it is the one with fewer parameters.

    >>> block = Block(64, 32, (4, 4), True, True, False, 49, 196)
    >>> better = lighter(block)
    >>> better.name, better.after.parameters, better.after.work
    ('1×1, then depthwise transposed, kernel 4×4', 2624, 125440)
    """
    if block.volume == 1 or block.groups in (block.in_channels, block.out_channels):
        return None
    own = block.costs()
    kernel = format_product(block.kernel_size, compact=True)
    point = format_product((1,) * len(block.kernel_size), compact=True)
    point = (point if len(block.kernel_size) > 1 else "kernel 1") + groups_text(block)
    spatial = f"depthwise{' transposed' if block.transposed else ''}, kernel {kernel}"
    orders = (
        Lighter(f"{point}, then {spatial}", own, block.depthwise_last()),
        Lighter(f"{spatial}, then {point}", own, block.depthwise_first()),
    )
    best = min(orders, key=lambda order: _share(order.before, order.after))
    if best.after.parameters >= own.parameters or _share(own, best.after) >= _share(own, own):
        return None
    return best


def groups_text(block: Block) -> str:
    """Return the groups after the name of a layer, "" for one group.

    >>> groups_text(Block(8, 8, (3, 3), False, True, False, 0, 0, groups=4))
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


def output_values(row: Row) -> int | None:
    """Return the values in the output of a layer for one sample, or ``None`` where they are not known.

    >>> output_values(Row("norm", "BatchNorm2d", (64,), 64, 64, output_size=(8, 8)))
    4096
    """
    if row.type in ("Linear", "Dense"):
        # A layer of features is used once for every position.
        outputs = (row.bias_count or 0) if row.weight_shape is None else row.weight_shape[row.type == "Dense"]
        work = row.multiply_accumulates
        return (
            None if work is None or not row.weight_count else outputs * work // row.weight_count * row.times
        )
    if row.output_size is None or row.weight_shape is None:
        return None
    if row.layer is not None:
        channels = row.layer.out_channels
    else:  # Only Keras stores the output channels of a convolution last; a norm has one number per channel.
        keras = row.type in _ORDINARY and row.type.endswith("D")
        channels = row.weight_shape[-1 if keras else 0]
    return channels * math.prod(row.output_size) * row.times


def activation_values(model: Model) -> tuple[int, int]:
    """Return the values that the layers with parameters put out for one sample, and the layers without one.

    Activation functions, pooling and other layers without parameters are not included.

    >>> known = Row("norm", "BatchNorm2d", (64,), 64, 64, output_size=(8, 8))
    >>> activation_values(Model((known, Row("head", "Head", known=False)), ""))
    (4096, 1)
    """
    values = [output_values(row) for row in model.rows]
    known = [count for count in values if count is not None]
    return sum(known), len(values) - len(known)
