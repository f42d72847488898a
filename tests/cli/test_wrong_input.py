"""The corpus of wrong files on the command line: a sentence on stderr, status 2, nothing on stdout."""

import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from calculator.cli import main
from calculator.cli.model_command import INCOMPLETE_STATUS
from tests.helpers.paths import ROOT
from tests.helpers.wrong_files import HARMLESS, PRINT, WRONG, Wrong

ERROR = "python -m calculator model: error: "

Run = Callable[[str], tuple[object, str, str]]


pytestmark = pytest.mark.usefixtures("canary")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs the command line in this process: (status, stdout, stderr)."""

    def call(place: str) -> tuple[object, str, str]:
        try:
            status: object = main(["model", place])
        except SystemExit as stop:
            status = stop.code
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return call


def give(wrong: Wrong, folder: Path) -> str:
    """Return where a file with the content of a case is."""
    file = folder / wrong.file
    file.write_bytes(wrong.content)
    return str(file)


def pipe(wrong: Wrong, patch: pytest.MonkeyPatch) -> str:
    """Put the content of a case into standard input."""
    patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(wrong.content)))
    return "-"


@pytest.mark.parametrize("piped", [False, True])
def test_each_is_refused_with_its_sentence(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, piped: bool
) -> None:
    for wrong in WRONG:
        place = pipe(wrong, monkeypatch) if piped else give(wrong, tmp_path)
        status, out, err = run(place)
        assert (status, out) == (2, ""), wrong.case
        said = err.splitlines()[-1]
        assert said.startswith(ERROR), wrong.case
        assert wrong.words in said, wrong.case
        assert said.endswith("."), wrong.case
        assert len(err.splitlines()) <= 3, wrong.case


def test_what_is_read_all_the_same_says_what_was_left_undone(run: Run, tmp_path: Path) -> None:
    for wrong in HARMLESS:
        status, out, err = run(give(wrong, tmp_path))
        assert (status, err) == (INCOMPLETE_STATUS if wrong.case == "a print with -1" else 0, ""), wrong.case
        assert wrong.words in out, wrong.case
    assert {file.name for file in tmp_path.iterdir()} == {wrong.file for wrong in HARMLESS}


@pytest.mark.parametrize("case", ["Reduced by protocol 2", "ONNX"])
def test_a_real_shell_sees_no_traceback(tmp_path: Path, case: str) -> None:
    [wrong] = [wrong for wrong in WRONG if wrong.case == case]
    for place, given in ((give(wrong, tmp_path), b""), ("-", wrong.content)):
        done = subprocess.run(
            [sys.executable, "-m", "calculator", "model", place],
            cwd=ROOT,
            input=given,
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert (done.returncode, done.stdout) == (2, b"")
        assert wrong.words in done.stderr.decode()
        assert b"Traceback" not in done.stderr


def test_what_is_right_is_read(run: Run, tmp_path: Path) -> None:
    status, out, err = run(give(Wrong("right", PRINT, "", "right.txt"), tmp_path))
    assert (status, err) == (0, "")
    assert "32,864" in out
