"""Inference of the type of one layer from the names and shapes of its weights and biases."""

from collections.abc import Mapping
from dataclasses import dataclass

from calculator.readers.model import Shape
from calculator.readers.tensors.names import transposed_hint

GATES = {"RNN": 1, "LSTM": 4, "GRU": 3}
"""The number of gates of a recurrent layer. Its weights have so many rows for each hidden value."""

_RECURRENT_BY_GATES = {gates: kind for kind, gates in GATES.items()}

_NOT_STANDARD = "these shapes belong to no standard layer"


@dataclass(frozen=True)
class NeighbourNorms:
    """The channels of the normalisations directly before and after a layer, or ``None`` without one."""

    before: int | None = None
    after: int | None = None


@dataclass(frozen=True)
class InferredType:
    """An inferred type, and a note about the reason or about other possible types."""

    type: str
    note: str = ""
    weight_shape: Shape | None = None
    transposed: bool = False


def infer_type(
    path: str,
    weights: Mapping[str, Shape],
    biases: Mapping[str, Shape],
    statistics: bool,
    norms: NeighbourNorms,
) -> InferredType:
    """Return the type of the layer at ``path``. ``weights`` and ``biases`` map local names to shapes.

    ``statistics`` is whether the layer has running statistics too.

    >>> infer_type("main.0", {"weight": (100, 512, 4, 4)}, {}, False, NeighbourNorms(after=512)).type
    'ConvTranspose2d'
    >>> infer_type("head", {"weight": (10, 84)}, {"bias": (10,)}, False, NeighbourNorms()).type
    'Linear'
    """
    if recurrent := _recurrent(weights):
        return recurrent
    if any(name.startswith(("in_proj_weight", "q_proj_weight")) for name in weights):
        return InferredType("MultiheadAttention", weight_shape=weights.get("in_proj_weight"))
    if len(weights) != 1 or len(biases) > 1:
        return InferredType("Parameters", "these names and shapes belong to no standard layer")
    [shape] = weights.values()
    bias = next(iter(biases.values()), None)
    if bias == shape and len(shape) > 1:
        return InferredType("LayerNorm", weight_shape=shape)
    if bias is not None and len(bias) != 1:
        return InferredType("Parameters", _NOT_STANDARD, shape)
    size = None if bias is None else bias[0]
    if len(shape) == 3 and "bilinear" in path.lower():
        return InferredType("Bilinear", "by its name; the shapes also fit a convolution", shape)
    if len(shape) in (3, 4, 5):
        return infer_convolution(path, shape, size, norms)
    if len(shape) == 2:
        return _two_axes(path, shape, size)
    if len(shape) == 1:
        return _one_axis(shape, size, statistics)
    return InferredType("Parameters", _NOT_STANDARD, shape)


def infer_convolution(path: str, shape: Shape, bias: int | None, norms: NeighbourNorms) -> InferredType:
    """Return whether a weight of 3 to 5 axes belongs to an ordinary or a transposed convolution.

    An ordinary convolution stores (out, in / groups, …), and a transposed one (in, out / groups, …). A bias
    has one value for each output channel. Where the bias does not decide, the neighbouring normalisations
    decide, and then the name.

    >>> infer_convolution("a", (64, 32, 4, 4), 32, NeighbourNorms()).note
    'the bias has as many values as a transposed convolution has outputs; stride and padding are not stored'
    >>> infer_convolution("a", (64, 64, 3, 3), 64, NeighbourNorms()).note
    'could also be a transposed convolution: the shapes fit both'
    """
    first, second, *kernel_size = shape
    rank = len(kernel_size)
    if bias is not None and bias != first:
        groups = bias // second if second and bias % second == 0 else 0
        if not groups or first % groups:
            return InferredType("Parameters", _NOT_STANDARD, shape)
        in_groups = "" if groups == 1 else f", in {groups:,} groups"
        reason = f"the bias has as many values as a transposed convolution has outputs{in_groups}"
        return _transposed(shape, reason)
    if bias is not None and first != second and second != 1:
        groups = first // second if second and first % second == 0 else 0
        note = f"a transposed convolution in {groups:,} groups would store the same" if groups else ""
        return InferredType(f"Conv{rank}d", note, shape)
    if bias is None and first != second and norms.after in (first, second):
        reason = "the normalisation after it has as many channels as"
        if norms.after == second:
            return _transposed(shape, f"{reason} a transposed convolution has outputs")
        return InferredType(f"Conv{rank}d", f"{reason} it has outputs", shape)
    # A kernel of size 1 upsamples nothing, whatever the name.
    hint = transposed_hint(path) if any(size > 1 for size in kernel_size) else None
    if hint is None and bias is None and first != second and norms.before == first:
        return _transposed(shape, "the normalisation before it has as many channels as it would have inputs")
    if hint:
        return _transposed(shape, "by its name; the shapes also fit an ordinary convolution")
    return InferredType(f"Conv{rank}d", "could also be a transposed convolution: the shapes fit both", shape)


def _transposed(shape: Shape, reason: str) -> InferredType:
    note = f"{reason}; stride and padding are not stored"
    return InferredType(f"ConvTranspose{len(shape) - 2}d", note, shape, transposed=True)


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
