"""The formulas of the common mistakes in counting one layer: from the correct count to the wrong count.

Every formula returns ``None`` when the mistake is impossible in the layer or changes nothing.
"""

import math
from itertools import combinations

from calculator.core.formatting import format_count, format_product
from calculator.learn.mistakes.hand_count import HandCount, QuestionFacts

COLOURS = 3
"""The channels of a colour image."""


def bias_forgotten(facts: QuestionFacts, correct: HandCount) -> HandCount | None:
    """Return the count of the weights alone."""
    return correct.with_biases(0, "Biases, forgotten") if correct.biases else None


def bias_counted(facts: QuestionFacts, correct: HandCount) -> HandCount | None:
    """Return the count with biases for a layer that has no biases."""
    if facts.layer.bias:
        return None
    return correct.with_biases(facts.layer.out_channels, "Biases, counted although bias=False")


def bias_counted_per_input(facts: QuestionFacts, correct: HandCount) -> HandCount | None:
    """Return the count with one bias per input channel for a layer that has no biases."""
    if facts.layer.bias:
        return None
    return correct.with_biases(facts.layer.in_channels, "Biases, one per input channel although bias=False")


def bias_per_input(facts: QuestionFacts, correct: HandCount) -> HandCount | None:
    """Return the count with one bias per input channel."""
    return _biases(facts, correct, facts.layer.in_channels, "Biases, one per input channel")


def channels_swapped(facts: QuestionFacts, correct: HandCount) -> HandCount | None:
    """Return the count with in_channels and out_channels swapped: the weights stay, the biases change."""
    return _biases(facts, correct, facts.layer.in_channels, "Biases, with the channels swapped")


def convolution_bias(facts: QuestionFacts, correct: HandCount) -> HandCount | None:
    """Return the count with the biases of the ordinary convolution from out_channels to in_channels."""
    return _biases(facts, correct, facts.layer.in_channels, "Biases of the ordinary convolution")


def bias_single(facts: QuestionFacts, correct: HandCount) -> HandCount | None:
    """Return the count with one bias for the layer."""
    return _biases(facts, correct, 1, "Biases, one for the layer")


def bias_per_kernel(facts: QuestionFacts, correct: HandCount) -> HandCount | None:
    """Return the count with one bias for each kernel."""
    return _biases(facts, correct, correct.kernels, "Biases, one per kernel")


def groups_bias(facts: QuestionFacts, correct: HandCount) -> HandCount | None:
    """Return the count with the biases divided by the groups."""
    return _biases(facts, correct, correct.kernels_per_input, "Biases, divided by groups")


def _biases(facts: QuestionFacts, correct: HandCount, biases: int, label: str) -> HandCount | None:
    """Return the count with another number of biases, for a layer that has biases."""
    if not facts.layer.bias or biases == correct.biases:
        return None
    return correct.with_biases(biases, label)


def one_kernel(facts: QuestionFacts, correct: HandCount) -> HandCount | None:
    """Return the count of a single kernel, with in · out forgotten."""
    return _kernels(correct, (1,))


def in_forgotten(facts: QuestionFacts, correct: HandCount) -> HandCount | None:
    """Return the count with out · k² weights."""
    return _kernels(correct, (facts.layer.out_channels,))


def out_forgotten(facts: QuestionFacts, correct: HandCount) -> HandCount | None:
    """Return the count with in · k² weights."""
    return _kernels(correct, (facts.layer.in_channels,))


