"""The command line for one layer: counts with their derivation, as text or as one JSON object."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from fractions import Fraction

from calculator.cli.terminal import align_columns, print_text
from calculator.core.derivation import (
    Step,
    derive_multiply_accumulates,
    derive_output_size,
    derive_parameters,
)
from calculator.core.description import DEFAULTS, LayerDescription
from calculator.core.errors import LayerError
from calculator.core.formatting import format_count, format_factor, format_product, format_shape, format_share
from calculator.core.growth import SWEPT, GrowthLaw, growth_law, growth_laws
from calculator.core.layer import ConvTranspose
from calculator.core.parsing import count_numbers, parse_spatial, parse_whole
from calculator.core.validation import MAX_VALUE, Spatial

CONVENTION = (
    "Counted by input, for one sample: every input value meets every weight of its channel once.\n"
    "Products that land in the border cropped by padding are counted; adding the bias is not."
)
"""The convention by which multiply–accumulates are counted."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status; ``None`` stands for the arguments of the process.

    ``model FILE`` counts a model, ``model FILE OTHER`` compares two, all other arguments describe one layer.
    An invalid layer and a file that contains no model raise ``SystemExit`` with status 2, after a sentence on
    stderr. A model that is not counted completely has a status of its own, 3, and so have two that differ, 4.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    # With --kernel-size, "model" is a mistake for the input channels, so the command of a layer reports it.
    if words[:1] == ["model"] and not any(text.startswith("--kernel-size") for text in words):
        # The readers are many modules. They are imported only for a model, so that a layer is quick.
        from calculator.cli.model_command import model_command

        return model_command(words[1:])
    return layer_command(words)


def layer_command(arguments: Sequence[str]) -> int:
    """Print the counts of one layer and return the exit status."""
    parser = _layer_parser()
    options = parser.parse_args(_joined(arguments))
    try:
        layer, input_size = _read_layer(options)
        report = as_json(layer, input_size) if options.json else as_text(layer, input_size)
    except LayerError as error:
        parser.error(str(error))
    return print_text(report)


def as_text(layer: ConvTranspose, input_size: Spatial | None = None) -> str:
    """Return the layer, its counts, their working and their growth as text for people.

    With an ``input_size`` the text also has the output size and the multiply–accumulates.
    Raises ``LayerError`` for an input size that the layer cannot have.
    """
    blocks = [
        LayerDescription(**asdict(layer)).code("ConvTranspose"),
        _counts(layer),
        "Working\n" + _working(derive_parameters(layer)),
        "What doubling one setting does\n" + _growth(layer),
    ]
    if input_size is not None:
        size = format_product(layer.input_axes(input_size))
        steps = derive_output_size(layer, input_size) + derive_multiply_accumulates(layer, input_size)
        blocks.append(f"With an input of {size}\n{_working(steps)}\n\n{CONVENTION}")
    return "\n\n".join(blocks)


def as_json(layer: ConvTranspose, input_size: Spatial | None = None) -> str:
    """Return the report of ``as_text`` as one JSON object: exact integers, and factors as fractions.

    Raises ``LayerError`` for an input size that the layer cannot have.
    """
    report: dict[str, object] = {
        "settings": asdict(layer),
        "weight_shape": layer.weight_shape,
        "bias_shape": layer.bias_shape,
        "weights": layer.weight_count,
        "biases": layer.bias_count,
        "parameters": layer.parameter_count,
        "bias_share": _fraction(Fraction(layer.bias_count, layer.parameter_count)),
        "steps": [asdict(step) for step in derive_parameters(layer)],
        "growth": [_law(law) for law in growth_laws(layer)],
    }
    if input_size is not None:
        steps = derive_output_size(layer, input_size) + derive_multiply_accumulates(layer, input_size)
        report |= {
            "input_size": layer.input_axes(input_size),
            "output_size": layer.output_size(input_size),
            "multiply_accumulates": layer.multiply_accumulates(input_size),
            "multiply_accumulates_convention": CONVENTION.replace("\n", " "),
            "size_steps": [asdict(step) for step in steps],
        }
    return json.dumps(report, indent=2)


