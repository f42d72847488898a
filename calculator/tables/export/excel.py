"""Excel workbooks with one sheet, in which every text stays text and every digit is visible."""

import io
import math
import re
from datetime import datetime
from typing import Any

import pandas as pd
import xlsxwriter  # type: ignore[import-untyped]

from calculator.tables.export.cells import bare_text, cell_values, page_text

EXACT_IN_EXCEL = 10**15 - 1
"""The largest whole number that Excel displays exactly: it keeps 15 significant digits."""

CREATED = datetime(2000, 1, 1)
"""The creation date written into every workbook, so that equal tables give equal files."""

MAX_COLUMN_WIDTH = 60
"""Width of the widest column, in characters."""

MAX_SHEET_NAME = 31
"""Characters that Excel allows in the name of a sheet."""

_NOT_IN_SHEET_NAME = re.compile(r"[\[\]:*?/\\]")


def write_excel(table: pd.DataFrame, title: str) -> bytes:
    """Return ``table`` as a workbook with one sheet, named after ``title``."""
    out = io.BytesIO()
    rows = cell_values(table)
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.set_properties({"title": title, "created": CREATED})
        sheet = book.add_worksheet(_sheet_name(title))
        bold, count_format = book.add_format({"bold": True}), book.add_format({"num_format": "#,##0"})
        right = book.add_format({"align": "right"})
        sheet.freeze_panes(1, 0)
        for column, name in enumerate(map(str, table.columns)):
            sheet.write_string(0, column, name, bold)
            longest = max(map(len, [name, *(page_text(row[column]) for row in rows)]))
            sheet.set_column(column, column, min(longest, MAX_COLUMN_WIDTH) + 2)
            for index, row in enumerate(rows, start=1):
                _write_cell(sheet, index, column, row[column], count_format, right)
    return out.getvalue()


def _write_cell(sheet: Any, row: int, column: int, value: Any, count_format: Any, right: Any) -> None:
    """Write one cell by its type. Left to itself, xlsxwriter turns some texts into formulas and links."""
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, int) and abs(value) <= EXACT_IN_EXCEL:
        sheet.write_number(row, column, value, count_format)
    elif isinstance(value, float) and math.isfinite(value):
        sheet.write_number(row, column, value)
    elif isinstance(value, str):
        sheet.write_string(row, column, value)
    else:
        # A size, or a number that Excel would round: its exact digits as text.
        sheet.write_string(row, column, bare_text(value), right)


def _sheet_name(title: str) -> str:
    """Return ``title`` as a valid name of a sheet.

    >>> _sheet_name("Cost: 3/4"), _sheet_name("'"), _sheet_name("history")
    ('Cost 34', 'Table', 'Table')
    """
    name = _NOT_IN_SHEET_NAME.sub("", title)[:MAX_SHEET_NAME].strip("' ")
    # Excel reserves the name History for its own use.
    return name if name and name.lower() != "history" else "Table"
