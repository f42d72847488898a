"""Parser of the table that Keras' ``model.summary()`` prints.

Keras 2 separates the rows with lines of underscores, Keras 3 prints boxes.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from calculator.readers.model import MAX_DEPTH, MAX_LINES, MAX_TEXT, ReadError

TITLES = ("Layer (type)", "Output Shape", "Param #", "Connected to", "Trai")
"""The titles of the columns. The last title, "Trainable", may be truncated."""

_MAX_WIDTH = 2_000
"""Largest number of characters of a line that are read."""

_BORDERS = str.maketrans("┃|", "││")
_RULE = frozenset("│┃|├┤┡┩╇╞╡┼└┘┴┏┓┳┗┛┻━─═=_-+¯ \t")
"""The characters of lines that separate rows."""

# Every repetition has an upper bound, so that a hostile line cannot take quadratic time.
_TOTAL = re.compile(
    r"\W{0,20}(total|trainable|non-trainable|optimizer) params:\s{0,20}([\d,]{1,40})", re.IGNORECASE
)
_UNALIGNED = re.compile(
    r"\s{0,20}([^\s(]+) {0,100}\((\w+\)?) +(\[?[({].*[)}]\]?|multiple|\?) +([\d,]+)(?: |$)"
)
_MODEL_NAME = re.compile(r'odel: "([^"\n]{1,200})"')


@dataclass(frozen=True)
class SummaryLine:
    """One row of the table, its wrapped lines joined. ``depth`` is above 0 inside a nested model."""

    layer: str
    shape: str
    count: str
    trainable: str = ""
    depth: int = 0


@dataclass(frozen=True)
class SummaryTable:
    """The contents of a summary: model name, rows, printed totals, and whether another summary follows."""

    name: str
    lines: tuple[SummaryLine, ...]
    totals: Mapping[str, int]
    has_second_summary: bool


def read_table(data: str) -> SummaryTable:
    r"""Return the first summary in ``data``. Raises ``ReadError`` where there is none.

    >>> head = " Layer (type)     Output Shape   Param #\n======\n"
    >>> read_table(head + " up (Dense)       (None, 8)      72\n").lines
    (SummaryLine(layer='up(Dense)', shape='(None,8)', count='72', trainable='', depth=0),)
    """
    if len(data) > MAX_TEXT:
        raise ReadError(f"The text has {len(data):,} characters; at most {MAX_TEXT:,} are read.")
    lines = data.splitlines()
    if len(lines) > MAX_LINES:
        raise ReadError(f"The text has {len(lines):,} lines; at most {MAX_LINES:,} are read.")
    heads = [number for number, line in enumerate(lines) if all(title in line for title in TITLES[:3])]
    if not heads:
        raise ReadError(
            "This summary of Keras has no line with Layer (type), Output Shape and Param #: it may be cut "
            "off at the right, where line_length is wider than the terminal. Leave line_length out, or paste "
            "model.to_json()."
        )
    first = heads[0]
    if any("[-1, " in line[:_MAX_WIDTH] for line in lines[first + 1 : first + 5]):
        raise ReadError(
            "This is a table of torchsummary, whose columns are not reliable: paste print(model) instead."
        )
    end = heads[1] if len(heads) > 1 else len(lines)
    body, totals = _body_and_totals(lines[first + 1 : end])
    head = lines[first][:_MAX_WIDTH]
    boxed = "│" in head.translate(_BORDERS)
    rows = list(_boxed_rows(head, body) if boxed else _ruled_rows(head, body)) or list(_unaligned_rows(body))
    # The name is above the table, possibly after other pasted text.
    above = "\n".join(line[:_MAX_WIDTH] for line in lines[max(first - 20, 0) : first])
    name = _MODEL_NAME.search(above)
    return SummaryTable(name[1] if name else "", tuple(rows), totals, len(heads) > 1)


def _body_and_totals(lines: Sequence[str]) -> tuple[list[str], dict[str, int]]:
    """Return the lines before the totals, and the totals by name in lower case."""
    body: list[str] = []
    totals: dict[str, int] = {}
    for line in lines:
        if match := _TOTAL.match(line[:_MAX_WIDTH]):
            totals.setdefault(match[1].lower(), int(match[2].replace(",", "") or "0"))
        elif not totals:
            body.append(line[:_MAX_WIDTH])
    return body, totals


def _boxed_rows(head: str, body: Sequence[str]) -> Iterator[SummaryLine]:
    """Yield the rows of a table in boxes, where all lines up to the next border belong to one row."""
    titles = [cell.strip() for cell in head.translate(_BORDERS).strip().strip("│").split("│")]
    cells: list[list[str]] = []
    for line in [*body, "─"]:
        if _RULE.issuperset(line):
            if cells:
                yield _boxed_line(titles, cells)
            cells = []
        elif len(row := line.translate(_BORDERS).strip().split("│")) == len(titles) + 2:
            cells.append(row[1:-1])


def _boxed_line(titles: Sequence[str], cells: Sequence[Sequence[str]]) -> SummaryLine:
    """Return the row of wrapped cells. A name in a nested model is indented by three spaces and a corner."""
    first = cells[0][0]
    depth = max((len(first) - len(first.lstrip()) - 1) // 3, 1) if "└" in first else 0
    # The last title is truncated in a narrow table, so it is found by its beginning.
    full_titles = [TITLES[4] if title.startswith(TITLES[4]) else title for title in titles[1:]]
    names, *others = zip(*cells, strict=True)
    fields = dict(zip(full_titles, others, strict=True))
    return _summary_line({**fields, TITLES[0]: [name.replace("└", "") for name in names]}, depth)


def _ruled_rows(head: str, body: Sequence[str]) -> Iterator[SummaryLine]:
    """Yield the rows of a table without boxes, whose columns begin where their titles begin."""
    starts = [(head.find(title), title) for title in TITLES if title in head]
    columns = [
        (title, 0 if title == TITLES[0] else begin, end)
        for (begin, title), (end, _) in pairwise([*starts, (_MAX_WIDTH, "")])
    ]
    fields: dict[str, list[str]] = {}
    for line in [*body, ""]:
        cells = {title: line[begin:end] for title, begin, end in columns}
        begins_row = cells[TITLES[2]].strip(" |").replace(",", "").isdecimal()
        if fields and (begins_row or _RULE.issuperset(line)):
            yield _ruled_line(fields)
            fields = {}
        if begins_row:
            fields = {title: [text] for title, text in cells.items()}
        elif fields:
            for title, text in cells.items():
                fields[title].append(text)


def _ruled_line(fields: Mapping[str, Sequence[str]]) -> SummaryLine:
    """Return the row of wrapped fields. A name in a nested model has one bar in front for each model."""
    name = fields[TITLES[0]][0].lstrip()
    depth = len(name) - len(name.lstrip("|"))
    return _summary_line(
        {title: [part.strip(" |") for part in parts] for title, parts in fields.items()}, depth
    )


def _summary_line(fields: Mapping[str, Sequence[str]], depth: int) -> SummaryLine:
    """Return the row with the parts of each field joined and all spaces removed.

    Raises ``ReadError`` for models that are nested too deeply.
    """
    if depth > MAX_DEPTH:
        raise ReadError(f"The models of this summary are nested more than {MAX_DEPTH} deep.")
    texts = {title: "".join("".join(parts).split())[:_MAX_WIDTH] for title, parts in fields.items()}
    layer, shape, count = (texts.get(title, "") for title in TITLES[:3])
    return SummaryLine(layer, shape, count, texts.get(TITLES[4], ""), depth)


def _unaligned_rows(body: Sequence[str]) -> Iterator[SummaryLine]:
    """Yield the rows of a table whose runs of spaces were collapsed, for example by a web page."""
    for line in body:
        if match := _UNALIGNED.match(line):
            layer, class_name, shape, count = match.groups()
            yield SummaryLine(f"{layer}({class_name}", "".join(shape.split()), count)
