"""A table of layers, a row a layer: what people type by hand, and how the built-in networks are written.

The first line names the columns, in any order; what follows is one layer a line::

    name,type,in,out,kernel,stride,padding,bias
    up,ConvTranspose2d,64,32,4,2,1,yes
    norm,BatchNorm,,32

Columns: ``name, type, in, out, kernel, stride, padding, output_padding, dilation, groups, bias, trainable,
count, size``; an empty cell, or a column left out, means PyTorch's default. Cells are separated by commas,
semicolons, tabs or ``|``. A spatial cell is one number, or one per axis (``2x1``). PyTorch's types take
padding as numbers, Keras' types (``Conv2DTranspose``) as ``same`` or ``valid``. ``bias`` and
``trainable`` are yes or no. ``count`` is for ``Other``. ``Input``, ``Reshape``, ``Flatten``, pooling and
``ReflectionPad2d`` hold no parameters: with an ``Input`` (channels in ``out``, its ``size`` as 28x28) the
rows form a chain, and get output sizes and multiply–accumulates. Lines that begin with # are not read.
"""

import csv
from collections.abc import Iterator

from calculator.core.formatting import short_repr
from calculator.readers.layer_table.cells import line_of, named_cells
from calculator.readers.layer_table.line import SPATIAL, Line, Shape, row_of
from calculator.readers.layer_table.sizes import chain_sizes
from calculator.readers.model import MAX_LINES, MAX_ROWS, MAX_TEXT, Model, ReadError, Row

COLUMNS = ("name", "type", "in", "out", *SPATIAL, "groups", "bias", "trainable", "count", "size")
"""The columns of a table."""

TABLE = "a table of layers"
"""What such a model is read as."""

OTHER_NAMES = {
    "layer": "name",
    "in_channels": "in",
    "in_features": "in",
    "out_channels": "out",
    "out_features": "out",
    "filters": "out",
    "kernel_size": "kernel",
    "strides": "stride",
    "parameters": "count",
}
"""Other words for a column, as the frameworks have them."""


def recognises(data: str) -> bool:
    r"""Return whether a text is a table of layers: its first line names the columns type, and in or out.

    >>> recognises("name,type,in,out,kernel\nup,ConvTranspose2d,64,32,4"), recognises("Conv2d(3, 64)")
    (True, False)
    """
    first = next(_written(data[:5000]), (0, ""))[1][:1000]
    named = set(_named(first, _mark(first)))
    return "type" in named and bool(named & {"in", "out", "count"})


def read_table(data: str, *, name: str = "", input_size: Shape = ()) -> Model:
    r"""Return the model that a table of layers describes.

    ``input_size`` takes the place of the size in the ``Input`` line; () leaves it. Raises ``ReadError``
    with the number of the row, its name, and what is wrong with it.

    >>> read_table("name,type,in,out,kernel\nup,ConvTranspose2d,64,32,4").parameter_count
    32800
    >>> read_table("name,type,in,out\nfc,Linear,100")
    Traceback (most recent call last):
    ...
    calculator.readers.model.ReadError: Row 1 (fc): Linear needs out, and the cell is empty.
    """
    lines = table_lines(data)
    if input_size or any(line.type == "Input" for line in lines):
        rows = chain_sizes(lines, input_size or None)
    else:
        rows = tuple(row for row in map(row_of, lines) if row is not None)
    return Model(rows, TABLE, _assumptions(rows), name)


def table_lines(data: str) -> tuple[Line, ...]:
    """Return the lines of a table, those without parameters too. Raises ``ReadError`` as ``read_table``."""
    return tuple(line for line, _ in table_cells(data))


def table_cells(data: str) -> Iterator[tuple[Line, dict[str, str]]]:
    """Yield each line with its cells as they are written. Raises ``ReadError`` as ``read_table``."""
    for number, (columns, cells) in enumerate(written_cells(data), start=1):
        yield line_of(number, columns, cells), named_cells(columns, cells)


def written_cells(data: str) -> Iterator[tuple[list[str], list[str]]]:
    """Yield the columns and the cells of each row, unchecked. Raises ``ReadError`` for what is no table."""
    if len(data) > MAX_TEXT:
        raise ReadError(f"The table has {len(data):,} characters; at most {MAX_TEXT:,} are read.")
    if max(data.count("\n"), data.count("\r")) > MAX_LINES:
        raise ReadError(f"The table has more than {MAX_LINES:,} lines, the most that are read.")
    written = _written(data)
    first = next(written, (0, ""))[1]
    mark = _mark(first)
    columns = _columns(first, mark)
    count = 0
    for place, text in written:
        cells = _cells(text, mark, place)
        if any(cells) and not all(set(cell) <= set(":-") for cell in cells):  # the rule of a Markdown table
            count += 1
            if count > MAX_ROWS:
                raise ReadError(f"The table has more than {MAX_ROWS:,} rows, the most that are read.")
            yield columns, cells
    if not count:
        raise ReadError("The table names its columns, but has no row.")


def _assumptions(rows: tuple[Row, ...]) -> tuple[str, ...]:
    if any(row.multiply_accumulates is not None for row in rows):
        return ("Sizes and multiply–accumulates are of one sample, each layer fed by the one before it.",)
    return ()


def _written(data: str) -> Iterator[tuple[int, str]]:
    """Yield the lines that say something, each with its place in the text."""
    for place, text in enumerate(_split(data), 1):
        if text.strip() and not text.lstrip().startswith("#"):
            yield place, text


def _split(data: str) -> list[str]:
    # Not str.splitlines, which also splits at signs that no editor shows as a new line.
    return data.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _mark(header: str) -> str:
    """Return what separates the cells."""
    return next((mark for mark in "\t|;" if mark in header), ",")


def _cells(text: str, mark: str, place: int) -> list[str]:
    """Return the cells of one line; a quoted cell may hold the separator."""
    if mark == "|":
        text = text.strip().removeprefix("|").removesuffix("|")
    try:
        cells = next(csv.reader([text], delimiter=mark, skipinitialspace=True, strict=True))
    except (csv.Error, StopIteration):
        why = "a quotation mark is not closed, or a cell is too long"
        raise ReadError(f"Line {place} cannot be split into cells: {why}.") from None
    return [cell.strip() for cell in cells]


def _named(header: str, mark: str) -> list[str]:
    """Return the columns by the names they have here."""
    cells = (header.strip().strip("|") if mark == "|" else header).split(mark)
    plain = (cell.strip().strip('"').lower().replace(" ", "_").replace("-", "_") for cell in cells)
    return [OTHER_NAMES.get(cell, cell) for cell in plain]


def _columns(header: str, mark: str) -> list[str]:
    """Return the names of the columns, or say which is not one."""
    columns = _named(header, mark)
    for name in columns:
        if name and name not in COLUMNS:
            known = ", ".join(COLUMNS)
            raise ReadError(f"The table has a column {short_repr(name)}, which is none of {known}.")
        if name and columns.count(name) > 1:
            raise ReadError(f"The table has the column {short_repr(name)} more than once.")
    if "type" not in columns:
        raise ReadError("The first line of a table must name its columns, and one of them must be type.")
    return columns
