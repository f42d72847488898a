"""Parsing of whole numbers and single lines in text that people type, and in arguments and links.

Why this is hand-written:

- ``int()`` accepts more than people mean (``1_0``, ``٤``), refuses thousands separators, and raises an error
  without the name or the limits of the setting;
- locale-aware parsers accept different text on different machines;
- text that has two meanings, such as ``128,256`` for two axes, must be refused instead of guessed.
"""

import re
import unicodedata

from calculator.core.errors import LayerError
from calculator.core.formatting import short_repr

JOINERS = "\u200c\u200d"
"""Invisible characters that Persian, Hindi and some emoji need."""

ISOLATES = "\u2066\u2069"
"""Invisible characters around numbers that were copied from a page."""

_ISOLATES = re.compile(f"[{ISOLATES}]")

# Thousands in groups of exactly three digits with the same separator everywhere: a comma, or a plain,
# no-break, narrow no-break or thin space.
_GROUPED = re.compile("[1-9][0-9]{0,2}(?P<mark>[, \u00a0\u202f\u2009])[0-9]{3}(?:(?P=mark)[0-9]{3})*")
_PLAIN = re.compile("[0-9]+")
_BRACKETS = re.compile(r"\(.*\)|\[.*\]", re.DOTALL)
"""A list of numbers as Python writes it."""


def without_isolates(text: str) -> str:
    """Return ``text`` without the invisible characters that the pages write around numbers.

    >>> without_isolates("\u20664 × 4\u2069 pixels")
    '4 × 4 pixels'
    """
    return _ISOLATES.sub("", text)


def parse_whole(text: str, name: str, *, minimum: int, maximum: int) -> int:
    """Return the whole number in ``text``, from ``minimum`` to ``maximum``.

    The number has only the digits 0–9, with or without thousands separators (``65,536`` or ``65 536``).
    Space around it is ignored. Raises ``LayerError`` with a sentence that begins with ``name``.

    >>> parse_whole("65,536", "Input channels", minimum=1, maximum=65536)
    65536
    >>> parse_whole("12.7", "Kernel size", minimum=1, maximum=128)
    Traceback (most recent call last):
    ...
    calculator.core.errors.LayerError: Kernel size must be a whole number from 1 to 128, received '12.7'.
    """
    text = without_isolates(text)
    wanted = f"{name} must be a whole number {_limits(minimum, maximum)}"
    return _checked(text, wanted, text, minimum, maximum)


def parse_spatial(text: str, name: str, *, rank: int, minimum: int, maximum: int) -> tuple[int, ...]:
    """Return the whole numbers in ``text``: one number, or ``rank`` numbers (one per axis).

    The numbers are separated by ``x``, ``×`` or ``,``, with or without space. In text without ``x`` or ``×``
    a comma can also separate thousands. ``1,024`` is one number if it cannot be a list, because the list
    would have the wrong length or a part with a leading zero. Text that can be both, such as ``128,256`` for
    two axes, is refused. In brackets, as in Python, a comma never separates thousands. Raises ``LayerError``
    with a sentence that begins with ``name``.

    >>> parse_spatial("3 x 5", "Kernel size", rank=2, minimum=1, maximum=128)
    (3, 5)
    >>> parse_spatial("3,5", "Kernel size", rank=2, minimum=1, maximum=128)
    (3, 5)
    >>> parse_spatial("1,024", "Input size", rank=2, minimum=1, maximum=4096)
    (1024,)
    >>> parse_spatial("(128, 256)", "Input size", rank=2, minimum=1, maximum=4096)
    (128, 256)
    """
    text = without_isolates(text)
    parts = _parts(text)
    if _GROUPED.fullmatch(text.strip()):
        if len(parts) == rank > 1 and not any(part.startswith("0") for part in parts):
            digits = "".join(parts)
            raise LayerError(
                f"{name} must be either one number or {rank}, and {short_repr(text)} can be read as both: "
                f"write {short_repr(digits)} or {short_repr('x'.join(parts))}."
            )
        parts = [text]
    several = "" if rank == 1 else f", or {rank} such numbers separated by x (one per axis)"
    if len(parts) not in (1, rank):
        limits = _limits(minimum, maximum)
        raise LayerError(f"{name} must be one whole number {limits}{several}, received {short_repr(text)}.")
    if len(parts) == 1:
        wanted = f"{name} must be a whole number {_limits(minimum, maximum)}"
        return (_checked(parts[0], wanted, text, minimum, maximum),)
    wanted = f"{name} must be {rank} whole numbers {_limits(minimum, maximum)}, separated by x"
    return tuple(_checked(part, wanted, text, minimum, maximum) for part in parts)


def parse_line(text: str, wanted: str, *, maximum: int) -> str:
    """Return ``text`` without space around it, if it is one line of 1 to ``maximum`` visible characters.

    Raises ``LayerError`` with a sentence that begins with ``wanted``.

    >>> parse_line("  wide, k 4 ", "A name", maximum=40)
    'wide, k 4'
    >>> parse_line("   ", "A name", maximum=40)
    Traceback (most recent call last):
    ...
    calculator.core.errors.LayerError: A name must be one line of 1 to 40 visible characters; \
nothing was entered.
    """
    line = text.strip()
    seen = any(sign.isprintable() for sign in line)
    if not seen or len(line) > maximum or not all(map(_in_a_line, line)):
        limits = f"{wanted} must be one line of 1 to {maximum} visible characters"
        raise LayerError(
            f"{limits}, received {short_repr(text)}." if line else f"{limits}; nothing was entered."
        )
    return line


def _in_a_line(sign: str) -> bool:
    """Return whether a character may be part of a line: visible, a space, or a joiner."""
    return sign.isprintable() or sign in JOINERS or unicodedata.category(sign) == "Zs"


def count_numbers(text: str) -> int:
    """Return the number of parts of ``text`` between ``x`` or ``×``, or between commas if it has neither.

    >>> count_numbers("3x5x7"), count_numbers("3, 5"), count_numbers("4"), count_numbers("(4,)")
    (3, 2, 1, 1)
    """
    return len(_parts(without_isolates(text)))


def _parts(text: str) -> list[str]:
    """Return the parts of a list; brackets around it, and a comma before the closing one, are not parts."""
    stripped = text.strip()
    if _BRACKETS.fullmatch(stripped):
        text = stripped[1:-1].strip().removesuffix(",")
    crossed = text.replace("×", "x").replace("X", "x")
    return [part.strip() for part in crossed.split("x" if "x" in crossed else ",")]


def _limits(minimum: int, maximum: int) -> str:
    return f"from {minimum:,} to {maximum:,}"


def _checked(part: str, wanted: str, text: str, minimum: int, maximum: int) -> int:
    """Return ``part`` as a number within the limits. Raises ``LayerError``, which quotes all of ``text``."""
    if not text.strip():
        raise LayerError(f"{wanted}; nothing was entered.")
    value = _read(part.strip(), maximum)
    if value is not None and minimum <= value <= maximum:
        return value
    if not text.isascii() and any(sign.isnumeric() and not sign.isascii() for sign in text):
        wanted += ", written with the digits 0–9"
    raise LayerError(f"{wanted}, received {short_repr(text)}.")


def _read(text: str, maximum: int) -> int | None:
    """Return the number, or ``None`` for other text and for a number with more digits than ``maximum``."""
    if not _PLAIN.fullmatch(text) and not _GROUPED.fullmatch(text):
        return None
    digits = re.sub("[^0-9]", "", text).lstrip("0") or "0"
    # The length is compared first because int() raises an error for thousands of digits.
    return int(digits) if len(digits) <= len(str(maximum)) else None
