"""Networks saved as files of tensors by PyTorch and safetensors, read and compared."""

import importlib
import io
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from calculator.readers import Model, read
from calculator.readers.tensors.names import OTHER_BUFFERS
from tests.oracle.framework_counts import (
    BIASES,
    WEIGHTS,
    ExpectedLayer,
    compare_rows,
    compare_totals,
    is_parameter,
    is_transposed,
    layer_of_tensors,
    modules_of,
)

LARGE = 4_000_000
"""Networks with more parameters are saved in half precision, to save time."""

STATISTICS = frozenset({"running_mean", "running_var"}) | OTHER_BUFFERS
UNSURE = ("could also be a transposed", "by its name", "would store the same")
"""Parts of the notes that a type was inferred from names and shapes."""


def _state(torch: Any, network: Any) -> dict[str, Any]:
    """Return a state dict with memory but arbitrary values; shared tensors stay shared."""
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


def _expected_rows(state: Mapping[str, Any], modules: Mapping[str, Any]) -> dict[str, ExpectedLayer]:
    """Return the expected rows: one for each layer with a weight, and one for any other tensor."""
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
            wanted[path] = layer_of_tensors(kind, ((name, tensors[name]) for name in layer), seen)
        for name in (name for name in tensors if name not in layer):
            wanted[f"{path}.{name}" if path else name] = layer_of_tensors(
                "Parameter", [(name, tensors[name])], seen
            )
        seen.update(map(id, tensors.values()))
    return {name: layer for name, layer in wanted.items() if layer.total}


def _files(torch: Any, network: Any) -> Iterator[tuple[str, Model, Mapping[str, Any], bool]]:
    """Yield (file type, model read, saved tensors, whether the file contains what is trained)."""
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
    """Yield comparisons of files of tensors, whose assumptions must name what the file leaves open.

    ``inferred`` counts the transposed layers that are inferred by shapes and names, for each type of file.
    """
    modules = modules_of(network)
    buffers = {name for name, _ in network.named_buffers(remove_duplicate=False)}
    parameters = list(network.parameters())
    for title, model, state, trained in _files(torch, network):
        wanted = _expected_rows(state, modules)
        inferred[title] += sum(row.transposed and is_transposed(modules.get(row.name)) for row in model.rows)
        up = sum(wanted[row.name].total for row in model.rows if row.transposed and row.name in wanted)
        for problem in (
            *compare_rows(model, wanted, ordered=title != ".safetensors", typed=False, trained=trained),
            *_guessed(model, modules),
            *_sums(model, state, up, parameters, buffers, trained),
        ):
            yield f"{title}: {problem}" if problem else ""


def _guessed(model: Model, modules: Mapping[str, Any]) -> Iterator[str]:
    """Yield comparisons of inferred types, which must be right or marked as unsure."""
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
    yield from compare_totals(model, total, up, total - frozen)
    assumptions = " ".join(model.assumptions)
    yield (
        ""
        if "buffers of floating-point numbers cannot be told apart" in assumptions
        else "buffers are not reported"
    )
    yield (
        ""
        if trained or "does not state which parameters are trained" in assumptions
        else "what is trained is not reported"
    )
