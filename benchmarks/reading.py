"""The time of reading complete models, next to PyTorch, safetensors, onnx, h5py and torchinfo."""

import contextlib
import gc
import importlib
import io
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

from benchmarks.report import aim, median, table, three_digits
from benchmarks.stacks import MANY, STATISTICS, count_shapes, parameter_count, stack, write_files
from calculator.cli.model_command import model_command
from calculator.readers import read
from calculator.readers.keras_files.hdf5_file import read_keras_hdf5_stream
from calculator.readers.pytorch_files.checkpoint import read_checkpoint_stream
from calculator.readers.tensors.safetensors import read_safetensors_header
from tests.helpers.paths import ROOT

LIBRARIES = {"torch": "PyTorch", "safetensors": "safetensors", "onnx": "onnx", "h5py": "h5py"} | {
    "torchinfo": "torchinfo"
}

MAX_RATIO = 1.5

LOAD = """
import sys, torch
tensors = torch.load(sys.argv[1], weights_only=True)
print(sum(tensor.numel() for name, tensor in tensors.items() if not name.endswith(tuple(sys.argv[2:]))))
"""


@dataclass(frozen=True)
class Method:
    """One method of counting a model: its name, the function, and the right number of parameters."""

    name: str
    run: Callable[[], int]
    count: int


@dataclass(frozen=True)
class Case:
    """Methods that are measured in turn. The first is the reference for the others."""

    title: str
    methods: Sequence[Method]
    turns: int = 40

    def measure(self, rounds: int) -> list[list[float]]:
        """Return the median seconds of each round by method. Raises ``RuntimeError`` for a wrong count."""
        for method in self.methods:  # not measured: the first call also loads modules
            if (count := method.run()) != method.count:
                raise RuntimeError(f"{method.name} counts {count:,} parameters instead of {method.count:,}.")
        draw = random.Random(0)
        medians: list[list[float]] = [[] for _ in self.methods]
        for _ in range(rounds):
            took: list[list[float]] = [[] for _ in self.methods]
            for _ in range(self.turns):
                # In random order: a method that follows one that fills the memory is a little slower.
                for place in draw.sample(range(len(self.methods)), len(self.methods)):
                    took[place].append(seconds(self.methods[place].run))
            for times, rounds_so_far in zip(took, medians, strict=True):
                rounds_so_far.append(median(times))
        return medians


def seconds(run: Callable[[], int]) -> float:
    """Return the seconds of a call, after the garbage of earlier calls was collected."""
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
        gc.freeze()  # PyTorch and the models stay in memory and need no collection
        took = [case.measure(rounds) for case in cases]
        gc.unfreeze()
    versions = ", ".join(f"{title} {version(name)}" for name, title in LIBRARIES.items())
    grown = {
        name: median(ratios(times[1], times[0]))
        for name, times in zip(("reader", "whole command"), took, strict=False)
    }
    return "\n\n".join(
        [
            f"With {versions}. All methods give the same count.",
            *(report(case, times) for case, times in zip(cases, took, strict=True)),
            aim("10 GB of .safetensors", grown, MAX_RATIO, "times as long as 10 MB"),
        ]
    )


def report(case: Case, took: Sequence[Sequence[float]]) -> str:
    """Return the figures of one case as markdown."""
    rows = []
    for method, times in zip(case.methods, took, strict=True):
        lie = ratios(times, took[0])
        within = f"{three_digits(min(lie))}–{three_digits(max(lie))}"
        rows.append([method.name, three_digits(1000 * median(times)), three_digits(median(lie)), within])
    head = ["", "ms", f"× {case.methods[0].name}", "rounds lie within"]
    return f"{case.title}\n\n{table(head, rows)}"


def ratios(times: Iterable[float], under: Iterable[float]) -> list[float]:
    """Return the ratio of each round."""
    return [one / other for one, other in zip(times, under, strict=True)]


def file_cases(folder: Path) -> list[Case]:
    """Write the files into a folder and return their cases."""
    small, middle, large = write_files(folder)
    return [
        _headers(folder, small, large),
        _commands(folder, small, large),
        _state_dict(folder / "middle.pt", middle),
        _whole_module(folder / "module.pt", middle),
        _hdf5(folder / "middle.weights.h5"),
        _onnx(folder / "middle.onnx", middle),
    ]


def _headers(folder: Path, small: int, large: int) -> Case:
    load = importlib.import_module("safetensors.torch").load_file
    small_file, large_file = folder / "small.safetensors", folder / "large.safetensors"
    return Case(
        "**A .safetensors file.** The calculator reads the header, checks it and infers a type for every "
        "layer. `safe_open` and `load_file` leave the values on the disk until they are used, and only their "
        "sizes are summed. `torch.load` reads the values too.",
        [
            Method("calculator, 10 MB", partial(_header_count, small_file), small),
            Method("calculator, 10 GB", partial(_header_count, large_file), large),
            Method("`safe_open`, shapes alone, 10 MB", partial(_opened, small_file), small),
            Method("`safe_open`, shapes alone, 10 GB", partial(_opened, large_file), large),
            Method("`safetensors.torch.load_file`, 10 MB", lambda: _sum(load(small_file)), small),
            Method("`torch.load`, the same 10 MB as .pt", partial(_loaded, folder / "small.pt"), small),
        ],
    )


