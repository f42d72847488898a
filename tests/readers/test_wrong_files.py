"""The corpus of wrong files against the readers: each gets its sentence, and nothing in it is done."""

import io
import logging
import pickle
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from calculator.readers import Model, ReadError, read
from calculator.readers.isolation import read_in_subprocess
from calculator.readers.unsupported import explain_certain_text, explain_text, is_named
from tests.helpers.onnx_writing import varint
from tests.helpers.paths import ROOT
from tests.helpers.peak_memory import most_memory
from tests.helpers.wrong_files import (
    BOMBS,
    HARMLESS,
    MARK,
    WRONG,
    Evaluated,
    Reduced,
    Stateful,
    Wrong,
)

SAMPLE = (
    "a page in UTF-16",
    "safetensors in its header",
    "half a state dict",
    "ONNX",
    "a bomb for a configuration",
    "a deep pickle",
    "one endless line",
    "Reduced by protocol 0",
    "a pickle by BUILD",
)
"""Cases that a process of its own reads too; in-process is quicker, and says the same."""


pytestmark = pytest.mark.usefixtures("canary")


def said(model: Model) -> str:
    return " ".join((*model.assumptions, *(row.note for row in model.rows)))


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.case)
def test_each_is_refused_with_its_sentence(wrong: Wrong) -> None:
    for data in {wrong.data, wrong.content}:
        for name in (wrong.file, ""):
            with pytest.raises(ReadError) as caught:
                read(data, name=name)
            sentence = str(caught.value)
            assert wrong.words in sentence
            assert sentence[0].isupper()
            assert sentence.endswith(".")
            assert sentence.isprintable()
            assert len(sentence) < 500


@pytest.mark.parametrize("wrong", HARMLESS, ids=lambda wrong: wrong.case)
def test_what_is_read_all_the_same_says_what_was_left_undone(wrong: Wrong) -> None:
    for data in {wrong.data, wrong.content}:
        assert wrong.words in said(read(data, name=wrong.file))


def test_every_case_is_a_case_of_its_own() -> None:
    names = [wrong.case for wrong in (*WRONG, *HARMLESS)]
    assert len(set(names)) == len(names) > 150
    assert set(SAMPLE) < set(names)
    contents = [wrong.content for wrong in (*WRONG, *HARMLESS)]
    assert len(set(contents)) > len(names) - 10  # one page has several names


@pytest.mark.parametrize("hostile", [Reduced, Evaluated, Stateful])
def test_the_canary_would_be_noticed(hostile: type, canary: Path) -> None:
    pickle.loads(pickle.dumps(hostile()))
    assert canary.exists()
    canary.unlink()


@pytest.mark.parametrize("member", ["config.json", "data.pkl"])
@pytest.mark.parametrize("way", ["bzip2", "LZMA"])
def test_a_bomb_takes_no_memory(way: str, member: str) -> None:
    data = BOMBS[way][member]
    [name] = [name for name in zipfile.ZipFile(io.BytesIO(data)).namelist() if name.endswith(member)]
    assert len(data) < 20_000
    assert most_memory(data) < 50_000_000 < most_memory(data, name)


def test_python_itself_notes_nothing_that_a_reader_does() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.helpers.sandbox_audit"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    *events, count = done.stdout.splitlines()
    reading, opening = (set(line.split()) - {"builtins.id"} for line in events)
    assert int(count) >= len(WRONG) + len(HARMLESS)
    assert (reading, opening) == (set(), {"open"})


@pytest.mark.parametrize("case", SAMPLE)
def test_a_process_of_its_own_says_the_same(case: str) -> None:
    [wrong] = [wrong for wrong in WRONG if wrong.case == case]
    with pytest.raises(ReadError) as caught:
        read_in_subprocess(wrong.data, name=wrong.file)
    assert wrong.words in str(caught.value)


