"""Inference of the type of one layer from the names and shapes of its weights and biases."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from calculator.readers.model import Shape
from calculator.readers.tensors.convolutions import Decision
from calculator.readers.tensors.names import KERNEL

GATES = {"RNN": 1, "LSTM": 4, "GRU": 3}
"""The number of gates of a recurrent layer. Its weights have so many rows for each hidden value."""

_RECURRENT_BY_GATES = {gates: kind for kind, gates in GATES.items()}

_NOT_STANDARD = "these shapes belong to no standard layer"


@dataclass(frozen=True)
class InferredType:
    """An inferred type, and a note about the reason or about other possible types."""

    type: str
    note: str = ""
    weight_shape: Shape | None = None
    transposed: bool = False
    undecided: bool = False


def infer_type(
    path: str,
    weights: Mapping[str, Shape],
    biases: Mapping[str, Shape],
    statistics: bool,
    decision: Decision | None = None,
) -> InferredType:
    """Return the type of the layer at ``path``. ``weights`` and ``biases`` map local names to shapes.

    ``statistics`` is whether the layer has running statistics too, and ``decision`` is that of a convolution.

    >>> infer_type("head", {"weight": (10, 84)}, {"bias": (10,)}, False).type
    'Linear'
    >>> infer_type("a", {"weight": (4, 3, 2, 2)}, {"bias": (3,)}, False, Decision("transposed")).type
    'ConvTranspose2d'
    """
    if recurrent := _recurrent(weights):
        return recurrent
    if any(name.startswith(("in_proj_weight", "q_proj_weight")) for name in weights):
        return InferredType("MultiheadAttention", weight_shape=weights.get("in_proj_weight"))
    if len(weights) != 1 or len(biases) > 1:
        return InferredType("Parameters", "these names and shapes belong to no standard layer")
    [shape] = weights.values()
    if KERNEL in weights and len(shape) > 1:
        return _kernel(path, shape)
    if is_convolution(path, weights, biases):
        return _convolution(shape, decision)
    bias = next(iter(biases.values()), None)
    if bias == shape and len(shape) > 1:
        return InferredType("LayerNorm", weight_shape=shape)
    if bias is not None and len(bias) != 1:
        return InferredType("Parameters", _NOT_STANDARD, shape)
    size = None if bias is None else bias[0]
    if len(shape) == 3:
        return InferredType("Bilinear", "by its name; the shapes also fit a convolution", shape)
    if len(shape) == 2:
        return _two_axes(path, shape, size)
    if len(shape) == 1:
        return _one_axis(shape, size, statistics)
    return InferredType("Parameters", _NOT_STANDARD, shape)


def is_convolution(path: str, weights: Mapping[str, Shape], biases: Mapping[str, Shape]) -> bool:
    """Return whether the tensors at ``path`` are one weight of 3 to 5 axes and at most one bias of one axis.

    >>> is_convolution("a", {"weight": (4, 3, 2, 2)}, {}), is_convolution("a", {"weight": (4, 3)}, {})
    (True, False)
    """
    if len(weights) != 1 or len(biases) > 1 or KERNEL in weights:
        return False
    [shape] = weights.values()
    return (
        3 <= len(shape) <= 5
        and all(len(bias) == 1 for bias in biases.values())
        and not (len(shape) == 3 and "bilinear" in path.lower())
    )


def _kernel(path: str, shape: Shape) -> InferredType:
    """Return the type of a layer of Flax or Keras: a kernel has the same shape for both convolutions."""
    if len(shape) == 2:
        return InferredType("Dense", weight_shape=shape)
    name = path.replace("/", ".").rpartition(".")[2].lower()
    if "transp" in name or "deconv" in name:
        return InferredType("ConvTranspose", f"by the name “{name[:40]}”", shape, transposed=True)
    if re.fullmatch(r"conv(?:[123]d)?(?:_?\d{1,9})?", name):
        return InferredType("Conv", f"by the name “{name}”", shape)
    return InferredType("Conv", "undecided: a kernel is stored alike for both kinds", shape, undecided=True)


def _convolution(shape: Shape, decision: Decision | None) -> InferredType:
    """Return the type of a convolution of which it is decided, or undecided, whether it is transposed."""
    if decision is None or decision.kind == "impossible":
        return InferredType("Parameters", _NOT_STANDARD, shape)
    transposed = decision.kind == "transposed"
    name = f"Conv{'Transpose' * transposed}{len(shape) - 2}d"
    return InferredType(name, decision.note, shape, transposed, decision.kind == "undecided")


def _two_axes(path: str, shape: Shape, bias: int | None) -> InferredType:
    """Return the type of a layer whose weight has two axes: a linear layer or an embedding."""
    if bias is None:
        name = path.lower().rpartition(".")[2]
        if "emb" in name or name in ("wte", "wpe"):
            return InferredType("Embedding", "by its name; the shape also fits a Linear without bias", shape)
        return InferredType("Linear", "could also be an Embedding: the shape fits both", shape)
    if bias == shape[0]:
        return InferredType("Linear", weight_shape=shape)
    if bias == shape[1]:
        return InferredType("Linear", "stored as (in, out)", shape)
    return InferredType("Parameters", _NOT_STANDARD, shape)


def _one_axis(shape: Shape, bias: int | None, statistics: bool) -> InferredType:
    """Return the type of a layer whose weight has one axis: a normalisation or PReLU."""
    if bias not in (None, shape[0]):
        return InferredType("Parameters", _NOT_STANDARD, shape)
    if statistics:
        return InferredType("BatchNorm", weight_shape=shape)
    if bias is None:
        return InferredType("Norm", "an RMSNorm, a PReLU or another layer with one weight per channel", shape)
    return InferredType("Norm", "a LayerNorm, GroupNorm or another norm without running statistics", shape)


def _recurrent(weights: Mapping[str, Shape]) -> InferredType | None:
    """Return the type of a recurrent layer or cell by its weight_hh, or ``None`` for any other layer."""
    suffix = (
        "_l0"
        if any(name.startswith(("weight_ih_l0", "parametrizations.weight_ih_l0")) for name in weights)
        else ""
    )
    names = (f"weight_hh{suffix}", f"weight_hh{suffix}_v", f"parametrizations.weight_hh{suffix}.original1")
    shape = next((weights[name] for name in names if name in weights), None)
    if shape is None or len(shape) != 2 or not shape[1]:
        return None
    if f"weight_hr{suffix}" in weights:
        return InferredType("LSTM", "with projections")  # Only an LSTM can have them.
    kind = _RECURRENT_BY_GATES.get(shape[0] // shape[1]) if shape[0] % shape[1] == 0 else None
    if kind is None:
        return None
    return InferredType(kind if suffix else f"{kind}Cell")
