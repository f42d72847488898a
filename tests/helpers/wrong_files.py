"""Files that are not models or hostile, each with words of its error sentence: a corpus for all readers.

``CANARY`` is a file that the hostile ones would write. ``HARMLESS`` are read, since what is hostile in them
is of no interest to a reader, and say so.
"""

import base64
import bz2
import gzip
import io
import json
import lzma
import marshal
import os
import pickle
import struct
import tarfile
import zipfile
from collections.abc import Mapping
from typing import NamedTuple

from calculator.readers.model import MAX_LINES, MAX_TEXT
from tests.fuzz.fuzz_keras import archive
from tests.helpers import onnx_writing as w
from tests.helpers.hdf5_writing import Node, hdf5, tree
from tests.helpers.paths import CANARY, READER_FILES
from tests.helpers.torch_files import zipped

MARK = "unmistakable-5f3c"
"""A word that is in many of the files, and must be found nowhere else."""


DIFFERENCE = """diff --git a/net.py b/net.py
index 3f2a1b0..9c8d7e6 100644
--- a/net.py
+++ b/net.py
@@ -4,3 +4,3 @@
     def __init__(self):
-        self.up = nn.ConvTranspose2d(64, 32, 4, 2, 1)
+        self.up = nn.ConvTranspose2d(64, 32, 2, 2)
"""
"""What ``git diff`` prints."""


class Wrong(NamedTuple):
    """A file: what it is called here, its content (text where it is pasted), its sentence, its file name."""

    case: str
    data: str | bytes
    words: str
    file: str = "model.pt"

    @property
    def content(self) -> bytes:
        """What stands in the file."""
        return self.data.encode("utf-8", "surrogatepass") if isinstance(self.data, str) else self.data


PT = (READER_FILES / "torch-state-dict.pt").read_bytes()
SAFE = (READER_FILES / "torch-model.safetensors").read_bytes()
ONNX = (READER_FILES / "onnx_up3_old.onnx").read_bytes()
CONFIG = (READER_FILES / "keras3_twice_config.json").read_text(encoding="utf-8")
SNIPPET = (READER_FILES / "torch-snippet.json").read_text(encoding="utf-8")
SUMMARY = (READER_FILES / "keras3_decoder.txt").read_text(encoding="utf-8")
KERAS = archive(CONFIG, packed=True)
PRINT = (
    "Net(\n  (up): ConvTranspose2d(64, 32, kernel_size=(4, 4), stride=(2, 2))\n  (norm): BatchNorm2d(32)\n)"
)

HTML = f"<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>{MARK}</body></html>\n"
POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 132735911\n"
GARBAGE = bytes((7 * n * n + 131) % 251 + 5 for n in range(600))


def cut(data: bytes, share: float) -> bytes:
    return data[: int(len(data) * share)]


def tar(*members: str) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as file:
        for member in members or ("model.bin",):
            file.addfile(tarfile.TarInfo(member))
    return made.getvalue()


