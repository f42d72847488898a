"""One way to upsample: a chain of layers with its costs, its receptive field and its overlap."""

import math
import operator
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from typing import NamedTuple

from calculator.core.errors import LayerError
from calculator.core.layer import ConvTranspose
from calculator.core.validation import Spatial, per_axis
from calculator.upsampling import operations
from calculator.upsampling.layers import Blur, Operation, Resize, Shuffle, Unpool
from calculator.upsampling.operations import Along, Facts

Range = tuple[int, int]
"""The minimum and the maximum."""

MAX_REMEMBERED = 2_048
"""The maximum number of chains along one axis whose overlap is kept."""

MAX_REACHED = 10_000_000
"""The maximum number of steps in which a receptive field is counted along one axis."""


KEEP_NOTHING = (Resize, Shuffle)
"""The layers that have no weights and keep no values for the backward pass."""


@dataclass(frozen=True)
class Missing:
    """A way to upsample that these settings do not allow, with the reason as a sentence."""

    key: str
    name: str
    reason: str


class _Course(NamedTuple):
    """(channels, size) of one sample before and after every layer, its work, and the values that are kept."""

    shapes: tuple[tuple[int, tuple[int, ...]], ...]
    work: int
    kept: int


@dataclass(frozen=True)
class Alternative:
    """A way to upsample: a chain of layers, at least one of which has weights.

    ``name`` is its name on the page, ``gets`` describes its advantage and ``pays`` its cost. ``also`` has the
    names that papers and libraries use for it. A ``usual`` alternative is one that people know and choose
    from. ``equal`` has the names of other chains that compute the same functions, at the same cost or more.
    What does not depend on an input size is computed once, because a page asks for it a dozen times.

    >>> from calculator.upsampling.layers import Conv
    >>> sub_pixel = Alternative("sub-pixel", "sub-pixel", (Conv(3, 8, (3, 3)), Shuffle((2, 2))), "", "")
    >>> sub_pixel.weight_count, sub_pixel.bias_count, sub_pixel.output_shape(16)
    (216, 8, (2, (32, 32)))
    """

    key: str
    name: str
    operations: tuple[Operation, ...]
    gets: str
    pays: str
    also: str = ""
    usual: bool = True
    equal: tuple[str, ...] = ()

    @cached_property
    def _facts(self) -> tuple[Facts, ...]:
        """The facts of the layers."""
        return tuple([operations.facts(op) for op in self.operations])

    @property
    def rank(self) -> int:
        """The number of spatial axes: 1, 2 or 3."""
        return len(self._facts[0].scale)

    @cached_property
    def in_channels(self) -> int:
        """Channels of the input. A shuffle before the first layer with weights divides them.

        Raises ``LayerError`` where no layer has weights.
        """
        channels = 1
        for facts in self._facts:
            if facts.inputs:
                return channels * facts.inputs
            channels *= facts.divides
        raise LayerError("An alternative must have a layer with weights.")

    @cached_property
    def scale_factor(self) -> tuple[int, ...]:
        """The factor by which all layers together enlarge each axis."""
        return tuple(map(math.prod, zip(*[facts.scale for facts in self._facts], strict=True)))

    @property
    def weight_count(self) -> int:
        """Number of weights of all layers."""
        return sum([facts.weights for facts in self._facts])

    @property
    def bias_count(self) -> int:
        """Number of biases of all layers."""
        return sum([facts.biases for facts in self._facts])

    @property
    def parameter_count(self) -> int:
        """Number of parameters: weights plus biases."""
        return self.weight_count + self.bias_count

    def shapes(self, input_size: Spatial) -> tuple[tuple[int, tuple[int, ...]], ...]:
        """Return (channels, size) of the input and of the output of every layer. Raises ``LayerError``."""
        return self._course(input_size).shapes

    def output_shape(self, input_size: Spatial) -> tuple[int, tuple[int, ...]]:
        """Return (channels, size) of the output. Raises ``LayerError``."""
        return self.shapes(input_size)[-1]

    def multiply_accumulates(self, input_size: Spatial) -> int:
        """Return the multiply–accumulates of all layers for one sample. Raises ``LayerError``."""
        return self._course(input_size).work

    def output_activations(self, input_size: Spatial) -> int:
        """Return the values in the output of one sample: channels · ∏ size. Raises ``LayerError``."""
        return _values(*self.output_shape(input_size))

    def kept_activations(self, input_size: Spatial) -> int:
        """Return the values PyTorch keeps of one sample for the backward pass. Raises ``LayerError``.

        They are the inputs of the layers with weights, whose gradients need these inputs, the indices of an
        unpooling, and what a blur keeps. Resizing and shuffling keep nothing, and the output is the input of
        the next layer.
        """
        return self._course(input_size).kept

    def _course(self, input_size: Spatial) -> _Course:
        """Return what the layers make of one sample. Raises ``LayerError``."""
        if input_size == 1:
            return self._course_of_one
        return self._followed(per_axis("input_size", input_size, self.rank, 1))

    @cached_property
    def _course_of_one(self) -> _Course:
        """The result of the layers for a single position, by which forms are compared."""
        return self._followed((1,) * self.rank)

    def _followed(self, size: tuple[int, ...]) -> _Course:
        """Return the result of the layers, one after the other, for one sample. Raises ``LayerError``."""
        channels, work, kept = self.in_channels, 0, 0
        shapes = [(channels, size)]
        for op, facts in zip(self.operations, self._facts, strict=True):
            if facts.inputs == channels and facts.enlarges:
                positions = math.prod(size)
                kept += channels * positions
                work += facts.weights * positions
                channels, size = facts.outputs, tuple(map(operator.mul, size, facts.scale))
            elif isinstance(op, KEEP_NOTHING) and not channels % facts.divides:
                channels, size = channels // facts.divides, tuple(map(operator.mul, size, facts.scale))
            else:
                kept += operations.kept_values(op, channels, size)
                work += operations.multiply_accumulates(op, size)
                channels, size = operations.output_shape(op, channels, size)
            shapes.append((channels, size))
        return _Course(tuple(shapes), work, kept)

    def receptive_field(self) -> tuple[Range, ...]:
        """Return, per axis, how many input positions an output position away from the borders depends on.

        The number differs between output positions, so it is a minimum and a maximum. Raises ``LayerError``
        above ``MAX_REACHED``.
        """
        return self._receptive_field

    @cached_property
    def _receptive_field(self) -> tuple[Range, ...]:
        return tuple(self._inputs_seen(axis) for axis in range(self.rank))

    def _inputs_seen(self, axis: int) -> Range:
        """Return the minimum and maximum number of input positions behind an output position on ``axis``."""
        # The pattern repeats with every input position, so one step of the scale has every case.
        scale, first = self.scale_factor[axis], self.operations[0]
        if all(_reaches_without_gaps(op, axis) for op in self.operations):
            # Within it, the first input behind a position grows by 1 at one place, and so does the last.
            ends = [bisect_left(range(scale), 1, key=partial(self._grown, axis, end)) for end in (0, 1)]
            counts = [self._span(axis, position % scale) for position in (0, *ends)]
        elif len(self.operations) == 1:
            return operations.products_met(first, axis)
        else:
            # A position depends on at most ∏ (kernel size + 1) positions, of any layer of the chain.
            positions = math.prod(operations.kernel_sizes(op)[axis] + 1 for op in self.operations)
            if (steps := scale * positions) > MAX_REACHED:
                raise LayerError(
                    f"The receptive field is counted in at most {MAX_REACHED} steps along an axis, received "
                    f"{steps} for kernel size and scale factor."
                )
            counts = [self._reached(axis, position) for position in range(scale)]
        return min(counts), max(counts)

    def _ends(self, axis: int, position: int) -> Range:
        """Return the first and the last input behind an output position, by those of each layer."""
        first = last = position
        for op in reversed(self.operations):
            inputs = operations.reach(op, axis, first)
            last = (inputs if first == last else operations.reach(op, axis, last))[-1]
            first = inputs[0]
        return first, last

    def _grown(self, axis: int, end: int, position: int) -> int:
        """Return by how much an end of the inputs has moved since position 0: 0 or 1."""
        return self._ends(axis, position)[end] - self._ends(axis, 0)[end]

    def _span(self, axis: int, position: int) -> int:
        """Return how many inputs lie behind an output position, if there is no gap between them."""
        first, last = self._ends(axis, position)
        return last - first + 1

    def _reached(self, axis: int, position: int) -> int:
        """Return how many inputs lie behind an output, by following every one of them."""
        inputs: Sequence[int] = (position,)
        for op in reversed(self.operations):
            inputs = sorted({source for middle in inputs for source in operations.reach(op, axis, middle)})
        return len(inputs)

    def overlap(self) -> tuple[Range, ...]:
        """Return, per axis, the minimum and maximum number of products added up in an output position.

        Only products with weights count, for one input and one output channel of every layer, away from the
        borders. Uneven overlap favours a checkerboard pattern; even overlap does not rule it out (Odena et
        al. 2016). The numbers are exact if at most one layer is uneven on an axis, and if a blur covers a
        multiple of the scale of the layers before it. Unpooling puts a value anywhere in its block: the
        numbers are those of the worst and the best places.
        """
        return self._overlap

    @cached_property
    def _overlap(self) -> tuple[Range, ...]:
        return tuple([_products(along) for along in zip(*[f.axes for f in self._facts], strict=True)])

    @property
    def even(self) -> bool:
        """Whether every output position away from the borders adds up the same number of products."""
        return all(minimum == maximum for minimum, maximum in self.overlap())


