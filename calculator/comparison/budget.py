"""The widest layers that fit into a budget of parameters, work or memory, computed exactly.

Each cost is w · weights + x · in_channels + y · out_channels for numbers w, x and y that do not depend on the
channels. With g groups and a kernel of V weights, a layer with g·a input and g·c output channels costs
g·(w·V·a·c + x·a + y·c). So every limit below is one integer division or one integer square root.
"""

import dataclasses
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from calculator.core.errors import LayerError
from calculator.core.growth import current_value, with_setting
from calculator.core.layer import ConvTranspose
from calculator.core.memory import training_bytes, training_parts, weight_bytes
from calculator.core.validation import MAX_CHANNELS, Spatial, whole_number

Kind = Literal["parameters", "work", "memory", "training"]
"""The quantities that a budget can limit."""


@dataclass(frozen=True)
class Cost:
    """The cost of a layer: parameters, or the multiply–accumulates or bytes of one sample of ``input_size``.

    ``"memory"`` is what running the layer needs: parameters, input and output. ``"training"`` is what
    training it with Adam needs: parameters, gradients and moments, and the input, which is kept for the
    backward pass. Both are bytes of ``number_type``.

    >>> layer = ConvTranspose(in_channels=64, out_channels=32, kernel_size=4, stride=2, padding=1)
    >>> [Cost(kind, 7).of(layer) for kind in ("parameters", "work", "memory", "training")]
    [32800, 1605632, 168832, 537344]
    """

    kind: Kind = "parameters"
    input_size: Spatial = 1
    number_type: str = "float32"

    @property
    def noun(self) -> str:
        """The unit in the singular."""
        return {"parameters": "parameter", "work": "multiply–accumulate"}.get(self.kind, "byte")

    def factors(self, layer: ConvTranspose) -> tuple[int, int, int]:
        """Return what a weight, an input channel and an output channel cost.

        Raises ``LayerError`` for an input size below 1, a layer without an output, and a number type that is
        unknown, or in which layers are not trained.
        """
        positions = math.prod(layer.input_axes(self.input_size))
        if self.kind == "parameters":
            return 1, 0, int(layer.bias)
        if self.kind == "work":
            return positions, 0, 0
        size = weight_bytes(1, self.number_type)
        if self.kind == "memory":
            output = math.prod(layer.output_size(self.input_size))
            return size, size * positions, size * (layer.bias + output)
        trained = training_bytes(1, self.number_type)
        if trained is None:
            raise LayerError(f"There is no memory to train: {training_parts(self.number_type)}.")
        return trained, size * positions, trained * layer.bias

    def of(self, layer: ConvTranspose) -> int:
        """Return the cost of ``layer``. Raises ``LayerError`` as ``factors`` does."""
        weight, per_input, per_output = self.factors(layer)
        return weight * layer.weight_count + per_input * layer.in_channels + per_output * layer.out_channels


PARAMETERS = Cost()


def widest(
    layer: ConvTranspose, setting: str, budget: int, maximum: int = MAX_CHANNELS, cost: Cost = PARAMETERS
) -> int | None:
    """Return the largest ``in_channels`` or ``out_channels`` with which ``layer`` fits into ``budget``.

    ``setting`` names which of the two varies. The result is a multiple of ``groups`` up to ``maximum``, or
    ``None`` if even ``groups`` channels do not fit. Raises ``LayerError`` for a budget below 1 and as
    ``Cost.factors`` does, and ``ValueError`` for another setting.

    >>> layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=4)
    >>> widest(layer, "out_channels", 100_000), widest(layer, "in_channels", 100_000)
    (2040, 97)
    >>> widest(layer, "in_channels", 1000) is None
    True
    >>> widest(layer, "out_channels", 1_000_000, cost=Cost("work", 16))  # 16 · 16 · 3 · 81 · 16 = 995,328
    81
    """
    if setting not in ("in_channels", "out_channels"):
        raise ValueError(f"setting must be in_channels or out_channels, received {setting!r}.")
    budget = whole_number("budget", budget, 1)
    weight, per_input, per_output = cost.factors(layer)
    per_pair = weight * layer.kernel_volume
    # With a multiple m of the groups, the cost is m · (other · per_pair + groups · each) plus what the other
    # channels cost alone, so the largest m is one integer division.
    if setting == "out_channels":
        room, each = budget - per_input * layer.in_channels, per_output
        multiple = room // (layer.in_channels * per_pair + layer.groups * each)
    else:
        room, each = budget - per_output * layer.out_channels, per_input
        multiple = room // (layer.out_channels * per_pair + layer.groups * each)
    return _channels(layer, multiple, maximum)


