"""Reader of tables whose rows are ``Class-number``: torchsummary, its relatives, and Paddle's summary.

- These tools only write their tables; nothing reads them. A wide cell pushes the others aside, so the cells
  are matched with the columns by their order.
- torchsummary counts only ``weight`` and ``bias`` of each module, and a layer for each run and each module
  that holds it: both are said, and a recurrent layer with a count of 0 is not counted.
- pytorch_model_summary counts every parameter of the modules at its maximum depth, and says how many of
  them are trained.

Sources: torchsummary/torchsummary.py 1.5.1, pytorch_model_summary/model_summary.py 0.1.2, and
python/paddle/hapi/model_summary.py of Paddle.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from calculator.readers.model import MAX_COUNT, MAX_ROWS, Model, ReadError, Row, left_out_row
from calculator.readers.printed_counts import (
    GAP,
    MAX_SEARCHED,
    MAX_WIDTH,
    has_end,
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
    table_lines,
    table_model,
    unreadable_row,
)

FORMAT = "torchsummary table"
PADDLE = "Paddle summary"
WITH_TRAINED = "pytorch_model_summary table"
COUNT, TRAINED = "Param #", "Tr. Param #"
_TITLE = re.compile(r"Parent Layers|Layer \(type\)|Input Shape|Output Shape|Tr\. Param #|Param #")
_OF_PADDLE = re.compile(r"\s{0,200}[^\W\d]\w{0,199}[123]D(?:Transpose)?-[0-9]")
_INPUTS_OF_PADDLE = re.compile(r"\s{0,200}[^\W\d]\w{0,199}-[0-9]{1,9}\s{1,200}\[\[")
"""A row of Paddle, by its class or by its input shapes, which stand in a list."""

_NAME = re.compile(r"(?P<kind>[^\W\d]\w{0,199})-(?P<number>[0-9]{1,9})$")

USES = (
    "torchsummary shows a layer each time it runs, and once more for each further module that holds it; its "
    "total does so too: a layer that is used several times is counted several times, and so are weights that "
    "layers share."
)
WEIGHTS = (
    "torchsummary counts the weight and the bias of each module that ran: other parameters are not in the "
    "table."
)
OWN = (
    "pytorch_model_summary counts the modules that it lists: parameters that a module around them has of its "
    "own are not in the table."
)


def recognises(data: str) -> bool:
    r"""Return whether a text contains a table whose rows are ``Class-number``.

    >>> table = "        Layer (type)   Output Shape    Param #\n====\n   Conv2d-1    [-1, 8, 4, 4]   224\n"
    >>> recognises(table), recognises("Layer (type)  Output Shape  Param #\nup (Dense)  (None, 8)  72")
    (True, False)
    """
    begin = data[:MAX_SEARCHED]
    return "Layer (type)" in begin and _find_head(table_lines(begin)) is not None


def _find_head(lines: Sequence[str], start: int = 0) -> int | None:
    """Return the index of the first line from ``start`` with the titles, with a numbered row below it."""
    for number in range(start, len(lines)):
        titles = _TITLE.findall(lines[number][:MAX_WIDTH])
        if "Layer (type)" in titles and COUNT in titles:
            place = titles.index("Layer (type)")
            rows = [split_cells(line[:MAX_WIDTH])[0] for line in lines[number + 1 : number + 5]]
            if any(
                len(cells) > at + 1 and _NAME.match(cells[at]) and cells[at + 1].startswith("[")
                for cells in rows
                for at in {0, place}
            ):
                return number
    return None


def read_numbered(data: str, *, name: str = "") -> Model:
    r"""Return the model in a table of torchsummary or of a relative. Raises ``ReadError`` for other texts.

    >>> model = read_numbered(
    ...     "        Layer (type)       Output Shape      Param #\n================\n"
    ...     "   ConvTranspose2d-1   [-1, 512, 4, 4]      819,200\nTotal params: 819,200\n")
    >>> model.transposed_count, model.rows[0].name
    (819200, 'ConvTranspose2d-1')
    """
    lines = table_lines(data)
    first = _find_head(lines)
    if first is None:
        raise ReadError("This is not a table of torchsummary: its line of titles or its rows are missing.")
    columns = _TITLE.findall(lines[first][:MAX_WIDTH])
    following = _find_head(lines, first + 1)
    body = [line[:MAX_WIDTH] for line in lines[first + 1 : following]]
    paddle = any(map(_OF_PADDLE.match, body))
    if "Input Shape" in columns and "Output Shape" in columns:
        paddle = paddle or any(map(_INPUTS_OF_PADDLE.match, body))
    rows: list[Row] = []
    totals: dict[str, int | None] = {}
    for line in body:
        if total := parse_total(line):
            totals.setdefault(*total)
        elif not totals and len(rows) <= MAX_ROWS:
            _read_line(line, columns, rows, counts_all=paddle)
    if len(rows) > MAX_ROWS:
        raise ReadError(f"The table has more than {MAX_ROWS:,} rows, the maximum that is read.")
    form = WITH_TRAINED if TRAINED in columns else PADDLE if paddle else FORMAT
    # Paddle, whose tables also have the shapes of the inputs, numbers the layers of each class.
    in_order = form == FORMAT and "Input Shape" not in columns
    if in_order and sum(row.parameter_count for row in rows) != totals.get("total"):
        rows = list(_with_gaps(rows))
    sentences = [USES, WEIGHTS] if form == FORMAT else [OWN] if form == WITH_TRAINED else []
    if following is not None:
        sentences.append("A second table follows in this text; only the first was read.")
    whole = has_end(body)
    return table_model(rows, totals, form, name, sentences, shows_trained=form == WITH_TRAINED, whole=whole)


def _with_gaps(rows: Sequence[Row]) -> Iterator[Row]:
    """Yield the rows, and one for each gap in their numbers: torchsummary numbers all layers in order."""
    expected = 1
    for row in rows:
        match = _NAME.match(row.name)
        number = int(match["number"]) if match else expected - 1
        if expected < number:
            yield left_out_row("", f"The rows before {row.name} are missing in the table.")
        yield row
        expected = number + 1 if match else MAX_COUNT


def _read_line(line: str, columns: Sequence[str], rows: list[Row], *, counts_all: bool) -> None:
    """Append the row of a line to ``rows``; a line that is not a row may make the last row unreadable."""
    cells, _ = split_cells(line)
    place = columns.index("Layer (type)")
    # The first layers of a model may have no parent, so that their first cell is empty.
    place = 0 if len(cells) < len(columns) else place
    match = _NAME.match(cells[place]) if place < len(cells) else None
    if match:
        fits = len(cells) <= len(columns)
        row = _row(match, columns[len(columns) - len(cells) :], cells, fits=fits, counts_all=counts_all)
        rows.append(row)
    elif is_left_out(line):
        rows.append(left_out_row("", GAP))
    elif rows and rows[-1].known and any(map(str.isdecimal, line)):
        rows[-1] = unreadable_row(rows[-1].name, rows[-1].type)  # A row was broken, maybe inside a number.


def _row(
    match: re.Match[str], columns: Sequence[str], cells: Sequence[str], *, fits: bool, counts_all: bool
) -> Row:
    """Return the row of a layer with the ``cells``, whose titles are ``columns``.

    ``counts_all`` is whether the tool counts every parameter, and not only ``weight`` and ``bias``.
    """
    name, kind = match[0], match["kind"]
    values = dict(zip(columns, cells, strict=False)) if fits and "Layer (type)" in columns else {}
    count = parse_count(values.get(COUNT, ""))
    if count is None:
        return unreadable_row(name, kind)
    if not count and kind in OTHER_NAMES and not counts_all:
        return unreadable_row(name, kind, NOT_COUNTED)
    output = parse_shape(values.get("Output Shape", ""))
    row = counted_row(name, kind, count, output_shape=output)
    channels = output[1] if len(output) > 1 else 0
    if kind.startswith("BatchNorm") and kind.endswith("D") and count == 4 * channels > 0:
        # Paddle counts the moving mean and variance of each channel, which are not trained.
        row = replace(row, weight_count=channels, bias_count=channels, other_count=2 * channels, note="")
        return replace(row, frozen_count=2 * channels)
    if TRAINED in values:
        trained = parse_count(values[TRAINED])
        if trained is None or trained > count:
            return unreadable_row(name, kind)
        return replace(row, frozen_count=count - trained, trainable=trained > 0 or not count)
    return row
