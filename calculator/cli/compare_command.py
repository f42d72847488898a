"""The command ``compare``: the ways to upsample as a layer does, what each costs, and which one to choose."""

import argparse
from collections.abc import Sequence

from calculator.cli.layer_arguments import Chosen, joined, layer_link, layer_parser, read_layer
from calculator.cli.report import Cell, Report, json_text
from calculator.cli.terminal import align_columns
from calculator.core.aims import AIMS, DEFAULT_AIMS, MAX_AIMS
from calculator.core.errors import LayerError
from calculator.core.formatting import format_count, format_product
from calculator.upsampling.alternative import Alternative
from calculator.upsampling.ranking import ranking, verdict
from calculator.upsampling.recommendation import aims_text

COLUMNS = ("name", "parameters", "multiply_accumulates", "output_activations", "kept_activations")
"""The columns with numbers; all but the first two need an input size."""

JUDGED = ("recommended", "front", "compared")
"""The columns with the judgement on a way, which do not depend on the input size."""


def compare_command(arguments: Sequence[str]) -> int:
    """Print the ways to upsample by the stride of a layer, and return the exit status."""
    parser = layer_parser(
        "compare",
        "The ways to upsample by the stride of a layer, with the same channels, what each costs, and the one "
        "that is recommended.",
    )
    parser.add_argument(
        "--aim",
        action="append",
        choices=AIMS,
        help=f"what matters, at most {MAX_AIMS} times; default {' and '.join(DEFAULT_AIMS)}",
    )
    parser.add_argument(
        "--all-forms", action="store_true", help="list every form as text; JSON and CSV always have all"
    )
    options = parser.parse_intermixed_args(joined(arguments))
    try:
        return compare_report(read_layer(options), _aims(options), options.all_forms).print(options)
    except LayerError as error:
        parser.error(str(error))


def _aims(options: argparse.Namespace) -> tuple[str, ...]:
    """Return what matters, in the order of the page. Raises ``LayerError`` for too many aims."""
    given = tuple(aim for aim in AIMS if aim in (options.aim or DEFAULT_AIMS))
    if len(given) > MAX_AIMS:
        raise LayerError(
            f"The option --aim can be given at most {MAX_AIMS} times, received {len(given)} aims."
        )
    return given


def compare_report(chosen: Chosen, aims: Sequence[str], every_form: bool = False) -> Report:
    """Return the report on the ways to upsample. Raises ``LayerError``."""
    layer = chosen.layer
    # The costs of all ways grow with the input size by the same factor, so any size gives the same ranking.
    size = 1 if chosen.input_size is None else chosen.input_size
    every = ranking(layer, size, aims)
    best = every.recommended.index if every.recommended else None
    columns = COLUMNS if chosen.input_size is not None else COLUMNS[:2]
    numbers = [_numbers(way, chosen) for way in every.available]
    name, rest = verdict(every, layer, size)
    sentence = f"{name} {rest}".strip()
    if name and chosen.input_size is None:
        sentence += " Work and activations are those of an input of one position."
    judged = [(n == best, n in every.front, n in every.compared) for n in range(len(every.available))]

    def text() -> str:
        listed = every.shown(every_form)
        heads = [name.replace("_", " ").replace("multiply accumulates", "MACs") for name in columns]
        cells = [(every.available[n].name, *map(format_count, numbers[n]), mark(n)) for n in listed]
        lines = align_columns([[*heads, ""], *cells], "<".ljust(len(columns), ">") + "<")
        scale = format_product(layer.stride, compact=True)
        heading = f"Ways to upsample by {scale}, {layer.in_channels:,} → {layer.out_channels:,} channels"
        blocks = [
            [heading, f"For {aims_text(aims)}: {sentence}"],
            [line.rstrip() for line in lines],
        ]
        if len(listed) < len(every.available):
            blocks.append([f"{len(listed)} of {len(every.available)} forms; --all-forms lists the rest."])
        if chosen.input_size is None:
            blocks.append(["With --input-size there are also multiply–accumulates (MACs) and activations."])
        blocks += [[f"{item.name}: {item.reason}" for item in every.missing], [chosen.note]]
        return "\n\n".join("\n".join(block) for block in blocks if any(block))

    def mark(index: int) -> str:
        marks = {
            "recommended": index == best,
            "this layer": index == every.own,
            "Pareto front": index in every.front,
            "not compared": index not in every.compared,
        }
        return ", ".join(mark for mark, holds in marks.items() if holds)

    def json() -> str:
        listed = [
            {"key": way.key, **dict(zip(columns, (way.name, *costs), strict=True)), "gets": way.gets}
            | {"pays": way.pays, "overlap": way.overlap(), "even": way.even}
            | dict(zip(JUDGED, judgement, strict=True))
            for way, costs, judgement in zip(every.available, numbers, judged, strict=True)
        ]
        document = {
            "scale_factor": layer.stride,
            "input_size": None if chosen.input_size is None else layer.input_axes(chosen.input_size),
            "aims": aims,
            "recommendation": {"name": name or None, "sentence": sentence, "complete": every.complete},
            "alternatives": listed,
            "missing": [
                {"key": item.key, "name": item.name, "reason": item.reason} for item in every.missing
            ],
            "note": chosen.note or None,
        }
        return json_text("compare", document)

    def rows() -> list[Sequence[Cell]]:
        table: list[Sequence[Cell]] = [(*columns, *JUDGED)]
        table += [
            (way.name, *costs, *judgement)
            for way, costs, judgement in zip(every.available, numbers, judged, strict=True)
        ]
        return table

    return Report(text, json, rows, lambda: ("compare", {**layer_link(chosen), "aims": tuple(aims)}))


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
