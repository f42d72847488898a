"""Parser of the arguments of a printed layer, such as ``3, kernel_size=(4, 4), bias=False``.

Nothing is evaluated. Why this is hand-written:

- ``ast.literal_eval`` refuses a whole text for one bare word, such as ``padding_mode=reflect``.
- Python's parser can exhaust memory or the stack for a long text with many brackets.
"""

import re
from collections.abc import Iterator

from calculator.core.formatting import short_repr
from calculator.readers.model import ReadError

MAX_ARGUMENT_CHARS = 10_000
"""The maximum number of characters of one layer's arguments."""

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
_CONSTANTS = {"True": True, "False": False, "None": None, "np.True_": True, "np.False_": False}

_ARRAY_NUMBER = re.compile(
    r"(?<![\w.])(?:(?:np|numpy|torch)\.)?(?:u?int\d{0,2}|float\d{0,2}|bool_?|array|tensor)"
    r"\(([-+\w.]{1,40})(?:, dtype=[\w.]{1,30})?\)"
)
"""A number of NumPy or PyTorch, such as ``np.int64(64)``, ``array(3)`` or ``tensor(3)``."""

_SIZE = re.compile(r"(?<![\w.])(?:torch\.)?Size\((\[[^\[\]()]{0,1000}\])\)")

Token = tuple[str, str]
"""The kind of a token, which is the name of a group in the pattern, and its text."""


class Unparsed(str):
    """The text of an argument that is not a number, a word, a quoted text or a tuple of these."""

    __slots__ = ()


def parse_arguments(text: str) -> tuple[list[object], dict[str, object]]:
    """Return the positional arguments and the keyword arguments.

    Numbers, True, False, None, words, quoted texts and tuples of these become values; any other argument
    becomes ``Unparsed``. Raises ``ReadError`` for a text or a number that is too long for a layer.

    >>> parse_arguments("64, 32, kernel_size=(4, 4), bias=False")
    ([64, 32], {'kernel_size': (4, 4), 'bias': False})
    >>> parse_arguments("f(x), mode='nearest'")
    (['f ( x )'], {'mode': 'nearest'})
    >>> parse_arguments("np.int64(64), torch.Size([256])")
    ([64, (256,)], {})
    """
    if len(text) > MAX_ARGUMENT_CHARS:
        raise ReadError(f"The arguments have {len(text):,} characters, too many for a layer.")
    if "(" in text:
        text = _SIZE.sub(r"\1", _ARRAY_NUMBER.sub(r"\1", text))
    positional: list[object] = []
    keywords: dict[str, object] = {}
    for tokens in _split_arguments(text):
        if len(tokens) > 2 and tokens[0][0] == "word" and tokens[1][1] == "=":
            name = tokens[0][1]
            # A keyword given twice is not an error here: only a layer that needs the value refuses the text.
            keywords[name] = Unparsed("given twice") if name in keywords else _parse_value(tokens[2:])
        else:
            positional.append(_parse_value(tokens))
    return positional, keywords


def _split_arguments(text: str) -> Iterator[list[Token]]:
    """Yield the tokens of each argument. Only commas outside all brackets separate arguments."""
    argument: list[Token] = []
    depth = 0
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "other"
        token = match[kind]
        if kind == "other":
            depth += (token in "([{") - (token in ")]}")
        if token == "," and kind == "other" and depth == 0:
            if argument:
                yield argument
            argument = []
        else:
            argument.append((kind, token))
    if argument:
        yield argument


def _parse_value(tokens: list[Token]) -> object:
    """Return the value of one argument: a single token, or brackets around tokens without brackets."""
    if len(tokens) == 1:
        return _parse_scalar(tokens[0])
    first, *inner, last = (token for _, token in tokens)
    flat = all(kind != "other" or token == "," for kind, token in tokens[1:-1])
    if (first + last) in ("()", "[]") and flat:
        items = list(_split_items(tokens[1:-1]))
        if all(len(item) == 1 for item in items):
            values = tuple(_parse_scalar(item[0]) for item in items)
            # As in Python, (3) is a number, and (3,) and [3] are sequences.
            return values[0] if len(values) == 1 and first == "(" and "," not in inner else values
    return Unparsed(" ".join(token for _, token in tokens))


def _split_items(tokens: list[Token]) -> Iterator[list[Token]]:
    """Yield the tokens of each item of a tuple."""
    item: list[Token] = []
    for token in tokens:
        if token == ("other", ","):
            yield item
            item = []
        else:
            item.append(token)
    if item:
        yield item


def _parse_scalar(token: Token) -> object:
    """Return the value of a single token: a number, a text, a word or a constant of Python."""
    kind, text = token
    if kind == "number":
        return _parse_number(text)
    if kind == "text":
        return text[1:-1]
    if kind == "word":
        return _CONSTANTS.get(text, text)
    return Unparsed(text)


def _parse_number(text: str) -> object:
    """Return an int or a float, or ``Unparsed`` for digits and points that are not a number."""
    # Python needs quadratic time for the digits of an int.
    if len(text) > MAX_DIGITS:
        raise ReadError(f"The number {short_repr(text)} is too long for a layer.")
    for convert in (int, float):
        try:
            return convert(text)
        except ValueError:
            continue
    return Unparsed(text)
