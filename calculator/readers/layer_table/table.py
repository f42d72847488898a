"""Reader of a table of layers, which people type by hand and which describes the built-in networks.

The first line names the columns, in any order. Each further line is one layer::

    name,type,in,out,kernel,stride,padding,bias
    up,ConvTranspose2d,64,32,4,2,1,yes
    norm,BatchNorm,,32

Columns: ``name, type, in, out, kernel, stride, padding, output_padding, dilation, groups, bias, trainable,
count, size, scale_factor, ceil_mode``. An empty cell, or a missing column, means PyTorch's default. Cells are
separated by commas, semicolons, tabs or ``|``. A spatial cell is one number, or one per axis (``2x1``).
PyTorch's types take padding as numbers, Keras' types (``Conv2DTranspose``) as ``same`` or ``valid``. Layers
that pad may have two numbers per axis, before and after (``0x1x0x1``). ``bias``, ``trainable`` and
``ceil_mode`` are yes or no. ``count`` is for ``Other``. ``Input``, ``Reshape``, ``Flatten``, ``Upsample``,
``PixelShuffle``, pooling and padding layers have no parameters. After an ``Input`` (channels in ``out``, its
``size`` as 28x28) the rows form a chain, and have output sizes and multiply–accumulates. Lines that begin
with # are ignored.
"""

import csv
from collections.abc import Iterator

from calculator.core.formatting import short_repr
from calculator.readers.layer_table.cells import named_cells, parse_line
from calculator.readers.layer_table.line import SPATIAL, Line, row_of
from calculator.readers.layer_table.sizes import chain_sizes
from calculator.readers.model import MAX_LINES, MAX_ROWS, MAX_TEXT, Model, ReadError, Row, Shape

COLUMNS = (
    *("name", "type", "in", "out", *SPATIAL, "groups", "bias", "trainable", "count", "size", "scale_factor"),
    *("ceil_mode", "affine"),
)
"""The columns of a table, in their normal order."""

TABLE = "a table of layers"
"""The name of the format."""

COLUMN_ALIASES = {
    "layer": "name",
    "in_channels": "in",
    "in_features": "in",
    "out_channels": "out",
    "out_features": "out",
    "filters": "out",
    "kernel_size": "kernel",
    "strides": "stride",
    "parameters": "count",
    "upscale_factor": "scale_factor",
    "downscale_factor": "scale_factor",
}
"""Other names of the columns, as the frameworks use them."""


def recognises(data: str) -> bool:
    r"""Return whether the first line of a text names the column type, and one of in, out and count.

    >>> recognises("name,type,in,out,kernel\nup,ConvTranspose2d,64,32,4"), recognises("Conv2d(3, 64)")
    (True, False)
    """
    header = next(_written_lines(data[:5000]), (0, ""))[1][:1000]
    columns = set(_column_names(header, _separator(header)))
    return "type" in columns and bool(columns & {"in", "out", "count"})


def read_table(data: str, *, name: str = "", input_size: Shape = ()) -> Model:
    r"""Return the model of a table of layers.

    ``input_size`` replaces the size in the ``Input`` line; () keeps the table's size. Raises ``ReadError``
    with the number of the row, its name, and the problem.

    >>> read_table("name,type,in,out,kernel\nup,ConvTranspose2d,64,32,4").parameter_count
    32800
    >>> read_table("name,type,in,out\nfc,Linear,100")
    Traceback (most recent call last):
    ...
    calculator.readers.model.ReadError: Row 1 (fc): Linear needs out, but the cell is empty.
    """
    lines = table_lines(data)
    if input_size or any(line.type == "Input" for line in lines):
        rows = chain_sizes(lines, input_size or None)
    else:
        rows = tuple(row for row in map(row_of, lines) if row is not None)
    return Model(rows, TABLE, _assumptions(rows), name)


def table_lines(data: str) -> tuple[Line, ...]:
    """Return all lines of a table, with or without parameters. Raises ``ReadError`` as ``read_table``."""
    return tuple(line for line, _ in table_cells(data))


