"""A question with one whole number as its answer, the common mistakes in the answer, and the exercise."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from calculator.core.derivation import Step
from calculator.core.layer import ConvTranspose


class Mistake(NamedTuple):
    """A common mistake and its wrong number in one question.

    ``key`` identifies the kind of mistake ("bias-forgotten") in every question; ``name`` describes the kind
    in a few words. ``working`` has as many steps as the working of the question; its last step has the wrong
    ``value``. ``differs_at`` is the index (from 0) of the first step that differs from the question's
    working. ``hint`` is the advice to the student; the hint does not contain the answer.
    """

    key: str
    name: str
    value: int
    working: tuple[Step, ...]
    differs_at: int
    hint: str

    @classmethod
    def from_working(
        cls, key: str, name: str, hint: str, correct: Sequence[Step], wrong: Sequence[Step]
    ) -> "Mistake":
        """Return the mistake with the steps ``wrong`` instead of ``correct``; at least one must differ."""
        pairs = zip(correct, wrong, strict=True)
        differs_at = next(index for index, (right, other) in enumerate(pairs) if right != other)
        return cls(key, name, wrong[-1].value, tuple(wrong), differs_at, hint)


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question with one whole number as its answer.

    ``question`` is plain text in one paragraph. ``listing`` has one line for each layer, as PyTorch prints
    them; "" when the text describes the layer. ``quantity`` names the number: "parameters", "weights",
    "kernel size" … The last step of ``working`` has the answer. No mistake has the answer as its value.
    ``layer`` is the layer of the question, ``None`` when the question is about several layers. ``pairs``
    returns two mistakes at once, each pair as one mistake whose key is "first+second"; a pair never has the
    answer or the value of a single mistake. Pairs are computed when a wrong number needs them.
    """

    question: str
    answer: int
    working: tuple[Step, ...]
    mistakes: tuple[Mistake, ...]
    layer: ConvTranspose | None
    quantity: str = "parameters"
    listing: str = ""
    pairs: Callable[[], tuple[Mistake, ...]] = field(default=tuple, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Exercise(Question):
    """A question that ``level``, ``seed`` and ``number`` (from 1) determine.

    Two mistakes have the same value only when no number can distinguish them.
    """

    level: int
    seed: int
    number: int
