"""Operator patterns that exporters use for one layer.

A bias may be an Add that follows its layer, and a normalisation may be several operators.
"""

from typing import NamedTuple

from calculator.readers.onnx.flatten import FlatGraph
from calculator.readers.onnx.graph import Node, Tensor, int_list
from calculator.readers.onnx.names import EPSILON, is_automatic_name


class Use(NamedTuple):
    """One use of a value: the index of the node in the list, and the index of the input."""

    node: int
    input: int


Consumers = dict[str, list[Use]]
"""All uses of each value, by its key."""

Origins = dict[str, tuple[str, ...]]
"""The stored tensors behind each constant value, by key."""

BETWEEN = frozenset(
    {"Identity", "Cast", "Slice", "Squeeze", "Unsqueeze", "Reshape", "Transpose", "Pad", "Mul"}
)
"""Operators that may stand between a layer and the Add of its bias."""

MAX_STEPS = 4
"""Largest number of nodes from a layer to the Add of its bias."""

NORMS = {("Sub", "Div"): "LayerNormalization", ("InstanceNormalization", "Reshape"): "GroupNormalization"}
"""The two operators before the scale, and the normalisation that they are part of."""


class DecomposedNorm(NamedTuple):
    """A normalisation that is stored as several operators: its type, and its stored tensors by key."""

    type: str
    weights: tuple[str, ...]
    biases: tuple[str, ...]


def find_consumers(flat: FlatGraph) -> Consumers:
    """Return all uses of each value."""
    consumers: Consumers = {}
    for index, node in enumerate(flat.nodes):
        for position, name in enumerate(node.inputs):
            if name:
                consumers.setdefault(name, []).append(Use(index, position))
    return consumers


def _only_consumer(flat: FlatGraph, consumers: Consumers, name: str) -> Node | None:
    """Return the node that uses a value, or ``None`` where it has no use or several."""
    uses = consumers.get(name, [])
    return flat.nodes[uses[0].node] if len(uses) == 1 else None


def added_bias(flat: FlatGraph, consumers: Consumers, node: Node, channels: int) -> str:
    """Return the key of the tensor that is added to the output of a layer as its bias, ``""`` without one.

    The Add may follow a few operators that only move, crop or cast values. The tensor has one value for each
    of the ``channels``, along the channel axis: (C,), (1, C, 1, 1), or another axis after a Transpose.
    """
    # The channel axis is counted from the last axis, because an addend is aligned at the last axis. ``None``
    # is an axis that is no longer known.
    is_matrix_product = node.op_type != "ConvTranspose" and not node.op_type.endswith(("Conv", "ConvInteger"))
    from_end: int | None = 0 if is_matrix_product else None
    weight = flat.tensors.get(node.input(1))
    if not is_matrix_product and weight is not None:
        from_end = len(weight.shape) - 2
    name = node.outputs[0] if node.outputs else ""
    for _ in range(MAX_STEPS):
        after = _only_consumer(flat, consumers, name)
        if after is None or not after.outputs or after.domain:
            return ""
        if after.op_type == "Add":
            return _addend(flat, after, name, channels, from_end)
        if after.op_type not in BETWEEN or after.inputs[0] != name:
            return ""
        if after.op_type == "Transpose" and from_end is not None:
            order = int_list(after, "perm")
            axis = len(order) - 1 - from_end
            from_end = len(order) - 1 - order.index(axis) if axis in order else None
        elif after.op_type in ("Reshape", "Squeeze", "Unsqueeze"):
            from_end = None
        name = after.outputs[0]
    return ""


def _addend(flat: FlatGraph, node: Node, name: str, channels: int, from_end: int | None) -> str:
    """Return the key of the stored tensor that an Add adds to ``name``, if it has one value per channel."""
    key = next((other for other in node.inputs if other != name), "")
    tensor = flat.tensors.get(key)
    if tensor is None or not tensor.floating or tensor.count != channels or not tensor.shape:
        return ""
    # tf2onnx calls a bias const_fold_opt__9 too, so that with one channel only the name of epsilon tells.
    if channels == 1 and EPSILON.search(tensor.name):
        return ""
    if len(tensor.shape) == 1 or channels == 1 or from_end is None:
        return key
    axis = len(tensor.shape) - 1 - from_end
    return key if axis >= 0 and tensor.shape[axis] == channels else ""


def is_placeholder(tensor: Tensor | None, value: float) -> bool:
    """Return whether an exporter created a tensor: all values equal ``value``, under an automatic name."""
    return tensor is not None and is_automatic_name(tensor.name) and tensor.all_equal(value)


def has_placeholder_parameters(flat: FlatGraph, node: Node) -> bool:
    """Return whether scale and bias of an InstanceNormalization only stand for a layer without parameters.

    The operator needs both inputs, so PyTorch's exporter writes ones and zeros for ``affine=False``
    (``instance_norm`` in torch/onnx/symbolic_opset9.py).
    """
    scale, bias = (flat.tensors.get(node.input(index)) for index in (1, 2))
    return is_placeholder(scale, 1.0) and is_placeholder(bias, 0.0)


def decomposed_norm(
    flat: FlatGraph, consumers: Consumers, producers: dict[str, Node], origins: Origins, node: Node
) -> DecomposedNorm | None:
    """Return the normalisation whose scale is this Mul, or ``None``.

    LayerNormalization is Sub, Div, Mul, Add. GroupNormalization is InstanceNormalization, Reshape, Mul, Add.
    ``producers`` are the nodes by the values that they compute.
    """
    if node.op_type != "Mul" or len(node.inputs) != 2 or not node.outputs:
        return None
    constant = [name for name in node.inputs if name in origins]
    computed = [producers[name] for name in node.inputs if name not in origins and name in producers]
    if len(constant) != 1 or len(computed) != 1 or not computed[0].inputs:
        return None
    earlier = producers.get(computed[0].inputs[0])
    kind = NORMS.get((earlier.op_type if earlier else "", computed[0].op_type))
    weights = _only_float_origin(flat, origins, constant[0])
    if kind is None or not weights:
        return None
    biases: tuple[str, ...] = ()
    after = _only_consumer(flat, consumers, node.outputs[0])
    if after is not None and after.op_type == "Add":
        added = [name for name in after.inputs if name in origins]
        biases = _only_float_origin(flat, origins, added[0]) if len(added) == 1 else ()
        if biases and flat.tensors[biases[0]].count != flat.tensors[weights[0]].count:
            biases = ()
    return DecomposedNorm(kind, weights, biases)


def _only_float_origin(flat: FlatGraph, origins: Origins, name: str) -> tuple[str, ...]:
    """Return the key of the only stored tensor behind a value, if it has floats along at least one axis."""
    keys = origins[name]
    suitable = len(keys) == 1 and flat.tensors[keys[0]].floating and flat.tensors[keys[0]].shape
    return keys if suitable else ()
