"""Parser of the table that ``model.summary()`` of Keras and of TensorFlow.js prints.

- Keras 2 separates the rows with lines of underscores or blank lines, Keras 3 prints boxes.
- TensorFlow.js has other titles, shapes of JavaScript, and cuts every cell at its column without a mark.
- The same table is copied from web pages and notebooks as Markdown, with tabs, with a cell on each line, or
  without its lines, and people write notes beside the counts. No library reads these.
- A cell is never joined with its neighbour: a count that is cut or in doubt stays text.

Source: ``print_summary`` in keras/src/utils/summary_utils.py (Keras 3) and in keras/utils/layer_utils.py
(Keras 2); ``printSummary`` in tfjs-layers/src/utils/layer_utils.ts (TensorFlow.js).
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from calculator.readers.model import MAX_DEPTH, MAX_LINES, MAX_SHOWN, MAX_TEXT, ReadError
from calculator.readers.printed_counts import MAX_WIDTH, has_end, is_left_out, parse_total

TITLES = ("Layer (type)", "Output Shape", "Param #", "Connected to", "Trai")
"""The titles of the columns. The last title, "Trainable", may be truncated."""

_SPELLINGS = {
    **{title: title for title in (*TITLES, "Input Shape")},
    "Output shape": TITLES[1],
    "Param": TITLES[2],
    "Par": TITLES[2],
    "Receives": TITLES[3],
}
"""The titles as they begin in Keras or in TensorFlow.js, and the titles of Keras for them."""

_TENSORFLOW_JS = re.compile(r"Layer \(type\).{1,400}?Output shape.{1,400}?Param(?: #)?(?:[\s|]|$)")
"""A line of titles of TensorFlow.js, whose last titles may be truncated."""

_BORDERS = str.maketrans("┃|\t", "│││")
_RULE = frozenset("│┃|├┤┡┩╇╞╡┼└┘┴┏┓┳┗┛┻━─═╪┬┌┐╭╮╰╯=_-+¯: \t")
"""The characters of lines that separate rows."""

# Every repetition has an upper bound, so that a hostile line cannot take quadratic time.
_UNALIGNED = re.compile(
    r"\W{0,20}?([^\s(|│]{1,200}) {0,100}\((\w{1,100}\)?)\s{1,200}"
    r"(\[?[({][^()]{0,200}[)}]\]?|[\[(]\([^\n]{0,400}\)[\])]|multiple|\?)\s{1,200}([0-9].{0,1000})"
)
_UNALIGNED_IN_JS = re.compile(
    r"\W{0,20}?([^\s(|]{1,200})(?: ?\((\w{0,100}\)?))?\s{1,200}(?:\[\[\S{1,400}\s{1,200})?"
    r"(\[\S{1,400}|multiple)\s{1,200}([0-9].{0,1000})"
)
_NAMED = re.compile(r"[^\s(|│]{1,200} {0,100}\(\w")
"""The beginning of a row: a name and the opening bracket of its class."""

_LAYER = re.compile(
    r"[\s|│]{0,40}[^\s(|│]{1,200} {0,100}\([A-Z]\w{1,100}(?:\)\s{0,200}$|\)?\s{1,200}"
    r"(?:[\[({]{1,2}(?:None|[0-9])|multiple|\?))"
)
"""A line with a layer, whose count may be missing or in doubt."""

_SHAPE_STARTS = ("(", "[", "{", "multiple", "?", "unknown")
_MODEL_NAME = re.compile(r'odel: "([^"\n]{1,200})"')


@dataclass(frozen=True)
class SummaryLine:
    """One row of the table, its wrapped lines joined. ``depth`` is above 0 inside a nested model.

    The count of a ``doubtful`` row reaches the edge of its column, where digits may be cut off. A row that
    is ``left_out`` stands for lines that somebody left out.
    """

    layer: str = ""
    shape: str = ""
    count: str = ""
    trainable: str = ""
    depth: int = 0
    doubtful: bool = False
    left_out: bool = False


@dataclass(frozen=True)
class SummaryTable:
    """The contents of a summary: model name, rows, printed totals, and whether another summary follows.

    ``whole`` is whether the table has its last rule, where it has its first. ``of_tensorflow_js`` is whether
    the titles are those of TensorFlow.js.
    """

    name: str
    lines: tuple[SummaryLine, ...]
    totals: Mapping[str, int | None]
    has_second_summary: bool
    whole: bool = True
    of_tensorflow_js: bool = False


def read_table(data: str) -> SummaryTable:
    r"""Return the first summary in ``data``. Raises ``ReadError`` where there is none.

    >>> head = " Layer (type)     Output Shape   Param #\n======\n"
    >>> read_table(head + " up (Dense)       (None, 8)      72\n").lines[0].layer
    'up(Dense)'
    >>> [(line.layer, line.count) for line in read_table(
    ...     "| Layer (type) | Output Shape | Param # |\n|---|---|---|\n| up (Dense) | (None, 8) | 72 |\n"
    ...     "| out (Dense) | (None, 1) | 9 |").lines]
    [('up(Dense)', '72'), ('out(Dense)', '9')]
    """
    if len(data) > MAX_TEXT:
        raise ReadError(f"The text has {len(data):,} characters; at most {MAX_TEXT:,} are read.")
    lines = data.splitlines()
    if len(lines) > MAX_LINES:
        raise ReadError(f"The text has {len(lines):,} lines; at most {MAX_LINES:,} are read.")
    heads = _heads(lines)
    if not heads:
        lines = _joined_cells(lines)
        heads = _heads(lines)
    if not heads:
        raise ReadError(
            "This summary of Keras has no line with Layer (type), Output Shape and Param #: it may be cut "
            "off at the right, where line_length is wider than the terminal. Leave line_length out, or paste "
            "model.to_json()."
        )
    first = heads[0]
    for mark in ",;":
        if lines[first].count(mark) > 1 and tuple(lines[first].strip(' "').split(mark)[:3]) == TITLES[:3]:
            lines = [_bars_for(mark, line) for line in lines]
    end = heads[1] if len(heads) > 1 else len(lines)
    body, totals = _body_and_totals(lines[first + 1 : end])
    head = lines[first][:MAX_WIDTH]
    titles = [_SPELLINGS.get(cell.strip(), cell.strip()) for cell in _cells(head)]
    boxed = set(TITLES[:3]) <= set(titles)
    in_js = _is_of_tensorflow_js(head)
    if boxed:
        rows = tuple(_boxed_rows(titles, body, in_js))
    else:
        rows = tuple(_ruled_rows(head.expandtabs(), body, in_js))
    # The name is above the table, possibly after other pasted text.
    above = "\n".join(line[:MAX_WIDTH] for line in lines[max(first - 20, 0) : first])
    name = _MODEL_NAME.search(above)
    return SummaryTable(name[1] if name else "", rows, totals, len(heads) > 1, has_end(body), in_js)


def joined_titles(text: str) -> str:
    r"""Return ``text`` with each head of a Keras 3 box in one line: a narrow box breaks and cuts its titles.

    The number of lines stays.

    >>> joined_titles("┏━━┳━━┳━━┓\n┃ Layer ┃ Ou… ┃ P… ┃\n┃ (type) ┃ Sh… ┃ # ┃\n┡━━╇━━╇━━┩")
    '┏━━┳━━┳━━┓\n┃Layer (type)┃Output Shape┃Param #┃\n\n┡━━╇━━╇━━┩'
    """
    return _WRAPPED_HEAD.sub(_joined_head, text) if "┏" in text else text


# Only where a line begins: a line of such signs would be tried from each of them.
_WRAPPED_HEAD = re.compile(r"^(?:[ \t]{0,200}┃[^\n]{1,2000}\n){2,9}(?=[ \t]{0,200}┡)", re.MULTILINE)


def _joined_head(match: re.Match[str]) -> str:
    """Return the titles of a box, whose columns Keras always has in this order, with the lines after them."""
    lines = [line.strip(" \t\r")[1:-1].split("┃") for line in match[0].splitlines()]
    columns = ["".join("".join(cells).split()) for cells in zip(*lines, strict=False)]
    if columns[0] != "Layer(type)" or not 3 <= len(columns) <= 5:
        return match[0]
    more = (TITLES[3] if column.startswith("C") else TITLES[4] for column in columns[3:])
    return f"┃{'┃'.join([*TITLES[:3], *more])}┃" + "\n" * len(lines)


def _heads(lines: Sequence[str]) -> list[int]:
    """Return the indices of the lines of titles."""
    return [
        number
        for number, line in enumerate(lines)
        if (TITLES[0] in line and TITLES[1] in line and _has_counts(lines[number : number + 4]))
        or _is_of_tensorflow_js(line)
    ]


def _has_counts(lines: Sequence[str]) -> bool:
    """Return whether the first line has the title of the counts, which Keras 2 wraps in a narrow column."""
    place = lines[0].find("Par")
    words = "".join(line[place:MAX_WIDTH].partition("  ")[0] for line in lines)
    return TITLES[2] in lines[0] or (place > 0 and words.replace(" ", "").startswith("Param#"))


def _is_of_tensorflow_js(line: str) -> bool:
    """Return whether a line has the titles of TensorFlow.js."""
    return "Output shape" in line and _TENSORFLOW_JS.search(line[:MAX_WIDTH]) is not None


def _body_and_totals(lines: Sequence[str]) -> tuple[list[str], dict[str, int | None]]:
    """Return the lines before the totals, and the totals by name in lower case."""
    body: list[str] = []
    totals: dict[str, int | None] = {}
    for line in lines:
        if found := parse_total(line):
            totals.setdefault(*found)
        elif not totals:
            body.append(line[:MAX_WIDTH])
    return body, totals


def _joined_cells(lines: Sequence[str]) -> list[str]:
    """Return a table that was copied with one cell on each line as lines with bars; [] for other texts.

    Of a second table only the titles are returned.
    """
    cells = [line.strip()[:MAX_WIDTH] for line in lines if not _RULE.issuperset(line)]
    heads = [place for place, cell in enumerate(cells) if tuple(cells[place : place + 3]) == TITLES[:3]]
    if not heads:
        return []
    begin, end = (*heads, len(cells))[:2]
    following = ["│".join(TITLES[:3])] * (len(heads) > 1)
    width = 3 + sum(cell.startswith(TITLES[3:]) for cell in cells[begin + 3 : begin + 5])
    joined: list[str] = []
    for place in range(begin, end, width):
        row = cells[place : min(place + width, end)]
        if parse_total(row[0]):
            return [*joined, *cells[place:end], *following]
        if not _NAMED.match(row[0]) or any(map(parse_total, row)) or len(row) < width:
            raise ReadError(
                "This summary of Keras has a cell on each line, and some cells are missing, so that its "
                f"columns cannot be told apart (at “{row[0][:MAX_SHOWN]}”). Copy it as text, or paste "
                "model.to_json()."
            )
        joined.append("│".join(row))
    return [*joined, *following]


def _bars_for(mark: str, line: str) -> str:
    """Return a line whose cells are separated by ``mark`` with bars; a quoted cell may contain ``mark``."""
    try:
        cells = next(csv.reader([line[:MAX_WIDTH]], delimiter=mark), [])
    except csv.Error:
        return line
    return "│".join(cells) if len(cells) > 1 and parse_total(line) is None else line


def _cells(line: str) -> list[str]:
    """Return the cells between the bars of a line, with or without bars at its ends."""
    cells = line.translate(_BORDERS).strip(" ").split("│")
    cells = [_plain(cell) if cell.strip()[:1] == "*" else cell for cell in cells]
    return cells[not cells[0].strip() and len(cells) > 1 :][: -1 if not cells[-1].strip() else None]


def _plain(cell: str) -> str:
    """Return a cell without the asterisks of Markdown around it."""
    match = re.fullmatch(r"(\*{1,3})(.{1,2000}?)\1", cell.strip())
    return match[2] if match else cell


def _boxed_rows(titles: list[str], body: Sequence[str], in_js: bool) -> Iterator[SummaryLine]:
    """Yield the rows of a table with bars, where the lines up to the next border belong to one row.

    A table that lost its borders has only its counts and names to show where a row begins.
    """
    # The last title is truncated in a narrow table, so it is found by its beginning.
    titles = [TITLES[4] if title.startswith(TITLES[4]) else title for title in titles]
    count, shape = titles.index(TITLES[2]), titles.index(TITLES[1])
    rows: list[list[str]] = []
    for line in [*body, "─"]:
        ruled = _RULE.issuperset(line)
        left_out = not ruled and is_left_out(line)
        if (ruled or left_out) and rows:
            yield _boxed_line(titles, rows)
            rows = []
        if left_out:
            yield SummaryLine(left_out=True)
        elif not ruled and "│" not in line.translate(_BORDERS):
            if other := _line_without_columns(line, in_js, has_more=len(titles) > 3):
                if rows:
                    yield _boxed_line(titles, rows)
                    rows = []
                yield other
        elif not ruled:
            row = _cells(line)
            if len(row) > len(titles):  # The bars do not show which cell is the count.
                row = [row[0], *[""] * (len(titles) - 1)]
            row += [""] * (len(titles) - len(row))
            starts = row[count].strip()[:1].isdecimal() and row[0].strip()
            named = _NAMED.match(row[0].strip(" └")) and row[shape].strip().startswith(_SHAPE_STARTS)
            if rows and (starts or named):
                yield _boxed_line(titles, rows)
                rows = []
            if ")" not in "".join(cells[0] for cells in rows) or not row[0].strip():  # Not a note.
                rows.append(row)


def _boxed_line(titles: Sequence[str], cells: Sequence[Sequence[str]]) -> SummaryLine:
    """Return the row of wrapped cells. A name in a nested model is indented by three spaces and a corner."""
    first = cells[0][titles.index(TITLES[0])]
    depth = max((len(first) - len(first.lstrip())) // 3, 1) if "└" in first else 0
    fields = dict(zip(titles, zip(*cells, strict=True), strict=True))
    fields[TITLES[0]] = tuple(name.replace("└", "") for name in fields[TITLES[0]])
    return _summary_line(fields, depth)


def _ruled_rows(head: str, body: Sequence[str], in_js: bool) -> Iterator[SummaryLine]:
    """Yield the rows of a table without bars, whose columns begin where their titles begin."""
    begins = {title: head.find(start) for start, title in _SPELLINGS.items() if start in head}
    starts = sorted((begin, title) for title, begin in begins.items())
    columns = {
        title: (0 if title == TITLES[0] else begin, end)
        for (begin, title), (end, _) in pairwise([*starts, (MAX_WIDTH, "")])
    }
    first = next((line.rstrip() for line in body if line.strip()), "")
    width = len(first) if _RULE.issuperset(first) else 0
    fields: dict[str, list[str]] = {}
    doubtful = False
    for line in [*body, ""]:
        cells = {title: line[begin:end] for title, (begin, end) in columns.items()}
        whole = not any(_crosses(line, begin) for begin, _ in columns.values())
        begins_row = whole and _begins_row(cells, bool(fields))
        # Keras 2 wraps a name that fills its column.
        names = fields.get(TITLES[0], [""])
        goes_on = ")" not in "".join(names) and len(names[-1].rstrip()) >= columns[TITLES[0]][1] - 2
        other = None
        if not (begins_row or (goes_on and not cells[TITLES[2]].strip())):
            other = _line_without_columns(line, in_js, has_more=len(columns) > 3)
        if fields and (begins_row or other or _RULE.issuperset(line)):
            yield replace(_ruled_line(fields), doubtful=doubtful)
            fields = {}
        if begins_row:
            fields = {title: [text] for title, text in cells.items()}
            doubtful = _touches_edge(line, columns[TITLES[2]], width)
        elif other:
            yield other
        elif fields and ")" in "".join(names) and (note := cells[TITLES[0]].strip(" |")):
            doubtful |= note[0].isdecimal()  # A terminal may have broken the count.
        elif fields:
            for title, text in cells.items():
                fields[title].append(text)


def _begins_row(cells: Mapping[str, str], in_row: bool) -> bool:
    """Return whether the cells are the first line of a row, and not the rest of a row that is being read."""
    name, shape, count = (cells[title].strip(" |") for title in TITLES[:3])
    if not count[:1].isdecimal():
        return False
    named = _NAMED.match(name) is not None and not (in_row and not shape)
    return bool(name) and (shape.startswith(_SHAPE_STARTS) or named)


def _crosses(line: str, begin: int) -> bool:
    """Return whether a word or a shape goes across the beginning of a column."""
    return 0 < begin < len(line) and line[begin - 1] not in " |" and line[begin] not in " |"


def _touches_edge(line: str, column: tuple[int, int], width: int) -> bool:
    """Return whether a count reaches the end of its column, where Keras cuts it.

    Keras leaves one or two spaces before the next column, and cuts the last column at ``line_length``,
    which is the width of the ruled lines.
    """
    begin, end = column
    count = re.match(r"\s{0,200}[0-9,]{0,60}", line[begin:end])
    return begin + (count.end() if count else 0) >= (end - 2 if end < MAX_WIDTH else width) > 0


def _ruled_line(fields: Mapping[str, Sequence[str]]) -> SummaryLine:
    """Return the row of wrapped fields. A name in a nested model has one bar in front for each model."""
    name = fields[TITLES[0]][0].lstrip()
    depth = len(name) - len(name.lstrip("|"))
    return _summary_line(
        {title: [part.strip(" |") for part in parts] for title, parts in fields.items()}, depth
    )


def _summary_line(fields: Mapping[str, Sequence[str]], depth: int) -> SummaryLine:
    """Return the row with the parts of each field joined; only the parts of a count stay apart.

    Raises ``ReadError`` for models that are nested too deeply.
    """
    if depth > MAX_DEPTH:
        raise ReadError(f"The models of this summary are nested more than {MAX_DEPTH} deep.")
    texts = {title: "".join("".join(parts).split())[:MAX_WIDTH] for title, parts in fields.items()}
    layer, shape = (texts.get(title, "") for title in TITLES[:2])
    count = " ".join(filter(None, (part.strip() for part in fields[TITLES[2]])))[:MAX_WIDTH]
    return SummaryLine(layer, shape, count, texts.get(TITLES[4], ""), depth)


def _line_without_columns(line: str, in_js: bool, *, has_more: bool) -> SummaryLine | None:
    """Return the row of a line that does not keep to the columns, for example after copying a web page.

    ``in_js`` is whether TensorFlow.js printed the table, ``has_more`` whether another column follows the
    counts. A layer whose count cannot be found is a row without a count; ``None`` stands for a line that is
    not a row.
    """
    match = _UNALIGNED_IN_JS.match(line) if in_js else "(" in line and _UNALIGNED.match(line)
    if match:
        layer, class_name, shape, rest = match.groups()
        number, _, after = rest.partition(" ")
        # Digits after a space may belong to the count, other text is the next column.
        count = number if has_more and not after.lstrip()[:1].isdecimal() else rest
        trainable = after.rstrip()[-1:] if has_more and after.rstrip()[-2:].strip() in ("Y", "N") else ""
        layer = f"{layer}({class_name}" if class_name else layer
        return SummaryLine(layer, "".join(shape.split()), count, trainable)
    if is_left_out(line):
        return SummaryLine(left_out=True)
    if "(" in line and _LAYER.match(line):
        return SummaryLine("".join(line[: line.find(")") + 1 or None].split())[:MAX_WIDTH], "", "")
    return None
