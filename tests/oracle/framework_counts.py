"""What a framework says that the layers of a network hold, and where rows that were read differ from it."""

import importlib
import re
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
TRANSPOSED = re.compile(r"Conv(?:[123]D)?Transpose")
"""How the names of PyTorch's transposed layers begin, and of Keras'."""


@dataclass(frozen=True)
class Held:
    """What the framework says that one layer holds itself. Any of the ``shapes`` may be its weight's."""

    type: str
    shapes: frozenset[tuple[int, ...]] = frozenset()
    weights: int = 0
    biases: int = 0
    others: int = 0
    frozen: int = 0

    @property
    def total(self) -> int:
        return self.weights + self.biases + self.others

    @property
    def transposed(self) -> bool:
        return bool(TRANSPOSED.match(self.type))


def modules_of(network: Any) -> dict[str, Any]:
    """Return every module by its path, one in several places by each of them."""
    return dict(network.named_modules(remove_duplicate=False))


def is_transposed(module: Any) -> bool:
    return Held(type(module).__name__).transposed


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
    return Held(kind, frozenset(shapes if len(shapes) == 1 else ()), weights, biases, others, frozen)


def held_by(module: Any, seen: set[int] | None = None) -> Held:
    """Return what a module holds itself; what ``seen`` has is not counted again, and is added to."""
    own = [(name, tensor) for name, tensor in module._parameters.items() if tensor is not None]
    held = held_in(type(module).__name__, own, seen or ())
    if seen is not None:
        seen.update(id(tensor) for _, tensor in own)
    return held


def _row(row: Row, held: Held, *, typed: bool = True, split: bool = True, trained: bool = True) -> str:
    """Return what differs between a row and what the layer holds."""
    frozen = held.frozen if trained else 0
    pairs: dict[str, tuple[object, object]] = {
        "parameters": (row.parameter_count, held.total),
        "frozen": (row.frozen_count, frozen),
        "trainable": (row.trainable, frozen < held.total),
    }
    if split:
        same = row.weight_shape in (held.shapes or {None})
        pairs |= {
            "weight shape": (row.weight_shape, row.weight_shape if same else set(held.shapes)),
            "weights": (row.weight_count, held.weights),
            "biases": (row.bias_count, held.biases),
        }
    if typed:
        pairs |= {"type": (row.type, held.type), "transposed": (row.transposed, held.transposed)}
    return ", ".join(f"{row.name}: {key} {a}, really {b}" for key, (a, b) in pairs.items() if a != b)


def compared_rows(
    model: Model, wanted: Mapping[str, Held], *, ordered: bool = True, **how: bool
) -> Iterator[str]:
    """Compare each row with what is wanted; none may be missing, none too many, each in its place.

    ``ordered`` says that the form keeps the order of the layers. A row that is ``typed`` says the class of
    its layer, one that is ``split`` weights apart from biases, one that is ``trained`` what is frozen.
    """
    names = [row.name for row in model.rows]
    rows = dict(zip(names, model.rows, strict=True))
    yield "" if len(rows) == len(names) else "two rows of one name"
    for name, held in wanted.items():
        row = rows.pop(name, None)
        yield _row(row, held, **how) if row else f"{name} is missing: {held}"
    yield f"too many: {list(rows)}" if rows else ""
    moved = [pair for pair in zip(names, wanted, strict=False) if pair[0] != pair[1]] if ordered else []
    yield f"{moved[0][0]} stands where {moved[0][1]} belongs" if moved else ""


def compared_layers(model: Model, modules: Mapping[str, Any]) -> Iterator[str]:
    """Compare the arguments of every transposed layer."""
    for row in model.rows:
        if row.transposed:
            module, ours = modules.get(row.name), row.layer
            wanted = {key: getattr(module, key, None) for key in LAYER}
            wanted["bias"] = getattr(module, "bias", None) is not None
            same = ours and all(getattr(ours, key) == value for key, value in wanted.items())
            yield "" if same else f"{row.name}: {ours}, really {module}"


def compared_totals(model: Model, total: int, transposed: int, trainable: int) -> Iterator[str]:
    wanted = (total, transposed, trainable)
    ours = (model.parameter_count, model.transposed_count, model.trainable_count)
    yield "" if ours == wanted else f"parameters, transposed, trainable {ours}, really {wanted}"


def summed_up(comparisons: Iterable[str]) -> int:
    """Print what differs, and how many were compared; return 1 where anything differs, else 0."""
    compared = list(comparisons)
    problems = [problem for problem in compared if problem]
    print("\n".join(problems) or "no differences")
    print(f"{len(compared):,} compared, {len(problems):,} differ")
    return int(bool(problems))
