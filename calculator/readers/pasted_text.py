r"""The text that somebody copied, without the marks that the place of the copy put on it.

Marks are a prefix on every line (``#``, ``>``, line numbers, the time of a logger), the place in a script
behind every line of a browser's console, escape sequences of a terminal, and the mark-up of HTML and
Markdown. Why this is hand-written:

- A parser of HTML or Markdown takes layers such as ``<lambda>`` or ``_fc_`` for mark-up, and joins lines.
- Only what every line begins with is a prefix: no library looks at all lines before it removes one.

Sources: ECMA-48 (escape sequences), https://spec.commonmark.org (fences and backslash escapes), the default
formats of Python's ``logging``, loguru, ``torchrun``, journald, kubectl, docker, GitLab and GitHub; what
Firefox exports of its console (browser_webconsole_context_menu_export_console_output.js), and Safari
(ConsoleMessageView.js).
"""

import html
import re
from collections.abc import Iterator
from itertools import pairwise, takewhile

MAX_PREFIX = 200
"""The maximum number of characters of a prefix that is the same in all lines."""

MAX_PREFIXES = 6
"""The maximum number of prefixes that a line has one after another, such as ``> > 12: #``."""

_DATA_STARTS = ("{", "[", "<!doctype", "<html", "<head", "<body", "<script", "<!--", "<?xml")
"""Beginnings of JSON, XML and pages, whose marks belong to them."""

_ESCAPE_SEQUENCE = re.compile(
    r"\x1b(?:\[[0-9;:?]{0,40}[ -/]{0,2}[@-~]|\][^\x07\x1b\n]{0,400}(?:\x07|\x1b\\)|[()][A-Z0-9]|[=>78])"
)
_LOST_ESCAPE = re.compile(r"[\u241b\ufffd]?\[\d{1,3}(?:;\d{1,3}){0,5}m")
"""A colour whose escape character was lost when it was copied. ``[0m`` ends each colour."""

_ESCAPED = re.compile(r"\\(?:u(?P<code>[0-9a-fA-F]{4})|(?P<sign>[ntr'\"/\\]))")
_HARD_SPACE = re.compile("(?<!\\d)\xa0|\xa0(?!\\d{3}(?!\\d))")
"""A space of a page that is not within a number, where it may part thousands."""

_WIDE = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}
"""The signs of Chinese and Japanese keyboards that stand for those of ASCII."""

_INVISIBLE = re.compile("[\u00ad\u200b\u200c\u200d\u2060\ufeff]")
_LINE_TAG = re.compile(r"<br ?/?>|</(?:p|div|li|pre|tr)>(?!\n)", re.IGNORECASE)
_TAG = re.compile(
    r"</?(?:span|pre|code|div|p|b|i|u|s|em|strong|small|font|samp|kbd|tt|mark|a|li|ul|ol|blockquote|table|thead|tbody"
    r"|tfoot|tr)"
    r"(?: [^<>\n]{0,500})?>",
    re.IGNORECASE,
)
_CELL = re.compile(
    r"<t[dh](?: [^<>\n]{0,500})?>\s{0,99}+(?P<end>\d{0,9}\s{0,20}</th>\s{0,99}+)?", re.IGNORECASE
)
"""The beginning of a cell of a table, or a heading with the number of its row."""

_END_OF_CELL = re.compile(r"\s{0,20}</t[dh]>\s{0,99}+", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|lt|gt|amp|quot|apos|nbsp|lpar|rpar|lowbar);")
_BACKSLASH = re.compile(r"\\([()\[\]_*<>#\-.=`~+])")
_FENCE = re.compile(r"[ \t]{0,40}(?:```|~~~)[\w+-]{0,30}[ \t\r]{0,10}")

_TIME = (
    r"\[?(?:\d{4}[-/.]\d\d[-/.]\d\d[T ]{1,2})?\d{1,2}:\d\d(?::\d\d(?:[.,]\d{1,9})?)?"
    r"(?: ?(?:Z|UTC|[AP]M|[+-]\d\d:?\d\d))?\]?"
)
_LEVEL = r"(?:DEBUG|INFO|WARNING|WARN|ERROR|CRITICAL|SUCCESS|TRACE|debug|info|warning)"
_SOURCE = r"[\w.<>/-]{1,100}(?::[\w.<>-]{1,100}){0,2}"
_GAP = r"[ \t]{0,9}"
_LINE = r"(?=[ \t\r]|$)"

