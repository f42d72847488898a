"""Recognition of common files and texts that are not models, with a sentence that explains each of them."""

import re

from calculator.readers.model import Model, ReadError

_PICTURE = "This is a picture, not a model."
_VIDEO = "This is a sound or a video, not a model."
_PROGRAM = "This is a program, not a model. It is not run."
_ARCHIVE = "This is {}. Unpack it, and open the model inside."
_ZSTD, _BZIP2, _RAR = (_ARCHIVE.format(f"a {kind} archive") for kind in ("Zstandard", "bzip2", "RAR"))

_TABLE = "Or type its layers as a table: type, in, out, kernel_size."
_TFLITE = (
    "This is a TensorFlow Lite file (.tflite), which is not read. Open the Keras model that it was made of, "
    "or run python -m tf2onnx.convert --tflite model.tflite --output model.onnx, and open the ONNX file."
)
_NCNN = (
    "This is a file of ncnn, which is not read. Open the PyTorch or ONNX model that it was converted from. "
    f"{_TABLE}"
)
_CAFFE = (
    "This is a network of Caffe{}, which is not read. Convert it to ONNX, for example with caffe2onnx, and "
    f"open the ONNX file. {_TABLE}"
)
_DARKNET = (
    "This is {} of Darknet, which is not read. Open an ONNX file that was exported from the network. "
    f"{_TABLE}"
)
_OPENVINO = (
    "This is a network of OpenVINO (IR), which is not read. Open the ONNX, Keras or PyTorch model that it "
    "was made of."
)
_CORE_ML = (
    "This is a Core ML model{}, which is not read. Open the PyTorch or Keras model that it was made of."
)
_PADDLE = (
    "This is {} of Paddle, which is not read. Paste the output of paddle.summary(model, input_size), or "
    "convert the model with paddle2onnx and open the ONNX file. A .pdparams file becomes a safetensors file "
    "with safetensors.numpy.save_file({{k: v.numpy() for k, v in paddle.load(path).items()}}, new_path)."
)
_MXNET = (
    "This is {} of MXNet, which is not read. Convert the model with mx.onnx.export_model, and open the ONNX "
    "file."
)
_MATLAB = (
    "This is a MATLAB file (.mat). Export the network in MATLAB with exportONNXNetwork, and open the ONNX "
    "file."
)
_FLAX = (
    "This is a msgpack file of Flax (to_bytes), which is not read: print the shapes with "
    "jax.tree.map(jax.numpy.shape, params), and type the layers as a table: type, in, out, kernel_size."
)
_TENSORRT = (
    "This is an engine of TensorRT, compiled for one graphics card. Open the ONNX file that it was built "
    "from."
)
_GGUF = "This is a GGUF file, which is not read. Open the safetensors file that it was converted from."

_FILE_STARTS = (
    (b"MATLAB 5.0 MAT-file", _MATLAB),
    (b"ftrt", _TENSORRT),
    (b"ptrt", _TENSORRT),
    (b"\x12\x01\0\0\0\0\0\0", _MXNET.format("a file of parameters")),
    (b"\0\0\0\0\x01\0\0\0\0\0\0\0", _DARKNET.format("a file of weights")),
    (b"\0\0\0\0\x02\0\0\0", _DARKNET.format("a file of weights")),
    (b"\xdd\x85\x76\0", _NCNN),
    (b"\x47\x6b\x30\x01", _NCNN),
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
    (b"GGUF", _GGUF),
    (b"GGML", _GGUF),
    (b"\x93NUMPY", "This is a NumPy array (.npy): one array without a name, not a model."),
    (b"PK\x05\x06", "This is an empty zip archive, not a model."),
)

_FILE_MARKS = (
    (4, b"TFL3", _TFLITE),
    (
        4,
        b"ORTM",
        "This is a model in the format of ONNX Runtime (.ort). Open the ONNX file that it was made of.",
    ),
    (4, b"ET12", "This is a program of ExecuTorch (.pte). Open the PyTorch model that it was made of."),
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
    "paste model.summary(), or convert it with python -m tf2onnx.convert {}, and open the ONNX file."
)
_SAVED_MODEL = "--saved-model FOLDER --output model.onnx"
_GRAPH = "--graphdef model.pb --inputs x:0 --outputs y:0 --output model.onnx"
_CHECKPOINT = (
    "This is a checkpoint of TensorFlow, which has variables in several files. Load the model in TensorFlow "
    "and save it as .keras, or paste model.summary()."
)

_EXPORTED = (
    "This is a program of torch.export (.pt2), which is not read: save model.state_dict() of the model that "
    "it was exported from with torch.save, or export the model to ONNX."
)

