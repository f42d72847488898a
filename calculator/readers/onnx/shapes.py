"""Shapes of the values in an ONNX model: what the file says, and what follows from it by simple rules.

Rules: https://onnx.ai/onnx/operators/. Where no rule is known the shape stays unknown.
"""

import math
from collections.abc import Callable, Sequence

from calculator.readers.model import MAX_COUNT
from calculator.readers.onnx.flatten import Flat
from calculator.readers.onnx.graph import Node, Shape, Tensor, ints, number, word

_SAME_SHAPE = """
    Relu LeakyRelu PRelu Sigmoid Tanh Elu Selu Celu Gelu Mish Softplus Softsign HardSigmoid HardSwish Swish
    Exp Log Sqrt Abs Neg Erf Clip Cast Identity Dropout Softmax LogSoftmax LRN Floor Ceil Round Reciprocal Sin
    Cos Sign BatchNormalization InstanceNormalization LayerNormalization GroupNormalization RMSNormalization
    LpNormalization QuantizeLinear DequantizeLinear ThresholdedRelu"""
UNARY = frozenset(_SAME_SHAPE.split())
"""Operators whose output has the shape of their first input."""

BINARY = frozenset({"Add", "Sub", "Mul", "Div", "Pow", "Max", "Min", "Sum", "Mean", "Where"})
POOLS = frozenset({"MaxPool", "AveragePool", "LpPool"})
GLOBAL = frozenset({"GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool"})


def spread(flat: Flat) -> dict[str, Shape]:
    """Return the shape of every value for which the file says it, or for which it follows."""
    shapes: dict[str, Shape] = {key: tensor.shape for key, tensor in flat.tensors.items()}
    shapes |= flat.shapes
    measured: dict[str, str] = {}
    for node in flat.nodes:
        if node.type == "Shape" and node.inputs and node.outputs and not node.attributes:
            measured[node.outputs[0]] = node.inputs[0]
        # A rule goes before what the file says only where the file leaves a size open.
        if not node.outputs or _settled(shapes.get(node.outputs[0])) or node.domain:
            continue
        like = measured.get(node.inputs[1]) if node.type == "Reshape" and len(node.inputs) > 1 else None
        found = shapes.get(like) if like else _follows(node, shapes, flat.tensors)
        if found is not None and all(size is None or 0 < size <= MAX_COUNT for size in found):
            said = shapes.get(node.outputs[0])
            if said is None or len(said) == len(found):
                pairs = zip(said or (None,) * len(found), found, strict=True)
                shapes[node.outputs[0]] = tuple(new if old is None else old for old, new in pairs)
    return shapes


def _settled(shape: Shape | None) -> bool:
    return shape is not None and None not in shape[1:]


def _follows(node: Node, shapes: dict[str, Shape], tensors: dict[str, Tensor]) -> Shape | None:
    """Return the shape of a node's first output where a rule gives it."""
    first = shapes.get(node.inputs[0]) if node.inputs else None
    rule = RULES.get(node.type)
    if node.type in BINARY:
        return _broadcast([shapes.get(name) for name in node.inputs])
    if first is None or rule is None:
        return first if node.type in UNARY else None
    given = [shapes.get(name) for name in node.inputs]
    values = [tensors[name].values() if name in tensors else None for name in node.inputs]
    finite = [found if found and all(map(math.isfinite, found)) else None for found in values]
    return rule(node, [first, *given[1:]], finite)


Given = list[Shape | None]
Values = list[tuple[float, ...] | None]


def _broadcast(given: Given) -> Shape | None:
    known = [shape for shape in given if shape is not None]
    if len(known) < len(given) or not known:
        return None
    rank = max(len(shape) for shape in known)
    columns = zip(*[(1,) * (rank - len(shape)) + shape for shape in known], strict=True)
    return tuple(_one_of(column) for column in columns)


def _one_of(sizes: Sequence[int | None]) -> int | None:
    """Return the size that sizes of 1 are stretched to; an unknown one only where nothing else is larger."""
    larger = {size for size in sizes if size not in (1, None)}
    return larger.pop() if len(larger) == 1 else (None if None in sizes or larger else 1)


