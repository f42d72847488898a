"""A calculation that a student types: whole numbers with ×, + and −.

Why this is hand-written:

- ``eval`` and ``ast`` accept a language; an answer has numbers and three signs, and no brackets;
- the factors and the sums must stay visible, because the diagnosis says which factor is missing;
- the signs that people type for × and − are not those of Python.
"""

import math
import re
from dataclasses import dataclass
from itertools import chain

from calculator.core.errors import LayerError
from calculator.core.formatting import format_count, format_product, short_repr
from calculator.core.parsing import parse_whole
from calculator.core.validation import MAX_VALUE

MAX_CHARS = 200
"""The longest text that is read as a calculation."""

# A sign between two numbers. In "1e-3" and "-5" there is no such sign.
_CALCULATED = re.compile(r"[0-9]\s*[*×·⋅xX+\u2212\u2013-]\s*[0-9]")
_SUM = re.compile("([+\u2212\u2013-])")
_PRODUCT = re.compile("[*×·⋅xX]")
_HEXADECIMAL = re.compile("0[xX]")


@dataclass(frozen=True)
class Term:
    """A product of whole numbers in a calculation, which is added or ``subtracted``.

    >>> Term((5, 3, 16)).value, str(Term((5, 3, 16)))
    (240, '5 × 3 × 16')
    """

    factors: tuple[int, ...]
    subtracted: bool = False

    @property
    def value(self) -> int:
        """The product of the factors, without the sign."""
        return math.prod(self.factors)

    def __str__(self) -> str:
        return format_product(self.factors)


@dataclass(frozen=True)
class Calculation:
    """A sum of ``terms``; a plain number is one term with one factor."""

    terms: tuple[Term, ...]

    @property
    def value(self) -> int:
        """The exact result."""
        return sum(-term.value if term.subtracted else term.value for term in self.terms)

    @property
    def is_number(self) -> bool:
        """Whether the calculation is a number and nothing is calculated."""
        return len(self.terms) == len(self.terms[0].factors) == 1

    def __str__(self) -> str:
        signs = chain([""], (" − " if term.subtracted else " + " for term in self.terms[1:]))
        return "".join(f"{sign}{term}" for sign, term in zip(signs, self.terms, strict=True))


def number(value: int) -> Calculation:
    """Return the calculation that is a plain number."""
    return Calculation((Term((value,)),))


def is_calculated(text: str) -> bool:
    """Return whether a sign stands between two numbers in ``text``, which is not a hexadecimal number.

    >>> is_calculated("5*3"), is_calculated("5 × 3 + 2"), is_calculated("3,136"), is_calculated("-5")
    (True, True, False, False)
    """
    return bool(_CALCULATED.search(text)) and not _HEXADECIMAL.match(text)


def parse_calculation(text: str, wanted: str) -> Calculation:
    """Return the calculation in ``text``, in which ``*``, ``x``, ``·`` and ``×`` multiply.

    The numbers may have thousands separators. Raises ``LayerError`` with a sentence that begins with
    ``wanted``, also for a result below 0 or above ``MAX_VALUE``.

    >>> calculation = parse_calculation("5*3x16 + 3", "The answer must be a calculation")
    >>> str(calculation), calculation.value
    ('5 × 3 × 16 + 3', 243)
    >>> parse_calculation("5*(3+2)", "The answer must be a calculation")
    Traceback (most recent call last):
    ...
    calculator.core.errors.LayerError: The answer must be a calculation, received '5*(3+2)', in which '(3' \
is not a whole number.
    """
    received = f"{wanted}, received {short_repr(text)}"
    if len(text) > MAX_CHARS:
        raise LayerError(f"{received}, which is longer than {MAX_CHARS} characters.")
    first, *rest = _SUM.split(text)
    products = [("+", first), *zip(rest[::2], rest[1::2], strict=True)]
    terms = []
    for sign, product in products:
        factors = tuple(_factor(part.strip(), received) for part in _PRODUCT.split(product))
        terms.append(Term(factors, subtracted=sign != "+"))
    calculation = Calculation(tuple(terms))
    if calculation.value < 0:
        raise LayerError(f"{received}, but a count is never below 0.")
    if calculation.value > MAX_VALUE:
        raise LayerError(f"{received}, which is larger than any answer.")
    return calculation


def _factor(text: str, received: str) -> int:
    """Return one number of a calculation. Raises ``LayerError`` with a sentence about the whole text."""
    if not text:
        raise LayerError(f"{received}, in which a number is missing beside a sign.")
    try:
        return parse_whole(text, "A number", minimum=0, maximum=MAX_VALUE)
    except LayerError as error:
        large = text.isascii() and text.isdecimal()
        problem = f"is larger than {format_count(MAX_VALUE)}" if large else "is not a whole number"
        raise LayerError(f"{received}, in which {short_repr(text)} {problem}.") from error
