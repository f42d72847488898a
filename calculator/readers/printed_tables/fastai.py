"""Reader of the table of fastai's ``learn.summary()``.

- fastai only writes this table; nothing reads it.
- A row has the class, the count, and whether the layer is trained; the shapes stand on lines of their own.
- Only modules with an attribute ``weight`` are counted, so that a recurrent layer has no count.

Source: ``module_summary`` in fastai/callback/hook.py, and ``model_summary`` of fastai 1.
"""

import re
from collections.abc import Sequence

from calculator.readers.model import MAX_ROWS, Model, ReadError, Row, left_out_row
from calculator.readers.printed_counts import (
    GAP,
    MAX_SEARCHED,
    MAX_WIDTH,
    as_frozen,
    is_left_out,
    parse_count,
    parse_total,
)
from calculator.readers.printed_tables.counted_rows import (
    NOT_COUNTED,
    OTHER_NAMES,
    counted_row,
    parse_shape,
    split_cells,
    table_model,
    unreadable_row,
)

FORMAT = "fastai summary"
_HEAD = re.compile(r"\s{0,40}Layer \(type\)\s{1,60}Output Shape\s{1,60}Param #\s{1,60}Trainable\s*$")
_KIND = re.compile(r"[^\W\d]\w{0,199}$")
_NAME = re.compile(r"(\w{1,200}) \(Input shape")

WEIGHTS = "fastai counts modules with an attribute weight: parameters of other modules are not in the table."


def recognises(data: str) -> bool:
    r"""Return whether a text contains a table of fastai.

    >>> recognises("Layer (type)   Output Shape   Param #   Trainable\n====\nConv2d    9408   False\n")
    True
    >>> recognises("Layer (type)   Output Shape   Param #   Trainable\n====\nup (Dense)  (None, 8)  9   Y\n")
    False
    """
    begin = data[:MAX_SEARCHED]
    return "Layer (type)" in begin and _find_head(begin.splitlines()) is not None


def _find_head(lines: Sequence[str]) -> int | None:
    """Return the index of the line of titles that has a row of fastai below it."""
    for number, line in enumerate(lines):
        if _HEAD.match(line[:MAX_WIDTH]):
            rows = [split_cells(row[:MAX_WIDTH])[0] for row in lines[number + 1 : number + 12]]
            if any(cells[-1] in ("True", "False") and _KIND.match(cells[0]) for cells in rows if cells):
                return number
    return None


def read_fastai(data: str, *, name: str = "") -> Model:
    r"""Return the model in a table of fastai. Raises ``ReadError`` for any other text.

    >>> model = read_fastai(
    ...     "Layer (type)   Output Shape   Param #   Trainable\n====\nConv2d     9408   False\nReLU\n"
    ...     "ConvTranspose2d      8224   True\n\nTotal params: 17,632\n")
    >>> model.parameter_count, model.transposed_count, model.trainable_count
    (17632, 8224, 8224)
    """
    lines = data.splitlines()
    first = _find_head(lines)
    if first is None:
        raise ReadError("This is not a table of fastai: its line of titles or its rows are missing.")
    rows: list[Row] = []
    totals: dict[str, int | None] = {}
    for line in lines[first + 1 :]:
        if total := parse_total(line):
            totals.setdefault(*total)
        elif not totals and (row := _row(line[:MAX_WIDTH], len(rows) + 1)):
            rows.append(row)
        if len(rows) > MAX_ROWS:
            raise ReadError(f"The table has more than {MAX_ROWS:,} rows, the maximum that is read.")
    above = _NAME.search("\n".join(line[:MAX_WIDTH] for line in lines[max(first - 5, 0) : first]))
    return table_model(
        rows, totals, FORMAT, name or (above[1] if above else ""), [WEIGHTS], shows_trained=True
    )


def _row(line: str, number: int) -> Row | None:
    """Return the row of a line, or ``None`` for a line with shapes only, a ruled line or other text."""
    cells, _ = split_cells(line)
    if is_left_out(line):
        return left_out_row("", GAP)
    if not cells or not _KIND.match(cells[0]) or line[0].isspace():
        return None
    name, kind = f"{cells[0]}-{number}", cells[0]
    if len(cells) == 1:
        return unreadable_row(name, kind, NOT_COUNTED) if kind in OTHER_NAMES else Row(name, kind)
    if cells[-1] not in ("True", "False"):
        return unreadable_row(name, kind) if any(map(str.isdecimal, line)) else None
    shape = parse_shape(cells[1]) if cells[1].startswith("[") else ()
    begin = 2 if cells[1].startswith("[") else 1
    count = parse_count(cells[begin]) if len(cells) == begin + 2 else None
    if count is None:
        return unreadable_row(name, kind)
    row = counted_row(name, kind, count, output_shape=shape)
    return as_frozen(row) if cells[-1] == "False" and count else row
