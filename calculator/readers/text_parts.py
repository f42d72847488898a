r"""The parts of a pasted text: tables, prints, lists and code, which may be of one model or of several.

A notebook shows the print of a model, and a table below it. Each part is read by itself, so that no line of
one part is taken for a line of another. Why this is hand-written: the formats belong to different libraries,
and no library reads a text that has several.
"""

import re
from collections.abc import Iterable, Sequence

from calculator.readers.layer_table import table as layer_table
from calculator.readers.printed_tables import unread
from calculator.readers.pytorch.printed_lines import CHILD

MAX_ABOVE = 5
"""The maximum number of lines above the titles of a table that belong to the table."""

_ROOT = re.compile(r"[ \t]{0,200}(?:\S{1,100} ){0,3}[^\W\d][\w.<>]{0,99} ?\([ \t\r]*+$")
_CODE = re.compile(
    r"(?<![\w.])(?:(?:torch\.)?nn|(?:\w{1,20}\.){0,2}layers)\.[A-Z]\w{0,99}\(|\.add\([A-Z]"
    r"|= ?(?:\w{1,40}\.){0,3}(?:Sequential|Input)\("
    r"|(?<![\w.(])(?:Dense|Conv[123]D(?:Transpose)?)\(\d"
)
_BLOCK_OF_CODE = re.compile(r"[ \t>.]{0,40}(?:class|def|for|if|with) .{1,400}:[ \t\r]*+$")
_TENSOR = re.compile(
    r"(?<![A-Za-z])(?:weight|bias)['\" \t|,:;=>-]{1,99}(?:(?:Size|[Ss]hape)[:=]? ?)?"
    r"(?:torch\.Size\(|[\[(]\d|\d{1,9} ?[x×] ?\d)"
)
_TITLES = re.compile(
    r"[\W_]{0,200}(?:Parent Layers\W{1,200})?Layer \(type"
    r"(?:.{0,600}(?:Output|Kernel|Param|Trainable)|\)\W{0,200}$)"
)
_TITLE = re.compile(r".{0,200}(?:odel: \"|\(Input shape)")
_MARKS = frozenset("─━═┏┳┓┌┬┐╒╤╕+-=_| \t\r")


def part_begins(lines: Sequence[str]) -> list[int]:
    r"""Return the index of the line where each part of a text begins.

    A line that does not begin a part belongs to the part before it. Neighbours of one kind are one part,
    except for tables, which have titles.

    >>> part_begins(["Net(", "  (up): ReLU()", ")", "", "up.weight torch.Size([2])"])
    [0, 4]
    """
    begins: list[int] = []
    last = ""
    for number in range(len(lines)):
        kind = _kind(lines, number)
        if kind and (kind in ("table", "typed") or kind != last):
            above = begins[-1] if begins else -1
            begins.append((_top(lines, number, above) if kind == "table" else number) if begins else 0)
            last = kind
    return begins


def _kind(lines: Sequence[str], number: int) -> str:
    """Return the kind of the part that the line with the index ``number`` may begin, or ""."""
    line = lines[number][:1000]
    if ("Layer (type" in line and _TITLES.match(line)) or (
        ("arams" in line or "Parameters" in line) and "%" not in line and unread.explain(line)
    ):
        return "table"
    if line.rstrip().endswith("(") and _ROOT.match(line):
        following = next((text for text in lines[number + 1 : number + 3] if text.strip()), "")
        return "print" if CHILD.match(following.strip()) else ""
    if "type" in line.lower() and layer_table.recognises(line):
        return "typed"
    if ("weight" in line or "bias" in line) and _TENSOR.search(line):
        return "list"
    return "code" if _BLOCK_OF_CODE.match(line) or _CODE.search(line) else ""


def _top(lines: Sequence[str], head: int, above: int) -> int:
    """Return the index of the first line of the table with its titles at ``head``: its rule or its name."""
    top = head
    ruled = False
    for number in range(head - 1, max(head - MAX_ABOVE, above), -1):
        text = lines[number].strip()
        rule = bool(text) and _MARKS.issuperset(text)
        if (rule and ruled) or not (rule or not text or _TITLE.match(lines[number][:1000])):
            break
        ruled = ruled or rule
        top = number
    return top


def masked(lines: Sequence[str], ranges: Iterable[tuple[int, int]]) -> str:
    r"""Return the lines of the ``ranges`` in their order; all others are empty, so that numbers stay.

    >>> masked(["a", "b", "c"], [(1, 2)])
    '\nb\n'
    """
    kept = [""] * len(lines)
    for begin, end in ranges:
        kept[begin:end] = lines[begin:end]
    return "\n".join(kept)
