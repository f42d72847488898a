"""Reading whole models, next to what PyTorch, safetensors, onnx and torchinfo take for the same ones."""

import gc
import importlib
import json
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.report import aim, median, short, table
from benchmarks.stacks import MANY, STATISTICS, counted, counted_shapes, stack, write_files
from calculator.cli.model_command import model_report
from calculator.readers import read
from calculator.readers.pytorch.checkpoint import read_checkpoint_stream
from calculator.readers.tensors.safetensors import read_safetensors_header
from tests.helpers.paths import ROOT

LIBRARIES = {"torch": "PyTorch", "safetensors": "safetensors", "onnx": "onnx", "torchinfo": "torchinfo"}

MAX_RATIO = 1.5

LOAD = """
import sys, torch
held = torch.load(sys.argv[1], weights_only=True)
print(sum(tensor.numel() for name, tensor in held.items() if not name.endswith(tuple(sys.argv[2:]))))
"""


@dataclass(frozen=True)
class Way:
    """One way to count a model: what does it, and how many parameters it must find."""

    name: str
    run: Callable[[], int]
    count: int


@dataclass(frozen=True)
class Case:
    """Ways that are measured turn about; the first is the one that the others are compared with."""

    title: str
    ways: Sequence[Way]
    turns: int = 40

    def measure(self, rounds: int) -> list[list[float]]:
        """Return for each way the median seconds of each round. Raises ``RuntimeError`` for a wrong count."""
        for way in self.ways:  # the first time is not measured: it also loads modules
            if (count := way.run()) != way.count:
                raise RuntimeError(f"{way.name} counts {count:,} parameters instead of {way.count:,}.")
        draw = random.Random(0)
        medians: list[list[float]] = [[] for _ in self.ways]
        for _ in range(rounds):
            took: list[list[float]] = [[] for _ in self.ways]
            for _ in range(self.turns):
                # In changing order: whoever follows a way that fills the memory is a little slower.
                for place in draw.sample(range(len(self.ways)), len(self.ways)):
                    took[place].append(seconds(self.ways[place].run))
            for times, held in zip(took, medians, strict=True):
                held.append(median(times))
        return medians


def seconds(run: Callable[[], int]) -> float:
    """Return how long something takes that need not clear up after others."""
    gc.collect()
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def measure(rounds: int) -> str:
    """Return the figures and the aim as markdown."""
    try:
        for name in LIBRARIES:
            importlib.import_module(name)
    except ImportError as error:
        return f"Not measured: {error.name} is not installed here. `make bench` installs it."
    with TemporaryDirectory() as folder:
        cases = [*file_cases(Path(folder)), *print_cases()]
        gc.freeze()  # what lives on, PyTorch and the models, is not gone through at every collection
        took = [case.measure(rounds) for case in cases]
        gc.unfreeze()
    versions = ", ".join(f"{title} {version(name)}" for name, title in LIBRARIES.items())
    grown = {
        name: median(ratios(times[1], times[0]))
        for name, times in zip(("reader", "whole command"), took, strict=False)
    }
    return "\n\n".join(
        [
            f"With {versions}. All ways to count a model give the same count.",
            *(report(case, times) for case, times in zip(cases, took, strict=True)),
            aim("10 GB of .safetensors", grown, MAX_RATIO, "times as long as 10 MB"),
        ]
    )


def report(case: Case, took: Sequence[Sequence[float]]) -> str:
    """Return what was measured of one case as markdown."""
    rows = []
    for way, times in zip(case.ways, took, strict=True):
        lie = ratios(times, took[0])
        within = f"{short(min(lie))}–{short(max(lie))}"
        rows.append([way.name, short(1000 * median(times)), short(median(lie)), within])
    head = ["", "ms", f"× {case.ways[0].name}", "rounds lie within"]
    return f"{case.title}\n\n{table(head, rows)}"


def ratios(times: Iterable[float], under: Iterable[float]) -> list[float]:
    """Return the ratio of each round."""
    return [one / other for one, other in zip(times, under, strict=True)]


def file_cases(folder: Path) -> list[Case]:
    """Return what is measured of the files that were written into a folder."""
    few, many, maximum = write_files(folder)
    return [
        _headers(folder, few, maximum),
        _commands(folder, few, maximum),
        _state_dict(folder / "middle.pt", many),
        _onnx(folder / "middle.onnx", many),
    ]


