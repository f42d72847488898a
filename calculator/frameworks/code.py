"""Code and error sentences that several frameworks share."""

from collections.abc import Iterable
from dataclasses import asdict, replace

from calculator.core.description import LayerDescription
from calculator.core.errors import LayerError
from calculator.core.formatting import format_count
from calculator.core.layer import ConvTranspose


def with_settings(layer: ConvTranspose, **settings: object) -> ConvTranspose:
    """Return ``layer`` with other settings of any type. Raises ``LayerError`` for invalid settings.

    >>> with_settings(ConvTranspose(in_channels=1, out_channels=1, kernel_size=3), padding=1).padding
    (1, 1)
    """
    return replace(layer, **settings)  # type: ignore[arg-type]


def call(name: str, arguments: Iterable[str]) -> str:
    """Return a function call as code.

    >>> call("nn.Linear", ("3", "4", "bias=False"))
    'nn.Linear(3, 4, bias=False)'
    """
    return f"{name}({', '.join(arguments)})"


def count_comment(layer: ConvTranspose) -> str:
    """Return the counts of ``layer`` as a comment line.

    >>> count_comment(ConvTranspose(in_channels=3, out_channels=64, kernel_size=4))
    '# 3,072 weights + 64 biases = 3,136 parameters'
    """
    weights, biases = format_count(layer.weight_count), format_count(layer.bias_count)
    return f"# {weights} weights + {biases} biases = {format_count(layer.parameter_count)} parameters"


def problem_comment(title: str, problems: tuple[str, ...]) -> str:
    """Return the reasons why a framework has no code for a layer, as comment lines.

    >>> print(problem_comment("Keras", ("It has no groups.",)), end="")
    # Keras cannot express exactly this layer:
    # - It has no groups.
    """
    return "".join(
        [f"# {title} cannot express exactly this layer:\n", *(f"# - {problem}\n" for problem in problems)]
    )


def group_problems(title: str, layer: ConvTranspose) -> tuple[str, ...]:
    """Return the problem of a framework without groups: one sentence if ``layer`` has groups, else ``()``.

    >>> group_problems("Flax", ConvTranspose(in_channels=4, out_channels=4, kernel_size=3, groups=2))
    ("Flax's transposed convolution has no groups: groups must be 1, received groups=2.",)
    """
    if layer.groups == 1:
        return ()
    return (
        f"{title}'s transposed convolution has no groups: groups must be 1, received groups={layer.groups}.",
    )


def raise_first(problems: tuple[str, ...]) -> None:
    """Raise ``LayerError`` with the first of ``problems`` if there are any."""
    if problems:
        raise LayerError(problems[0])


def convolution_code(layer: ConvTranspose) -> str:
    """Return PyTorch's ordinary convolution that maps the output size of ``layer`` back to its input size.

    It has the same settings without output_padding, and its input and output channels are exchanged.

    >>> convolution_code(ConvTranspose(in_channels=3, out_channels=64, kernel_size=4, stride=2, padding=1))
    'nn.Conv2d(64, 3, kernel_size=4, stride=2, padding=1)'
    """
    swapped = {"in_channels": layer.out_channels, "out_channels": layer.in_channels}
    settings = asdict(layer) | swapped | {"output_padding": (0,)}
    return f"nn.{LayerDescription(**settings).code('Conv')}"
