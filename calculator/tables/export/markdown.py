r"""Markdown tables whose text is escaped.

``DataFrame.to_markdown`` is not used, because:

- it escapes nothing, so a name with ``|`` would open another column, and one with ``<b>`` or ``[x](y)`` would
  become markup or a link;
- counts have thousands separators and sizes are written 32 × 32, as on the page;
- it needs another package (tabulate).
"""

from typing import Any

import pandas as pd

from calculator.core.markup import escape_markdown
from calculator.tables.export.cells import cell_values, is_right_aligned, page_text

MAX_ALIGNED = 80
"""The maximum width in characters to which the cells of a column are filled up."""


def write_markdown(table: pd.DataFrame, title: str) -> bytes:
    """Return ``table`` as a Markdown table with aligned columns, below its title in bold."""
    rows = cell_values(table)
    lines = [[_escape(name) for name in table.columns], *([_escape(cell) for cell in row] for row in rows)]
    columns = []
    for column, cells in enumerate(zip(*lines, strict=True)):
        right = is_right_aligned([row[column] for row in rows])
        # Markdown requires three signs in a delimiter. One long name does not widen every line.
        width = min(max(3, *map(len, cells)), MAX_ALIGNED)
        delimiter = "-" * (width - 1) + ":" if right else ":" + "-" * (width - 1)
        padded = [cell.rjust(width) if right else cell.ljust(width) for cell in cells]
        columns.append([padded[0], delimiter, *padded[1:]])
    table_lines = [f"| {' | '.join(line)} |" for line in zip(*columns, strict=True)]
    return "\n".join([f"**{_escape(title)}**", "", *table_lines, ""]).encode()


def _escape(value: Any) -> str:
    r"""Return a cell as text in which no character is Markdown markup.

    >>> print(_escape("a | b"), _escape(1024))
    a \| b 1,024
    """
    return escape_markdown(page_text(value))
