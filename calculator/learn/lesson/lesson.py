"""The lesson: seven steps from one kernel to whose number it is, each with a prediction and its working."""

from dataclasses import replace

from calculator.core.formatting import format_count
from calculator.learn.lesson import layer_steps, weight_steps
from calculator.learn.lesson.step import Guess, LessonStep
from calculator.settings import Settings
from calculator.settings.examples import EXAMPLES

WORKED = EXAMPLES[:3]
"""The examples that everyone meets first."""

MADE = (
    weight_steps.kernel,
    weight_steps.inputs,
    weight_steps.outputs,
    weight_steps.bias,
    layer_steps.groups,
    layer_steps.unchanged,
    layer_steps.whose,
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
        return True, f"Yes: {format_count(given)}."
    reasons = [guess.reason for guess in step.guesses if guess.value == given]
    if reasons:
        return False, f"{format_count(given)} is {' Or it is '.join(reasons)}"
    return False, f"You predicted {format_count(given)}; it is {format_count(step.answer)}."


def _distinct(guesses: tuple[Guess, ...], answer: int) -> tuple[Guess, ...]:
    return tuple(guess for guess in guesses if guess.value != answer and guess.value > 0)
