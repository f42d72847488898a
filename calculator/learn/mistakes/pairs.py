"""Two common mistakes at once in one question.

The number of pairs is the square of the number of mistakes, so a question computes its pairs only for a wrong
number that no single mistake gives. Pairs take no part in choosing exercises.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import Any

from calculator.core.derivation import Step
from calculator.learn.exercise import Mistake
from calculator.learn.mistakes.decoder import (
    CountingRule,
    Decoder,
    correct_counts,
    decoder_mistakes,
    decoder_steps,
    layer_changes,
    rule_kinds,
)
from calculator.learn.mistakes.hand_count import QuestionFacts, correct_count, working
from calculator.learn.mistakes.layer import EXERCISE_KINDS, has_another_name, layer_mistakes

MAX_REMEMBERED = 64
"""Questions whose pairs are kept, because a page asks for them again after every press."""

ONE_DECISION = {
    "share_expression": "channels",
    "kernels_per_input": "channels",
    "total_factors": "weight_factors",
}
"""Fields of a count that are one decision of the student, by the field that stands for the decision."""


@dataclass(frozen=True)
class _Change:
    """A mistake as what it changes: the wrong counts of the layers, or the wrong rule."""

    key: str
    name: str
    hint: str
    wrong: tuple[Any, ...]


_Changed = tuple[_Change, list[dict[str, Any]]]
"""A mistake, and the changed fields of each of its values."""


@lru_cache(maxsize=MAX_REMEMBERED)
def layer_pairs(facts: QuestionFacts) -> tuple[Mistake, ...]:
    """Return the pairs of mistakes of an exercise about the parameters of one layer.

    >>> from calculator.core.layer import ConvTranspose
    >>> layer = ConvTranspose(in_channels=5, out_channels=3, kernel_size=4)
    >>> [pair.key for pair in layer_pairs(QuestionFacts(layer)) if pair.value == 80]
    ['bias-forgotten+out-forgotten']
    """
    count = correct_count(facts.layer)
    changes = []
    for kind in EXERCISE_KINDS:
        wrong = kind.formula(facts, count)
        if wrong is not None and not has_another_name(kind.key, facts.layer):
            changes.append(
                _Change(kind.key, kind.name_for(facts.layer), kind.hint_for(facts.layer), (wrong,))
            )

    def steps(wrong: Sequence[Any]) -> tuple[Step, ...]:
        return working(wrong[0])

    return _pairs(changes, (count,), steps, layer_mistakes(facts))


@lru_cache(maxsize=MAX_REMEMBERED)
def decoder_pairs(decoder: Decoder, rule: CountingRule, quantity: str) -> tuple[Mistake, ...]:
    """Return the pairs of mistakes of an exercise about a decoder whose values are counted by ``rule``."""
    counts = correct_counts(decoder)
    changes = [
        _Change(key, name, hint, (*wrong, rule)) for key, name, hint, wrong in layer_changes(decoder, counts)
    ]
    changes += [
        _Change(kind.key, kind.name, kind.hint, (*counts, kind.change(rule)))
        for kind in rule_kinds(decoder, rule)
    ]

    def steps(wrong: Sequence[Any]) -> tuple[Step, ...]:
        return decoder_steps(decoder, tuple(wrong[:-1]), wrong[-1], quantity)

    return _pairs(changes, (*counts, rule), steps, decoder_mistakes(decoder, rule, quantity))


def _pairs(
    changes: Iterable[_Change],
    correct: Sequence[Any],
    steps: Callable[[Sequence[Any]], tuple[Step, ...]],
    single: Iterable[Mistake],
) -> tuple[Mistake, ...]:
    """Return the pairs of ``changes`` with numbers of their own, the one with the shorter name first."""
    right = steps(correct)
    taken = {right[-1].value, *(mistake.value for mistake in single)}
    changed = [
        (change, [_changed(*two) for two in zip(correct, change.wrong, strict=True)]) for change in changes
    ]
    pairs = []
    for (first, one), (second, other) in combinations(_distinct(changed), 2):
        if any(map(_same_decision, one, other)):
            continue
        wrong = [
            value._replace(**some, **more) if some or more else value
            for value, some, more in zip(correct, one, other, strict=True)
        ]
        found = steps(wrong)
        if found[-1].value not in taken:
            key, name = f"{first.key}+{second.key}", f"{first.name} and {second.name}"
            hint = " ".join(dict.fromkeys((first.hint, second.hint)))
            pairs.append(Mistake.from_working(key, name, hint, right, found))
    return tuple(sorted(pairs, key=lambda pair: len(pair.name)))


def _changed(right: Any, wrong: Any) -> dict[str, Any]:
    """Return the fields of ``wrong`` that differ from those of ``right``."""
    if wrong is right:
        return {}
    return {name: value for name, value in wrong._asdict().items() if value != getattr(right, name)}


def _distinct(changed: Iterable[_Changed]) -> Iterator[_Changed]:
    """Yield the changes without those that differ from an earlier change in the names of steps alone."""
    seen: list[list[dict[str, Any]]] = []
    for change, parts in changed:
        values = [{name: value for name, value in part.items() if name != "labels"} for part in parts]
        if values not in seen:
            seen.append(values)
            yield change, parts


def _same_decision(some: dict[str, Any], other: dict[str, Any]) -> bool:
    """Return whether two changes of one value are about the same decision of the student."""
    decisions = {ONE_DECISION.get(name, name) for name in some}
    return any(ONE_DECISION.get(name, name) in decisions for name in other)
