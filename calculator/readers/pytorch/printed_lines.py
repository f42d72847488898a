r"""The lines of a printed PyTorch model: one module on each, without what other tools wrote between them.

Why this is hand-written: no library takes the print of a model apart, and

- a print whose line breaks are lost must be cut at each module, in time that is linear in its length;
- tools that profile a model write numbers into its print, where they must not be taken for arguments.

Sources of the statistics: ``flops_repr`` of ptflops (also in mmcv), of Weaver, of calflops and of DeepSpeed's
flops profiler, and ``print_model_statistics.py`` of fvcore.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from calculator.readers.printed_counts import ELISION

_KEY = r"\((?P<key>(?:[^()]|\([^()]{0,100}\)){1,200})\):"
"""A module's name, which may contain brackets: the key of a ``ModuleDict`` is any text without a dot."""

_MODULE = r" *(?:(?P<times>\d{1,18}) ?[x×] ?)?(?P<kind>[^\W\d][^\s()'\"=,:]{0,149}) ?\("
"""How many equal modules there are, their class, and its opening bracket."""

CHILD = re.compile(_KEY + _MODULE)
CUSTOM_PRINT = re.compile(_KEY + r" *(?P<text>\S.*)")
_UNFINISHED = re.compile(_KEY + r" *(?:\d{1,18} ?[x×]?)?(?P<kind> *[^\W\d][\w.]{0,149})?")
"""A line that a chat program broke before the class of the module, or before its bracket."""

_SPACES = str.maketrans("\xa0\r\t\f\v\u2028", "      ")
_BEGINS_WITH_KEY = re.compile(_KEY)
_INNER_CHILD = re.compile(
    # The brackets of a call, as in def __init__(self):, are not a key.
    rf"(?<!\w)\((?:[^()\n]{{1,100}}|\([^()\n]{{0,100}}\))\):"
    rf"(?:{_MODULE}| *(?:\d{{1,18}} ?[x×]?)?(?: *[^\W\d][\w.]{{0,99}})?$)"
)
_CODE_LINE = re.compile(
    r"(?:(?:>>>|\.\.\.) {0,40})?(?:async )?(?:def|class|if|elif|for|with|while) .{0,10000}:"
)
"""A line of code that begins a block: its last brackets are those of arguments, and no key."""

_END_OF_MODULE = re.compile(r"(?:[(),\]}'\"\w]|\.\.|…) *$")

_COMMENT = re.compile(r"(?<!\S)(?:#|//|<-|<!--)")

_NUMBER = r"(?:\d[\d.]{0,30}(?:e[+-]?\d{1,3})?|nan|inf|N/A)"
_STATISTICS = re.compile(
    r"(?<![\w.=])(?:"
    # 3.14 k, 100.000% Params and 1.05 GMACs = 4.2% MACs
    rf"{_NUMBER} ?[A-Za-zµμ]{{0,8}} ?[,=] ?-?{_NUMBER} ?% ?[A-Za-z]{{1,12}}"
    # 12.5 TFLOPS
    rf"|{_NUMBER} ?[A-Za-z]?FLOP[Ss](?!\w)"
    # #params: 32.8K, #flops: N/A
    rf"|(?:#\w{{1,20}}|params|macs|flops|acts|latency) ?[:=] ?{_NUMBER}(?: ?[A-Za-zµμ]{{1,8}}(?![\w=]))?"
    r")(?:,? ?(?=\.\.\.)|, ?| ?(?=[)\n]|$))"
)
_STATISTICS_IN_BARS = re.compile(
    rf"(?:, ?)?\|{_NUMBER} ?[A-Za-z]{{0,8}}, {_NUMBER}% Params, {_NUMBER} ?[A-Za-z]{{0,8}}, {_NUMBER}% MACs\|"
)
"""Those of Weaver, which stand behind the arguments."""

_INITIALISATION = re.compile(r"init_cfg=[\[{(].*")
"""How mmengine's modules set their initial values: a line after the closing bracket of the module."""

_ONLY_MARKS = re.compile(r"[\s.…⋮⋯︙\-–—*#/<>\[\](){}|:;,_=~]{1,200}")
_TIMES = re.compile(r"[x×*] ?\d|\d{1,9} ?(?:x|×|times)(?!\w)")
"""How often a layer occurs, as people write it behind the layer."""

_TIMES_IN_COMMENT = re.compile(
    r"(?<![\w.×])(?<!\d )(?<![A-Z] )(?:[x×*] ?\d{1,9}|\d{1,9} ?(?:x|×))(?![\w.×])(?! ?[\dx×])"
)
REPEATED = re.compile(
    r"\brepeat|\btwice\b|\bidentical\b"
    r"|\b(?:\d{1,9}|two|three|four|five|six|seven|eight|ten|twelve|many|n) times\b",
    re.IGNORECASE,
)
_ENLARGED = re.compile(
    r"sampl|scal|resol|size|strid|spatial|wide|larger|bigger|smaller|zoom|enlarg|kernel|channel",
    re.IGNORECASE,
)
"""Words after which a number such as x2 is a size, and not a number of layers."""

_BRACKETS = re.compile(r"""'[^'\n]*'|"[^"\n]*"|[()\[\]{}]""")


MIN_WIDTH = 20
"""The minimum width of a terminal whose breaks are mended."""

MAX_PIECES = 20
"""The maximum number of lines that a terminal broke the line of one module into."""


