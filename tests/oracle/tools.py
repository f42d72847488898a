"""The multiply–accumulates that other tools print for a layer: ``python -m tests.oracle.tools``.

As a command this module records the printed numbers in ``tests/comparison/recorded_tools.json``. The tests
replay that file without any tool installed. ``check_tools`` compares on other layers.
"""

import contextlib
import dataclasses
import functools
import importlib
import importlib.metadata
import importlib.util
import io
import itertools
import json
import random
import re
import sys
import warnings
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

from calculator import ConvTranspose
from calculator.comparison.other_tools import Printed, printed
from calculator.frameworks import FRAMEWORKS
from tests.helpers.paths import TOOLS_RECORDED
from tests.oracle import snippets
from tests.oracle.report import Report
from tests.oracle.vision import name_operators

SEED = 2018
COUNT = 250
PATH = TOOLS_RECORDED

DISTRIBUTIONS = {
    "torchinfo": "torchinfo",
    "thop": "thop",
    "calflops": "calflops",
    "ptflops": "ptflops",
    "DeepSpeed": "deepspeed",
    "torchstat": "torchstat",
    "fvcore": "fvcore",
    "PyTorch": "torch",
}
"""Each tool, and the distribution it comes in."""

NEVER_ON_META = ("fvcore", "torchstat")
"""The tools that need numbers in the input: PyTorch's meta device has none."""

Case = tuple[ConvTranspose, tuple[int, ...]]
"""A layer and its input size."""


def _layer(inputs: int, outputs: int, kernel: tuple[int, ...], **more: Any) -> ConvTranspose:
    return ConvTranspose(in_channels=inputs, out_channels=outputs, kernel_size=kernel, **more)


CHOSEN: tuple[Case, ...] = (
    (_layer(64, 32, (4, 4), stride=2, padding=1), (16, 16)),
    (_layer(64, 32, (4, 4), stride=2, padding=1, bias=False), (16, 16)),
    (_layer(64, 32, (4, 4), stride=2, padding=1, groups=4), (16, 16)),
    (_layer(64, 64, (4, 4), stride=2, padding=1, groups=64), (16, 16)),
    (_layer(64, 64, (3, 3), padding=1), (16, 16)),
    # A tie: 3 weights meet 8 inputs, 24 products; 3 weights and 1 bias at 6 outputs are 24 too.
    (_layer(3, 1, (1,), padding=1), (8,)),
)
"""The layer that most texts use as an example, its variants, and cases where two rules agree."""

UNRUN: tuple[Case, ...] = (
    (_layer(64, 32, (2, 2), padding=(20, 0)), (39, 39)),  # an output of size 0
    (_layer(3, 7, (127, 127, 127), stride=2, padding=1), (1023, 1023, 1023)),  # above 2^53
    (_layer(511, 511, (3, 3, 3), padding=1), (1021, 1021, 1021)),
    (_layer(65535, 65533, (9, 9), stride=2, padding=1), (3000, 3000)),  # above 2^63
    (_layer(65535, 65533, (9, 9), stride=2, padding=1), (4095, 4095)),  # above 2^64
    (_layer(65535, 65535, (9, 9), stride=2, padding=1, groups=15), (4095, 4095)),
)
"""Layers that are too large to run. They are built on PyTorch's meta device."""


def random_layers(seed: int) -> Iterator[Case]:
    """Yield layers with an output of at least 1, with more groups and channels than ``snippets`` has."""
    rng = random.Random(f"tools {seed}")
    for layer, size in snippets.random_layers("pytorch", seed):
        groups = rng.choice([1, 1, 1, 2, 3, 4, 8])
        inputs, outputs = groups * rng.randint(1, 4), groups * rng.randint(1, 9)
        yield (
            dataclasses.replace(layer, in_channels=inputs, out_channels=outputs, groups=groups),
            tuple(size),
        )


def _calflops() -> Any:
    """Return calflops' counter as installed, past its ``__init__``.

    That imports transformers, which calflops does not ask for and counting does not need.
    """
    spec = importlib.util.find_spec("calflops")
    assert spec is not None
    sys.modules.setdefault("calflops", importlib.util.module_from_spec(spec))
    return importlib.import_module("calflops.flops_counter")


def _summary_on_meta(layer: Any, **words: Any) -> Any:
    """Return torchinfo's summary. Its input is created on the default device, which must be meta too."""
    with importlib.import_module("torch").device("meta"):
        return importlib.import_module("torchinfo").summary(layer, device="meta", **words)


