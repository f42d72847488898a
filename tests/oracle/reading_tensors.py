"""Networks saved as files of tensors, read again: what PyTorch and safetensors really write."""

import importlib
import io
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from calculator.readers import Model, read
from tests.oracle.framework_counts import (
    BIASES,
    WEIGHTS,
    Held,
    compared_rows,
    compared_totals,
    held_in,
    is_parameter,
    is_transposed,
    modules_of,
)

LARGE = 4_000_000
"""Networks of more parameters are saved in half precision, for the time it takes."""

STATISTICS = frozenset({"running_mean", "running_var"})
UNSURE = ("could also be a transposed", "by its name", "would store the same")
"""How a reader that has only names and shapes says that it may be wrong."""


def _state(torch: Any, network: Any) -> dict[str, Any]:
    """Return a state dict with memory behind it, shared tensors once; its values are of no matter."""
    state = network.state_dict(keep_vars=True)
    many = sum(tensor.numel() for tensor in state.values())
    real, made = torch.float16 if many > LARGE else torch.float32, dict[int, Any]()

    def stored(tensor: Any) -> Any:
        kind = real if tensor.is_floating_point() else tensor.dtype
        same = torch.empty(tensor.shape, dtype=kind, device="cpu")
        return torch.nn.Parameter(same, tensor.requires_grad) if is_parameter(tensor) else same

    for tensor in state.values():
        made.setdefault(id(tensor), stored(tensor))
    return {name: made[id(tensor)] for name, tensor in state.items()}


def _wanted(state: Mapping[str, Any], modules: Mapping[str, Any]) -> dict[str, Held]:
    """Return the rows of a state dict: a layer with a weight together, any other tensor by itself."""
    parts: dict[str, dict[str, Any]] = {}
    for name, tensor in state.items():
        path, _, local = name.rpartition(".")
        if tensor.is_floating_point() and local not in STATISTICS:
            parts.setdefault(path, {})[local] = tensor
    wanted, seen = {}, set[int]()
    for path, tensors in parts.items():
        layer = WEIGHTS & tensors.keys() and (WEIGHTS | BIASES) & tensors.keys()
        if layer:
            kind = type(modules[path]).__name__
            wanted[path] = held_in(kind, ((name, tensors[name]) for name in layer), seen)
        for name in (name for name in tensors if name not in layer):
            wanted[f"{path}.{name}" if path else name] = held_in("Parameter", [(name, tensors[name])], seen)
        seen.update(map(id, tensors.values()))
    return {name: held for name, held in wanted.items() if held.total}


def _files(torch: Any, network: Any) -> Iterator[tuple[str, Model, Mapping[str, Any], bool]]:
    """Yield the ways to save a state dict, each read, with what was saved and if it says what is trained."""
    state = _state(torch, network)
    plain = {name: tensor.detach() for name, tensor in state.items()}
    first = {id(tensor): name for name, tensor in reversed(state.items())}.values()
    alone = {name: plain[name] for name in state if name in first}
    yield ".pt", _saved(torch, plain), state, False
    yield ".pt of parameters", _saved(torch, state), state, True
    safetensors = importlib.import_module("safetensors.torch")
    yield ".safetensors", read(safetensors.save(alone)), {name: state[name] for name in alone}, False


def _saved(torch: Any, state: Mapping[str, Any]) -> Model:
    file = io.BytesIO()
    torch.save(state, file)
    return read(file.getvalue())


def tensors_as_files(torch: Any, network: Any, inferred: Counter[str]) -> Iterator[str]:
    """A file of tensors shows every count; what it cannot tell from a parameter is said.

    ``inferred`` counts the transposed layers that are found by shapes and names alone, in each kind of file.
    """
    modules = modules_of(network)
    buffers = {name for name, _ in network.named_buffers(remove_duplicate=False)}
    parameters = list(network.parameters())
    for title, model, state, trained in _files(torch, network):
        wanted = _wanted(state, modules)
        inferred[title] += sum(row.transposed and is_transposed(modules.get(row.name)) for row in model.rows)
        up = sum(wanted[row.name].total for row in model.rows if row.transposed and row.name in wanted)
        for problem in (
            *compared_rows(model, wanted, ordered=title != ".safetensors", typed=False, trained=trained),
            *_guessed(model, modules),
            *_sums(model, state, up, parameters, buffers, trained),
        ):
            yield f"{title}: {problem}" if problem else ""


def _guessed(model: Model, modules: Mapping[str, Any]) -> Iterator[str]:
    """A type that was inferred is the real one, or was said to be unsure."""
    for row in model.rows:
        module = modules.get(row.name)
        if row.type != "Parameter" and row.transposed != is_transposed(module):
            yield "" if any(words in row.note for words in UNSURE) else f"{row} is {module}"


def _sums(
    model: Model, state: Mapping[str, Any], up: int, parameters: list[Any], buffers: set[str], trained: bool
) -> Iterator[str]:
    extra = sum(
        tensor.numel()
        for name, tensor in state.items()
        if name in buffers and tensor.is_floating_point() and name.rpartition(".")[2] not in STATISTICS
    )
    total = sum(parameter.numel() for parameter in parameters) + extra
    frozen = sum(parameter.numel() for parameter in parameters if trained and not parameter.requires_grad)
    yield from compared_totals(model, total, up, total - frozen)
    said = " ".join(model.assumptions)
    yield "" if "buffers of floating-point numbers cannot be told apart" in said else "buffers are not said"
    yield (
        ""
        if trained or "does not state which parameters are trained" in said
        else "what is trained is not said"
    )
