"""The working: how a layer's numbers come about, as steps of data."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from calculator.checks import Spatial
from calculator.layer import ConvTranspose


@dataclass(frozen=True)
class Step:
    """One line of the working.

    ``what`` names the quantity, ``expression`` has the numbers in it, ``value`` is its result, and
    ``part`` says which colour it belongs to: ``"weights"``, ``"biases"``, ``"parameters"`` or
    ``"output"``.
    """

    what: str
    expression: str
    value: int
    part: str


def number(value: int) -> str:
    """Return exact digits with thousands separators.

    >>> number(31037633)
    '31,037,633'
    """
    return f"{value:,}"


PARTS = {
    "weights": "weight",
    "biases": "bias",
    "parameters": "parameter",
    "products": "product",
    "layers": "layer",
    "transposed layers": "transposed layer",
}
"""What is counted, and the name of one of it."""


def part_text(value: int, part: str) -> str:
    """Return a count of ``part`` (``"weights"``, ``"biases"`` or ``"parameters"``).

    >>> part_text(3072, "weights"), part_text(1, "biases")
    ('3,072 weights', '1 bias')
    """
    return f"{number(value)} {PARTS[part] if value == 1 else part}"


def share_text(part: int, whole: int) -> str:
    """Return a share in percent with three significant digits, written out however small.

    >>> share_text(64, 3136), share_text(1, 2), share_text(0, 3), share_text(256, 268435712)
    ('2.04 %', '50 %', '0 %', '0.0000954 %')
    """
    return f"{Decimal(f'{100 * part / whole:.3g}'):f} %"


def product(values: Sequence[int]) -> str:
    """Return a product written out.

    >>> product((3, 1024))
    '3 × 1,024'
    """
    return " × ".join(number(value) for value in values)


def derive_parameters(layer: ConvTranspose) -> tuple[Step, ...]:
    """Return the working of the parameter count; the last step is the answer.

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
    per_input = layer.weight_shape[1]
    bias_what = "Biases, one per output channel" if layer.bias else "Biases, switched off"
    return (
        Step("Weights in one kernel", product(layer.kernel_size), layer.kernel_volume, "weights"),
        Step(
            "Kernels for each input channel",
            f"{number(layer.out_channels)} ÷ {number(layer.groups)}",
            per_input,
            "weights",
        ),
        Step("Kernels", product((layer.in_channels, per_input)), layer.kernel_count, "weights"),
        Step("Weights", product((layer.kernel_count, layer.kernel_volume)), layer.weight_count, "weights"),
        Step(bias_what, number(layer.bias_count), layer.bias_count, "biases"),
        Step(
            "Parameters",
            f"{number(layer.weight_count)} + {number(layer.bias_count)}",
            layer.parameter_count,
            "parameters",
        ),
    )


def derive_output_size(layer: ConvTranspose, input_size: Spatial) -> tuple[Step, ...]:
    """Return one step per axis for the output size: (i − 1) × s − 2 × p + d × (k − 1) + 1 + op.

    Raises ``LayerError`` as ``ConvTranspose.output_size`` does.

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
            f"({number(i)} − 1) × {number(s)} − 2 × {number(p)} + "
            f"{number(d)} × ({number(k)} − 1) + 1 + {number(op)}"
        )
        steps.append(Step(f"Output size, axis {axis}", expression, sizes[axis], "output"))
    return tuple(steps)


def derive_multiply_accumulates(layer: ConvTranspose, input_size: Spatial) -> tuple[Step, ...]:
    """Return the working of the multiply–accumulates of one sample, counted by input.

    Raises ``LayerError`` as ``ConvTranspose.multiply_accumulates`` does.

    >>> layer = ConvTranspose(in_channels=64, out_channels=32, kernel_size=4, stride=2, padding=1)
    >>> derive_multiply_accumulates(layer, 16)[-1].expression
    '256 × 32,768'
    """
    total = layer.multiply_accumulates(input_size)
    axes = layer.input_axes(input_size)
    positions = total // layer.weight_count
    return (
        Step("Input positions", product(axes), positions, "output"),
        Step("Multiply–accumulates", product((positions, layer.weight_count)), total, "output"),
    )