@functools.cache
def _names(meta: bool) -> dict[str, Any]:
    """Return the names that the calls use; with ``meta`` the inputs are created on the meta device."""
    name_operators()  # calflops and ptflops import torchvision, where it is there
    torch = importlib.import_module("torch")
    importlib.import_module("fvcore.nn")
    importlib.import_module("deepspeed.profiling.flops_profiler")
    names = {
        "torch": torch,
        "torchinfo": importlib.import_module("torchinfo"),
        "thop": importlib.import_module("thop"),
        "calflops": _calflops(),
        "ptflops": importlib.import_module("ptflops"),
        "deepspeed": importlib.import_module("deepspeed"),
        "torchstat": importlib.import_module("torchstat"),
        "fvcore": importlib.import_module("fvcore"),
        "FlopCounterMode": importlib.import_module("torch.utils.flop_counter").FlopCounterMode,
    }
    if meta:
        names["torch"] = SimpleNamespace(zeros=functools.partial(torch.zeros, device="meta"))
        names["torchinfo"] = SimpleNamespace(summary=_summary_on_meta)
    return names


def tool_count(tool: Printed, layer: ConvTranspose, meta: bool = False) -> int | None:
    """Return the number that the call of ``tool`` returns, ``None`` where the tool refuses the layer."""
    torch = importlib.import_module("torch")
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        names = _names(meta)
        with torch.device("meta" if meta else "cpu"):
            made = snippets.run(FRAMEWORKS["pytorch"].code(layer))["layer"]
        # All lines but the last are statements; the last is the number.
        *statements, number = tool.call.splitlines()
        here = {**names, "layer": made}
        exec(compile("\n".join(statements), "<call>", "exec"), here)
        try:
            value = eval(compile(number, "<call>", "eval"), here)
        except (OverflowError, AssertionError):
            return None
        finally:  # torchstat replaces the call of each class that it meets, for good.
            if "__call__" in vars(type(made)):
                del type(made).__call__
    assert value == int(value)
    return int(value)


def asked(case: Case, meta: bool) -> list[Printed]:
    """Return the package's numbers for the tools that accept ``case``."""
    return [tool for tool in printed(*case) if not (meta and tool.tool in NEVER_ON_META)]


def versions() -> dict[str, str]:
    return {tool: importlib.metadata.version(name) for tool, name in DISTRIBUTIONS.items()}


def check_tools(report: Report, count: int) -> None:
    """Compare each rule with the tool on chosen layers and on ``count`` random layers."""
    installed = versions()
    for tool in printed(*CHOSEN[0]):
        # "0.1.1-2209072238" is 0.1.1, "0.1.5.post20221221" is 0.1.5, "2.13.0+cpu" is 2.13.0.
        release = re.match(r"[\d.]*\d", installed[tool.tool])
        same = release is not None and release[0] == tool.version
        report.check("" if same else f"{tool.tool} {installed[tool.tool]}, named {tool.version}")
    right: dict[str, int] = {}
    runs = itertools.chain(CHOSEN, itertools.islice(random_layers(SEED + 1), count))
    for case, meta in itertools.chain(((c, False) for c in runs), ((c, True) for c in UNRUN)):
        for tool in asked(case, meta):
            right[tool.tool] = right.get(tool.tool, 0) + tool.right
            theirs = tool_count(tool, case[0], meta)
            report.check("" if theirs == tool.value else f"{tool.tool} {theirs}, ours {tool.value}: {case}")
    for name in (
        "torchinfo",
        "thop",
        "calflops",
    ):  # layers on which these are never or always right prove little
        if not count / 20 < right[name] < count * 3 / 4:
            report.check(f"{name} is right on {right[name]} of {count} layers, a useful mix is 5 to 75 %")


def line(case: Case, meta: bool) -> dict[str, Any]:
    layer, size = case
    theirs = {tool.tool: tool_count(tool, layer, meta) for tool in asked(case, meta)}
    return {"layer": dataclasses.asdict(layer), "input_size": size, "printed": theirs}


def main() -> None:
    cases = [(case, False) for case in (*CHOSEN, *itertools.islice(random_layers(SEED), COUNT))]
    cases += [(case, True) for case in UNRUN]
    lines = [json.dumps(line(*asking), separators=(",", ":")) for asking in cases]
    head = json.dumps({"versions": versions(), "seed": SEED})
    PATH.parent.mkdir(exist_ok=True)
    PATH.write_text(f'{head[:-1]}, "layers": [\n' + ",\n".join(lines) + "\n]}\n", encoding="utf-8")
    print(f"{PATH.name}: {len(lines)} layers, {len(DISTRIBUTIONS)} tools")


if __name__ == "__main__":
    main()
