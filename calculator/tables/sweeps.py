"""Tables: vary one setting, or two, and count. Tidy pandas frames of exact Python ints."""

import dataclasses
from collections.abc import Iterable, Sequence

import pandas as pd

from calculator.core.derivation import Step
from calculator.core.growth import SWEPT, current_value, with_setting
from calculator.core.layer import ConvTranspose
from calculator.tables.exact_frame import exact_frame


def ladder(layer: ConvTranspose, setting: str) -> tuple[int, ...]:
    """Return the values to sweep: from the least to twice where the layer is, which it includes.

    Kernel sizes come one by one while there are few; channel counts double, in steps of ``groups``.

    >>> layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=3)
    >>> ladder(layer, "kernel_size"), ladder(layer, "in_channels")
    ((1, 2, 3, 4, 5, 6, 7, 8), (1, 2, 3, 4, 6, 8))
    """
    here = current_value(layer, setting)
    if setting == "kernel_size":
        maximum = max(8, 2 * here)
        return tuple(sorted({*range(1, maximum + 1, -(-maximum // 32)), here, 2 * here, maximum}))
    step = layer.groups
    rungs = [step]
    while rungs[-1] < max(2 * here, 8 * step):
        rungs.append(2 * rungs[-1])
    return tuple(sorted({rung for rung in rungs if rung <= max(2 * here, 8 * step)} | {here, 2 * here}))


def sweep(layer: ConvTranspose, setting: str, values: Iterable[int]) -> pd.DataFrame:
    """Return the counts of ``layer`` with ``setting`` at each of ``values``, two rows a value.

    Columns: ``setting``, ``value``, ``part`` (``"weights"`` or ``"biases"``), ``count``.

    >>> layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=4)
    >>> print(sweep(layer, "kernel_size", [4, 8]).to_string(index=False))
        setting value    part count
    kernel_size     4 weights  3072
    kernel_size     4  biases    64
    kernel_size     8 weights 12288
    kernel_size     8  biases    64
    """
    rows = []
    for value in values:
        varied_layer = with_setting(layer, setting, value)
        rows.append((setting, value, "weights", varied_layer.weight_count))
        rows.append((setting, value, "biases", varied_layer.bias_count))
    return exact_frame(rows, ("setting", "value", "part", "count"))


def sweeps(layer: ConvTranspose) -> pd.DataFrame:
    """Return the sweep of every setting in ``SWEPT``, over its ladder, in one frame."""
    return pd.concat([sweep(layer, name, ladder(layer, name)) for name in SWEPT], ignore_index=True)


def grid(layer: ConvTranspose, in_channels: Sequence[int], out_channels: Sequence[int]) -> pd.DataFrame:
    """Return the counts of ``layer`` for every pair of channel counts, a row each.

    Columns: ``in_channels``, ``out_channels``, ``weights``, ``biases``, ``parameters``.
    Raises ``LayerError`` when ``groups`` does not divide a channel count.

    >>> layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=4)
    >>> print(grid(layer, [1, 2], [8]).to_string(index=False))
    in_channels out_channels weights biases parameters
              1            8     128      8        136
              2            8     256      8        264
    """
    rows = []
    for i in in_channels:
        for o in out_channels:
            point = dataclasses.replace(layer, in_channels=i, out_channels=o)
            rows.append((i, o, point.weight_count, point.bias_count, point.parameter_count))
    return exact_frame(rows, ("in_channels", "out_channels", "weights", "biases", "parameters"))


def plane_ladder(layer: ConvTranspose, setting: str) -> tuple[int, ...]:
    """Return the channel counts of one side of the plane: ``groups`` · 2ⁿ, past where the layer is."""
    rungs = [layer.groups]
    while len(rungs) < 6 or rungs[-1] < max(2 * current_value(layer, setting), 256):
        rungs.append(2 * rungs[-1])
    return tuple(rungs)


def plane_grid(layer: ConvTranspose) -> pd.DataFrame:
    """Return the grid over which the plane of input × output channels is drawn."""
    return grid(layer, plane_ladder(layer, "in_channels"), plane_ladder(layer, "out_channels"))


def equal_count_lines(
    layer: ConvTranspose, totals: Iterable[int], in_channels: Sequence[int]
) -> pd.DataFrame:
    """Return, for each total, the ``out_channels`` that would give it at each of ``in_channels``.

    Columns: ``total`` and ``in_channels`` (exact), ``out_channels`` (a real number: a place on a line,
    not a layer). From total = out · (in · ∏ k / groups + bias).

    >>> layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=4)
    >>> float(equal_count_lines(layer, [3136], [3]).out_channels[0])
    64.0
    """
    bias = int(layer.bias)
    rows = [
        (total, i, total / (i * layer.kernel_volume / layer.groups + bias))
        for total in totals
        for i in in_channels
    ]
    return exact_frame(rows, ("total", "in_channels", "out_channels")).astype({"out_channels": float})


def split(layer: ConvTranspose) -> pd.DataFrame:
    """Return how the parameters split: columns ``part`` and ``count``, weights first.

    >>> print(split(ConvTranspose(in_channels=3, out_channels=64, kernel_size=4)).to_string(index=False))
       part count
    weights  3072
     biases    64
    """
    return exact_frame([("weights", layer.weight_count), ("biases", layer.bias_count)], ("part", "count"))


def working(steps: Iterable[Step]) -> pd.DataFrame:
    """Return a working as a table: columns ``what``, ``expression``, ``value``."""
    return exact_frame(
        [(step.what, step.expression, step.value) for step in steps], ("what", "expression", "value")
    )
