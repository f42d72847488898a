"""Shapes of the values in an ONNX model: those in the file, and those that follow by an operator's rule.

Source of the rules: https://onnx.ai/onnx/operators/. Where no rule is known the shape stays unknown.
The shape inference of the ``onnx`` package is not used, for the reasons given in the parser.
"""

import math
from collections.abc import Callable, Sequence

from calculator.readers.model import MAX_COUNT
from calculator.readers.onnx.conv_transpose import output_sizes
from calculator.readers.onnx.flatten import FlatGraph
from calculator.readers.onnx.graph import (
    Node,
    Shape,
    Size,
    Tensor,
    int_attribute,
    int_list,
    text_attribute,
)
from calculator.readers.onnx.operators import QUANTIZER_DOMAINS, out_channels

_SAME_SHAPE = """
    Relu LeakyRelu PRelu Sigmoid Tanh Elu Selu Celu Gelu Mish Softplus Softsign HardSigmoid HardSwish Swish
    Exp Log Sqrt Abs Neg Erf Clip Cast Identity Dropout Softmax LogSoftmax LRN Floor Ceil Round Reciprocal Sin
    Cos Sign BatchNormalization InstanceNormalization LayerNormalization GroupNormalization RMSNormalization
    LpNormalization QuantizeLinear DequantizeLinear ThresholdedRelu Quant IntQuant FloatQuant BipolarQuant
    Trunc"""
UNARY = frozenset(_SAME_SHAPE.split())
"""Operators whose output has the shape of their first input."""

BINARY = frozenset({"Add", "Sub", "Mul", "Div", "Pow", "Max", "Min", "Sum", "Mean", "Where"})
POOLS = frozenset({"MaxPool", "AveragePool", "LpPool"})
GLOBAL_POOLS = frozenset({"GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool"})


Shapes = list[Shape | None]
"""The shapes of the inputs of a node; ``None`` where a shape is not known. The first is always known."""

Values = list[tuple[float, ...] | None]
"""The values of the inputs of a node that are small stored tensors, otherwise ``None``."""


def infer_shapes(flat: FlatGraph) -> dict[str, Shape]:
    """Return the shape of every value by key, where the file contains it or it follows from others."""
    shapes: dict[str, Shape] = {key: tensor.shape for key, tensor in flat.tensors.items()}
    shapes |= flat.shapes
    shape_sources: dict[str, str] = {}
    for node in flat.nodes:
        if node.op_type == "Shape" and node.inputs and node.outputs and not node.attributes:
            shape_sources[node.outputs[0]] = node.inputs[0]
        # Shapes in the file were computed by the framework, so a rule only fills in sizes that it left open.
        if not node.outputs or _is_complete(shapes.get(node.outputs[0])):
            continue
        if node.domain and node.domain not in QUANTIZER_DOMAINS:
            continue
        # A Reshape to the shape of another value: exporters write so for "view_as".
        source = shape_sources.get(node.input(1)) if node.op_type == "Reshape" else None
        inferred = shapes.get(source) if source else _apply_rule(node, shapes, flat.tensors)
        if inferred is not None and all(size is None or 0 < size <= MAX_COUNT for size in inferred):
            stored = shapes.get(node.outputs[0])
            if stored is None or len(stored) == len(inferred):
                pairs = zip(stored or (None,) * len(inferred), inferred, strict=True)
                shapes[node.outputs[0]] = tuple(new if old is None else old for old, new in pairs)
    return shapes


def _is_complete(shape: Shape | None) -> bool:
    """Return whether all sizes are known, apart from the batch."""
    return shape is not None and None not in shape[1:]


def _apply_rule(node: Node, shapes: dict[str, Shape], tensors: dict[str, Tensor]) -> Shape | None:
    """Return the shape of the first output by the rule of the operator, or ``None``."""
    input_shapes = [shapes.get(name) for name in node.inputs]
    if node.op_type in BINARY:
        return _broadcast(input_shapes)
    first = input_shapes[0] if input_shapes else None
    rule = RULES.get(node.op_type)
    if first is None or rule is None:
        return first if node.op_type in UNARY else None
    values = [tensors[name].small_values() if name in tensors else None for name in node.inputs]
    # A hostile file may store NaN or infinity where sizes are expected.
    finite = [numbers if numbers and all(map(math.isfinite, numbers)) else None for numbers in values]
    return rule(node, input_shapes, finite)