def packed(members: Mapping[str, bytes | str]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return made.getvalue()


def entry(data: bytes, member: str, place: int, form: str, value: int) -> bytes:
    """Return an archive with a number changed in its directory, in the entry of ``member``."""
    changed = bytearray(data)
    struct.pack_into(form, changed, data.rindex(member.encode()) - 46 + place, value)
    return bytes(changed)


BZIP2_ZEROS = base64.b64decode(
    "QlpoOTFBWSZTWQ4J4t8BX45AAMAAAAggADCATUZCoCWpCoCXMUFZJlNZFwkgoACKo8EAwABAAAAIIAAwzAUppqhJIb"
    "AiSQ8XckU4UJALGuUe"
)
"""``bz2.compress(bytes(64_000_000))``, which takes half a second in each process that imports this."""


def bomb(method: int) -> dict[str, bytes]:
    """Return the members of two archives that unpack to 64 MB in a way of which no size has to be said."""
    if method == zipfile.ZIP_BZIP2:
        content = BZIP2_ZEROS
    else:
        alone = lzma.compress(bytes(64_000_000), lzma.FORMAT_ALONE, preset=0)
        content = b"\x09\x04\x05\x00" + alone[:5] + alone[13:]  # version, its settings, the values
    keras = zipped({"metadata.json": b"{}", "config.json": content})
    torch = zipped({"a/data.pkl": content})
    return {
        "config.json": entry(keras, "config.json", 10, "<H", method),
        "data.pkl": entry(torch, "a/data.pkl", 10, "<H", method),
    }


BOMBS = {way: bomb(method) for way, method in (("bzip2", zipfile.ZIP_BZIP2), ("LZMA", zipfile.ZIP_LZMA))}


def crowded(members: int, begins: str = "data.pkl", elsewhere: int = 0) -> bytes:
    """Return an archive of members without names; ``elsewhere`` says how long the list of them is as well."""
    listed = (b"PK\x01\x02" + bytes(42)) * members
    end = struct.pack("<4s4xHHLLH", b"PK\x05\x06", 1, 1, len(listed), 12, 0)
    other = struct.pack("<4s36xQ8x4s16x", b"PK\x06\x06", elsewhere, b"PK\x06\x07") if elsewhere else b""
    return b"PK\x03\x04" + begins.encode() + listed + other + end


def safetensors(header: object, values: int = 0, length: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + bytes(values)


def one(**changes: object) -> dict[str, object]:
    return {MARK: {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16], **changes}}


NOT_MODELS = (
    Wrong("nothing", "", "The text is empty."),
    Wrong("an empty file", b"", "The text is empty."),
    Wrong("blank lines", " \n\t\n", "The text is empty."),
    Wrong(
        "zeros", bytes(5000), "This file has 5,000 bytes, all of them zero: copying or downloading it failed."
    ),
    *(
        Wrong(f"a page called {name}", HTML, "This is a web page, not a model", name)
        for name in ("model.pt", "model.onnx", "model.safetensors", "model.keras")
    ),
    Wrong("a page with a mark", b"\xef\xbb\xbf" + HTML.encode(), "This is a web page"),
    Wrong("a pasted page with a mark", "\ufeff" + HTML, "This is a web page"),
    Wrong("a page after blanks", " \r\n" * 3000 + HTML, "This is a web page"),
    Wrong("a page in UTF-16", HTML.encode("utf-16"), "This is a web page"),
    Wrong("a page with a comment", f"<!-- saved from x -->\n{HTML}", "This is a web page"),
    Wrong("an XML error", f'<?xml version="1.0"?><Error>{MARK}</Error>', "This is an XML document"),
    Wrong("an error message", f"Entry not found {MARK}", "It begins with 'Entry not found"),
    Wrong("a JSON error", json.dumps({"error": MARK}), "This is JSON, but not a model"),
    Wrong("a pointer", POINTER, "This is a Git LFS pointer", "model.safetensors"),
    Wrong("a pointer as a file", POINTER.encode(), "This is a Git LFS pointer", "model.onnx"),
    Wrong("PNG", b"\x89PNG\r\n\x1a\n" + GARBAGE, "This is a picture", "model.png"),
    Wrong("JPEG", b"\xff\xd8\xff\xe0" + GARBAGE, "This is a picture", "model.onnx"),
    Wrong("GIF", b"GIF89a" + GARBAGE, "This is a picture"),
    Wrong("WebP", b"RIFF\x24\x10\x00\x00WEBPVP8 " + GARBAGE, "This is a picture"),
    Wrong("MP4", b"\x00\x00\x00\x18ftypmp42" + GARBAGE, "This is a sound or a video"),
    Wrong("PDF", b"%PDF-1.7\n%\xe2\xe3" + GARBAGE, "This is a PDF document"),
    Wrong("pasted PDF", "%PDF-1.4 1 0 obj", "This is a PDF document"),
    Wrong("a program", b"\x7fELF\x02\x01\x01" + GARBAGE, "This is a program"),
    Wrong("gzip", gzip.compress(PRINT.encode()), "This is a gzip archive", "model.pt.gz"),
    Wrong("tar", tar(), "This is a tar archive"),
    Wrong("7z", b"7z\xbc\xaf\x27\x1c" + GARBAGE, "This is a 7z archive"),
    Wrong("zstd", b"\x28\xb5\x2f\xfd" + GARBAGE, "This is a Zstandard archive"),
    Wrong("xz", lzma.compress(PRINT.encode()), "This is an xz archive"),
    Wrong("bzip2", bz2.compress(PRINT.encode()), "This is a bzip2 archive"),
    Wrong("RAR", b"Rar!\x1a\x07\x01\x00" + GARBAGE, "This is a RAR archive"),
    Wrong(
        "HDF5", b"\x89HDF\r\n\x1a\n" + GARBAGE, "This HDF5 file has a superblock of version 136", "model.h5"
    ),
    Wrong("npy", b"\x93NUMPY\x01\x00v\x00{'descr': '<f4'}", "This is a NumPy array (.npy)"),
    Wrong("npz", packed({"up.npy": b"\x93NUMPY" + GARBAGE}), "This is a NumPy archive (.npz)"),
    Wrong("docx", packed({"[Content_Types].xml": "<Types/>"}), "a document of an office program"),
    Wrong("weights of Keras alone", packed({"model.weights.h5": GARBAGE}), "without its config.json"),
    Wrong("another zip", packed({"readme.txt": MARK}), "This is a zip archive, but neither"),
    Wrong("an empty zip", packed({}), "This is an empty zip archive"),
    Wrong("GGUF", b"GGUF\x03\x00\x00\x00" + GARBAGE, "This is a GGUF file"),
    Wrong("TFLite", b"\x1c\x00\x00\x00TFL3" + GARBAGE, "This is a TensorFlow Lite file"),
    Wrong(
        "SavedModel",
        w.field(1, 1) + w.field(2, w.field(1, w.field(4, "serve") + w.field(5, "2.15"))),
        "This is a TensorFlow SavedModel (.pb)",
        "saved_model.pb",
    ),
    Wrong(
        "a graph of TensorFlow",
        w.field(1, w.field(1, "x") + w.field(2, "Placeholder")),
        "This is a TensorFlow graph (.pb)",
    ),
    Wrong("Core ML", w.field(1, 4) + w.field(2, w.field(1, "x")), "This is a Core ML model", "a.mlmodel"),
    Wrong(
        "Core ML in a package", packed({"Data/com.apple.CoreML/model.mlmodel": GARBAGE}), "a Core ML model in"
    ),
    Wrong("Core ML with a long description", w.field(1, 6) + w.field(2, w.field(1, "x" * 200)), "Core ML"),
    Wrong(
        "HDF5 of MATLAB", b"MATLAB 7.3 MAT-file".ljust(512) + hdf5(Node()), "This is a MATLAB file", "a.mat"
    ),
    Wrong("HDF5 of pandas", hdf5(Node({"PYTABLES_FORMAT_VERSION": "2.1"})), "of PyTables or pandas"),
    Wrong("HDF5 of netCDF", hdf5(Node({"_NCProperties": "version=2"})), "a netCDF file"),
    Wrong("HDF5 of Caffe", hdf5(tree({"data/conv1/0": (1,)}, {})), "may be an HDF5 file of Caffe"),
    Wrong("HDF5 of something", hdf5(tree({"x/y": (1,)}, {})), "an HDF5 file, but not of Keras"),
    Wrong("MATLAB 5", b"MATLAB 5.0 MAT-file, Platform" + GARBAGE, "This is a MATLAB file", "a.mat"),
    Wrong("ncnn", "7767517\n3 3\nInput in0 0 1 in0\nDeconvolution up 1 1 in0 out0 0=8\n", "a file of ncnn"),
    Wrong("ncnn in bytes", b"\xdd\x85\x76\0" + GARBAGE, "a file of ncnn"),
    Wrong("weights of ncnn", b"\x47\x6b\x30\x01" + GARBAGE, "a file of ncnn"),
    Wrong(
        "Caffe",
        'name: "FCN"\ninput: "data"\ninput_shape { dim: 1 dim: 3 }\nlayer {\n  name: "up"\n}',
        "a network of Caffe (prototxt)",
    ),
    Wrong(
        "Caffe of the first version", "# LeNet\nlayers {\n  top: 'x'\n  type: DECONVOLUTION\n}\n", "of Caffe"
    ),
    Wrong(
        "weights of Caffe",
        w.field(1, "FCN") + w.field(100, w.field(1, "up")),
        "a network of Caffe (caffemodel)",
    ),
    Wrong(
        "weights of Caffe of the first version",
        w.field(1, "FCN") + w.field(2, w.field(4, "deconvolution1")),
        "a network of Caffe (caffemodel)",
    ),
    Wrong(
        "OpenVINO",
        '<?xml version="1.0"?>\n<net name="seg" version="11">\n\t<layers>\n</layers></net>',
        "a network of OpenVINO",
    ),
    Wrong(
        "OpenVINO without a declaration",
        '<net name="a" version="10"><layers/></net>',
        "a network of OpenVINO",
    ),
    Wrong(
        "Paddle", pickle.dumps({"up.w_0": 1, "StructuredToParameterName@@": {}}, 2), "parameters of Paddle"
    ),
    Wrong(
        "parameters of a program of Paddle",
        bytes(16) + struct.pack("<i", 4) + b"\x08\x05\x10\x04" + bytes(32),
        "a file of parameters (.pdiparams) of Paddle",
    ),
    Wrong("a program of Paddle", w.field(1, w.field(3, "feed") + w.field(3, "fetch")), "a program of Paddle"),
    Wrong(
        "a new program of Paddle", '{"base_code": {"magic": "pir", "version": 1}, "program": {}}', "of Paddle"
    ),
    Wrong("Flax", b"\x81\xa6params\x81\xa6kernel\xc7\x40\x01\x93\x91\x04\xa7float32" + GARBAGE, "of Flax"),
    Wrong("MXNet", '{\n  "nodes": [\n    {\n      "op": "null", "name": "data"}]}', "a network of MXNet"),
    Wrong("parameters of MXNet", struct.pack("<QQ", 0x112, 0) + GARBAGE, "a file of parameters of MXNet"),
    Wrong(
        "Darknet",
        "# YOLO\n[net]\nbatch=1\nwidth=416\n\n[convolutional]\nfilters=32\n",
        "a network of Darknet",
    ),
    Wrong("weights of Darknet", struct.pack("<3iq", 0, 2, 5, 64) + GARBAGE, "a file of weights of Darknet"),
    Wrong("TensorRT", b"ftrt" + GARBAGE, "an engine of TensorRT"),
    Wrong("ORT", b"\x1c\0\0\0ORTM" + GARBAGE, "format of ONNX Runtime"),
    Wrong("ExecuTorch", b"\x1c\0\0\0ET12" + GARBAGE, "a program of ExecuTorch"),
    Wrong(
        "a checkpoint of TensorFlow",
        GARBAGE + b"\x57\xfb\x80\x8b\x24\x75\x47\xdb",
        "a checkpoint of TensorFlow",
    ),
    Wrong("a list of checkpoints", 'model_checkpoint_path: "model.ckpt-1"\n', "a checkpoint of TensorFlow"),
    Wrong(
        "a graph model of TensorFlow.js",
        '{"format": "graph-model", "modelTopology": {"node": []}, "weightsManifest": []}',
        "a graph model of TensorFlow.js",
    ),
    Wrong("a table of something else", f"date;price\n1;2\n3;{MARK}\n", "This looks like a table, but not"),
    Wrong("Python code", f"import os\n\ndef {MARK[:5]}():\n    return os\n", "This is Python code"),
    *(
        Wrong(f"Keras' own print {shown[:20]}", shown, "Paste model.summary() or model.to_json().")
        for shown in (
            "<Sequential name=sequential, built=True>",
            "<Functional name=functional_1, built=False>\n",
            "<MyNet name=my net, built=True>",
            "<keras.src.models.functional.Functional object at 0x7f0a1c0d5f90>",
            "<tensorflow.python.keras.engine.training.Model object at 0x7f0a1c0d5f90>",
        )
    ),
    Wrong("a traceback", f"Traceback (most recent call last):\n  {MARK}\n", "an error message of Python"),
    Wrong("a difference of two texts", DIFFERENCE, "This is the difference of two texts"),
    Wrong(
        "a difference without its head",
        DIFFERENCE.partition("@@\n")[2],
        "This is the difference of two texts",
    ),
    Wrong(
        "a difference of two prints", "-  (a): ReLU()\n+  (a): Tanh()\n )", "This is the difference of two"
    ),
    Wrong("printed tensors", "OrderedDict([('w', tensor([[1., 2.]]))])", "These are printed tensors"),
    Wrong("a notebook", '{"cells": [], "metadata": {}, "nbformat": 4}', "This is a notebook (.ipynb)"),
    Wrong("an index", '{"metadata": {}, "weight_map": {"a": "b"}}', "the index of a model in several files"),
    Wrong("prose", f"My model has {MARK} layers.", "No model was found in this text."),
    Wrong("binary", GARBAGE, "neither text nor a model"),
    Wrong("NUL bytes in a text", b"Net(\0\0)" + PRINT.encode(), "neither text nor a model"),
    Wrong("UTF-16 without a mark", PRINT.encode("utf-16-le"), "neither text nor a model"),
    Wrong("UTF-16 cut in a letter", PRINT.encode("utf-16")[:-1], "neither text nor a model"),
    Wrong("Latin-1", "Größe\n".encode("latin-1"), "text must be in UTF-8 or UTF-16"),
)
"""Innocent, and no model."""

TRUNCATED = (
    Wrong("safetensors in its length", SAFE[:7], "neither text nor a model"),
    Wrong(
        "safetensors in its header",
        SAFE[:100],
        "the file is cut short, or not a safetensors",
        "m.safetensors",
    ),
    Wrong("safetensors in its values", SAFE[:-1], "This seems to be a safetensors file. The tensors take"),
    Wrong("a state dict at its end", PT[:-30], "a file of torch.save. The zip archive is cut short"),
    Wrong("half a state dict", cut(PT, 0.5), "a file of torch.save. The zip archive is cut short"),
    Wrong("half a .keras file", cut(KERAS, 0.5), "This is not a complete .keras file", "model.keras"),
    Wrong(
        "a large .keras file",
        cut(zipped({"metadata.json": b"{}", "config.json": CONFIG.encode(), "x.h5": GARBAGE * 2500}), 0.9),
        "This is not a complete .keras file",
        "model.keras",
    ),
    Wrong("a .keras file at its end", KERAS[:-5], "This is not a complete .keras file", "model.keras"),
    Wrong(
        "another zip in its middle", packed({"readme.txt": GARBAGE})[:-40], "a zip archive that is cut short"
    ),
    Wrong("ONNX", cut(ONNX, 0.5), "This seems to be an ONNX file. A field of the file should", "model.onnx"),
    Wrong(
        "ONNX after its head", ONNX[:12], "This seems to be an ONNX file. The file ends in the", "model.onnx"
    ),
    Wrong("Keras' JSON", CONFIG[:-20], "This Keras configuration is not complete JSON", "config.json"),
    Wrong("the snippet's JSON", SNIPPET[:-20], "The JSON of the snippet is not complete JSON"),
    Wrong("a print", PRINT[:40], "The print is cut off after line 2"),
    Wrong("a summary", SUMMARY[: SUMMARY.index("\n") + 300], "The summary has a head but no layers"),
)
"""Copied or downloaded in part."""

_LARGE = {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 2**63]}
LYING = (
    Wrong(
        "a header of 2^63 bytes",
        safetensors(one(), 16, 2**63),
        "The header should have 9,223,372,036,854,775,808",
    ),
    Wrong(
        "a header of a terabyte",
        safetensors(one(), 16, 2**39),
        "The header should have 549,755,813,888 bytes; the safetensors",
    ),
    Wrong(
        "offsets of 2^63", safetensors({MARK: _LARGE}, 16), "two offsets, received [0, 9223372036854775808]"
    ),
    Wrong(
        "offsets beyond the file", safetensors(one(), 15), "The tensors take 16 bytes, but only 15 are left"
    ),
    Wrong("overlapping offsets", safetensors({**one(), "b": one()[MARK]}, 16), "begins at byte 0 and should"),
    Wrong("negative offsets", safetensors(one(data_offsets=[-16, 0]), 16), "two offsets, received [-16, 0]"),
    Wrong("negative sizes", safetensors(one(shape=[-2, -2]), 16), "whole sizes from 0, received [-2, -2]"),
    Wrong("a size of 10^30", safetensors(one(shape=[10**30]), 16), "must have whole sizes from 0"),
    Wrong(
        "a size of 1e999",
        safetensors(b'{"a":{"dtype":"F32","shape":[1e999],"data_offsets":[0,4]}}', 4),
        "inf",
    ),
    Wrong("a size of NaN", safetensors(one(shape=[float("nan")]), 16), "contains NaN, which is not a number"),
    Wrong("a size as text", safetensors(one(shape=["64"]), 16), "whole sizes from 0, received ['64']"),
    Wrong("a tensor twice", safetensors(b'{"a":1,"a":2}'), "names 'a' twice, so it cannot be trusted"),
    Wrong("a deep header", safetensors(b'{"a":' + b"[" * 50_000), "safetensors file is nested more than 200"),
    Wrong("a pickle twice", PT.replace(b"data/0PK", b"data/1PK"), "two members of the same name"),
    Wrong(
        "members that overlap",
        entry(PT, "torch-state-dict/data/1PK", 42, "<L", 0),
        "overlap: a zip bomb, refused",
    ),
    Wrong(
        "a huge member",
        entry(PT, "torch-state-dict/data/1PK", 24, "<L", 2**32 - 2),
        "cannot have the stated 4,294,967,294 bytes",
    ),
    Wrong("a large pickle", packed({"a/data.pkl": bytes(32_000_001)}), "at most 32,000,000 are read"),
    Wrong(
        "an encrypted pickle",
        entry(PT, "torch-state-dict/data.pkl", 8, "<H", 1),
        "The pickle in the file is encrypted",
    ),
    Wrong("an encrypted configuration", entry(KERAS, "config.json", 8, "<H", 1), "is encrypted", "m.keras"),
    Wrong(
        "a long configuration", entry(KERAS, "config.json", 24, "<L", 10**9), "at most 20,000,000", "m.keras"
    ),
    Wrong("a short configuration", entry(KERAS, "config.json", 24, "<L", 9), ".keras file", "m.keras"),
    Wrong("many members", crowded(500_001), "The zip archive has 500,001 members; at most 500,000"),
    Wrong(
        "a long directory",
        PT[:-10] + struct.pack("<L", 64_000_001) + PT[-6:],
        "directory of the zip archive has 64,000,001",
    ),
    Wrong(
        "a path that leads out", zipped({"a/data.pkl": b"N.", "../../x": b""}), "'../../x', which leads out"
    ),
    Wrong(
        "two ends that differ",
        crowded(3, elsewhere=64_000_001),
        "directory of the zip archive has 64,000,001",
    ),
    Wrong("many members of Keras", crowded(10_001, "config.jsonmetadata.json"), "more than 10,000 members"),
    Wrong(
        "two configurations",
        packed({"metadata.json": "{}", "config.json": CONFIG, "confih.json": "{}"}).replace(
            b"confih", b"config"
        ),
        "one config.json, and this archive has 2",
        "m.keras",
    ),
    Wrong("a path from the root", zipped({"a/data.pkl": b"N.", str(CANARY): b"x"}), "which leads out of it"),
    Wrong(
        "a .keras file that leads out",
        packed({"metadata.json": "{}", "config.json": CONFIG, "..\\x": b""}),
        "'..\\\\x', which leads out of it",
        "m.keras",
    ),
    Wrong("a bomb for a pickle", packed({"a/data.pkl": bytes(9_000_000)}), "a zip bomb, refused"),
    Wrong(
        "a bomb for a configuration",
        packed({"metadata.json": "{}", "config.json": " " * 9_000_000}),
        "unpacks to more than 200 times its size",
        "m.keras",
    ),
    *(
        Wrong(f"a bomb of {way} for {member}", data, "is packed in an unusual way", "model")
        for way, members in BOMBS.items()
        for member, data in members.items()
    ),
    Wrong(
        "a bomb in a bomb",
        packed({"in.zip": packed({"in.txt": bytes(9_000_000)})}),
        "zip archive, but neither",
    ),
    Wrong("a deep pickle", zipped({"a/data.pkl": b"(" * 500_000 + b"."}), "contains no state dict"),
    Wrong(
        "huge sizes",
        w.model(w.graph([], [w.tensor("k", (10**9, 10**9, 10))])),
        "which is impossible",
        "m.onnx",
    ),
    Wrong("sizes below 0", w.model(w.graph([], [w.tensor("k", (-4, -6))])), "(-4, -6), which is impossible"),
    Wrong("a field too long", w.model(b"") + w.varint(7 << 3 | 2) + w.varint(2**63), "cut off or damaged"),
    Wrong("two graphs", w.model(b"") + w.field(7, b""), "The ONNX file contains two graphs"),
)
"""What contradicts itself."""


