"""The command ``code``: the code of a layer for a framework."""

from collections.abc import Sequence

from calculator.cli.layer_arguments import Chosen, joined, layer_link, layer_parser, read_layer
from calculator.cli.report import Cell, Report, json_text
from calculator.core.errors import LayerError
from calculator.core.formatting import format_product
from calculator.frameworks import SNIPPETS


def code_command(arguments: Sequence[str]) -> int:
    """Print the code of one layer and return the exit status."""
    parser = layer_parser("code", "The code that creates a layer.")
    parser.add_argument("--framework", choices=SNIPPETS, default="pytorch", help="default pytorch")
    options = parser.parse_intermixed_args(joined(arguments))
    try:
        return code_report(read_layer(options), options.framework).print(options)
    except LayerError as error:
        parser.error(str(error))


def code_report(chosen: Chosen, snippet: str) -> Report:
    """Return the report with the code of a layer for a key of ``SNIPPETS``.

    Raises ``LayerError`` for a layer that the framework does not have.
    """
    title, framework, write = SNIPPETS[snippet]
    if problems := framework.problems(chosen.layer):
        raise LayerError(f"{title} cannot express exactly this layer. {' '.join(problems)}")
    code, sizes = write(chosen.layer), None
    if chosen.input_size is not None:
        sizes = (chosen.layer.input_axes(chosen.input_size), chosen.layer.output_size(chosen.input_size))

    def text() -> str:
        lines = [code.rstrip("\n")]
        if sizes:
            lines.append(f"# {format_product(sizes[0])} positions → {format_product(sizes[1])}")
        return "\n".join([*lines, *([f"# {chosen.note}"] if chosen.note else [])])

    def json() -> str:
        document: dict[str, object] = {"framework": snippet, "code": code, "note": chosen.note or None}
        if sizes:
            document |= {"input_size": sizes[0], "output_size": sizes[1]}
        return json_text("code", document)

    def rows() -> list[Sequence[Cell]]:
        head, row = ["framework", "code"], [snippet, code]
        return [[*head, "input_size", "output_size"], [*row, *sizes]] if sizes else [head, row]

    return Report(text, json, rows, lambda: ("", {**layer_link(chosen), "view": "frameworks"}))