def _broadcast(shapes: Shapes) -> Shape | None:
    """Return the shape of inputs that are combined value by value, where sizes of 1 are repeated."""
    known = [shape for shape in shapes if shape is not None]
    if len(known) < len(shapes) or not known:
        return None
    rank = max(len(shape) for shape in known)
    columns = zip(*[(1,) * (rank - len(shape)) + shape for shape in known], strict=True)
    return tuple(_broadcast_size(column) for column in columns)


def _broadcast_size(sizes: Sequence[Size]) -> Size:
    """Return the size that sizes of 1 are repeated to, or ``None`` where it is not known.

    An unknown size must be 1 or the known larger size, so a larger size decides.
    """
    larger = {size for size in sizes if size not in (1, None)}
    return larger.pop() if len(larger) == 1 else (None if None in sizes or larger else 1)


def _window(node: Node, shapes: Shapes, kernel: Sequence[int], channels: Size) -> Shape | None:
    """Return the shape after a convolution or pooling with this kernel size."""
    shape = shapes[0] or ()
    rank = len(kernel)
    strides = int_list(node, "strides", (1,) * rank)
    dilations, pads = int_list(node, "dilations", (1,) * rank), int_list(node, "pads", (0,) * 2 * rank)
    if len(shape) != rank + 2 or len(strides) != rank or len(dilations) != rank or len(pads) != 2 * rank:
        return None
    result: list[Size] = []
    same = text_attribute(node, "auto_pad", "NOTSET").startswith("SAME")
    ceil_mode = int_attribute(node, "ceil_mode", 0)
    for axis, size in enumerate(shape[2:]):
        stride, pad = max(strides[axis], 1), pads[axis] + pads[axis + rank]
        if size is None:
            result.append(None)
        elif same:
            result.append(-(-size // stride))
        else:
            free = size + pad - dilations[axis] * (kernel[axis] - 1) - 1
            steps = -(-free // stride) if ceil_mode else free // stride
            # ceil_mode adds a last window that is only partly inside, unless it would begin in the padding
            # at the end (https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html).
            begins_in_padding = ceil_mode and steps * stride >= size + pads[axis]
            result.append(steps + (0 if begins_in_padding else 1))
    return (shape[0], channels, *result)


def _second(shapes: Shapes) -> Shape | None:
    """Return the shape of the second input, ``None`` where it is left out or not known."""
    return shapes[1] if len(shapes) > 1 else None


def _conv(node: Node, shapes: Shapes, values: Values) -> Shape | None:
    """Return the shape after a convolution, whose weight is (out, in / group, *kernel)."""
    weight = _second(shapes)
    if weight is None or len(weight) < 3 or None in weight:
        return None
    known = [size or 0 for size in weight]
    return _window(node, shapes, known[2:], known[0])


def _pool(node: Node, shapes: Shapes, values: Values) -> Shape | None:
    shape = shapes[0] or ()
    return _window(node, shapes, int_list(node, "kernel_shape"), shape[1] if len(shape) > 1 else None)


def _global_pool(node: Node, shapes: Shapes, values: Values) -> Shape | None:
    shape = shapes[0] or ()
    return (*shape[:2], *(1 for _ in shape[2:]))


def _conv_transpose(node: Node, shapes: Shapes, values: Values) -> Shape | None:
    """Return the shape after a transposed convolution, whose weight is (in, out / group, *kernel)."""
    shape, weight = shapes[0] or (), _second(shapes)
    if weight is None or len(weight) < 3 or len(shape) != len(weight) or weight[1] is None:
        return None
    sizes = output_sizes(node, weight, shape[2:])
    return None if sizes is None else (shape[0], out_channels(node, weight), *sizes)


def _resize(node: Node, shapes: Shapes, values: Values) -> Shape | None:
    """Return the shape after a Resize or Upsample by stored sizes or scales."""
    shape = shapes[0] or ()
    if len(values) > 3 and values[3]:
        return tuple(int(size) for size in values[3]) if len(values[3]) == len(shape) else None
    # The scales moved from an attribute to input 1, and in opset 11 to input 2 behind the region of interest.
    index = 1 if node.op_type == "Upsample" or len(values) == 2 else 2
    attribute = node.attributes.get("scales")
    scales = values[index] if len(values) > index else tuple(attribute.float_values) if attribute else None
    if not scales or len(scales) != len(shape) or not all(0 < s < 1e6 for s in scales):
        return None
    pairs = zip(shape, scales, strict=True)
    return tuple(None if size is None or size > 2**50 else math.floor(size * scale) for size, scale in pairs)


def _concat(node: Node, shapes: Shapes, values: Values) -> Shape | None:
    """Return the shape of inputs that are joined along one axis."""
    known, axis = [shape for shape in shapes if shape is not None], int_attribute(node, "axis", 1)
    rank = len(known[0])
    if len(known) < len(shapes) or any(len(shape) != rank for shape in known) or not -rank <= axis < rank:
        return None
    sizes = [shape[axis] for shape in known]
    result = list(known[0])
    result[axis] = None if None in sizes else sum(size or 0 for size in sizes)
    return tuple(result)


def _pad(node: Node, shapes: Shapes, values: Values) -> Shape | None:
    """Return the shape after padding: every begin, then every end, as in the attribute ``pads``."""
    shape = shapes[0] or ()
    pads = (values[1] if len(values) > 1 else None) or int_list(node, "pads")
    if len(pads) != 2 * len(shape) or len(shapes) > 3:
        return None
    sums = [int(pads[axis] + pads[axis + len(shape)]) for axis in range(len(shape))]
    return tuple(None if size is None else size + extra for size, extra in zip(shape, sums, strict=True))


def _transpose(node: Node, shapes: Shapes, values: Values) -> Shape | None:
    shape = shapes[0] or ()
    order = int_list(node, "perm", tuple(reversed(range(len(shape)))))
    return tuple(shape[axis] for axis in order) if sorted(order) == list(range(len(shape))) else None


def _reshape(node: Node, shapes: Shapes, values: Values) -> Shape | None:
    """Return the target shape, where 0 copies a size of the input and −1 takes the values that remain."""
    shape = shapes[0] or ()
    target = (values[1] if len(values) > 1 else None) or int_list(node, "shape")
    sizes = [int(size) for size in target]
    if not sizes or int_attribute(node, "allowzero", 0) or min(sizes) < -1 or sizes.count(-1) > 1:
        return None
    if any(size == 0 and axis >= len(shape) for axis, size in enumerate(sizes)):
        return None
    result = [shape[axis] if size == 0 else size for axis, size in enumerate(sizes)]
    if -1 in sizes:
        others = [size for size in result if size != -1]
        # The axis of −1 takes the values that remain, so all other sizes must be known.
        known = None not in shape and None not in others
        total, used = (math.prod(size or 1 for size in part) for part in (shape, others))
        result[sizes.index(-1)] = total // used if known else None
    return tuple(result)


def _matmul(node: Node, shapes: Shapes, values: Values) -> Shape | None:
    first, second = shapes[0], _second(shapes)
    if first is None or second is None or len(second) != 2 or len(first) < 2:
        return None
    return (*first[:-1], second[-1])


def _gemm(node: Node, shapes: Shapes, values: Values) -> Shape | None:
    """Return the shape of a product of two matrices, each transposed if its attribute is set."""
    first, second = shapes[0], _second(shapes)
    if first is None or second is None or len(second) != 2 or len(first) != 2:
        return None
    rows = first[1] if int_attribute(node, "transA", 0) else first[0]
    return (rows, second[0] if int_attribute(node, "transB", 0) else second[1])


def _reduce(node: Node, shapes: Shapes, values: Values) -> Shape | None:
    """Return the shape after a reduction that keeps its axes; without ``axes`` it reduces all of them."""
    shape = shapes[0] or ()
    axes = [int(axis) for axis in (values[1] if len(values) > 1 else None) or int_list(node, "axes")]
    if int_attribute(node, "keepdims", 1) != 1 or (len(shapes) > 1 and not axes):
        return None
    reduced = {axis % len(shape) for axis in axes} if shape else set()
    return tuple(1 if axis in reduced or not axes else size for axis, size in enumerate(shape))


Rule = Callable[[Node, Shapes, Values], Shape | None]
RULES: dict[str, Rule] = {
    "Conv": _conv, "ConvTranspose": _conv_transpose, "Resize": _resize, "Upsample": _resize,
    "Concat": _concat, "Pad": _pad, "Transpose": _transpose, "Reshape": _reshape,
    "MatMul": _matmul, "Gemm": _gemm,
    **dict.fromkeys(POOLS, _pool), **dict.fromkeys(GLOBAL_POOLS, _global_pool),
    **dict.fromkeys(("ReduceL2", "ReduceSum", "ReduceMean", "ReduceMax"), _reduce),
}  # fmt: skip