def table(cell: str) -> str:
    return f"name,type,in,out,kernel\nup,ConvTranspose2d,{cell},32,4\n"


def keras_layer(**settings: object) -> str:
    start = {"class_name": "InputLayer", "config": {"batch_input_shape": [None, 7, 7, 64]}}
    up = {
        "class_name": "Conv2DTranspose",
        "config": {"name": "up", "filters": 32, "kernel_size": 4, **settings},
    }
    return json.dumps({"class_name": "Sequential", "config": {"layers": [start, up]}})


def snippet(size: str) -> str:
    weight = f'{{"name": "weight", "shape": [{size}], "requires_grad": true, "id": 0}}'
    module = f'{{"path": "{MARK}", "type": "Linear", "parameters": [{weight}]}}'
    return f'{{"format": "torch-parameters", "version": 1, "type": "Net", "modules": [{module}]}}'


TEXTS = (
    *(
        Wrong(f"a table with {cell}", table(cell), "Row 1 (up): in must be ")
        for cell in ("1e999", "NaN", "-1", "1" + "0" * 30, '"sixty"')
    ),
    Wrong("a table without a size", table(""), "Row 1 (up): ConvTranspose2d needs in"),
    Wrong(
        "a table of another column",
        "name,type,in,colour\nup,Linear,1,2",
        "a column 'colour', which is not one of",
    ),
    *(
        Wrong(f"a snippet with {size[:9]}", snippet(size), words)
        for size, words in (
            ("1e999", "has an impossible shape: [inf]"),
            ("NaN", "contains NaN, which is not a number"),
            ("-1", "has an impossible shape: [-1]"),
            ("1" + "0" * 30, "has an impossible shape"),
            ('"64"', "has an impossible shape: ['64']"),
            ("9" * 5000, "The JSON of the snippet"),
        )
    ),
    Wrong("a snippet with a key twice", snippet('1], "shape": [2'), "names 'shape' twice"),
    *(
        Wrong(f"Keras with {value!r:.9}", keras_layer(filters=value), "filters")
        for value in (-1, 10**30, "64", 2.5)
    ),
    Wrong("Keras with 1e999", keras_layer(filters=7).replace(": 7,", ": 1e999,"), "filters"),
    Wrong(
        "Keras with Infinity", keras_layer(filters=float("inf")), "contains Infinity, which is not a number"
    ),
    Wrong("Keras with NaN", keras_layer(filters=float("nan")), "contains NaN, which is not a number"),
    Wrong("Keras with a key twice", keras_layer().replace('"name"', '"filters"'), "names 'filters' twice"),
    Wrong(
        "deep JSON of Keras", '{"class_name": ' + "[" * 5000 + "]" * 5000 + "}", "nested more than 200 deep"
    ),
    Wrong("deep JSON", "[" * 100_000, "This is JSON, but not a model"),
    Wrong("a deep print", "A(\n" + "(a): A(\n" * 250 + ")\n" * 251, "nested more than 200 deep"),
    Wrong("deep brackets", "A(\n  (a): Linear(" + "(" * 50_000 + "\n)", "The print is cut off after line 3"),
    Wrong("a print with 10^30", PRINT.replace("64,", f"{10**30},"), "Line 2: "),
    Wrong("a print with 5,000 digits", PRINT.replace("64,", "9" * 5000 + ","), "Line 2: "),
    Wrong(
        "more layers than any model has",
        f"M(\n  (0-{10**17 - 1}): {10**17} x Linear(9, 9)\n)",
        "more than 10^18 parameters",
    ),
    Wrong("one endless line", PRINT.replace("64,", "64, " * 4_000_000), "Line 2: "),
    Wrong(
        "too many lines",
        "\n" * (MAX_LINES + 1),
        "The text has more than 200,000 lines, which is the maximum.",
    ),
    Wrong("too many characters", "x" * (MAX_TEXT + 1), "20,000,001 characters; at most"),
    Wrong(
        "deep ONNX",
        w.nested_branches(201),
        "The graphs of the ONNX file are nested more than 200 deep",
        "m.onnx",
    ),
)
"""Texts in the place of numbers, and texts that are too deep, too long or too many."""


