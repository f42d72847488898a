"""A candidate question. It becomes an exercise only if every wrong number identifies one mistake."""

from collections import defaultdict
from dataclasses import dataclass, fields

from calculator.learn.exercise import Exercise, Question

INDISTINGUISHABLE = frozenset({"bias-per-input", "channels-swapped", "convolution-bias"})
"""Mistakes that give the same number for different reasons, so that no number can distinguish them."""


@dataclass(frozen=True, kw_only=True)
class Candidate(Question):
    """A generated question that is not yet accepted.

    ``identity`` is equal for two questions about the same layers. ``suitable`` is whether the question is
    interesting and small enough to be solved by hand.
    """

    identity: object
    suitable: bool = True

    @property
    def acceptable(self) -> bool:
        """Whether the question is suitable, and every wrong number identifies one mistake."""
        keys: defaultdict[int, set[str]] = defaultdict(set, {self.answer: {""}})
        for mistake in self.mistakes:
            keys[mistake.value].add(mistake.key)
        return self.suitable and all(
            len(same_value) == 1 or same_value <= INDISTINGUISHABLE for same_value in keys.values()
        )

    def exercise(self, *, level: int, seed: int, number: int) -> Exercise:
        """Return the question as an exercise."""
        question = {field.name: getattr(self, field.name) for field in fields(Question)}
        return Exercise(level=level, seed=seed, number=number, **question)
