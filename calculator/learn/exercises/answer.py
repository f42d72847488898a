"""The answer that a person types: an exact whole number, or a sentence that says why it is none."""

import re

from calculator.core.errors import LayerError
from calculator.core.formatting import short_repr
from calculator.core.parsing import parse_whole
from calculator.core.validation import MAX_VALUE

MAX_READ = 200
"""Characters of a text that are looked at for what is wrong with it."""

_SPACE = "[ \u00a0\u202f\u2009]?"
_POINTS = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+")
_UNDERSCORES = re.compile("[0-9]+(?:_[0-9]+)+")
_OTHERWISE = "which is none: write it with the digits 0–9 alone, as in 1234 or 1,234"
TOO_LONG = 20
"""Digits that no number has that is repeated in a sentence."""

_REASONS = (
    (r".*[0-9]" + _SPACE + "[kKmMgGbB]", "which is rounded: write all the digits"),
    (r"[+-]?[0-9.,]+[eE][+-]?[0-9]+", "which has an exponent: write all the digits"),
    (r"[-\u2212\u2013]" + _SPACE + "[.,]?[0-9].*", "and a count is never below 0"),
    (r"[0-9,]*\.[0-9]*", "which has a decimal point: what is counted comes in wholes"),
    (r"[0-9]{19,}|[0-9]{1,3}(?:[, \u00a0\u202f\u2009][0-9]{3}){6,}", "which is larger than any answer"),
    (r"[0-9]+(?:[, \u00a0\u202f\u2009]+[0-9]+)+", "in which the thousands are not groups of three digits"),
)
"""What a text that is no answer looks like, and why it is none; the first that fits."""


def read_answer(text: str) -> int:
    """Return the whole number that ``text`` says; thousands may stand in groups.

    Nothing is guessed: a number that is rounded, or could be two, is refused. Raises ``LayerError``.

    >>> read_answer("3,136"), read_answer("3 136"), read_answer("3136")
    (3136, 3136, 3136)
    >>> read_answer("3.1k")
    Traceback (most recent call last):
    ...
    calculator.core.errors.LayerError: The answer must be an exact whole number, received '3.1k', which is \
rounded: write all the digits.
    """
    wanted = "The answer must be an exact whole number"
    try:
        return parse_whole(text, "The answer", minimum=0, maximum=MAX_VALUE)
    except LayerError as error:
        plain = text.strip()
        if not plain:
            raise LayerError(f"{wanted}; nothing was entered.") from error
        raise LayerError(f"{wanted}, received {short_repr(plain)}, {_reason(plain)}.") from error


def _reason(text: str) -> str:
    """Return why a text is no answer."""
    if _POINTS.fullmatch(text):
        digits = text.replace(".", "")
        return f"in which the point could stand for thousands or for decimals: {_meant(digits)}"
    if _UNDERSCORES.fullmatch(text):
        return f"which has underscores: {_meant(text.replace('_', ''))}"
    head = text[:MAX_READ]
    return next(
        (reason for pattern, reason in _REASONS if re.fullmatch(pattern, head, re.DOTALL)), _OTHERWISE
    )


def _meant(digits: str) -> str:
    return f"write {digits} if that is meant" if len(digits) < TOO_LONG else "write the digits alone"