def groups_twice(facts: QuestionFacts, correct: HandCount) -> HandCount | None:
    """Return the count with both channel counts divided by the groups."""
    return _kernels(correct, (facts.layer.in_channels // facts.layer.groups, correct.kernels_per_input))


def _kernels(correct: HandCount, channels: tuple[int, ...]) -> HandCount | None:
    """Return the count with ``channels`` multiplied to the number of kernels."""
    return correct._replace(channels=channels) if math.prod(channels) != correct.kernels else None


def groups_ignored(facts: QuestionFacts, correct: HandCount) -> HandCount | None:
    """Return the count of the layer with one group."""
    outputs = facts.layer.out_channels
    if facts.layer.groups == 1:
        return None
    return correct._replace(
        share_expression=format_count(outputs),
        kernels_per_input=outputs,
        channels=(facts.layer.in_channels, outputs),
    )


def channels_added(facts: QuestionFacts, correct: HandCount) -> HandCount | None:
    """Return the count with (in + out) · k² weights."""
    return correct._replace(channels_added=True) if sum(correct.channels) != correct.kernels else None


def weights_added(facts: QuestionFacts, correct: HandCount) -> HandCount | None:
    """Return the count with the number of kernels plus the weights of one kernel, instead of the product."""
    wrong = correct._replace(weights_added=True)
    return wrong if wrong.weights != correct.weights else None


def kernel_forgotten(facts: QuestionFacts, correct: HandCount) -> HandCount | None:
    """Return the count with one weight for each kernel."""
    return _kernel(correct, "1", 1)


def kernel_side(facts: QuestionFacts, correct: HandCount) -> HandCount | None:
    """Return the count with the first side of the kernel: k instead of k²."""
    return _sides(facts, correct, 1, 0)


def kernel_other_side(facts: QuestionFacts, correct: HandCount) -> HandCount | None:
    """Return the count with one side of the kernel that differs from the first side."""
    return _sides(facts, correct, 1, 1)


def kernel_two_sides(facts: QuestionFacts, correct: HandCount) -> HandCount | None:
    """Return the count with the first two of three sides of the kernel: k² instead of k³."""
    return _sides(facts, correct, 2, 0)


def kernel_two_other_sides(facts: QuestionFacts, correct: HandCount) -> HandCount | None:
    """Return the count with two of three sides of the kernel whose product differs from the first two."""
    return _sides(facts, correct, 2, 1)


def _sides(facts: QuestionFacts, correct: HandCount, count: int, choice: int) -> HandCount | None:
    """Return the count with the product of ``count`` sides of the kernel.

    ``choice`` is the index among the selections of sides that have different products.
    """
    if facts.layer.rank <= count:
        return None
    expressions: dict[int, str] = {}
    for sides in combinations(facts.layer.kernel_size, count):
        expressions.setdefault(math.prod(sides), format_product(sides))
    chosen = [*expressions.items()][choice : choice + 1]
    return _kernel(correct, chosen[0][1], chosen[0][0]) if chosen else None


def kernel_added(facts: QuestionFacts, correct: HandCount) -> HandCount | None:
    """Return the count with the sides of the kernel added: 2 · k instead of k²."""
    sides = facts.layer.kernel_size
    return _kernel(correct, " + ".join(map(format_count, sides)), sum(sides))


def kernel_square(facts: QuestionFacts, correct: HandCount) -> HandCount | None:
    """Return the count with a square kernel: k² when the kernel is 1-D or its sides differ."""
    side = facts.layer.kernel_size[0]
    return _kernel(correct, format_product((side, side)), side * side) if facts.layer.rank < 3 else None


def kernel_colours(facts: QuestionFacts, correct: HandCount) -> HandCount | None:
    """Return the count with the three colours of an image in each kernel."""
    volume = correct.kernel_volume * COLOURS
    return _kernel(correct, f"{correct.kernel_expression} × {COLOURS}", volume)


def bias_in_kernel(facts: QuestionFacts, correct: HandCount) -> HandCount | None:
    """Return the count with one value more in each kernel, taken for a bias."""
    return _kernel(correct, f"{correct.kernel_expression} + 1", correct.kernel_volume + 1)


def kernel_twice(facts: QuestionFacts, correct: HandCount) -> HandCount | None:
    """Return the count with every kernel counted for its input and for its output channel."""
    return _kernel(correct, f"2 × {correct.kernel_expression}", 2 * correct.kernel_volume)


def kernel_ends(facts: QuestionFacts, correct: HandCount) -> HandCount | None:
    """Return the count with the ends of the cells counted along each side: (k + 1)² instead of k²."""
    sides = tuple(side + 1 for side in facts.layer.kernel_size)
    return _kernel(correct, format_product(sides), math.prod(sides))


def dilation_counted(facts: QuestionFacts, correct: HandCount) -> HandCount | None:
    """Return the count with every position between the ends of the dilated kernel."""
    extent = facts.layer.kernel_extent
    return _kernel(correct, format_product(extent), math.prod(extent))


def _kernel(correct: HandCount, expression: str, volume: int) -> HandCount | None:
    """Return the count with another number of weights in one kernel."""
    if volume == correct.kernel_volume:
        return None
    return correct._replace(kernel_expression=expression, kernel_volume=volume)


def output_size(facts: QuestionFacts, correct: HandCount) -> HandCount | None:
    """Return the count with the weights multiplied by the output positions."""
    return _weights_times(correct, facts.output_size)


def output_size_all(facts: QuestionFacts, correct: HandCount) -> HandCount | None:
    """Return the count with weights and biases multiplied by the output positions."""
    return _total_times(correct, facts.output_size)


def input_size(facts: QuestionFacts, correct: HandCount) -> HandCount | None:
    """Return the count with the weights multiplied by the input positions."""
    return _weights_times(correct, facts.input_size or ())


def multiply_accumulates(facts: QuestionFacts, correct: HandCount) -> HandCount | None:
    """Return the multiply–accumulates of a layer with biases: weights × input positions, without biases.

    In a layer without biases the mistake is the same as ``input_size``.
    """
    wrong = _weights_times(correct, facts.input_size or ())
    return wrong.with_biases(0, "Biases, not counted") if wrong and wrong.biases else None


def stride_squared(facts: QuestionFacts, correct: HandCount) -> HandCount | None:
    """Return the count with the weights multiplied by the stride on each axis."""
    return _weights_times(correct, facts.layer.stride if facts.stride_given else ())


def stride_squared_all(facts: QuestionFacts, correct: HandCount) -> HandCount | None:
    """Return the count with weights and biases multiplied by the stride on each axis."""
    return _total_times(correct, facts.layer.stride if facts.stride_given else ())


def stride_once(facts: QuestionFacts, correct: HandCount) -> HandCount | None:
    """Return the count with the weights multiplied by the stride of one axis, when there are several."""
    return _weights_times(correct, _one_stride(facts))


def stride_once_all(facts: QuestionFacts, correct: HandCount) -> HandCount | None:
    """Return the count with weights and biases multiplied by the stride of one of several axes."""
    return _total_times(correct, _one_stride(facts))


def _one_stride(facts: QuestionFacts) -> tuple[int, ...]:
    return facts.layer.stride[:1] if facts.stride_given and facts.layer.rank > 1 else ()


def _weights_times(correct: HandCount, factors: tuple[int, ...]) -> HandCount | None:
    """Return the count with the weights multiplied by ``factors``."""
    return correct._replace(weight_factors=factors) if math.prod(factors) > 1 else None


def _total_times(correct: HandCount, factors: tuple[int, ...]) -> HandCount | None:
    """Return the count with the total multiplied by ``factors``.

    Without biases the total is the weights, which the mistake in the weights covers.
    """
    return correct._replace(total_factors=factors) if math.prod(factors) > 1 and correct.biases else None
