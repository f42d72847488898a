"""The arguments of a printed layer as values: ``3, kernel_size=(4, 4), bias=False``. Nothing is evaluated."""

import re
from collections.abc import Iterator

from calculator.core.formatting import short_repr
from calculator.readers.model import ReadError

MAX_ARGUMENTS = 10_000
"""Characters of one layer's arguments that are read."""

MAX_DIGITS = 40

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<number>[-+]?\d[\d_.]*(?:[eE][-+]?\d+)?) |
    (?P<word>[^\W\d][\w.]*) |
    (?P<text>'[^'\n]*' | "[^"\n]*") |
    (?P<other>\S)
    )""",
    re.VERBOSE,
)
_WORDS = {"True": True, "False": False, "None": None}

Token = tuple[str, str]


class Unread(str):
    """A value that is more than a number, a word or a tuple of them, as it was written."""

    __slots__ = ()


def arguments(text: str) -> tuple[list[object], dict[str, object]]:
    """Return the arguments without a name and those with one.

    Numbers, True, False, None, words, quoted texts and tuples of them are values; all else is ``Unread``.
    Raises ``ReadError`` for arguments that are too long to be those of a layer.

    >>> arguments("64, 32, kernel_size=(4, 4), bias=False")
    ([64, 32], {'kernel_size': (4, 4), 'bias': False})
    >>> arguments("f(x), mode='nearest'")
    (['f ( x )'], {'mode': 'nearest'})
    """
    if len(text) > MAX_ARGUMENTS:
        raise ReadError(f"The arguments have {len(text):,} characters, too many for a layer.")
    unnamed: list[object] = []
    named: dict[str, object] = {}
    for part in _parts(text):
        if len(part) > 2 and part[0][0] == "word" and part[1][1] == "=":
            name = part[0][1]
            named[name] = Unread("given twice") if name in named else _value(part[2:])
        else:
            unnamed.append(_value(part))
    return unnamed, named


def _parts(text: str) -> Iterator[list[Token]]:
    """Yield the tokens of each argument: what stands between commas outside all brackets."""
    part: list[Token] = []
    depth = 0
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "other"
        token = match[kind]
        if kind == "other":
            depth += (token in "([{") - (token in ")]}")
        if token == "," and kind == "other" and depth == 0:
            if part:
                yield part
            part = []
        else:
            part.append((kind, token))
    if part:
        yield part


def _value(tokens: list[Token]) -> object:
    if len(tokens) == 1:
        return _scalar(tokens[0])
    first, *inner, last = (token for _, token in tokens)
    plain = all(kind != "other" or token == "," for kind, token in tokens[1:-1])
    if (first + last) in ("()", "[]") and plain:
        items = [list(part) for part in _parts_of(tokens[1:-1])]
        if all(len(item) == 1 for item in items):
            values = tuple(_scalar(item[0]) for item in items)
            return values[0] if len(values) == 1 and first == "(" and "," not in inner else values
    return Unread(" ".join(token for _, token in tokens))


def _parts_of(tokens: list[Token]) -> Iterator[list[Token]]:
    part: list[Token] = []
    for token in tokens:
        if token == ("other", ","):
            yield part
            part = []
        else:
            part.append(token)
    if part:
        yield part


def _scalar(token: Token) -> object:
    kind, text = token
    if kind == "number":
        return _number(text)
    if kind == "text":
        return text[1:-1]
    if kind == "word":
        return _WORDS.get(text, text)
    return Unread(text)


def _number(text: str) -> object:
    if len(text) > MAX_DIGITS:
        raise ReadError(f"{short_repr(text)} is too long a number to be real.")
    for read in (int, float):
        try:
            return read(text)
        except ValueError:
            continue
    return Unread(text)
