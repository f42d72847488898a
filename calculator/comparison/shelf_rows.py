"""Layers of the shelf side by side: exact counts, and how each compares with one of them."""

import dataclasses
from dataclasses import dataclass
from fractions import Fraction

from calculator.core.description import DEFAULTS, LayerDescription
from calculator.core.errors import LayerError
from calculator.settings.layer import LayerSettings
from calculator.settings.page import Kept


@dataclass(frozen=True)
class ShelfRow:
    """One layer beside the others: exact counts for one sample, and how they compare with the reference.

    The output and the multiply–accumulates are ``None`` when there can be none; ``problem`` says why.
    Differences are this layer minus the reference, factors this layer over the reference.
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
    """Return a row for each layer, compared with layer ``reference`` (from 1, or the nearest there is).

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
        whole = kept.settings.layer()
        output, products = whole.output_size(size), whole.multiply_accumulates(size)
    except LayerError as error:
        return dataclasses.replace(row, problem=str(error))
    return dataclasses.replace(row, output_size=output, multiply_accumulates=products)


def _compared(row: ShelfRow, reference: ShelfRow) -> ShelfRow:
    compared = dataclasses.replace(
        row,
        parameter_difference=row.parameters - reference.parameters,
        parameter_factor=Fraction(row.parameters, reference.parameters),
    )
    mine, others = row.multiply_accumulates, reference.multiply_accumulates
    if mine is None or others is None:
        return compared
    return dataclasses.replace(compared, mac_difference=mine - others, mac_factor=Fraction(mine, others))


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
