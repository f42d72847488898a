"""The command line for one layer: counts with their derivation, as text or as one JSON object."""

from collections.abc import Sequence
from dataclasses import asdict
from fractions import Fraction

from calculator.cli.command import COMMANDS, program
from calculator.cli.layer_arguments import Chosen, joined, layer_link, layer_parser, read_layer
from calculator.cli.report import Cell, Report
from calculator.cli.terminal import align_columns
from calculator.core.derivation import (
    EMPTY_OUTPUT,
    Step,
    derive_multiply_accumulates,
    derive_output_size,
    derive_parameters,
)
from calculator.core.description import LayerDescription
from calculator.core.errors import LayerError
from calculator.core.formatting import format_count, format_factor, format_product, format_shape, format_share
from calculator.core.growth import SWEPT, GrowthLaw, growth_law, growth_laws
from calculator.core.layer import ConvTranspose
from calculator.core.schema import versioned
from calculator.core.validation import Spatial

CONVENTION = (
    "Counted by input, for one sample: each input value is multiplied once by each weight of its channel.\n"
    "Products that padding crops away are counted; adding the biases is not."
)
"""The convention by which multiply–accumulates are counted."""


def layer_command(arguments: Sequence[str]) -> int:
    """Print the counts of one layer and return the exit status."""
    others = "\n".join(f"  {program()} {name:8}{text}" for name, text in COMMANDS.items())
    parser = layer_parser(
        "",
        "How many parameters a transposed convolution has, and why.",
        f"\nOther commands (each has its own --help):\n{others}\n\nThe exit status is 0; 2 where something "
        "cannot be read; 3 where a model is not\ncounted completely; 4 where two models differ.",
    )
    options = parser.parse_intermixed_args(joined(arguments))
    try:
        chosen = read_layer(options)
        return layer_report(chosen).print(options)
    except LayerError as error:
        parser.error(str(error))


def layer_report(chosen: Chosen) -> Report:
    """Return the report on one layer."""
    layer, size = chosen.layer, chosen.input_size

    def text() -> str:
        return "\n\n".join(filter(None, (as_text(layer, size), chosen.note)))

    def rows() -> list[Sequence[Cell]]:
        values = {**asdict(layer), **counts(layer, size)}
        return [[*values], [*values.values()]]

    return Report(text, lambda: as_json(layer, size, chosen.note), rows, lambda: ("", layer_link(chosen)))


def counts(layer: ConvTranspose, input_size: Spatial | None) -> dict[str, Cell]:
    """Return the exact counts by name, and with an ``input_size`` the sizes and the work.

    Raises ``LayerError`` for an input size that the layer cannot have.

    >>> counts(ConvTranspose(3, 64, 4), None)
    {'weights': 3072, 'biases': 64, 'parameters': 3136}
    """
    found: dict[str, Cell] = {
        "weights": layer.weight_count,
        "biases": layer.bias_count,
        "parameters": layer.parameter_count,
    }
    if input_size is not None:
        found |= {
            "input_size": layer.input_axes(input_size),
            "output_size": layer.output_size(input_size),
            "multiply_accumulates": layer.multiply_accumulates(input_size),
        }
    return found


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
        blocks += [f"With an input of {size}\n{_working(steps)}", CONVENTION]
        blocks += [] if all(layer.output_size(input_size)) else [EMPTY_OUTPUT]
    return "\n\n".join(blocks)


def as_json(layer: ConvTranspose, input_size: Spatial | None = None, note: str = "") -> str:
    """Return the report of ``as_text`` as one JSON object: exact integers, and factors as fractions.

    Raises ``LayerError`` for an input size that the layer cannot have.
    """
    import json

    report: dict[str, object] = {
        "settings": asdict(layer),
        "note": note or None,
        "weight_shape": layer.weight_shape,
        "bias_shape": layer.bias_shape,
        **counts(layer, input_size),
        "bias_share": _fraction(Fraction(layer.bias_count, layer.parameter_count)),
        "steps": [step._asdict() for step in derive_parameters(layer)],
        "growth": [_law(law) for law in growth_laws(layer)],
    }
    if input_size is not None:
        steps = derive_output_size(layer, input_size) + derive_multiply_accumulates(layer, input_size)
        report |= {
            "multiply_accumulates_convention": CONVENTION.replace("\n", " "),
            "size_steps": [step._asdict() for step in steps],
        }
    return json.dumps(versioned("layer", report), indent=2)


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
