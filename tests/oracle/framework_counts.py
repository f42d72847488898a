"""The parameters of each layer by the framework itself, and the differences of rows that were read."""

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
"""The beginning of the class names of transposed layers in PyTorch and in Keras."""


@dataclass(frozen=True)
class ExpectedLayer:
    """The own parameters of one layer. Its weight has one of the ``shapes``."""

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
    """Return path → module. A module that is used in several places has several paths."""
    return dict(network.named_modules(remove_duplicate=False))


def is_transposed(module: Any) -> bool:
    return ExpectedLayer(type(module).__name__).transposed


def is_parameter(tensor: Any) -> bool:
    return isinstance(tensor, importlib.import_module("torch").nn.Parameter)


def layer_of_tensors(
    class_name: str, tensors: Iterable[tuple[str, Any]], seen: Container[int] = ()
) -> ExpectedLayer:
    """Return the layer with these tensors. Tensors in ``seen`` are shared and were counted before."""
    sums, frozen = [0, 0, 0], 0
    shapes: list[tuple[int, ...]] = []
    for name, tensor in tensors:
        kind = 0 if name in WEIGHTS else 1 if name in BIASES else 2
        shapes += [tuple(tensor.shape)] if kind == 0 else []
        if id(tensor) not in seen:
            sums[kind] += tensor.numel()
            frozen += tensor.numel() if not tensor.requires_grad and is_parameter(tensor) else 0
    weights, biases, others = sums
    return ExpectedLayer(
        class_name, frozenset(shapes if len(shapes) == 1 else ()), weights, biases, others, frozen
    )


def layer_of_module(module: Any, seen: set[int] | None = None) -> ExpectedLayer:
    """Return the own parameters of a module without those in ``seen``, and add them to ``seen``."""
    own = [(name, tensor) for name, tensor in module._parameters.items() if tensor is not None]
    layer = layer_of_tensors(type(module).__name__, own, seen or ())
    if seen is not None:
        seen.update(id(tensor) for _, tensor in own)
    return layer


def _row(
    row: Row, layer: ExpectedLayer, *, typed: bool = True, split: bool = True, trained: bool = True
) -> str:
    """Return the differences between a row and the real layer, empty where there are none."""
    frozen = layer.frozen if trained else 0
    pairs: dict[str, tuple[object, object]] = {
        "parameters": (row.parameter_count, layer.total),
        "frozen": (row.frozen_count, frozen),
        "trainable": (row.trainable, frozen < layer.total),
    }
    if split:
        same = row.weight_shape in (layer.shapes or {None})
        pairs |= {
            "weight shape": (row.weight_shape, row.weight_shape if same else set(layer.shapes)),
            "weights": (row.weight_count, layer.weights),
            "biases": (row.bias_count, layer.biases),
        }
    if typed:
        pairs |= {"type": (row.type, layer.type), "transposed": (row.transposed, layer.transposed)}
    return ", ".join(f"{row.name}: {key} {a}, really {b}" for key, (a, b) in pairs.items() if a != b)


def compare_rows(
    model: Model, expected: Mapping[str, ExpectedLayer], *, ordered: bool = True, **how: bool
) -> Iterator[str]:
    """Yield a comparison for each expected layer, for additional rows and for the order of the rows.

    With ``ordered`` the rows must be in the order of the layers. With ``typed`` the class is compared, with
    ``split`` weights and biases separately, with ``trained`` the frozen parameters.
    """
    names = [row.name for row in model.rows]
    rows = dict(zip(names, model.rows, strict=True))
    yield "" if len(rows) == len(names) else "two rows of one name"
    for name, layer in expected.items():
        row = rows.pop(name, None)
        yield _row(row, layer, **how) if row else f"{name} is missing: {layer}"
    yield f"too many: {list(rows)}" if rows else ""
    moved = [pair for pair in zip(names, expected, strict=False) if pair[0] != pair[1]] if ordered else []
    yield f"{moved[0][0]} is in the place of {moved[0][1]}" if moved else ""


def compare_layers(model: Model, modules: Mapping[str, Any]) -> Iterator[str]:
    """Yield a comparison of the arguments of every transposed layer."""
    for row in model.rows:
        if row.transposed:
            module, ours = modules.get(row.name), row.layer
            expected = {key: getattr(module, key, None) for key in LAYER}
            expected["bias"] = getattr(module, "bias", None) is not None
            same = ours and all(getattr(ours, key) == value for key, value in expected.items())
            yield "" if same else f"{row.name}: {ours}, really {module}"


def compare_totals(model: Model, total: int, transposed: int, trainable: int) -> Iterator[str]:
    """Yield a comparison of the totals."""
    expected = (total, transposed, trainable)
    ours = (model.parameter_count, model.transposed_count, model.trainable_count)
    yield "" if ours == expected else f"parameters, transposed, trainable {ours}, really {expected}"


def print_summary(comparisons: Iterable[str]) -> int:
    """Print the differences and the number of comparisons; return 1 with differences, else 0."""
    compared = list(comparisons)
    problems = [problem for problem in compared if problem]
    print("\n".join(problems) or "no differences")
    print(f"{len(compared):,} compared, {len(problems):,} differ")
    return int(bool(problems))