_MARKS = tuple(
    re.compile(rf"[ \t]{{0,200}}(?:{mark})")
    for mark in (
        # Of journald and syslog: the time, the machine, and the process with its number.
        rf"(?:{_TIME}|[A-Z][a-z]{{2}} [ \d]\d \d\d:\d\d:\d\d) (?!{_LEVEL})[\w.-]{{1,99}} "
        rf"[\w.@/+-]{{1,60}}\[\d{{1,9}}\]:{_LINE}",
        # A logger: the time, then the name, the level and the place in any order.
        rf"{_TIME}(?:{_GAP}[-|:,]?{_GAP}(?:{_SOURCE}{_GAP}[-|:]{_GAP}){{0,2}}\[?{_LEVEL}\]?"
        rf"(?:{_GAP}[-|:]{_GAP}{_SOURCE}(?={_GAP}[-\]|]))?)?(?:{_GAP}[-|:\]])?{_LINE}",
        r"\[[^\[\]\n]{0,60}\d\d:\d\d:\d\d[^\[\]\n]{0,60}\]:?",
        # Of containers and of GitLab, behind the time.
        rf"(?:(?:stdout|stderr) [FP]|[0-9a-f]{{2}}[OE]\+?){_LINE}",
        # Of docker build: the step and its seconds.
        rf"#\d{{1,4}} \d{{1,6}}\.\d{{1,3}}{_LINE}",
        # Of a search in files: train.log:31:
        r"[\w./-]{1,100}:\d{1,7}:(?!\d)",
        # Of the console of a browser: layer_utils.ts:88
        rf"[\w./@-]{{1,100}}\.[jt]s:\d{{1,7}}(?::\d{{1,7}})?{_LINE}",
        r"[IWEF]\d{4} \d\d:\d\d:\d\d\.\d{6}[ \t]{1,9}\d{1,9} [\w.]{1,60}:\d{1,9}\]",
        rf"(?:{_LEVEL}|\[{_LEVEL}\]){_GAP}[:|-](?:[\w.]{{1,100}}:)?",
        rf"\[(?:{_LEVEL}|Log)\]",
        r"\[(?:rank|node|host|worker|default|gpu|cuda)[-_ ]?:?\d{0,5}\]:?",
        r"\[\d{1,5},\d{1,5}\]<(?:stdout|stderr)>:",
        r"\((?:[\w ]{1,60} )?pid=\d{1,9}(?:, ip=[\d.]{7,15})?\)",
        # Of docker compose; behind the name of a tensor stands a shape.
        r"[\w./-]{1,60}[ \t]{1,20}\|(?=[^|\n]*$)(?![ \t(\[]{0,9}\d[\d x×,)\]]{0,99}\r?$)",
        r"#{1,6}",
        r"//{1,3}",
        r"[>;%]{1,3}",
        rf"--{_LINE}",
        r"-(?![-\d.])",
        r"\+(?![-+\d.])",
        rf"\*{_LINE}",
        r"[•·‣◦]",
        # Quotes in chats and terminals; a table has more bars than the first.
        r"[|│┃](?=[^|│┃├└\n]*$)",
    )
)

_PLACE = re.compile(
    r"[ \t](?:(?:debugger eval code|tfjs[^\s:()]{0,60}|[^\s:()]{1,100}\.(?:[cm]?[jt]sx?|html?))"
    r":\d{1,9}:\d{1,9}|\([^\s:(),]{1,100}, line \d{1,9}\))[ \t\r]{0,10}$"
)
"""The place in a script behind a line of the console of Firefox or Safari: ``tf.min.js:17:5120``."""

_NUMBERS = tuple(
    re.compile(rf"[ \t]{{0,40}}{number}")
    for number in (
        r"\[(?P<number>\d{1,7})\]:?",
        rf"(?P<number>\d{{1,7}})(?:[ \t]{{0,3}}[:|│]|[.)]{_LINE})",
        rf"(?P<number>\d{{1,7}}){_LINE}",
    )
)
_BARE = _NUMBERS[-1]
_STRUCTURE = re.compile(r"[ \t]*+(?:[)\]},]+|.*[(\[{]|([=_─━-])\1{9,}.*)[ \t\r]*")
"""A line that a table with numbered rows does not have: a bracket alone, an opening end, or a rule."""


