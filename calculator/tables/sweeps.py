"""Sweeps: a layer with one or two settings varied, and its exact counts at every value."""

import dataclasses
from collections.abc import Iterable, Sequence

import pandas as pd

from calculator.core.growth import SWEPT, current_value, with_setting
from calculator.core.layer import ConvTranspose
from calculator.tables.exact_frame import exact_frame

MAX_KERNEL_SIZES = 32
"""The approximate number of kernel sizes in a sweep; a larger range is swept in larger steps."""

MIN_KERNEL_SIZE_RANGE = 8
"""The sweep of a kernel size ends at this size or later."""

MIN_CHANNEL_STEPS = 8
"""The sweep of a channel count goes at least to this many times ``groups``."""

MIN_PLANE_CHANNELS = 256
"""Both sides of the plane go at least to this many channels."""

MIN_PLANE_VALUES = 6
"""Both sides of the plane have at least this many values."""


def sweep_values(layer: ConvTranspose, setting: str) -> tuple[int, ...]:
    """Return the values of ``setting`` to sweep: from the smallest to at least twice the layer's own.

    The layer's own value and its double are among them. Kernel sizes are consecutive up to
    ``MAX_KERNEL_SIZES``; channel counts are ``groups`` · 2ⁿ, so that ``groups`` divides them.

    >>> layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=3)
    >>> sweep_values(layer, "kernel_size"), sweep_values(layer, "in_channels")
    ((1, 2, 3, 4, 5, 6, 7, 8), (1, 2, 3, 4, 6, 8))
    """
    own = current_value(layer, setting)
    if setting == "kernel_size":
        maximum = max(MIN_KERNEL_SIZE_RANGE, 2 * own)
        step = -(-maximum // MAX_KERNEL_SIZES)
        # The title of the panel speaks of doubling, so both ends of a doubling must be points of the curve.
        return tuple(sorted({*range(1, maximum + 1, step), own, 2 * own, maximum}))
    maximum = max(2 * own, MIN_CHANNEL_STEPS * layer.groups)
    values = {own, 2 * own}
    value = layer.groups
    while value <= maximum:
        values.add(value)
        value *= 2
    return tuple(sorted(values))


def sweep(layer: ConvTranspose, setting: str, values: Iterable[int]) -> pd.DataFrame:
    """Return the counts of ``layer`` with ``setting`` at each of ``values``, one row for each value.

    Columns: ``setting``, ``value``, ``weights``, ``biases``, ``parameters``.
    Raises ``LayerError`` for a value that the layer cannot have.

    >>> layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=4)
    >>> print(sweep(layer, "kernel_size", [4, 8]).to_string(index=False))
        setting value weights biases parameters
    kernel_size     4    3072     64       3136
    kernel_size     8   12288     64      12352
    """
    return _sweep_table(layer, ((setting, value) for value in values))


def sweeps(layer: ConvTranspose) -> pd.DataFrame:
    """Return the sweeps of all settings in ``SWEPT`` as one table, with the columns of ``sweep``."""
    return _sweep_table(layer, ((name, value) for name in SWEPT for value in sweep_values(layer, name)))


def _sweep_table(layer: ConvTranspose, pairs: Iterable[tuple[str, int]]) -> pd.DataFrame:
    rows = ((name, value, *_counts(with_setting(layer, name, value))) for name, value in pairs)
    return exact_frame(rows, ("setting", "value", "weights", "biases", "parameters"))


def grid(layer: ConvTranspose, in_channels: Sequence[int], out_channels: Sequence[int]) -> pd.DataFrame:
    """Return the counts of ``layer`` for every pair of channel counts, one row for each pair.

    Columns: ``in_channels``, ``out_channels``, ``weights``, ``biases``, ``parameters``.
    Raises ``LayerError`` when ``groups`` does not divide a channel count.

    >>> layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=4)
    >>> print(grid(layer, [1, 2], [8]).to_string(index=False))
    in_channels out_channels weights biases parameters
              1            8     128      8        136
              2            8     256      8        264
    """
    rows = (
        (i, o, *_counts(dataclasses.replace(layer, in_channels=i, out_channels=o)))
        for i in in_channels
        for o in out_channels
    )
    return exact_frame(rows, ("in_channels", "out_channels", "weights", "biases", "parameters"))


def _counts(layer: ConvTranspose) -> tuple[int, int, int]:
    return layer.weight_count, layer.bias_count, layer.parameter_count


def plane_channels(layer: ConvTranspose, setting: str) -> tuple[int, ...]:
    """Return the channel counts along one side of the plane; ``setting`` names the side.

    They are ``groups`` · 2ⁿ, up to at least twice the layer's own.

    >>> plane_channels(ConvTranspose(in_channels=3, out_channels=64, kernel_size=4), "in_channels")
    (1, 2, 4, 8, 16, 32, 64, 128, 256)
    """
    maximum = max(2 * current_value(layer, setting), MIN_PLANE_CHANNELS)
    values = [layer.groups]
    while len(values) < MIN_PLANE_VALUES or values[-1] < maximum:
        values.append(2 * values[-1])
    return tuple(values)


def plane_grid(layer: ConvTranspose) -> pd.DataFrame:
    """Return the grid for the plane of input × output channels, with the columns of ``grid``."""
    return grid(layer, plane_channels(layer, "in_channels"), plane_channels(layer, "out_channels"))


def equal_count_lines(
    layer: ConvTranspose, totals: Iterable[int], in_channels: Sequence[int]
) -> pd.DataFrame:
    """Return, for each total, the ``out_channels`` that would give that total at each of ``in_channels``.

    Columns: ``total`` and ``in_channels`` (exact), ``out_channels`` (a float: a point on a line, which need
    not be a layer). The equation is total = out · (in · ∏ k / groups + bias), solved for out.

    >>> layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=4)
    >>> float(equal_count_lines(layer, [3136], [3]).out_channels[0])
    64.0
    """
    # Floats are exact enough for the place of a line; counts are never taken from it.
    bias = int(layer.bias)
    rows = [
        (total, i, total / (i * layer.kernel_volume / layer.groups + bias))
        for total in totals
        for i in in_channels
    ]
    return exact_frame(rows, ("total", "in_channels", "out_channels")).astype({"out_channels": float})
