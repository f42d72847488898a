"""Which format something is in: decided by what it holds, never by its name."""

from calculator.readers import (
    chain,
    keras_config,
    keras_file,
    keras_summary,
    onnx_file,
    safetensors,
    torch_file,
    torch_json,
    torch_print,
)
from calculator.readers.model import MOST_LINES, MOST_TEXT, Model, ReadError

TEXTS = (
    (torch_json.recognises, torch_json.read_torch_json),
    (keras_config.recognises, keras_config.read_keras_config),
    (keras_summary.recognises, keras_summary.read_keras_summary),
    (chain.recognises, chain.read_table),
    (torch_print.recognises, torch_print.read_torch_print),
)
"""Formats of text, the surest first."""

FILES = (
    (safetensors.recognises, safetensors.read_safetensors),
    (keras_file.recognises, keras_file.read_keras_file),
    (torch_file.recognises, torch_file.read_torch_file),
    (onnx_file.recognises, onnx_file.read_onnx_file),
)
"""Formats of files. ONNX has no mark at its beginning, so it comes last."""

READ = (
    "What can be read: print(model) of PyTorch, the JSON of the snippet, model.to_json() and model.summary() "
    "of Keras, a table of layers, and .keras, .onnx, .safetensors, .pt or .pth files."
)

ELSE = (
    (b"\x89HDF\r\n\x1a\n", "This is an HDF5 file (.h5). Save the model as .keras, or paste model.to_json()."),
    (
        b"version https://git-lfs",
        "This is a Git LFS pointer, not the model itself: fetch it with git lfs pull.",
    ),
    (b"\x1f\x8b", "This is a gzip archive. Unpack it, and give the model that is inside."),
    (b"ustar", "This is a tar archive. Unpack it, and give the model that is inside."),
    (b"%PDF", "This is a PDF document, not a model."),
    (b"\x89PNG", "This is a picture, not a model."),
    (b"\xff\xd8\xff", "This is a picture, not a model."),
    (b"GGUF", "This is a GGUF file, which is not among the formats that can be read."),
    (b"PK\x05\x06", "This is an empty zip archive, not a model."),
    (
        b"PK",
        "This is a zip archive, but neither a .keras file nor one that torch.save made. "
        "Unpack it, and give the model that is inside.",
    ),
    (
        b"\x80",
        "This is a bare pickle, as old versions of torch.save made. It is never run, so it cannot be read: "
        "load it and save its state_dict() again, or use the snippet.",
    ),
)
"""How other files begin, and what is said of them."""

PAGE = ("<!doctype html", "<html", "<head", "<body", "<?xml")


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
    for recognises, read_file in FILES:
        if recognises(data):
            return read_file(data, name=name)
    return _read_text(_decoded(data), name)


def _read_text(text: str, name: str) -> Model:
    """Return the model a text holds."""
    if len(text) > MOST_TEXT:
        raise ReadError(f"The text has {len(text):,} characters; at most {MOST_TEXT:,} are read.")
    if text.count("\n") > MOST_LINES:
        raise ReadError(f"The text has more than {MOST_LINES:,} lines, the most that are read.")
    begins = text[:2000].lstrip().lower()
    if not text.strip():
        raise ReadError(f"There is nothing in it. {READ}")
    if begins.startswith(PAGE):
        raise ReadError(
            "This is a web page, not a model: the download may have failed, or asked for a login."
        )
    for start, sentence in ELSE:
        if begins.encode("utf-8", "replace").startswith(start):
            raise ReadError(sentence)
    for recognises, read_text in TEXTS:
        if recognises(text):
            return read_text(text, name=name)
    raise ReadError(f"No model was found in this text. {READ}")


def _decoded(data: bytes) -> str:
    """Return the text that a file holds; say what it is where it is none."""
    for start, sentence in ELSE:
        if data.startswith(start) or (start == b"ustar" and data[257:262] == start):
            raise ReadError(sentence)
    # UTF-16 is what a redirection in Windows' PowerShell writes.
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise ReadError(f"This file is neither text nor a model in a format that is known. {READ}") from None
