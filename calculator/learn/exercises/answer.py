"""An answer as a student types it: a number or a calculation, or a sentence that says why it is refused."""

import re

from calculator.core.errors import LayerError
from calculator.core.formatting import short_repr
from calculator.core.parsing import parse_whole, without_isolates
from calculator.core.validation import MAX_VALUE
from calculator.learn.calculation import Calculation, is_calculated, number, parse_calculation

MAX_INSPECTED_CHARS = 200
"""Characters of a refused text that are compared with the patterns below."""

MAX_SUGGESTED_DIGITS = 19
"""Digits of the longest number that a sentence suggests to write."""

_SPACE = "[ \u00a0\u202f\u2009]?"
_POINTS = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+")
_UNDERSCORES = re.compile("[0-9]+(?:_[0-9]+)+")
_OTHER = "which is not a whole number: write only the digits 0–9, as in 1234 or 1,234"

_REASONS = (
    (r".*[0-9]" + _SPACE + "[kKmMgGbB]", "which is rounded: write all the digits"),
    (r"[+-]?[0-9.,]+[eE][+-]?[0-9]+", "which has an exponent: write all the digits"),
    (r"[-\u2212\u2013]" + _SPACE + "[.,]?[0-9].*", "but a count is never below 0"),
    (r"[0-9,]*\.[0-9]*", "which has a decimal point, but a count is a whole number"),
    (r"[0-9]{19,}|[0-9]{1,3}(?:[, \u00a0\u202f\u2009][0-9]{3}){6,}", "which is larger than any answer"),
    (r"[0-9]+(?:[, \u00a0\u202f\u2009]+[0-9]+)+", "in which the thousands are not groups of three digits"),
)
"""Patterns of refused texts, each with the reason; the first pattern that matches applies."""


def read_answer(text: str) -> int:
    """Return the whole number in ``text``, or the result of the calculation in it.

    Raises ``LayerError`` as ``read_calculation`` does.

    >>> read_answer("3,136"), read_answer("3 136"), read_answer("3136"), read_answer("5*3*16+3")
    (3136, 3136, 3136, 243)
    """
    return read_calculation(text).value


def read_calculation(text: str) -> Calculation:
    """Return the number or the calculation in ``text``; thousands may be separated by commas or spaces.

    Raises ``LayerError`` with the reason for any other text. Rounded and ambiguous numbers are refused too,
    because a guess could turn a right answer into a wrong one.

    >>> str(read_calculation("5*3*16+3"))
    '5 × 3 × 16 + 3'
    >>> read_calculation("3.1k")
    Traceback (most recent call last):
    ...
    calculator.core.errors.LayerError: The answer must be an exact whole number, received '3.1k', which is \
rounded: write all the digits.
    """
    wanted, stripped = "The answer must be an exact whole number", without_isolates(text).strip()
    if is_calculated(stripped):
        return parse_calculation(stripped, f"{wanted} or a calculation such as 2*4*9+4")
    try:
        return number(parse_whole(stripped, "The answer", minimum=0, maximum=MAX_VALUE))
    except LayerError as error:
        if not stripped:
            raise LayerError(f"{wanted}, but nothing was entered.") from error
        raise LayerError(f"{wanted}, received {short_repr(stripped)}, {_reason(stripped)}.") from error


def _reason(text: str) -> str:
    """Return the reason why a text is refused, as the end of a sentence."""
    if _POINTS.fullmatch(text):
        suggestion = _suggestion(text.replace(".", ""))
        return f"in which the point could separate thousands or decimals: {suggestion}"
    if _UNDERSCORES.fullmatch(text):
        return f"which has underscores: {_suggestion(text.replace('_', ''))}"
    # The beginning shows the reason; a pasted document need not be searched to its end.
    start = text[:MAX_INSPECTED_CHARS]
    return next((reason for pattern, reason in _REASONS if re.fullmatch(pattern, start, re.DOTALL)), _OTHER)


def _suggestion(digits: str) -> str:
    short = len(digits) <= MAX_SUGGESTED_DIGITS
    return f"write {digits} if that is the number" if short else "write only the digits"
