"""Detection of the format of a text or a file, by its content and never by its name.

A text first loses what all of its lines begin with (``pasted_text``). A text of several formats is read
part by part (``text_parts``). Where something is not counted, ``totals`` begins every total by "at least".
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from io import SEEK_END
from itertools import pairwise
from typing import BinaryIO, NamedTuple

from calculator.core.formatting import short_repr
from calculator.readers import unsupported
from calculator.readers.keras import code as keras_code
from calculator.readers.keras import config as keras_config
from calculator.readers.keras import summary as keras_summary
from calculator.readers.keras.summary_table import joined_titles
from calculator.readers.keras_files import archive as keras_file
from calculator.readers.keras_files import hdf5_file as keras_hdf5
from calculator.readers.keras_files import tfjs
from calculator.readers.layer_table import table as layer_table
from calculator.readers.layer_table.chain import read_typed_table
from calculator.readers.model import MAX_LINES, MAX_NAME_SHOWN, MAX_TEXT, Model, ReadError
from calculator.readers.onnx import file as onnx_file
from calculator.readers.pasted_text import without_marks
from calculator.readers.printed_tables import fastai, numbered, stated_totals, torchinfo, unread
from calculator.readers.pytorch import printed, snippet
from calculator.readers.pytorch_files import checkpoint, hdf5_file
from calculator.readers.readable import readable_sentence
from calculator.readers.tensors import listing, safetensors
from calculator.readers.text_parts import masked, part_begins
from calculator.readers.totals import (
    MAX_PARTS,
    not_counted_sentence,
    undecided_sentence,
    with_others,
)

TEXTS = (
    (snippet.recognises, snippet.read_snippet),
    (tfjs.recognises, tfjs.read_tfjs),
    (keras_config.recognises, keras_config.read_keras_config),
    (unread.recognises, unread.refuse),
    (torchinfo.recognises, torchinfo.read_torchinfo),
    (numbered.recognises, numbered.read_numbered),
    (fastai.recognises, fastai.read_fastai),
    (keras_summary.recognises, keras_summary.read_keras_summary),
    (keras_code.recognises, keras_code.read_keras_code),
    (layer_table.recognises, read_typed_table),
    (listing.recognises, listing.read_listing),
    (printed.recognises, printed.read_printed),
    (stated_totals.recognises, stated_totals.refuse),
)
"""The text formats. A format that can be recognised with more certainty comes first."""


class FileFormat(NamedTuple):
    """A format of files: how it is recognised, its readers, and its name for error sentences.

    ``read_shapes`` reads an open file without the values of the tensors, in formats that keep the shapes
    apart. An error sentence that does not contain ``mark`` begins with the ``title`` of the format.
    """

    recognises: Callable[[bytes], bool]
    read: Callable[..., Model]
    title: str
    mark: str
    read_shapes: Callable[..., Model] | None = None


FILES = (
    FileFormat(unsupported.is_saved_model, unsupported.refuse_saved_model, "a SavedModel", "SavedModel"),
    FileFormat(unsupported.is_named, unsupported.refuse_named, "another format", "This "),
    FileFormat(
        safetensors.recognises,
        safetensors.read_safetensors,
        "a safetensors file",
        "safetensors",
        safetensors.read_safetensors_header,
    ),
    FileFormat(
        keras_file.recognises,
        keras_file.read_keras_file,
        "a .keras file",
        ".keras",
        keras_file.read_keras_stream,
    ),
    FileFormat(
        keras_hdf5.recognises,
        hdf5_file.read_hdf5_file,
        "an HDF5 file",
        "HDF5",
        hdf5_file.read_hdf5_stream,
    ),
    FileFormat(
        checkpoint.recognises,
        checkpoint.read_checkpoint,
        "a file of torch.save",
        "This ",
        checkpoint.read_checkpoint_stream,
    ),
    FileFormat(
        onnx_file.recognises,
        onnx_file.read_onnx_file,
        "an ONNX file",
        "ONNX",
        onnx_file.read_onnx_stream,
    ),
)
"""The file formats. ONNX comes last, because ONNX files have no signature at their beginning."""

NAMED_UNCOUNTED = 10
"""The maximum number of uncounted layers that a sentence names."""

HEAD_BYTES, TAIL_BYTES = 100_000, 1_000_000
"""Bytes at the beginning and at the end of a file by which its format is recognised."""


def read(data: str | bytes, *, name: str = "") -> Model:
    """Return the model in ``data``, which is a pasted text or the bytes of a file.

    ``name`` is the visitor's name for the model and is displayed only. Raises ``ReadError`` with a sentence
    that explains what ``data`` seems to be, or why nothing in it could be counted.

    >>> model = read("ConvTranspose2d(64, 32, kernel_size=(4, 4), stride=(2, 2), padding=(1, 1))")
    >>> model.parameter_count, model.transposed_count
    (32800, 32800)
    >>> read("<!DOCTYPE html><html><body>Not found</body></html>")
    Traceback (most recent call last):
    ...
    calculator.readers.model.ReadError: This is a web page, not a model: the download may have failed, or \
