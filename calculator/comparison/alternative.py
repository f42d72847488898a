"""One way to upsample: layers one after the other, what they cost, and what their output depends on."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from calculator.comparison import operations as of
from calculator.comparison.upsampling_layers import Conv, Operation
from calculator.core.layer import ConvTranspose
from calculator.core.validation import Spatial, per_axis

Span = tuple[int, int]
"""The least and the most."""


@dataclass(frozen=True)
class Missing:
    """A way to upsample that these settings do not allow, and why."""

    key: str
    name: str
    reason: str


@dataclass(frozen=True)
class Alternative:
    """A way to upsample: layers one after the other, at least one of them with weights.

    ``key`` is its name in links, ``name`` its name on the page; ``gets`` and ``pays`` are a sentence each.

    >>> from calculator.comparison.upsampling_layers import Shuffle
    >>> made = Alternative("sub-pixel", "sub-pixel", (Conv(3, 8, (3, 3)), Shuffle((2, 2))), "", "")
    >>> made.weight_count, made.bias_count, made.output_shape(16)
    (216, 8, (2, (32, 32)))
    """

    key: str
    name: str
    operations: tuple[Operation, ...]
    gets: str
    pays: str

    @property
    def rank(self) -> int:
        """The number of spatial axes: 1, 2 or 3."""
        return len(of.scale_factors(self.operations[0]))

    @property
    def in_channels(self) -> int:
        """Channels of the input: those of the first layer with weights, before which none may shuffle."""
        return next(op.in_channels for op in self.operations if isinstance(op, ConvTranspose | Conv))

    @property
    def scale_factor(self) -> tuple[int, ...]:
        """By how much the layers together enlarge each axis."""
        return tuple(map(math.prod, zip(*map(of.scale_factors, self.operations), strict=True)))

    @property
    def weight_count(self) -> int:
        """Number of weights of all layers."""
        return sum(map(of.weight_count, self.operations))

    @property
    def bias_count(self) -> int:
        """Number of biases of all layers."""
        return sum(map(of.bias_count, self.operations))

    @property
    def parameter_count(self) -> int:
        """Number of parameters: weights plus biases."""
        return self.weight_count + self.bias_count

    def shapes(self, input_size: Spatial) -> tuple[tuple[int, tuple[int, ...]], ...]:
        """Return (channels, size) of the input and of the output of every layer. Raises ``LayerError``."""
        found = [(self.in_channels, per_axis("input_size", input_size, self.rank, 1))]
        for op in self.operations:
            found.append(of.output_shape(op, *found[-1]))
        return tuple(found)

    def output_shape(self, input_size: Spatial) -> tuple[int, tuple[int, ...]]:
        """Return (channels, size) of the output. Raises ``LayerError``."""
        return self.shapes(input_size)[-1]

    def multiply_accumulates(self, input_size: Spatial) -> int:
        """Return the multiply–accumulates of all layers for one sample. Raises ``LayerError``."""
        sizes = [size for _, size in self.shapes(input_size)]
        pairs = zip(self.operations, sizes, strict=False)
        return sum(of.multiply_accumulates(op, size) for op, size in pairs)

    def output_activations(self, input_size: Spatial) -> int:
        """Return the values in the output of one sample: channels · ∏ size. Raises ``LayerError``."""
        return _values(*self.output_shape(input_size))

    def inner_activations(self, input_size: Spatial) -> int:
        """Return the values in the outputs of all layers, the last included, for one sample.

        What is in memory when every output is stored. Raises ``LayerError``.
        """
        return sum(_values(*shape) for shape in self.shapes(input_size)[1:])

    def kept_activations(self, input_size: Spatial) -> int:
        """Return the values PyTorch keeps of one sample for the backward pass. Raises ``LayerError``.

        They are the inputs of the layers with weights, whose gradients need them; resizing and
        shuffling keep nothing, and the output belongs to the layer after.
        """
        pairs = zip(self.operations, self.shapes(input_size), strict=False)
        return sum(_values(*shape) for op, shape in pairs if of.weight_count(op))

    def receptive_field(self) -> tuple[Span, ...]:
        """Return, per axis, the least and the most input positions an output position depends on.

        Away from the borders. Where the output lies between two input positions decides which.
        """
        return tuple(self._depends(axis) for axis in range(self.rank))

    def _depends(self, axis: int) -> Span:
        # The pattern repeats with every input position, so one step of the scale holds all of it.
        counts = set()
        for position in range(self.scale_factor[axis]):
            *rest, last = self.operations
            places: Sequence[int] = of.reach(last, axis, position)
            for op in reversed(rest):
                places = sorted({source for place in places for source in of.reach(op, axis, place)})
            counts.add(len(places))
        return min(counts), max(counts)

    def overlap(self) -> tuple[Span, ...]:
        """Return, per axis, the least and the most products that meet in an output position.

        Away from the borders, products with weights alone, and for one input and one output channel of
        every layer. Uneven overlap favours a checkerboard pattern; even overlap does not rule it out
        (Odena et al. 2016). Exact where one layer at most is uneven on an axis.
        """
        return tuple(self._meets(axis) for axis in range(self.rank))

    def _meets(self, axis: int) -> Span:
        minimum, maximum = zip(*(of.products_met(op, axis) for op in self.operations), strict=True)
        return math.prod(minimum), math.prod(maximum)

    @property
    def even(self) -> bool:
        """Whether equally many products meet in every output position."""
        return all(minimum == maximum for minimum, maximum in self.overlap())


def _values(channels: int, size: tuple[int, ...]) -> int:
    return channels * math.prod(size)
