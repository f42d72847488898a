"""The time of the command from start to end, next to an interpreter that does nothing and to PyTorch."""

import importlib.util
import os
import random
import subprocess
import sys
import time
from tempfile import TemporaryDirectory

from benchmarks.report import aim, median, table, three_digits
from tests.helpers.paths import ROOT

MAX_RATIO = 6.0
"""The aim for one layer, in starts of an interpreter that does nothing: 0.1 s where one takes 17 ms."""

TURNS = 20

LAYER = ["-m", "calculator", "3", "64", "4", "2", "1"]
METHODS = {
    "an interpreter that does nothing": ["-c", "pass"],
    "argparse alone": ["-c", "import argparse; argparse.ArgumentParser().parse_args([])"],
    "`tconv 3 64 4 2 1`": LAYER,
    "`tconv compare 3 64 4 2 1`": ["-m", "calculator", "compare", *LAYER[2:]],
    "`tconv solve 7 112`": ["-m", "calculator", "solve", "7", "112"],
    "`import torch`": ["-c", "import torch"],
}
"""The arguments of Python for each method. The first is the reference for the others."""


def measure(rounds: int) -> str:
    """Return the figures and the aim as markdown."""
    methods = {
        title: arguments
        for title, arguments in METHODS.items()
        if "torch" not in title or importlib.util.find_spec("torch")
    }
    with TemporaryDirectory() as folder:
        # The bytecode is written as by an installation, wherever this machine keeps it otherwise.
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": folder}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)

        def seconds(arguments: list[str]) -> float:
            start = time.perf_counter()
            subprocess.run(
                [sys.executable, *arguments], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL
            )
            return time.perf_counter() - start

        for arguments in methods.values():
            seconds(arguments)  # Not measured: the first start compiles the modules.
        draw = random.Random(0)
        took: dict[str, list[float]] = {title: [] for title in methods}
        for _ in range(rounds * TURNS):
            for title in draw.sample(list(methods), len(methods)):
                took[title].append(seconds(methods[title]))
    medians = {title: median(times) for title, times in took.items()}
    reference = medians[next(iter(medians))]
    rows = [
        (title, f"{1000 * time:.0f} ms", f"×{three_digits(time / reference)}")
        for title, time in medians.items()
    ]
    measured = {"median": medians["`tconv 3 64 4 2 1`"] / reference}
    goal = aim("One layer from start to end", measured, MAX_RATIO, "× an interpreter that does nothing")
    return f"{table(('start', 'median', 'ratio'), rows)}\n\n{goal}"
