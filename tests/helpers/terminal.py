"""The command line with a reader that leaves early, as in ``… | head -1``."""

import os
import subprocess
import sys

from tests.helpers.paths import ROOT


def left_early(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run the command line with an output that nobody reads any more."""
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as closed:
        return subprocess.run(
            [sys.executable, "-m", "calculator", *arguments],
            cwd=ROOT,
            stdout=closed,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
