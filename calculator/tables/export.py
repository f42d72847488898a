"""Every table as a file: CSV, Excel, Markdown and LaTeX, with exact digits and no text that acts.

Names in a table can come from a link that someone else wrote. So no text becomes a formula in a
spreadsheet (https://owasp.org/www-community/attacks/CSV_Injection), a mark in Markdown or a command in LaTeX.
"""

import csv
import io
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

import pandas as pd
import xlsxwriter  # type: ignore[import-untyped]

EXACT_IN_EXCEL = 10**15 - 1
"""The largest whole number of which Excel shows every digit: it keeps 15."""

MADE = datetime(2000, 1, 1)
"""What a workbook says about when it was made, so that equal tables make equal files."""

WIDEST = 60
"""Characters of the widest column of a sheet."""

_ACTS = re.compile(r"[=+\-@\t\r\n＝＋－＠]")
_NOT_IN_SHEET_NAME = re.compile(r"[\[\]:*?/\\]")
_MARKDOWN = re.compile(r"([\\`*_\[\]<>|~$&:@#^{}!]|(?<=www)\.)", re.IGNORECASE)
_LATEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"{\char34}",
    # Behind the end of a row these two would be read as its options.
    "[": "{[}",
    "*": "{*}",
    "×": r"$\times$",
    "→": r"$\rightarrow$",
    "−": "$-$",
    "·": r"$\cdot$",
    "≈": r"$\approx$",
    "≤": r"$\leq$",
    "≥": r"$\geq$",
    "÷": r"$\div$",
    "∏": r"$\prod$",
    "½": r"$\frac{1}{2}$",
} | {sign: f"\\{sign}" for sign in "&%$#_{}"}


@dataclass(frozen=True)
class Format:
    """A kind of file: its name, the end of a file's name, its type, and what writes a table and its title."""

    name: str
    suffix: str
    mime: str
    write: Callable[[pd.DataFrame, str], bytes]


def export(table: pd.DataFrame, format_name: str, *, title: str) -> bytes:
    """Return ``table`` as a file of the format with that name (one of ``FORMATS``), without its index.

    Raises ``ValueError`` for another name.

    >>> table = pd.DataFrame({"Name": ["wide"], "Parameters": [3136], "Output": [(32, 32)]}, dtype=object)
    >>> export(table, "CSV", title="Shelf").decode("utf-8-sig").splitlines()
    ['Name,Parameters,Output', 'wide,3136,32 × 32']
    >>> print(export(table, "Markdown", title="Shelf").decode())
    **Shelf**
    <BLANKLINE>
    | Name | Parameters |  Output |
    | :--- | ---------: | ------: |
    | wide |      3,136 | 32 × 32 |
    <BLANKLINE>
    """
    for form in FORMATS:
        if form.name == format_name:
            return form.write(table, _line(title))
    names = ", ".join(form.name for form in FORMATS)
    raise ValueError(f"format_name must be one of {names}, received {format_name!r}.")


def _line(text: str) -> str:
    """Return a title as one line without signs that cannot be seen."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _rows(table: pd.DataFrame) -> list[list[Any]]:
    """Return the cells as Python's own values: ``None`` for what is missing; fractions to six digits."""
    return [[_value(cell) for cell in row] for row in table.itertuples(index=False, name=None)]


def _value(cell: Any) -> Any:
    value = cell.item() if hasattr(cell, "item") else cell
    if isinstance(value, tuple):
        return value
    if isinstance(value, Fraction):  # as 1/2 a spreadsheet would take it for a day in January
        return int(value) if value.denominator == 1 else float(f"{float(value):.6g}")
    return None if pd.isna(value) else value


def _plain(value: Any) -> str:
    """Return a cell as text with bare digits; nothing for what is missing."""
    if isinstance(value, tuple):
        return " × ".join(_plain(item) for item in value)
    return "" if value is None else str(value)


def _printed(value: Any) -> str:
    """Return a cell as the page shows it: thousands in groups, a real minus, all on one line."""
    if isinstance(value, tuple):
        return " × ".join(_printed(item) for item in value)
    if _is_number(value):
        return f"{value:,}".replace("-", "−")
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " ".join(_plain(value).split())


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _to_right(cells: Sequence[Any]) -> bool:
    """Return whether a column is set to the right: nothing in it but numbers and sizes."""
    there = [cell for cell in cells if cell is not None]
    return bool(there) and all(isinstance(cell, tuple) or _is_number(cell) for cell in there)


