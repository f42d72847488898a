"""Files that PyTorch writes: both serialisations of tensors and whole modules, and TorchScript."""

import importlib
import io
from collections.abc import Callable, Iterator
from typing import Any

from tests.helpers.real_models import RealModel
from tests.oracle.models.torch_counts import counts_of, rows_of, trained_of
from tests.oracle.models.torch_small import small_networks

LIBRARIES = ("torch",)

OLD = {"_use_new_zipfile_serialization": False}


def models() -> Iterator[RealModel]:
    """Yield each network in each of the files."""
    torch = importlib.import_module("torch")
    for name, network in small_networks(torch).items():
        for title, settings in (("zip", {}), ("old serialisation", OLD)):
            if "pickle" not in network.left_out:
                yield from _whole(torch, f"{name}, {title}", network, settings)
            yield from _tensors(torch, f"{name}, {title}", network, settings)
    for name, network in small_networks(torch).items():
        yield from _scripted(torch, name, network)


def _saved(torch: Any, value: Any, settings: dict[str, bool]) -> bytes:
    stream = io.BytesIO()
    torch.save(value, stream, **settings)
    return stream.getvalue()


def _whole(torch: Any, name: str, network: Any, settings: dict[str, bool]) -> Iterator[RealModel]:
    counts = counts_of(network) | {"trained": trained_of(network)}
    rows = rows_of(network)
    data = _saved(torch, network, settings)
    yield RealModel(f"whole module, {name}", data, **counts, rows=rows, typed=True)
    beside = {"epoch": 3, "model": network, "args": {"lr": 1e-3, "name": "run"}, "best": 0.5}
    yield RealModel(
        f"whole module beside others, {name}", _saved(torch, beside, settings), **counts, kept=False
    )


def _tensors(torch: Any, name: str, network: Any, settings: dict[str, bool]) -> Iterator[RealModel]:
    counts, state = counts_of(network), network.state_dict()
    says: tuple[str, ...] = ()
    if buffers := sum(state[key].numel() for key in network.buffers_counted):
        counts["total"] += buffers
        says = ("buffers of floating-point numbers cannot be told apart",)
    yield RealModel(f"state dict, {name}", _saved(torch, state, settings), **counts, says=says)
    optimizer = torch.optim.Adam(network.parameters())
    for parameter in network.parameters():
        parameter.grad = torch.zeros_like(parameter)
    optimizer.step()
    checkpoint = {
        "epoch": 7,
        "state_dict": state,
        "optimizer": optimizer.state_dict(),
        "config": {"lr": 2e-4, "betas": (0.5, 0.999), "device": torch.device("cpu"), "type": torch.float32},
        "size": torch.Size([1, 3]),
        "best": torch.tensor(0.25),
        "rng": torch.get_rng_state(),
    }
    data = _saved(torch, checkpoint, settings)
    yield RealModel(f"checkpoint, {name}", data, **counts, says=says, kept=False)
    optimizer.zero_grad(set_to_none=True)


def _scripted(torch: Any, name: str, network: Any) -> Iterator[RealModel]:
    ways: dict[str, Callable[[], Any]] = {
        "script": lambda: torch.jit.script(network),
        "trace": lambda: torch.jit.trace(network, torch.zeros(network.example), check_trace=False),
    }
    for title, make in ways.items():
        if title in network.left_out:
            continue
        stream = io.BytesIO()
        torch.jit.save(make(), stream)
        counts, trained = counts_of(network), trained_of(network)
        data = stream.getvalue()
        yield RealModel(f"TorchScript, {title}, {name}", data, **counts, trained=trained, typed=True)
