"""A budget: the widest layers that a number of parameters allows, exactly.

With g groups and a kernel of V weights, in = g·a and out = g·c channels cost g·c·(a·V + bias), so each
bound below is one division or one square root of whole numbers.
"""

import dataclasses
import math
from collections.abc import Iterable
from dataclasses import dataclass

from calculator.core.growth import current_value, with_setting
from calculator.core.layer import ConvTranspose
from calculator.core.validation import MAX_CHANNELS, whole_number

"""Channels of the widest layer that is looked for."""


def widest(layer: ConvTranspose, setting: str, budget: int, maximum: int = MAX_CHANNELS) -> int | None:
    """Return the most ``setting`` (``in_channels`` or ``out_channels``) whose parameters fit into ``budget``.

    A multiple of ``groups``, up to ``maximum``; the rest stays as in ``layer``. ``None`` when not even the
    least fits. Raises ``LayerError`` for a budget below 1, ``ValueError`` for another setting.

    >>> layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=4)
    >>> widest(layer, "out_channels", 100_000), widest(layer, "in_channels", 100_000)
    (2040, 97)
    >>> widest(layer, "in_channels", 1000) is None
    True
    """
    if setting not in ("in_channels", "out_channels"):
        raise ValueError(f"setting must be in_channels or out_channels, received {setting!r}.")
    room = whole_number("budget", budget, 1)
    if setting == "out_channels":
        steps = room // (layer.in_channels * layer.kernel_volume + layer.groups * layer.bias)
    else:
        steps = (room - layer.bias_count) // (layer.out_channels * layer.kernel_volume)
    return _channels(layer, steps, maximum)


def widest_square(layer: ConvTranspose, budget: int, maximum: int = MAX_CHANNELS) -> int | None:
    """Return the most channels C, read and written alike, whose parameters fit into ``budget``.

    >>> layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=4)
    >>> widest_square(layer, 100_000)  # 79 · 79 · 16 + 79 = 99,935
    79
    """
    volume = layer.kernel_volume * layer.groups
    bias = layer.groups * layer.bias
    # The whole a with volume·a² + bias·a ≤ budget; the root may be rounded down, the rest is whole.
    root = math.isqrt(bias * bias + 4 * volume * whole_number("budget", budget, 1))
    return _channels(layer, (root - bias) // (2 * volume), maximum)


def _channels(layer: ConvTranspose, steps: int, maximum: int) -> int | None:
    """Return ``steps`` times ``groups`` channels, or fewer so that they stay within ``maximum``."""
    fitting = min(steps, whole_number("most", maximum, 1) // layer.groups)
    return fitting * layer.groups if fitting > 0 else None


@dataclass(frozen=True)
class BudgetRow:
    """The widest layers with one kernel: by output channels, by input channels, and square.

    Beside each count of channels stand the parameters it uses. ``None`` where nothing fits.
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
    """Return a row for each of ``kernels`` and for the layer's own, ascending.

    A kernel changes on every axis when it is square, else on axis 0 alone.

    >>> layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=4)
    >>> row = budget_rows(layer, 100_000, [1])[1]
    >>> row.kernel_size, row.out_channels, row.out_parameters
    ((4, 4), 2040, 99960)
    """
    sizes = sorted({*kernels, current_value(layer, "kernel_size")})
    return tuple(_row(with_setting(layer, "kernel_size", size), budget, maximum) for size in sizes)


def _row(layer: ConvTranspose, budget: int, maximum: int) -> BudgetRow:
    wide = widest(layer, "out_channels", budget, maximum)
    deep = widest(layer, "in_channels", budget, maximum)
    square = widest_square(layer, budget, maximum)
    return BudgetRow(
        layer.kernel_size,
        wide,
        _used(layer, layer.in_channels, wide),
        deep,
        _used(layer, deep, layer.out_channels),
        square,
        _used(layer, square, square),
    )


def _used(layer: ConvTranspose, inputs: int | None, outputs: int | None) -> int | None:
    if inputs is None or outputs is None:
        return None
    return dataclasses.replace(layer, in_channels=inputs, out_channels=outputs).parameter_count


def frontier(layer: ConvTranspose, budget: int, maximum: int = MAX_CHANNELS) -> tuple[tuple[int, int], ...]:
    """Return every (in_channels, out_channels) within ``budget`` where neither can be raised.

    Both are multiples of ``groups``, up to ``maximum``; ascending by input channels, and so descending by
    output channels. About twice the square root of budget / ∏ kernel_size pairs.

    >>> layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=4)
    >>> frontier(layer, 100)
    ((1, 5), (2, 3), (3, 2), (6, 1))
    """
    groups, volume, bias = layer.groups, layer.kernel_volume, int(layer.bias)
    room, limit = whole_number("budget", budget, 1) // groups, whole_number("most", maximum, 1) // groups
    pairs = []
    inputs = 1
    while inputs <= limit and (outputs := min(limit, room // (inputs * volume + bias))):
        # All inputs up to this one allow the same outputs: the rest of the block is skipped.
        inputs = min(limit, (room // outputs - bias) // volume)
        pairs.append((groups * inputs, groups * outputs))
        inputs += 1
    return tuple(pairs)