_DIGITS = re.compile(r"\d{1,40}")
_PREFIX = re.compile(
    r"(?=.{0,200}\w)[^(\s].{0,200}(?:[:\]>|-](?![:\]>|\d-])|0:0:0(?:[.,]0)?(?: ?(?:Z|[+-]0:?0))?(?=\s))"
)
"""Words that a tool begins each line with, with 0 for each number: they end in a mark or in the time."""

_BEFORE_SPACE = re.compile(r"(?=.{0,200}\w)[^(\s].{0,200}(?=[ \t])")
_WORDS = re.compile(
    r"(?=.{0,200}[A-Za-z])(?=.{0,200}[\d\[])"
    r"(?!.{0,200}(?:(?<!\w)[\[(]\d{1,19},?[\])]|\d ?[x×,] ?\d)).{1,200}[ \t]"
)
"""A name with a number that is not a shape: nothing is lost where all lines begin with it."""

_CLOCK = re.compile(r"\d\d:\d\d:\d\d")


def without_marks(text: str) -> str:
    r"""Return ``text`` without the marks that each line begins with, and without mark-up.

    A text without marks stays as it is, and so does JSON. The number of lines changes only where HTML has
    ``<br>`` for a line.

    >>> without_marks("# Net(\n#   (up): ReLU()\n# )")
    'Net(\n  (up): ReLU()\n)'
    >>> without_marks("Net(\n  # of layers: 3\n)")
    'Net(\n  # of layers: 3\n)'
    """
    text = _unescaped(text)
    if text.lstrip("\ufeff \t\r\n")[:9].lower().startswith(_DATA_STARTS) and not _log_begins(text):
        return text
    text = _without_markup(text)
    lines = text.split("\n")
    used = [index for index, line in enumerate(lines) if line.strip()]
    _drop_places(lines, used)
    for _ in range(MAX_PREFIXES):
        found = _without_prefix([lines[index] for index in used])
        if found is None:
            break
        for index, line in zip(used, found, strict=True):
            lines[index] = line
    return "\n".join(lines)


def _log_begins(text: str) -> bool:
    """Return whether a text that begins with a bracket is not JSON: ``[INFO]``, ``[rank0]:`` or ``[12]``."""
    line = text.lstrip("\ufeff \t\r\n")[:300].split("\n", 1)[0]
    said = any(mark.match(line) for mark in (*_MARKS, *_NUMBERS, _LOST_ESCAPE))
    return line.startswith("[") and (said or ("]" in line and line.rstrip()[-1] not in "[]{},"))


def _unescaped(text: str) -> str:
    """Return a text that was copied as ``repr`` or JSON writes it, with its line breaks."""
    text, whole = text.strip(), text
    quoted = len(text) > 1 and text[0] in ("'", '"') and text[-1] == text[0]
    is_one = quoted and text[0] not in text[1:-1]
    # A layer of code in a configuration of Keras has such line breaks within its string.
    if (text.count("\\n") < (1 if quoted else 2) and not is_one) or "\n" in text or text.startswith('{"'):
        return whole
    return _ESCAPED.sub(_character, text[1:-1] if quoted else text)


def _character(match: re.Match[str]) -> str:
    """Return the character that an escape of ``repr`` or JSON stands for."""
    if match["code"]:
        return chr(int(match["code"], 16))
    return {"n": "\n", "t": "\t", "r": ""}.get(match["sign"], match["sign"])


def _without_markup(text: str) -> str:
    """Return a text without escape sequences, HTML's tags and entities, and Markdown's escapes and fences."""
    if "\x1b" in text:
        text = _ESCAPE_SEQUENCE.sub("", text)
    if "[0m" in text or "[39m" in text:
        text = _LOST_ESCAPE.sub("", text)
    if not text.isascii():
        text = _HARD_SPACE.sub(" ", _INVISIBLE.sub("", text)).translate(_WIDE)
    if "</t" in text or "</T" in text:
        text = _CELL.sub(lambda match: "" if match["end"] else "| ", text)
        text = _END_OF_CELL.sub(" ", text)
    if "<" in text and (_TAG.search(text) or _LINE_TAG.search(text)):
        text = _TAG.sub("", _LINE_TAG.sub("\n", text))
    if "&" in text:
        text = _ENTITY.sub(lambda match: html.unescape(match[0]).replace("\xa0", " "), text)
    if any(escape in text for escape in ("\\(", "\\_", "\\*", "\\[")):
        text = _BACKSLASH.sub(r"\1", text)
    if "```" in text or "~~~" in text:
        text = "\n".join("" if _FENCE.fullmatch(line) else line for line in text.split("\n"))
    return text.replace("`", "")


