"""The command line in this process, and in one of its own."""

import os
import subprocess
import sys

import pytest

from calculator.cli import main
from tests.helpers.paths import ROOT


def run_command(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[object, str, str]:
    """Run the command line in this process and return (status, stdout, stderr)."""
    try:
        status: object = main(arguments)
    except SystemExit as stop:
        status = stop.code
    printed = capsys.readouterr()
    return status, printed.out, printed.err


def loaded_by(*arguments: str) -> frozenset[str]:
    """Return the modules that a fresh interpreter has loaded after the command line ran."""
    script = (
        "import sys\nfrom calculator.cli import main\n"
        "try:\n    main(sys.argv[1:])\nexcept SystemExit:\n    pass\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=True,
    )
    return frozenset(done.stderr.split())
