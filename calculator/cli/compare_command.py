"""The command ``compare``: the ways to upsample as a layer does, with what each costs."""

from collections.abc import Sequence

from calculator.cli.layer_arguments import Chosen, joined, layer_link, layer_parser, read_layer
from calculator.cli.report import Cell, Report, json_text
from calculator.cli.terminal import align_columns
from calculator.comparison.alternative import Alternative, Missing
from calculator.comparison.alternatives import alternatives
from calculator.core.errors import LayerError
from calculator.core.formatting import format_count, format_product

COLUMNS = ("name", "parameters", "multiply_accumulates", "output_activations", "kept_activations")
"""The columns with numbers; all but the first two need an input size."""


def compare_command(arguments: Sequence[str]) -> int:
    """Print the ways to upsample by the stride of a layer, and return the exit status."""
    parser = layer_parser(
        "compare",
        "The ways to upsample by the stride of a layer, with the same channels, and what each costs.",
    )
    options = parser.parse_intermixed_args(joined(arguments))
    try:
        return compare_report(read_layer(options)).print(options)
    except LayerError as error:
        parser.error(str(error))


def compare_report(chosen: Chosen) -> Report:
    """Return the report on the ways to upsample. Raises ``LayerError``."""
    layer = chosen.layer
    every = alternatives(
        layer.in_channels,
        layer.out_channels,
        layer.stride,
        bias=layer.bias,
        groups=layer.groups,
        kernel_size=layer.kernel_size,
    )
    found = [(item, _numbers(item, chosen)) for item in every if isinstance(item, Alternative)]
    missing = [item for item in every if isinstance(item, Missing)]
    columns = COLUMNS if chosen.input_size is not None else COLUMNS[:2]

    def text() -> str:
        heads = [name.replace("_", " ").replace("multiply accumulates", "MACs") for name in columns]
        cells = [(item.name, *map(format_count, numbers)) for item, numbers in found]
        lines = align_columns([heads, *cells], "<".ljust(len(columns), ">"))
        scale = format_product(layer.stride, compact=True)
        blocks = [
            [f"Ways to upsample by {scale}, {layer.in_channels:,} → {layer.out_channels:,} channels"],
            lines,
        ]
        if chosen.input_size is None:
            blocks.append(["With --input-size there are also multiply–accumulates (MACs) and activations."])
        blocks += [[f"{item.name}: {item.reason}" for item in missing], [chosen.note]]
        return "\n\n".join("\n".join(block) for block in blocks if any(block))

    def json() -> str:
        listed = [
            {"key": item.key, **dict(zip(columns, (item.name, *numbers), strict=True)), "gets": item.gets}
            | {"pays": item.pays, "overlap": item.overlap(), "even": item.even}
            for item, numbers in found
        ]
        document = {
            "scale_factor": layer.stride,
            "input_size": None if chosen.input_size is None else layer.input_axes(chosen.input_size),
            "alternatives": listed,
            "missing": [{"key": item.key, "name": item.name, "reason": item.reason} for item in missing],
            "note": chosen.note or None,
        }
        return json_text("compare", document)

    def rows() -> list[Sequence[Cell]]:
        table: list[Sequence[Cell]] = [columns]
        table += [(item.name, *numbers) for item, numbers in found]
        return table

    return Report(text, json, rows, lambda: ("compare", layer_link(chosen)))


def _numbers(item: Alternative, chosen: Chosen) -> tuple[int, ...]:
    """Return the parameters, and with an input size the work and the activations of one sample."""
    size = chosen.input_size
    if size is None:
        return (item.parameter_count,)
    return (
        item.parameter_count,
        item.multiply_accumulates(size),
        item.output_activations(size),
        item.kept_activations(size),
    )
