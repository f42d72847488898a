"""The command ``solve``: the layers, and chains of layers, that lead from an input size to a wanted size."""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from calculator.cli.command import program
from calculator.cli.layer_arguments import (
    Chosen,
    add_dimensions,
    add_option,
    joined,
    layer_link,
    read_rank,
    spatial,
    whole,
)
from calculator.cli.report import Cell, Parser, Report, add_forms, help_format, json_text
from calculator.cli.terminal import align_columns
from calculator.core.errors import LayerError
from calculator.core.formatting import collapse_axes, format_count
from calculator.geometry.chain_solver import solve_chains
from calculator.geometry.layer_solver import LISTED, Answer, Answers, Bounds, LayerSpec, solve_layers

SHOWN = 10
"""The number of answers of each kind that are listed by default."""

BOUNDS = ("kernel_size", "stride", "output_padding", "dilation", "layers", "listed")

COLUMNS = ("layers", "parameters", "multiply_accumulates", "kept_activations", "overlap", "sizes")


def solve_command(arguments: Sequence[str]) -> int:
    """Print the layers that lead from one size to another, and return the exit status."""
    parser = _parser()
    options = parser.parse_intermixed_args(joined(arguments))
    try:
        rank = read_rank(options.dimensions, max(options.input_size, options.wanted, key=len))
        spec = LayerSpec(
            whole(options.in_channels, "in_channels"),
            whole(options.out_channels, "out_channels"),
            whole(options.groups, "groups"),
            not options.no_bias,
            rank,
        )
        given = {name: getattr(options, name) for name in BOUNDS if getattr(options, name) is not None}
        bounds = Bounds(
            overlap=options.overlap,
            **{name: whole(text, name, name != "output_padding") for name, text in given.items()},
        )
        size, wanted = (spatial(getattr(options, name), name, rank, 1) for name in ("input_size", "wanted"))
        return solve_report(size, wanted, spec, bounds).print(options)
    except LayerError as error:
        parser.error(str(error))


def solve_report(
    size: int | Sequence[int], wanted: int | Sequence[int], spec: LayerSpec, bounds: Bounds
) -> Report:
    """Return the report on the answers, single layers first. Raises ``LayerError``."""
    kinds = {
        "One layer": solve_layers(size, wanted, spec, bounds),
        "Chains of layers": solve_chains(size, wanted, spec, bounds),
    }
    every = [answer for found in kinds.values() for answer in found.answers]

    def text() -> str:
        head = f"{spec.in_channels:,} → {spec.out_channels:,} channels"
        return "\n\n".join([head, *(_section(title, found) for title, found in kinds.items())])

    def json() -> str:
        parts = dict(zip(("layers", "chains"), map(_document, kinds.values()), strict=True))
        document = {"in_channels": spec.in_channels, "out_channels": spec.out_channels, **parts}
        return json_text("solve", document)

    def rows() -> Iterator[Sequence[Cell]]:
        yield COLUMNS
        for answer in every:
            yield [*_texts(answer), " ".join("x".join(map(str, one)) for one in answer.sizes)]

    def link() -> tuple[str, dict[str, object]]:
        if not every:
            raise LayerError("There is no answer that the page could open.")
        return _link(every[0])

    return Report(text, json, rows, link)


def _texts(answer: Answer) -> list[Cell]:
    """Return the cells of the first five columns, in ASCII."""
    layers = answer.text.replace(" × ", "x").replace("×", "x").replace("→", ">")
    counts = (answer.parameter_count, answer.multiply_accumulates, answer.kept_activations)
    return [layers, *counts, answer.kind]


