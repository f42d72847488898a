"""The common mistakes in counting one layer, each a formula: from the right count to the wrong one.

Each returns ``None`` where the mistake cannot be made, or changes nothing.
"""

import math
from dataclasses import replace
from itertools import combinations

from calculator.core.formatting import format_count, format_product
from calculator.learn.mistakes.hand_count import HandCount, QuestionFacts


def bias_forgotten(told: QuestionFacts, right: HandCount) -> HandCount | None:
    """Return the weights alone."""
    return replace(right, biases=0, bias_what="Biases, forgotten") if right.biases else None


def bias_counted(told: QuestionFacts, right: HandCount) -> HandCount | None:
    """Return the count with the biases that the layer has not."""
    if told.layer.bias:
        return None
    return replace(right, biases=told.layer.out_channels, bias_what="Biases, counted all the same")


def bias_per_input(told: QuestionFacts, right: HandCount) -> HandCount | None:
    """Return the count with as many biases as input channels."""
    return _biases(told, right, told.layer.in_channels, "Biases, one per input channel")


def channels_swapped(told: QuestionFacts, right: HandCount) -> HandCount | None:
    """Return the count of the layer the other way round: other biases, the same weights."""
    return _biases(told, right, told.layer.in_channels, "Biases, with the channels swapped")


def convolution_bias(told: QuestionFacts, right: HandCount) -> HandCount | None:
    """Return the count with the bias of the convolution that this layer transposes, from output to input."""
    return _biases(told, right, told.layer.in_channels, "Biases of the ordinary convolution")


def bias_single(told: QuestionFacts, right: HandCount) -> HandCount | None:
    """Return the count with one bias in all."""
    return _biases(told, right, 1, "Biases, one for the whole layer")


def bias_per_kernel(told: QuestionFacts, right: HandCount) -> HandCount | None:
    """Return the count with a bias for every kernel."""
    return _biases(told, right, math.prod(right.kernels), "Biases, one per kernel")


def _biases(told: QuestionFacts, right: HandCount, biases: int, what: str) -> HandCount | None:
    if not told.layer.bias or biases == right.biases:
        return None
    return replace(right, biases=biases, bias_what=what)


def one_kernel(told: QuestionFacts, right: HandCount) -> HandCount | None:
    """Return the count with in · out forgotten: a single kernel."""
    return _kernels(right, (1,))


def in_forgotten(told: QuestionFacts, right: HandCount) -> HandCount | None:
    """Return the count with only out · k²."""
    return _kernels(right, (told.layer.out_channels,))


def out_forgotten(told: QuestionFacts, right: HandCount) -> HandCount | None:
    """Return the count with only in · k²."""
    return _kernels(right, (told.layer.in_channels,))


def _kernels(right: HandCount, kernels: tuple[int, ...]) -> HandCount | None:
    return replace(right, kernels=kernels) if math.prod(kernels) != math.prod(right.kernels) else None


def kernel_side(told: QuestionFacts, right: HandCount) -> HandCount | None:
    """Return the count with one side of the kernel, its first: k instead of k²."""
    return _sides(told, right, 1, 0)


def kernel_other_side(told: QuestionFacts, right: HandCount) -> HandCount | None:
    """Return the count with one side of the kernel, one that differs from its first."""
    return _sides(told, right, 1, 1)


def kernel_two_sides(told: QuestionFacts, right: HandCount) -> HandCount | None:
    """Return the count with two of the three sides of the kernel, the first ones: k² instead of k³."""
    return _sides(told, right, 2, 0)


def kernel_two_other_sides(told: QuestionFacts, right: HandCount) -> HandCount | None:
    """Return the count with two of the three sides of the kernel, other ones than the first."""
    return _sides(told, right, 2, 1)


def _sides(told: QuestionFacts, right: HandCount, count: int, place: int) -> HandCount | None:
    """Return the count with fewer sides of the kernel, of the choices that differ the one at ``place``."""
    if told.layer.rank <= count:
        return None
    choices: dict[int, str] = {}
    for some in combinations(told.layer.kernel_size, count):
        choices.setdefault(math.prod(some), format_product(some))
    chosen = [*choices.items()][place : place + 1]
    return _kernel(right, chosen[0][1], chosen[0][0]) if chosen else None


def kernel_added(told: QuestionFacts, right: HandCount) -> HandCount | None:
    """Return the count with the sides of the kernel added: 2 · k instead of k²."""
    sides = told.layer.kernel_size
    if len(sides) == 3:
        return None  # 3 + 3 + 3 would be the two sides 3 × 3
    return _kernel(right, " + ".join(map(format_count, sides)), sum(sides))


def kernel_square(told: QuestionFacts, right: HandCount) -> HandCount | None:
    """Return the count with a square kernel: k² where the kernel is 1-D or its sides differ."""
    side = told.layer.kernel_size[0]
    return _kernel(right, format_product((side, side)), side * side) if told.layer.rank < 3 else None


def dilation_counted(told: QuestionFacts, right: HandCount) -> HandCount | None:
    """Return the count with every position that the dilated kernel spans."""
    extent = told.layer.kernel_extent
    return _kernel(right, format_product(extent), math.prod(extent))


def _kernel(right: HandCount, text: str, volume: int) -> HandCount | None:
    return replace(right, kernel=text, volume=volume) if volume != right.volume else None


def output_size(told: QuestionFacts, right: HandCount) -> HandCount | None:
    """Return the count with the weights once for every output position."""
    return replace(right, more=told.output_size) if math.prod(told.output_size) > 1 else None


def output_size_all(told: QuestionFacts, right: HandCount) -> HandCount | None:
    """Return the count with weights and biases once for every output position."""
    if math.prod(told.output_size) > 1 and right.biases:
        return replace(right, times=told.output_size)
    return None


def input_size(told: QuestionFacts, right: HandCount) -> HandCount | None:
    """Return the count with the weights once for every input position: the multiply–accumulates."""
    size = told.input_size or ()
    return replace(right, more=size) if math.prod(size) > 1 else None


def stride_squared(told: QuestionFacts, right: HandCount) -> HandCount | None:
    """Return the count with the weights multiplied by the stride on each axis."""
    stride = told.layer.stride if told.strided else ()
    return replace(right, more=stride) if math.prod(stride) > 1 else None


def stride_once(told: QuestionFacts, right: HandCount) -> HandCount | None:
    """Return the count with the weights multiplied by the stride of one axis, where there are more."""
    stride = told.layer.stride[:1] if told.strided and told.layer.rank > 1 else ()
    return replace(right, more=stride) if math.prod(stride) > 1 else None


def groups_ignored(told: QuestionFacts, right: HandCount) -> HandCount | None:
    """Return the count of the layer with one group."""
    layer = told.layer
    kernels = (layer.in_channels, layer.out_channels)
    share = format_count(layer.out_channels)
    if layer.groups == 1:
        return None
    return replace(right, share=share, per_input=layer.out_channels, kernels=kernels)


def groups_twice(told: QuestionFacts, right: HandCount) -> HandCount | None:
    """Return the count with both channel counts divided by the groups."""
    kernels = (told.layer.in_channels // told.layer.groups, right.per_input)
    return replace(right, kernels=kernels) if told.layer.groups > 1 else None


def groups_bias(told: QuestionFacts, right: HandCount) -> HandCount | None:
    """Return the count with the biases divided by the groups too."""
    return _biases(told, right, right.per_input, "Biases, divided by groups")
