"""The type of one layer, inferred from the names and shapes of its weights and biases."""

from collections.abc import Mapping
from dataclasses import dataclass

from calculator.readers.tensors.names import hint_of

Shape = tuple[int, ...]

_RECURRENT = {4: "LSTM", 3: "GRU", 1: "RNN"}
"""How many gates stand on each other in weight_hh."""


@dataclass(frozen=True)
class Around:
    """The channels of the normalisations just before and just after a layer, where there are any."""

    before: int | None = None
    after: int | None = None


@dataclass(frozen=True)
class Guess:
    """An inferred type, and what made it so."""

    type: str
    note: str = ""
    weight_shape: Shape | None = None
    transposed: bool = False


def guess(
    path: str, weights: Mapping[str, Shape], biases: Mapping[str, Shape], statistics: bool, around: Around
) -> Guess:
    """Return the type of the layer at ``path`` with ``weights`` and ``biases``: local name → shape.

    ``statistics`` says whether running statistics are stored beside them.

    >>> guess("main.0", {"weight": (100, 512, 4, 4)}, {}, False, Around(after=512)).type
    'ConvTranspose2d'
    >>> guess("head", {"weight": (10, 84)}, {"bias": (10,)}, False, Around()).type
    'Linear'
    """
    if recurrent := _recurrent(weights):
        return recurrent
    if any(name.startswith(("in_proj_weight", "q_proj_weight")) for name in weights):
        return Guess("MultiheadAttention", weight_shape=weights.get("in_proj_weight"))
    if len(weights) != 1 or len(biases) > 1:
        return Guess("Parameters", "these names and shapes are of no standard layer")
    [shape] = weights.values()
    bias = next(iter(biases.values()), None)
    if bias == shape and len(shape) > 1:
        return Guess("LayerNorm", weight_shape=shape)
    if bias is not None and len(bias) != 1:
        return Guess("Parameters", "these shapes are of no standard layer", shape)
    size = None if bias is None else bias[0]
    if len(shape) == 3 and "bilinear" in path.lower():
        return Guess("Bilinear", "by its name, the shapes also fit a convolution", shape)
    if len(shape) in (3, 4, 5):
        return convolution(path, shape, size, around)
    if len(shape) == 2:
        return _two_axes(path, shape, size)
    if len(shape) == 1:
        return _one_axis(shape, size, statistics)
    return Guess("Parameters", "these shapes are of no standard layer", shape)


def convolution(path: str, shape: Shape, bias: int | None, around: Around) -> Guess:
    """Return whether a weight of 3 to 5 axes is a plain or a transposed convolution.

    A plain one stores (out, in / groups, …) and a transposed one (in, out / groups, …); a bias has one value
    for each output channel. Where that decides nothing, the normalisations around it and then its name do.

    >>> convolution("a", (64, 32, 4, 4), 32, Around()).note
    'the bias has as many values as a transposed convolution has outputs; stride and padding are not stored'
    >>> convolution("a", (64, 64, 3, 3), 64, Around()).note
    'could also be a transposed convolution, the shapes fit both'
    """
    first, second, *kernel = shape
    rank = len(kernel)
    if bias is not None and bias != first:
        groups = bias // second if second and bias % second == 0 else 0
        if not groups or first % groups:
            return Guess("Parameters", "these shapes are of no standard layer", shape)
        many = "" if groups == 1 else f", in {groups:,} groups"
        why = f"the bias has as many values as a transposed convolution has outputs{many}"
        return _transposed(shape, why)
    if bias is not None and first != second and second != 1:
        groups = first // second if second and first % second == 0 else 0
        note = f"a transposed convolution in {groups:,} groups would store the same" if groups else ""
        return Guess(f"Conv{rank}d", note, shape)
    if bias is None and first != second and around.after in (first, second):
        why = "the normalisation after it has as many channels as"
        if around.after == second:
            return _transposed(shape, f"{why} a transposed convolution has outputs")
        return Guess(f"Conv{rank}d", f"{why} it has outputs", shape)
    hint = hint_of(path) if any(size > 1 for size in kernel) else None
    if hint is None and bias is None and first != second and around.before == first:
        return _transposed(shape, "the normalisation before it has as many channels as it would have inputs")
    if hint:
        return _transposed(shape, "by its name, the shapes also fit a plain convolution")
    return Guess(f"Conv{rank}d", "could also be a transposed convolution, the shapes fit both", shape)


def _transposed(shape: Shape, why: str) -> Guess:
    note = f"{why}; stride and padding are not stored"
    return Guess(f"ConvTranspose{len(shape) - 2}d", note, shape, transposed=True)


def _two_axes(path: str, shape: Shape, bias: int | None) -> Guess:
    if bias is None:
        words = path.lower().rpartition(".")[2]
        if "emb" in words or words in ("wte", "wpe"):
            return Guess("Embedding", "by its name, the shape also fits a Linear without bias", shape)
        return Guess("Linear", "could also be an Embedding, the shape fits both", shape)
    if bias == shape[0]:
        return Guess("Linear", weight_shape=shape)
    if bias == shape[1]:
        return Guess("Linear", "stored as (in, out)", shape)
    return Guess("Parameters", "these shapes are of no standard layer", shape)


def _one_axis(shape: Shape, bias: int | None, statistics: bool) -> Guess:
    if bias not in (None, shape[0]):
        return Guess("Parameters", "these shapes are of no standard layer", shape)
    if statistics:
        return Guess("BatchNorm", weight_shape=shape)
    if bias is None:
        return Guess("Norm", "an RMSNorm, a PReLU or another with one weight a channel", shape)
    return Guess("Norm", "a LayerNorm, GroupNorm or another without running statistics", shape)


def _recurrent(weights: Mapping[str, Shape]) -> Guess | None:
    """Return the recurrent layer, or cell, that stores weight_ih and weight_hh."""
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
        return Guess("LSTM", "with projections")
    kind = _RECURRENT.get(shape[0] // shape[1]) if shape[0] % shape[1] == 0 else None
    if kind is None:
        return None
    return Guess(kind if suffix else f"{kind}Cell")
