"""What PyTorch says that the modules of a network hold, and where rows that were read differ from it."""

import importlib
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from calculator.readers import Model, Row

WEIGHTS = frozenset({"weight", "in_proj_weight", "scale_weight"})
BIASES = frozenset({"bias", "in_proj_bias"})
LAYER = (
    *("in_channels", "out_channels", "kernel_size", "stride", "padding", "output_padding", "dilation"),
    "groups",
)


@dataclass(frozen=True)
class Held:
    """What PyTorch says that one module holds itself."""

    type: str
    shape: tuple[int, ...] | None = None
    weights: int = 0
    biases: int = 0
    others: int = 0
    frozen: int = 0

    @property
    def total(self) -> int:
        return self.weights + self.biases + self.others


def modules_of(network: Any) -> dict[str, Any]:
    """Return every module by its path, one in several places by each of them."""
    return dict(network.named_modules(remove_duplicate=False))


def is_transposed(module: Any) -> bool:
    return type(module).__name__.startswith("ConvTranspose")


def is_parameter(tensor: Any) -> bool:
    return isinstance(tensor, importlib.import_module("torch").nn.Parameter)


def held_in(kind: str, tensors: Iterable[tuple[str, Any]], seen: Container[int] = ()) -> Held:
    """Return what tensors of one module hold; those ``seen`` are shared, and were counted before."""
    sums, frozen = [0, 0, 0], 0
    shapes: list[tuple[int, ...]] = []
    for name, tensor in tensors:
        place = 0 if name in WEIGHTS else 1 if name in BIASES else 2
        shapes += [tuple(tensor.shape)] if place == 0 else []
        if id(tensor) not in seen:
            sums[place] += tensor.numel()
            frozen += tensor.numel() if not tensor.requires_grad and is_parameter(tensor) else 0
    weights, biases, others = sums
    return Held(kind, shapes[0] if len(shapes) == 1 else None, weights, biases, others, frozen)


def held_by(module: Any, seen: set[int] | None = None) -> Held:
    """Return what a module holds itself; what ``seen`` has is not counted again, and is added to."""
    own = [(name, tensor) for name, tensor in module._parameters.items() if tensor is not None]
    held = held_in(type(module).__name__, own, seen or ())
    if seen is not None:
        seen.update(id(tensor) for _, tensor in own)
    return held


def _row(row: Row, held: Held, *, typed: bool = True, trained: bool = True) -> str:
    """Return what differs between a row and what the module holds."""
    frozen = held.frozen if trained else 0
    pairs: dict[str, tuple[object, object]] = {
        "weight shape": (row.weight_shape, held.shape),
        "weights": (row.weight_count, held.weights),
        "biases": (row.bias_count, held.biases),
        "parameters": (row.parameter_count, held.total),
        "frozen": (row.frozen_count, frozen),
        "trainable": (row.trainable, frozen < held.total),
    }
    if typed:
        transposed = held.type.startswith("ConvTranspose")
        pairs |= {"type": (row.type, held.type), "transposed": (row.transposed, transposed)}
    return ", ".join(f"{row.name}: {key} {a}, really {b}" for key, (a, b) in pairs.items() if a != b)


def compared_rows(model: Model, wanted: Mapping[str, Held], **how: bool) -> Iterator[str]:
    """Compare each row with what is wanted; none may be missing, none too many."""
    rows = {row.name: row for row in model.rows}
    yield "" if len(rows) == len(model.rows) else "two rows of one name"
    for name, held in wanted.items():
        row = rows.pop(name, None)
        yield _row(row, held, **how) if row else f"{name} is missing: {held}"
    yield f"too many: {list(rows)}" if rows else ""


def compared_layers(model: Model, modules: Mapping[str, Any]) -> Iterator[str]:
    """Compare the arguments of every transposed layer."""
    for row in model.rows:
        if row.transposed:
            module, ours = modules.get(row.name), row.layer
            wanted = {key: getattr(module, key, None) for key in LAYER}
            wanted["bias"] = getattr(module, "bias", None) is not None
            same = ours and all(getattr(ours, key) == value for key, value in wanted.items())
            yield "" if same else f"{row.name}: {ours}, really {module}"


def compared_totals(model: Model, total: int, transposed: int | None, trainable: int) -> Iterator[str]:
    wanted = (total, model.transposed_count if transposed is None else transposed, trainable)
    ours = (model.parameter_count, model.transposed_count, model.trainable_count)
    yield "" if ours == wanted else f"parameters, transposed, trainable {ours}, really {wanted}"
