"""Recognition of common files and texts that are not models, with a sentence that explains each of them."""

import re

from calculator.readers.model import Model, ReadError

_PICTURE = "This is a picture, not a model."
_VIDEO = "This is a sound or a video, not a model."
_PROGRAM = "This is a program, not a model. It is not run."
_ARCHIVE = "This is {}. Unpack it, and open the model inside."
_ZSTD, _BZIP2, _RAR = (_ARCHIVE.format(f"a {kind} archive") for kind in ("Zstandard", "bzip2", "RAR"))
_UNREAD = "which is not a format that can be read."

_FILE_STARTS = (
    (b"\x89HDF\r\n\x1a\n", "This is an HDF5 file (.h5). Save the model as .keras, or paste model.to_json()."),
    (
        b"version https://git-lfs",
        "This is a Git LFS pointer, not the model itself: fetch it with git lfs pull.",
    ),
    (b"\x1f\x8b", _ARCHIVE.format("a gzip archive")),
    (b"7z\xbc\xaf\x27\x1c", _ARCHIVE.format("a 7z archive")),
    (b"\x28\xb5\x2f\xfd", _ZSTD),
    (b"\xfd7zXZ\x00", _ARCHIVE.format("an xz archive")),
    (b"BZh", _BZIP2),
    (b"Rar!\x1a\x07", _RAR),
    (b"%PDF", "This is a PDF document, not a model."),
    (b"\x89PNG", _PICTURE),
    (b"\xff\xd8\xff", _PICTURE),
    (b"GIF8", _PICTURE),
    (b"II*\x00", _PICTURE),
    (b"MM\x00*", _PICTURE),
    (b"\x7fELF", _PROGRAM),
    (b"MZ\x90", _PROGRAM),
    (b"GGUF", f"This is a GGUF file, {_UNREAD}"),
    (b"\x93NUMPY", "This is a NumPy array (.npy): one array without a name, not a model."),
    (b"PK\x05\x06", "This is an empty zip archive, not a model."),
)

_FILE_MARKS = (
    (4, b"TFL3", f"This is a TensorFlow Lite file (.tflite), {_UNREAD}"),
    (8, b"WEBP", _PICTURE),
    (8, b"WAVE", _VIDEO),
    (4, b"ftyp", _VIDEO),
    (257, b"ustar", _ARCHIVE.format("a tar archive")),
)
"""Signatures that follow other bytes: (offset, signature, sentence)."""

_PICKLE = (
    "This is a bare pickle, as pickle, joblib and old versions of torch.save write it. A pickle is never "
    "run, so this file cannot be read: load it and save its state_dict() again, or use the snippet."
)
_TENSORFLOW = (
    "This is a TensorFlow {} (.pb), which contains operations. Load it in TensorFlow and save it as .keras, "
    "or paste model.summary()."
)

_ZIP_MEMBERS = (
    (b".npy", "This is a NumPy archive (.npz): arrays without their layers. Save the model as .safetensors."),
    (b"[Content_Types].xml", "This is a document of an office program, not a model."),
    (b"saved_model.pb", _TENSORFLOW.format("SavedModel in a zip archive")),
    (b"model.weights.h5", "This is a .keras file without its config.json, so it cannot be read."),
)
"""Kinds of zip archives, by the name of a member."""

_PAGE_STARTS = ("<!doctype html", "<html", "<head", "<body", "<script", "<!--")
_PRINTED_TENSORS = re.compile(
    r"(?!OrderedDict\([\[{]\(?'[^'\n]{1,200}'[,:] torch\.Size)(?:OrderedDict|odict_keys|tensor)\("
    r"|\{'[^'\n]{1,200}': tensor\("
)

_TEXT_PATTERNS = (
    (
        re.compile(
            r"<(?:\w{1,100} name=[^<>\n]{0,400}, built=(?:True|False)>|[\w.]*keras[\w.]* object at 0x)"
        ),
        "This is the output of print(model) in Keras, which names no layers. Paste model.summary() or "
        "model.to_json().",
    ),
    (
        re.compile(r"c[\w.]+\n[\w.]+\n|\([dl]p\d|\(i[\w.]+\n|ccopy_reg\n"),
        _PICKLE,
    ),
    (
        re.compile(r"<\?xml|<!doctype|<[a-z]{1,20}[ >]", re.IGNORECASE),
        "This is an XML document, not a model: if it was downloaded, it may be an error message.",
    ),
    (
        re.compile(r"Traceback \(most recent call last\)"),
        "This is an error message of Python, not a model.",
    ),
    (
        re.compile(r'[\[{].{0,2000}?"(?:nbformat|cells)"\s*:', re.DOTALL),
        "This is a notebook (.ipynb), not a model: copy the output of print(model) from the notebook.",
    ),
    (
        re.compile(r'\{.{0,2000}?"weight_map"\s*:', re.DOTALL),
        "This is the index of a model in several files: open those files one by one.",
    ),
    (
        re.compile(r'\{\s*(?:"|\})|\[\s*(?:[\[{"\d]|\])'),
        "This is JSON, but not a model: it is neither the snippet's nor that of model.to_json() in Keras.",
    ),
    (
        re.compile(r"(?:.*\n){0,200}?(?:import \w|from [\w.]+ import |def \w+\(|class \w+[(:])"),
        "This is Python code, which is never run: paste the output of print(model).",
    ),
)
"""Kinds of texts that no reader recognises, by a pattern at the beginning of the text."""


