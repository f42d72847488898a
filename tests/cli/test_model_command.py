"""Whole models on the command line: what it prints adds up, and nothing given to it ends in a traceback."""

import io
import json
import os
import re
import resource
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from calculator.cli import main
from calculator.cli.model_command import (
    DIFFERENT_STATUS,
    INCOMPLETE_STATUS,
    MAX_BYTES,
    as_text,
    comparison_text,
)
from calculator.networks.builtin import NETWORKS, Network, network
from calculator.readers import Model, Row
from calculator.readers.difference import compare_models
from calculator.readers.model_json import read_model
from tests.helpers import onnx_writing as w
from tests.helpers.paths import ROOT
from tests.helpers.terminal import left_early

DECODER = """\
name,type,in,out,kernel,stride,padding
up,ConvTranspose2d,64,32,4,2,1
norm,BatchNormalization,,32,,,
"""

DECODER_PRINT = """\
Sequential(
  (0): ConvTranspose2d(64, 32, kernel_size=(4, 4), stride=(2, 2), padding=(1, 1))
  (1): BatchNorm2d(32, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)
)
"""

GOLDEN = """\
a table of layers: decoder.csv

   Layer  Type                Weight shape    Weights  Biases  Other  Parameters
*  up     ConvTranspose2d     (64, 32, 4, 4)   32,768      32      0      32,800
   norm   BatchNormalization  (32,)                32      32     64         128
   Total                                       32,800      64     64      32,928

In transposed layers (*)  32,800
Trainable                 32,864
All parameters            32,928

norm: Keras counts the moving mean and variance, which are never trained.
"""


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Any:
    """Return a function that runs the command line in this process: (status, stdout, stderr)."""

    def call(*arguments: str) -> tuple[object, str, str]:
        try:
            status: object = main(["model", *arguments])
        except SystemExit as stop:
            status = stop.code
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return call


@pytest.fixture
def decoder(tmp_path: Path) -> Path:
    file = tmp_path / "decoder.csv"
    file.write_text(DECODER, encoding="utf-8")
    return file


def process(*arguments: str, given: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "calculator", "model", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment},
        input=given,
        capture_output=True,
        timeout=60,
        check=False,
    )


def safetensors(*shapes: tuple[str, list[int], int], values: int) -> bytes:
    """Return the head of a safetensors file of float32, without its values."""
    tensors, start = {}, 0
    for name, shape, count in shapes:
        tensors[name] = {"dtype": "F32", "shape": shape, "data_offsets": [start, start + 4 * count]}
        start += 4 * count
    assert start == values
    header = json.dumps(tensors).encode()
    return len(header).to_bytes(8, "little") + header


def test_golden(run: Any, decoder: Path) -> None:
    assert run(str(decoder)) == (0, GOLDEN, "")


def test_json_is_the_model(run: Any, decoder: Path) -> None:
    status, out, err = run(str(decoder), "--json")
    assert (status, err) == (0, "")
    model = read_model(out)
    assert [(row.name, row.parameter_count) for row in model.rows] == [("up", 32_800), ("norm", 128)]
    told = json.loads(out)
    assert (told["parameter_count"], told["transposed_count"], told["trainable_count"]) == (
        32_928,
        32_800,
        32_864,
    )


COMPARED = """\
Left:  PyTorch's print
Right: a table of layers: decoder.csv

Layer    Left   Right  Difference  Reason
1          64     128         +64  The right counts the running mean and variance too: 2 × 32.
0      32,800  32,800           0
Total  32,864  32,928         +64

Parameters: left 32,864, right 32,928. The right has 64 more.
Explained by running means and variances that one side counts: +64, in 1 layer.
Everything is explained.
"""


def give_input(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))


