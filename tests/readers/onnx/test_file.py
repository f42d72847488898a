"""ONNX files: real exports with the counts of the framework, and files that must be refused.

The files ``onnx_*.onnx`` were written by PyTorch 2.13's ``torch.onnx.export``: "old" by ``dynamo=False``,
"new" by ``dynamo=True`` (onnxscript 0.7.2), "train" with ``TrainingMode.TRAINING``, without constant folding.
"""

import builtins
import os
import time
from pathlib import Path

import pytest

from calculator.core.layer import ConvTranspose
from calculator.readers.model import ReadError
from calculator.readers.onnx.file import read_onnx_file, recognises
from tests.fuzz.fuzz_onnx import cases
from tests.helpers import onnx_writing as w
from tests.helpers.onnx_models import only_row, read_nodes, recorded, row_counts
from tests.helpers.paths import READER_FILES


# sum(p.numel() for p in module.parameters()) in PyTorch.
@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("up_old_train", 1047),
        ("norms_old_train", 520),
        ("wn_old", 166),
        ("tied_old_train", 455),
        ("attn_old", 651),
        ("up3_old", 76),
    ],
)
def test_totals_are_those_of_pytorch(name: str, count: int) -> None:
    assert recorded(name).parameter_count == count


def test_a_decoder_as_it_is_trained() -> None:
    model = recorded("up_old_train")
    assert row_counts(model) == [
        ("0", "ConvTranspose", 768, 0, 0),
        ("1", "BatchNormalization", 8, 8, 0),
        ("3", "ConvTranspose", 144, 4, 0),
        ("4", "PRelu", 4, 0, 0),
        ("6", "Conv", 108, 3, 0),
    ]
    assert model.transposed_count == 916
    assert model.trainable_count == 1047
    assert model.rows[0].layer == ConvTranspose(
        in_channels=6, out_channels=8, kernel_size=4, stride=2, padding=1, bias=False
    )
    assert model.rows[2].layer == ConvTranspose(
        in_channels=8, out_channels=4, kernel_size=3, stride=2, padding=1, output_padding=1, groups=2
    )
    sizes = [
        (row.input_size, row.output_size, row.multiply_accumulates) for row in model.rows if row.transposed
    ]
    assert sizes == [((5, 5), (10, 10), 19_200), ((10, 10), (20, 20), 14_400)]
    assert any("16 numbers" in said for said in model.assumptions)


def test_the_new_exporter_merges_the_batch_norm() -> None:
    model = recorded("up_new")
    assert model.parameter_count == 1039
    assert model.transposed_count == 924
    assert [row.output_size for row in model.rows if row.type == "Conv"] == [(40, 40)]
    assert any("merged a BatchNorm" in said for said in model.assumptions)


def test_no_other_file_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    canary = tmp_path / "canary"
    canary.write_bytes(bytes(864))
    opened: list[object] = []

    def refuse(path: object, *args: object, **more: object) -> None:
        opened.append(path)
        raise AssertionError(f"{path} was opened")

    for place in ("../../../../../../etc/passwd", str(canary), "file:///etc/passwd", "http://localhost/x"):
        data = w.model(
            w.graph(
                [w.node("ConvTranspose", ("x", "k"), ("y",))], [w.tensor("k", (4, 6, 3, 3), location=place)]
            )
        )
        with monkeypatch.context() as patch:
            for module, name in ((builtins, "open"), (os, "open"), (os, "stat"), (Path, "open")):
                patch.setattr(module, name, refuse)
            model = read_onnx_file(data)
        assert only_row(model).weight_count == 216
        assert any("another file, which is not opened" in said for said in model.assumptions)
        assert not any(
            "passwd" in said or "canary" in said for said in (*model.assumptions, model.rows[0].note)
        )
    assert opened == []


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", r"^This is not an ONNX file: it does not begin with the version of the format\.$"),
        (b"<html>", "not an ONNX file"),
        (b"version https://git-lfs.github.com/spec/v1", "not an ONNX file"),
    ],
)
def test_hostile_files_are_refused_with_a_sentence(data: bytes, said: str) -> None:
    began = time.process_time()
    with pytest.raises(ReadError, match=said):
        read_onnx_file(data)
    assert time.process_time() - began < 10


def test_ten_thousand_layers() -> None:
    nodes = [w.node("Conv", (f"v{n}", f"k{n}"), (f"v{n + 1}",), name=f"n{n}") for n in range(10_000)]
    model = read_nodes(nodes, [w.tensor(f"k{n}", (4, 4, 1, 1)) for n in range(10_000)])
    assert (len(model.rows), model.parameter_count) == (10_000, 160_000)


def test_the_beginning_of_a_file_is_recognised() -> None:
    recorded_files = sorted(READER_FILES.glob("onnx_*.onnx"))
    assert len(recorded_files) >= 7
    assert all(recognises(file.read_bytes()[:64]) for file in recorded_files)
    assert recognises(w.model(b""))
    for data in (
        b"",
        b"\x08",
        b"\x08\x07",
        b"\x08\x00\x12\x00",
        b"\x08\x07\x13\x00",
        b"PK\x03\x04",
        b"\x80\x02}q\x00",
    ):
        assert not recognises(data)


def test_damaged_files_raise_nothing_else() -> None:
    read = 0
    for data in cases(1000, 5):
        try:
            model = read_onnx_file(data)
        except ReadError:
            continue
        else:
            read += 1
            assert model.parameter_count == sum(row.parameter_count for row in model.rows)
            assert all(row.known or row.note for row in model.rows)
    assert read > 100


def test_a_field_with_a_number_above_15_has_two_bytes() -> None:
    # ModelProto: 20 is training_info, 25 is functions; it has no field 41.
    for number, known in ((20, True), (25, True), (41, False)):
        assert recognises(b"\x08\x07" + w.varint(number << 3 | 2) + bytes(2)) == known
