"""The parameters of one layer counted by hand, correctly or with a mistake, row by row."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from calculator.core.derivation import Step, derive_parameters
from calculator.core.formatting import format_count, format_product
from calculator.core.layer import ConvTranspose

BIAS_ROW = 4
"""Index of the biases in ``derive_parameters``."""


@dataclass(frozen=True)
class QuestionFacts:
    """The facts stated in a question: the layer, its input size, and whether the stride is given.

    ``input_size`` is ``None`` when the question has no input size.
    """

    layer: ConvTranspose
    input_size: tuple[int, ...] | None = None
    stride_given: bool = False

    @cached_property
    def output_size(self) -> tuple[int, ...]:
        """The output size along each axis; () when the question has no input size."""
        return self.layer.output_size(self.input_size) if self.input_size else ()


class HandCount(NamedTuple):
    """The numbers that somebody uses in each row of the count of one layer.

    ``labels`` names the six rows. ``kernel_volume`` is the number of weights in one kernel,
    ``kernel_expression`` the same number as it is calculated; ``kernels_per_input`` and ``share_expression``
    are the kernels for each input channel. The product of ``channels`` is the number of kernels, or their sum
    when ``channels_added``. The weights are kernels × volume × ``weight_factors``, or kernels + volume when
    ``weights_added``. The total is multiplied by ``total_factors``.
    """

    labels: tuple[str, ...]
    kernel_expression: str
    kernel_volume: int
    share_expression: str
    kernels_per_input: int
    channels: tuple[int, ...]
    biases: int
    weight_factors: tuple[int, ...] = ()
    total_factors: tuple[int, ...] = ()
    channels_added: bool = False
    weights_added: bool = False

    @property
    def kernels(self) -> int:
        """The number of kernels in this count."""
        return sum(self.channels) if self.channels_added else math.prod(self.channels)

    @property
    def weights(self) -> int:
        """The number of weights in this count."""
        if self.weights_added:
            return self.kernels + self.kernel_volume
        return math.prod((self.kernels, self.kernel_volume, *self.weight_factors))

    def with_biases(self, biases: int, label: str) -> "HandCount":
        """Return the count with another number of biases, and ``label`` as the name of their row."""
        labels = (*self.labels[:BIAS_ROW], label, *self.labels[BIAS_ROW + 1 :])
        return self._replace(biases=biases, labels=labels)


def correct_count(layer: ConvTranspose) -> HandCount:
    """Return the correct count of ``layer``.

    >>> layer = ConvTranspose(in_channels=6, out_channels=10, kernel_size=3)
    >>> correct_count(layer).weights, correct_count(layer).biases
    (540, 10)
    """
    rows = derive_parameters(layer)
    return HandCount(
        labels=tuple(row.what for row in rows),
        kernel_expression=rows[0].expression,
        kernel_volume=rows[0].value,
        share_expression=rows[1].expression,
        kernels_per_input=rows[1].value,
        channels=(layer.in_channels, rows[1].value),
        biases=layer.bias_count,
    )


def working(count: HandCount) -> tuple[Step, ...]:
    """Return a count as six steps. The steps of the correct count are those of ``derive_parameters``.

    >>> layer = ConvTranspose(in_channels=6, out_channels=10, kernel_size=3)
    >>> for step in working(correct_count(layer))[2:]:
    ...     print(f"{step.what}: {step.expression} = {step.value}")
    Kernels: 6 × 10 = 60
    Weights: 60 × 9 = 540
    Biases, one per output channel: 10 = 10
    Parameters: 540 + 10 = 550
    """
    kernels = _sum(count.channels) if count.channels_added else format_product(count.channels)
    kernel_number = count.kernels
    factors = (kernel_number, count.kernel_volume, *count.weight_factors)
    weights = _sum(factors) if count.weights_added else format_product(factors)
    weight_number = sum(factors) if count.weights_added else math.prod(factors)
    total, value = _sum((weight_number, count.biases)), weight_number + count.biases
    if count.total_factors:
        total = f"({total}) × {format_product(count.total_factors)}"
        value *= math.prod(count.total_factors)
    volume, share, kernels_label, weights_label, biases, parameters = count.labels
    return (
        Step(volume, count.kernel_expression, count.kernel_volume, "weights"),
        Step(share, count.share_expression, count.kernels_per_input, "weights"),
        Step(kernels_label, kernels, kernel_number, "weights"),
        Step(weights_label, weights, weight_number, "weights"),
        Step(biases, format_count(count.biases), count.biases, "biases"),
        Step(parameters, total, value, "parameters"),
    )


def _sum(values: Sequence[int]) -> str:
    return " + ".join(map(format_count, values))