def test_two_models_are_compared(run: Any, decoder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    give_input(monkeypatch, DECODER_PRINT)
    assert run("-", str(decoder)) == (DIFFERENT_STATUS, COMPARED, "")
    give_input(monkeypatch, DECODER_PRINT)
    status, out, err = run(str(decoder), "-", "--json")
    told = json.loads(out)
    assert (status, err) == (4, "")
    assert (told["difference"], told["differs"], told["unexplained"]) == (-64, True, 0)
    assert told["reasons"] == [{"reason": "statistics", "difference": -64, "pairs": 1}]
    assert told["pairs"][0] == {
        "status": "different",
        "left": {
            "name": "norm",
            "type": "BatchNormalization",
            "weight_shape": [32],
            "times": 1,
            "parameter_count": 128,
        },
        "right": {
            "name": "1",
            "type": "BatchNorm2d",
            "weight_shape": [32],
            "times": 1,
            "parameter_count": 64,
        },
        "difference": -64,
        "reason": "statistics",
        "explanation": "The left counts the running mean and variance too: 2 × 32.",
    }


def test_equal_models_and_models_with_gaps_have_their_own_status(
    run: Any, decoder: Path, tmp_path: Path
) -> None:
    status, out, err = run(str(decoder), str(decoder))
    assert (status, err) == (0, "")
    assert out.endswith("Both totals are equal.\nNo layer differs.\n")
    gap = tmp_path / "gap.txt"
    gap.write_text(DECODER_PRINT.replace("\n)", "\n  (2): Own(size=3)\n)"), encoding="utf-8")
    status, out, _ = run(str(gap), str(gap))
    assert status == INCOMPLETE_STATUS
    assert re.search(r"^2 +\? +\? +\? +The left and the right do not count it\.$", out, re.MULTILINE)
    assert re.search(r"^Total +at least 32,864 +at least 32,864 +\?$", out, re.MULTILINE)
    assert run(str(gap), str(decoder))[0] == DIFFERENT_STATUS


def test_two_models_need_two_sources(run: Any, decoder: Path, tmp_path: Path) -> None:
    status, out, err = run("-", "-")
    assert (status, out) == (2, "")
    assert "only one of the two files can be -, standard input" in err
    status, out, err = run(str(decoder), str(tmp_path / "none.pt"))
    assert (status, out) == (2, "")
    assert f"There is no file {tmp_path / 'none.pt'}." in err


def test_names_cannot_write_to_the_terminal_in_a_comparison() -> None:
    model = Model((Row("e\x1b[31m", "Embedding", (9, 2), 18), Row("h\x1b[0m", "Linear", (9, 2), 18)), "x")
    text = comparison_text(compare_models(model, Model(model.rows[:1], "y\x1b[2J")))
    assert "\x1b" not in text
    assert "those of e\\x1b[31m: the right" in text


def columns(text: str) -> tuple[list[str], list[list[int]]]:
    """Return the titles of the columns of counts, and what each row and the last line have there."""
    lines = text.split("\n\n")[1].splitlines()
    titles = re.findall(r"Weights|Biases|Other|Parameters|Multiply–accumulates", lines[0])
    ends = [lines[0].index(title) + len(title) for title in titles]
    # Counts end where their title ends: the columns are aligned to the right. A shorter line has none there.
    read = []
    for line in lines[1:]:
        cells = [re.findall(r"[0-9,]+$", line[:end]) if len(line) >= end else [] for end in ends]
        read.append([int(cell[0].replace(",", "")) if cell else 0 for cell in cells])
    return titles, read


@pytest.mark.parametrize("told", NETWORKS, ids=lambda told: told.key)
def test_the_printed_columns_add_up_to_the_printed_totals(told: Network) -> None:
    text = as_text(told.model())
    titles, read = columns(text)
    *rows, total = read
    assert titles[:4] == ["Weights", "Biases", "Other", "Parameters"]
    assert [sum(column) for column in zip(*rows, strict=True)] == total
    assert all(sum(row[:3]) == row[3] for row in read)
    assert total[3] == told.published
    assert re.search(f"^All parameters +{told.published:,}$", text, re.MULTILINE)
    marked = [
        row[3]
        for row, line in zip(rows, text.split("\n\n")[1].splitlines()[1:], strict=False)
        if line[0] == "*"
    ]
    assert sum(marked) == told.transposed


def test_a_chain_shows_its_sizes_and_work() -> None:
    text = as_text(network("vae").model())
    titles, read = columns(text)
    assert titles[-1] == "Multiply–accumulates"
    assert re.search(r"\* +conv2d_transpose_2 .* 28 × 28 +225,792$", text, re.MULTILINE)
    assert read[-1][-1] == sum(row[-1] for row in read[:-1]) == 5_651_072
    assert "Output size" not in as_text(network("unet").model())


def test_what_is_not_known_is_not_counted_as_nothing() -> None:
    rows = (
        Row("up", "Linear", (3, 2), 6, 3),
        Row("own", "MyLayer", known=False, note="Its class is not known."),
    )
    text = as_text(Model(rows, "PyTorch's print"))
    assert re.search(r"own +MyLayer +\? +\? +\? +\?$", text, re.MULTILINE)
    assert re.search(r"^All parameters +at least 9 · 1 module not counted$", text, re.MULTILINE)
    assert re.search(r"^Trainable +at least 9$", text, re.MULTILINE)
    assert text.endswith("own: Its class is not known.")


def test_control_signs_are_not_sent_to_the_terminal() -> None:
    row = Row("a\x1b[31m\nb", "T\x07" + "y" * 300, (2,), 2)
    text = as_text(Model((row,), "a table", ("Assumed\x1b]0;title",), "n\u202eame"))
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202e]", text)
    assert r"a\x1b[31m\nb" in text
    assert max(map(len, text.splitlines())) < 200


