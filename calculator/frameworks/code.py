"""Sentences and pieces of code that several frameworks share."""

from collections.abc import Iterable
from dataclasses import asdict, replace

from calculator.core.description import LayerDescription
from calculator.core.errors import LayerError
from calculator.core.formatting import format_count
from calculator.core.layer import ConvTranspose


def adjusted(layer: ConvTranspose, **settings: object) -> ConvTranspose:
    """Return ``layer`` with other settings, checked as any layer is; foreign values are welcome.

    >>> adjusted(ConvTranspose(in_channels=1, out_channels=1, kernel_size=3), padding=1).padding
    (1, 1)
    """
    return replace(layer, **settings)  # type: ignore[arg-type]


def call(name: str, arguments: Iterable[str]) -> str:
    """Return a call as code.

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
    """Return comments that say why there is no code.

    >>> print(problem_comment("Keras", ("It has no groups.",)), end="")
    # Keras cannot express exactly this layer:
    # - It has no groups.
    """
    return "".join(
        [f"# {title} cannot express exactly this layer:\n", *(f"# - {problem}\n" for problem in problems)]
    )


def group_problems(title: str, layer: ConvTranspose) -> tuple[str, ...]:
    """Return what a framework without groups has against ``layer``: one sentence or none.

    >>> group_problems("Flax", ConvTranspose(in_channels=4, out_channels=4, kernel_size=3, groups=2))
    ("Flax's transposed convolution has no groups: groups must be 1, received groups=2.",)
    """
    if layer.groups == 1:
        return ()
    return (
        f"{title}'s transposed convolution has no groups: groups must be 1, received groups={layer.groups}.",
    )


def refuse(problems: tuple[str, ...]) -> None:
    """Raise ``LayerError`` with the first of ``problems``, if there is one."""
    if problems:
        raise LayerError(problems[0])


def undone_code(layer: ConvTranspose) -> str:
    """Return PyTorch's ordinary convolution whose sizes ``layer`` undoes; the channels swap.

    >>> undone_code(ConvTranspose(in_channels=3, out_channels=64, kernel_size=4, stride=2, padding=1))
    'nn.Conv2d(64, 3, kernel_size=4, stride=2, padding=1)'
    """
    swapped = {"in_channels": layer.out_channels, "out_channels": layer.in_channels}
    settings = asdict(layer) | swapped | {"output_padding": (0,)}
    return f"nn.{LayerDescription(**settings).code('Conv')}"
