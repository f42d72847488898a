"""The first steps of the lesson, from one kernel to weights and biases."""

from dataclasses import replace

from calculator.core.formatting import format_count, format_product, format_share, plural
from calculator.core.layer import ConvTranspose
from calculator.learn.lesson.step import LessonStep, count_step
from calculator.learn.mistakes.hand_count import QuestionFacts
from calculator.settings import Settings

KERNEL_ROW, WEIGHTS_ROW = slice(0, 1), slice(3, 4)
KERNELS_TO_WEIGHTS, WEIGHTS_TO_TOTAL = slice(2, 4), slice(3, 6)
"""Rows of ``derive_parameters``."""


def kernel_step(settings: Settings) -> LessonStep:
    """Return the step about the weights in one kernel."""
    layer = _without_groups(settings, in_channels=1, out_channels=1, bias=False)
    length = "length " if layer.rank == 1 else ""
    return count_step(
        QuestionFacts(layer),
        KERNEL_ROW,
        (
            "kernel-added",
            "kernel-two-sides",
            "kernel-side",
            "kernel-square",
            "kernel-colours",
            "kernel-side-2",
            "kernel-two-sides-2",
            "bias-in-kernel",
            "kernel-twice",
            "kernel-ends",
        ),
        idea="A kernel is a small block of weights. The layer stamps it onto the output once for every input "
        "value.",
        question=f"How many weights does one kernel of {length}{format_product(layer.kernel_size)} have?",
        conclusion="A kernel has one weight at each of its positions, so multiply its sides. Doubling every "
        f"side gives {2**layer.rank} times as many weights.",
    )


def input_channels_step(settings: Settings) -> LessonStep:
    """Return the step about one kernel for each input channel."""
    layer = _without_groups(settings, out_channels=1, bias=False)
    return count_step(
        QuestionFacts(layer),
        WEIGHTS_ROW,
        ("in-forgotten", "weights-added", "kernel-side", "kernel-added"),
        idea="Every input channel has its own kernel. The output is the sum of what all of them stamp.",
        question=f"{_channels(layer.in_channels, 'input')}, one output channel, {kernels_text(layer)}. "
        "How many weights?",
        conclusion="Twice as many input channels need twice as many weights.",
        layer_note=_groups_note(settings),
    )


def output_channels_step(settings: Settings) -> LessonStep:
    """Return the step about one kernel for each pair of channels."""
    layer = _without_groups(settings, bias=False)
    return count_step(
        QuestionFacts(layer),
        KERNELS_TO_WEIGHTS,
        ("channels-added", "in-forgotten", "out-forgotten", "kernel-forgotten"),
        idea="Every output channel is computed from all input channels, with its own kernels.",
        question=f"{_channels(layer.in_channels, 'input')}, {_channels(layer.out_channels, 'output')}, "
        f"{kernels_text(layer)}. How many weights?",
        conclusion="There is one kernel for every pair of channels. Doubling both channel counts gives four "
        "times as many weights.",
        layer_note=_groups_note(settings),
    )


def bias_step(settings: Settings) -> LessonStep:
    """Return the step about one bias for each output channel."""
    layer = _without_groups(settings)
    conclusion = (
        "This layer has no biases. A bias before a BatchNorm has no effect, so many decoders have none."
    )
    if layer.bias:
        weights, biases = plural(layer.weight_count, "weight"), plural(layer.bias_count, "bias")
        share = format_share(layer.bias_count, layer.parameter_count)
        conclusion = f"{weights} and {biases}. The biases are {share} of the parameters."
    return count_step(
        QuestionFacts(layer),
        WEIGHTS_TO_TOTAL,
        (
            "bias-forgotten",
            "bias-counted",
            "bias-per-input",
            "bias-counted-per-input",
            "bias-per-kernel",
            "bias-single",
            "channels-added",
            "in-forgotten",
        ),
        idea="A bias is a single number that is added to every value of one output channel. There is one "
        "bias for each output channel.",
        question=f"{layer_text(layer)}, bias={layer.bias}. How many parameters?",
        conclusion=conclusion,
        layer_note=_groups_note(settings),
    )


def layer_text(layer: ConvTranspose) -> str:
    """Return the channels and the kernel of a layer for a question.

    >>> layer_text(ConvTranspose(in_channels=3, out_channels=64, kernel_size=4))
    '3 → 64 channels, kernels of 4 × 4'
    """
    channels = f"{format_count(layer.in_channels)} → {format_count(layer.out_channels)} channels"
    return f"{channels}, {kernels_text(layer)}"


def kernels_text(layer: ConvTranspose) -> str:
    """Return the size of the kernels of a layer for a question.

    >>> kernels_text(ConvTranspose(in_channels=3, out_channels=64, kernel_size=(16,)))
    'kernels of length 16'
    """
    return f"kernels of {'length ' if layer.rank == 1 else ''}{format_product(layer.kernel_size)}"


def _groups_note(settings: Settings) -> str:
    """Return the note that the step ignores the visitor's groups, "" when there is one group."""
    return "" if settings.used_groups == 1 else "This step ignores your groups. A later step explains them."


def _without_groups(settings: Settings, **changes: object) -> ConvTranspose:
    """Return the visitor's layer with one group and the ``changes``, without settings that do not count."""
    return replace(settings.counted_layer(), groups=1, **changes)  # type: ignore[arg-type]


def _channels(count: int, side: str) -> str:
    return plural(count, f"{side} channel")
