"""What is given in place of a model, known by how it begins, and the sentence that says what it is."""

import re

from calculator.readers.model import Model, ReadError

_PICTURE = "This is a picture, not a model."
_VIDEO = "This is a sound or a video, not a model."
_PROGRAM = "This is a program, not a model. It is not run."
_PACKED = "This is {}. Unpack it, and give the model that is inside."
_ZSTD, _BZIP2, _RAR = (_PACKED.format(f"a {kind} archive") for kind in ("Zstandard", "bzip2", "RAR"))
_UNREAD = "which is not among the formats that can be read."

_BEGINNINGS = (
    (b"\x89HDF\r\n\x1a\n", "This is an HDF5 file (.h5). Save the model as .keras, or paste model.to_json()."),
    (
        b"version https://git-lfs",
        "This is a Git LFS pointer, not the model itself: fetch it with git lfs pull.",
    ),
    (b"\x1f\x8b", _PACKED.format("a gzip archive")),
    (b"7z\xbc\xaf\x27\x1c", _PACKED.format("a 7z archive")),
    (b"\x28\xb5\x2f\xfd", _ZSTD),
    (b"\xfd7zXZ\x00", _PACKED.format("an xz archive")),
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

_PLACES = (
    (4, b"TFL3", f"This is a TensorFlow Lite file (.tflite), {_UNREAD}"),
    (8, b"WEBP", _PICTURE),
    (8, b"WAVE", _VIDEO),
    (4, b"ftyp", _VIDEO),
    (257, b"ustar", _PACKED.format("a tar archive")),
)
"""Marks that stand further in."""

_PICKLE = (
    "This is a bare pickle, as pickle, joblib and old versions of torch.save write it. It is never run, so "
    "it cannot be read: load it and save its state_dict() again, or use the snippet."
)
_SAVED = (
    "This is a TensorFlow {} (.pb), which holds operations. Load it in TensorFlow and save it as .keras, or "
    "paste model.summary()."
)

_ZIPS = (
    (b".npy", "This is a NumPy archive (.npz): arrays without their layers. Save the model as .safetensors."),
    (b"[Content_Types].xml", "This is a document of an office program, not a model."),
    (b"saved_model.pb", _SAVED.format("SavedModel in a zip archive")),
    (b"model.weights.h5", "This is a .keras file without its config.json: it cannot be read."),
)
"""Zip archives by the name of a member."""

_PAGE = ("<!doctype html", "<html", "<head", "<body", "<script", "<!--")
_TENSORS = re.compile(r"(?:OrderedDict|odict_keys|tensor)\(|\{'[^'\n]{1,200}': tensor\(")

_WORDS = (
    (
        re.compile(
            r"<(?:\w{1,100} name=[^<>\n]{0,400}, built=(?:True|False)>|[\w.]*keras[\w.]* object at 0x)"
        ),
        "This is what print(model) shows in Keras: a name, and none of the layers. Paste model.summary() or "
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
        "This is a notebook (.ipynb), not a model: copy what print(model) shows in it.",
    ),
    (
        re.compile(r'\{.{0,2000}?"weight_map"\s*:', re.DOTALL),
        "This is the index of a model that lies in several files: open those files one by one.",
    ),
    (
        re.compile(r'\{\s*(?:"|\})|\[\s*(?:[\[{"\d]|\])'),
        "This is JSON, but holds no model: neither that of the snippet nor that of Keras' model.to_json().",
    ),
    (
        re.compile(r"(?:.*\n){0,200}?(?:import \w|from [\w.]+ import |def \w+\(|class \w+[(:])"),
        "This is Python code, which is never run: paste what print(model) shows.",
    ),
)
"""Texts that no reader took, by a pattern at their beginning."""


def file_kind(data: bytes) -> str:
    r"""Return a sentence about what a file is that no reader took; an empty one where that is not known.

    >>> file_kind(b"\x89PNG\r\n\x1a\n"), file_kind(b"Sequential(")
    ('This is a picture, not a model.', '')
    """
    for start, sentence in _BEGINNINGS:
        if data.startswith(start):
            return sentence
    for place, mark, sentence in _PLACES:
        if data[place : place + len(mark)] == mark:
            return sentence
    if data.startswith(b"PK\x03\x04"):
        return _zip_kind(data)
    if data[:1] == b"\x80" and data[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05"):
        return _PICKLE
    if data[:1] == b"\n" and b"\x12\x0bPlaceholder" in data[:100_000]:
        return _SAVED.format("graph")
    return ""


def _zip_kind(data: bytes) -> str:
    for name, sentence in _ZIPS:
        if name in data[:1000] or name in data[-100_000:]:
            return sentence
    if b"PK\x05\x06" not in data[-66_000:]:
        return "This is a zip archive that is cut short: its end is missing. Copy or download it again."
    return (
        "This is a zip archive, but neither a .keras file nor one that torch.save made. "
        "Unpack it, and give the model that is inside."
    )


SAVED_MODEL = b"\x08\x01\x12"
"""How a SavedModel begins, and might an ONNX file of the first version."""


def is_saved_model(data: bytes) -> bool:
    """Return whether a file is TensorFlow's SavedModel, which begins as an ONNX file does."""
    return data.startswith(SAVED_MODEL) and b"\x22\x05serve" in data


def refuse_saved_model(data: bytes, *, name: str = "") -> Model:
    """Raise ``ReadError``: what is trained in a SavedModel lies in other files."""
    raise ReadError(_SAVED.format("SavedModel"))


def sure_kind(text: str) -> str:
    """Return a sentence about a text that is no model whatever else is in it, or an empty one.

    >>> sure_kind("<HTML><p>Sign in</p>")[:22], sure_kind("Sequential(")
    ('This is a web page, no', '')
    """
    begins = beginning(text)
    if begins.lower().startswith(_PAGE):
        return "This is a web page, not a model: the download may have failed, or asked for a login."
    if _TENSORS.match(begins):
        return "These are printed tensors, not a model: print the model itself, or use the snippet."
    return ""


def text_kind(text: str) -> str:
    """Return a sentence about what a text is that no reader took; an empty one where that is not known.

    >>> text_kind('{"name": "my-package"}')
    "This is JSON, but holds no model: neither that of the snippet nor that of Keras' model.to_json()."
    """
    begins = beginning(text)
    if kind := file_kind(begins[:1000].encode("utf-8", "replace")):
        return kind
    for pattern, sentence in _WORDS:
        if pattern.match(begins):
            return sentence
    if _is_table(begins):
        return (
            "This looks like a table, but not like one of layers: its first line must name the columns, type "
            "and in, out or count among them."
        )
    return ""


def beginning(text: str) -> str:
    """Return the first 20,000 characters that are to be seen."""
    return text.lstrip("\ufeff \t\r\n\f\v\xa0")[:20_000]


def _is_table(begins: str) -> bool:
    """Return whether the first lines have as many separators each."""
    lines = [line for line in begins.splitlines() if line.strip()][:4]
    return len(lines) > 1 and any(
        lines[0].count(mark) > 0 and len({line.count(mark) for line in lines}) == 1 for mark in "\t;|,"
    )
