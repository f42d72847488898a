"""The first four steps of the lesson: from one kernel to weights and biases."""

from dataclasses import replace

from calculator.core.derivation import Step, derive_parameters
from calculator.core.formatting import format_count, format_product, format_share, plural
from calculator.core.layer import ConvTranspose
from calculator.learn.lesson.step import TITLES, Guess, LessonStep
from calculator.settings import Settings


def kernel(held: Settings) -> LessonStep:
    """Return step 1: what one kernel holds."""
    layer = _plain(held, in_channels=1, out_channels=1, bias=False)
    shape, sides = format_product(layer.kernel_size), layer.kernel_size
    return LessonStep(
        1,
        TITLES[0],
        "A kernel is a small block of weights. It is stamped onto the output once for every input value.",
        f"How many weights does one kernel of {shape} hold?" if layer.rank > 1
        else f"How many weights does one kernel of length {shape} hold?",
        layer.kernel_volume,
        derive_parameters(layer)[:1],
        "Each place of the kernel is one weight: multiply its sides. Doubling every side of a kernel makes "
        f"{2**layer.rank} times as many weights.",
        (
            Guess(sum(sides), "the sum of its sides. Multiply them: the kernel is a block, not a frame."),
            Guess(sides[0], "one side of it. Every place of the block is a weight."),
        ),
        layer,
    )  # fmt: skip


def inputs(held: Settings) -> LessonStep:
    """Return step 2: a kernel for each input channel."""
    layer = _plain(held, out_channels=1, bias=False)
    channels, volume = layer.in_channels, layer.kernel_volume
    return LessonStep(
        2,
        TITLES[1],
        "Every input channel has a kernel of its own; what they stamp is added up in the output.",
        f"{_channels(channels, 'input')}, one output channel, {kernels(layer)}. How many weights?",
        layer.weight_count,
        (Step("Weights", format_product((channels, volume)), layer.weight_count, "weights"),),
        "Twice the input channels, twice the weights.",
        (
            Guess(volume, "one kernel. Every input channel has a kernel of its own."),
            Guess(channels + volume, "kernel and channels added. Multiply them."),
        ),
        layer,
        _without_groups(held),
    )


def outputs(held: Settings) -> LessonStep:
    """Return step 3: a kernel for each pair of channels."""
    layer = _plain(held, bias=False)
    inputs, outputs, volume = layer.in_channels, layer.out_channels, layer.kernel_volume
    return LessonStep(
        3,
        TITLES[2],
        "Every output channel is made from all input channels, with kernels that are its own.",
        f"{_channels(inputs, 'input')}, {_channels(outputs, 'output')}, {kernels(layer)}. How many weights?",
        layer.weight_count,
        (
            Step("Kernels", format_product((inputs, outputs)), layer.kernel_count, "weights"),
            Step("Weights", format_product((layer.kernel_count, volume)), layer.weight_count, "weights"),
        ),
        "One kernel for every pair of channels: widen both sides of a layer twofold, and it holds four times "
        "as many.",
        (
            Guess(inputs * volume, "what one output channel needs. Each of them has its own kernels."),
            Guess(outputs * volume, "one kernel for each output channel. Each needs one per input channel."),
            Guess((inputs + outputs) * volume, "channels added. There is a kernel for every pair: multiply."),
            Guess(inputs * outputs, "the number of kernels. Each holds several weights."),
        ),
        layer,
        _without_groups(held),
    )


def bias(held: Settings) -> LessonStep:
    """Return step 4: one bias for each output channel."""
    layer = _plain(held)
    inputs, outputs, weights = layer.in_channels, layer.out_channels, layer.weight_count
    share = format_share(layer.bias_count, layer.parameter_count)
    return LessonStep(
        4,
        TITLES[3],
        "A bias is a single number that is added to a whole output channel: one for each output channel, "
        "and only that.",
        f"{wiring(layer)}, bias={layer.bias}. How many parameters?",
        layer.parameter_count,
        derive_parameters(layer)[3:],
        f"{plural(weights, 'weight')}, {plural(layer.bias_count, 'bias')}: the biases are {share}."
        if layer.bias
        else "Weights alone. A bias before BatchNorm would have no effect, so many decoders leave it out.",
        (
            Guess(weights, "the weights alone. The biases come on top."),
            Guess(weights + inputs, "one bias per input channel. It is one per output channel."),
            Guess(weights + 1, "one bias for the whole layer. It is one per output channel."),
            Guess(weights + inputs * outputs, "one bias per kernel. An output channel's kernels share one."),
        )
        if layer.bias
        else (
            Guess(weights + outputs, "what it would have with biases. This layer has none."),
            Guess(weights + inputs, "a bias per input channel too many. This layer has none."),
        ),
        layer,
        _without_groups(held),
    )


def wiring(layer: ConvTranspose) -> str:
    """Return the channels and the kernel of a layer for a question.

    >>> wiring(ConvTranspose(in_channels=3, out_channels=64, kernel_size=4))
    '3 → 64 channels, kernels of 4 × 4'
    """
    return (
        f"{format_count(layer.in_channels)} → {format_count(layer.out_channels)} channels, {kernels(layer)}"
    )


def kernels(layer: ConvTranspose) -> str:
    """Return how large the kernels of a layer are."""
    return f"kernels of {'length ' if layer.rank == 1 else ''}{format_product(layer.kernel_size)}"


def _without_groups(held: Settings) -> str:
    return "" if held.used_groups == 1 else "Without your groups for now: they come in step 5."


def _plain(held: Settings, **changed: object) -> ConvTranspose:
    """Return the layer as far as its count goes, without groups unless ``changed`` says."""
    return replace(held.counted_layer(), **{"groups": 1, **changed})  # type: ignore[arg-type]


def _channels(count: int, side: str) -> str:
    return plural(count, f"{side} channel")