def _drop_places(lines: list[str], used: list[int]) -> None:
    """Cut the places in scripts off ``lines``, where each line from the first place to the last has one.

    Lines before and after a table, such as the command that printed it, have none. A line without a place
    within the table may be broken, so that nothing of the text is changed.
    """
    found = {
        index: match for index in used if (match := _PLACE.search(lines[index], len(lines[index]) - 160))
    }
    if len(found) > 1 and len(found) == sum(min(found) <= index <= max(found) for index in used):
        for index, match in found.items():
            lines[index] = lines[index][: match.start()]


def _without_prefix(lines: list[str]) -> list[str] | None:
    """Return the lines without the one prefix that all of them have, or ``None`` where they have none.

    The first line of a print may lack the prefix, where the copy began behind it.
    """
    if not lines:
        return None
    for pattern in (*_NUMBERS, *_MARKS):
        # Most texts have no prefix: the last line alone shows that.
        if not pattern.match(lines[-1]):
            continue
        start = 1 if len(lines) > 2 and lines[0].rstrip().endswith("(") and not pattern.match(lines[0]) else 0
        found = [pattern.match(line) for line in lines[start:]]
        matches = [match for match in found if match]
        if len(matches) == len(found) and (pattern not in _NUMBERS or _are_line_numbers(matches)):
            return lines[:start] + _without_space([m.string[m.end() :] for m in matches])
    return _without_common_prefix(lines)


def _without_common_prefix(lines: list[str]) -> list[str] | None:
    """Return the lines without the words that all begin with, which may have other numbers in each line.

    Tools that start a script name themselves, the machine or the process so. The names of a list may begin
    with the same words: a prefix with numbers that change is one only in a text with the time, or with a
    bracket or a rule alone in a line.
    """
    begins = [_DIGITS.sub("0", line[:MAX_PREFIX]) for line in lines]
    # The first and the last in the order of the alphabet have least in common.
    same = takewhile(lambda pair: pair[0] == pair[1], zip(min(begins), max(begins), strict=False))
    common = "".join(one for one, _ in same)
    for form, found in _prefixes(common) if len(lines) > 2 else ():
        if any(found[0].count(a) != found[0].count(b) for a, b in ("()", "[]")):
            continue
        pattern = re.compile(r"\d{1,40}".join(map(re.escape, found[0].split("0"))))
        matches = [match for line in lines if (match := pattern.match(line))]
        rest = [match.string[match.end() :] for match in matches]
        words = {match.string[: match.end() + 1] for match in matches}
        is_word = form is _PREFIX and len(words) == 1 and _WORDS.fullmatch(words.pop())
        certain = is_word or _CLOCK.search(lines[0]) or any(map(_STRUCTURE.fullmatch, rest))
        if certain and len(rest) == len(lines):
            return _without_space(rest)
    return None


def _prefixes(common: str) -> Iterator[tuple[re.Pattern[str], re.Match[str]]]:
    """Yield what may be a prefix in the words that all lines begin with, the longest first."""
    for form in (_PREFIX, _BEFORE_SPACE):
        begin = common
        for _ in range(MAX_PREFIXES):
            if found := form.match(begin):
                yield form, found
                begin = found[0][:-1]


def _are_line_numbers(matches: list[re.Match[str]]) -> bool:
    """Return whether numbers at the beginning of lines count the lines, and are not a column of a table."""
    numbers = [int(match["number"]) for match in matches]
    if len(matches) < 2 or any(later <= number for number, later in pairwise(numbers)):
        return False
    return matches[0].re is not _BARE or any(
        _STRUCTURE.fullmatch(match.string[match.end() :]) for match in matches
    )


def _without_space(lines: list[str]) -> list[str]:
    """Return the lines without the space that each line that is not blank begins with."""
    width = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return [line[width:] for line in lines]
