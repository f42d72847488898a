"""Which format something is in: decided by what it holds, never by its name."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import SEEK_END
from typing import BinaryIO, NamedTuple

from calculator.core.formatting import short_repr
from calculator.readers import unsupported
from calculator.readers.keras import config as keras_config
from calculator.readers.keras import file as keras_file
from calculator.readers.keras import summary as keras_summary
from calculator.readers.layer_table import table as layer_table
from calculator.readers.model import MAX_LINES, MAX_TEXT, Model, ReadError
from calculator.readers.onnx import file as onnx_file
from calculator.readers.pytorch import checkpoint, printed, snippet
from calculator.readers.tensors import safetensors

TEXTS = (
    (snippet.recognises, snippet.read_torch_json),
    (keras_config.recognises, keras_config.read_keras_config),
    (keras_summary.recognises, keras_summary.read_keras_summary),
    (layer_table.recognises, layer_table.read_table),
    (printed.recognises, printed.read_torch_print),
)
"""Formats of text, the surest first."""


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
    FileFormat(
        safetensors.recognises,
        safetensors.read_safetensors,
        "a safetensors file",
        "safetensors",
        safetensors.read_safetensors_header,
    ),
    FileFormat(keras_file.recognises, keras_file.read_keras_file, "a .keras file", ".keras"),
    FileFormat(
        checkpoint.recognises,
        checkpoint.read_torch_file,
        "a file of torch.save",
        "This ",
        checkpoint.read_torch_stream,
    ),
    FileFormat(
        onnx_file.recognises,
        onnx_file.read_onnx_file,
        "an ONNX file",
        "ONNX",
        onnx_file.read_onnx_stream,
    ),
)
"""Formats of files. ONNX has no mark at its beginning, so it comes last."""

HEAD_BYTES, TAIL_BYTES = 100_000, 1_000_000
"""Bytes at the beginning and at the end of a file by which its format is recognised."""

READ = (
    "What can be read: print(model) of PyTorch, the JSON of the snippet, model.to_json() and model.summary() "
    "of Keras, a table of layers, and .keras, .onnx, .safetensors, .pt or .pth files."
)


def read(data: str | bytes, *, name: str = "") -> Model:
    """Return the model that ``data`` holds: a pasted text, or the bytes of a file.

    ``name`` is what the visitor calls it, and is only shown. Raises ``ReadError`` with a sentence that
    says what ``data`` seems to be instead.

    >>> model = read("ConvTranspose2d(64, 32, kernel_size=(4, 4), stride=(2, 2), padding=(1, 1))")
    >>> model.parameter_count, model.transposed_count
    (32800, 32800)
    >>> read("<!DOCTYPE html><html><body>Not found</body></html>")
    Traceback (most recent call last):
    ...
    calculator.readers.model.ReadError: This is a web page, not a model: the download may have failed, or \
asked for a login.
    """
    if isinstance(data, str):
        return _read_text(data, name)
    for file_format in FILES:
        if file_format.recognises(data):
            with seeming(file_format.title, file_format.mark):
                return file_format.read(data, name=name)
    return _read_text(_decoded(data), name)


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
                return file_format.read_shapes(stream, name=name)
    return None


def _both_ends(stream: BinaryIO) -> bytes:
    """Return the beginning and the end of an open file; of a small file all of it."""
    head = stream.read(HEAD_BYTES)
    stream.seek(max(len(head), stream.seek(0, SEEK_END) - TAIL_BYTES))
    return head + stream.read(TAIL_BYTES)


@contextmanager
def seeming(what: str, word: str) -> Iterator[None]:
    """Let a sentence about something that cannot be read begin with what it seems to be, unless it says so.

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
    """Return the model a text holds."""
    if len(text) > MAX_TEXT:
        raise ReadError(f"The text has {len(text):,} characters; at most {MAX_TEXT:,} are read.")
    if text.count("\n") > MAX_LINES:
        raise ReadError(f"The text has more than {MAX_LINES:,} lines, the most that are read.")
    begins = unsupported.beginning(text)
    if not begins:
        raise ReadError(f"There is nothing in it. {READ}")
    if kind := unsupported.sure_kind(text):
        raise ReadError(kind)
    for recognises, read_text in TEXTS:
        if recognises(text):
            return read_text(text, name=name)
    if kind := unsupported.text_kind(text):
        raise ReadError(kind)
    raise ReadError(f"No model was found in this text. It begins {short_repr(begins[:50])}. {READ}")


def _decoded(data: bytes) -> str:
    """Return the text that a file holds; say what it is where it is none."""
    if kind := unsupported.file_kind(data):
        raise ReadError(kind)
    # UTF-16 is what a redirection in Windows' PowerShell writes.
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = "\0"
    if data and not data.strip(b"\0"):
        raise ReadError(
            f"This file has {len(data):,} bytes, all of them zero: copying or downloading it has failed."
        )
    if "\0" in text:
        raise ReadError(
            "This file is neither text nor a model in a format that is known "
            f"(text must be in UTF-8 or UTF-16). {READ}"
        )
    return text
