"""`python -m tests.deploy.lock`, which `make lock` runs: every version that is installed, with its hashes."""

import subprocess
import sys
from pathlib import Path

from tests.helpers.paths import ROOT

LOCKS = {
    "requirements.lock": ["requirements.txt"],
    # The versions that both have are those of the app.
    "deploy/requirements-postgres.lock": ["deploy/requirements-postgres.txt", "-c", "requirements.lock"],
}
"""The locks, and what each is made of."""

OPTIONS = ["--universal", "--python-version", "3.11", "--generate-hashes", "--quiet", "--no-header"]


def make(name: str, output: Path, *more: str) -> None:
    """Write a lock into ``output``; the versions that it has and that still fit are kept."""
    command = [sys.executable, "-m", "uv", "pip", "compile", *LOCKS[name], *OPTIONS, "-o", str(output), *more]
    subprocess.run(command, cwd=ROOT, check=True)


if __name__ == "__main__":
    for lock in LOCKS:
        make(lock, ROOT / lock, *sys.argv[1:])
