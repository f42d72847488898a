"""Prints with the numbers of tools that profile a network: between the arguments, or below them."""

import contextlib
import importlib
import io
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from tests.helpers.real_models import RealModel
from tests.oracle.models.prints import printed
from tests.oracle.models.torch_small import small_networks
from tests.oracle.vision import name_operators

LIBRARIES = ("torch", "ptflops", "fvcore", "calflops", "mmengine-lite", "deepspeed", "weaver-core")


def models() -> Iterator[RealModel]:
    """Yield the text of each tool for each network that it takes."""
    torch = importlib.import_module("torch")
    name_operators()
    tools: dict[str, Callable[[Any, Any], str]] = {
        "ptflops": _ptflops,
        "fvcore": _fvcore,
        "calflops": _calflops,
        "mmengine": _mmengine,
        "DeepSpeed": _deepspeed,
        "Weaver": _weaver,
    }
    for title, tool in tools.items():
        taken = 0
        for name, network in small_networks(torch).items():
            try:
                text = tool(network, torch.zeros(network.example))
            except Exception as error:  # Each tool fails on some networks, in a way of its own.
                print(f"{title} does not take {name}: {error!r}"[:200])
                continue
            if not text.strip():
                continue  # ptflops writes nothing of a network that it cannot run.
            taken += 1
            yield printed(f"{title}, {name}", text, network)
        if not taken:
            raise RuntimeError(f"{title} takes no network.")


def _ptflops(network: Any, given: Any) -> str:
    out = io.StringIO()
    count = importlib.import_module("ptflops").get_model_complexity_info
    size = tuple(given.shape[1:])

    count(network, size, ost=out, backend="pytorch", print_per_layer_stat=True)
    return out.getvalue()


def _fvcore(network: Any, given: Any) -> str:
    fvcore = importlib.import_module("fvcore.nn")
    return str(fvcore.flop_count_str(fvcore.FlopCountAnalysis(network, given)))


def _calflops(network: Any, given: Any) -> str:
    with contextlib.redirect_stdout(io.StringIO()) as out:
        importlib.import_module("calflops").calculate_flops(
            network, input_shape=tuple(given.shape), print_results=True, print_detailed=True
        )
    return out.getvalue()


def _mmengine(network: Any, given: Any) -> str:
    count = importlib.import_module("mmengine.analysis").get_model_complexity_info
    return str(count(network, tuple(given.shape[1:]))["out_arch"])


def _deepspeed(network: Any, given: Any) -> str:
    profile = importlib.import_module("deepspeed.profiling.flops_profiler").get_model_profile
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "profile.txt"
        profile(network, args=[given], print_profile=True, detailed=True, output_file=str(path), warm_up=0)
        return path.read_text()


def _weaver(network: Any, given: Any) -> str:
    counter, lines = importlib.import_module("weaver.utils.flops_counter"), list[str]()
    logger = SimpleNamespace(info=lambda text, **_: lines.append(text))
    with patch.object(counter, "_logger", logger):
        counter.get_model_complexity_info(network, (given,), print_per_layer_stat=True)
    return "\n".join(lines)