def _layer_parser() -> argparse.ArgumentParser:
    """Return the parser of the arguments of one layer. Values stay texts, so that our own errors apply."""
    parser = argparse.ArgumentParser(
        prog="python -m calculator",
        description="How many parameters a transposed convolution has, and why.",
        epilog="A spatial VALUE is one number for every axis (4) or one per axis (3x5 or 3,5). "
        "For a whole model: python -m calculator model FILE; to compare two: model FILE OTHER",
        allow_abbrev=False,
    )
    parser.add_argument("in_channels")
    parser.add_argument("out_channels")
    parser.add_argument("--kernel-size", required=True, metavar="VALUE")
    for name, default in DEFAULTS.items():
        parser.add_argument(_option(name), default=str(default), metavar="VALUE", help=f"default {default}")
    parser.add_argument("--groups", default="1", metavar="N", help="default 1")
    parser.add_argument("--no-bias", action="store_true", help="a layer without biases")
    parser.add_argument(
        "--dimensions", metavar="{1,2,3}", help="number of axes of a kernel that is one number; default 2"
    )
    parser.add_argument(
        "--input-size", metavar="VALUE", help="also show the output size and multiply-accumulates"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    return parser


def _option(name: str) -> str:
    return "--" + name.replace("_", "-")


def _joined(arguments: Sequence[str]) -> list[str]:
    """Return the arguments with ``--padding -3x2`` written as ``--padding=-3x2``."""
    # argparse would take a value that begins with a minus for another option.
    named = ("kernel_size", *DEFAULTS, "groups", "dimensions", "input_size")
    takes_value = {_option(name) for name in named}
    joined: list[str] = []
    for argument in arguments:
        if joined and joined[-1] in takes_value and not argument.startswith("--"):
            joined[-1] += f"={argument}"
        else:
            joined.append(argument)
    return joined


def _read_layer(options: argparse.Namespace) -> tuple[ConvTranspose, Spatial | None]:
    """Return the layer and the input size (``None`` if not given). Raises ``LayerError``."""
    rank = _rank(options)
    kernel = parse_spatial(options.kernel_size, "kernel_size", rank=rank, minimum=1, maximum=MAX_VALUE)
    # The default of every spatial setting is also its smallest value.
    spatial = {
        name: _spatial(getattr(options, name), name, rank, minimum) for name, minimum in DEFAULTS.items()
    }
    layer = ConvTranspose(
        in_channels=parse_whole(options.in_channels, "in_channels", minimum=1, maximum=MAX_VALUE),
        out_channels=parse_whole(options.out_channels, "out_channels", minimum=1, maximum=MAX_VALUE),
        kernel_size=kernel if len(kernel) == rank else kernel * rank,
        groups=parse_whole(options.groups, "groups", minimum=1, maximum=MAX_VALUE),
        bias=not options.no_bias,
        **spatial,
    )
    if options.input_size is None:
        return layer, None
    return layer, _spatial(options.input_size, "input_size", rank, 1)


def _rank(options: argparse.Namespace) -> int:
    """Return the number of axes: ``--dimensions``, else 3 for a kernel of three numbers, else 2.

    A kernel of one or two numbers is 2-D; of one number it is square.
    """
    if options.dimensions is not None:
        return parse_whole(options.dimensions, "dimensions", minimum=1, maximum=3)
    return 3 if count_numbers(options.kernel_size) == 3 else 2


def _spatial(text: str, name: str, rank: int, minimum: int) -> Spatial:
    values = parse_spatial(text, name, rank=rank, minimum=minimum, maximum=MAX_VALUE)
    return values[0] if len(values) == 1 else values


def _counts(layer: ConvTranspose) -> str:
    """Return one line each for the weights, the biases and the parameters."""
    share = format_share(layer.bias_count, layer.parameter_count)
    biases = f"shape {format_shape(layer.bias_shape)}" if layer.bias else "switched off"
    rows = [
        ("Weights", format_count(layer.weight_count), f"shape {format_shape(layer.weight_shape)}"),
        ("Biases", format_count(layer.bias_count), biases),
        ("Parameters", format_count(layer.parameter_count), f"of which {share} biases"),
    ]
    return "\n".join(align_columns(rows, "<><"))


def _working(steps: Sequence[Step]) -> str:
    """Return one indented line per step, with the equals signs below each other."""
    lines = align_columns([(step.what, step.expression) for step in steps], "<>")
    values = [format_count(step.value) for step in steps]
    return "\n".join(f"  {line} = {value}" for line, value in zip(lines, values, strict=True))


def _growth(layer: ConvTranspose) -> str:
    """Return one indented line per setting with its factors, or with the reason why it cannot double."""
    rows: list[tuple[str, ...]] = [("", "weights", "biases", "parameters")]
    rows += [(setting, *_factors(growth_law(layer, setting))) for setting in SWEPT]
    return "\n".join(f"  {line}" for line in align_columns(rows, "<>>>"))


def _factors(law: GrowthLaw) -> tuple[str, ...]:
    """Return the factors on weights, biases and parameters as text, or only the reason for the refusal."""
    factors = [factor for factor in (law.weights, law.biases, law.total) if factor is not None]
    return tuple(map(format_factor, factors)) or (law.refusal,)


def _law(law: GrowthLaw) -> dict[str, object]:
    """Return a growth law as JSON: exact fractions, or ``None`` and the reason for the refusal."""
    factors = {"weights": law.weights, "biases": law.biases, "parameters": law.total}
    exact = {part: None if factor is None else _fraction(factor) for part, factor in factors.items()}
    return {"setting": law.setting, **exact, "refusal": law.refusal or None}


def _fraction(value: Fraction) -> dict[str, int]:
    return {"numerator": value.numerator, "denominator": value.denominator}
