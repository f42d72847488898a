"""The catalogue of common mistakes in counting one layer: a formula, a name and a hint for each."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

from calculator.core.formatting import format_product
from calculator.core.layer import ConvTranspose
from calculator.learn.exercise import Mistake, Steps
from calculator.learn.mistakes import layer_formulas
from calculator.learn.mistakes.hand_count import (
    MAX_REMEMBERED,
    HandCount,
    QuestionFacts,
    correct_count,
    working,
)

Formula = Callable[[QuestionFacts, HandCount], HandCount | None]
"""From the correct count to the wrong count; ``None`` when the mistake is impossible."""

MAX_QUESTIONS = 64
"""Questions whose mistakes are kept, because a page asks for them again after every press."""

ALL_ROWS = slice(None)
"""All six rows of the working of one layer."""

POWER_WORDS = {1: "", 2: " squared", 3: " cubed"}
"""The power of a value that is multiplied once for each axis, by rank."""


@dataclass(frozen=True)
class MistakeKind:
    """A kind of mistake in counting one layer: its ``formula``, its name and the hint against it.

    ``name`` and ``hint`` may have placeholders for facts of the layer. A ``lesson_only`` kind is not looked
    for in exercises: an exercise is chosen so that every wrong number identifies one mistake, so a new kind
    would change the exercises of existing seeds, which are printed on worksheets.
    """

    key: str
    name: str
    hint: str
    formula: Formula
    lesson_only: bool = False

    def name_for(self, layer: ConvTranspose) -> str:
        """Return the name of the mistake in this layer."""
        if "{" not in self.name:
            return self.name
        sides = [*dict.fromkeys(layer.kernel_size)] * 2
        side, other_side = (
            f"{length} instead of {format_product(layer.kernel_size)}" for length in sides[:2]
        )
        return self.name.format(side=side, other_side=other_side, power=POWER_WORDS[layer.rank])

    def hint_for(self, layer: ConvTranspose) -> str:
        """Return the hint against the mistake in this layer."""
        if "{" not in self.hint:
            return self.hint
        grouped = layer.groups > 1
        return self.hint.format(
            inputs="the input channels of a group" if grouped else "in_channels",
            of_group=" of its group" if grouped else "",
        )


KINDS = (
    MistakeKind(
        "bias-forgotten",
        "the biases forgotten",
        "Unless bias=False, there is also one bias for each output channel.",
        layer_formulas.bias_forgotten,
    ),
    MistakeKind(
        "bias-counted",
        "biases counted although bias=False",
        "With bias=False the layer has no biases: its weights are all its parameters.",
        layer_formulas.bias_counted,
    ),
    MistakeKind(
        "bias-counted-per-input",
        "a bias counted for each input channel although bias=False",
        "With bias=False the layer has no biases: its weights are all its parameters.",
        layer_formulas.bias_counted_per_input,
        lesson_only=True,
    ),
    MistakeKind(
        "bias-per-input",
        "a bias for each input channel",
        "A bias is added to the output: there is one for each output channel.",
        layer_formulas.bias_per_input,
    ),
    MistakeKind(
        "channels-swapped",
        "in_channels and out_channels swapped",
        "Swapping the channels keeps the number of weights but not of biases: there are out_channels biases.",
        layer_formulas.channels_swapped,
    ),
    MistakeKind(
        "convolution-bias",
        "the biases of the ordinary convolution",
        "The ordinary convolution goes from out_channels to in_channels; this layer goes the other way.",
        layer_formulas.convolution_bias,
    ),
    MistakeKind(
        "bias-single",
        "one bias for the whole layer",
        "There is one bias for each output channel, not one for the layer.",
        layer_formulas.bias_single,
    ),
    MistakeKind(
        "bias-per-kernel",
        "a bias for each kernel",
        "A bias belongs to an output channel, not to a kernel: there is one for each output channel.",
        layer_formulas.bias_per_kernel,
    ),
    MistakeKind(
        "one-kernel",
        "only one kernel counted",
        "Every input channel has a kernel for each output channel{of_group}.",
        layer_formulas.one_kernel,
    ),
    MistakeKind(
        "in-forgotten",
        "the input channels forgotten",
        "Every input channel has its own kernels: multiply by {inputs} too.",
        layer_formulas.in_forgotten,
    ),
    MistakeKind(
        "out-forgotten",
        "the output channels forgotten",
        "An input channel has a kernel for each output channel{of_group}.",
        layer_formulas.out_forgotten,
    ),
    MistakeKind(
        "channels-added",
        "the channels added instead of multiplied",
        "There is a kernel for every pair of an input and an output channel: multiply the channels.",
        layer_formulas.channels_added,
        lesson_only=True,
    ),
    MistakeKind(
        "weights-added",
        "the kernels and the weights of one kernel added",
        "Every kernel has the same number of weights: multiply that number by the number of kernels.",
        layer_formulas.weights_added,
        lesson_only=True,
    ),
    MistakeKind(
        "kernel-forgotten",
        "the number of kernels without their weights",
        "Every kernel has a weight at each of its positions: multiply by the weights in one kernel.",
        layer_formulas.kernel_forgotten,
        lesson_only=True,
    ),
    MistakeKind(
        "kernel-side",
        "one side of the kernel only: {side}",
        "A kernel has a weight at each of its positions: multiply all its sides.",
        layer_formulas.kernel_side,
    ),
    MistakeKind(
        "kernel-side-2",
        "one side of the kernel only: {other_side}",
        "A kernel has a weight at each of its positions: multiply all its sides.",
        layer_formulas.kernel_other_side,
    ),
    MistakeKind(
        "kernel-two-sides",
        "two sides of the kernel instead of three",
        "A 3-D kernel has three sides: multiply all of them.",
        layer_formulas.kernel_two_sides,
    ),
    MistakeKind(
        "kernel-two-sides-2",
        "two sides of the kernel instead of three",
        "A 3-D kernel has three sides: multiply all of them.",
        layer_formulas.kernel_two_other_sides,
    ),
    MistakeKind(
        "kernel-added",
        "the sides of the kernel added",
        "A kernel has a weight at each of its positions: multiply its sides.",
        layer_formulas.kernel_added,
    ),
    MistakeKind(
        "kernel-square",
        "a square kernel assumed",
        "Read kernel_size again: multiply exactly the sides in kernel_size.",
        layer_formulas.kernel_square,
    ),
    MistakeKind(
        "kernel-colours",
        "the three colours of an image counted in one kernel",
        "A kernel joins one input channel to one output channel: every colour has a kernel of its own.",
        layer_formulas.kernel_colours,
        lesson_only=True,
    ),
    MistakeKind(
        "bias-in-kernel",
        "a bias counted in each kernel",
        "A kernel has weights only: a bias belongs to an output channel.",
        layer_formulas.bias_in_kernel,
        lesson_only=True,
    ),
    MistakeKind(
        "kernel-twice",
        "each kernel counted twice, for its input and its output channel",
        "One kernel joins an input channel to an output channel: count the kernel once.",
        layer_formulas.kernel_twice,
        lesson_only=True,
    ),
    MistakeKind(
        "kernel-ends",
        "one position too many along each side of the kernel",
        "kernel_size is the number of positions along a side: count the cells, not the lines around them.",
        layer_formulas.kernel_ends,
        lesson_only=True,
    ),
    MistakeKind(
        "dilation-counted",
        "the gaps of the dilated kernel counted",
        "Dilation moves the weights of a kernel apart. It does not add weights.",
        layer_formulas.dilation_counted,
    ),
    MistakeKind(
        "output-size",
        "the weights multiplied by the output size",
        "The same weights are used at every position: the image size does not matter.",
        layer_formulas.output_size,
    ),
    MistakeKind(
        "output-size-all",
        "everything multiplied by the output size",
        "The same weights and biases are used at every position: the image size does not matter.",
        layer_formulas.output_size_all,
    ),
    MistakeKind(
        "input-size",
        "the weights multiplied by the input size",
        "That counts multiplications, not parameters: the same weights are used at every position.",
        layer_formulas.input_size,
    ),
    MistakeKind(
        "multiply-accumulates",
        "the multiply–accumulates counted instead of the parameters",
        "Multiply–accumulates measure the work for one input. The same weights are used at every position.",
        layer_formulas.multiply_accumulates,
        lesson_only=True,
    ),
    MistakeKind(
        "stride-squared",
        "the weights multiplied by the stride{power}",
        "The stride decides where the kernels are placed, not how many weights they have.",
        layer_formulas.stride_squared,
    ),
    MistakeKind(
        "stride-squared-all",
        "everything multiplied by the stride{power}",
        "The stride decides where the kernels are placed, not how many parameters the layer has.",
        layer_formulas.stride_squared_all,
        lesson_only=True,
    ),
    MistakeKind(
        "stride-once",
        "the weights multiplied by the stride",
        "The stride decides where the kernels are placed, not how many weights they have.",
        layer_formulas.stride_once,
    ),
    MistakeKind(
        "stride-once-all",
        "everything multiplied by the stride",
        "The stride decides where the kernels are placed, not how many parameters the layer has.",
        layer_formulas.stride_once_all,
        lesson_only=True,
    ),
    MistakeKind(
        "groups-ignored",
        "the groups ignored",
        "An input channel is connected only to the output channels of its own group.",
        layer_formulas.groups_ignored,
    ),
    MistakeKind(
        "groups-twice",
        "the weights divided by the groups twice",
        "Divide by groups once: multiply the output channels of one group by all input channels.",
        layer_formulas.groups_twice,
    ),
    MistakeKind(
        "groups-bias",
        "the biases divided by the groups",
        "Groups reduce the weights only: every output channel still has its bias.",
        layer_formulas.groups_bias,
    ),
)
"""Every kind of mistake in the count of one layer."""

KIND_NAMES = {kind.key: kind.name for kind in KINDS}
"""The name of every kind of mistake by its key, also for other questions about the same mistake."""

EXERCISE_KINDS = tuple(kind for kind in KINDS if not kind.lesson_only)
"""The kinds of mistakes that exercises look for."""


ANOTHER_NAME: dict[str, Callable[[ConvTranspose], bool]] = {
    "one-kernel": lambda layer: (
        1 in (layer.in_channels, layer.out_channels) or layer.kernel_count == layer.groups
    ),
    "bias-per-kernel": lambda layer: 1 in layer.weight_shape[:2],
    "bias-single": lambda layer: layer.in_channels == 1,
    "groups-bias": lambda layer: layer.weight_shape[1] == 1,
    "kernel-added": lambda layer: layer.rank == 3,  # 3 + 3 + 3 equals two sides of the kernel, 3 × 3
    "kernel-square": lambda layer: layer.kernel_size[0] == 1,
    "kernel-two-sides": lambda layer: 1 in layer.kernel_size,
    "kernel-two-sides-2": lambda layer: 1 in layer.kernel_size,
}
"""The layers in which a mistake equals another kind of mistake, by the key of the mistake."""


def has_another_name(key: str, layer: ConvTranspose) -> bool:
    """Return whether a mistake equals another kind of mistake in this layer, which is reported instead."""
    return key in ANOTHER_NAME and ANOTHER_NAME[key](layer)


@lru_cache(maxsize=MAX_REMEMBERED)
def wrong_counts(facts: QuestionFacts) -> tuple[tuple[MistakeKind, HandCount], ...]:
    """Return each mistake that an exercise looks for and that is possible in a layer, with its count."""
    count = correct_count(facts.layer)
    found = ((kind, kind.formula(facts, count)) for kind in EXERCISE_KINDS)
    return tuple((kind, wrong) for kind, wrong in found if wrong is not None)


@lru_cache(maxsize=MAX_QUESTIONS)
def layer_mistakes(facts: QuestionFacts) -> tuple[Mistake, ...]:
    """Return the mistakes of an exercise about the parameters of a layer.

    >>> layer = ConvTranspose(in_channels=6, out_channels=10, kernel_size=3)
    >>> [(mistake.key, mistake.value) for mistake in layer_mistakes(QuestionFacts(layer))][:2]
    [('bias-forgotten', 540), ('bias-per-input', 546)]
    """
    layer = facts.layer
    correct = working(correct_count(layer))
    return tuple(
        Mistake(
            kind.key,
            kind.name_for(layer),
            kind.hint_for(layer),
            wrong.parameters,
            correct,
            (wrong,),
            _working,
        )
        for kind, wrong in wrong_counts(facts)
        if not has_another_name(kind.key, layer)
    )


def _working(counts: tuple[HandCount, ...]) -> Steps:
    """Return the working of the only count."""
    return working(counts[0])


def mistakes_of_kinds(
    kinds: Iterable[MistakeKind], facts: QuestionFacts, rows: slice = ALL_ROWS
) -> tuple[Mistake, ...]:
    """Return the mistakes of some kinds that are possible in a layer, in the order of ``kinds``.

    ``rows`` selects the steps of the working that the question is about; the last one has the answer.

    >>> layer = ConvTranspose(in_channels=6, out_channels=10, kernel_size=3, bias=False)
    >>> kinds = [kind for kind in KINDS if kind.key in ("in-forgotten", "kernel-added")]
    >>> [mistake.value for mistake in mistakes_of_kinds(kinds, QuestionFacts(layer), rows=slice(2, 4))]
    [90, 360]
    """
    count = correct_count(facts.layer)
    correct = working(count)[rows]
    mistakes = []
    for kind in kinds:
        wrong_count = kind.formula(facts, count)
        if wrong_count is not None and (wrong := working(wrong_count)[rows]) != correct:
            name, hint = kind.name_for(facts.layer), kind.hint_for(facts.layer)
            mistakes.append(Mistake.from_working(kind.key, name, hint, correct, wrong))
    return tuple(mistakes)
