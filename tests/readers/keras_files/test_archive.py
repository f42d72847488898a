"""``.keras`` files: the configuration and the shapes of the weights are read, and no code is run.

``twice_config`` is the config.json of a file that Keras 3.15.1 saved; its count_params() is 123.
"""

import io
import struct
import zipfile
import zlib

import pytest

from calculator.readers import detect
from calculator.readers.keras_files import with_weights
from calculator.readers.keras_files.archive import read_keras_file, read_keras_stream, recognises
from calculator.readers.keras_files.stored_rows import QUANTISED
from calculator.readers.model import MAX_TEXT, ReadError
from tests.fuzz.fuzz_keras import archive, files
from tests.helpers.counted_stream import CountedStream
from tests.helpers.paths import READER_FILES

CONFIG = (READER_FILES / "keras3_twice_config.json").read_text(encoding="utf-8")


def zipped(*members: tuple[str, bytes | str], packed: bool = True) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED) as archive_file:
        for name, content in members:
            archive_file.writestr(name, content)
    return stream.getvalue()


@pytest.mark.parametrize("packed", [False, True])
def test_a_file_is_read_from_its_configuration(packed: bool) -> None:
    data = archive(CONFIG, packed=packed)
    assert recognises(data)
    model = read_keras_file(data)
    assert (model.parameter_count, model.format, model.name) == (123, "Keras file, Keras 3.15.1", "twice")
    assert read_keras_file(data, name="mine").name == "mine"


def test_weights_that_cannot_be_read_confirm_nothing() -> None:
    members = ("metadata.json", "{}"), ("config.json", CONFIG)
    damaged = bytearray(zipped(*members, ("model.weights.h5", b"\x89HDF" + b"\0" * 5000)))
    begin = damaged.index(b"model.weights.h5") + len("model.weights.h5")
    damaged[begin : begin + 8] = b"\xff" * 8  # The member cannot be unpacked any more.
    with zipfile.ZipFile(io.BytesIO(bytes(damaged))) as broken, pytest.raises(zlib.error):
        broken.read("model.weights.h5")
    for data in (bytes(damaged), zipped(*members, ("model.weights.h5", b"x" * 200), packed=False)):
        model = read_keras_file(data)
        assert model.parameter_count == 123
        assert "cannot be read, and confirms no count" in model.assumptions[-1]


def test_the_weights_confirm_and_complete_a_configuration() -> None:
    # Keras 3.15.1 wrote the file: count_params() is 63, of which 59 are trainable. The layer ``noise`` of an
    # own class has no parameters.
    data = (READER_FILES / "keras3_custom.keras").read_bytes()
    model = read_keras_file(data)
    assert (model.parameter_count, model.trainable_count, model.transposed_count) == (63, 59, 54)
    assert model.complete
    assert [row.name for row in model.rows] == ["grow", "grow/conv", "grow/norm"]
    assert with_weights.CONFIRMED in model.assumptions
    assert any("grow (Up)" in sentence for sentence in model.assumptions)
    assert detect.read_shapes(io.BytesIO(data)) == detect.read(data)
    named = detect.read_shapes(io.BytesIO(data), name="mine")
    assert named is not None
    assert named.name == "mine"


def test_a_model_of_an_own_class_comes_from_its_weights() -> None:
    # Keras 3.15.1 wrote the file: count_params() is 26.
    data = (READER_FILES / "keras3_vae.keras").read_bytes()
    model = read_keras_file(data)
    assert (model.parameter_count, model.transposed_count, model.name) == (26, 10, "VAE")
    assert [(row.name, row.type) for row in model.rows] == [
        ("decoder/conv2d_transpose", "Conv2DTranspose"),
        ("encoder/mean", "Dense"),
    ]
    assert any("the whole model (VAE)" in sentence for sentence in model.assumptions)
    members = zipfile.ZipFile(io.BytesIO(data))
    names = ("metadata.json", "config.json", "model.weights.h5")
    packed = zipped(*((name, members.read(name)) for name in names))
    assert read_keras_file(packed) == model
    with pytest.raises(ReadError, match=r"names no layers, but only VAE.*cannot be read"):
        read_keras_file(zipped(*((name, members.read(name)[:5000]) for name in names)))


