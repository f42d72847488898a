"""Every table as a file: CSV, Excel, Markdown or LaTeX, with exact digits and escaped text.

A name in a table can come from a link that someone else wrote. So no text becomes a formula in a spreadsheet
(https://owasp.org/www-community/attacks/CSV_Injection), markup in Markdown or a command in LaTeX.
"""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from calculator.tables.export.csv import write_csv
from calculator.tables.export.excel import write_excel
from calculator.tables.export.latex import write_latex
from calculator.tables.export.markdown import write_markdown


@dataclass(frozen=True)
class Format:
    """A file format: its name, file suffix, media type, and the function that writes a table with a title."""

    name: str
    suffix: str
    mime: str
    write: Callable[[pd.DataFrame, str], bytes]


FORMATS = (
    Format("CSV", "csv", "text/csv", write_csv),
    Format("Excel", "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", write_excel),
    Format("Markdown", "md", "text/markdown", write_markdown),
    Format("LaTeX", "tex", "application/x-tex", write_latex),
)
"""The formats of every table, in the order in which the page offers them."""


def export(table: pd.DataFrame, format_name: str, *, title: str) -> bytes:
    """Return ``table`` as a file of the format with that name (one of ``FORMATS``), without its index.

    Raises ``ValueError`` for an unknown name.

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
    for file_format in FORMATS:
        if file_format.name == format_name:
            return file_format.write(table, _single_line(title))
    names = ", ".join(file_format.name for file_format in FORMATS)
    raise ValueError(f"format_name must be one of {names}, received {format_name!r}.")


def _single_line(text: str) -> str:
    """Return ``text`` on one line: a line break would end the comment or the heading with the title."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
