"""CSV in which no cell can become a formula.

``DataFrame.to_csv`` is not used, because:

- a text that begins with = + - or @ must get an apostrophe in front, while a negative number must not;
- a size such as (32, 32) is written 32 × 32, not as a Python tuple;
- a lone carriage return must be quoted, which needs the line ends of RFC 4180.
"""

import csv
import io
from typing import Any

import pandas as pd

from calculator.core.formatting import ASCII_SIGNS
from calculator.core.markup import escape_formula
from calculator.tables.export.cells import bare_text, cell_values


def write_csv(table: pd.DataFrame, _title: str) -> bytes:
    """Return ``table`` as CSV in UTF-8. CSV has no room for the title."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    # The names of columns are ASCII, so that other programs can use them.
    writer.writerow([_escape(str(name).translate(ASCII_SIGNS)) for name in table.columns])
    writer.writerows([[_escape(cell) for cell in row] for row in cell_values(table)])
    # Without the byte order mark that utf-8-sig adds, Excel reads the file in an 8-bit encoding.
    return out.getvalue().encode("utf-8-sig")


def _escape(value: Any) -> str:
    """Return a cell as text; a text that a spreadsheet would read as a formula gets an apostrophe in front.

    >>> _escape("=1+1"), _escape(-5), _escape("wide")
    ("'=1+1", '-5', 'wide')
    """
    text = bare_text(value)
    return escape_formula(text) if isinstance(value, str) else text
