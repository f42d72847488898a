"""Tables of the package torch-summary, the predecessor of torchinfo.

Its module has the name of torchsummary's, so it is installed into a folder of its own.
"""

import importlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from typing import Any

from tests.helpers.real_models import RealModel
from tests.oracle.models.torch_counts import counts_of
from tests.oracle.models.torch_small import small_networks

LIBRARIES = ("torch",)
VERSIONS = {"torch-summary": "1.4.5"}
COLUMNS = ("input_size", "kernel_size", "output_size", "num_params", "mult_adds")
SETTINGS: tuple[dict[str, Any], ...] = (
    {},
    {"depth": 1},
    {"depth": 5, "col_names": COLUMNS, "col_width": 14},
    {"depth": 5, "branching": False, "col_names": ("num_params", "output_size")},
    {"depth": 5, "input": False},
)
"""The settings of the tables; without ``input`` the network does not run."""


def models() -> Iterator[RealModel]:
    """Yield each network with each of the settings."""
    with tempfile.TemporaryDirectory() as folder:
        exact = [f"{name}=={version}" for name, version in VERSIONS.items()]
        pip = (sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", folder)
        subprocess.run([*pip, *exact], check=True)
        sys.path.insert(0, folder)
        tool = importlib.import_module("torchsummary")
        torch = importlib.import_module("torch")
        for name, network in small_networks(torch).items():
            for settings in SETTINGS:
                yield from _table(tool, name, network, **settings)


def _table(tool: Any, name: str, network: Any, *, input: bool = True, **settings: Any) -> Iterator[RealModel]:
    """Yield one table, which is one of a network that the tool can run."""
    title = f"torch-summary, {name}, {settings}{'' if input else ', no input'}"
    given = [network.example[1:]] if input else []
    try:
        found = tool.summary(network, *given, verbose=0, **settings)
    except Exception:  # It does not run networks of whole numbers.
        return
    counts = counts_of(network)
    if not found.total_params:
        yield RealModel(title, f"{found}\n", refused="no layer with parameters")
    elif found.total_params == counts["total"]:
        yield RealModel(title, f"{found}\n", **counts, trained=found.trainable_params)
    else:  # The tool leaves parameters out, or counts those that two layers share in each of them.
        left_out = found.total_params < counts["total"]
        says = ("layers that did not run" if left_out else "share parameters",)
        yield RealModel(title, f"{found}\n", found.total_params, None, says=says)
