"""The command line for whole models: a file → its layers and totals, as a table or as JSON."""

import argparse
import mmap
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from calculator.core.formatting import format_count, format_product
from calculator.readers import ReadError, detect, read, unsupported
from calculator.readers.model import Model, Row
from calculator.readers.model_json import write_model
from calculator.readers.onnx import file as onnx_file
from calculator.readers.pytorch import checkpoint
from calculator.readers.tensors import safetensors

MAX_BYTES = 2 << 30
"""Bytes of a file that are read whole. Of .safetensors, .pt and .onnx files only the shapes are, however
large."""

_COUNTS = (
    ("Weights", "weight_count"),
    ("Biases", "bias_count"),
    ("Other", "other_count"),
    ("Parameters", "parameter_count"),
)

LONGEST = 60
"""Signs of a name or a shape that are shown; longer ones lose their middle."""


def model_report(arguments: Sequence[str]) -> str:
    """Return the text to print for a model, or one JSON object.

    A file that is no model leaves through ``SystemExit`` with status 2, its sentence on stderr.
    """
    parser = _parser()
    options = parser.parse_args(list(arguments))
    try:
        model = _standard_input() if options.file == "-" else _file(options.file)
    except ReadError as error:
        parser.error(_shown(str(error), 2000))
    return write_model(model) if options.json else as_text(model)