def widest_square(
    layer: ConvTranspose, budget: int, maximum: int = MAX_CHANNELS, cost: Cost = PARAMETERS
) -> int | None:
    """Return the largest C with which a layer of C input and C output channels fits into ``budget``.

    The result and the errors are those of ``widest``.

    >>> layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=4)
    >>> widest_square(layer, 100_000)  # 79 · 79 · 16 + 79 = 99,935
    79
    """
    weight, per_input, per_output = cost.factors(layer)
    square = weight * layer.kernel_volume * layer.groups
    linear = layer.groups * (per_input + per_output)
    # The result is the largest integer a with square·a² + linear·a ≤ budget. Rounding the root down does not
    # change that integer.
    root = math.isqrt(linear * linear + 4 * square * whole_number("budget", budget, 1))
    return _channels(layer, (root - linear) // (2 * square), maximum)


def _channels(layer: ConvTranspose, multiple: int, maximum: int) -> int | None:
    """Return ``multiple`` times ``groups`` channels, at most ``maximum``; ``None`` if there are none."""
    limited = min(multiple, whole_number("maximum", maximum, 1) // layer.groups)
    return limited * layer.groups if limited > 0 else None


@dataclass(frozen=True)
class BudgetRow:
    """The widest layers with one kernel: in output channels, in input channels, and in both if equal.

    After each channel count is the cost of that layer. A value is ``None`` if no layer fits.
    """

    kernel_size: tuple[int, ...]
    out_channels: int | None
    out_cost: int | None
    in_channels: int | None
    in_cost: int | None
    square: int | None
    square_cost: int | None


def budget_rows(
    layer: ConvTranspose,
    budget: int,
    kernels: Iterable[int] = range(1, 9),
    maximum: int = MAX_CHANNELS,
    cost: Cost = PARAMETERS,
) -> tuple[BudgetRow, ...]:
    """Return a row for each kernel size in ``kernels`` and for the layer's own, in ascending order.

    A kernel size replaces every axis of a square kernel, and only axis 0 of another kernel. A kernel without
    an output, where memory is limited, has a row without layers.

    >>> layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=4)
    >>> row = budget_rows(layer, 100_000, [1])[1]
    >>> row.kernel_size, row.out_channels, row.out_cost
    ((4, 4), 2040, 99960)
    """
    whole_number("budget", budget, 1)
    cost.factors(layer)
    sizes = sorted({*kernels, current_value(layer, "kernel_size")})
    return tuple(_row(with_setting(layer, "kernel_size", size), budget, maximum, cost) for size in sizes)


def _row(layer: ConvTranspose, budget: int, maximum: int, cost: Cost) -> BudgetRow:
    """Return the widest layers with the kernel of ``layer``."""
    try:
        cost.factors(layer)
    except LayerError:  # A smaller kernel than the layer's may have no output.
        return BudgetRow(layer.kernel_size, *(None,) * 6)
    out_channels = widest(layer, "out_channels", budget, maximum, cost)
    in_channels = widest(layer, "in_channels", budget, maximum, cost)
    square = widest_square(layer, budget, maximum, cost)
    return BudgetRow(
        layer.kernel_size,
        out_channels,
        _cost(layer, layer.in_channels, out_channels, cost),
        in_channels,
        _cost(layer, in_channels, layer.out_channels, cost),
        square,
        _cost(layer, square, square, cost),
    )


def _cost(layer: ConvTranspose, inputs: int | None, outputs: int | None, cost: Cost) -> int | None:
    """Return the cost of ``layer`` with these channels; ``None`` if one of them is ``None``."""
    if inputs is None or outputs is None:
        return None
    return cost.of(dataclasses.replace(layer, in_channels=inputs, out_channels=outputs))


def frontier(
    layer: ConvTranspose, budget: int, maximum: int = MAX_CHANNELS, cost: Cost = PARAMETERS
) -> tuple[tuple[int, int], ...]:
    """Return every (in_channels, out_channels) within ``budget`` of which neither can be raised.

    Both are multiples of ``groups`` up to ``maximum``. Input channels ascend, so output channels descend.
    There are about 2 · √(budget / (w · ∏ kernel_size)) pairs. Raises ``LayerError`` as ``widest`` does.

    >>> layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=4)
    >>> frontier(layer, 100)
    ((1, 5), (2, 3), (3, 2), (6, 1))
    """
    weight, per_input, per_output = cost.factors(layer)
    groups, per_pair = layer.groups, weight * layer.kernel_volume
    room, limit = whole_number("budget", budget, 1) // groups, whole_number("maximum", maximum, 1) // groups
    pairs = []
    inputs = 1
    while (
        inputs <= limit and (outputs := (room - per_input * inputs) // (inputs * per_pair + per_output)) > 0
    ):
        if outputs > limit:
            outputs = limit
        # All inputs up to this number allow the same outputs, so only the last of them is on the frontier.
        inputs = (room - per_output * outputs) // (outputs * per_pair + per_input)
        if inputs > limit:
            inputs = limit
        pairs.append((groups * inputs, groups * outputs))
        inputs += 1
    return tuple(pairs)
