"""The factors and sums of a typed calculation, compared with those of the question."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from calculator.core.derivation import derive_parameters
from calculator.core.formatting import format_count, join_words
from calculator.core.layer import ConvTranspose
from calculator.learn.calculation import MAX_TERMS, Calculation, Term, parse_calculation
from calculator.learn.exercise import Question
from calculator.learn.mistakes.hand_count import BIAS_ROW

MAX_REMARKS = 3
"""Differences that are named; the others are left out, and a sentence says that there are more."""

MAX_FACTORS = 12
"""A calculation that has a term with more factors than this is not compared."""

WEIGHTS, BIASES = "The weights", "The biases"
"""The names of the two terms of one layer."""


@dataclass(frozen=True)
class ExpectedTerm:
    """A term of the right calculation: what it counts, and its factors above 1 with their meanings."""

    what: str
    factors: tuple[tuple[int, str], ...]

    @property
    def value(self) -> int:
        """The product of the factors."""
        return math.prod(value for value, _ in self.factors)


def factor_remark(question: Question, calculation: Calculation) -> str:
    """Return which factors and terms are missing or too much in a wrong calculation, "" when unknown.

    Nothing is said about a plain number, or about a question that is not a sum of products.

    >>> from calculator.learn.calculation import parse_calculation
    >>> layer = ConvTranspose(in_channels=5, out_channels=3, kernel_size=4)
    >>> question = Question(
    ...     question="?", answer=243, working=derive_parameters(layer), mistakes=(), layer=layer
    ... )
    >>> factor_remark(question, parse_calculation("5*16", "?"))
    'In 5 × 16 the factor 3 is missing (out_channels). The biases are missing.'
    >>> factor_remark(question, parse_calculation("5*3*16*2+3", "?"))
    'In 5 × 3 × 16 × 2 the factor 2 is too much.'
    """
    expected = expected_terms(question)
    long = any(len(term.factors) > MAX_FACTORS for term in calculation.terms)
    if calculation.is_number or not expected or long or len(calculation.terms) > MAX_TERMS:
        return ""
    remarks = list(_remarks(expected, calculation))
    more = ["There are more differences."] if len(remarks) > MAX_REMARKS else []
    return " ".join([*remarks[:MAX_REMARKS], *more])


def expected_terms(question: Question) -> tuple[ExpectedTerm, ...]:
    """Return the terms of the right calculation; () for a question that is not about such a sum."""
    layer = question.layer
    if layer is not None:
        steps, last = derive_parameters(layer), question.working[-1]
        terms = _layer_terms(layer)
        return terms if last == steps[-1] else terms[:1] if last == steps[BIAS_ROW - 1] else ()
    if question.listing:
        return tuple(
            ExpectedTerm(f"“{step.what}”", _printed_factors(step.expression))
            for step in question.working[:-1]
            if step.value
        )
    return ()


def _layer_terms(layer: ConvTranspose) -> tuple[ExpectedTerm, ...]:
    """Return the weights of a layer, and its biases when there are any."""
    outputs = "out_channels" if layer.groups == 1 else "out_channels ÷ groups"
    side = "kernel_size" if layer.rank == 1 else "a side of the kernel"
    named = [
        (layer.in_channels, "in_channels"),
        (layer.weight_shape[1], outputs),
        *((length, side) for length in layer.kernel_size),
    ]
    weights = ExpectedTerm(WEIGHTS, tuple(factor for factor in named if factor[0] > 1))
    biases = ExpectedTerm(BIASES, ((layer.bias_count, "out_channels"),) if layer.bias_count > 1 else ())
    return (weights, biases) if layer.bias else (weights,)


def _printed_factors(expression: str) -> tuple[tuple[int, str], ...]:
    """Return the factors above 1 of a step of a decoder, which is a product."""
    [term] = parse_calculation(expression, "A step").terms
    return tuple((factor, "") for factor in term.factors if factor > 1)


def _remarks(expected: Sequence[ExpectedTerm], calculation: Calculation) -> Iterator[str]:
    """Yield a sentence for each difference between the right terms and the terms of a calculation."""
    # Equal values are paired first, however they are written: 80 stands for 5 × 16.
    missing = list(expected)
    left = []
    for term in calculation.terms:
        equal = next((one for one in missing if one.value == term.value and not term.subtracted), None)
        if equal is None:
            left.append(term)
        else:
            missing.remove(equal)
    for term in left:
        if term.subtracted:
            yield f"− {term} is too much: a count of parameters is a sum of products."
            continue
        # A term that shares no factor with any expected term is not compared with one, except that a single
        # number is probably meant as the number of biases.
        like = max(missing, key=lambda one: _likeness(term, one), default=None)
        biases = next((one for one in missing if one.what == BIASES), None)
        if like is not None and _likeness(term, like)[0]:
            missing.remove(like)
            yield from _factor_remarks(term, like)
        elif biases is not None and len(term.factors) == 1:
            missing.remove(biases)
            yield f"{term} is not the number of biases: there is one for each output channel."
        else:
            yield f"{term} is too much: it is not a part of the count."
    for one in missing:
        yield f"{one.what} {'are' if one.what in (WEIGHTS, BIASES) else 'is'} missing."


def _likeness(term: Term, expected: ExpectedTerm) -> tuple[int, int]:
    """Return how many factors of two terms agree, and minus the number of those that do not."""
    missing, extra = _differences(term, expected)
    return len(expected.factors) - len(missing), -len(missing) - len(extra)


def _differences(term: Term, expected: ExpectedTerm) -> tuple[list[int], list[int]]:
    """Return the factors that are missing in ``term``, and its factors that are too much.

    One number may stand for two or three factors, and two numbers for one.
    """
    missing = Counter(value for value, _ in expected.factors)
    extra = Counter(factor for factor in term.factors if factor != 1)
    equal = missing & extra
    missing, extra = missing - equal, extra - equal
    # Students write 16 for 4 × 4, or 2 × 2 for 4. A weight has at most five factors, of which one is equal in
    # most cases, so four factors in one number are enough.
    for size in range(2, 5):
        _cancel(missing, extra, size)
    _cancel(extra, missing, 2)
    return sorted(missing.elements()), sorted(extra.elements())


def _cancel(parts: "Counter[int]", products: "Counter[int]", size: int) -> None:
    """Remove each product of ``size`` parts that is in ``products``, and its parts, from both counters."""
    for product in sorted(products.elements(), reverse=True):
        for some in combinations(sorted(parts.elements()), size):
            if math.prod(some) == product:
                parts.subtract(some)
                products.subtract([product])
                break


def _factor_remarks(term: Term, expected: ExpectedTerm) -> Iterator[str]:
    """Yield a sentence for the factors that are missing in ``term``, and for those that are too much."""
    missing, extra = _differences(term, expected)
    if missing:
        names = dict.fromkeys(name for value, name in expected.factors if value in missing and name)
        meaning = f" ({' or '.join(names) if len(missing) == 1 else ', '.join(names)})" if names else ""
        yield f"In {term} {_factors(missing)} missing{meaning}."
    if extra:
        yield f"In {term} {_factors(extra)} too much."


def _factors(values: Sequence[int]) -> str:
    """Return some factors with their verb, "the factor 3 is" or "the factors 3 and 4 are"."""
    numbers = join_words([format_count(value) for value in values])
    return f"the factor {numbers} is" if len(values) == 1 else f"the factors {numbers} are"
