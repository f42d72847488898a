"""The lesson: seven steps from one kernel to whose number it is, each with a prediction and its working."""

from dataclasses import replace

from calculator.derivation import number
from calculator.examples import EXAMPLES
from calculator.learn import steps_layer, steps_weights
from calculator.learn.steps import Guess, LessonStep
from calculator.settings import Settings

WORKED = EXAMPLES[:3]
"""The examples that everyone meets first."""

MADE = (
    steps_weights.kernel,
    steps_weights.inputs,
    steps_weights.outputs,
    steps_weights.bias,
    steps_layer.groups,
    steps_layer.unchanged,
    steps_layer.whose,
)
"""What makes each step, in their order."""

STEPS = len(MADE)


def lesson_step(held: Settings, number: int) -> LessonStep:
    """Return step ``number`` (from 1) of the lesson on the layer that is set.

    >>> step = lesson_step(Settings(), 4)
    >>> step.question
    '3 → 64 channels, kernels of 4 × 4, bias=True. How many parameters?'
    >>> step.answer, [guess.value for guess in step.guesses]
    (3136, [3072, 3075, 3073, 3264])
    """
    made = MADE[number - 1](held)
    return replace(made, guesses=_distinct(made.guesses, made.answer))


def judge(step: LessonStep, given: int) -> tuple[bool, str]:
    """Return whether a prediction is right, and what to say to it.

    >>> judge(lesson_step(Settings(), 2), 16)
    (False, '16 is one kernel. Every input channel has a kernel of its own.')
    """
    if given == step.answer:
        return True, f"Yes: {number(given)}."
    reasons = [guess.reason for guess in step.guesses if guess.value == given]
    if reasons:
        return False, f"{number(given)} is {' Or it is '.join(reasons)}"
    return False, f"You predicted {number(given)}; it is {number(step.answer)}."


def _distinct(guesses: tuple[Guess, ...], answer: int) -> tuple[Guess, ...]:
    return tuple(guess for guess in guesses if guess.value != answer and guess.value > 0)
