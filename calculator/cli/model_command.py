"""The command line for models: the layers of a file and their totals, or where two models differ."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from calculator import __version__
from calculator.cli.command import program
from calculator.cli.report import Cell, Parser, Report, add_forms
from calculator.cli.terminal import align_columns
from calculator.core.errors import LayerError
from calculator.core.formatting import format_count, format_product, format_shape, join_first
from calculator.readers import ReadError, detect, read
from calculator.readers.difference import (
    TABLE_TITLES,
    Comparison,
    compare_models,
    signed,
    table_rows,
    write_comparison,
)
from calculator.readers.layer_table.chain import edit_problem, parse_size, with_input_size
from calculator.readers.layer_table.link_form import tidy
from calculator.readers.model import Model, Row, Shape
from calculator.readers.model_json import write_model
from calculator.readers.totals import at_least, total_text, trainable_text, transposed_text

MAX_BYTES = 2 << 30
"""Maximum size of a file that is read completely.

Files of formats that keep shapes apart from values may be larger, as their values are not read.
"""

MAX_NAME = 60
"""Maximum length of a name or a shape in the table. The middle of longer text is left out."""

MAX_SENTENCE = 500
MAX_ERROR = 2_000
NAMED_LAYERS = 3
"""Maximum number of layers that one note names."""

INCOMPLETE_STATUS = 3
"""The exit status where a model is not complete, so that no script takes its totals for exact ones."""

DIFFERENT_STATUS = 4
"""The exit status where two models differ in a layer, whether or not everything is counted."""

_COUNTS = (
    ("Weights", "weight_count"),
    ("Biases", "bias_count"),
    ("Other", "other_count"),
    ("Parameters", "parameter_count"),
)


def model_command(arguments: Sequence[str]) -> int:
    """Print the report on one model or on two, and return the exit status.

    The status is ``DIFFERENT_STATUS`` where two models differ, else ``INCOMPLETE_STATUS`` where a model is
    not complete. A file that contains no model raises ``SystemExit`` with status 2, after a
    sentence on stderr.
    """
    parser = _parser()
    options = parser.parse_args(list(arguments))
    if options.file == options.other == "-":
        parser.error("only one of the two files can be -, standard input")
    if options.other is not None and options.input_size is not None:
        parser.error("--input-size is for one file, not for a comparison of two")
    if options.as_listed and options.input_size is None:
        parser.error("--as-listed needs --input-size")
    try:
        model = _read_source(options.file)
        other = None if options.other is None else _read_source(options.other)
        size = None if options.input_size is None else parse_size(model, options.input_size)
        if size is not None:
            model = _sized(model, size, options)
        if other is None:
            report = model_report(model, () if size is None else size)
            return report.print(options) or (0 if model.complete else INCOMPLETE_STATUS)
        comparison = compare_models(model, other)
        status = 0 if comparison.complete else INCOMPLETE_STATUS
        return comparison_report(comparison).print(options) or (
            DIFFERENT_STATUS if comparison.differs else status
        )
    except (LayerError, ReadError) as error:
        parser.error(terminal_text(str(error), MAX_ERROR))


def model_report(model: Model, size: Shape) -> Report:
    """Return the report on one model, whose input size is ``size`` or () for none."""

    def rows() -> Iterator[Sequence[Cell]]:
        counts = [count for _, count in _COUNTS]
        yield ["layer", "type", "weight_shape", *counts, "output_size", "multiply_accumulates", "note"]
        for row in model.rows:
            numbers = [getattr(row, count) if row.known else None for count in counts]
            sizes = (row.output_size, row.multiply_accumulates)
            yield [row.title, row.type, row.weight_shape, *numbers, *sizes, row.note]

    return Report(lambda: as_text(model), lambda: write_model(model), rows, lambda: _model_link(model, size))


def comparison_report(comparison: Comparison) -> Report:
    """Return the report on two models."""

    def rows() -> Iterator[Sequence[Cell]]:
        yield ["layer", "left", "right", "difference", "reason"]
        for pair in comparison.pairs:
            sides = (row.parameter_count if row and row.known else None for row in (pair.left, pair.right))
            yield [pair.title, *sides, pair.difference, pair.explanation]

    def link() -> tuple[str, dict[str, object]]:
        raise LayerError("A link holds one model. The page compares two where both are pasted or opened.")

    return Report(lambda: comparison_text(comparison), lambda: write_comparison(comparison), rows, link)


def _model_link(model: Model, size: Shape) -> tuple[str, dict[str, object]]:
    """Return the page with a model as a table of layers. Raises ``LayerError`` with the reason against it."""
    if problem := edit_problem(model):
        raise LayerError(f"A link holds a short table of layers. {problem}")
    assert model.chain is not None  # Without a chain there is a problem.
    from calculator.settings import FIELD

    if max(size, default=0) > FIELD["chain_size"].maximum:
        raise LayerError(f"The page has no input size above {FIELD['chain_size'].maximum:,}.")
    return "model", {"layers": tidy(model.chain.table), "chain_size": size}


def _sized(model: Model, size: Shape, options: argparse.Namespace) -> Model:
    """Return the model with the sizes for an input size. Raises ``ReadError``."""
    if model.chain is not None and model.chain.table and not model.chain.proven and not options.as_listed:
        raise ReadError(
            "What was read does not show how its layers are connected. If they run one after the other, as "
            "listed, with nothing between them, add --as-listed."
        )
    return with_input_size(model, size)


def as_text(model: Model) -> str:
    """Return one line per layer, the sums of the columns, the totals and the notes.

    >>> up = Row("up", "ConvTranspose2d", (64, 32, 4, 4), 32768, 32, transposed=True)
    >>> print(as_text(Model((up, Row("norm", "BatchNorm2d", (32,), 32, 32)), "PyTorch's print")))
    PyTorch's print
    <BLANKLINE>
       Layer  Type             Weight shape    Weights  Biases  Other  Parameters
    *  up     ConvTranspose2d  (64, 32, 4, 4)   32,768      32      0      32,800
       norm   BatchNorm2d      (32,)                32      32      0          64
       Total                                    32,800      64      0      32,864
    <BLANKLINE>
    In transposed layers (*)  32,800
    Trainable                 32,864
    All parameters            32,864
    """
    blocks = [[_head(model)], _table(model), _totals(model), _notes(model)]
    return "\n\n".join("\n".join(lines) for lines in blocks if lines)


def comparison_text(comparison: Comparison) -> str:
    """Return one line per layer with the differences first, the totals and what explains the difference.

    >>> torch = Model((Row("norm", "BatchNorm2d", (8,), 8, 8),), "PyTorch's print")
    >>> keras = Model((Row("norm", "BatchNormalization", (8,), 8, 8, 16),), "a table")
    >>> print(comparison_text(compare_models(torch, keras)))
    Left:  PyTorch's print
    Right: a table
    <BLANKLINE>
    Layer  Left  Right  Difference  Reason
    norm     16     32         +16  The right counts the running mean and variance too: 2 × 8.
    Total    16     32         +16
    <BLANKLINE>
    Parameters: left 16, right 32. The right has 16 more.
    Explained by running means and variances that one side counts: +16, in 1 layer.
    Everything is explained.
    """
    models = comparison.left, comparison.right
    heads = [f"{side} {_head(model)}" for side, model in zip(("Left: ", "Right:"), models, strict=True)]
    lines: list[Sequence[str]] = [TABLE_TITLES]
    for title, left, right, difference, explanation in table_rows(comparison):
        reason = terminal_text(explanation, MAX_SENTENCE)
        lines.append((terminal_text(title), left, right, difference, reason))
    totals = (at_least(model, model.parameter_count) for model in models)
    total = signed(comparison.counted_difference) if comparison.complete else "?"
    lines.append(("Total", *totals, total, ""))
    sentences = [terminal_text(text, MAX_SENTENCE) for text in comparison.sentences()]
    return "\n\n".join("\n".join(block) for block in (heads, align_columns(lines, "<>>><"), sentences))


def _head(model: Model) -> str:
    """Return the format and the name of a model; a format can contain the version of a tool."""
    kind = terminal_text(model.format, MAX_SENTENCE)
    return f"{kind}: {terminal_text(model.name)}" if model.name else kind


def terminal_text(text: str, maximum: int = MAX_NAME) -> str:
    r"""Return untrusted text with control characters escaped and at most ``maximum`` characters.

    >>> terminal_text("a name that is long", 12), terminal_text("a\x1b[31m")
    ('a nam…s long', 'a\\x1b[31m')
    """
    half = maximum // 2
    short = text if len(text) <= maximum else f"{text[: half - 1]}…{text[-half:]}"
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in short)


def _table(model: Model) -> list[str]:
    """Return the lines of the table; output sizes and work have columns if any layer has them."""
    sums = [at_least(model, sum(getattr(row, count) for row in model.rows)) for _, count in _COUNTS]
    lines = [["", "Layer", "Type", "Weight shape", *(title for title, _ in _COUNTS)]]
    lines += [_cells(row) for row in model.rows]
    lines.append(["", "Total", "", "", *sums])
    if any(row.output_size is not None or row.multiply_accumulates is not None for row in model.rows):
        lines[0] += ["Output size", "Multiply–accumulates"]
        for line, row in zip(lines[1:], model.rows, strict=False):
            size, work = row.output_size, row.multiply_accumulates
            line += ["" if size is None else format_product(size), "" if work is None else format_count(work)]
        lines[-1] += ["", format_count(model.multiply_accumulates or 0)]
    return align_columns(lines, "<<<<".ljust(len(lines[0]), ">"))


def _cells(row: Row) -> list[str]:
    """Return the cells of one layer; ? stands for unknown counts and, as a mark, for an undecided type."""
    shape = "" if row.weight_shape is None else terminal_text(format_shape(row.weight_shape))
    if row.times > 1:
        shape = f"{format_count(row.times)} x {shape}" if shape else f"{format_count(row.times)} x"
    counts = (format_count(getattr(row, count)) if row.known else "?" for _, count in _COUNTS)
    mark = "*" if row.transposed else "?" if row.undecided else ""
    return [mark, terminal_text(row.title), terminal_text(row.type), shape, *counts]


def _totals(model: Model) -> list[str]:
    """Return one line for each total of the model; what is not counted stands beside the number."""
    totals = [
        ("In transposed layers (*)", transposed_text(model)),
        ("Trainable", trainable_text(model, in_words=False)),
        ("All parameters", total_text(model)),
    ]
    if model.multiply_accumulates is not None:
        work = format_count(model.multiply_accumulates)
        totals.append(("Multiply–accumulates", f"{work} · {model.condition}" if model.condition else work))
    lengths = [len(text.partition(" · ")[0]) for _, text in totals]
    width = max(lengths)
    return align_columns(
        [
            (title, " " * (width - length) + text)
            for (title, text), length in zip(totals, lengths, strict=True)
        ],
        "<<",
    )


def _notes(model: Model) -> list[str]:
    """Return the assumptions, and each note on layers with their names."""
    notes = [terminal_text(text, MAX_SENTENCE) for text in model.assumptions]
    noted: dict[str, list[str]] = {}
    for row in model.rows:
        if row.note:
            noted.setdefault(row.note, []).append(terminal_text(row.title))
    for note, titles in noted.items():
        notes.append(f"{join_first(titles, NAMED_LAYERS)}: {terminal_text(note, MAX_SENTENCE)}")
    return notes


def _read_source(name: str) -> Model:
    """Return the model in the file ``name``, or in standard input for ``-``. Raises ``ReadError``."""
    return _read_standard_input() if name == "-" else _read_path(name)


def _read_standard_input() -> Model:
    """Return the model in standard input. Raises ``ReadError``."""
    data = sys.stdin.buffer.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise ReadError(
            f"Standard input must have at most {format_count(MAX_BYTES)} bytes, and it has more. "
            "Name the file instead."
        )
    return read(data)


def _read_path(name: str) -> Model:
    """Return the model in the file ``name``. Raises ``ReadError``, also for a file that cannot be opened."""
    path = Path(name)
    try:
        _refuse_other_than_files(path, name)
        with path.open("rb") as stream:
            return _read_open_file(stream, path)
    except ReadError:
        raise
    except FileNotFoundError:
        raise ReadError(f"There is no file {name}.") from None
    except OSError as error:
        raise ReadError(f"{name} cannot be read: {error.strerror or error}.") from None
    except ValueError:  # The name contains a character that no file name can have.
        raise ReadError(f"There is no file {name}.") from None


def _refuse_other_than_files(path: Path, name: str) -> None:
    """Raise ``ReadError`` for a folder, and for a device or a pipe, which may never end."""
    if path.is_dir():
        raise ReadError(f"{name} is a folder. Name a file in it.")
    if path.exists() and not path.is_file():
        raise ReadError(f"{name} is not a file. To read the output of another command, write - as the file.")


def _read_open_file(stream: BinaryIO, path: Path) -> Model:
    """Return the model in an open file. Values are not read where the format keeps the shapes apart."""
    model = detect.read_shapes(stream, name=path.name)
    if model is not None:
        return model
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise ReadError(f"{path} has {format_count(size)} bytes; at most {format_count(MAX_BYTES)} are read.")
    stream.seek(0)
    return read(stream.read(), name=path.name)


def _parser() -> argparse.ArgumentParser:
    """Return the parser of the arguments of ``model FILE [OTHER]``."""
    parser = Parser(
        prog=f"{program()} model",
        usage="%(prog)s [options] FILE [OTHER]",  # One line, so that an error stands beside it.
        description="How many parameters a model has, per layer, and how many in transposed convolutions. "
        "With two files: where and why their counts differ.",
        epilog="The model is never run, unpickled or downloaded. Its shapes are read from the file. "
        "The exit status is 0 where every parameter is counted, 3 where something is not counted or a "
        "smaller total is stated, so that the totals are minimums or ranges, 4 where two files differ in a "
        "layer, and 2 where no model was read.",
        allow_abbrev=False,
    )
    parser.add_argument("file", metavar="FILE", help="a model as a file or saved text; - for standard input")
    parser.add_argument("other", metavar="OTHER", nargs="?", help="a second model, to compare with the first")
    parser.add_argument(
        "-n",
        "--input-size",
        metavar="VALUE",
        help="also show output sizes and multiply-accumulates of a model whose layers run one after the "
        "other: one number or one per axis, such as 64x64; features where the first layer is linear",
    )
    parser.add_argument(
        "--as-listed",
        action="store_true",
        help="assume that the layers run one after the other, as listed, where the file does not prove it",
    )
    add_forms(parser)
    parser.add_argument("--version", action="version", version=f"tconv {__version__}")
    return parser