def as_text(model: Model) -> str:
    """Return the model for a reader: a row a layer, the sums of the columns, what was assumed.

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
    head = f"{model.format}: {_shown(model.name)}" if model.name else model.format
    blocks = [head, "\n".join(_table(model)), _totals(model)]
    blocks += ["\n".join(notes)] if (notes := _notes(model)) else []
    return "\n\n".join(blocks)


def _table(model: Model) -> list[str]:
    """Return the lines of the table, its columns aligned; sizes and work where they are known."""
    sums = [format_count(sum(getattr(row, count) for row in model.rows)) for _, count in _COUNTS]
    lines = [["", "Layer", "Type", "Weight shape", *(title for title, _ in _COUNTS)]]
    lines += [_cells(row) for row in model.rows]
    lines.append(["", "Total", "", "", *sums])
    if any(row.output_size is not None or row.multiply_accumulates is not None for row in model.rows):
        lines[0] += ["Output size", "Multiply–accumulates"]
        for line, row in zip(lines[1:], model.rows, strict=False):
            size, work = row.output_size, row.multiply_accumulates
            line += ["" if size is None else format_product(size), "" if work is None else format_count(work)]
        lines[-1] += ["", format_count(model.multiply_accumulates or 0)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return ["  ".join(_aligned(line, widths)).rstrip() for line in lines]


def _aligned(line: list[str], widths: list[int]) -> list[str]:
    """Return the cells of one line at their widths: words to the left, numbers to the right."""
    cells = enumerate(zip(line, widths, strict=True))
    return [cell.ljust(width) if place < 4 else cell.rjust(width) for place, (cell, width) in cells]


def _cells(row: Row) -> list[str]:
    """Return what a row says in each column; ? where nobody can tell."""
    shape = "" if row.weight_shape is None else _shown(str(row.weight_shape))
    counts = (format_count(getattr(row, count)) if row.known else "?" for _, count in _COUNTS)
    return ["*" if row.transposed else "", _named(row), _shown(row.type), shape, *counts]


def _totals(model: Model) -> str:
    rows = [
        ("In transposed layers (*)", format_count(model.transposed_count)),
        ("Trainable", format_count(model.trainable_count)),
        ("All parameters", format_count(model.parameter_count)),
    ]
    if model.multiply_accumulates is not None:
        rows.append(("Multiply–accumulates", format_count(model.multiply_accumulates)))
    width = max(len(count) for _, count in rows)
    return "\n".join(f"{what:<24}  {count:>{width}}" for what, count in rows)


def _notes(model: Model) -> list[str]:
    """Return what was assumed, and what is said of single layers, each note once."""
    notes = [_shown(text, 500) for text in model.assumptions]
    if model.unknown:
        named = ", ".join(f"{_named(row)} ({_shown(row.type)})" for row in model.unknown[:10])
        more = f" and {format_count(len(model.unknown) - 10)} more" if len(model.unknown) > 10 else ""
        notes.append(f"Not counted, because nobody can tell what they hold: {named}{more}.")
    told: dict[str, list[str]] = {}
    for row in model.rows:
        if row.note:
            told.setdefault(row.note, []).append(_named(row))
    for note, names in told.items():
        more = f" and {format_count(len(names) - 3)} more" if len(names) > 3 else ""
        notes.append(f"{', '.join(names[:3])}{more}: {_shown(note, 500)}")
    return notes


def _named(row: Row) -> str:
    """Return the name of a row as a terminal may show it."""
    return _shown(row.title)


def _shown(text: str, longest: int = LONGEST) -> str:
    """Return text of a file as a terminal may show it: no control signs, and not too long.

    >>> _shown("nothing but a long name", 12)
    'nothi…g name'
    """
    half = longest // 2
    short = text if len(text) <= longest else f"{text[: half - 1]}…{text[-half:]}"
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in short)


def _standard_input() -> Model:
    """Return the model that standard input holds. Raises ``ReadError``."""
    data = sys.stdin.buffer.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise ReadError(
            f"Standard input has more than {format_count(MAX_BYTES)} bytes, the most that are read."
        )
    return read(data)


def _file(place: str) -> Model:
    """Return the model that a file holds. Raises ``ReadError``, also where the file cannot be read."""
    path = Path(place)
    try:
        _refuse_other(path, place)
        with path.open("rb") as stream:
            return _stream(stream, path)
    except ReadError:
        raise
    except OSError as error:
        missing = isinstance(error, FileNotFoundError)
        sentence = (
            f"There is no file {place}." if missing else f"{place} cannot be read: {error.strerror or error}."
        )
        raise ReadError(sentence) from None
    except ValueError:  # a name that no file can have
        raise ReadError(f"There is no file {place}.") from None


def _refuse_other(path: Path, place: str) -> None:
    """Raise ``ReadError`` for a folder, a device or a pipe, which might never end."""
    if path.is_dir():
        raise ReadError(f"{place} is a folder. Name a file in it.")
    if path.exists() and not path.is_file():
        raise ReadError(f"{place} is not a file. For what another command prints, write - as the file.")


def _stream(stream: BinaryIO, path: Path) -> Model:
    """Return the model in an open file; where the format has its shapes apart, the values are not read."""
    size = path.stat().st_size
    head = stream.read(1_000)
    if safetensors.recognises(head):
        with detect.seeming(*detect.SAFETENSORS):
            return safetensors.read_safetensors_header(stream, name=path.name)
    if head.startswith(b"PK"):
        stream.seek(max(size - 200_000, 0))
        if checkpoint.recognises(head + stream.read()):
            with detect.seeming(*detect.TORCH):
                return checkpoint.read_checkpoint_stream(stream, name=path.name)
    if onnx_file.recognises(head) and not head.startswith(unsupported.SAVED_MODEL):
        return _mapped(stream, path)
    if size > MAX_BYTES:
        raise ReadError(f"{path} has {format_count(size)} bytes; at most {format_count(MAX_BYTES)} are read.")
    stream.seek(0)
    return read(stream.read(), name=path.name)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m calculator model",
        description="How many parameters a model has, layer by layer, and how many are in transposed ones.",
        epilog="It is never run, unpickled or downloaded: what is counted is what the file says.",
        allow_abbrev=False,
    )
    parser.add_argument("file", metavar="FILE", help="a model as a file or saved text; - for standard input")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    return parser


def _mapped(stream: BinaryIO, path: Path) -> Model:
    """Return the model in an open ONNX file; the tensors' numbers stay on the disk."""
    # It closes when nothing refers to it any more: an error on its way still holds parts of it.
    data = memoryview(mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ))
    with detect.seeming(*detect.ONNX):
        return onnx_file.read_onnx_file(data, name=path.name)
