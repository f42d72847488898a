"""Tables of the picture page: output sizes by framework, and the arguments that give a wanted size."""

import pandas as pd

from calculator.core.formatting import axis_names, collapse_axes
from calculator.core.layer import ConvTranspose
from calculator.core.validation import Spatial
from calculator.geometry.framework_sizes import size_rows
from calculator.geometry.size_solver import Solutions, framework_solutions
from calculator.tables.exact_frame import exact_frame


def size_table(layer: ConvTranspose, input_size: Spatial, *, brief: bool = False) -> pd.DataFrame:
    """Return the output size in each framework, with its formula.

    Columns: framework, arguments, formula, with numbers, output size. Where a framework refuses the layer,
    the column "with numbers" has the reason. A ``brief`` table has the numbers of one axis, which the name
    of the column says, and no reasons.

    >>> layer = ConvTranspose(in_channels=1, out_channels=1, kernel_size=4, stride=2, padding=1)
    >>> size_table(layer, 16)["output size"][0]
    (32, 32)
    >>> size_table(layer, (16, 8), brief=True)["with numbers, height"][0]
    '(16 − 1) × 2 − 2 × 1 + 4 + 0'
    """
    found = size_rows(layer, input_size)
    numbers = [row.problem or _axes(row.numbers) for row in found]
    name = "with numbers"
    if brief:
        if any(len(set(row.numbers)) > 1 for row in found):
            name += f", {axis_names(layer.rank)[0]}"
        numbers = [row.numbers[0] if row.numbers else "not possible" for row in found]
    rows = [
        (row.framework, row.how, row.formula, text, row.size)
        for row, text in zip(found, numbers, strict=True)
    ]
    return exact_frame(rows, ("framework", "arguments", "formula", name, "output size"))


def _axes(numbers: tuple[str, ...]) -> str:
    """Return the calculations of all axes as text, or a single one where all axes agree."""
    return "; ".join(collapse_axes(numbers))


def ways_table(layer: ConvTranspose, input_size: Spatial, wanted: Spatial) -> pd.DataFrame:
    """Return the arguments with which each framework gives the wanted size.

    Columns: framework, arguments, remark.

    >>> layer = ConvTranspose(in_channels=1, out_channels=1, kernel_size=4, stride=2)
    >>> ways_table(layer, 16, 32)["arguments"][0]
    'padding=1, output_padding=0'
    """
    rows = [
        (solution.framework, solution.how or "not possible", solution.problem or solution.note)
        for solution in framework_solutions(layer, input_size, wanted)
    ]
    return exact_frame(rows, ("framework", "arguments", "remark"))


def solutions_table(solutions: Solutions) -> pd.DataFrame:
    """Return every solution (padding, output_padding) for one axis, one row for each.

    >>> print(solutions_table(((1, 0), (2, 2))).to_string(index=False))
    padding output_padding
          1              0
          2              2
    """
    return exact_frame(solutions, ("padding", "output_padding"))
