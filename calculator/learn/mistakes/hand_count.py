"""A layer counted by hand, the right way or a wrong one: what each line of the working takes."""

import math
from dataclasses import dataclass
from functools import cached_property

from calculator.core.derivation import Step
from calculator.core.formatting import format_count, format_product
from calculator.core.layer import ConvTranspose


@dataclass(frozen=True)
class QuestionFacts:
    """A layer, and what the question says of it besides its channels, kernel, groups and bias.

    ``input_size`` is ``None`` where the question has none; ``strided`` is whether it says the stride.
    """

    layer: ConvTranspose
    input_size: tuple[int, ...] | None = None
    strided: bool = False

    @cached_property
    def output_size(self) -> tuple[int, ...]:
        """The size of the output, () where the question does not give it."""
        return self.layer.output_size(self.input_size) if self.input_size else ()


@dataclass(frozen=True)
class HandCount:
    """What someone takes for each line of the count of one layer.

    ``kernel`` is what gives the ``volume``; ``kernels`` are multiplied to the number of kernels, ``more``
    is what the weights are multiplied by besides, ``times`` what everything is multiplied by in the end.
    """

    kernel: str
    volume: int
    share: str
    per_input: int
    kernels: tuple[int, ...]
    biases: int
    bias_what: str
    more: tuple[int, ...] = ()
    times: tuple[int, ...] = ()

    @property
    def weights(self) -> int:
        """The weights this count comes to."""
        return math.prod((*self.kernels, self.volume, *self.more))


def correct_count(layer: ConvTranspose) -> HandCount:
    """Return the right count of ``layer``.

    >>> layer = ConvTranspose(in_channels=6, out_channels=10, kernel_size=3)
    >>> correct_count(layer).weights, correct_count(layer).biases
    (540, 10)
    """
    per_input = layer.weight_shape[1]
    return HandCount(
        kernel=format_product(layer.kernel_size),
        volume=layer.kernel_volume,
        share=f"{format_count(layer.out_channels)} ÷ {format_count(layer.groups)}",
        per_input=per_input,
        kernels=(layer.in_channels, per_input),
        biases=layer.bias_count,
        bias_what="Biases, one per output channel" if layer.bias else "Biases, switched off",
    )


def steps(counted: HandCount) -> tuple[Step, ...]:
    """Return a count as steps: of the right one, those of ``derive_parameters``.

    >>> layer = ConvTranspose(in_channels=6, out_channels=10, kernel_size=3)
    >>> for step in steps(correct_count(layer))[2:]:
    ...     print(f"{step.what}: {step.expression} = {step.value}")
    Kernels: 6 × 10 = 60
    Weights: 60 × 9 = 540
    Biases, one per output channel: 10 = 10
    Parameters: 540 + 10 = 550
    """
    kernels, weights = math.prod(counted.kernels), counted.weights
    total, value = f"{format_count(weights)} + {format_count(counted.biases)}", weights + counted.biases
    if counted.times:
        total, value = f"({total}) × {format_product(counted.times)}", value * math.prod(counted.times)
    return (
        Step("Weights in one kernel", counted.kernel, counted.volume, "weights"),
        Step("Kernels for each input channel", counted.share, counted.per_input, "weights"),
        Step("Kernels", format_product(counted.kernels), kernels, "weights"),
        Step("Weights", format_product((kernels, counted.volume, *counted.more)), weights, "weights"),
        Step(counted.bias_what, format_count(counted.biases), counted.biases, "biases"),
        Step("Parameters", total, value, "parameters"),
    )


def first_difference(right: tuple[Step, ...], wrong: tuple[Step, ...]) -> int:
    """Return the number (from 0) of the first step in which two workings of one length differ."""
    return next(place for place, (one, other) in enumerate(zip(right, wrong, strict=True)) if one != other)
