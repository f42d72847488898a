"""Values of an ONNX model that depend on stored tensors alone, and the tensors that each depends on.

A weight may be transposed, cast, dequantized or divided by its norm before a layer uses it. The layer then
receives a computed value, and its parameters are the stored tensors behind that value.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from calculator.readers.onnx.flatten import FlatGraph
from calculator.readers.onnx.graph import Node
from calculator.readers.onnx.names import is_constant_name
from calculator.readers.onnx.operators import FIRST_ONLY, LAYERS, PRODUCTS, is_layer

MAX_ORIGINS = 64
"""Largest number of tensors behind one value; a value with more is treated as computed by the model."""


@dataclass(slots=True)
class Constants:
    """The constant values of a model.

    ``origins`` maps the key of each constant value to the keys of the stored tensors behind it. ``quantized``
    contains the tensors of whole numbers that represent real numbers.
    """

    origins: dict[str, tuple[str, ...]] = field(default_factory=dict)
    quantized: set[str] = field(default_factory=set)


def find_constants(flat: FlatGraph) -> Constants:
    """Return the constant values of a model; every stored tensor is one of them."""
    constants = Constants({key: (key,) for key in flat.tensors})
    for node in flat.nodes:
        inputs = [name for name in node.inputs if name]
        if is_layer(node) and node.op_type not in PRODUCTS:
            _mark_quantized(node, constants)
            continue
        if node.op_type == "DequantizeLinear" and inputs:
            constants.quantized.update(constants.origins.get(inputs[0], ()))
        if node.op_type in ("QLinearMatMul", "MatMulInteger", "QGemm"):
            _mark_quantized(node, constants)
        if not inputs or not all(name in constants.origins for name in inputs):
            continue
        # The scale of a DequantizeLinear or the shape of a Reshape is not a parameter of the result.
        sources = inputs[:1] if node.op_type in FIRST_ONLY else inputs
        origins = _merged_origins(flat, constants, sources)
        for name in node.outputs:
            constants.origins.setdefault(name, origins)
    return constants


def _mark_quantized(node: Node, constants: Constants) -> None:
    """Mark the weights and biases of a layer: whole numbers there represent real numbers."""
    weights, biases = LAYERS[node.op_type]
    if node.op_type == "Gather":  # It also selects from tables of shapes and indices.
        return
    for index in (*weights, *biases):
        constants.quantized.update(constants.origins.get(node.input(index), ()))


def _merged_origins(flat: FlatGraph, constants: Constants, names: Iterable[str]) -> tuple[str, ...]:
    """Return the stored tensors behind several values, without single numbers and without shapes."""
    merged: dict[str, None] = {}
    for name in names:
        for key in constants.origins[name]:
            tensor = flat.tensors[key]
            # A constant of one number scales a weight, and is not a part of it.
            single = tensor.count == 1 and (not tensor.shape or is_constant_name(tensor.name))
            if not single and (tensor.floating or key in constants.quantized):
                merged[key] = None
        if len(merged) > MAX_ORIGINS:
            return ()
    return tuple(merged)
