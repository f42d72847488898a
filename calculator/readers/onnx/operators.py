"""The operators of ONNX that have parameters, and the roles of their inputs: weight, bias or setting.

Sources: https://onnx.ai/onnx/operators/ and, for the domain com.microsoft,
https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md
"""

from calculator.readers.onnx.graph import Node, Shape, int_attribute

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
"""The operators with parameters: name → (indices of the inputs that are weights, those that are biases)."""

DOMAINS = frozenset({"", "com.microsoft"})
"""The domains whose operators are known."""

QUANTIZERS = frozenset({"Quant", "IntQuant", "FloatQuant", "BipolarQuant", "Trunc"})
"""The operators of QONNX, which round values and have no parameters. Their other inputs are settings.

Source: https://github.com/fastmachinelearning/qonnx/tree/main/docs/qonnx-custom-ops
"""

QUANTIZER_DOMAINS = frozenset(
    {"qonnx.custom_op.general", "finn.custom_op.general", "onnx.brevitas", "qonnx.custom_op"}
)
"""The domains of these operators, the older ones among them."""

PRODUCTS = frozenset(name for name, (weights, _) in LAYERS.items() if weights[0] == 0)
"""Operators whose weight may be on either side, or which may multiply two activations."""

CONVOLUTIONS = frozenset({"Conv", "FusedConv", "ConvInteger", "QLinearConv", "DeformConv"})
RECURRENT = frozenset({"LSTM", "GRU", "RNN"})
_INITIAL_STATES = (5, 6)
"""The inputs of recurrent operators that are the initial states."""

_ALL_BUT_FIRST = frozenset(range(1, 16))
_REDUCTIONS = ("ReduceL2", "ReduceSum", "ReduceMean", "ReduceMax")
FIRST_ONLY = frozenset(
    {
        *("QuantizeLinear", "DequantizeLinear", "Reshape", "Slice", "Clip", "Pad", "Unsqueeze", "Squeeze"),
        *("Expand", "Tile", "Gather", "Split", "Resize", "Pow", *_REDUCTIONS, *QUANTIZERS),
    }
)
"""Operators that transform their first input; the others only control the transformation."""

SETTINGS = {
    **dict.fromkeys(FIRST_ONLY - {"Gather"}, _ALL_BUT_FIRST),
    **dict.fromkeys(("Upsample", "Dropout", "NonMaxSuppression", "TopK"), _ALL_BUT_FIRST),
    "Range": frozenset({0, 1, 2}),
    "OneHot": frozenset({1, 2}),
}
"""The inputs that are settings. A stored tensor there is not a parameter, even if it contains floats."""


def is_layer(node: Node) -> bool:
    """Return whether the operator of a node has parameters."""
    return node.op_type in LAYERS and node.domain in DOMAINS


def is_known(node: Node) -> bool:
    """Return whether it is known which inputs of a node are parameters.

    >>> is_known(Node(op_type="Quant", domain="qonnx.custom_op.general")), is_known(Node(domain="vendor"))
    (True, False)
    """
    return node.domain in DOMAINS or (node.op_type in QUANTIZERS and node.domain in QUANTIZER_DOMAINS)


def is_quantizer(node: Node) -> bool:
    """Return whether a node rounds values, or works with rounded ones, by scales among its inputs.

    >>> is_quantizer(Node(op_type="DequantizeLinear")), is_quantizer(Node(op_type="Conv"))
    (True, False)
    """
    return "quant" in node.op_type.lower() or node.op_type.startswith(("QLinear", "QGemm", "Trunc"))


def is_setting(node: Node, index: int) -> bool:
    """Return whether a tensor stored for this input of the node is never a parameter.

    >>> is_setting(Node(op_type="Resize"), 2), is_setting(Node(op_type="LSTM"), 5)
    (True, False)
    """
    if not is_layer(node):
        return index in SETTINGS.get(node.op_type, ())
    weights, biases = LAYERS[node.op_type]
    # The initial state of a recurrent layer can be a trained parameter, so a stored one is counted.
    initial_state = node.op_type in RECURRENT and index in _INITIAL_STATES
    return index not in (*weights, *biases) and not initial_state


def out_channels(node: Node, weight_shape: Shape) -> int:
    """Return the output channels of a convolution with this weight, 0 where they are not known.

    >>> out_channels(Node(op_type="ConvTranspose"), (64, 32, 4, 4))
    32
    """
    if len(weight_shape) < 2:
        return 0
    # Conv has (out, in / group, …). ConvTranspose has (in, out / group, …): every group has its own part of
    # the output channels (https://onnx.ai/onnx/operators/onnx__ConvTranspose.html).
    if node.op_type == "ConvTranspose":
        return (weight_shape[1] or 0) * (int_attribute(node, "group", 1) or 1)
    return weight_shape[0] or 0
