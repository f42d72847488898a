"""The common mistakes in counting one layer: each a formula of its own, by the step it goes wrong in."""

from collections.abc import Callable
from dataclasses import dataclass

from calculator.core.formatting import format_product
from calculator.core.layer import ConvTranspose
from calculator.learn.exercise import Mistake
from calculator.learn.mistakes import layer_formulas
from calculator.learn.mistakes.hand_count import (
    HandCount,
    QuestionFacts,
    correct_count,
    first_difference,
    steps,
)

Formula = Callable[[QuestionFacts, HandCount], HandCount | None]
"""From the right count to the wrong one; ``None`` where the mistake cannot be made."""


POWERS = {1: "", 2: "²", 3: "³"}
SQUARED = {1: "", 2: " squared", 3: " cubed"}
"""By rank: what a value on every axis makes."""


@dataclass(frozen=True)
class MistakeKind:
    """A kind of mistake: its ``formula``, its name, and what to mend; both may say something of the layer."""

    key: str
    name: str
    hint: str
    formula: Formula

    def named(self, layer: ConvTranspose) -> str:
        """Return the name of the mistake in this layer."""
        sides = list(dict.fromkeys(layer.kernel_size))
        if len(sides) == 1:
            side = other = f"k instead of k{POWERS[layer.rank]}"
        else:
            side, other = (f"{one} instead of {format_product(layer.kernel_size)}" for one in sides[:2])
        return self.name.format(side=side, other=other, power=SQUARED[layer.rank])

    def hint_for(self, layer: ConvTranspose) -> str:
        """Return what to mend in this layer."""
        return self.hint.format(
            inputs="in_channels" if layer.groups == 1 else "the input channels of a group"
        )


SLIPS = (
    MistakeKind(
        "bias-forgotten",
        "the biases forgotten",
        "Unless bias=False, there is also one bias for each output channel.",
        layer_formulas.bias_forgotten,
    ),
    MistakeKind(
        "bias-counted",
        "biases counted though there are none",
        "With bias=False the weights are all there is.",
        layer_formulas.bias_counted,
    ),
    MistakeKind(
        "bias-per-input",
        "a bias for each input channel",
        "A bias is added to what comes out: one for each output channel.",
        layer_formulas.bias_per_input,
    ),
    MistakeKind(
        "channels-swapped",
        "in_channels and out_channels swapped",
        "Swapping the channels keeps the weights but not the biases: one for each of out_channels.",
        layer_formulas.channels_swapped,
    ),
    MistakeKind(
        "convolution-bias",
        "the bias width of the ordinary convolution that it transposes",
        "That convolution goes from out_channels to in_channels; this layer goes the other way.",
        layer_formulas.convolution_bias,
    ),
    MistakeKind(
        "bias-single",
        "one bias for the whole layer",
        "There is not one bias in all, but one for each output channel.",
        layer_formulas.bias_single,
    ),
    MistakeKind(
        "bias-per-kernel",
        "a bias for each kernel",
        "A bias does not belong to a kernel, but to an output channel: one for each.",
        layer_formulas.bias_per_kernel,
    ),
    MistakeKind(
        "one-kernel",
        "only one kernel counted",
        "Every input channel has a kernel for each output channel of its group.",
        layer_formulas.one_kernel,
    ),
    MistakeKind(
        "in-forgotten",
        "the input channels forgotten",
        "Every input channel has kernels of its own: multiply by {inputs} too.",
        layer_formulas.in_forgotten,
    ),
    MistakeKind(
        "out-forgotten",
        "the output channels forgotten",
        "An input channel has a kernel for each output channel of its group.",
        layer_formulas.out_forgotten,
    ),
    MistakeKind(
        "kernel-side",
        "one side of the kernel only: {side}",
        "A kernel has a weight at each of its positions: multiply all its sides.",
        layer_formulas.kernel_side,
    ),
    MistakeKind(
        "kernel-side-2",
        "one side of the kernel only: {other}",
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
        "the kernel taken as square",
        "Read kernel_size again: multiply exactly the sides that it has.",
        layer_formulas.kernel_square,
    ),
    MistakeKind(
        "dilation-counted",
        "the gaps of the dilated kernel counted",
        "Dilation only spreads the weights of a kernel apart: there are not more of them.",
        layer_formulas.dilation_counted,
    ),
    MistakeKind(
        "output-size",
        "the weights multiplied by the output size",
        "The same weights serve at every position: the size of the image does not matter.",
        layer_formulas.output_size,
    ),
    MistakeKind(
        "output-size-all",
        "everything multiplied by the output size",
        "The same weights and biases serve at every position: the size of the image does not matter.",
        layer_formulas.output_size_all,
    ),
    MistakeKind(
        "input-size",
        "the weights multiplied by the input size",
        "That counts the multiplications, not the parameters: the same weights serve at every position.",
        layer_formulas.input_size,
    ),
    MistakeKind(
        "stride-squared",
        "the weights multiplied by the stride{power}",
        "The stride says where the kernels land, not how many weights they have.",
        layer_formulas.stride_squared,
    ),
    MistakeKind(
        "stride-once",
        "the weights multiplied by the stride",
        "The stride says where the kernels land, not how many weights they have.",
        layer_formulas.stride_once,
    ),
    MistakeKind(
        "groups-ignored",
        "the groups ignored",
        "An input channel is connected to the output channels of its own group only.",
        layer_formulas.groups_ignored,
    ),
    MistakeKind(
        "groups-twice",
        "the groups divided by twice",
        "Divide by groups once: the output channels of a group, times all input channels.",
        layer_formulas.groups_twice,
    ),
    MistakeKind(
        "groups-bias",
        "the biases divided by the groups",
        "Groups share out the weights; every output channel still has its bias.",
        layer_formulas.groups_bias,
    ),
)
"""Every mistake in the count of one layer."""


def has_another_name(key: str, layer: ConvTranspose) -> bool:
    """Return whether a mistake comes to the same as another in this layer, and is called that instead."""
    inputs, per_input = layer.weight_shape[:2]
    return {
        "one-kernel": 1 in (inputs, layer.out_channels) or layer.kernel_count == layer.groups,
        "bias-per-kernel": 1 in (inputs, per_input),
        "bias-single": inputs == 1,
        "groups-bias": per_input == 1,
        "kernel-square": layer.kernel_size[0] == 1,
        "kernel-two-sides": 1 in layer.kernel_size,
        "kernel-two-sides-2": 1 in layer.kernel_size,
    }.get(key, False)


def layer_mistakes(told: QuestionFacts) -> tuple[Mistake, ...]:
    """Return the mistakes that can be made in counting the parameters of a layer.

    >>> layer = ConvTranspose(in_channels=6, out_channels=10, kernel_size=3)
    >>> [(one.key, one.value) for one in layer_mistakes(QuestionFacts(layer))][:2]
    [('bias-forgotten', 540), ('bias-per-input', 546)]
    """
    right = correct_count(told.layer)
    working, found = steps(right), []
    for slip in SLIPS:
        counted = slip.formula(told, right)
        if counted is not None and not has_another_name(slip.key, told.layer):
            wrong, name, hint = steps(counted), slip.named(told.layer), slip.hint_for(told.layer)
            found.append(
                Mistake(slip.key, name, wrong[-1].value, wrong, first_difference(working, wrong), hint)
            )
    return tuple(found)