_ZIP_MEMBERS = (
    (b"/archive_format", _EXPORTED),
    (b"serialized_exported_program.json", _EXPORTED),
    (
        b".npy",
        "This is a NumPy archive (.npz): arrays without their layers. Save the model as .safetensors: "
        "safetensors.numpy.save_file(dict(numpy.load(…)), …).",
    ),
    (b"com.apple.CoreML", _CORE_ML.format(" in a package (.mlpackage)")),
    (b"[Content_Types].xml", "This is a document of an office program, not a model."),
    (b"saved_model.pb", _TENSORFLOW.format("SavedModel in a zip archive", _SAVED_MODEL)),
    (b"model.weights.h5", "This is a .keras file without its config.json, so it cannot be read."),
)
"""Kinds of zip archives, by the name of a member."""

_PROTOTXT = re.compile(
    r"(?:#[^\n]{0,2000}\n|\s|\}|\w{1,50}\s{0,9}[:{][^\n]{0,2000}\n){0,300}?"
    r"layers?\s{0,9}\{\s{0,100}(?:#[^\n]{0,2000}\n\s{0,100})?(?:name|type|top|bottom)\s{0,9}:"
)
_DARKNET_SECTIONS = re.compile(
    r"(?:[#;][^\n]{0,2000}\n|\s){0,300}?\[\w{1,50}\]\s.{0,20000}?"
    r"\[(?:convolutional|deconvolutional|connected|maxpool|yolo)\]",
    re.DOTALL,
)
_CERTAIN_PATTERNS = (
    (re.compile(r"7767517\s"), _NCNN),
    (_PROTOTXT, _CAFFE.format(" (prototxt)")),
    (_DARKNET_SECTIONS, _DARKNET.format("a network")),
    (re.compile(r"(?:<\?xml[^<>]{0,200}>\s{0,100})?<net\s[^<>]{0,1000}>\s{0,100}<"), _OPENVINO),
    (
        re.compile(r'\{\s{0,100}"nodes"\s{0,100}:\s{0,100}\[\s{0,100}\{\s{0,100}"op"\s{0,100}:'),
        _MXNET.format("a network"),
    ),
    (
        re.compile(r'\{\s{0,100}"base_code"\s{0,100}:\s{0,100}\{.{0,200}?"pir"', re.DOTALL),
        _PADDLE.format("a program"),
    ),
    (re.compile(r'model_checkpoint_path\s{0,9}:\s{0,9}"'), _CHECKPOINT),
)
"""Kinds of texts that are certainly in another format, by a pattern at the beginning of the text."""

_PAGE_STARTS = ("<!doctype html", "<html", "<head", "<body", "<script", "<!--")
_PRINTED_TENSORS = re.compile(
    r"(?!OrderedDict\([\[{]\(?'[^'\n]{1,200}'[,:] (?:torch\.Size|[A-Z]\w{0,99}\())"
    r"(?:OrderedDict|odict_keys|tensor)\("
    r"|\{'[^'\n]{1,200}': tensor\("
)

_VARIABLES = (
    "This is a list of variables of Keras or TensorFlow, which is not read: save the model as .keras, or its "
    "weights with model.save_weights as .weights.h5, and open that file, or paste model.summary()."
)

