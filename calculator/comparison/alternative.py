"""One way to upsample: a chain of layers with its costs, its receptive field and its overlap."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from calculator.comparison import operations
from calculator.comparison.upsampling_layers import Conv, Operation
from calculator.core.errors import LayerError
from calculator.core.layer import ConvTranspose
from calculator.core.validation import Spatial, per_axis

Range = tuple[int, int]
"""The minimum and the maximum."""

MAX_REACHED = 10_000_000
"""The maximum number of steps in which a receptive field is counted along one axis."""


@dataclass(frozen=True)
class Missing:
    """A way to upsample that these settings do not allow, with the reason as a sentence."""

    key: str
    name: str
    reason: str


@dataclass(frozen=True)
class Alternative:
    """A way to upsample: a chain of layers, at least one of which has weights.

    ``name`` is its name on the page, ``gets`` describes its advantage and ``pays`` its cost.

    >>> from calculator.comparison.upsampling_layers import Shuffle
    >>> sub_pixel = Alternative("sub-pixel", "sub-pixel", (Conv(3, 8, (3, 3)), Shuffle((2, 2))), "", "")
    >>> sub_pixel.weight_count, sub_pixel.bias_count, sub_pixel.output_shape(16)
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
        return len(operations.scale_factors(self.operations[0]))

    @property
    def in_channels(self) -> int:
        """Channels of the input: those of the first layer with weights, as no layer before it shuffles."""
        return next(op.in_channels for op in self.operations if isinstance(op, ConvTranspose | Conv))

    @property
    def scale_factor(self) -> tuple[int, ...]:
        """The factor by which all layers together enlarge each axis."""
        return tuple(map(math.prod, zip(*map(operations.scale_factors, self.operations), strict=True)))

    @property
    def weight_count(self) -> int:
        """Number of weights of all layers."""
        return sum(map(operations.weight_count, self.operations))

    @property
    def bias_count(self) -> int:
        """Number of biases of all layers."""
        return sum(map(operations.bias_count, self.operations))

    @property
    def parameter_count(self) -> int:
        """Number of parameters: weights plus biases."""
        return self.weight_count + self.bias_count

    def shapes(self, input_size: Spatial) -> tuple[tuple[int, tuple[int, ...]], ...]:
        """Return (channels, size) of the input and of the output of every layer. Raises ``LayerError``."""
        shapes = [(self.in_channels, per_axis("input_size", input_size, self.rank, 1))]
        for op in self.operations:
            shapes.append(operations.output_shape(op, *shapes[-1]))
        return tuple(shapes)

    def output_shape(self, input_size: Spatial) -> tuple[int, tuple[int, ...]]:
        """Return (channels, size) of the output. Raises ``LayerError``."""
        return self.shapes(input_size)[-1]

    def multiply_accumulates(self, input_size: Spatial) -> int:
        """Return the multiply–accumulates of all layers for one sample. Raises ``LayerError``."""
        sizes = [size for _, size in self.shapes(input_size)]
        pairs = zip(self.operations, sizes, strict=False)
        return sum(operations.multiply_accumulates(op, size) for op, size in pairs)

    def output_activations(self, input_size: Spatial) -> int:
        """Return the values in the output of one sample: channels · ∏ size. Raises ``LayerError``."""
        return _values(*self.output_shape(input_size))

    def kept_activations(self, input_size: Spatial) -> int:
        """Return the values PyTorch keeps of one sample for the backward pass. Raises ``LayerError``.

        They are the inputs of the layers with weights, whose gradients need these inputs. Resizing and
        shuffling keep nothing, and the output is the input of the next layer.
        """
        pairs = zip(self.operations, self.shapes(input_size), strict=False)
        return sum(_values(*shape) for op, shape in pairs if operations.weight_count(op))

    def receptive_field(self) -> tuple[Range, ...]:
        """Return, per axis, how many input positions an output position away from the borders depends on.

        The number differs between output positions, so it is a minimum and a maximum. Raises ``LayerError``
        above ``MAX_REACHED``.
        """
        return tuple(self._inputs_seen(axis) for axis in range(self.rank))

    def _inputs_seen(self, axis: int) -> Range:
        """Return the minimum and maximum number of input positions behind an output position on ``axis``."""
        # The pattern repeats with every input position, so one step of the scale has every case.
        counts = set()
        # An output position depends on at most ∏ (kernel size + 1) positions, of any layer of the chain.
        positions = math.prod(operations.kernel_sizes(op)[axis] + 1 for op in self.operations)
        if (steps := self.scale_factor[axis] * positions) > MAX_REACHED:
            raise LayerError(
                f"The receptive field is counted in at most {MAX_REACHED} steps along an axis, received "
                f"{steps} for kernel size and scale factor."
            )
        for position in range(self.scale_factor[axis]):
            *earlier, last = self.operations
            inputs: Sequence[int] = operations.reach(last, axis, position)
            for op in reversed(earlier):
                reached = (source for middle in inputs for source in operations.reach(op, axis, middle))
                inputs = sorted(set(reached))
            counts.add(len(inputs))
        return min(counts), max(counts)

    def overlap(self) -> tuple[Range, ...]:
        """Return, per axis, the minimum and maximum number of products added up in an output position.

        Only products with weights count, for one input and one output channel of every layer, away from the
        borders. Uneven overlap favours a checkerboard pattern; even overlap does not rule it out (Odena et
        al. 2016). The numbers are exact if at most one layer is uneven on an axis.
        """
        return tuple(self._products(axis) for axis in range(self.rank))

    def _products(self, axis: int) -> Range:
        minimum, maximum = zip(*(operations.products_met(op, axis) for op in self.operations), strict=True)
        return math.prod(minimum), math.prod(maximum)

    @property
    def even(self) -> bool:
        """Whether every output position away from the borders adds up the same number of products."""
        return all(minimum == maximum for minimum, maximum in self.overlap())


def _values(channels: int, size: tuple[int, ...]) -> int:
    return channels * math.prod(size)
