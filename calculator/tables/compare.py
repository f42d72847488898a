"""Tables of the compare page: alternatives, the shelf, the budget, other tools. Exact Python ints."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from calculator.comparison.alternative import Alternative
from calculator.comparison.budget import BudgetRow
from calculator.comparison.other_tools import Printed
from calculator.comparison.shelf_rows import ShelfRow
from calculator.core.formatting import format_bytes
from calculator.core.layer import ConvTranspose
from calculator.core.memory import training_bytes, weight_bytes
from calculator.core.validation import Spatial
from calculator.tables.exact_frame import exact_frame


def spans(axes: Sequence[tuple[int, int]]) -> str:
    """Return what lies between a least and a most per axis, as text.

    >>> spans(((1, 2), (1, 2))), spans(((2, 2), (3, 3)))
    ('1–2 × 1–2', '2 × 3')
    """
    return " × ".join(
        str(minimum) if minimum == maximum else f"{minimum}–{maximum}" for minimum, maximum in axes
    )


def alternatives_table(found: Sequence[Alternative], input_size: Spatial, number_type: str) -> pd.DataFrame:
    """Return what each alternative costs, a row each; memory in exact bytes of ``number_type``.

    Besides the counts: activations of the output, those that training keeps for the backward pass,
    bytes to store and to train, input positions that an output position depends on, and how many
    products meet in it.
    """
    rows = []
    for one in found:
        total = one.parameter_count
        axes = one.overlap()
        even = "even" if one.even else "uneven" if all(minimum for minimum, _ in axes) else "holes"
        rows.append(
            (
                one.name,
                total,
                one.weight_count,
                one.bias_count,
                one.multiply_accumulates(input_size),
                one.output_activations(input_size),
                one.kept_activations(input_size),
                weight_bytes(total, number_type),
                training_bytes(total, number_type),
                spans(one.receptive_field()),
                f"{spans(axes)}, {even}",
            )
        )
    return exact_frame(
        rows,
        (
            "layer",
            "parameters",
            "weights",
            "biases",
            "multiply–accumulates",
            "output activations",
            "activations kept to train",
            f"weights, bytes as {number_type}",
            "to train with Adam, bytes",
            "inputs seen by an output",
            "overlap of products",
        ),
    )


def memory_text(parameters: int, number_type: str) -> str:
    """Return the memory of weights and of training with Adam, in readable units.

    >>> memory_text(32_800, "float32")
    '≈128 KiB of weights, ≈512 KiB to train with Adam'
    """
    training = training_bytes(parameters, number_type)
    trained = (
        "not trained in this type" if training is None else f"{format_bytes(training)} to train with Adam"
    )
    return f"{format_bytes(weight_bytes(parameters, number_type))} of weights, {trained}"


def shelf_table(rows: Sequence[ShelfRow]) -> pd.DataFrame:
    """Return the layers of the shelf side by side, with their differences from the reference."""
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
            "difference of these",
            "factor of these",
        ),
    )


def budget_table(rows: Sequence[BudgetRow]) -> pd.DataFrame:
    """Return the widest channels for each kernel, and what each spends of the budget."""
    return exact_frame(
        [
            (
                row.kernel_size,
                row.out_channels,
                row.out_parameters,
                row.in_channels,
                row.in_parameters,
                row.square,
                row.square_parameters,
            )
            for row in rows
        ],
        (
            "kernel",
            "most output channels",
            "parameters with these",
            "most input channels",
            "parameters with those",
            "most in = out",
            "parameters of these",
        ),
    )


def frontier_table(layer: ConvTranspose, pairs: Sequence[tuple[int, int]]) -> pd.DataFrame:
    """Return pairs of channels and what ``layer`` with them counts.

    >>> layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=4)
    >>> print(frontier_table(layer, [(2, 8)]).to_string(index=False))
    input channels output channels parameters
                 2               8        264
    """
    wide = ((i, o, replace(layer, in_channels=i, out_channels=o)) for i, o in pairs)
    rows = [(i, o, one.parameter_count) for i, o, one in wide]
    return exact_frame(rows, ("input channels", "output channels", "parameters"))


def tools_table(found: Sequence[Printed]) -> pd.DataFrame:
    """Return what other tools print, by which rule, and who is right."""
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
            for tool in found
        ],
        ("tool", "prints", "calls it", "verdict", "rule", "with numbers"),
    )
