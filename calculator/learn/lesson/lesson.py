"""The table of the lesson: its steps in order, with the controls and the figure of each step."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from calculator.learn.lesson import layer_steps, weight_steps
from calculator.learn.lesson.step import LessonStep
from calculator.settings import Settings
from calculator.settings.examples import EXAMPLES

WORKED_EXAMPLES = EXAMPLES[:3]
"""The examples that the lesson offers, in the order of the gallery."""


@dataclass(frozen=True)
class Topic:
    """One step of the lesson, for any layer.

    ``build`` returns the step for the visitor's settings. ``controls`` names the settings that the visitor
    can change in this step. ``figure`` selects the drawing: the grid of weights, the variants of the layer
    that keep the count, or the three totals of a model.
    """

    title: str
    build: Callable[[Settings], LessonStep]
    controls: tuple[str, ...]
    figure: Literal["weights", "variants", "totals"] = "weights"


TOPICS = (
    Topic("One kernel", weight_steps.kernel_step, ("kernel_size",)),
    Topic("Input channels", weight_steps.input_channels_step, ("in_channels", "kernel_size")),
    Topic("Output channels", weight_steps.output_channels_step, ("in_channels", "out_channels")),
    Topic("The bias", weight_steps.bias_step, ("in_channels", "out_channels", "bias")),
    Topic("Groups", layer_steps.groups_step, ("in_channels", "out_channels", "groups")),
    Topic(
        "What does not matter",
        layer_steps.unchanged_step,
        ("stride", "padding", "output_padding", "dilation", "input_size"),
        "variants",
    ),
    Topic("Three totals", layer_steps.totals_step, ("batch_norm", "frozen", "second"), "totals"),
)
"""The steps of the lesson in order. The setting ``step`` has their number as its maximum."""

STEP_COUNT = len(TOPICS)


def lesson_step(settings: Settings, number: int) -> LessonStep:
    """Return step ``number`` (from 1) of the lesson for the visitor's layer.

    >>> step = lesson_step(Settings(), 4)
    >>> step.question
    '3 → 64 channels, kernels of 4 × 4, bias=True. How many parameters?'
    >>> step.answer, [mistake.value for mistake in step.mistakes]
    (3136, [3072, 3075, 3073, 3264])
    """
    topic = TOPICS[number - 1]
    return replace(topic.build(settings), number=number, title=topic.title)