def _window(node: Node, given: Given, kernel: Sequence[int], channels: int | None) -> Shape | None:
    """Return the shape after a window slides over it: a convolution or a pooling."""
    shape = given[0] or ()
    rank = len(kernel)
    strides = ints(node, "strides", (1,) * rank)
    dilations, pads = ints(node, "dilations", (1,) * rank), ints(node, "pads", (0,) * 2 * rank)
    if len(shape) != rank + 2 or len(strides) != rank or len(dilations) != rank or len(pads) != 2 * rank:
        return None
    result: list[int | None] = []
    same = word(node, "auto_pad", "NOTSET").startswith("SAME")
    up = number(node, "ceil_mode", 0)
    for axis, size in enumerate(shape[2:]):
        stride, pad = max(strides[axis], 1), pads[axis] + pads[axis + rank]
        if size is None:
            result.append(None)
        elif same:
            result.append(-(-size // stride))
        else:
            free = size + pad - dilations[axis] * (kernel[axis] - 1) - 1
            steps = -(-free // stride) if up else free // stride
            # A window that would begin in the padding behind the input is left out.
            late = up and steps * stride >= size + pads[axis]
            result.append(steps + (0 if late else 1))
    return (shape[0], channels, *result)


def _conv(node: Node, given: Given, values: Values) -> Shape | None:
    weight = given[1] if len(given) > 1 else None
    if weight is None or len(weight) < 3 or None in weight:
        return None
    known = [size or 0 for size in weight]
    return _window(node, given, known[2:], known[0])


def _pool(node: Node, given: Given, values: Values) -> Shape | None:
    shape = given[0] or ()
    return _window(node, given, ints(node, "kernel_shape"), shape[1] if len(shape) > 1 else None)


def _global(node: Node, given: Given, values: Values) -> Shape | None:
    shape = given[0] or ()
    return (*shape[:2], *(1 for _ in shape[2:]))


def transposed_sizes(node: Node, weight: Shape, sizes: Shape) -> Shape | None:
    """Return the spatial sizes after a ConvTranspose: output_shape, or s(i − 1) + op + K − pads.

    SAME crops down to i·s and, as onnxruntime does, never adds rows.
    Source: https://onnx.ai/onnx/operators/onnx__ConvTranspose.html
    """
    rank, kernel = len(weight) - 2, weight[2:]
    wanted = ints(node, "output_shape")
    if wanted:
        return wanted[-rank:] if len(wanted) in (rank, rank + 2) else None
    strides, extras = ints(node, "strides", (1,) * rank), ints(node, "output_padding", (0,) * rank)
    dilations, pads = ints(node, "dilations", (1,) * rank), ints(node, "pads", (0,) * 2 * rank)
    lengths = {len(strides), len(extras), len(dilations), len(pads) / 2, len(sizes)}
    if lengths != {rank}:
        return None
    auto, result = word(node, "auto_pad", "NOTSET"), list[int | None]()
    for axis, size in enumerate(sizes):
        taps = kernel[axis]
        if size is None or taps is None:
            result.append(None)
            continue
        full = strides[axis] * (size - 1) + extras[axis] + dilations[axis] * (taps - 1) + 1
        crop = 0 if auto == "VALID" else pads[axis] + pads[axis + rank]
        result.append(min(full, size * strides[axis]) if auto.startswith("SAME") else full - crop)
    return tuple(result)


def _transposed(node: Node, given: Given, values: Values) -> Shape | None:
    shape, weight = given[0] or (), given[1] if len(given) > 1 else None
    if weight is None or len(weight) < 3 or len(shape) != len(weight) or weight[1] is None:
        return None
    sizes = transposed_sizes(node, weight, shape[2:])
    return None if sizes is None else (shape[0], weight[1] * number(node, "group", 1), *sizes)


def _resize(node: Node, given: Given, values: Values) -> Shape | None:
    shape = given[0] or ()
    if len(values) > 3 and values[3]:
        return tuple(int(size) for size in values[3]) if len(values[3]) == len(shape) else None
    place = 1 if node.type == "Upsample" or len(values) == 2 else 2
    found = node.attributes.get("scales")
    scales = values[place] if len(values) > place else tuple(found.reals) if found else None
    if not scales or len(scales) != len(shape) or not all(0 < s < 1e6 for s in scales):
        return None
    pairs = zip(shape, scales, strict=True)
    return tuple(None if size is None or size > 2**50 else math.floor(size * scale) for size, scale in pairs)


def _concat(node: Node, given: Given, values: Values) -> Shape | None:
    shapes, axis = [shape for shape in given if shape is not None], number(node, "axis", 1)
    rank = len(shapes[0])
    if len(shapes) < len(given) or any(len(s) != rank for s in shapes) or not -rank <= axis < rank:
        return None
    sizes = [shape[axis] for shape in shapes]
    whole = list(shapes[0])
    whole[axis] = None if None in sizes else sum(size or 0 for size in sizes)
    return tuple(whole)


def _pad(node: Node, given: Given, values: Values) -> Shape | None:
    shape = given[0] or ()
    pads = (values[1] if len(values) > 1 else None) or ints(node, "pads")
    if len(pads) != 2 * len(shape) or len(given) > 3:
        return None
    sums = [int(pads[axis] + pads[axis + len(shape)]) for axis in range(len(shape))]
    return tuple(None if size is None else size + extra for size, extra in zip(shape, sums, strict=True))


def _turn(node: Node, given: Given, values: Values) -> Shape | None:
    shape = given[0] or ()
    order = ints(node, "perm", tuple(reversed(range(len(shape)))))
    return tuple(shape[axis] for axis in order) if sorted(order) == list(range(len(shape))) else None


def _reshape(node: Node, given: Given, values: Values) -> Shape | None:
    shape, wanted = given[0] or (), (values[1] if len(values) > 1 else None) or ints(node, "shape")
    sizes = [int(size) for size in wanted]
    if not sizes or number(node, "allowzero", 0) or min(sizes) < -1 or sizes.count(-1) > 1:
        return None
    if any(size == 0 and axis >= len(shape) for axis, size in enumerate(sizes)):
        return None
    result = [shape[axis] if size == 0 else size for axis, size in enumerate(sizes)]
    if -1 in sizes:
        others = [size for size in result if size != -1]
        # A free axis takes what is left: known only where all else is.
        known = None not in shape and None not in others
        rest = math.prod(size or 1 for size in others)
        result[sizes.index(-1)] = math.prod(size or 1 for size in shape) // rest if known else None
    return tuple(result)


def _matmul(node: Node, given: Given, values: Values) -> Shape | None:
    first, second = given[0], given[1] if len(given) > 1 else None
    if first is None or second is None or len(second) != 2 or len(first) < 2:
        return None
    return (*first[:-1], second[-1])


def _gemm(node: Node, given: Given, values: Values) -> Shape | None:
    first, second = given[0], given[1] if len(given) > 1 else None
    if first is None or second is None or len(second) != 2 or len(first) != 2:
        return None
    turned = number(node, "transA", 0), number(node, "transB", 0)
    return (first[1] if turned[0] else first[0], second[0] if turned[1] else second[1])


def _reduce(node: Node, given: Given, values: Values) -> Shape | None:
    shape = given[0] or ()
    axes = [int(axis) for axis in (values[1] if len(values) > 1 else None) or ints(node, "axes")]
    if number(node, "keepdims", 1) != 1 or (len(given) > 1 and not axes):
        return None
    kept = {axis % len(shape) for axis in axes} if shape else set()
    return tuple(1 if axis in kept or not axes else size for axis, size in enumerate(shape))


Rule = Callable[[Node, Given, Values], Shape | None]
RULES: dict[str, Rule] = {
    "Conv": _conv, "ConvTranspose": _transposed, "Resize": _resize, "Upsample": _resize, "Concat": _concat,
    "Pad": _pad, "Transpose": _turn, "Reshape": _reshape, "MatMul": _matmul, "Gemm": _gemm,
    **dict.fromkeys(POOLS, _pool), **dict.fromkeys(GLOBAL, _global),
    **dict.fromkeys(("ReduceL2", "ReduceSum", "ReduceMean", "ReduceMax"), _reduce),
}  # fmt: skip
