"""The parameters of one layer counted by hand, correctly or with a mistake, row by row."""

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

from calculator.core.derivation import Step, derive_parameters
from calculator.core.formatting import format_count, format_product
from calculator.core.layer import ConvTranspose

MAX_REMEMBERED = 1_000
"""Steps and counts that are kept; those of a question with all its pairs of mistakes are fewer."""

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
        weights = self.kernels * self.kernel_volume
        return weights * math.prod(self.weight_factors) if self.weight_factors else weights

    @property
    def parameters(self) -> int:
        """The number of parameters in this count."""
        total = self.weights + self.biases
        return total * math.prod(self.total_factors) if self.total_factors else total

    def with_biases(self, biases: int, label: str) -> "HandCount":
        """Return the count with another number of biases, and ``label`` as the name of their row."""
        labels = (*self.labels[:BIAS_ROW], label, *self.labels[BIAS_ROW + 1 :])
        return self._replace(biases=biases, labels=labels)


@lru_cache(maxsize=MAX_REMEMBERED)
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
    volume, share, kernels_label, weights_label, biases, parameters = count.labels
    kernels = _row(kernels_label, count.channels, count.channels_added)
    factors = (kernels.value, count.kernel_volume, *count.weight_factors)
    weights = _row(weights_label, factors, count.weights_added)
    total, value = (
        f"{format_count(weights.value)} + {format_count(count.biases)}",
        weights.value + count.biases,
    )
    if count.total_factors:
        total = f"({total}) × {format_product(count.total_factors)}"
        value *= math.prod(count.total_factors)
    return (
        given(volume, count.kernel_expression, count.kernel_volume, "weights"),
        given(share, count.share_expression, count.kernels_per_input, "weights"),
        kernels,
        weights,
        given(biases, format_count(count.biases), count.biases, "biases"),
        Step(parameters, total, value, "parameters"),
    )


given = lru_cache(maxsize=MAX_REMEMBERED)(Step)
"""Return a step whose expression is known. The wrong workings of a question have most steps in common."""


@lru_cache(maxsize=MAX_REMEMBERED)
def _row(what: str, numbers: tuple[int, ...], added: bool) -> Step:
    """Return the step of the sum or the product of some numbers."""
    if added:
        return Step(what, " + ".join(map(format_count, numbers)), sum(numbers), "weights")
    return Step(what, format_product(numbers), math.prod(numbers), "weights")