def _csv(table: pd.DataFrame, _: str) -> bytes:
    """Return CSV, marked as UTF-8 for spreadsheets."""
    out = io.StringIO()
    # The ends of lines are those of RFC 4180; with others, a lone carriage return would not be quoted.
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([_inert(str(name)) for name in table.columns])
    writer.writerows([[_inert(cell) for cell in row] for row in _rows(table)])
    return out.getvalue().encode("utf-8-sig")


def _inert(value: Any) -> str:
    """Return a cell for a spreadsheet: text that would be a formula gets an apostrophe in front."""
    text = _plain(value)
    return f"'{text}" if isinstance(value, str) and _ACTS.match(text) else text


def _excel(table: pd.DataFrame, title: str) -> bytes:
    """Return a workbook of one sheet. Text is written as text, whatever it looks like."""
    out = io.BytesIO()
    rows = _rows(table)
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.set_properties({"title": title, "created": MADE})
        sheet = book.add_worksheet(_sheet_name(title))
        bold, whole = book.add_format({"bold": True}), book.add_format({"num_format": "#,##0"})
        right = book.add_format({"align": "right"})
        sheet.freeze_panes(1, 0)
        for column, name in enumerate(map(str, table.columns)):
            sheet.write_string(0, column, name, bold)
            longest = max(map(len, [name, *(_printed(row[column]) for row in rows)]))
            sheet.set_column(column, column, min(longest, WIDEST) + 2)
            for place, row in enumerate(rows, start=1):
                _write_cell(sheet, place, column, row[column], whole, right)
    return out.getvalue()


def _write_cell(sheet: Any, row: int, column: int, value: Any, whole: Any, right: Any) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, int) and abs(value) <= EXACT_IN_EXCEL:
        sheet.write_number(row, column, value, whole)
    elif isinstance(value, float) and math.isfinite(value):
        sheet.write_number(row, column, value)
    elif isinstance(value, str):
        sheet.write_string(row, column, value)
    else:
        sheet.write_string(row, column, _plain(value), right)


def _sheet_name(title: str) -> str:
    """Return ``title`` as far as Excel takes it for the name of a sheet.

    >>> _sheet_name("Cost: 3/4"), _sheet_name("'"), _sheet_name("history")
    ('Cost 34', 'Table', 'Table')
    """
    name = _NOT_IN_SHEET_NAME.sub("", title)[:31].strip("' ")
    return name if name and name.lower() != "history" else "Table"


def _markdown(table: pd.DataFrame, title: str) -> bytes:
    """Return a table of pipes whose columns line up, under its title."""
    rows = _rows(table)
    lines = [[_escaped(name) for name in table.columns], *([_escaped(cell) for cell in row] for row in rows)]
    columns = []
    for column, cells in enumerate(zip(*lines, strict=True)):
        right = _to_right([row[column] for row in rows])
        width = max(3, *map(len, cells))
        rule = "-" * (width - 1) + ":" if right else ":" + "-" * (width - 1)
        padded = [cell.rjust(width) if right else cell.ljust(width) for cell in cells]
        columns.append([padded[0], rule, *padded[1:]])
    drawn = [f"| {' | '.join(line)} |" for line in zip(*columns, strict=True)]
    return "\n".join([f"**{_escaped(title)}**", "", *drawn, ""]).encode()


def _escaped(value: Any) -> str:
    return _MARKDOWN.sub(r"\\\1", _printed(value))


def _latex(table: pd.DataFrame, title: str) -> bytes:
    """Return a tabular with the lines of the package booktabs."""
    rows = _rows(table)
    sides = ["r" if _to_right([row[at] for row in rows]) else "l" for at in range(len(table.columns))]
    head, *body = (" & ".join(map(_set, line)) + r" \\" for line in [list(table.columns), *rows])
    lines = [
        f"% {title}",
        r"% Needs \usepackage{booktabs}; with letters beyond Latin ones also XeLaTeX or LuaLaTeX.",
        rf"\begin{{tabular}}{{{''.join(sides)}}}",
        r"\toprule",
        head,
        r"\midrule",
        *body,
        r"\bottomrule",
        r"\end{tabular}",
        "",
    ]
    return "\n".join(lines).encode()


def _set(value: Any) -> str:
    return "".join(_LATEX.get(sign, sign) for sign in _printed(value))


FORMATS = (
    Format("CSV", "csv", "text/csv", _csv),
    Format("Excel", "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _excel),
    Format("Markdown", "md", "text/markdown", _markdown),
    Format("LaTeX", "tex", "application/x-tex", _latex),
)
"""The formats of every table, in the order in which they are offered."""