# Most chains have the same layers along their axes as others.
@lru_cache(MAX_REMEMBERED)
def _products(layers: tuple[Along, ...]) -> Range:
    """Return the minimum and maximum number of products along an axis in an output value."""
    # ``total`` is the sum of the products over one step of the scale.
    minimum = maximum = total = period = blocks = 1
    for kind, kernel, scale, (low, high) in layers:
        if kind is Unpool:
            blocks = scale
        elif kind is Blur:
            covered = total * (kernel // period)
            minimum, maximum = (covered, covered) if kernel % period == 0 else (minimum, maximum)
            total = minimum * period
        else:
            if blocks > 1 and kernel > 1:
                # Every block that lies in the kernel has its value there; one that it touches may have.
                low, high, blocks = max((kernel + 1) // blocks - 1, 0), (kernel - 2) // blocks + 2, 1
            minimum, maximum, period = minimum * low, maximum * high, period * scale
            total *= kernel if kind is ConvTranspose else scale * high
    return (0, maximum) if blocks > 1 else (minimum, maximum)


def _reaches_without_gaps(op: Operation, axis: int) -> bool:
    """Return whether neighbouring outputs depend on inputs without a gap: not where a kernel leaves holes."""
    if not isinstance(op, ConvTranspose):
        return True
    return op.dilation[axis] == 1 and op.kernel_size[axis] >= op.stride[axis]


def _values(channels: int, size: tuple[int, ...]) -> int:
    return channels * math.prod(size)
