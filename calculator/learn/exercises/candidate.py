"""A question as drawn, before it is known whether it may be asked."""

from dataclasses import dataclass

from calculator.core.derivation import Step
from calculator.core.layer import ConvTranspose
from calculator.learn.exercise import Mistake

INDISTINGUISHABLE = frozenset({"bias-per-input", "channels-swapped", "convolution-bias"})
"""Mistakes that count the same numbers for different reasons: nothing tells them apart."""


@dataclass(frozen=True)
class Candidate:
    """What will be an exercise.

    ``same`` is equal for two about the same layers; ``fair`` is whether its size allows it.
    """

    question: str
    listing: str
    asked: str
    answer: int
    working: tuple[Step, ...]
    mistakes: tuple[Mistake, ...]
    layer: ConvTranspose | None
    same: object
    fair: bool = True

    @property
    def clear(self) -> bool:
        """Whether it may be asked: a number tells which mistake was made, and never is the answer."""
        keys: dict[int, set[str]] = {self.answer: {""}}
        for mistake in self.mistakes:
            keys.setdefault(mistake.value, set()).add(mistake.key)
        return self.fair and all(len(some) == 1 or some <= INDISTINGUISHABLE for some in keys.values())
