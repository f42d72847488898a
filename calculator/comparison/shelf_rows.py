"""The layers of the shelf with their exact counts, compared with one of them."""

import dataclasses
from dataclasses import dataclass
from fractions import Fraction

from calculator.core.description import DEFAULTS, LayerDescription
from calculator.core.errors import LayerError
from calculator.settings.layer import LayerSettings
from calculator.settings.page import Kept


@dataclass(frozen=True)
class ShelfRow:
    """One layer of the shelf: exact counts for one sample, and their comparison with the reference.

    The output size and the multiply–accumulates are ``None`` if the layer has no output; ``problem`` is the
    reason. Differences are this layer minus the reference, factors this layer over the reference.
    """

    name: str
    settings: str
    input_size: tuple[int, ...]
    weights: int
    biases: int
    parameters: int
    output_size: tuple[int, ...] | None = None
    multiply_accumulates: int | None = None
    problem: str = ""
    parameter_difference: int = 0
    parameter_factor: Fraction = Fraction(1)
    mac_difference: int | None = None
    mac_factor: Fraction | None = None


def shelf_rows(shelf: tuple[Kept, ...], reference: int) -> tuple[ShelfRow, ...]:
    """Return a row for each layer, compared with the layer number ``reference``, counted from 1.

    A number that is too large or too small stands for the last or the first layer.

    >>> wide = LayerSettings(out_channels=128)
    >>> first, second = shelf_rows((Kept("plain", LayerSettings()), Kept("wide", wide)), reference=1)
    >>> first.settings, first.output_size
    ('3 → 64, kernel 4 × 4, stride 2, padding 1', (32, 32))
    >>> second.parameter_difference, second.parameter_factor
    (3136, Fraction(2, 1))
    """
    rows = [_counted(kept) for kept in shelf]
    return tuple(_compared(row, rows[min(max(reference, 1), len(rows)) - 1]) for row in rows)


def _counted(kept: Kept) -> ShelfRow:
    """Return the row of one layer, not yet compared."""
    layer, size = kept.settings.counted_layer(), kept.settings.spatial("input_size")
    row = ShelfRow(
        kept.name,
        settings_text(kept.settings),
        size,
        layer.weight_count,
        layer.bias_count,
        layer.parameter_count,
    )
    try:
        complete = kept.settings.layer()
        output, macs = complete.output_size(size), complete.multiply_accumulates(size)
    except LayerError as error:
        return dataclasses.replace(row, problem=str(error))
    return dataclasses.replace(row, output_size=output, multiply_accumulates=macs)


def _compared(row: ShelfRow, reference: ShelfRow) -> ShelfRow:
    """Return ``row`` with its differences from ``reference`` and its factors."""
    compared = dataclasses.replace(
        row,
        parameter_difference=row.parameters - reference.parameters,
        parameter_factor=Fraction(row.parameters, reference.parameters),
    )
    own, other = row.multiply_accumulates, reference.multiply_accumulates
    if own is None or other is None:
        return compared
    return dataclasses.replace(compared, mac_difference=own - other, mac_factor=Fraction(own, other))


def settings_text(settings: LayerSettings) -> str:
    """Return the settings of a layer as a line of text, without those at PyTorch's defaults."""
    description = LayerDescription(
        in_channels=settings.in_channels,
        out_channels=settings.out_channels,
        kernel_size=settings.spatial("kernel_size"),
        groups=settings.used_groups,
        bias=settings.bias,
        **{name: settings.spatial(name) for name in DEFAULTS},
    )
    return description.words()
