"""The table that Keras' ``model.summary()`` prints: ruled by underscores (Keras 2), in boxes (Keras 3)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from calculator.readers.model import MAX_DEPTH, MAX_LINES, MAX_TEXT, ReadError

TITLES = ("Layer (type)", "Output Shape", "Param #", "Connected to", "Trai")
"""What stands above the columns; the last one may be cut off."""

_WIDEST = 2_000
_BORDERS = str.maketrans("┃|", "││")
_RULE = frozenset("│┃|├┤┡┩╇╞╡┼└┘┴┏┓┳┗┛┻━─═=_-+¯ \t")
_TOTAL = re.compile(
    r"\W{0,20}(total|trainable|non-trainable|optimizer) params:\s{0,20}([\d,]{1,40})", re.IGNORECASE
)
_LOOSE = re.compile(r"\s{0,20}([^\s(]+) {0,100}\((\w+\)?) +(\[?[({].*[)}]\]?|multiple|\?) +([\d,]+)(?: |$)")


@dataclass(frozen=True)
class Line:
    """One row of the table, its wrapped lines joined. ``depth`` is above 0 inside a nested model."""

    layer: str
    shape: str
    count: str
    trainable: str = ""
    depth: int = 0


@dataclass(frozen=True)
class Table:
    """What a summary says: the model's name, its rows, its totals, and whether another summary follows."""

    name: str
    lines: tuple[Line, ...]
    totals: dict[str, int]
    followed: bool


def read_table(data: str) -> Table:
    r"""Return the first summary in ``data``. Raises ``ReadError`` where there is none.

    >>> head = " Layer (type)     Output Shape   Param #\n======\n"
    >>> read_table(head + " up (Dense)       (None, 8)      72\n").lines
    (Line(layer='up(Dense)', shape='(None,8)', count='72', trainable='', depth=0),)
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
    if any("[-1, " in line[:_WIDEST] for line in lines[heads[0] + 1 : heads[0] + 5]):
        raise ReadError(
            "This is a table of torchsummary, whose columns are not sure: paste print(model) instead."
        )
    end = heads[1] if len(heads) > 1 else len(lines)
    body: list[str] = []
    totals: dict[str, int] = {}
    for line in lines[heads[0] + 1 : end]:
        if found := _TOTAL.match(line[:_WIDEST]):
            totals.setdefault(found[1].lower(), int(found[2].replace(",", "") or "0"))
        elif not totals:
            body.append(line[:_WIDEST])
    head = lines[heads[0]][:_WIDEST]
    boxed = "│" in head.translate(_BORDERS)
    rows = list(_boxed(head, body) if boxed else _ruled(head, body)) or list(_loose(body))
    above = "\n".join(line[:_WIDEST] for line in lines[max(heads[0] - 20, 0) : heads[0]])
    named = re.search(r'odel: "([^"\n]{1,200})"', above)
    return Table(named[1] if named else "", tuple(rows), totals, len(heads) > 1)


def _boxed(head: str, body: Sequence[str]) -> Iterator[Line]:
    """Yield the rows between borders: the lines up to the next rule belong together."""
    titles = [cell.strip() for cell in head.translate(_BORDERS).strip().strip("│").split("│")]
    cells: list[list[str]] = []
    for line in [*body, "─"]:
        if _RULE.issuperset(line):
            if cells:
                yield _line(titles, cells)
            cells = []
        elif len(row := line.translate(_BORDERS).strip().split("│")) == len(titles) + 2:
            cells.append(row[1:-1])


def _line(titles: Sequence[str], cells: Sequence[Sequence[str]]) -> Line:
    """Return the row of wrapped cells. A name inside a model is set in by three spaces and a corner."""
    joined = ["".join("".join(parts).split())[:_WIDEST] for parts in zip(*cells, strict=True)]
    fields = dict(zip(titles, joined, strict=True))
    first = cells[0][0]
    depth = max((len(first) - len(first.lstrip()) - 1) // 3, 1) if "└" in first else 0
    if depth > MAX_DEPTH:
        raise ReadError(f"The models of this summary are nested more than {MAX_DEPTH} deep.")
    trained = next((text for title, text in fields.items() if title.startswith(TITLES[4])), "")
    return Line(
        joined[0].replace("└", ""), fields.get(TITLES[1], ""), fields.get(TITLES[2], ""), trained, depth
    )


def _ruled(head: str, body: Sequence[str]) -> Iterator[Line]:
    """Yield the rows of a table whose columns begin where their titles do."""
    starts = [(head.find(title), title) for title in TITLES if title in head]
    bounds = [
        (title, 0 if title == TITLES[0] else at, end)
        for (at, title), (end, _) in pairwise([*starts, (_WIDEST, "")])
    ]
    fields: dict[str, list[str]] = {}
    for line in [*body, ""]:
        cut = {title: line[begin:end] for title, begin, end in bounds}
        begins = cut[TITLES[2]].strip(" |").replace(",", "").isdecimal()
        if fields and (begins or _RULE.issuperset(line)):
            yield _unruled(fields)
            fields = {}
        if begins:
            fields = {title: [text] for title, text in cut.items()}
        elif fields:
            for title, text in cut.items():
                fields[title].append(text)


def _unruled(fields: dict[str, list[str]]) -> Line:
    """Return the row of wrapped fields. A name inside a model has a bar before it for each model."""
    joined = {
        title: "".join("".join(part.strip(" |") for part in parts).split())[:_WIDEST]
        for title, parts in fields.items()
    }
    lead = fields[TITLES[0]][0].lstrip()
    depth = len(lead) - len(lead.lstrip("|"))
    if depth > MAX_DEPTH:
        raise ReadError(f"The models of this summary are nested more than {MAX_DEPTH} deep.")
    return Line(joined[TITLES[0]], joined[TITLES[1]], joined[TITLES[2]], joined.get(TITLES[4], ""), depth)


def _loose(body: Sequence[str]) -> Iterator[Line]:
    """Yield the rows of a table that has lost its spaces on the way."""
    for line in body:
        if found := _LOOSE.match(line):
            yield Line(f"{found[1]}({found[2]}", "".join(found[3].split()), found[4])
