"""Every format is known by what it holds; whatever else comes gets a sentence that says what it is."""

import contextlib
import gzip
import io
import json
import struct
import tarfile
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculator.networks.builtin import NETWORKS
from calculator.readers import Model, ReadError, read
from calculator.readers.model import MAX_LINES, MAX_TEXT
from tests.helpers import onnx_writing as w
from tests.helpers.keras_configs import layer_config, sequential
from tests.helpers.paths import READER_FILES

PRINT = "Sequential(\n  (0): ConvTranspose2d(3, 64, kernel_size=(4, 4), stride=(2, 2))\n  (1): ReLU()\n)"


def archive(**members: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        for name, data in members.items():
            file.writestr(name, data)
    return made.getvalue()


def tar() -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as file:
        file.addfile(tarfile.TarInfo("model.bin"))
    return made.getvalue()


def safetensors() -> bytes:
    header = json.dumps({"up.weight": {"dtype": "F32", "shape": [3, 64, 4, 4], "data_offsets": [0, 12288]}})
    return struct.pack("<Q", len(header)) + header.encode() + b"\0" * 12288


@pytest.mark.parametrize(
    ("data", "count"),
    [
        (PRINT, 3_136),
        (PRINT.encode(), 3_136),
        (b"\xef\xbb\xbf" + PRINT.replace("\n", "\r\n").encode(), 3_136),
        (PRINT.encode("utf-16"), 3_136),
        (b"\xfe\xff" + PRINT.encode("utf-16-be"), 3_136),
        (f"\n\n>>> print(model)\n{PRINT}\n>>> ", 3_136),
        (safetensors(), 3_072),
        (NETWORKS[0].table, 103_584),
    ],
)
def test_a_model_is_found_whatever_it_is_called(data: str | bytes, count: int) -> None:
    for name in ("", "model.png", "x" * 1000):
        model = read(data, name=name)
        assert isinstance(model, Model)
        assert model.parameter_count == count


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("", "The text is empty."),
        (" \n\t ", "The text is empty."),
        (b"", "The text is empty."),
        ("<html><body>Sign in</body></html>", "This is a web page"),
        (b"\n <!DOCTYPE HTML>\n<title>404</title>", "This is a web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 99\n", "This is a Git LFS pointer"),
        ("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 99\n", "This is a Git LFS pointer"),
        (gzip.compress(PRINT.encode()), "This is a gzip archive."),
        (tar(), "This is a tar archive."),
        (archive(**{"readme.txt": b"no model"}), "This is a zip archive"),
        (zipfile.ZipFile, "This is an empty zip archive"),
        (b"\x89HDF\r\n\x1a\n" + b"\0" * 100, "This HDF5 file is damaged"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "This is a picture"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 100, "This is a picture"),
        (b"%PDF-1.7\n%\xe2\xe3", "This is a PDF document"),
        (b"\x80\x02]q\x00.", "This is a bare pickle"),
        (b"GGUF\x03\x00", "This is a GGUF file"),
        (b"\xfe\xed\xfa\xcf" * 20, "neither text nor a model"),
        (b"X\0" * 20, "neither text nor a model"),
        ("The model has 5 layers.", "No model was found"),
        ("x" * (MAX_TEXT + 1), "characters; at most"),
        ("\n" * (MAX_LINES + 1), "The text has more than 200,000 lines, which is the maximum."),
    ],
)
def test_what_is_no_model_gets_a_sentence(data: str | bytes | type, said: str) -> None:
    given_data = archive() if isinstance(data, type) else data
    with pytest.raises(ReadError, match=said) as caught:
        read(given_data, name="model.pt")
    assert str(caught.value).endswith(".")


@given(st.text(max_size=200) | st.binary(max_size=200))
def test_nothing_but_a_read_error_comes_of_anything(data: str | bytes) -> None:
    with contextlib.suppress(ReadError):
        model = read(data)
        assert model.parameter_count == sum(row.parameter_count for row in model.rows)


KERAS_TABLE = "Layer (type)  Output Shape  Param #\na (Dense)  (None, 3)  9\nb (Dense)  (None, 2)  8\n"
TWO_CONVS = w.model(
    w.graph(
        [w.node("Conv", ("x", "a"), ("y",)), w.node("Conv", ("y", "b"), ("z",))],
        [w.tensor("a", (3, 4, 1)), w.tensor("b", (2, 3, 1))],
        [w.value("x", (1, 4, 5))],
    )
)


@pytest.mark.parametrize(
    ("module", "data", "sentence"),
    [
        (
            "layer_table.table",
            "type,in,out\nLinear,2,3\nLinear,3,1\n",
            "The table has more than 1 rows, which is the maximum.",
        ),
        (
            "keras.config",
            sequential(layer_config("Dense", units=3), layer_config("Dense", units=2), shape=[2]),
            "This model has more than 1 layers, the maximum that is read.",
        ),
        ("keras.summary", KERAS_TABLE, "The summary has more than 1 layers, the maximum that is read."),
        (
            "keras.code",
            "m = Sequential([Input((8,)), Dense(4), Dense(2)])",
            "This Keras code has more than 1 layers, the maximum that is read.",
        ),
        ("onnx.file", TWO_CONVS, "The ONNX file has more than 1 layers: it is not read further."),
        (
            "pytorch_files.checkpoint",
            (READER_FILES / "torch-state-dict.pt").read_bytes(),
            "This seems to be a file of torch.save. The state dict lists 35 tensors; at most 1 are read.",
        ),
        (
            "pytorch_files.legacy_file",
            (READER_FILES / "torch-legacy.pt").read_bytes(),
            "This seems to be a file of torch.save. The file lists 7 storages; at most 1 are read.",
        ),
        (
            "containers.hdf5",
            (READER_FILES / "keras3_decoder.h5").read_bytes(),
            "This HDF5 file has more than 1 datasets, the maximum.",
        ),
    ],
)
def test_a_model_with_more_layers_than_are_read_is_refused(
    monkeypatch: pytest.MonkeyPatch, module: str, data: str | bytes, sentence: str
) -> None:
    assert read(data).parameter_count
    monkeypatch.setattr(f"calculator.readers.{module}.MAX_ROWS", 1)
    with pytest.raises(ReadError) as caught:
        read(data)
    assert str(caught.value) == sentence
