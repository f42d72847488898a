"""The diagnosis of an answer: correct, the result of a known mistake, or unknown."""

from collections.abc import Sequence
from dataclasses import dataclass

from calculator.core.formatting import format_count
from calculator.learn.exercise import Mistake, Question

MAX_REPEATED = 10**40
"""An answer from this size on is not repeated in a sentence."""


@dataclass(frozen=True)
class Diagnosis:
    """Whether an answer is correct, the mistakes that give the same number, a sentence for the student."""

    correct: bool
    mistakes: tuple[Mistake, ...]
    sentence: str


def diagnose(question: Question, answer: int, *, revealed: bool = False) -> Diagnosis:
    """Return the diagnosis of an ``answer`` to a question.

    The sentence contains the correct answer only when the student has it already: after a correct answer,
    or when the page shows the answer (``revealed``).

    >>> from calculator.core.derivation import derive_parameters
    >>> from calculator.core.layer import ConvTranspose
    >>> from calculator.learn.mistakes.hand_count import QuestionFacts
    >>> from calculator.learn.mistakes.layer import layer_mistakes
    >>> layer = ConvTranspose(in_channels=6, out_channels=10, kernel_size=3)
    >>> question = Question(
    ...     question="How many parameters?",
    ...     answer=550,
    ...     working=derive_parameters(layer),
    ...     mistakes=layer_mistakes(QuestionFacts(layer)),
    ...     layer=layer,
    ... )
    >>> diagnose(question, 550).sentence
    'Right: 550.'
    >>> diagnose(question, 540).sentence
    'Not yet: 540 is the result with the biases forgotten. The steps up to “Weights” are right. The first \
different step is “Biases, one per output channel”. Unless bias=False, there is also one bias for each \
output channel.'
    >>> diagnose(question, 7, revealed=True).sentence
    'You predicted 7. The answer is 550.'
    """
    if answer == question.answer:
        return Diagnosis(True, (), f"Right: {format_count(answer)}.")
    mistakes = tuple(mistake for mistake in question.mistakes if mistake.value == answer)
    if mistakes:
        sentence = _known(question, mistakes, all_hints=revealed)
    elif revealed:
        sentence = f"You predicted {_repeated(answer)}. The answer is {format_count(question.answer)}."
    else:
        sentence = _unknown(question, answer)
    return Diagnosis(False, mistakes, sentence if revealed else f"Not yet: {sentence}")


def _known(question: Question, mistakes: Sequence[Mistake], *, all_hints: bool) -> str:
    """Return the names of the mistakes, the first different step, and the first hint or all hints."""
    first = mistakes[0]
    step = f"“{question.working[first.differs_at].what}”"
    if first.differs_at:
        previous = question.working[first.differs_at - 1].what
        where = f"The steps up to “{previous}” are right. The first different step is {step}."
    else:
        where = f"The first step, {step}, is already different."
    hints = dict.fromkeys(mistake.hint for mistake in mistakes) if all_hints else (first.hint,)
    return f"{format_count(first.value)} is the result with {_names(mistakes)}. {where} {' '.join(hints)}"


def _names(mistakes: Sequence[Mistake]) -> str:
    """Return the names of the mistakes as alternatives: "a, with b, or with c"."""
    *others, last = dict.fromkeys(mistake.name for mistake in mistakes)
    return f"{', with '.join(others)}, or with {last}" if others else last


def _unknown(question: Question, answer: int) -> str:
    """Return whether an unknown number is too large or too small, and from which step to continue."""
    side = "large" if answer > question.answer else "small"
    # Many calculations give 0 or 1, so these numbers do not show that a step was reached.
    steps = [step.what for step in question.working if step.value == answer > 1]
    if steps:
        advice = (
            f"It is the result of the step “{steps[-1]}”, which is not the last step: continue from there."
        )
    else:
        advice = f"Begin again at the first step, “{question.working[0].what}”."
    return f"{_repeated(answer)} is too {side}, and no known mistake gives this number. {advice}"


def _repeated(answer: int) -> str:
    return format_count(answer) if abs(answer) < MAX_REPEATED else "that number"