def _headers(folder: Path, few: int, maximum: int) -> Case:
    load = importlib.import_module("safetensors.torch").load_file
    small, large = folder / "small.safetensors", folder / "large.safetensors"
    return Case(
        "**A .safetensors file.** The calculator reads the header, checks it and infers a type for every "
        "layer. `safe_open` and `load_file` leave the values on the disk until they are used, and only their "
        "sizes are summed. `torch.load` reads the values too.",
        [
            Way("calculator, 10 MB", partial(_header_count, small), few),
            Way("calculator, 10 GB", partial(_header_count, large), maximum),
            Way("`safe_open`, shapes alone, 10 MB", partial(_opened, small), few),
            Way("`safe_open`, shapes alone, 10 GB", partial(_opened, large), maximum),
            Way("`safetensors.torch.load_file`, 10 MB", lambda: _sum(load(small)), few),
            Way("`torch.load`, the same 10 MB as .pt", partial(_loaded, folder / "small.pt"), few),
        ],
    )


def _commands(folder: Path, few: int, maximum: int) -> Case:
    return Case(
        "**The whole command**, with the start of Python: what somebody at a shell waits for.",
        [
            Way("`calculator model`, 10 MB", partial(_command, folder / "small.safetensors"), few),
            Way("`calculator model`, 10 GB", partial(_command, folder / "large.safetensors"), maximum),
            Way("`import torch`, `torch.load`, 10 MB as .pt", partial(_script, folder / "small.pt"), few),
        ],
        turns=3,
    )


def _state_dict(path: Path, many: int) -> Case:
    return Case(
        "**A .pt state dict of 83 MB.** With `mmap=True` PyTorch leaves the values on the disk, as the "
        "calculator does: both then read names and shapes.",
        [
            Way("calculator", partial(_zip_count, path), many),
            Way("`torch.load`", partial(_loaded, path), many),
            Way("`torch.load`, `mmap=True`", partial(_loaded, path, mmap=True), many),
        ],
    )


def _onnx(path: Path, many: int) -> Case:
    return Case(
        "**An ONNX file of 83 MB.** The command line leaves the values on the disk; the page gets the whole "
        "file, and `onnx.load` reads it.",
        [
            Way("calculator, as the command line reads it", partial(_reported, path), many),
            Way("calculator, as the page gets it", lambda: read(path.read_bytes()).parameter_count, many),
            Way("`onnx.load`", partial(_onnx_count, path), many),
        ],
    )


def print_cases() -> list[Case]:
    """Return what is measured of models that PyTorch has built, on its meta device."""
    torch = importlib.import_module("torch")
    with torch.device("meta"):
        unet = importlib.import_module("tests.oracle.torch_networks").unet(torch.nn)
    return [
        _printed(
            "**The print of a U-Net**, printed and read, next to a walk through the model itself.", unet, 40
        ),
        _printed("**The print of 10,000 layers.** The same, very large.", stack(8, MANY, "meta"), 3),
    ]


def _printed(title: str, model: Any, turns: int) -> Case:
    summary, count = importlib.import_module("torchinfo").summary, counted(model)
    return Case(
        title,
        [
            Way("calculator", lambda: read(str(model)).parameter_count, count),
            Way("`torchinfo.summary`", lambda: int(summary(model, verbose=0).total_params), count),
            Way("`sum(p.numel() …)`: one number, no layers", partial(counted, model), count),
        ],
        turns,
    )


def _header_count(path: Path) -> int:
    with path.open("rb") as stream:
        return read_safetensors_header(stream).parameter_count


def _zip_count(path: Path) -> int:
    with path.open("rb") as stream:
        return read_checkpoint_stream(stream).parameter_count


def _opened(path: Path) -> int:
    with importlib.import_module("safetensors").safe_open(path, "pt") as file:
        names = list(file.keys())
        return counted_shapes((name, file.get_slice(name).get_shape()) for name in names)


def _loaded(path: Path, **settings: bool) -> int:
    return _sum(importlib.import_module("torch").load(path, weights_only=True, **settings))


def _sum(tensors: dict[str, Any]) -> int:
    return counted_shapes((name, tensor.shape) for name, tensor in tensors.items())


def _onnx_count(path: Path) -> int:
    graph = importlib.import_module("onnx").load(path).graph
    return counted_shapes((tensor.name, tensor.dims) for tensor in graph.initializer)


def _reported(path: Path) -> int:
    return int(json.loads(model_report([str(path), "--json"]))["parameter_count"])


def _command(path: Path) -> int:
    told = _python("-m", "calculator", "model", str(path), "--json")
    return int(json.loads(told)["parameter_count"])


def _script(path: Path) -> int:
    return int(_python("-c", LOAD, str(path), *STATISTICS))


def _python(*words: str) -> str:
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=True, cwd=ROOT)
    return done.stdout
