"""Summaries and ``model.json`` of the real TensorFlow.js, which Node runs."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.helpers.real_models import RealModel

LIBRARIES = ()
PACKAGES = {
    "4.22.0": ("tfjs-core", "tfjs-layers", "tfjs-backend-cpu"),
    "1.7.4": ("tfjs-core", "tfjs-layers"),
}
"""The packages of npm by version. Before version 3.9 summaries have no input shapes."""

VERSIONS = {"@tensorflow/tfjs-layers": " and ".join(PACKAGES)}
SCRIPT = Path(__file__).with_name("tfjs_networks.js")
CUT, DIGITS = 30_003, 120_010_000
"""The parameters of the layers of ``wide``; a table that is 60 wide cuts the larger count."""


def models() -> Iterator[RealModel]:
    """Yield each network of each version in each of the forms."""
    for version, packages in PACKAGES.items():
        with tempfile.TemporaryDirectory() as folder:
            install = ("npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--legacy-peer-deps")
            exact = [f"@tensorflow/{package}@{version}" for package in packages]
            subprocess.run([*install, *exact], cwd=folder, check=True, capture_output=True)
            yield from _written(version, Path(folder))


def _written(version: str, folder: Path) -> Iterator[RealModel]:
    """Yield what the version that is installed in ``folder`` writes."""
    script = shutil.copy(SCRIPT, folder)
    found = subprocess.run(["node", script], cwd=folder, check=True, capture_output=True, text=True)
    # The library greets on the same stream.
    lines = [line for line in found.stdout.splitlines() if line.startswith('{"name"')]
    for network in map(json.loads, lines):
        name = f"TensorFlow.js {version}, {network['name']}"
        counts = {key: network[key] for key in ("total", "transposed", "trained")}
        for form, text in network["summaries"].items():
            # TensorFlow.js cuts a count at the end of its column without a mark.
            cut = f" {DIGITS} " not in text.replace("\n", " ") and network["name"] == "wide"
            less = {"total": CUT, "trained": None, "elsewhere": network["total"] - CUT} if cut else {}
            yield RealModel(f"{name}, summary{form}", text, **counts | less)
        if network.get("file"):
            yield RealModel(
                f"{name}, model.json", json.dumps(network["file"]), **counts, rows=network["rows"]
            )
