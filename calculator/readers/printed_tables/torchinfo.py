"""Reader of the tables of torchinfo, and of its predecessor torch-summary.

- torchinfo only writes these tables; nothing reads them. The columns may stand in any order and be pushed
  aside by wide cells, so the cells of a row are matched with the columns by their order.
- A module whose layers are below it shows its own parameters or ``--``. At the maximum depth a module shows
  the sum of everything inside it. A layer that runs again is ``(recursive)`` and not counted again. A count
  in brackets belongs to a layer that is not trained.
- With ``verbose=2`` the tensors of a layer follow its row: they are parts of its count.

Source: torchinfo/formatting.py and torchinfo/layer_info.py, versions 0.0.9 to 1.8.0.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from calculator.readers.model import MAX_DEPTH, MAX_ROWS, Model, ReadError, Row, left_out_row
from calculator.readers.printed_counts import (
    GAP,
    MAX_SEARCHED,
    MAX_WIDTH,
    as_frozen,
    has_end,
    is_left_out,
    parse_count,
    parse_total,
)
from calculator.readers.printed_tables.counted_rows import (
    SUM_ONLY,
    class_of,
    counted_row,
    parse_shape,
    split_cells,
    table_lines,
    table_model,
    unreadable_row,
)

FORMAT = "torchinfo table"
MAX_JOINED = 20
"""The maximum number of lines that one row may be broken into."""

COUNT = "Param #"
_HEAD = re.compile(r"\W{0,40}Layer \(type(?P<names> \(var_name\))?(?P<depth>:depth-idx)?\)")
_COLUMN = re.compile(r"Kernel Shape|Input Shape|Output Shape|Param #|Param %|Mult-Adds|Trainable")
_ROW = re.compile(
    r"(?P<marks>[\s│|├└─+╰╭`-]{0,1200}+)(?P<kind>[\w.<>]{1,200})(?: \((?P<name>[^()\n]{1,200})\))?"
    r"(?:: (?P<depth>\d{1,4})(?:-(?P<number>\d{1,9}))?)?(?=\s|$)"
)
_TOP_ROW = re.compile(r"(?:├─|\+ )[^\W\d]")
_MARK = re.compile(r"[├└+]")
_PART = re.compile(r"[├└]─([\d,]{1,40})")
"""The count of a tensor."""

RECURSIVE = "Layers that run again are marked (recursive), and are counted once."
OWN = (
    "The parameters of the module itself, or of layers in it that did not run: there may be transposed "
    "convolutions among them."
)
COLLAPSED = (
    "Modules at the maximum depth of the table show the sum of everything inside them: with a larger depth "
    "(summary(model, depth=10)) their layers are rows of their own."
)
OLD = (
    "Tables of torch-summary, and of torchinfo before version 1.7, do not count the parameters that a module "
    "with layers has of its own, layers that did not run, nor a ModuleList below the maximum depth. "
    "print(model) shows the layers."
)

SHARED = "Layers that share parameters, such as tied weights, are counted in each of them, as torchinfo does."


def recognises(data: str) -> bool:
    r"""Return whether a text contains a table of torchinfo.

    >>> recognises("Layer (type:depth-idx)   Output Shape   Param #"), recognises("Layer (type)  Param #")
    (True, False)
    """
    begin = data[:MAX_SEARCHED]
    return "Layer (type" in begin and _find_head(table_lines(begin)) is not None


def _find_head(lines: Sequence[str], start: int = 0) -> tuple[int, re.Match[str]] | None:
    """Return (index, match) of the first line from ``start`` with the titles, or ``None``."""
    for number in range(start, len(lines)):
        match = _HEAD.match(lines[number][:MAX_WIDTH])
        if match and (match["names"] or match["depth"]):
            return number, match
        # Without names and depths the titles are those of other tools, but the rows have marks.
        if match and any(_TOP_ROW.match(line) for line in lines[number + 1 : number + 9]):
            return number, match
    return None


def read_torchinfo(data: str, *, name: str = "") -> Model:
    r"""Return the model in a table of torchinfo. Raises ``ReadError`` for any other text.

    >>> model = read_torchinfo(
    ...     "Layer (type:depth-idx)    Output Shape       Param #\n"
    ...     "├─ConvTranspose2d: 1-1    [1, 32, 16, 16]    32,800\n"
    ...     "├─ReLU: 1-2               [1, 32, 16, 16]    --\n"
    ...     "Total params: 32,800\n")
    >>> model.transposed_count, [row.name for row in model.rows]
    (32800, ['ConvTranspose2d: 1-1'])
    """
    lines = table_lines(data)
    head = _find_head(lines)
    if head is None:
        raise ReadError("This is not a table of torchinfo: a line with Layer (type:depth-idx) is missing.")
    first, titles = head
    columns = _COLUMN.findall(lines[first][titles.end() : MAX_WIDTH])
    if COUNT not in columns:
        raise ReadError(
            "This table of torchinfo has no column Param #, or it is cut off at the right. Print it with "
            "the column num_params, or paste print(model)."
        )
    following = _find_head(lines, first + 1)
    reader = _TableReader(columns)
    body = lines[first + 1 : following[0] if following else len(lines)]
    reader.read(body)
    if not reader.totals and any(max(seen) > len(seen) for seen in reader.numbers.values()):
        reader.rows.append(left_out_row("", "Numbers are missing among those of the rows."))
    sentences = [*reader.sentences(), *([_SECOND] if following else [])]
    trained = "Trainable" in columns
    title = name or reader.root
    return table_model(
        reader.rows, reader.totals, FORMAT, title, sentences, shows_trained=trained, whole=has_end(body)
    )


_SECOND = "A second table follows in this text; only the first was read."


class _TableReader:
    """A reader that goes through the lines of one table once and collects its rows."""

    def __init__(self, columns: Sequence[str]) -> None:
        self.columns = columns
        self.rows: list[Row] = []
        self.totals: dict[str, int | None] = {}
        self.root = ""
        self.recursive = False
        self.old = False
        self.around: list[tuple[int, str, str]] = []
        """The modules around the next row: depth, class, name."""

        self.parts: dict[int, dict[str, int]] = {}
        """The tensors that follow a row: index of the row → name of the tensor → count."""

        self.has_own: set[int] = set()
        """The rows that have other rows below them."""

        self.depths: dict[int, int] = {}
        """The depth of each row, by its index."""

        self.numbers: dict[int, set[int]] = {}
        """The numbers of the rows by their depth: all from 1 on, unless layers share a module."""

    def read(self, lines: Sequence[str]) -> None:
        """Read all lines. Raises ``ReadError`` above ``MAX_ROWS`` and ``MAX_DEPTH``."""
        number, begun = 0, False
        while number < len(lines):
            line = lines[number][:MAX_WIDTH]
            number += 1
            text = line.strip()
            if total := parse_total(line):
                self.totals.setdefault(*total)
            elif self.totals or not text:
                continue
            elif set(text) <= set("=-_─ "):
                if begun:
                    self.totals |= _later_totals(lines[number:])
                    return
            elif is_left_out(line):
                self.rows.append(left_out_row("", GAP))
            elif match := _ROW.match(line):
                begun = True
                cells, depth = split_cells(line[match.end() :])
                joined = 0
                while depth and number < len(lines) and joined < MAX_JOINED:
                    line = f"{line} {lines[number].strip()}"[:MAX_WIDTH]
                    cells, depth = split_cells(line[match.end() :])
                    number, joined = number + 1, joined + 1
                self._read_row(match, cells)
            elif self.rows and any(map(str.isdecimal, text)):
                # A terminal broke a row, possibly inside a number.
                last = self.rows[-1]
                self.rows[-1] = unreadable_row(last.name, last.type) if last.known else last
            if len(self.rows) > MAX_ROWS:
                raise ReadError(f"The table has more than {MAX_ROWS:,} rows, the maximum that is read.")

    def _read_row(self, match: re.Match[str], cells: list[str]) -> None:
        """Read the row of a layer, or of a tensor of the layer above."""
        kind, marks = match["kind"], match["marks"]
        depth = marks.count("│") + marks.count("|") + (1 if _MARK.search(marks) else 0)
        depth = int(match["depth"]) if match["depth"] else depth
        if depth > MAX_DEPTH:
            raise ReadError(f"The modules of this table are nested more than {MAX_DEPTH} deep.")
        if match["number"]:
            self.numbers.setdefault(depth, set()).add(int(match["number"]))
        fits = len(cells) == len(self.columns)
        values: Mapping[str, str] = dict(zip(self.columns, cells, strict=False)) if fits else {}
        named = match["depth"] or match["name"] or not depth
        part = next(filter(None, map(_PART.fullmatch, cells)), None)
        if part and (fits or not named):
            self._read_part(kind, part[1])
            return
        while self.around and self.around[-1][0] >= depth:
            self.around.pop()
        if not depth:
            self.root = self.root or kind
        names = [label for at, _, label in self.around if at and label]
        label = match["name"] or ""
        if label:
            name = ".".join((*names, label)) if depth else ""
        elif match["depth"]:
            name = match[0].strip("│|├└─+╰╭`- \t")
        else:
            name = f"{kind}-{len(self.depths) + 1}" if depth else ""
        inside = [each for _, each, _ in self.around]
        self.around.append((depth, kind, label))
        index = len(self.rows)
        for place in range(index - 1, -1, -1):  # The nearest row above that is less deep has rows below it.
            if place in self.depths:
                if self.depths[place] < depth:
                    self.has_own.add(place)
                break
        self.depths[index] = depth
        self.rows.append(self._row(name, kind, values, inside))

    def _row(self, name: str, kind: str, values: Mapping[str, str], inside: Sequence[str]) -> Row:
        """Return the row of a layer with the cells ``values`` by column."""
        text = values.get(COUNT, "")
        if text == "(recursive)":
            self.recursive = True
        if not name and text == "--" and values.get("Output Shape", "--") == "--":
            self.old = "Output Shape" in values
        if text in ("--", "(recursive)"):
            return Row(name, kind)
        bracketed = text.startswith("(") and text.endswith(")")
        count = parse_count(text[1:-1] if bracketed else text)
        if count is None:
            return unreadable_row(name, kind)
        kernel, inputs, outputs = (
            parse_shape(values.get(title, "")) for title in ("Kernel Shape", "Input Shape", "Output Shape")
        )
        row = counted_row(
            name, kind, count, inside=inside, kernel=kernel, input_shape=inputs, output_shape=outputs
        )
        return as_frozen(row) if bracketed or values.get("Trainable") == "False" else row

    def _read_part(self, tensor: str, text: str) -> None:
        """Read a row that shows one tensor of the layer above and its count."""
        count = parse_count(text)
        if count is not None and self.rows:
            self.parts.setdefault(len(self.rows) - 1, {})[tensor] = count

    def sentences(self) -> list[str]:
        """Return what is assumed, after completing the rows with what the rows below them say."""
        for index, row in enumerate(self.rows):
            parts = self.parts.get(index, {})
            if (
                row.note == SUM_ONLY
                and parts.keys() <= {"weight", "bias"}
                and row.parameter_count == sum(parts.values())
            ):
                weights, biases = parts.get("weight", 0), parts.get("bias", 0)
                row = replace(row, weight_count=weights, bias_count=biases, other_count=0, note="")
            if row.undecided and index in self.has_own:
                row = replace(row, note=OWN)
            self.rows[index] = row
        collapsed = any(row.undecided and row.note != OWN for row in self.rows)
        has_root = any(not depth for depth in self.depths.values())
        return [
            *([RECURSIVE] if self.recursive else []),
            *([COLLAPSED] if collapsed else []),
            *([OLD] if self.old or not has_root else []),
            *([SHARED] if _may_share(self.rows) else []),
        ]


def _may_share(rows: Sequence[Row]) -> bool:
    """Return whether rows may share parameters.

    Two have as many, there are an embedding and a linear layer, or one row is the sum of rows before it: it
    may contain their modules once more.
    """
    counts = [row.parameter_count for row in rows if row.parameter_count]
    kinds = {class_of(row.type) for row in rows if row.parameter_count}
    if len(set(counts)) < len(counts) or {"Embedding", "Linear"} <= kinds:
        return True
    sums = {0}
    total = 0
    for count in counts:
        # The rows from the first one on, or those up to the row itself.
        if count in sums or total - count in sums:
            return True
        total += count
        sums.add(total)
    return False


def _later_totals(lines: Sequence[str]) -> dict[str, int | None]:
    """Return the totals in the lines below the table."""
    totals: dict[str, int | None] = {}
    for line in lines:
        if found := parse_total(line):
            totals.setdefault(*found)
    return totals