def table_cells(data: str) -> Iterator[tuple[Line, dict[str, str]]]:
    """Yield each line with its cells: column → text. Raises ``ReadError`` as ``read_table``."""
    for number, (columns, cells) in enumerate(split_cells(data), start=1):
        yield parse_line(number, columns, cells), named_cells(columns, cells)


def split_cells(data: str) -> Iterator[tuple[list[str], list[str]]]:
    """Yield (columns, cells) for each row, the cells unchecked. Raises ``ReadError`` without a table."""
    if len(data) > MAX_TEXT:
        raise ReadError(f"The table has {len(data):,} characters; at most {MAX_TEXT:,} are read.")
    if max(data.count("\n"), data.count("\r")) > MAX_LINES:
        raise ReadError(f"The table has more than {MAX_LINES:,} lines, which is the maximum.")
    lines = _written_lines(data)
    header = next(lines, (0, ""))[1]
    separator = _separator(header)
    columns = _check_columns(header, separator)
    count = 0
    for number, text in lines:
        cells = _split_line(text, separator, number)
        # The second line of a Markdown table consists of dashes and colons.
        if any(cells) and not all(set(cell) <= set(":-") for cell in cells):
            count += 1
            if count > MAX_ROWS:
                raise ReadError(f"The table has more than {MAX_ROWS:,} rows, which is the maximum.")
            yield columns, cells
    if not count:
        raise ReadError("The table has column names, but no rows.")


def _assumptions(rows: tuple[Row, ...]) -> tuple[str, ...]:
    """Return the assumption behind a chain of layers, or () for rows without sizes."""
    if any(row.multiply_accumulates is not None for row in rows):
        return (
            "Sizes and multiply–accumulates are of one sample; each layer reads the previous layer's output.",
        )
    return ()


def _written_lines(data: str) -> Iterator[tuple[int, str]]:
    """Yield (number, text) of the lines that are neither blank nor comments."""
    for number, text in enumerate(_split_lines(data), 1):
        if text.strip() and not text.lstrip().startswith("#"):
            yield number, text


def _split_lines(data: str) -> list[str]:
    # str.splitlines also splits at characters that no editor displays as a new line.
    return data.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _separator(header: str) -> str:
    """Return the separator of the cells."""
    return next((separator for separator in "\t|;" if separator in header), ",")


def _split_line(text: str, separator: str, number: int) -> list[str]:
    """Return the cells of one line. A quoted cell may contain the separator."""
    if separator == "|":
        text = text.strip().removeprefix("|").removesuffix("|")
    try:
        cells = next(csv.reader([text], delimiter=separator, skipinitialspace=True, strict=True))
    except (csv.Error, StopIteration):
        reason = "a quotation mark is not closed, or a cell is too long"
        raise ReadError(f"Line {number} cannot be split into cells: {reason}.") from None
    return [cell.strip() for cell in cells]


def _column_names(header: str, separator: str) -> list[str]:
    """Return the names of the columns, with aliases replaced by the names in ``COLUMNS``."""
    cells = (header.strip().strip("|") if separator == "|" else header).split(separator)
    names = (cell.strip().strip('"').lower().replace(" ", "_").replace("-", "_") for cell in cells)
    return [COLUMN_ALIASES.get(cell, cell) for cell in names]


def _check_columns(header: str, separator: str) -> list[str]:
    """Return the names of the columns. Raises ``ReadError`` for unknown, double and missing columns."""
    columns = _column_names(header, separator)
    for name in columns:
        if name and name not in COLUMNS:
            known = ", ".join(COLUMNS)
            raise ReadError(f"The table has a column {short_repr(name)}, which is not one of {known}.")
        if name and columns.count(name) > 1:
            raise ReadError(f"The table has the column {short_repr(name)} more than once.")
    if "type" not in columns:
        raise ReadError("The first line of a table must name its columns, and one of them must be type.")
    return columns
