"""A question with one whole number as its answer, the common mistakes in the answer, and the exercise."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from calculator.core.derivation import Step
from calculator.core.layer import ConvTranspose

Steps = tuple[Step, ...]
"""A working; its last step has the result."""


@dataclass(frozen=True)
class Mistake:
    """A common mistake and its wrong number in one question.

    ``key`` identifies the kind of mistake ("bias-forgotten") in every question; ``name`` describes the kind
    in a few words. ``hint`` is the advice to the student; the hint does not contain the answer. ``correct``
    is the working of the question. ``derive`` returns the wrong working for ``counts``, the wrong counts of
    the layers and, in a decoder, the wrong rule: a question has dozens of mistakes, and few are shown.
    """

    key: str
    name: str
    hint: str
    value: int
    correct: Steps = field(repr=False)
    counts: tuple[Any, ...] = field(repr=False)
    derive: Callable[[tuple[Any, ...]], Steps] = field(compare=False, repr=False)

    @classmethod
    def from_working(cls, key: str, name: str, hint: str, correct: Steps, wrong: Steps) -> "Mistake":
        """Return the mistake with the steps ``wrong`` instead of ``correct``; at least one must differ."""
        return cls(key, name, hint, wrong[-1].value, correct, wrong, tuple)

    @cached_property
    def working(self) -> Steps:
        """The wrong working, with as many steps as the working of the question."""
        return self.derive(self.counts)

    @property
    def differs_at(self) -> int:
        """The index (from 0) of the first step that differs from the question's working."""
        steps = zip(self.correct, self.working, strict=True)
        return next(index for index, (right, wrong) in enumerate(steps) if right != wrong)


@dataclass(frozen=True)
class DecoderLayer:
    """A layer of a decoder that has parameters, with its ``index`` in the listing.

    ``layer`` is the transposed convolution, or ``None`` for a BatchNorm over ``channels``.
    """

    index: int
    layer: ConvTranspose | None
    channels: int
    frozen: bool = False


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question with one whole number as its answer.

    ``question`` is plain text in one paragraph. ``listing`` has one line for each layer, as PyTorch prints
    them; "" when the text describes the layer. ``quantity`` names the number: "parameters", "weights",
    "kernel size" … The last step of ``working`` has the answer. No mistake has the answer as its value.
    ``layer`` is the layer of the question, ``None`` when the question is about several layers; ``decoder``
    has the layers of the listing. ``pairs`` returns two mistakes at once, each pair as one mistake whose key
    is "first+second"; a pair never has the answer or the value of a single mistake. Pairs are computed when a
    wrong number needs them.
    """

    question: str
    answer: int
    working: tuple[Step, ...]
    mistakes: tuple[Mistake, ...]
    layer: ConvTranspose | None
    quantity: str = "parameters"
    listing: str = ""
    decoder: tuple[DecoderLayer, ...] = ()
    pairs: Callable[[], tuple[Mistake, ...]] = field(default=tuple, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Exercise(Question):
    """A question that ``level``, ``seed`` and ``number`` (from 1) determine.

    Two mistakes have the same value only when no number can distinguish them.
    """

    level: int
    seed: int
    number: int