def test_a_lambda_is_listed_and_never_run() -> None:
    layers = '[{"class_name": "Lambda", "module": "keras.layers", "config": {"name": "code", "function": '
    layers += '{"class_name": "__lambda__", "config": {"code": "4wEAAAAAAAAAAAAAAA==", "defaults": null}}}}]'
    model = read_keras_file(archive('{"class_name": "Sequential", "config": {"layers": ' + layers + "}}"))
    (row,) = model.rows
    assert (row.name, row.known) == ("code", False)
    assert "not run" in row.note


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not a complete"),
        (b"PK\x03\x04", "not a complete"),
        (archive(CONFIG)[:-30], "not a complete"),
        (zipped(("config.json", CONFIG)), "one metadata.json, and this archive has 0"),
        (
            zipped(("metadata.json", "{}"), ("../config.json", CONFIG)),
            "leads out of it",
        ),
        (zipped(("metadata.json", "{}"), ("config.json", b"\xff\xfe")), "not text"),
        (zipped(("metadata.json", "{}"), ("config.json", "{")), "not complete JSON"),
        (zipped(("metadata.json", "{}"), ("config.json", "[]")), "not one"),
        (zipped(("metadata.json", "{}"), ("config.json", " " * 5_000_000)), "200 times"),
        (zipped(("metadata.json", "{}"), ("config.json", " " * (MAX_TEXT + 1))), "at most 20,000,000"),
        (b"PK\x01\x02" * 10_001, "This archive has more than 10,000 members: it is not a .keras file."),
    ],
)
def test_other_and_damaged_files_are_refused_with_a_sentence(data: bytes, words: str) -> None:
    with pytest.raises(ReadError, match=words):
        read_keras_file(data)


def test_two_configurations_are_refused() -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        data = zipped(("metadata.json", "{}"), ("config.json", CONFIG), ("config.json", CONFIG))
    with pytest.raises(ReadError, match="this archive has 2"):
        read_keras_file(data)


def test_a_wrong_size_in_the_directory_is_refused() -> None:
    data = bytearray(archive(CONFIG, packed=True))
    place = data.rindex(b"config.json") - 46
    struct.pack_into("<I", data, place + 24, 100)
    with pytest.raises(ReadError, match=r"not have the length|not a complete"):
        read_keras_file(bytes(data))


def test_other_archives_are_not_recognised() -> None:
    for members in ((("model/data.pkl", b"x"),), (("config.json", b"{}"),)):
        assert not recognises(zipped(*members))
    assert not recognises(b"")


def test_damaged_files_are_read_or_refused() -> None:
    sentences: list[str] = []
    read = 0
    for data in files(1000, seed=1):
        recognises(data)
        try:
            read_keras_file(data)
        except ReadError as error:
            sentences.append(str(error))
        else:
            read += 1
    assert max(map(len, sentences)) < 400
    assert 100 < read < 900


def test_neither_the_values_nor_the_whole_archive_are_read() -> None:
    values = b"\x89HDF\r\n\x1a\n" + bytes(20_000_000)
    data = zipped(
        ("metadata.json", "{}"), ("config.json", CONFIG), ("model.weights.h5", values), packed=False
    )
    stream = CountedStream(data)
    assert read_keras_stream(stream).parameter_count == 123
    assert stream.taken < 2_000_000


def test_of_a_quantised_layer_the_bias_alone_is_trained() -> None:
    # Keras 3.15.1 wrote the files after model.quantize("int8") and model.quantize("int4"): count_params() is
    # 956 and 816, of which 326 are trainable, and 264 belong to the transposed layer.
    data = (READER_FILES / "keras3_int8.keras").read_bytes()
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        weights, config = opened.read("model.weights.h5"), opened.read("config.json").decode()
    for source, total in (
        (data, 956),
        (weights, 956),
        ((READER_FILES / "keras3_int4.h5").read_bytes(), 816),
    ):
        model = detect.read(source)
        counts = (model.parameter_count, model.trainable_count, model.transposed_count)
        assert (*counts, model.undecided_count, model.complete) == (total, 326, 264, 0, True)
        assert sum(row.note == QUANTISED for row in model.rows) == 8
        assert {row.type for row in model.rows if row.note == QUANTISED} == {
            *("Dense", "EinsumDense", "Embedding")
        }
    # The configuration alone shows neither the scales, nor whether the layers of an attention have some.
    unknown = {row.name for row in detect.read(config).unknown}
    assert unknown == {"words", "mix", "einsum", "hidden", "head"}


@pytest.mark.parametrize("count", [0, 2])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_member_stands_once_in_an_archive(count: int) -> None:
    data = zipped(("metadata.json", "{}"), *[("config.json", CONFIG)] * count)
    with pytest.raises(ReadError) as caught:
        read_keras_file(data)
    assert str(caught.value) == f"A .keras file has one config.json, and this archive has {count}."