def test_a_process_of_its_own_runs_no_lambda_and_follows_no_path() -> None:
    [numbers] = [wrong for wrong in HARMLESS if wrong.case == "numbers in the canary"]
    assert numbers.words in said(read_in_subprocess(numbers.data, name=numbers.file))
    [code] = [wrong for wrong in WRONG if wrong.case == "a Lambda in a file"]
    with pytest.raises(ReadError, match=code.words):
        read_in_subprocess(code.data, name=code.file)


def test_nothing_of_a_file_is_logged_or_printed(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    marked = [wrong for wrong in WRONG if MARK.encode() in wrong.content]
    assert len(marked) > 20
    for wrong in marked:
        with pytest.raises(ReadError):
            read(wrong.data, name=MARK)
    assert read(f"{MARK}: Net(\n  (up): Linear(in_features=2, out_features=3)\n)", name=MARK).rows
    assert capfd.readouterr() == ("", "")
    assert caplog.records == []


def test_a_process_of_its_own_leaves_no_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    started: list[str] = []
    run = subprocess.run

    def noted(command: list[str], **more: object) -> object:
        started.append(repr((command, {key: more[key] for key in more if key != "input"})))
        return run(command, **more)  # type: ignore[call-overload]

    for folder in ("TMPDIR", "TEMP", "TMP", "HOME"):
        monkeypatch.setenv(folder, str(tmp_path))
    monkeypatch.setattr(subprocess, "run", noted)
    good = f"Net(\n  ({MARK}): Linear(in_features=2, out_features=3)\n)"
    assert read_in_subprocess(good, name=MARK).rows[0].name == MARK
    with pytest.raises(ReadError, match=MARK):
        read_in_subprocess(f"No model, but {MARK}.", name=MARK)
    assert len(started) == 2
    assert not any(MARK in command for command in started)  # whoever lists the processes does not see it
    assert list(tmp_path.rglob("*")) == []
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "text",
    [
        "conv2d_transpose/kernel:0 (4, 4, 32, 64)\nconv2d_transpose/bias:0 (32,)\n",
        "<KerasVariable shape=(4, 4, 32, 64), dtype=float32, path=conv2d_transpose/kernel>\n",
        "Variables:\n<tf.Variable 'g/conv2d/kernel:0' shape=(4, 4, 32, 64) dtype=float32>\n",
        "('dense/kernel:0', TensorShape([4, 4]))\n",
        "bn/moving_mean [32]\n",
    ],
)
def test_a_list_of_variables_of_tensorflow_is_named(text: str) -> None:
    with pytest.raises(ReadError, match="list of variables of Keras or TensorFlow"):
        read(text)


# Model.proto of coremltools: field 1 is the version, field 2 the description, which begins with its inputs.
@pytest.mark.parametrize("length", [5, 127, 128, 16_383, 16_384])
def test_a_core_ml_model_is_known_by_its_description_of_any_length(length: int) -> None:
    begin = b"\x08\x04\x12" + varint(length)
    assert is_named(begin + b"\n" + bytes(length - 1))
    # The second field of an ONNX file is the name of a program, in text.
    assert not is_named(begin + b"p" * length)


@pytest.mark.parametrize(
    ("text", "is_table"),
    [
        *((f"a{mark}b\n1{mark}2\n\n3{mark}4\n", True) for mark in "\t;|,"),
        ("a,b\n1\n", False),
        ("a,b", False),
        ("First line\nSecond line\n", False),
        ("a,b\n1,2\n3,4\n5,6\nand prose\n", True),
        ("a,b\n1,2\n3,4\nprose\n", False),
    ],
)
def test_a_table_has_the_same_number_of_separators_in_its_first_lines(text: str, is_table: bool) -> None:
    assert explain_text(text).startswith("This looks like a table") == is_table


def test_lists_and_code_that_are_no_differences() -> None:
    for text in (
        "- nn.Linear(3, 3)\n- nn.Linear(3, 4)",
        "+ nn.Linear(3, 3)\n+ nn.Linear(3, 4)",
        "+ a first layer\n- and a second\n",
        "a = nn.Linear(3, 3)\n- nn.Linear(3, 4)\n+ nn.Linear(3, 4)",
    ):
        assert explain_certain_text(text) == ""
