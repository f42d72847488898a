"""Counting backwards by hand, from the parameters to a setting of the layer, and the common mistakes."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence

from calculator.core.derivation import Step, derive_parameters
from calculator.core.formatting import format_count, format_product
from calculator.core.layer import ConvTranspose
from calculator.learn.exercise import Mistake
from calculator.learn.mistakes.hand_count import BIAS_ROW
from calculator.learn.mistakes.layer import KIND_NAMES

Steps = tuple[Step, ...]
Wrong = tuple[str, Steps | None]
"""The key of a mistake and its working; ``None`` when the result is not a whole number."""

NAMES = {
    "root-forgotten": ("the square root forgotten", "That is k²; kernel_size is the side of the square."),
    "root-halved": ("half of k² instead of its root", "Which number, multiplied by itself, gives k²?"),
    "in-forgotten": (KIND_NAMES["in-forgotten"], "Every input channel has its own kernels."),
    "out-forgotten": (
        KIND_NAMES["out-forgotten"],
        "An input channel has a kernel for each output channel.",
    ),
    "kernel-side": ("k instead of k²", "A kernel has k × k weights, not k."),
    "kernel-added": ("k + k instead of k²", "A kernel has a weight at each position: multiply its sides."),
    "kernel-forgotten": ("the kernel forgotten", "A kernel has k × k weights: use them too."),
    "bias-forgotten": (
        KIND_NAMES["bias-forgotten"],
        "With a bias, every output channel has one parameter more.",
    ),
    "bias-counted": (
        "biases counted although there are none",
        "Subtract the weights first: is anything left?",
    ),
    "bias-per-input": (
        KIND_NAMES["bias-per-input"],
        "Biases belong to the output channels, not to the input channels.",
    ),
    "bias-single": (
        KIND_NAMES["bias-single"],
        "There is one bias for each output channel, not one for the layer.",
    ),
    "bias-per-kernel": (
        KIND_NAMES["bias-per-kernel"],
        "A bias belongs to an output channel, not to a kernel.",
    ),
}
"""The name and the hint of each mistake. The hints differ from those in counting forwards."""


def _mistakes(correct: Steps, wrong_workings: Iterable[Wrong]) -> tuple[Mistake, ...]:
    """Return the mistakes whose working has a whole number as its result and differs from the correct one."""
    return tuple(
        Mistake.from_working(key, *NAMES[key], correct, wrong)
        for key, wrong in wrong_workings
        if wrong is not None and wrong != correct
    )


def _divided(label: str, total: int, divisor: int) -> Step | None:
    """Return the step of a division, or ``None`` when the division has a remainder."""
    if total % divisor:
        return None
    return Step(label, f"{format_count(total)} ÷ {format_count(divisor)}", total // divisor, "parameters")


def _weights(layer: ConvTranspose) -> Steps:
    """Return the two steps from the parameters to the weights."""
    biases, total = derive_parameters(layer)[BIAS_ROW], layer.parameter_count
    expression = f"{format_count(total)} − {format_count(biases.value)}"
    return biases, Step("Weights", expression, layer.weight_count, "weights")


def _kernels(channels: Sequence[int]) -> Step:
    """Return the step of the number of kernels."""
    return Step("Kernels", format_product(channels), math.prod(channels), "weights")


def _root(square: Step) -> Step | None:
    """Return the step of the square root, or ``None`` when the root is not a whole number."""
    side = math.isqrt(square.value)
    if side**2 != square.value:
        return None
    return Step("Kernel size", f"√{format_count(square.value)}", side, "weights")


def _unchanged(square: Step) -> Step:
    return Step("Kernel size", format_count(square.value), square.value, "weights")


def _halved(square: Step) -> Step | None:
    return _divided("Kernel size", square.value, 2)


def kernel_steps(
    layer: ConvTranspose, channels: Sequence[int] = (), last: Callable[[Step], Step | None] = _root
) -> Steps | None:
    """Return the steps to the side of a square kernel, or ``None`` when the side is not a whole number.

    Wrong workings pass other ``channels`` to divide by, or another ``last`` step.

    >>> layer = ConvTranspose(in_channels=64, out_channels=32, kernel_size=3)
    >>> [step.expression for step in kernel_steps(layer)]
    ['32', '18,464 − 32', '64 × 32', '18,432 ÷ 2,048', '√9']
    """
    weights = _weights(layer)
    kernels = _kernels(channels or (layer.in_channels, layer.out_channels))
    volume = _divided("Weights in one kernel", weights[-1].value, kernels.value)
    side = volume and last(volume)
    return (*weights, kernels, volume, side) if volume and side else None


def kernel_mistakes(layer: ConvTranspose) -> tuple[Mistake, ...]:
    """Return the mistakes in "which kernel_size?"."""

    def wrong_workings() -> Iterator[Wrong]:
        """Yield the key and the wrong working of each mistake that is possible in this layer."""
        yield "root-forgotten", kernel_steps(layer, last=_unchanged)
        if layer.kernel_size[0] != 2:
            yield "root-halved", kernel_steps(layer, last=_halved)
        yield "in-forgotten", kernel_steps(layer, (layer.out_channels,))
        yield "out-forgotten", kernel_steps(layer, (layer.in_channels,))

    return _mistakes(kernel_steps(layer) or (), wrong_workings())


def in_steps(layer: ConvTranspose, volume: Step | None = None, factors: Sequence[int] = ()) -> Steps | None:
    """Return the steps to ``in_channels``, or ``None`` when the result is not a whole number.

    Wrong workings pass another ``volume`` (weights in one kernel) or other ``factors`` of the weights for
    each input channel.

    >>> layer = ConvTranspose(in_channels=64, out_channels=32, kernel_size=3)
    >>> [step.expression for step in in_steps(layer)]
    ['32', '18,464 − 32', '3 × 3', '32 × 9', '18,432 ÷ 288']
    """
    weights = _weights(layer)
    volume = volume or kernel_weights(layer)
    factors = factors or (layer.out_channels, volume.value)
    per_input = Step("Weights for each input channel", format_product(factors), math.prod(factors), "weights")
    last = _divided("Input channels", weights[-1].value, per_input.value)
    return (*weights, volume, per_input, last) if last else None


def kernel_weights(layer: ConvTranspose) -> Step:
    """Return the step of the weights in one kernel."""
    return derive_parameters(layer)[0]


def _side(layer: ConvTranspose) -> Step:
    """Return the wrong step that takes one side for the weights in one kernel."""
    side = layer.kernel_size[0]
    return Step("Weights in one kernel", format_count(side), side, "weights")


def _added(layer: ConvTranspose) -> Step:
    """Return the wrong step that adds two sides of the kernel."""
    side = layer.kernel_size[0]
    return Step("Weights in one kernel", f"{format_count(side)} + {format_count(side)}", 2 * side, "weights")


def in_mistakes(layer: ConvTranspose) -> tuple[Mistake, ...]:
    """Return the mistakes in "which in_channels?"."""

    def wrong_workings() -> Iterator[Wrong]:
        """Yield the key and the wrong working of each mistake that is possible in this layer."""
        yield "kernel-side", in_steps(layer, _side(layer))
        if layer.kernel_size[0] != 2:
            yield "kernel-added", in_steps(layer, _added(layer))
        yield "kernel-forgotten", in_steps(layer, factors=(layer.out_channels,))
        if layer.out_channels > 1:
            yield "out-forgotten", in_steps(layer, factors=(layer.kernel_volume,))

    return _mistakes(in_steps(layer) or (), wrong_workings())


def out_steps(
    layer: ConvTranspose, volume: Step | None = None, factors: Sequence[int] = (), biases: int | None = None
) -> Steps | None:
    """Return the steps to ``out_channels``, or ``None`` when the result is not a whole number.

    Every output channel has its weights and its bias. Wrong workings pass another ``volume`` (weights in one
    kernel), other ``factors`` of the weights for each output channel, or another number of ``biases`` for it.

    >>> layer = ConvTranspose(in_channels=64, out_channels=32, kernel_size=3)
    >>> [step.expression for step in out_steps(layer)]
    ['3 × 3', '64 × 9', '576 + 1', '18,464 ÷ 577']
    """
    volume = volume or kernel_weights(layer)
    factors = factors or (layer.in_channels, volume.value)
    biases = int(layer.bias) if biases is None else biases
    weights = Step("Weights for each output channel", format_product(factors), math.prod(factors), "weights")
    expression = f"{format_count(weights.value)} + {format_count(biases)}"
    per_output = Step("Parameters for each output channel", expression, weights.value + biases, "parameters")
    last = _divided("Output channels", layer.parameter_count, per_output.value)
    return (volume, weights, per_output, last) if last else None


def out_mistakes(layer: ConvTranspose) -> tuple[Mistake, ...]:
    """Return the mistakes in "which out_channels?"."""

    def wrong_workings() -> Iterator[Wrong]:
        """Yield the key and the wrong working of each mistake that is possible in this layer."""
        if layer.bias:
            yield "bias-forgotten", out_steps(layer, biases=0)
        if layer.bias and layer.in_channels > 1:
            yield "bias-per-kernel", out_steps(layer, biases=layer.in_channels)
        yield "kernel-side", out_steps(layer, _side(layer))
        if layer.kernel_size[0] != 2:
            yield "kernel-added", out_steps(layer, _added(layer))
        yield "kernel-forgotten", out_steps(layer, factors=(layer.in_channels,))
        if layer.in_channels > 1:
            yield "in-forgotten", out_steps(layer, factors=(layer.kernel_volume,))

    return _mistakes(out_steps(layer) or (), wrong_workings())


def bias_steps(
    layer: ConvTranspose, volume: Step | None = None, channels: Sequence[int] = (), guess: int | None = None
) -> Steps:
    """Return the steps to the number of biases.

    Wrong workings pass another ``volume`` (weights in one kernel), other ``channels`` whose product is the
    number of kernels, or a ``guess`` at the biases that is not calculated.

    >>> layer = ConvTranspose(in_channels=64, out_channels=32, kernel_size=3)
    >>> [step.expression for step in bias_steps(layer)]
    ['3 × 3', '64 × 32', '2,048 × 9', '18,464 − 18,432']
    """
    volume = volume or kernel_weights(layer)
    kernels = _kernels(channels or (layer.in_channels, layer.out_channels))
    factors, total = (kernels.value, volume.value), layer.parameter_count
    weights = Step("Weights", format_product(factors), math.prod(factors), "weights")
    expression, biases = f"{format_count(total)} − {format_count(weights.value)}", total - weights.value
    if guess is not None:
        expression, biases = format_count(guess), guess
    return volume, kernels, weights, Step("Biases", expression, biases, "biases")


def bias_mistakes(layer: ConvTranspose) -> tuple[Mistake, ...]:
    """Return the mistakes in "how many of them are biases?"."""
    inputs, outputs = layer.in_channels, layer.out_channels

    def wrong_workings() -> Iterator[Wrong]:
        """Yield the key and the wrong working of each mistake that is possible in this layer."""
        key, guess = ("bias-forgotten", 0) if layer.bias else ("bias-counted", outputs)
        yield key, bias_steps(layer, guess=guess)
        if layer.bias:
            yield "bias-single", bias_steps(layer, guess=1)
            yield "bias-per-input", bias_steps(layer, guess=inputs)
            yield "bias-per-kernel", bias_steps(layer, guess=inputs * outputs)
        yield "kernel-side", bias_steps(layer, _side(layer))
        yield "in-forgotten", bias_steps(layer, channels=(outputs,))
        yield "out-forgotten", bias_steps(layer, channels=(inputs,))

    return _mistakes(bias_steps(layer), wrong_workings())