class Line(NamedTuple):
    """The number of a line, from 1, and a part of its text without surrounding white space."""

    number: int
    text: str


def printed_lines(data: str) -> Iterator[Line]:
    r"""Yield the lines that are not blank, each module on one of its own.

    >>> [line.text for line in printed_lines("Net( (a): ReLU() (b): Tanh() )")]
    ['Net(', '(a): ReLU()', '(b): Tanh() )']
    >>> [line.text for line in printed_lines("Net(\n  3.1 k, 9.0% Params, 1 MMac, 9.0% MACs, \n)")]
    ['Net(', ')']
    """
    pending: Line | None = None
    for line in _parted_lines(data):
        if pending and _continues(pending.text, line.text):
            pending = Line(pending.number, f"{pending.text} {line.text}")
            continue
        if pending:
            yield pending
        pending = line
    if pending:
        yield pending


def _continues(text: str, following: str) -> bool:
    """Return whether the class of a module, or its opening bracket, is on the next line."""
    unfinished = _UNFINISHED.fullmatch(text)
    if not unfinished or _BEGINS_WITH_KEY.match(following):
        return False
    return following.startswith("(") if unfinished["kind"] else following[0].isalnum() or following[0] == "_"


def _unwrapped(lines: Sequence[str]) -> Iterator[Line]:
    """Yield the lines of a print, without the breaks inside a word that a terminal makes at its width.

    Only a line as wide as the widest can have such a break: a longer one behind it goes on.
    """
    width = max(map(len, lines))
    number = 0
    while number < len(lines):
        first, text = number, lines[number]
        while (
            len(lines[number]) == width >= MIN_WIDTH
            and number + 1 < len(lines)
            and number - first < MAX_PIECES
            and _is_broken(text, lines[number + 1])
        ):
            number += 1
            text += lines[number]
        number += 1
        yield Line(first + 1, text)


def _is_broken(text: str, following: str) -> bool:
    """Return whether a module's line ends within its class or arguments; the next line is not a module."""
    text, following = text.lstrip(), following.strip()
    if not _BEGINS_WITH_KEY.match(text) or text.endswith("(") or _BEGINS_WITH_KEY.match(following):
        return False
    if not following.strip(")"):  # These brackets may be those of the modules around it.
        return False
    child = CHILD.match(text)
    if child is None:
        return _UNFINISHED.fullmatch(text) is not None
    return bracket_depth(text, 1, child.end())[0] > 0


def _parted_lines(data: str) -> Iterator[Line]:
    """Yield each module, and each text between modules, as a line."""
    for number, line in _unwrapped([line.rstrip("\r") for line in data.split("\n")]):
        text = line.translate(_SPACES).strip().strip("\ufeff").strip()
        if "%" in text or "#" in text or "FLOP" in text or "params" in text:
            text = _STATISTICS_IN_BARS.sub("", text) if "|" in text else text
            text = _STATISTICS.sub("", text).strip()
        text = text.replace("torch::nn::", "")  # The interface in C++ prints it before each class.
        if text.startswith("init_cfg="):
            text = _INITIALISATION.sub("", text)
        if text:
            yield from (Line(number, part) for part in _modules(text))


def _modules(text: str) -> Iterator[str]:
    """Yield the parts of a line: each begins with a module, except for the first."""
    start = 0
    if text.find("):", 1) > 0 and not _CODE_LINE.fullmatch(text):
        for match in _INNER_CHILD.finditer(text):
            before = text[max(start, match.start() - 40) : match.start()]
            if (
                match.start() > start
                and _END_OF_MODULE.search(before)
                and not _in_comment(text, start, match)
            ):
                yield text[start : match.start()].rstrip()
                start = match.start()
    yield text[start:]


def _in_comment(text: str, start: int, match: re.Match[str]) -> bool:
    """Return whether a match in ``text`` stands after the mark of a comment."""
    return any(text.find(mark, start, match.start()) >= 0 for mark in ("# ", "//", "<-", "<!--"))


def bracket_depth(text: str, depth: int, start: int = 0) -> tuple[int, int]:
    """Return (number of open brackets after ``text``, position where the last one closed, or −1).

    ``depth`` is the number of open brackets before the position ``start``, where the search begins.

    >>> bracket_depth("3, (4, 4)) # up", 1)
    (0, 9)
    """
    for match in _BRACKETS.finditer(text, start):
        bracket = match[0]
        if len(bracket) == 1:  # Longer matches are quoted texts, whose brackets do not count.
            depth += 1 if bracket in "([{" else -1
            if depth == 0:
                return 0, match.start()
    return depth, -1


def is_elision(text: str) -> bool:
    """Return whether a text has only marks, and among them those of something that was left out.

    >>> is_elision("......"), is_elision("# ..."), is_elision("[…]"), is_elision(")")
    (True, True, True, False)
    """
    return ELISION.search(text[:300]) is not None and _ONLY_MARKS.fullmatch(text) is not None


def is_repetition(words: str) -> bool:
    """Return whether a text behind a layer says that the layer occurs several times.

    >>> is_repetition("x 3"), is_repetition("# repeated 3 times"), is_repetition("# x2 upsampling")
    (True, True, False)
    """
    words = words[:1000]
    if _TIMES.match(words) or REPEATED.search(words):
        return True
    return _TIMES_IN_COMMENT.search(words) is not None and not _ENLARGED.search(words)
