"""The normal form of a table of layers, and its form as one value of a link.

In a link, ``~`` separates the rows. A row is the type and its cells, joined by ``_``, followed by a dot and
the name where the row has a name. ``ConvTranspose2d_in64_out32_k4.up~BatchNorm_out32`` has two rows. Quoting
for a URL changes none of these characters.
"""

import re
from collections.abc import Sequence
from urllib.parse import quote_plus

from calculator.core.errors import LayerError
from calculator.core.formatting import collapse_axes, short_repr
from calculator.core.layer import ConvTranspose
from calculator.core.parsing import count_numbers, parse_spatial, parse_whole
from calculator.readers.layer_table.cells import DEFAULTS, YES_OR_NO, axes_cell, named_cells
from calculator.readers.layer_table.line import SPATIAL, Line
from calculator.readers.layer_table.table import COLUMNS, split_cells, table_cells
from calculator.readers.model import MAX_COUNT, Shape

MAX_LINKED = 6_000
"""The maximum number of quoted characters of a table in a link, so that browsers and messengers accept it."""

KEYS = {
    "in": "in",
    "out": "out",
    "kernel": "k",
    "stride": "s",
    "padding": "p",
    "output_padding": "op",
    "dilation": "d",
    "groups": "g",
    "bias": "b",
    "trainable": "t",
    "count": "n",
    "size": "size",
    "scale_factor": "f",
    "ceil_mode": "c",
    "affine": "a",
}
"""The key of each column in a link."""

_ROW_SEPARATOR = re.compile("~(?!-)")
"""A tilde, unless a name contains the tilde, which is escaped as ``~-``."""

_COLUMN = {key: column for column, key in KEYS.items()}
# Longer keys come first, because "size28x28" also begins with s.
_TOKEN = re.compile(f"({'|'.join(sorted(_COLUMN, key=len, reverse=True))})(.+)", re.DOTALL)


def tidy(data: str) -> str:
    r"""Return the normal form of a table: used columns in a fixed order, each value written in one way.

    Raises ``ReadError`` for a text that is not a table of layers.

    >>> tidy("out; in; type; kernel\n32; 64; convtranspose2d; 4 × 4\n")
    'type,in,out,kernel\nConvTranspose2d,64,32,4x4\n'
    """
    return write_table([_normal_cells(line, cells) for line, cells in table_cells(data)])


def write_linked(table: str) -> str:
    r"""Return the form for a link of a table in normal form.

    >>> write_linked("name,type,in,out,kernel\nup.0,ConvTranspose2d,64,32,4")
    'ConvTranspose2d_in64_out32_k4.up.0'
    """
    return "~".join(_entry(named_cells(columns, cells)) for columns, cells in split_cells(table))


def fits_link(table: str) -> bool:
    """Return whether a table is short enough for a link."""
    return _fits(write_linked(table))


def add_layer(table: str, layer: ConvTranspose) -> str:
    r"""Return the normal form of a table with one more row. Raises ``ReadError`` where it is not a table.

    >>> add_layer("", ConvTranspose(in_channels=3, out_channels=64, kernel_size=(4, 4), stride=2))
    'type,in,out,kernel,stride\nConvTranspose2d,3,64,4,2\n'
    """
    rows = table_cells(table) if table else ()
    return write_table([*(_normal_cells(line, cells) for line, cells in rows), transposed_cells(layer)])


def chain_table(layers: Sequence[ConvTranspose], input_size: Shape) -> str:
    r"""Return the normal form of a table of layers that follow each other, with their input.

    >>> chain_table([ConvTranspose(in_channels=3, out_channels=64, kernel_size=(4, 4), stride=2)], (7, 7))
    'type,in,out,kernel,stride,size\nInput,,3,,,7x7\nConvTranspose2d,3,64,4,2,\n'
    """
    entry = layer_cells("Input", out=layers[0].in_channels, size=input_size)
    return write_table([entry, *map(transposed_cells, layers)])


def transposed_cells(layer: ConvTranspose) -> dict[str, str]:
    """Return the cells of a row for a transposed convolution.

    >>> transposed_cells(ConvTranspose(in_channels=3, out_channels=64, kernel_size=(4, 4), stride=2))
    {'type': 'ConvTranspose2d', 'in': '3', 'out': '64', 'kernel': '4', 'stride': '2'}
    """
    axes = (layer.kernel_size, layer.stride, layer.padding, layer.output_padding, layer.dilation)
    return layer_cells(
        f"ConvTranspose{layer.rank}d",
        **{"in": layer.in_channels, "out": layer.out_channels, "groups": layer.groups, "bias": layer.bias},
        **dict(zip(SPATIAL, axes, strict=True)),
    )


def layer_cells(type_name: str, **values: int | str | tuple[int | float, ...]) -> dict[str, str]:
    """Return the cells of a row: column → text, without the values that an empty cell stands for.

    >>> layer_cells("Conv2d", **{"in": 3, "out": 8}, kernel=(3, 3), stride=(1, 1), bias=False)
    {'type': 'Conv2d', 'in': '3', 'out': '8', 'kernel': '3', 'bias': 'no'}
    """
    row = {"type": type_name}
    for column, value in values.items():
        if isinstance(value, tuple):
            if column == "kernel" or column not in DEFAULTS or set(value) != {DEFAULTS[column]}:
                row[column] = axes_cell(collapse_axes(value) if column in SPATIAL else value)
        elif isinstance(value, bool):
            row |= {} if value else {column: "no"}
        elif (column, value) != ("groups", 1):
            row[column] = str(value)
    return row