class Reduced:
    """Its pickle would write the canary."""

    def __reduce__(self) -> tuple[object, ...]:
        return (os.system, (f"touch '{CANARY}'",))


class Evaluated:
    def __reduce__(self) -> tuple[object, ...]:
        return (eval, (f"open({str(CANARY)!r}, 'w').close()",))


class Stateful:
    """Its pickle would write the canary when its state is set."""

    def __reduce__(self) -> tuple[object, ...]:
        return (dict, (), None, None, iter([("x", Evaluated())]))


_TEXT = b"X" + struct.pack("<I", len(f"touch '{CANARY}'")) + f"touch '{CANARY}'".encode()
_CYRILLIC = b"\x80\x04\x8c\x0dtor\xd1\x81h._utils\x8c\x12_rebuild_tensor_v2\x93)R."
_GETATTR = b"cbuiltins\ngetattr\n(ccollections\nOrderedDict\n" + _TEXT + b"tR."
_LOOKALIKES = {
    "INST": b"(" + _TEXT + b"ios\nsystem\n.",
    "OBJ": b"(cos\nsystem\n" + _TEXT + b"o.",
    "NEWOBJ": b"csubprocess\nPopen\n(" + _TEXT + b"t\x81.",
    "NEWOBJ_EX": b"csubprocess\nPopen\n(" + _TEXT + b"t}\x92.",
    "BUILD": b"ccollections\nOrderedDict\n)Rcbuiltins\nexec\nb" + _TEXT + b".",
    "torch._utils lookalike": b"ctorch._utils.os\nsystem\n(" + _TEXT + b"tR.",
    "torch._utils by dots": b"\x80\x04\x8c\x0ctorch._utils\x8c\x10sys.modules.eval\x93(" + _TEXT + b"tR.",
    "torch.hub": b"ctorch.hub\nload\n(" + _TEXT + b"tR.",
    "a call of getattr": _GETATTR[:-1] + b")R.",
    "getattr": b"cbuiltins\ngetattr\n(cpathlib\nPath\nX\x0a\x00\x00\x00write_texttR.",
    "an extension": b"\x82\x01.",
    "a persistent id": b"Pos.system\n.",
}
REFUSED = "would run code: refused"
PICKLES = (
    *(
        Wrong(f"{kind.__name__} by protocol {protocol}", zipped({"a/data.pkl": made}), REFUSED)
        for kind in (Reduced, Evaluated, Stateful)
        for protocol in (0, 2, 5)
        for made in (pickle.dumps({"weight": kind()}, protocol),)
    ),
    *(
        Wrong(f"a pickle by {way}", zipped({"a/data.pkl": steps}), REFUSED)
        for way, steps in _LOOKALIKES.items()
    ),
    Wrong("a bare pickle", pickle.dumps(Reduced(), 2), "This is a bare pickle", "model.pkl"),
    Wrong("a bare pickle as text", pickle.dumps(Reduced(), 0).decode(), "This is a bare pickle", "model.pkl"),
    *(
        Wrong(f"a name that is not looked up: {way}", zipped({"a/data.pkl": steps}), words)
        for way, steps, words in (
            ("letters that look alike", _CYRILLIC, "an object of torсh._utils._rebuild_tensor_v2, which is"),
            ("a class", b"cmynet\nUNet\n)\x81.", "an object of mynet.UNet, which is not looked up"),
            ("getattr", _GETATTR, "an object of builtins.getattr, which is not looked up"),
        )
    ),
    Wrong(
        "a tar archive of 2016",
        tar("sys_info", "pickle", "tensors"),
        "This file is the tar archive that PyTorch wrote in 2016, before version 0.1.10. "
        "Load it in an older PyTorch, and save its state_dict() again.",
    ),
    Wrong(
        "an optimiser",
        (READER_FILES / "torch-optimizer.pt").read_bytes(),
        "the state of an optimiser, not of a",
    ),
    Wrong(
        "one tensor", (READER_FILES / "torch-tensor.pt").read_bytes(), "a single tensor, not the state dict"
    ),
    Wrong("no state dict", zipped({"a/data.pkl": b"]."}), "no state dict: it should be made by torch.save"),
)
"""Pickles, of which most would run something."""


