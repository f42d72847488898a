"""Tables of layers written from cells, for the tests of their reader."""

from typing import Any

from calculator.readers import Model, Row
from calculator.readers.layer_table.table import COLUMNS, read_table

HEADER = ",".join(COLUMNS)


def written(**cells: Any) -> str:
    """Return one line under ``HEADER``; ``into`` is the column in."""
    cells["in"] = cells.pop("into", "")
    return ",".join(
        "x".join(map(str, c)) if isinstance(c, tuple) else str(c) for c in (cells.get(n, "") for n in COLUMNS)
    )


def row(**cells: Any) -> Row:
    return read_table(f"{HEADER}\n{written(**cells)}").rows[0]


def chained(*rows: dict[str, Any]) -> Model:
    return read_table("\n".join([HEADER, *(written(**cells) for cells in rows)]))