def padding_cell(sides: Sequence[int]) -> str:
    """Return the cell of padding before and after each axis: two numbers per axis only where they differ.

    >>> padding_cell((1, 1, 2, 2)), padding_cell((0, 1, 0, 1)), padding_cell((3, 3, 3, 3))
    ('1x2', '0x1x0x1', '3')
    """
    even = sides[::2] == sides[1::2]
    return axes_cell(collapse_axes(tuple(sides[::2])) if even else sides)


def read_linked(text: str) -> tuple[str, tuple[str, ...]]:
    """Return the table in ``text``, and a sentence for each part that was ignored.

    Never raises. The cells are not checked: they may be invalid when the table is read.

    >>> table, ignored = read_linked("ConvTranspose2d_in64_out32_k4.up~Linear_in2_x3_out2")
    >>> print(table, *ignored, sep="")
    name,type,in,out,kernel
    up,ConvTranspose2d,64,32,4
    ,Linear,2,2,
    Row 2 of the table: 'x3' was ignored: it is not a cell of a layer.
    """
    if not _fits(text):
        return "", (f"The table was ignored: it is longer than {MAX_LINKED:,} characters.",)
    rows, ignored = [], []
    for number, entry in enumerate(_ROW_SEPARATOR.split(text) if text else [], start=1):
        tokens, _, name = entry.partition(".")
        kind, *cells = tokens.split("_")
        row = {"name": _one_line(name.replace("~-", "~")), "type": _one_line(kind)}
        for token in cells:
            match = _TOKEN.fullmatch(token)
            if match and (column := _COLUMN[match[1]]) not in row:
                row[column] = _one_line(match[2])
            else:
                reason = "the column is given twice" if match else "it is not a cell of a layer"
                ignored.append(f"Row {number:,} of the table: {short_repr(token)} was ignored: {reason}.")
        if kind.isascii() and kind.isalnum():
            rows.append(row)
        else:
            ignored.append(
                f"Row {number:,} of the table was ignored: it does not begin with a type of layer."
            )
    return (write_table(rows) if rows else ""), tuple(ignored)


def _fits(text: str) -> bool:
    """Return whether a value of a link is short enough after quoting with ``urlencode``."""
    # Half a surrogate pair cannot be in a link, and counts as one character.
    return len(quote_plus(text, safe="", errors="replace")) <= MAX_LINKED


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _entry(row: dict[str, str]) -> str:
    """Return the form of one row for a link."""
    cells = "".join(f"_{key}{row[column]}" for column, key in KEYS.items() if column in row)
    name = row.get("name", "").replace("~", "~-")
    return f"{row['type']}{cells}.{name}" if name else f"{row['type']}{cells}"


def _normal_cells(line: Line, cells: dict[str, str]) -> dict[str, str]:
    """Return the cells of a checked line in their normal form."""
    row = {column: _cell(column, cell, line) for column, cell in cells.items()}
    return {**row, "name": _one_line(cells.get("name", "")), "type": line.type}


def _cell(column: str, cell: str, line: Line) -> str:
    """Return the normal form of a valid cell."""
    if column in ("bias", "trainable", "ceil_mode", "affine"):
        return "yes" if YES_OR_NO[cell.lower()] else "no"
    if column == "scale_factor":
        return axes_cell(line.scale_factor)
    if column in (*SPATIAL, "size"):
        if line.layer_type.category == "pad":
            return padding_cell(line.padding)
        rank = line.layer_type.rank or max(count_numbers(cell), 1)
        try:
            numbers = parse_spatial(cell, column, rank=rank, minimum=0, maximum=MAX_COUNT)
        except LayerError:  # The word same or valid.
            return cell.lower()
        return axes_cell(numbers)
    if column in ("in", "out", "groups", "count"):
        return str(parse_whole(cell, column, minimum=0, maximum=MAX_COUNT))
    return cell


def write_table(rows: Sequence[dict[str, str]]) -> str:
    r"""Return rows, which are column → cell, as a table with only the columns that a row uses.

    >>> write_table([{"type": "Linear", "in": "8", "out": "2"}])
    'type,in,out\nLinear,8,2\n'
    """
    used = [column for column in COLUMNS if any(row.get(column) for row in rows)]
    if not {"in", "out", "count"} & {*used}:
        used.append("out")  # Without such a column, the text would not be recognised as a table.
    lines = [used, *([_quoted(row.get(column, "")) for column in used] for row in rows)]
    return "".join(",".join(line) + "\n" for line in lines)


def _quoted(cell: str) -> str:
    """Return a cell, quoted where it contains a character that splits cells or begins a comment."""
    return '"' + cell.replace('"', '""') + '"' if any(sign in cell for sign in ',"#') else cell
