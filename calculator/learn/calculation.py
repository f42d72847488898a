"""A calculation that a student types: whole numbers with ×, + and −, and brackets.

Why this is hand-written:

- ``eval`` and ``ast`` accept a language; an answer has numbers, three signs and brackets;
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

MAX_DEPTH = 10
"""The maximum number of brackets that are open at once."""

MAX_TERMS = 24
"""A product of brackets that has more terms than this when it is multiplied out becomes one number."""

_MINUS, _TIMES = "\u2212\u2013-", "*×·⋅xX"
# A bracket, or a sign between two numbers. In "1e-3" and "-5" there is no such sign.
_CALCULATED = re.compile(rf"[()]|[0-9]\s*[{_TIMES}+{_MINUS}]\s*[0-9]")
_SIGN = re.compile(f"([()+{_TIMES}{_MINUS}])")
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
    """A sum of ``terms``, of which the first is added; a plain number is one term with one factor."""

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
    """Return whether ``text`` has a bracket or a sign between two numbers, and is not a hexadecimal number.

    >>> is_calculated("5*3"), is_calculated("5 × (3 + 2)"), is_calculated("3,136"), is_calculated("-5")
    (True, True, False, False)
    """
    return bool(_CALCULATED.search(text)) and not _HEXADECIMAL.match(text)


def parse_calculation(text: str, wanted: str) -> Calculation:
    """Return the calculation in ``text``, in which ``*``, ``x``, ``·`` and ``×`` multiply.

    Brackets are multiplied out, so that the factors of each term are visible. The numbers may have thousands
    separators. Raises ``LayerError`` with a sentence that begins with ``wanted``, also for a result below 0
    or above ``MAX_VALUE``.

    >>> calculation = parse_calculation("(5*3x16) + 3", "The answer must be a calculation")
    >>> str(calculation), calculation.value
    ('5 × 3 × 16 + 3', 243)
    >>> str(parse_calculation("(5*3+1)*16", "The answer must be a calculation"))
    '5 × 3 × 16 + 16'
    >>> parse_calculation("5*(3+2", "The answer must be a calculation")
    Traceback (most recent call last):
    ...
    calculator.core.errors.LayerError: The answer must be a calculation, received '5*(3+2', in which a \
bracket is not closed.
    """
    received = f"{wanted}, received {short_repr(text)}"
    if len(text) > MAX_CHARS:
        raise LayerError(f"{received}, which is longer than {MAX_CHARS} characters.")
    reader = _Reader(text, received)
    # A multiplied bracket may begin with a subtracted term; a ``Calculation`` begins with an added term.
    terms = sorted(reader.sum(0), key=lambda term: term.subtracted)
    if reader.left:
        problem = (
            "a bracket is not opened" if reader.left[-1] == ")" else "a sign is missing beside a bracket"
        )
        raise LayerError(f"{received}, in which {problem}.")
    calculation = Calculation(tuple(terms))
    if calculation.value < 0:
        raise LayerError(f"{received}, but a count is never below 0.")
    if calculation.value > MAX_VALUE:
        raise LayerError(f"{received}, which is larger than any answer.")
    # What is written back must be short enough to be read again.
    return calculation if len(str(calculation)) <= MAX_CHARS else number(calculation.value)


class _Reader:
    """The numbers and signs of a text that are ``left`` to read, the last one first."""

    def __init__(self, text: str, received: str) -> None:
        self.left = [part.strip() for part in reversed(_SIGN.split(text)) if part.strip()]
        self._received = received

    def _take(self, signs: str) -> str:
        """Return the next sign when it is one of ``signs``, "" for anything else."""
        found = bool(self.left) and len(self.left[-1]) == 1 and self.left[-1] in signs
        return self.left.pop() if found else ""

    def sum(self, depth: int) -> list[Term]:
        """Return the terms of a sum inside ``depth`` brackets."""
        terms = self._product(depth)
        while sign := self._take(f"+{_MINUS}"):
            some = self._product(depth)
            terms += some if sign == "+" else [Term(term.factors, not term.subtracted) for term in some]
        return terms

    def _product(self, depth: int) -> list[Term]:
        """Return the terms of a product, multiplied out."""
        terms = self._factor(depth)
        while self._take(_TIMES):
            terms = _multiplied(terms, self._factor(depth))
        return terms

    def _factor(self, depth: int) -> list[Term]:
        """Return a number as one term, or the terms in a bracket."""
        if not self._take("("):
            place = "before a bracket" if self.left and self.left[-1] == ")" else "beside a sign"
            if not self.left or _SIGN.fullmatch(self.left[-1]):
                raise LayerError(f"{self._received}, in which a number is missing {place}.")
            return [Term((_number(self.left.pop(), self._received),))]
        if depth == MAX_DEPTH:
            raise LayerError(f"{self._received}, in which more than {MAX_DEPTH} brackets are open at once.")
        terms = self.sum(depth + 1)
        if not self._take(")"):
            problem = "a sign is missing beside a bracket" if self.left else "a bracket is not closed"
            raise LayerError(f"{self._received}, in which {problem}.")
        return terms


def _multiplied(some: list[Term], others: list[Term]) -> list[Term]:
    """Return the terms of the product of two sums."""
    if len(some) * len(others) > MAX_TERMS:
        value = Calculation(tuple(some)).value * Calculation(tuple(others)).value
        return [Term((abs(value),), value < 0)]
    products = [
        Term((*one.factors, *other.factors), one.subtracted != other.subtracted)
        for one in some
        for other in others
    ]
    if len(products) == 1:
        return products
    # The 1 of (5 × 3 + 1) × 16 says that a bracket was multiplied, and is not a factor that was thought of.
    return [
        Term(tuple(factor for factor in term.factors if factor != 1) or (1,), term.subtracted)
        for term in products
    ]


def _number(text: str, received: str) -> int:
    """Return one number of a calculation. Raises ``LayerError`` with a sentence about the whole text."""
    try:
        return parse_whole(text, "A number", minimum=0, maximum=MAX_VALUE)
    except LayerError as error:
        large = text.isascii() and text.isdecimal()
        problem = f"is larger than {format_count(MAX_VALUE)}" if large else "is not a whole number"
        raise LayerError(f"{received}, in which {short_repr(text)} {problem}.") from error