_TEXT_PATTERNS = (
    (
        re.compile(
            r"(?:[^\n]{0,2000}\n){0,20}?[^\n]{0,300}?/(?:(?:depthwise_|pointwise_|recurrent_)?kernel|bias|gamma|beta"
            r"|moving_(?:mean|variance)|embeddings)(?::0)?(?!\w)[^\n]{0,40}?[\[(]\s?\d"
        ),
        _VARIABLES,
    ),
    (
        re.compile(
            r"<(?:\w{1,100} name=[^<>\n]{0,400}, built=(?:True|False)>"
            r"|[\w.]{0,200}keras[\w.]{0,200} object at 0x)"
        ),
        "This is the output of print(model) in Keras, which names no layers. Paste model.summary() or "
        "model.to_json().",
    ),
    (
        re.compile(r"c[\w.]+\n[\w.]+\n|\([dl]p\d|\(i[\w.]+\n|ccopy_reg\n"),
        _PICKLE,
    ),
    (
        re.compile(r"\[?<KerasVariable "),
        _VARIABLES,
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
    if data[-8:] == _LEVELDB_END:
        return _CHECKPOINT
    for offset, signature, sentence in _FILE_MARKS:
        if data[offset : offset + len(signature)] == signature:
            return sentence
    if data.startswith(b"PK\x03\x04"):
        return _explain_zip(data)
    if data[:1] == b"\x80" and data[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05"):
        return _PICKLE
    return _explain_without_signature(data[:100_000])


def _explain_without_signature(head: bytes) -> str:
    """Return a sentence about the beginning of a file whose format has no signature, or ""."""
    # Versions and levels of 0, the size of a description, and the type of the first tensor.
    if head[:16] == bytes(16) and head[17:21] == b"\0\0\0\x08":
        return _PADDLE.format("a file of parameters (.pdiparams)")
    if head[:1] == b"\n":
        # The first field of a frozen graph is a node, and graphs have a Placeholder early. The first field of
        # a network of Caffe is its name, and its layers have the field 2 or 100.
        if b"\x12\x0bPlaceholder" in head:
            return _TENSORFLOW.format("graph", _GRAPH)
        if b"\x04feed" in head and b"\x05fetch" in head:
            return _PADDLE.format("a program")
        name_end = 2 + (head[1] if len(head) > 1 else 0)
        if head[name_end : name_end + 2] == b"\xa2\x06" or (
            head[name_end : name_end + 1] == b"\x12" and b"onvolution" in head
        ):
            return _CAFFE.format(" (caffemodel)")
    # A dictionary of msgpack whose first key is text; its arrays name their types.
    first, second = (*head[:2], 0, 0)[:2]
    if (0x80 < first < 0x90 or first in (0xDE, 0xDF)) and (
        any(kind in head for kind in (b"\xa7float32", b"\xa8bfloat16", b"\xa7float16"))
    ):
        return _FLAX if second < 0xC0 or first > 0xD0 else ""
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


_LEVELDB_END = b"\x57\xfb\x80\x8b\x24\x75\x47\xdb"
"""The last bytes of the index of a checkpoint of TensorFlow."""

SAVED_MODEL = b"\x08\x01\x12"
"""The first bytes of a SavedModel, and possibly of an ONNX file of the first version."""


def is_saved_model(data: bytes) -> bool:
    """Return whether a file is TensorFlow's SavedModel, which begins as an ONNX file does."""
    return data.startswith(SAVED_MODEL) and b"\x22\x05serve" in data


def refuse_saved_model(data: bytes, *, name: str = "") -> Model:
    """Raise ``ReadError``: a SavedModel keeps its weights in other files."""
    raise ReadError(_TENSORFLOW.format("SavedModel", _SAVED_MODEL))


def is_named(data: bytes) -> bool:
    r"""Return whether a file that begins as files of other formats do is certainly one of Core ML or Paddle.

    >>> is_named(b"\x08\x04\x12\x05\n\x03\n\x01x"), is_named(b"\x08\x07\x12\x07pytorch")
    (True, False)
    """
    return bool(_named(data))


def refuse_named(data: bytes, *, name: str = "") -> Model:
    """Raise ``ReadError``: the file ``data``, which ``is_named``, has a format that is not read."""
    raise ReadError(_named(data))


def _named(data: bytes) -> str:
    """Return the sentence about a file of Core ML or Paddle, or ""."""
    # The second field of a Core ML model describes its inputs; in an ONNX file it is the name of a program.
    if data[:1] == b"\x08" and data[2:3] == b"\x12":
        size = 1 + (data[3:4] >= b"\x80") + (data[3:4] >= b"\x80" <= data[4:5])
        return _CORE_ML.format("") if data[3 + size : 4 + size] == b"\n" else ""
    # The dictionary of a state of Paddle has an entry with the names of its parameters.
    if data[:1] == b"\x80" and b"StructuredToParameterName@@" in data:
        return _PADDLE.format("a file of parameters")
    return ""


_HEAD_OF_DIFFERENCE = re.compile(r"(?:diff|index|similarity|rename|new file|deleted file) ")
_CHANGED_CODE = re.compile(
    r"[-+][ \t]{0,200}(?:[\w.]{1,200} ?[=(]|\(\w{1,200}\):|(?:def|class|from|import) )"
)


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
    for pattern, sentence in _CERTAIN_PATTERNS:
        if pattern.match(start):
            return sentence
    if _is_difference(text[:20_000]):
        return (
            "This is the difference of two texts, with lines that were removed (-) and added (+). Paste the "
            "code or the print as it is after the change."
        )
    return ""


def _is_difference(text: str) -> bool:
    """Return whether each line has a mark of ``diff``, and code was removed and added."""
    lines = [line for line in text.splitlines() if line.strip() and not _HEAD_OF_DIFFERENCE.match(line)]
    marks = {line[0] for line in lines}
    return {"+", "-"} <= marks <= set("+- @\\") and any(map(_CHANGED_CODE.match, lines))


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
