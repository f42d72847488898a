"""The widest layers that fit into a budget of parameters, computed exactly.

With g groups and a kernel of V weights, a layer with g·a input and g·c output channels has g·c·(a·V + bias)
parameters. So every limit below is one integer division or one integer square root.
"""

import dataclasses
import math
from collections.abc import Iterable
from dataclasses import dataclass

from calculator.core.growth import current_value, with_setting
from calculator.core.layer import ConvTranspose
from calculator.core.validation import MAX_CHANNELS, whole_number


def widest(layer: ConvTranspose, setting: str, budget: int, maximum: int = MAX_CHANNELS) -> int | None:
    """Return the largest ``in_channels`` or ``out_channels`` with which ``layer`` fits into ``budget``.

    ``setting`` names which of the two varies. The result is a multiple of ``groups`` up to ``maximum``, or
    ``None`` if even ``groups`` channels do not fit. Raises ``LayerError`` for a budget below 1, and
    ``ValueError`` for another setting.

    >>> layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=4)
    >>> widest(layer, "out_channels", 100_000), widest(layer, "in_channels", 100_000)
    (2040, 97)
    >>> widest(layer, "in_channels", 1000) is None
    True
    """
    if setting not in ("in_channels", "out_channels"):
        raise ValueError(f"setting must be in_channels or out_channels, received {setting!r}.")
    budget = whole_number("budget", budget, 1)
    if setting == "out_channels":
        multiple = budget // (layer.in_channels * layer.kernel_volume + layer.groups * layer.bias)
    else:
        multiple = (budget - layer.bias_count) // (layer.out_channels * layer.kernel_volume)
    return _channels(layer, multiple, maximum)


def widest_square(layer: ConvTranspose, budget: int, maximum: int = MAX_CHANNELS) -> int | None:
    """Return the largest C with which a layer of C input and C output channels fits into ``budget``.

    The result and the errors are those of ``widest``.

    >>> layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=4)
    >>> widest_square(layer, 100_000)  # 79 · 79 · 16 + 79 = 99,935
    79
    """
    volume = layer.kernel_volume * layer.groups
    bias = layer.groups * layer.bias
    # The result is the largest integer a with volume·a² + bias·a ≤ budget. Rounding the root down does not
    # change that integer.
    root = math.isqrt(bias * bias + 4 * volume * whole_number("budget", budget, 1))
    return _channels(layer, (root - bias) // (2 * volume), maximum)


def _channels(layer: ConvTranspose, multiple: int, maximum: int) -> int | None:
    """Return ``multiple`` times ``groups`` channels, at most ``maximum``; ``None`` if there are none."""
    limited = min(multiple, whole_number("maximum", maximum, 1) // layer.groups)
    return limited * layer.groups if limited > 0 else None


@dataclass(frozen=True)
class BudgetRow:
    """The widest layers with one kernel: in output channels, in input channels, and in both if equal.

    After each channel count are the parameters of that layer. A value is ``None`` if no layer fits.
    """

    kernel_size: tuple[int, ...]
    out_channels: int | None
    out_parameters: int | None
    in_channels: int | None
    in_parameters: int | None
    square: int | None
    square_parameters: int | None


def budget_rows(
    layer: ConvTranspose, budget: int, kernels: Iterable[int] = range(1, 9), maximum: int = MAX_CHANNELS
) -> tuple[BudgetRow, ...]:
    """Return a row for each kernel size in ``kernels`` and for the layer's own, in ascending order.

    A kernel size replaces every axis of a square kernel, and only axis 0 of another kernel.

    >>> layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=4)
    >>> row = budget_rows(layer, 100_000, [1])[1]
    >>> row.kernel_size, row.out_channels, row.out_parameters
    ((4, 4), 2040, 99960)
    """
    sizes = sorted({*kernels, current_value(layer, "kernel_size")})
    return tuple(_row(with_setting(layer, "kernel_size", size), budget, maximum) for size in sizes)


def _row(layer: ConvTranspose, budget: int, maximum: int) -> BudgetRow:
    """Return the widest layers with the kernel of ``layer``."""
    out_channels = widest(layer, "out_channels", budget, maximum)
    in_channels = widest(layer, "in_channels", budget, maximum)
    square = widest_square(layer, budget, maximum)
    return BudgetRow(
        layer.kernel_size,
        out_channels,
        _parameters(layer, layer.in_channels, out_channels),
        in_channels,
        _parameters(layer, in_channels, layer.out_channels),
        square,
        _parameters(layer, square, square),
    )


def _parameters(layer: ConvTranspose, inputs: int | None, outputs: int | None) -> int | None:
    """Return the parameters of ``layer`` with these channels; ``None`` if one of them is ``None``."""
    if inputs is None or outputs is None:
        return None
    return dataclasses.replace(layer, in_channels=inputs, out_channels=outputs).parameter_count


def frontier(layer: ConvTranspose, budget: int, maximum: int = MAX_CHANNELS) -> tuple[tuple[int, int], ...]:
    """Return every (in_channels, out_channels) within ``budget`` of which neither can be raised.

    Both are multiples of ``groups`` up to ``maximum``. Input channels ascend, so output channels descend.
    There are about 2 · √(budget / ∏ kernel_size) pairs. Raises ``LayerError`` for a budget below 1.

    >>> layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=4)
    >>> frontier(layer, 100)
    ((1, 5), (2, 3), (3, 2), (6, 1))
    """
    groups, volume, bias = layer.groups, layer.kernel_volume, int(layer.bias)
    room, limit = whole_number("budget", budget, 1) // groups, whole_number("maximum", maximum, 1) // groups
    pairs = []
    inputs = 1
    while inputs <= limit and (outputs := min(limit, room // (inputs * volume + bias))):
        # All inputs up to this number allow the same outputs, so only the last of them is on the frontier.
        inputs = min(limit, (room // outputs - bias) // volume)
        pairs.append((groups * inputs, groups * outputs))
        inputs += 1
    return tuple(pairs)
