"""Whether this code was compared with the real frameworks as it stands: ``python -m tests.oracle.compared``.

``tests.oracle.live`` draws the same layers every time and compares them with fixed versions of frameworks,
so the same files give the same result. It notes a digest of them here, and CI compares only what has changed
since. Exits with 0 where nothing has.
"""

import hashlib
import json
import sys
from pathlib import Path

from tests.helpers.paths import ROOT

NOTED = Path(__file__).with_name("compared.json")

PACKAGES = ("core", "frameworks", "geometry", "upsampling", "comparison", "readers")
COMPARED = (
    "calculator/__init__.py",
    *(f"calculator/{name}" for name in PACKAGES),
    "tests/oracle",
    "tests/helpers/matrices.py",
    "tests/helpers/paths.py",
)
"""What a comparison depends on: all that ``tests.oracle.live`` imports of this project."""

SHARE = 5
"""CI compares one in so many of the layers and networks; so does, at least, what is noted."""


def digest() -> str:
    """Return the digest of all files that a comparison depends on, with their names."""
    found = hashlib.sha256()
    for name in COMPARED:
        at = ROOT / name
        for file in sorted(at.rglob("*")) if at.is_dir() else [at]:
            if file.is_file() and file != NOTED and "__pycache__" not in file.parts:
                content = file.read_bytes()
                found.update(f"{file.relative_to(ROOT).as_posix()} {len(content)}\n".encode() + content)
    return found.hexdigest()


def note(checked: int) -> None:
    """Note that so many comparisons of these files found no difference."""
    NOTED.write_text(json.dumps({"digest": digest(), "checked": checked}, indent=1) + "\n")


def noted() -> int:
    """Return how many comparisons of these very files found no difference; 0 where they were not compared."""
    read = json.loads(NOTED.read_text()) if NOTED.exists() else {}
    checked: int = read["checked"] if read.get("digest") == digest() else 0
    return checked


if __name__ == "__main__":
    if not (checked := noted()):
        sys.exit("What is compared with the real frameworks has changed since it was.")
    print(f"These very files were compared with the real frameworks: {checked:,} checks, no difference.")