def _commands(folder: Path, small: int, large: int) -> Case:
    return Case(
        "**The whole command**, with the start of Python: the waiting time at a shell.",
        [
            Method("`calculator model`, 10 MB", partial(_command, folder / "small.safetensors"), small),
            Method("`calculator model`, 10 GB", partial(_command, folder / "large.safetensors"), large),
            Method(
                "`import torch`, `torch.load`, 10 MB as .pt", partial(_script, folder / "small.pt"), small
            ),
        ],
        turns=3,
    )


def _state_dict(path: Path, count: int) -> Case:
    return Case(
        "**A .pt state dict of 83 MB.** With `mmap=True` PyTorch leaves the values on the disk, as the "
        "calculator does: both then read names and shapes.",
        [
            Method("calculator", partial(_zip_count, path), count),
            Method("`torch.load`", partial(_loaded, path), count),
            Method("`torch.load`, `mmap=True`", partial(_loaded, path, mmap=True), count),
        ],
    )


def _whole_module(path: Path, count: int) -> Case:
    load = importlib.import_module("torch").load
    return Case(
        "**A .pt file of the same whole module.** `torch.load(weights_only=False)` runs what the file says; "
        "the calculator runs nothing.",
        [
            Method("calculator", partial(_zip_count, path), count),
            Method(
                "`torch.load`, `weights_only=False`",
                lambda: parameter_count(load(path, weights_only=False)),
                count,
            ),
        ],
    )


def _hdf5(path: Path) -> Case:
    count = _visited(path)
    return Case(
        "**An HDF5 file of Keras' weights, 83 MB.** h5py, a library in C, visits the datasets and sums their "
        "sizes; the calculator also sorts them into layers. Both leave the values on the disk.",
        [
            Method("calculator", partial(_hdf5_count, path), count),
            Method("`h5py`, sizes alone", partial(_visited, path), count),
        ],
    )


def _onnx(path: Path, count: int) -> Case:
    return Case(
        "**An ONNX file of 83 MB.** The command line leaves the values on the disk; the page gets the whole "
        "file, and `onnx.load` reads it.",
        [
            Method("calculator, as the command line reads it", partial(_reported, path), count),
            Method("calculator, as the page gets it", lambda: read(path.read_bytes()).parameter_count, count),
            Method("`onnx.load`", partial(_onnx_count, path), count),
        ],
    )


def print_cases() -> list[Case]:
    """Return the cases of models that PyTorch built on its meta device."""
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
    summary, count = importlib.import_module("torchinfo").summary, parameter_count(model)
    return Case(
        title,
        [
            Method("calculator", lambda: read(str(model)).parameter_count, count),
            Method("`torchinfo.summary`", lambda: int(summary(model, verbose=0).total_params), count),
            Method("`sum(p.numel() …)`: one number, no layers", partial(parameter_count, model), count),
        ],
        turns,
    )


def _header_count(path: Path) -> int:
    with path.open("rb") as stream:
        return read_safetensors_header(stream).parameter_count


def _zip_count(path: Path) -> int:
    with path.open("rb") as stream:
        return read_checkpoint_stream(stream).parameter_count


def _hdf5_count(path: Path) -> int:
    with path.open("rb") as stream:
        return read_keras_hdf5_stream(stream).parameter_count


def _visited(path: Path) -> int:
    sizes: list[int] = []
    with importlib.import_module("h5py").File(path) as file:
        file.visititems(lambda _, item: sizes.append(getattr(item, "size", 0)))
    return sum(sizes)


def _opened(path: Path) -> int:
    with importlib.import_module("safetensors").safe_open(path, "pt") as file:
        names = list(file.keys())
        return count_shapes((name, file.get_slice(name).get_shape()) for name in names)


def _loaded(path: Path, **settings: bool) -> int:
    return _sum(importlib.import_module("torch").load(path, weights_only=True, **settings))


def _sum(tensors: dict[str, Any]) -> int:
    return count_shapes((name, tensor.shape) for name, tensor in tensors.items())


def _onnx_count(path: Path) -> int:
    graph = importlib.import_module("onnx").load(path).graph
    return count_shapes((tensor.name, tensor.dims) for tensor in graph.initializer)


def _reported(path: Path) -> int:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        model_command([str(path), "--json"])
    return int(json.loads(printed.getvalue())["parameter_count"])


def _command(path: Path) -> int:
    output = _python("-m", "calculator", "model", str(path), "--json")
    return int(json.loads(output)["parameter_count"])


def _script(path: Path) -> int:
    return int(_python("-c", LOAD, str(path), *STATISTICS))


def _python(*words: str) -> str:
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=True, cwd=ROOT)
    return done.stdout