def _lambda() -> str:
    code = compile(f"open({str(CANARY)!r}, 'w').close()", "hostile", "exec")
    function = {
        "class_name": "__lambda__",
        "config": {"code": base64.b64encode(marshal.dumps(code)).decode(), "defaults": None, "closure": None},
    }
    return _keras("Lambda", "keras.layers", None, function=function)


def _keras(kind: str, module: str, registered: str | None, **config: object) -> str:
    layer = {
        "class_name": kind,
        "module": module,
        "registered_name": registered,
        "config": {"name": "x", **config},
    }
    return json.dumps({"class_name": "Sequential", "config": {"layers": [layer]}})


def _external(place: str) -> bytes:
    weight = w.tensor("k", (4, 6, 3, 3), location=place)
    return w.model(w.graph([w.node("ConvTranspose", ("x", "k"), ("y",))], [weight]))


UNCOUNTED = (
    Wrong("a Lambda with code", _lambda(), "not run"),
    Wrong("a Lambda in a file", archive(_lambda()), "not run", "model.keras"),
    Wrong("a class of the visitor's", _keras("system", "os", "os>system"), "Not a class of Keras itself"),
    Wrong("a function of Keras", _keras("get_file", "keras.utils", None), "Not a standard layer of Keras"),
    Wrong(
        "a class without a module", json.dumps({"class_name": "Popen", "config": {}}), "Not a standard layer"
    ),
)
"""Models of which nothing can be counted, since code that would say it is not run."""

WRONG = (*NOT_MODELS, *TRUNCATED, *LYING, *TEXTS, *PICKLES, *UNCOUNTED)
"""All that must be refused."""


HARMLESS = (
    Wrong(
        "a print with -1",
        PRINT.replace("64,", "-1,"),
        "in_channels must be a whole number of at least 0, received -1",
    ),
    *(
        Wrong(f"numbers in {case}", _external(place), "another file, which is not opened", "model.onnx")
        for case, place in (
            ("a folder above", "../../../../../../etc/passwd"),
            ("an absolute path", "/etc/passwd"),
            ("the canary", str(CANARY)),
            ("an address", "file:///etc/passwd"),
        )
    ),
)
"""Read, with nothing run or opened: the words are among what is assumed or noted."""
