"""What an exercise is: its question, its exact answer, the working, and the mistakes people make in it."""

from dataclasses import dataclass

from calculator.core.derivation import Step
from calculator.core.layer import ConvTranspose


@dataclass(frozen=True)
class Mistake:
    """A common mistake, and what it gives in one exercise.

    ``key`` names the kind ("bias-forgotten"), the same in every exercise; ``name`` says it in a few words.
    ``working`` are its steps as wrongly done, the last one has the ``value``; ``parts_at`` is the number
    (from 0) of the exercise's step from which it differs. ``hint`` says what to mend, without the answer.
    """

    key: str
    name: str
    value: int
    working: tuple[Step, ...]
    parts_at: int
    hint: str


@dataclass(frozen=True)
class Exercise:
    """One question with one whole number as its answer.

    ``question`` is plain text in one paragraph; ``listing`` has the layers a line each, as PyTorch prints
    them ("" where the question says it all). ``asked`` is what the number is: "parameters", "weights",
    "kernel size" … ``working`` ends with the answer. No mistake has the answer as its value; two mistakes
    may have the same value only where they cannot be told apart. ``layer`` is the layer the question is
    about, ``None`` where there are several.
    """

    level: int
    seed: int
    number: int
    question: str
    listing: str
    asked: str
    answer: int
    working: tuple[Step, ...]
    mistakes: tuple[Mistake, ...]
    layer: ConvTranspose | None = None
