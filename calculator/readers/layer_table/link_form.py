"""A table of layers in its usual form, and as one value of a link.

In a link, rows stand between ``~``: the type and its cells joined by ``_``, then, where the row has a name,
a dot and the name. ``ConvTranspose2d_in64_out32_k4.up~BatchNorm_out32`` holds two rows; quoting for a URL
leaves all of its signs alone.
"""

import re
from collections.abc import Sequence
from urllib.parse import quote_plus

from calculator.core.errors import LayerError
from calculator.core.formatting import collapse_axes, short_repr
from calculator.core.layer import ConvTranspose
from calculator.core.parsing import count_numbers, parse_spatial, parse_whole
from calculator.readers.layer_table.cells import PLAIN, SAID, named_cells
from calculator.readers.layer_table.line import SPATIAL, Line
from calculator.readers.layer_table.table import COLUMNS, table_cells, written_cells
from calculator.readers.model import MAX_COUNT

MAX_LINKED = 6_000
"""Characters of a table in a link, quoted: what browsers, servers and messengers still pass on."""

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
}
"""How a column is called in a link."""

_BETWEEN = re.compile("~(?!-)")
_COLUMN = {key: column for column, key in KEYS.items()}
# The longest keys first: "out32" is no o, "size28x28" no s.
_TOKEN = re.compile(f"({'|'.join(sorted(_COLUMN, key=len, reverse=True))})(.+)", re.DOTALL)


def tidy(data: str) -> str:
    r"""Return a table of layers in its usual form: the columns it uses in their order, each cell one way.

    Raises ``ReadError`` for what is no table of layers.

    >>> tidy("out; in; type; kernel\n32; 64; convtranspose2d; 4 × 4\n")
    'type,in,out,kernel\nConvTranspose2d,64,32,4x4\n'
    """
    return _table([_plain(line, said) for line, said in table_cells(data)])


def write_linked(table: str) -> str:
    r"""Return a table in its usual form as it stands in a link.

    >>> write_linked("name,type,in,out,kernel\nup.0,ConvTranspose2d,64,32,4")
    'ConvTranspose2d_in64_out32_k4.up.0'
    """
    return "~".join(_entry(named_cells(columns, cells)) for columns, cells in written_cells(table))


def fits_link(table: str) -> bool:
    """Return whether a table is short enough for a link."""
    return _fits(write_linked(table))


def add_layer(table: str, layer: ConvTranspose) -> str:
    r"""Return a table with one more row at its end. Raises ``ReadError`` for what is no table of layers.

    >>> add_layer("", ConvTranspose(in_channels=3, out_channels=64, kernel_size=(4, 4), stride=2))
    'type,in,out,kernel,stride\nConvTranspose2d,3,64,4,2\n'
    """
    row = {"type": f"ConvTranspose{layer.rank}d"}
    row |= {"in": str(layer.in_channels), "out": str(layer.out_channels)}
    for column, numbers in zip(
        SPATIAL,
        (layer.kernel_size, layer.stride, layer.padding, layer.output_padding, layer.dilation),
        strict=True,
    ):
        if column == "kernel" or set(numbers) != {PLAIN[column]}:
            row[column] = "x".join(map(str, collapse_axes(numbers)))
    row |= {"groups": str(layer.groups)} if layer.groups != 1 else {}
    row |= {} if layer.bias else {"bias": "no"}
    return _table([*(_plain(line, said) for line, said in (table_cells(table) if table else ())), row])


def read_linked(text: str) -> tuple[str, tuple[str, ...]]:
    """Return the table that ``text`` holds, and a sentence for each thing in it that cannot be used.

    Nothing raises. The cells are as the link has them: only reading the table tells whether they can be.

    >>> table, ignored = read_linked("ConvTranspose2d_in64_out32_k4.up~Linear_in2_x3_out2")
    >>> print(table, *ignored, sep="")
    name,type,in,out,kernel
    up,ConvTranspose2d,64,32,4
    ,Linear,2,2,
    Row 2 of the table: 'x3' was ignored: no cell of a layer is written like that.
    """
    if not _fits(text):
        return "", (f"The table was ignored: it is longer than {MAX_LINKED:,} characters.",)
    rows, ignored = [], []
    for number, entry in enumerate(_BETWEEN.split(text) if text else [], start=1):
        tokens, _, name = entry.partition(".")
        kind, *cells = tokens.split("_")
        row = {"name": _one_line(name.replace("~-", "~")), "type": _one_line(kind)}
        for token in cells:
            match = _TOKEN.fullmatch(token)
            if match and (column := _COLUMN[match[1]]) not in row:
                row[column] = _one_line(match[2])
            else:
                why = "it is there twice" if match else "no cell of a layer is written like that"
                ignored.append(f"Row {number:,} of the table: {short_repr(token)} was ignored: {why}.")
        if kind.isascii() and kind.isalnum():
            rows.append(row)
        else:
            ignored.append(f"Row {number:,} of the table was ignored: it begins with no type of layer.")
    return (_table(rows) if rows else ""), tuple(ignored)


def _fits(text: str) -> bool:
    """Return whether a value of a link, quoted as ``urlencode`` does, is short enough."""
    # Half a surrogate pair, which no link can hold, counts as one sign.
    return len(quote_plus(text, safe="", errors="replace")) <= MAX_LINKED


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _entry(row: dict[str, str]) -> str:
    cells = "".join(f"_{key}{row[column]}" for column, key in KEYS.items() if column in row)
    name = row.get("name", "").replace("~", "~-")
    return f"{row['type']}{cells}.{name}" if name else f"{row['type']}{cells}"


def _plain(line: Line, said: dict[str, str]) -> dict[str, str]:
    """Return the cells of a checked line, each in the one way it is written here."""
    row = {column: _cell(column, cell, line) for column, cell in said.items()}
    return {**row, "name": _one_line(said.get("name", "")), "type": line.type}


def _cell(column: str, cell: str, line: Line) -> str:
    if column in ("bias", "trainable"):
        return "yes" if SAID[cell.lower()] else "no"
    if column in SPATIAL or column == "size":
        rank = line.kind.rank or max(count_numbers(cell), 1)
        try:
            numbers = parse_spatial(cell, column, rank=rank, minimum=0, maximum=MAX_COUNT)
        except LayerError:  # same, valid
            return cell.lower()
        return "x".join(map(str, numbers))
    if column in ("in", "out", "groups", "count"):
        return str(parse_whole(cell, column, minimum=0, maximum=MAX_COUNT))
    return cell


def _table(rows: Sequence[dict[str, str]]) -> str:
    """Return rows as a table with the columns that some row uses."""
    used = [column for column in COLUMNS if any(row.get(column) for row in rows)]
    if not {"in", "out", "count"} & {*used}:
        used.append("out")  # without such a column a text is not known for a table of layers
    lines = [used, *([_quoted(row.get(column, "")) for column in used] for row in rows)]
    return "".join(",".join(line) + "\n" for line in lines)


def _quoted(cell: str) -> str:
    """Return a cell, in quotation marks where it would be taken for several cells or for a remark."""
    return '"' + cell.replace('"', '""') + '"' if any(sign in cell for sign in ',"#') else cell
