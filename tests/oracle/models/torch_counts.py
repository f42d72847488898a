"""The counts of a network of PyTorch, from its parameters."""

from typing import Any

from tests.oracle.framework_counts import TRANSPOSED, layer_of_module


def counts_of(network: Any) -> dict[str, Any]:
    """Return the total, and how much of it belongs to transposed convolutions."""
    seen: set[int] = set()
    kinds = {path: type(module).__name__ for path, module in network.named_modules()}
    transposed = 0
    for path, module in network.named_modules():
        # A weight that is computed of others has them in modules below its layer.
        kind = kinds[path.split(".parametrizations")[0]].removeprefix("Parametrized")
        transposed += layer_of_module(module, seen).total * bool(TRANSPOSED.match(kind))
    return {"total": sum(parameter.numel() for parameter in network.parameters()), "transposed": transposed}


def trained_of(network: Any) -> int:
    """Return the number of parameters that are trained."""
    return sum(parameter.numel() for parameter in network.parameters() if parameter.requires_grad)


def rows_of(network: Any) -> dict[str, int]:
    """Return path → own parameters of each module, each parameter at its first use."""
    seen: set[int] = set()
    own = {path: layer_of_module(module, seen).total for path, module in network.named_modules()}
    return {path or "(model)": count for path, count in own.items() if count}