required a login.
    """
    if isinstance(data, str):
        return _with_gaps(_read_text(data, name))
    for file_format in FILES:
        if file_format.recognises(data):
            with seeming(file_format.title, file_format.mark):
                return _with_gaps(file_format.read(data, name=name))
    return _with_gaps(_read_text(_decoded(data), name))


def read_shapes(stream: BinaryIO, *, name: str = "") -> Model | None:
    """Return the model in an open file without reading the values of its tensors.

    ``None`` stands for a format that has no shapes apart from its values, and for text: ``read`` reads those.
    ``stream`` must be a file on disk. Raises ``ReadError``.

    >>> import io
    >>> read_shapes(io.BytesIO(b"type,in,out")) is None
    True
    """
    data = _both_ends(stream)
    if data.startswith(unsupported.SAVED_MODEL):
        return None  # Only the complete file shows whether it is a SavedModel or an ONNX file.
    for file_format in FILES:
        if file_format.recognises(data):
            if file_format.read_shapes is None:
                return None
            stream.seek(0)
            with seeming(file_format.title, file_format.mark):
                return _with_gaps(file_format.read_shapes(stream, name=name))
    return None


def _with_gaps(model: Model) -> Model:
    """Return ``model`` with sentences about what is not counted or undecided among its assumptions.

    Raises ``ReadError`` where nothing could be counted: a total of 0 would be wrong.
    """
    if not model.complete and not model.parameter_count:
        first = model.unknown[0]
        others = f" Nor could {len(model.unknown) - 1:,} more." if len(model.unknown) > 1 else ""
        raise ReadError(
            "Nothing in this model could be counted. "
            f"{first.title[:MAX_NAME_SHOWN]} ({first.type[:MAX_NAME_SHOWN]}) could not: {first.note}{others}"
        )
    sentences = filter(None, (not_counted_sentence(model, NAMED_UNCOUNTED), undecided_sentence(model)))
    return replace(model, assumptions=(*sentences, *model.assumptions))


def _both_ends(stream: BinaryIO) -> bytes:
    """Return the beginning and the end of an open file; of a small file all of it."""
    head = stream.read(HEAD_BYTES)
    stream.seek(max(len(head), stream.seek(0, SEEK_END) - TAIL_BYTES))
    return head + stream.read(TAIL_BYTES)


@contextmanager
def seeming(what: str, word: str) -> Iterator[None]:
    """Prefix the sentence of a ``ReadError`` with the format the file seems to have.

    A sentence that contains ``word`` names the format already, and stays as it is.

    >>> with seeming("an ONNX file", "ONNX"):
    ...     raise ReadError("It ends in the middle of a number.")
    Traceback (most recent call last):
    ...
    calculator.readers.model.ReadError: This seems to be an ONNX file. It ends in the middle of a number.
    """
    try:
        yield
    except ReadError as error:
        if word in str(error):
            raise
        raise ReadError(f"This seems to be {what}. {error}") from None


def _read_text(text: str, name: str) -> Model:
    """Return the model in a text. Raises ``ReadError`` with a sentence about the text."""
    if len(text) > MAX_TEXT:
        raise ReadError(f"The text has {len(text):,} characters; at most {MAX_TEXT:,} are read.")
    if text.count("\n") > MAX_LINES:
        raise ReadError(f"The text has more than {MAX_LINES:,} lines, which is the maximum.")
    start = unsupported.visible_beginning(text)
    if not start:
        raise ReadError(f"The text is empty. {readable_sentence()}")
    if explanation := unsupported.explain_certain_text(text):
        raise ReadError(explanation)
    plain = joined_titles(without_marks(text))
    if parts := _parts(lines := plain.split("\n")):
        return _read_parts(lines, parts, name)
    for recognises, read_text in TEXTS:
        if recognises(plain):
            return stated_totals.with_stated_totals(read_text(plain, name=name), plain)
    if explanation := unsupported.explain_text(text) or unsupported.explain_text(plain):
        raise ReadError(explanation)
    begins = short_repr(start[:50])
    raise ReadError(f"No model was found in this text. It begins with {begins}. {readable_sentence()}")


class _Part(NamedTuple):
    """A part of a text: the place of its format in ``TEXTS``, and its lines as (begin, end)."""

    place: int
    ranges: list[tuple[int, int]]


def _parts(lines: Sequence[str]) -> list[_Part]:
    """Return the parts of a text that formats read, or an empty list where it has only one.

    Each table is a part; prints, lists and code of one format are one part wherever they stand.
    """
    if next((line.lstrip()[:1] for line in lines if line.strip()), "") == "{":  # JSON is one part.
        return []
    begins = part_begins(lines)
    if len(begins) < 2:  # Most texts: their format is looked for once, by the caller.
        return []
    parts: list[_Part] = []
    newest: dict[int, _Part] = {}
    last = None
    for begin, end in pairwise([*begins, len(lines)]):
        text = "\n".join(lines[begin:end])
        found = next((place for place, (recognises, _) in enumerate(TEXTS[:-1]) if recognises(text)), None)
        place = last if found is None else found
        if place is None:
            continue
        if place not in newest or (found is not None and TEXTS[found][0] in _TABLES):
            newest[place] = _Part(place, [])
            parts.append(newest[place])
        newest[place].ranges.append((begin, end))
        last = place
    return parts if len(parts) > 1 else []


def _read_parts(lines: Sequence[str], parts: list[_Part], name: str) -> Model:
    """Return the model in one of several parts of a text: the first without gaps, in the order of ``TEXTS``.

    Raises the first ``ReadError`` where no part is read.
    """
    models: list[Model] = []
    errors: list[str] = []
    parts.sort(key=lambda part: (TEXTS[part.place][0] in _LESS_SURE, part.place))
    for place, ranges in parts[: MAX_PARTS + 1]:
        text = masked(lines, ranges)
        recognises, read_text = TEXTS[place]
        try:
            if recognises is listing.recognises:
                found, refused = listing.read_listings(text, name=name)
                models += found
                errors += refused
            else:
                models.append(stated_totals.with_stated_totals(read_text(text, name=name), text))
        except ReadError as error:
            errors.append(str(error))
    if not models:
        raise ReadError(errors[0])
    models.sort(key=lambda model: (not model.parameter_count, not model.complete))
    return with_others(models[0], [*models[1:], *errors])


_TABLES = frozenset(
    each.recognises for each in (unread, torchinfo, numbered, fastai, keras_summary, layer_table)
)
"""The formats that have titles, each of which begins another part."""

_LESS_SURE = (keras_code.recognises, listing.recognises)
"""The formats that come last among several parts: code is not run, and a list has no classes."""


def _decoded(data: bytes) -> str:
    """Return the text in a file. Raises ``ReadError`` with an explanation where the file is not text."""
    if explanation := unsupported.explain_file(data):
        raise ReadError(explanation)
    # Redirected output of Windows' PowerShell is UTF-16.
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = "\0"
    if data and not data.strip(b"\0"):
        raise ReadError(
            f"This file has {len(data):,} bytes, all of them zero: copying or downloading it failed."
        )
    if "\0" in text:
        raise ReadError(
            "This file is neither text nor a model in a known format "
            f"(text must be in UTF-8 or UTF-16). {readable_sentence()}"
        )
    return text
