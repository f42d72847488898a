"""Tables of the compare page: alternatives, the shelf, the budget and the other tools."""

import dataclasses
from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from calculator.comparison.budget import PARAMETERS, BudgetRow, Cost
from calculator.comparison.other_tools import Printed
from calculator.comparison.shelf_rows import ShelfRow
from calculator.core.formatting import format_bytes
from calculator.core.layer import ConvTranspose
from calculator.core.memory import training_bytes, weight_bytes
from calculator.core.validation import Spatial
from calculator.tables.exact_frame import exact_frame
from calculator.upsampling.alternative import Alternative
from calculator.upsampling.qualities import (
    has_no_checkerboard,
    is_easy_to_export,
    learns_space,
    mixes_channels,
)


def format_ranges(axes: Sequence[tuple[int, int]]) -> str:
    """Return a (minimum, maximum) per axis as text; where the two are equal, one number.

    >>> format_ranges(((1, 2), (1, 2))), format_ranges(((2, 2), (3, 3)))
    ('1–2 × 1–2', '2 × 3')
    """
    return " × ".join(
        str(minimum) if minimum == maximum else f"{minimum}–{maximum}" for minimum, maximum in axes
    )


DECIDING = 7
"""The first columns of ``alternatives_table``, which decide between alternatives."""


def alternatives_table(
    alternatives: Sequence[Alternative], input_size: Spatial, number_type: str
) -> pd.DataFrame:
    """Return the costs of the alternatives, one row for each; memory in bytes of ``number_type``.

    The first ``DECIDING`` columns are those that decide: the counts, the values that training keeps for the
    backward pass, the input positions that an output position depends on, and what holds whatever the weights
    are. Raises ``LayerError``.
    """
    rows = []
    for alternative in alternatives:
        parameters = alternative.parameter_count
        rows.append(
            (
                alternative.name,
                parameters,
                alternative.multiply_accumulates(input_size),
                alternative.kept_activations(input_size),
                format_ranges(alternative.receptive_field()),
                _yes_or_no(has_no_checkerboard(alternative)),
                _yes_or_no(is_easy_to_export(alternative)),
                _yes_or_no(not (reason := _not_compared_because(alternative))),
                reason,
                _overlap_text(alternative),
                alternative.weight_count,
                alternative.bias_count,
                alternative.output_activations(input_size),
                weight_bytes(parameters, number_type),
                training_bytes(parameters, number_type),
                "; ".join(alternative.equal),
            )
        )
    return exact_frame(
        rows,
        (
            "layer",
            "parameters",
            "multiply–accumulates",
            "activations kept to train",
            "inputs seen by an output",
            "no checkerboard",
            "easy to export",
            "compared",
            "not compared because",
            "overlap of products",
            "weights",
            "biases",
            "output activations",
            f"weights, bytes as {number_type}",
            "to train with Adam, bytes",
            "the same functions",
        ),
    )


def _yes_or_no(value: bool) -> str:
    return "yes" if value else "no"


def _not_compared_because(alternative: Alternative) -> str:
    """Return why the costs of a form are not compared with other forms; "" for a form that is compared."""
    if not mixes_channels(alternative):
        return "it does not mix all channels"
    return "" if learns_space(alternative) else "it has no learned spatial weights"


def _overlap_text(alternative: Alternative) -> str:
    """Return the products per output position, and whether they are even, uneven or missing somewhere."""
    axes = alternative.overlap()
    if alternative.even:
        kind = "even"
    elif all(minimum for minimum, _ in axes):
        kind = "uneven"
    else:
        kind = "holes"
    return f"{format_ranges(axes)}, {kind}"


def memory_text(parameters: int, number_type: str) -> str:
    """Return the memory of weights and of training with Adam, in readable units. Raises ``LayerError``.

    >>> memory_text(32_800, "float32")
    '≈128 KiB of weights, ≈512 KiB to train with Adam'
    """
    training = training_bytes(parameters, number_type)
    training_text = (
        "not trained in this type" if training is None else f"{format_bytes(training)} to train with Adam"
    )
    return f"{format_bytes(weight_bytes(parameters, number_type))} of weights, {training_text}"


def shelf_table(rows: Sequence[ShelfRow]) -> pd.DataFrame:
    """Return the layers of the shelf, one row for each, with their differences from the reference."""
    return exact_frame(
        [
            (
                row.name,
                row.settings,
                row.parameters,
                row.parameter_difference,
                row.parameter_factor,
                row.weights,
                row.biases,
                row.output_size,
                row.multiply_accumulates,
                row.mac_difference,
                row.mac_factor,
            )
            for row in rows
        ],
        (
            "name",
            "layer",
            "parameters",
            "difference",
            "factor",
            "weights",
            "biases",
            "output size",
            "multiply–accumulates",
            "MAC difference",
            "MAC factor",
        ),
    )


def budget_table(rows: Sequence[BudgetRow], unit: str = "parameters") -> pd.DataFrame:
    """Return the widest layers within the budget for each kernel, and what each one costs in ``unit``."""
    return exact_frame(
        map(dataclasses.astuple, rows),
        (
            "kernel",
            "max. output channels",
            f"{unit}, max. output",
            "max. input channels",
            f"{unit}, max. input",
            "max. in = out",
            f"{unit}, in = out",
        ),
    )


def frontier_table(
    layer: ConvTranspose, pairs: Sequence[tuple[int, int]], cost: Cost = PARAMETERS
) -> pd.DataFrame:
    """Return the cost of ``layer`` for each pair of input and output channels.

    >>> layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=4)
    >>> print(frontier_table(layer, [(2, 8)]).to_string(index=False))
    input channels output channels parameters
                 2               8        264
    """
    rows = ((i, o, cost.of(replace(layer, in_channels=i, out_channels=o))) for i, o in pairs)
    return exact_frame(rows, ("input channels", "output channels", f"{cost.noun}s"))


def tools_table(tools: Sequence[Printed]) -> pd.DataFrame:
    """Return the number that each other tool prints, its rule, and whether the number is right."""
    return exact_frame(
        [
            (
                f"{tool.tool} {tool.version}",
                tool.value,
                tool.unit,
                tool.verdict,
                tool.rule,
                tool.numbers,
            )
            for tool in tools
        ],
        ("tool", "prints", "unit", "verdict", "rule", "with numbers"),
    )