def test_standard_input(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(DECODER.encode())))
    status, out, err = run("-")
    assert (status, out, err) == (0, GOLDEN.replace(": decoder.csv", ""), "")


def test_bytes_come_through_standard_input() -> None:
    file = safetensors(("up.weight", [64, 32, 4, 4], 32_768), values=4 * 32_768) + bytes(4 * 32_768)
    done = process("-", "--json", given=file)
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["parameter_count"] == 32_768


def test_of_a_huge_safetensors_file_the_header_alone_is_read(run: Any, tmp_path: Path) -> None:
    count = 3 << 30  # 12 GiB of values, as a file with a hole
    head = safetensors(("fc.weight", [3, 1 << 30], count), values=4 * count)
    file = tmp_path / "huge.safetensors"
    with file.open("wb") as stream:
        stream.write(head)
        stream.truncate(len(head) + 4 * count)
    status, out, _ = run(str(file), "--json")
    assert (status, json.loads(out)["parameter_count"]) == (0, count)


@pytest.mark.parametrize("padding", [0, 5_000])
def test_of_a_state_dict_the_shapes_alone_are_read(
    run: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, padding: int
) -> None:
    # torch.save of PyTorch 2.13: the state dict of ConvTranspose2d(3, 2, 2); then with its pickle at the end.
    file = ROOT / "tests" / "readers" / "files" / "torch_up.pt"
    if padding:
        moved = tmp_path / "moved.pt"
        with zipfile.ZipFile(file) as archive, zipfile.ZipFile(moved, "w") as written:
            names = sorted(archive.namelist(), key=lambda name: name.endswith("data.pkl"))
            written.writestr(names[0].split("/")[0] + "/data/9", bytes(padding))
            for name in names:
                written.writestr(name, archive.read(name))
        file = moved
    monkeypatch.setattr("calculator.cli.model_command.MAX_BYTES", 100)
    status, out, err = run(str(file))
    assert (status, err) == (0, "")
    assert re.search(r"^\*  \(model\) +ConvTranspose2d +\(3, 2, 2, 2\) +24 +2 +0 +26$", out, re.MULTILINE)


def test_of_an_onnx_file_the_shapes_alone_are_read(run: Any, tmp_path: Path) -> None:
    dims = (8192, 8192, 4, 4)
    values = 4 * 8192 * 8192 * 4 * 4  # 4 GB: the hole at the end of the file, which nobody wrote
    weight = w.tensor("w", dims) + w.varint(9 << 3 | 2) + w.varint(values)
    nodes = [w.node("ConvTranspose", ["x", "w"], ["y"], name="up")]
    body = w.graph(nodes, inputs=[w.value("x", (1, 8192, 5, 5))])
    body += w.varint(5 << 3 | 2) + w.varint(len(weight) + values) + weight
    head = w.model(b"")[:-1] + w.varint(len(body) + values)
    file = tmp_path / "huge.onnx"
    with file.open("wb") as stream:
        stream.write(head + body)
        stream.truncate(len(head + body) + values)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    status, out, err = run(str(file), "--json")
    assert (status, err) == (0, "")
    assert json.loads(out)["parameter_count"] == 8192 * 8192 * 16
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kilobytes
    with file.open("r+b") as stream:
        stream.truncate(len(head + body) + values - 1)
    status, out, err = run(str(file))
    assert (status, out) == (2, "")
    assert "This seems to be an ONNX file. A field of the file should have" in err


