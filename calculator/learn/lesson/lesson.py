"""The table of the lesson: its steps in order, with the controls, the figure and the notes of each step."""

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
class Ask:
    """A question for the class that the teacher asks aloud, and the answer to listen for."""

    question: str
    listen_for: str


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A part of the lesson with its own place on the map.

    ``short`` is the name on the map, ``recap`` what the class should remember. ``minutes`` and ``asks`` are
    for the teacher.
    """

    short: str
    title: str
    minutes: int
    asks: tuple[Ask, ...]
    recap: str = ""


@dataclass(frozen=True, kw_only=True)
class Topic(Stage):
    """One step of the lesson, for any layer.

    ``build`` returns the step for the visitor's settings. ``controls`` names the settings that the visitor
    can change in this step. ``figure`` selects the drawing: the grid of weights, the variants of the layer
    that keep the count, or the three totals of a model.
    """

    build: Callable[[Settings], LessonStep]
    controls: tuple[str, ...]
    figure: Literal["weights", "variants", "totals"] = "weights"


TOPICS = (
    Topic(
        short="Kernel",
        title="One kernel",
        minutes=4,
        asks=(
            Ask(
                "What does one number of the kernel do?",
                "It is multiplied by an input value and added to one place of the output.",
            ),
            Ask("Every side twice as long: how many weights?", "Four times as many in 2-D, eight in 3-D."),
        ),
        recap="One kernel: multiply its sides",
        build=weight_steps.kernel_step,
        controls=("kernel_size",),
    ),
    Topic(
        short="Inputs",
        title="Input channels",
        minutes=5,
        asks=(
            Ask("Red, green and blue come in: how many kernels for one output channel?", "Three."),
            Ask(
                "Why not one kernel for all of them?",
                "Each channel shows something else, so each needs its own weights.",
            ),
        ),
        recap="A kernel for each input channel: ×\u00a0in_channels",
        build=weight_steps.input_channels_step,
        controls=("in_channels", "kernel_size"),
    ),
    Topic(
        short="Outputs",
        title="Output channels",
        minutes=5,
        asks=(
            Ask("Where in the figure is one output channel?", "It is one column; its kernels work together."),
            Ask("Both channel numbers doubled: how many kernels?", "Four times as many, one for each pair."),
        ),
        recap="… and for each output channel: ×\u00a0out_channels",
        build=weight_steps.output_channels_step,
        controls=("in_channels", "out_channels"),
    ),
    Topic(
        short="Bias",
        title="The bias",
        minutes=5,
        asks=(
            Ask(
                "Why is there no bias for each input channel?",
                "A bias is added to the output, where the inputs are already summed.",
            ),
            Ask("When is a bias useless?", "Before a BatchNorm, which subtracts the mean and adds a shift."),
        ),
        recap="One bias for each output channel: +\u00a0out_channels",
        build=weight_steps.bias_step,
        controls=("in_channels", "out_channels", "bias"),
    ),
    Topic(
        short="Groups",
        title="Groups",
        minutes=6,
        asks=(
            Ask("Which pairs of channels have no kernel now?", "Pairs in different groups: the gaps."),
            Ask("Why does the number of biases stay?", "Every output channel is still there."),
        ),
        recap="Groups divide the weights once: ÷\u00a0groups",
        build=layer_steps.groups_step,
        controls=("in_channels", "out_channels", "groups"),
    ),
    Topic(
        short="Unchanged",
        title="What does not matter",
        minutes=5,
        asks=(
            Ask("What does the stride change, then?", "Where the kernel is stamped: output size and work."),
            Ask(
                "A larger image: why no more parameters?",
                "The same weights are used at every position of the image.",
            ),
        ),
        recap="Stride, padding, dilation and input size: not in the count",
        build=layer_steps.unchanged_step,
        controls=("stride", "padding", "output_padding", "dilation", "input_size"),
        figure="variants",
    ),
    Topic(
        short="Totals",
        title="Three totals",
        minutes=5,
        asks=(
            Ask(
                "Why does a BatchNorm store values that it does not train?",
                "It needs the moving mean and variance when the model is used.",
            ),
            Ask("Two reports differ by a little: who is right?", "Perhaps both: ask what each one counted."),
        ),
        recap="Say which total: transposed layers, trainable, or all",
        build=layer_steps.totals_step,
        controls=layer_steps.TOTALS_CONTROLS,
        figure="totals",
    ),
)
"""The steps of the lesson in order."""

STEP_COUNT = len(TOPICS)

ENDING = Stage(
    short="Your turn",
    title="Your turn",
    minutes=10,
    asks=(
        Ask(
            "Which question did most of you get wrong?",
            "Go back with its key: the answer says which mistake each number is.",
        ),
        Ask("Who is at the next level?", "Level 2 has groups and 3-D, level 3 whole decoders."),
    ),
)
"""The last part, which leads to the exercises."""

STAGES: tuple[Stage, ...] = (*TOPICS, ENDING)
"""All parts of the lesson. The setting ``step`` has their number as its maximum."""


def lesson_step(settings: Settings, number: int) -> LessonStep:
    """Return step ``number`` (from 1) of the lesson for the visitor's layer.

    >>> step = lesson_step(Settings(), 4)
    >>> step.question
    '3 → 64 channels, kernels of 4 × 4, bias=True. How many parameters?'
    >>> step.answer, [mistake.value for mistake in step.mistakes][:4]
    (3136, [3072, 3075, 3264, 3073])
    """
    topic = TOPICS[number - 1]
    return replace(topic.build(settings), number=number, title=topic.title)
