"""The diagnosis of an answer: correct, the result of one or two known mistakes, or unknown."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from calculator.core.derivation import Step, derive_parameters
from calculator.core.formatting import format_count, plural
from calculator.learn.calculation import Calculation
from calculator.learn.exercise import Mistake, Question
from calculator.learn.mistakes.factors import factor_remark

MAX_REPEATED = 10**40
"""An answer from this size on is not repeated in a sentence."""

MAX_PAIRS = 2
"""Pairs of mistakes with the same number that are named; a sentence says that there are more."""

MAX_RATIO = 1_000_000
"""The largest ratio of a wrong number to the right one that is named."""


@dataclass(frozen=True)
class Diagnosis:
    """Whether an answer is correct, the mistakes that give the same number, a sentence for the student.

    A mistake is a pair of mistakes (``Question.pairs``) when no single mistake gives the number.
    """

    correct: bool
    mistakes: tuple[Mistake, ...]
    sentence: str


def diagnose(
    question: Question, answer: int, *, revealed: bool = False, calculation: Calculation | None = None
) -> Diagnosis:
    """Return the diagnosis of an ``answer`` to a question, and of the ``calculation`` that has it as result.

    The sentence contains the correct answer only when the student has it already: after a correct answer,
    or when the page shows the answer (``revealed``).

    >>> from calculator.core.derivation import Step, derive_parameters
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
    pairs: tuple[Mistake, ...] = ()
    if not mistakes and not reached_step(question, answer):
        pairs = tuple(pair for pair in question.pairs() if pair.value == answer)
        mistakes = pairs[:MAX_PAIRS]
    if mistakes:
        sentence = _known(question, mistakes, all_hints=revealed)
        sentence += " Other pairs of mistakes give this number too." if len(pairs) > MAX_PAIRS else ""
    elif revealed:
        sentence = f"You predicted {_repeated(answer)}. The answer is {format_count(question.answer)}."
    else:
        sentence = _unknown(question, answer)
    remark = factor_remark(question, calculation) if calculation else ""
    sentence = f"{sentence} {remark}" if remark else sentence
    return Diagnosis(False, mistakes, sentence if revealed else f"Not yet: {sentence}")


def why_right(question: Question) -> str:
    """Return in one line why the answer is right.

    >>> from calculator.core.derivation import Step, derive_parameters
    >>> from calculator.core.layer import ConvTranspose
    >>> layer = ConvTranspose(in_channels=6, out_channels=10, kernel_size=3)
    >>> working = derive_parameters(layer)
    >>> why_right(Question(question="?", answer=550, working=working, mistakes=(), layer=layer))
    '6 × 10 kernels of 9 weights are 540 weights, and each of the 10 output channels has one bias: 540 + 10.'
    """
    last = question.working[-1]
    if question.layer is None or question.working != derive_parameters(question.layer):
        return f"{last.what} = {last.expression} = {format_count(last.value)}."
    kernel, _, kernels, weights, biases, _ = question.working
    total = f"{kernels.expression} kernels of {plural(kernel.value, 'weight')}"
    channels = (
        "the output channel" if biases.value == 1 else f"each of the {biases.expression} output channels"
    )
    bias = f"{channels} has one bias: {last.expression}" if biases.value else "bias=False adds nothing"
    return f"{total} are {plural(weights.value, 'weight')}, and {bias}."


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
    """Return how much too large or too small an unknown number is, and from which step to continue."""
    sized = f"{_repeated(answer)} is {_size(question.answer, answer)}"
    if step := reached_step(question, answer):
        reached = f"It is the result of the step “{step.what}”"
        return f"{sized}. {reached}, which is not the last step: continue from there."
    first = question.working[0].what
    return f"{sized}, and no known mistake gives this number. Begin again at the first step, “{first}”."


def reached_step(question: Question, answer: int) -> Step | None:
    """Return the last step of the working whose value is ``answer``, ``None`` for no step.

    Many calculations give 0 or 1, so these numbers do not show that a step was reached.
    """
    return next((step for step in reversed(question.working) if step.value == answer > 1), None)


def _size(right: int, answer: int) -> str:
    """Return by which factor a number is too large or too small, such as "16 times too small".

    The factor is left out when it is the right number, which it would give away.
    """
    side = "large" if answer > right else "small"
    smaller, larger = sorted((max(answer, 0), right))
    ratio = Fraction(larger, smaller) if smaller > 1 else Fraction(1)
    times, exact = round(ratio), ratio.denominator == 1
    if not 2 <= times <= MAX_RATIO or right in (times, 0):
        return f"too {side}"
    return f"{times_text(format_count(times), exact=exact)}too {side}"


def times_text(times: str, *, exact: bool) -> str:
    """Return the words before "too small" that say how many times.

    >>> times_text("16", exact=True), times_text("1,000", exact=False)
    ('16 times ', 'about 1,000 times ')
    """
    return f"{'' if exact else 'about '}{times} times "


def _repeated(answer: int) -> str:
    return format_count(answer) if abs(answer) < MAX_REPEATED else "that number"
