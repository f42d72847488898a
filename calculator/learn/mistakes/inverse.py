"""Counting backwards, rightly and wrongly: from the number of parameters to a setting of the layer."""

import math
from collections.abc import Callable, Iterator, Sequence

from calculator.core.derivation import Step
from calculator.core.formatting import format_count, format_product
from calculator.core.layer import ConvTranspose
from calculator.learn.exercise import Mistake
from calculator.learn.mistakes.hand_count import first_difference

Steps = tuple[Step, ...]
Wrong = tuple[str, Steps | None]
"""The key of a mistake and its working; ``None`` where no whole number comes out."""

NAMES = {
    "root-forgotten": ("the square root forgotten", "k² is found; kernel_size is the side of the square."),
    "root-halved": ("half of k² instead of its root", "Which number, times itself, gives k²?"),
    "in-forgotten": ("the input channels forgotten", "Every input channel has kernels of its own."),
    "out-forgotten": (
        "the output channels forgotten",
        "An input channel has a kernel for each output channel.",
    ),
    "kernel-side": ("k instead of k²", "A kernel has k × k weights, not k."),
    "kernel-added": ("k + k instead of k²", "A kernel has a weight at each position: multiply its sides."),
    "kernel-forgotten": ("the kernel forgotten", "A kernel has k × k weights: they have to go in too."),
    "bias-forgotten": ("the biases forgotten", "With a bias, every output channel has one parameter more."),
    "bias-counted": (
        "biases counted though there are none",
        "Take the weights away first: is anything left?",
    ),
    "bias-per-input": (
        "a bias for each input channel",
        "Biases belong to what comes out, not to what goes in.",
    ),
    "bias-single": ("one bias for the whole layer", "There is not one bias in all, but one for each output."),
    "bias-per-kernel": ("a bias for each kernel", "A bias belongs to an output channel, not to a kernel."),
}
"""The name and the hint of each mistake."""


def _mistakes(right: Steps, wrongs: Iterator[Wrong]) -> tuple[Mistake, ...]:
    found = []
    for key, wrong in wrongs:
        if wrong is not None and wrong != right:
            name, hint = NAMES[key]
            found.append(Mistake(key, name, wrong[-1].value, wrong, first_difference(right, wrong), hint))
    return tuple(found)


