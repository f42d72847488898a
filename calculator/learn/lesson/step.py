"""What a step of the lesson is: its idea, its question, its exact answer, and the guesses people make."""

from dataclasses import dataclass

from calculator.core.derivation import Step
from calculator.core.layer import ConvTranspose
from calculator.core.totals import Tally

TITLES = (
    "One kernel",
    "Input channels",
    "Output channels",
    "The bias",
    "Groups",
    "What does not matter",
    "Whose number is it?",
)
"""What each step is about."""


@dataclass(frozen=True)
class Guess:
    """A wrong prediction that people make, and the sentence that says where it comes from."""

    value: int
    reason: str


@dataclass(frozen=True)
class LessonStep:
    """One step: its idea, a question with an exact answer, and what the reveal shows.

    ``layer`` is what the figure draws. ``instead`` says why it is not the layer that is set, "" when it is.
    ``tallies`` are the three numbers of the last step.
    """

    number: int
    title: str
    idea: str
    question: str
    answer: int
    working: tuple[Step, ...]
    so: str
    guesses: tuple[Guess, ...]
    layer: ConvTranspose
    instead: str = ""
    tallies: tuple[Tally, ...] = ()
