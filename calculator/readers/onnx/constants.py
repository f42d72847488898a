"""Which values of an ONNX model are made of stored tensors alone, and of which: weights before they are used.

A weight can be turned, cast, dequantized or divided by its norm before the layer takes it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from calculator.readers.onnx.flatten import Flat
from calculator.readers.onnx.graph import Node

LAYERS: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {
    "Conv": ((1,), (2,)),
    "ConvTranspose": ((1,), (2,)),
    "DeformConv": ((1,), (3,)),
    "FusedConv": ((1,), (2,)),
    "ConvInteger": ((1,), ()),
    "QLinearConv": ((3,), (8,)),
    "Gemm": ((0, 1), (2,)),
    "FusedGemm": ((0, 1), (2,)),
    "QGemm": ((0, 3), (6,)),
    "MatMul": ((0, 1), ()),
    "FusedMatMul": ((0, 1), ()),
    "Einsum": (tuple(range(8)), ()),
    "MatMulInteger": ((0, 1), ()),
    "QLinearMatMul": ((0, 3), ()),
    "DynamicQuantizeMatMul": ((1,), (4,)),
    "Gather": ((0,), ()),
    "PRelu": ((1,), ()),
    "LSTM": ((1, 2, 7), (3,)),
    "GRU": ((1, 2), (3,)),
    "RNN": ((1, 2), (3,)),
    "BatchNormalization": ((1,), (2,)),
    "InstanceNormalization": ((1,), (2,)),
    "LayerNormalization": ((1,), (2,)),
    "GroupNormalization": ((1,), (2,)),
    "RMSNormalization": ((1,), ()),
    "SimplifiedLayerNormalization": ((1,), ()),
    "SkipLayerNormalization": ((2,), (3, 4)),
    "SkipSimplifiedLayerNormalization": ((2,), (3,)),
}
"""The inputs that are weights and those that are biases, by operator.

Sources: https://onnx.ai/onnx/operators/ and onnxruntime's docs/ContribOperators.md.
"""

PRODUCTS = frozenset(name for name, (weights, _) in LAYERS.items() if weights[0] == 0)
"""Operators whose weight may stand on either side, or be no weight but two activations."""

CONVOLUTIONS = frozenset({"Conv", "FusedConv", "ConvInteger", "QLinearConv", "DeformConv"})
DOMAINS = frozenset({"", "com.microsoft"})

FIRST_ONLY = frozenset(
    {
        "QuantizeLinear",
        "DequantizeLinear",
        "Reshape",
        "Slice",
        "Clip",
        "Pad",
        "Unsqueeze",
        "Squeeze",
        "Expand",
    }
    | {"Tile", "Gather", "Split", "Resize", "Pow", "ReduceL2", "ReduceSum", "ReduceMean", "ReduceMax"}
)
"""Operators whose further inputs are settings and no parameters."""

SETTINGS = {name: frozenset(range(1, 16)) for name in FIRST_ONLY - {"Gather"}}
SETTINGS |= {name: frozenset(range(1, 16)) for name in ("Upsample", "Dropout", "NonMaxSuppression", "TopK")}
SETTINGS |= {"Range": frozenset(range(3)), "OneHot": frozenset({1, 2})}
"""Inputs that are settings: a number there is no parameter, even where it is a float."""

MAX_ORIGINS = 64


@dataclass(slots=True)
class Constants:
    """What is known of the stored tensors and of what is made of them alone."""

    origins: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """For each such value, the stored tensors that it is made of."""

    quantized: set[str] = field(default_factory=set)
    """Whole-number tensors that stand for real numbers."""


def is_layer(node: Node) -> bool:
    """Return whether a node is of an operator that holds parameters."""
    return node.type in LAYERS and node.domain in DOMAINS


def is_setting(node: Node, place: int) -> bool:
    """Return whether an input of a node is no parameter, whatever is stored for it."""
    if is_layer(node):
        weights, biases = LAYERS[node.type]
        # The state that a recurrent layer begins with can be trained.
        return place not in (*weights, *biases) and not (
            node.type in ("LSTM", "GRU", "RNN") and place in (5, 6)
        )
    return place in SETTINGS.get(node.type, ())


def constants(flat: Flat) -> Constants:
    """Return where constant values come from."""
    found = Constants({key: (key,) for key in flat.tensors})
    for node in flat.nodes:
        inputs = [name for name in node.inputs if name]
        if is_layer(node) and node.type not in PRODUCTS:
            _note_quantized(node, found)
            continue
        if node.type == "DequantizeLinear" and inputs:
            found.quantized.update(found.origins.get(inputs[0], ()))
        if node.type in ("QLinearMatMul", "MatMulInteger", "QGemm"):
            _note_quantized(node, found)
        if not inputs or not all(name in found.origins for name in inputs):
            continue
        sources = inputs[:1] if node.type in FIRST_ONLY else inputs
        merged = _merged(flat, found, sources)
        for name in node.outputs:
            found.origins.setdefault(name, merged)
    return found


def _note_quantized(node: Node, found: Constants) -> None:
    """Whole numbers as a weight of a layer stand for real numbers."""
    weights, biases = LAYERS[node.type]
    for place in (*weights, *biases):
        if place < len(node.inputs) and node.type != "Gather":
            found.quantized.update(found.origins.get(node.inputs[place], ()))


def _merged(flat: Flat, found: Constants, names: Iterable[str]) -> tuple[str, ...]:
    """Return the stored tensors behind several values; single numbers and shapes are none."""
    merged: dict[str, None] = {}
    for name in names:
        for key in found.origins[name]:
            tensor = flat.tensors[key]
            if tensor.shape and (tensor.floating or key in found.quantized):
                merged[key] = None
        if len(merged) > MAX_ORIGINS:
            return ()
    return tuple(merged)
