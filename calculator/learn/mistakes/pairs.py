"""Two common mistakes at once in one question.

The number of pairs is the square of the number of mistakes, so a question computes its pairs only for a wrong
number that no single mistake gives. Pairs take no part in choosing exercises.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import combinations
from typing import Any

from calculator.learn.exercise import DecoderLayer, Mistake
from calculator.learn.mistakes.decoder import (
    CountingRule,
    correct_counts,
    decoder_changes,
    decoder_values,
)
from calculator.learn.mistakes.hand_count import QuestionFacts, correct_count
from calculator.learn.mistakes.layer import MAX_QUESTIONS, layer_mistakes

ONE_DECISION = {
    "share_expression": "channels",
    "kernels_per_input": "channels",
    "total_factors": "weight_factors",
}
"""Fields of a count that are one decision of the student, by the field that stands for the decision."""


Changed = tuple[Mistake, dict[int, list[tuple[int, Any]]], frozenset[tuple[int, str]]]
"""A mistake, the changed fields of each count with their values, and the decisions that it gets wrong.

A count and a field are given by their index.
"""


@lru_cache(maxsize=MAX_QUESTIONS)
def layer_pairs(facts: QuestionFacts) -> tuple[Mistake, ...]:
    """Return the pairs of mistakes of an exercise about the parameters of one layer.

    >>> from calculator.core.layer import ConvTranspose
    >>> layer = ConvTranspose(in_channels=5, out_channels=3, kernel_size=4)
    >>> [pair.key for pair in layer_pairs(QuestionFacts(layer)) if pair.value == 80]
    ['bias-forgotten+out-forgotten']
    """

    def total(counts: tuple[Any, ...]) -> int:
        value: int = counts[0].parameters
        return value

    return _pairs(layer_mistakes(facts), (correct_count(facts.layer),), total)


@lru_cache(maxsize=MAX_QUESTIONS)
def decoder_pairs(
    decoder: tuple[DecoderLayer, ...], rule: CountingRule, quantity: str
) -> tuple[Mistake, ...]:
    """Return the pairs of mistakes of an exercise about a decoder whose values are counted by ``rule``."""

    def total(counts: tuple[Any, ...]) -> int:
        return sum(decoder_values(decoder, counts[:-1], counts[-1]))

    return _pairs(decoder_changes(decoder, rule, quantity), (*correct_counts(decoder), rule), total)


def _pairs(
    mistakes: Sequence[Mistake], correct: tuple[Any, ...], total: Callable[[tuple[Any, ...]], int]
) -> tuple[Mistake, ...]:
    """Return the pairs of ``mistakes`` with numbers of their own, the one with the shorter name first.

    ``total`` returns the result of the counts or, for a decoder, of the counts and the rule.
    """
    taken = {mistake.value for mistake in mistakes} | {mistakes[0].correct[-1].value}
    pairs = []
    for (first, _, decided), (second, changes, also_decided) in combinations(_distinct(mistakes, correct), 2):
        if not decided.isdisjoint(also_decided):
            continue
        counts = list(first.counts)
        for index, fields in changes.items():
            changed = list(counts[index])
            for field, value in fields:
                changed[field] = value
            counts[index] = type(counts[index])(*changed)
        wrong = tuple(counts)
        result = total(wrong)
        if result not in taken:
            pairs.append(_pair(first, second, result, wrong))
    return tuple(sorted(pairs, key=lambda pair: len(pair.name)))


def _pair(first: Mistake, second: Mistake, value: int, counts: tuple[Any, ...]) -> Mistake:
    """Return two mistakes at once as one mistake."""
    return Mistake(
        f"{first.key}+{second.key}",
        f"{first.name} and {second.name}",
        first.hint if first.hint == second.hint else f"{first.hint} {second.hint}",
        value,
        first.correct,
        counts,
        first.derive,
    )


def _distinct(mistakes: Iterable[Mistake], correct: tuple[Any, ...]) -> Iterator[Changed]:
    """Yield the mistakes without those that differ from an earlier one in the names of steps alone."""
    seen = set()
    for mistake in mistakes:
        changes: dict[int, list[tuple[int, Any]]] = {}
        names: list[tuple[int, str, Any]] = []
        for index, (right, wrong) in enumerate(zip(correct, mistake.counts, strict=True)):
            if wrong != right:
                fields = [field for field, value in enumerate(wrong) if value != right[field]]
                changes[index] = [(field, wrong[field]) for field in fields]
                names += [(index, right._fields[field], wrong[field]) for field in fields]
        values = tuple(change for change in names if change[1] != "labels")
        if values not in seen:
            seen.add(values)
            decisions = ((index, ONE_DECISION.get(name, name)) for index, name, _ in names)
            yield mistake, changes, frozenset(decisions)
