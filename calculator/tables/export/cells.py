"""The cells of a table as Python values, and as text for a file."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import pandas as pd


def cell_values(table: pd.DataFrame) -> list[list[Any]]:
    """Return the cells row by row as Python values; a missing value is ``None``.

    A fraction that is not whole becomes a float of six significant digits.

    >>> cell_values(pd.DataFrame({"factor": [Fraction(193, 49), Fraction(2)], "size": [(2, 3), None]}))
    [[3.93878, (2, 3)], [2, None]]
    """
    return [[_python_value(cell) for cell in row] for row in table.itertuples(index=False, name=None)]


def _python_value(cell: Any) -> Any:
    """Return one cell as an int, float, bool, text or tuple, or ``None`` for a missing value."""
    # numpy and pandas wrap numbers in types of their own, which CSV would write as their repr.
    value = cell.item() if hasattr(cell, "item") else cell
    if isinstance(value, tuple):
        return value
    if isinstance(value, Fraction):  # A spreadsheet would read 1/2 as a day in January.
        return int(value) if value.denominator == 1 else float(f"{float(value):.6g}")
    return None if pd.isna(value) else value


def bare_text(value: Any) -> str:
    """Return a cell as text without thousands separators; ``None`` is an empty text.

    >>> bare_text((1024, 7)), bare_text(-24608), bare_text(None)
    ('1024 × 7', '-24608', '')
    """
    if isinstance(value, tuple):
        return " × ".join(bare_text(item) for item in value)
    return "" if value is None else str(value)


def page_text(value: Any) -> str:
    """Return a cell as the page displays it: with separators, with a minus sign (U+2212), on one line.

    >>> page_text((1024, 7)), page_text(-24608), page_text(True)
    ('1,024 × 7', '−24,608', 'yes')
    """
    if isinstance(value, tuple):
        return " × ".join(page_text(item) for item in value)
    if _is_number(value):
        return f"{value:,}".replace("-", "−")
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " ".join(bare_text(value).split())


def _is_number(value: Any) -> bool:
    # In Python a bool is an int as well.
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_right_aligned(cells: Sequence[Any]) -> bool:
    """Return whether a column is aligned to the right: it has values, all of them numbers or sizes.

    >>> is_right_aligned([1, None, (2, 3)]), is_right_aligned(["a", 1]), is_right_aligned([None])
    (True, False, False)
    """
    present = [cell for cell in cells if cell is not None]
    return bool(present) and all(isinstance(cell, tuple) or _is_number(cell) for cell in present)