def test_other_huge_files_are_refused(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "huge.txt"
    with file.open("wb") as stream:
        stream.truncate(MAX_BYTES + 1)
    status, out, err = run(str(file))
    assert (status, out) == (2, "")
    assert "huge.txt has 2,147,483,649 bytes; at most 2,147,483,648 are read." in err


def test_what_is_no_model_is_refused(run: Any, tmp_path: Path) -> None:
    page = tmp_path / "model.pt"
    page.write_text("<!DOCTYPE html><html></html>", encoding="utf-8")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    sentences = {
        str(page): "This is a web page, not a model",
        str(tmp_path): f"{tmp_path} is a folder. Name a file in it.",
        str(tmp_path / "none.pt"): f"There is no file {tmp_path / 'none.pt'}.",
        str(page / "below"): "cannot be read: Not a directory.",
        str(pipe): "pipe is not a file. To read the output of another command, write - as the file.",
        "a\x00b": "There is no file a\\x00b.",
        "x" * 5000: "cannot be read: File name too long.",
    }
    for place, sentence in sentences.items():
        status, out, err = run(place)
        assert (status, out) == (2, ""), place
        assert sentence in err
        assert err.splitlines()[-1].startswith("python -m calculator model: error: ")


def test_a_row_that_is_wrong_is_named(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "wrong.csv"
    file.write_text(DECODER.replace("64,32,4", "64,32,4.5"), encoding="utf-8")
    status, out, err = run(str(file))
    assert (status, out) == (2, "")
    assert "error: Row 1 (up): kernel must be " in err


def test_the_options_are_checked(run: Any, decoder: Path) -> None:
    three = (str(decoder),) * 3
    for arguments in ((), (str(decoder), "--no-such"), three, (str(decoder), "--js")):
        status, out, err = run(*arguments)
        assert (status, out) == (2, "")
        assert err.startswith("usage: python -m calculator model")
    status, out, _ = run("--help")
    assert status == 0
    assert "usage: python -m calculator model" in out


def test_terminals_without_the_signs_get_others(decoder: Path) -> None:
    decoder.write_text(DECODER.replace("up,", "größer,"), encoding="utf-8")
    done = process(str(decoder), PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, b"")
    assert rb"gr\xf6\xdfer" in done.stdout
    failed = process("größer", PYTHONIOENCODING="ascii")
    assert failed.returncode == 2
    assert b"Traceback" not in failed.stderr


def test_a_reader_that_leaves_early_sees_no_traceback(decoder: Path) -> None:
    left = left_early("model", str(decoder))
    assert (left.returncode, left.stderr) == (1, "")


def test_rows_above_the_printed_total_are_a_range_everywhere(run: Any, decoder: Path, tmp_path: Path) -> None:
    table = tmp_path / "table.txt"
    table.write_text(
        "Layer (type)   Output Shape   Param #\n====\n"
        " up (Conv2DTranspose)   (None, 8, 8, 32)   32,800\n norm (BatchNormalization)   (None, 8, 8, 32)   "
        "128\nTotal params: 32,000\nTrainable params: 31,936\nNon-trainable params: 64\n",
        encoding="utf-8",
    )
    status, out, _ = run(str(table))
    assert status == INCOMPLETE_STATUS
    assert re.search(r"^ +Total .* 32,000 to 32,928$", out, re.MULTILINE)
    assert re.search(r"^In transposed layers \(\*\) +31,872 to 32,800$", out, re.MULTILINE)
    assert re.search(r"^Trainable +31,936 to 32,864$", out, re.MULTILINE)
    assert re.search(
        r"^All parameters +32,000 to 32,928 +· rows and stated total disagree$|"
        r"^All parameters +32,000 to 32,928 · rows and stated total disagree$", out, re.MULTILINE
    )  # fmt: skip
    told = json.loads(run(str(table), "--json")[1])
    assert (told["complete"], told["parameter_count"], told["surplus"]) == (False, None, 928)
    status, out, _ = run(str(decoder), str(table))
    assert re.search(r"^Total +32,928 +32,000 to 32,928 +\?$", out, re.MULTILINE)
    assert "right 32,000 to 32,928 · rows and stated total disagree" in out
    told = json.loads(run(str(decoder), str(table), "--json")[1])
    assert told["difference"] is None
    assert (told["right"]["at_least"], told["right"]["at_most"]) == (32_000, 32_928)