def explain_file(data: bytes) -> str:
    r"""Return a sentence that explains a file which no reader recognises, or "" for an unknown kind of file.

    >>> explain_file(b"\x89PNG\r\n\x1a\n"), explain_file(b"Sequential(")
    ('This is a picture, not a model.', '')
    """
    for start, sentence in _FILE_STARTS:
        if data.startswith(start):
            return sentence
    for offset, signature, sentence in _FILE_MARKS:
        if data[offset : offset + len(signature)] == signature:
            return sentence
    if data.startswith(b"PK\x03\x04"):
        return _explain_zip(data)
    if data[:1] == b"\x80" and data[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05"):
        return _PICKLE
    # A frozen graph has no signature: its first field is a node, and graphs have a Placeholder early.
    if data[:1] == b"\n" and b"\x12\x0bPlaceholder" in data[:100_000]:
        return _TENSORFLOW.format("graph")
    return ""


def _explain_zip(data: bytes) -> str:
    """Return a sentence about a zip archive that is neither a .keras file nor a file of torch.save."""
    # Names of members stand before the members and again in the directory at the end of the archive.
    for name, sentence in _ZIP_MEMBERS:
        if name in data[:1000] or name in data[-100_000:]:
            return sentence
    if b"PK\x05\x06" not in data[-66_000:]:
        return "This is a zip archive that is cut short: its end is missing. Copy or download it again."
    return (
        "This is a zip archive, but neither a .keras file nor a file of torch.save. "
        "Unpack it, and open the model inside."
    )


SAVED_MODEL = b"\x08\x01\x12"
"""The first bytes of a SavedModel, and possibly of an ONNX file of the first version."""


def is_saved_model(data: bytes) -> bool:
    """Return whether a file is TensorFlow's SavedModel, which begins as an ONNX file does."""
    return data.startswith(SAVED_MODEL) and b"\x22\x05serve" in data


def refuse_saved_model(data: bytes, *, name: str = "") -> Model:
    """Raise ``ReadError``: a SavedModel keeps its weights in other files."""
    raise ReadError(_TENSORFLOW.format("SavedModel"))


def explain_certain_text(text: str) -> str:
    """Return a sentence about a text that is certainly not a model, or "" for any other text.

    >>> explain_certain_text("<HTML><p>Sign in</p>")[:22], explain_certain_text("Sequential(")
    ('This is a web page, no', '')
    """
    start = visible_beginning(text)
    if start.lower().startswith(_PAGE_STARTS):
        return "This is a web page, not a model: the download may have failed, or required a login."
    if _PRINTED_TENSORS.match(start):
        return "These are printed tensors, not a model: print the model itself, or use the snippet."
    return ""


def explain_text(text: str) -> str:
    """Return a sentence that explains a text which no reader recognises, or "" for an unknown kind of text.

    >>> explain_text('{"name": "my-package"}')
    "This is JSON, but not a model: it is neither the snippet's nor that of model.to_json() in Keras."
    """
    start = visible_beginning(text)
    if explanation := explain_file(start[:1000].encode("utf-8", "replace")):
        return explanation
    for pattern, sentence in _TEXT_PATTERNS:
        if pattern.match(start):
            return sentence
    if _is_table(start):
        return (
            "This looks like a table, but not like a table of layers: its first line must name the columns, "
            "among them type and in, out or count."
        )
    return ""


def visible_beginning(text: str) -> str:
    """Return the first 20,000 characters of a text, without the white space and the marks before them."""
    return text.lstrip("\ufeff \t\r\n\f\v\xa0")[:20_000]


def _is_table(start: str) -> bool:
    """Return whether the first four lines have the same number of separators each."""
    lines = [line for line in start.splitlines() if line.strip()][:4]
    return len(lines) > 1 and any(
        lines[0].count(mark) > 0 and len({line.count(mark) for line in lines}) == 1 for mark in "\t;|,"
    )