def _section(title: str, found: Answers) -> str:
    """Return the answers of one kind as lines, the notes, and every framework's way of the first answer."""
    lines = []
    if found.answers:
        heads = ["parameters", "MACs", "kept activations", "overlap"]
        cells: list[Sequence[str]] = [[f"{title}, the smallest first", *heads]]
        for answer in found.answers:
            counts = (answer.parameter_count, answer.multiply_accumulates, answer.kept_activations)
            cells.append([answer.text, *map(format_count, counts), answer.kind])
        lines += align_columns(cells, "<>>><")
    more = found.count - len(found.answers)
    if more > 0:
        lines.append(
            f"{'At least ' if found.cut_off else ''}{format_count(more)} more; --listed N lists more."
        )
    left = [f"{format_count(count)} {kind}" for kind, count in found.left_out.items() if count]
    if left:
        lines.append(f"Not listed by their overlap: {', '.join(left)}. --overlap any lists them.")
    lines += found.notes
    if found.answers and len(found.answers[0].layers) == 1:
        [ways] = found.answers[0].ways()
        lines += ["", f"In each framework, {found.answers[0].text}:"]
        rows = [(way.framework, way.how or f"not possible: {way.problem}") for way in ways]
        lines += [f"  {line}" for line in align_columns(rows, "<<")]
    return "\n".join(lines or [f"{title}: none."])


def _document(found: Answers) -> dict[str, object]:
    """Return the answers of one kind for JSON."""
    return {
        "count": found.count,
        "cut_off": found.cut_off,
        "left_out": found.left_out,
        "notes": found.notes,
        "answers": [
            {
                "text": answer.text,
                "parameters": answer.parameter_count,
                "multiply_accumulates": answer.multiply_accumulates,
                "kept_activations": answer.kept_activations,
                "overlap": answer.kind,
                "sizes": answer.sizes,
                "layers": [
                    {"settings": asdict(layer), "ways": [asdict(way) for way in ways]}
                    for layer, ways in zip(answer.layers, answer.ways(), strict=True)
                ],
            }
            for answer in found.answers
        ],
    }


def _link(answer: Answer) -> tuple[str, dict[str, object]]:
    """Return the page with an answer: Picture for one layer, Model for a chain. Raises ``LayerError``."""
    if len(answer.layers) == 1:
        values = layer_link(Chosen(answer.layers[0], answer.sizes[0]))
        return "picture", {**values, "picture_view": "size", "wanted_size": collapse_axes(answer.sizes[-1])}
    from calculator.readers.layer_table.link_form import add_layer

    table = ""
    for layer in answer.layers:
        table = add_layer(table, layer)
    return "model", {"layers": table, "chain_size": collapse_axes(answer.input_size)}


def _parser() -> argparse.ArgumentParser:
    """Return the parser of the arguments of ``solve``."""
    parser = Parser(
        prog=f"{program()} solve",
        usage="%(prog)s [options] SIZE WANTED",
        description="The layers, and chains of layers, that lead from an input size to a wanted size.",
        epilog="A size is one number for every axis (7) or one per axis (7x9).",
        formatter_class=help_format,
        allow_abbrev=False,
    )
    parser.add_argument("input_size", metavar="SIZE")
    parser.add_argument("wanted", metavar="WANTED")
    parser.add_argument("--in-channels", default="3", metavar="N", help="default 3")
    parser.add_argument("--out-channels", default="64", metavar="N", help="default 64")
    add_option(parser, "groups", "default 1", metavar="N", default="1")
    parser.add_argument("--no-bias", action="store_true", help="layers without biases")
    add_dimensions(parser)
    add_option(parser, "kernel_size", "largest kernel size; default twice the stride", metavar="N")
    add_option(parser, "stride", "largest stride; by default only wanted size / input size", metavar="N")
    add_option(parser, "output_padding", "largest output_padding; default 1", metavar="N")
    add_option(parser, "dilation", "largest dilation; default 1", metavar="N")
    parser.add_argument(
        "--overlap", choices=LISTED, default="even", help="list the layers with this overlap; default even"
    )
    parser.add_argument("--layers", metavar="N", help="largest number of layers in a chain; default 5")
    parser.add_argument(
        "--listed", default=str(SHOWN), metavar="N", help=f"number of answers listed; default {SHOWN}"
    )
    add_forms(parser)
    return parser
