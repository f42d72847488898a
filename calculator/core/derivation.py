"""The working: the derivation of a layer's numbers, as a sequence of steps."""

from typing import NamedTuple

from calculator.core.formatting import format_count, format_product
from calculator.core.layer import ConvTranspose
from calculator.core.validation import Spatial

EMPTY_OUTPUT = (
    "An output of size 0 contains no values. PyTorch refuses nearly every layer with such an output; a few "
    "of its oneDNN kernels return it."
)
"""The sentence beside an output of size 0."""


class Step(NamedTuple):
    """One line of the working.

    ``what`` is the name of the quantity, ``expression`` its formula with this layer's numbers, and ``value``
    the result. ``part`` selects the colour: ``"weights"``, ``"biases"``, ``"parameters"`` or ``"output"``.
    """

    what: str
    expression: str
    value: int
    part: str


def derive_parameters(layer: ConvTranspose) -> tuple[Step, ...]:
    """Return the working of the parameter count. The value of the last step is the count.

    >>> layer = ConvTranspose(in_channels=6, out_channels=10, kernel_size=3)
    >>> for step in derive_parameters(layer):
    ...     print(f"{step.what}: {step.expression} = {step.value}")
    Weights in one kernel: 3 × 3 = 9
    Kernels for each input channel: 10 ÷ 1 = 10
    Kernels: 6 × 10 = 60
    Weights: 60 × 9 = 540
    Biases, one per output channel: 10 = 10
    Parameters: 540 + 10 = 550
    """
    per_input, kernels, volume = layer.weight_shape[1], layer.kernel_count, layer.kernel_volume
    weights, biases = layer.weight_count, layer.bias_count
    bias_what = "Biases, one per output channel" if layer.bias else "Biases, switched off"
    return (
        Step("Weights in one kernel", format_product(layer.kernel_size), volume, "weights"),
        Step(
            "Kernels for each input channel",
            f"{format_count(layer.out_channels)} ÷ {format_count(layer.groups)}",
            per_input,
            "weights",
        ),
        Step("Kernels", format_product((layer.in_channels, per_input)), kernels, "weights"),
        Step("Weights", format_product((kernels, volume)), weights, "weights"),
        Step(bias_what, format_count(biases), biases, "biases"),
        Step(
            "Parameters",
            f"{format_count(weights)} + {format_count(biases)}",
            layer.parameter_count,
            "parameters",
        ),
    )


def derive_output_size(layer: ConvTranspose, input_size: Spatial) -> tuple[Step, ...]:
    """Return one step per axis for the output size: (i − 1) × s − 2 × p + d × (k − 1) + 1 + op.

    ``input_size`` is one value or one per axis. Raises ``LayerError`` as ``ConvTranspose.output_size`` does.

    >>> layer = ConvTranspose(in_channels=1, out_channels=1, kernel_size=(4,), stride=2, padding=1)
    >>> derive_output_size(layer, 16)[0].expression
    '(16 − 1) × 2 − 2 × 1 + 1 × (4 − 1) + 1 + 0'
    """
    sizes = layer.output_size(input_size)
    steps = []
    for axis, i in enumerate(layer.input_axes(input_size)):
        k, s, p = layer.kernel_size[axis], layer.stride[axis], layer.padding[axis]
        d, op = layer.dilation[axis], layer.output_padding[axis]
        expression = (
            f"({format_count(i)} − 1) × {format_count(s)} − 2 × {format_count(p)} + "
            f"{format_count(d)} × ({format_count(k)} − 1) + 1 + {format_count(op)}"
        )
        steps.append(Step(f"Output size, axis {axis}", expression, sizes[axis], "output"))
    return tuple(steps)


def derive_multiply_accumulates(layer: ConvTranspose, input_size: Spatial) -> tuple[Step, ...]:
    """Return the working of the multiply–accumulates of one sample, counted by input.

    ``input_size`` is one value or one per axis. Raises ``LayerError`` as ``ConvTranspose`` does.

    >>> layer = ConvTranspose(in_channels=64, out_channels=32, kernel_size=4, stride=2, padding=1)
    >>> derive_multiply_accumulates(layer, 16)[-1].expression
    '256 × 32,768'
    """
    total = layer.multiply_accumulates(input_size)
    axes = layer.input_axes(input_size)
    positions = total // layer.weight_count
    return (
        Step("Input positions", format_product(axes), positions, "output"),
        Step("Multiply–accumulates", format_product((positions, layer.weight_count)), total, "output"),
    )