def _divided(what: str, total: int, by: int) -> Step | None:
    """Return a division; ``None`` when something is left over."""
    if total % by:
        return None
    return Step(what, f"{format_count(total)} ÷ {format_count(by)}", total // by, "parameters")


def _weights(layer: ConvTranspose) -> Steps:
    """Return the two steps from the parameters to the weights."""
    biases, total = layer.bias_count, layer.parameter_count
    what = "Biases, one per output channel" if layer.bias else "Biases, switched off"
    return (
        Step(what, format_count(biases), biases, "biases"),
        Step("Weights", f"{format_count(total)} − {format_count(biases)}", total - biases, "weights"),
    )


def _root(square: Step) -> Step | None:
    side = math.isqrt(square.value)
    return (
        Step("Kernel size", f"√{format_count(square.value)}", side, "weights")
        if side**2 == square.value
        else None
    )


def _kept(square: Step) -> Step:
    return Step("Kernel size", format_count(square.value), square.value, "weights")


def _halved(square: Step) -> Step | None:
    return _divided("Kernel size", square.value, 2)


def kernel_steps(
    layer: ConvTranspose, kernels: Sequence[int] = (), last: Callable[[Step], Step | None] = _root
) -> Steps | None:
    """Return the steps to the side of a square kernel, dividing by ``kernels``.

    >>> layer = ConvTranspose(in_channels=64, out_channels=32, kernel_size=3)
    >>> [step.expression for step in kernel_steps(layer)]
    ['32', '18,464 − 32', '64 × 32', '18,432 ÷ 2,048', '√9']
    """
    before = _weights(layer)
    kernels = kernels or (layer.in_channels, layer.out_channels)
    count = Step("Kernels", format_product(kernels), math.prod(kernels), "weights")
    volume = _divided("Weights in one kernel", before[-1].value, count.value)
    side = volume and last(volume)
    return (*before, count, volume, side) if volume and side else None


def kernel_mistakes(layer: ConvTranspose) -> tuple[Mistake, ...]:
    """Return the mistakes in "which kernel_size?"."""
    right = kernel_steps(layer) or ()

    def wrongs() -> Iterator[Wrong]:
        yield "root-forgotten", kernel_steps(layer, last=_kept)
        if layer.kernel_size[0] != 2:
            yield "root-halved", kernel_steps(layer, last=_halved)
        yield "in-forgotten", kernel_steps(layer, (layer.out_channels,))
        yield "out-forgotten", kernel_steps(layer, (layer.in_channels,))

    return _mistakes(right, wrongs())


def in_steps(layer: ConvTranspose, volume: Step | None = None, each: Sequence[int] = ()) -> Steps | None:
    """Return the steps to ``in_channels``, with other weights in one kernel or for each input channel.

    >>> layer = ConvTranspose(in_channels=64, out_channels=32, kernel_size=3)
    >>> [step.expression for step in in_steps(layer)]
    ['32', '18,464 − 32', '3 × 3', '32 × 9', '18,432 ÷ 288']
    """
    before = _weights(layer)
    volume = volume or kernel_weights(layer)
    each = each or (layer.out_channels, volume.value)
    share = Step("Weights for each input channel", format_product(each), math.prod(each), "weights")
    last = _divided("Input channels", before[-1].value, share.value)
    return (*before, volume, share, last) if last else None


def kernel_weights(layer: ConvTranspose) -> Step:
    """Return the step of the weights in one kernel."""
    return Step("Weights in one kernel", format_product(layer.kernel_size), layer.kernel_volume, "weights")


def _side(layer: ConvTranspose) -> Step:
    side = layer.kernel_size[0]
    return Step("Weights in one kernel", format_count(side), side, "weights")


def _added(layer: ConvTranspose) -> Step:
    side = layer.kernel_size[0]
    return Step("Weights in one kernel", f"{format_count(side)} + {format_count(side)}", 2 * side, "weights")


def in_mistakes(layer: ConvTranspose) -> tuple[Mistake, ...]:
    """Return the mistakes in "which in_channels?"."""

    def wrongs() -> Iterator[Wrong]:
        yield "kernel-side", in_steps(layer, _side(layer))
        if layer.kernel_size[0] != 2:
            yield "kernel-added", in_steps(layer, _added(layer))
        yield "kernel-forgotten", in_steps(layer, each=(layer.out_channels,))
        if layer.out_channels > 1:
            yield "out-forgotten", in_steps(layer, each=(layer.kernel_volume,))

    return _mistakes(in_steps(layer) or (), wrongs())


def out_steps(
    layer: ConvTranspose, volume: Step | None = None, each: Sequence[int] = (), bias: int | None = None
) -> Steps | None:
    """Return the steps to ``out_channels``: every output channel has its weights, and its bias.

    >>> layer = ConvTranspose(in_channels=64, out_channels=32, kernel_size=3)
    >>> [step.expression for step in out_steps(layer)]
    ['3 × 3', '64 × 9', '576 + 1', '18,464 ÷ 577']
    """
    volume = volume or kernel_weights(layer)
    each = each or (layer.in_channels, volume.value)
    bias = int(layer.bias) if bias is None else bias
    share = Step("Weights for each output channel", format_product(each), math.prod(each), "weights")
    text = f"{format_count(share.value)} + {format_count(bias)}"
    whole = Step("Parameters for each output channel", text, share.value + bias, "parameters")
    last = _divided("Output channels", layer.parameter_count, whole.value)
    return (volume, share, whole, last) if last else None


def out_mistakes(layer: ConvTranspose) -> tuple[Mistake, ...]:
    """Return the mistakes in "which out_channels?"."""

    def wrongs() -> Iterator[Wrong]:
        if layer.bias:
            yield "bias-forgotten", out_steps(layer, bias=0)
        if layer.bias and layer.in_channels > 1:
            yield "bias-per-kernel", out_steps(layer, bias=layer.in_channels)
        yield "kernel-side", out_steps(layer, _side(layer))
        if layer.kernel_size[0] != 2:
            yield "kernel-added", out_steps(layer, _added(layer))
        yield "kernel-forgotten", out_steps(layer, each=(layer.in_channels,))
        if layer.in_channels > 1:
            yield "in-forgotten", out_steps(layer, each=(layer.kernel_volume,))

    return _mistakes(out_steps(layer) or (), wrongs())


def bias_steps(
    layer: ConvTranspose, volume: Step | None = None, kernels: Sequence[int] = (), guess: int | None = None
) -> Steps:
    """Return the steps to the number of biases; ``guess`` is one that is not worked out.

    >>> layer = ConvTranspose(in_channels=64, out_channels=32, kernel_size=3)
    >>> [step.expression for step in bias_steps(layer)]
    ['3 × 3', '64 × 32', '2,048 × 9', '18,464 − 18,432']
    """
    volume = volume or kernel_weights(layer)
    kernels = kernels or (layer.in_channels, layer.out_channels)
    count = Step("Kernels", format_product(kernels), math.prod(kernels), "weights")
    weights = Step(
        "Weights", format_product((count.value, volume.value)), count.value * volume.value, "weights"
    )
    left = layer.parameter_count - weights.value
    last = Step(
        "Biases", f"{format_count(layer.parameter_count)} − {format_count(weights.value)}", left, "biases"
    )
    if guess is not None:
        last = Step("Biases", format_count(guess), guess, "biases")
    return volume, count, weights, last


def bias_mistakes(layer: ConvTranspose) -> tuple[Mistake, ...]:
    """Return the mistakes in "how many of them are biases?"."""
    inputs, outputs = layer.in_channels, layer.out_channels

    def wrongs() -> Iterator[Wrong]:
        key, guess = ("bias-forgotten", 0) if layer.bias else ("bias-counted", outputs)
        yield key, bias_steps(layer, guess=guess)
        if layer.bias:
            yield "bias-single", bias_steps(layer, guess=1)
            yield "bias-per-input", bias_steps(layer, guess=inputs)
            yield "bias-per-kernel", bias_steps(layer, guess=inputs * outputs)
        yield "kernel-side", bias_steps(layer, _side(layer))
        yield "in-forgotten", bias_steps(layer, kernels=(outputs,))
        yield "out-forgotten", bias_steps(layer, kernels=(inputs,))

    return _mistakes(bias_steps(layer), wrongs())
