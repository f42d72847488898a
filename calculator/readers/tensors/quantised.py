"""Layers that a tool has quantised, by the names of their tensors: packed numbers, and scales.

The names are those of GPTQ and AWQ (``qweight``), bitsandbytes (``weight.absmax``, ``SCB``), files in fp8 and
of compressed-tensors (``weight_scale``), MXFP4 (``…_blocks``), HQQ and Quanto. Why this is hand-written:

- The shapes of packed numbers are not those of the parameters, so a count of them would be wrong.
- The libraries of quantisation need PyTorch and the settings of the model, and have no list of their names.
"""

from collections.abc import Collection, Iterable

from calculator.readers.tensors.names import split_name

_MARKS = (
    frozenset({"qweight", "scales"}),
    frozenset({"qweight", "qzeros"}),
    frozenset({"SCB"}),
    frozenset({"W_q"}),
    frozenset({"weight", "weight_scale"}),
    frozenset({"weight", "weight_scale_inv"}),
    frozenset({"weight_packed"}),
)
"""The names of tensors in a module that together show that it is quantised."""

_MARKS_OF_WEIGHT = frozenset({"absmax", "quant_map", "_data"})
"""The names of tensors under the name of a weight, each of which shows that the weight is quantised."""


def quantised_layers(names: Iterable[str]) -> list[str]:
    """Return the paths of the quantised layers among the tensors ``names``, in their order.

    >>> quantised_layers(["q.qweight", "q.scales", "k.weight", "v.weight", "v.weight.absmax"])
    ['q', 'v']
    """
    by_path: dict[str, set[str]] = {}
    for name in names:
        path, local = split_name(name)
        by_path.setdefault(path, set()).add(local)
    found: dict[str, None] = {}
    for path, here in by_path.items():
        if any(marks <= here for marks in _MARKS) or _has_blocks(here):
            found[path] = None
        elif here & _MARKS_OF_WEIGHT and path.rpartition(".")[2] == "weight":
            found[path.rpartition(".")[0]] = None
    return list(found)


def is_in(name: str, layers: Collection[str]) -> bool:
    """Return whether the tensor ``name`` belongs to one of the quantised ``layers``.

    >>> is_in("v.weight.quant_state.nf4", {"v"}), is_in("v.weight", {"v"}), is_in("w.weight", {"v"})
    (True, True, False)
    """
    path = split_name(name)[0]
    parent, _, last = path.removesuffix(".quant_state").rpartition(".")
    return path in layers or (last == "weight" and parent in layers)


def _has_blocks(names: set[str]) -> bool:
    return any(name.endswith("_blocks") and f"{name[:-7]}_scales" in names for name in names)
