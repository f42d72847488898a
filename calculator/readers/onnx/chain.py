"""The rows of a table of layers for an ONNX model whose operators run one after the other.

Each operator must read the output of the one before it, and otherwise only stored tensors. Source of the
attributes and of the sizes: https://onnx.ai/onnx/operators/
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from calculator.readers.layer_table.cells import axes_cell
from calculator.readers.layer_table.chain import MAX_CHAIN, ChainBuilder
from calculator.readers.layer_table.link_form import layer_cells, transposed_cells
from calculator.readers.model import Chain, Row
from calculator.readers.onnx.exporter_patterns import has_placeholder_parameters
from calculator.readers.onnx.flatten import FlatGraph
from calculator.readers.onnx.graph import Node, Shape, int_attribute, int_list, text_attribute
from calculator.readers.onnx.layers import LayerRows
from calculator.readers.onnx.names import row_name
from calculator.readers.onnx.operators import DOMAINS, is_layer

UNCHANGED = frozenset({
    *("Relu", "LeakyRelu", "Sigmoid", "Tanh", "Elu", "Selu", "Celu", "Gelu", "Mish", "Softplus", "Softsign"),
    *("HardSigmoid", "HardSwish", "Swish", "Clip", "Identity", "Dropout", "Softmax", "LogSoftmax", "LRN"),
    *("ThresholdedRelu",),
})  # fmt: skip
"""Operators without parameters whose output has the shape of their input."""

MAX_STEPS = 5 * MAX_CHAIN
"""The maximum number of operators of a chain, also those that a table leaves out."""

Cells = dict[str, str]


class _NoTableError(Exception):
    """An operator that a table of layers cannot have, with the reason."""


@dataclass(frozen=True)
class _Operator:
    """One operator of a chain: its node, its row if it has parameters, and what is known of its inputs."""

    node: Node
    row: Row | None
    shapes: list[Shape | None]
    values: list[tuple[float, ...] | None]

    @property
    def rank(self) -> int:
        """Return the number of spatial axes of the input. Raises ``_NoTableError``."""
        shape = self.shapes[0]
        if shape is None or not 3 <= len(shape) <= 5:
            raise _NoTableError("the number of axes of its input is not known.")
        return len(shape) - 2

    @property
    def weight(self) -> tuple[int, ...]:
        """Return the shape of the stored weight. Raises ``_NoTableError``."""
        shape = self.shapes[1] if len(self.shapes) > 1 else None
        sizes = tuple(size for size in shape or () if size is not None)
        if self.row is None or len(sizes) < 2 or len(sizes) != len(shape or ()):
            raise _NoTableError("its weight is not stored as one tensor.")
        return sizes

    @property
    def bias(self) -> bool:
        """Return whether its row has a bias."""
        return self.row is not None and self.row.bias_count > 0


def onnx_chain(flat: FlatGraph, inputs: Sequence[str], layers: LayerRows) -> Chain:
    """Return the operators of a model with the rows of ``layers`` as a chain, or why they form none.

    ``inputs`` are the keys of the inputs of the model; stored tensors are not among them.
    """
    builder, shapes = ChainBuilder(), layers.shapes
    if len(inputs) != 1:
        builder.refuse(f"The model has {len(inputs):,} inputs.")
        return builder.chain(layers.rows)
    if cells := _input(shapes.get(inputs[0])):
        builder.add(cells)
    waiting = iter(layers.rows)
    bias = 0
    for node in _path(flat, layers, inputs[0], builder):
        has_row = is_layer(node) and not _is_plain_norm(flat, node)
        row = next(waiting, None) if has_row else None
        if node.op_type == "Add" and bias and bias in _counts(flat, node):
            bias = 0
            continue
        _add(builder, _Operator(node, row, [shapes.get(key) for key in node.inputs], _values(flat, node)))
        if node.op_type not in UNCHANGED:
            # The bias of a layer without such an input is added behind it.
            bias = row.bias_count if row and not node.input(2) else 0
        if builder.problem:
            break
    return builder.chain(layers.rows)


def _is_plain_norm(flat: FlatGraph, node: Node) -> bool:
    return node.op_type == "InstanceNormalization" and has_placeholder_parameters(flat, node)


def _values(flat: FlatGraph, node: Node) -> list[tuple[float, ...] | None]:
    """Return the values of the inputs of a node that are small stored tensors of finite numbers."""
    stored = [flat.tensors[key].small_values() if key in flat.tensors else None for key in node.inputs]
    return [values if values and all(map(math.isfinite, values)) else None for values in stored]


def _counts(flat: FlatGraph, node: Node) -> list[int]:
    """Return the numbers of values of the stored inputs of a node."""
    return [flat.tensors[key].count for key in node.inputs if key in flat.tensors]


def _path(flat: FlatGraph, layers: LayerRows, key: str, builder: ChainBuilder) -> Iterator[Node]:
    """Yield the nodes from the input ``key`` on; a branch is a problem of the ``builder``."""
    previous = "The input of the model"
    for _ in range(MAX_STEPS):
        users = list(dict.fromkeys(use.node for use in layers.consumers.get(key, [])))
        if not users:
            return
        if len(users) > 1:
            return builder.refuse(f"{previous} goes to {len(users):,} operators.")
        node = flat.nodes[users[0]]
        title = _title(node)
        others = [name for name in node.inputs if name and name not in layers.origins]
        is_first = node.inputs[0] == key or node.op_type == "Add"
        if others != [key] or not is_first or node.in_control_flow or not node.outputs:
            return builder.refuse(f"{title} does not read the operator before it alone.")
        yield node
        key, previous = node.outputs[0], f"The output of {title}"
    builder.refuse(f"It has more than {MAX_STEPS:,} operators.")


def _title(node: Node) -> str:
    return f"{row_name(node, '')} ({node.op_type})"


def _input(shape: Shape | None) -> Cells | None:
    """Return the row of an input whose size is fixed, or of features; other sizes are to be given."""
    known = [size for size in (shape or ())[1:] if size]
    if not shape or not 2 <= len(shape) <= 5 or len(known) != len(shape) - 1:
        return None
    channels, *size = known
    return layer_cells("Input", out=channels, **({"size": tuple(size)} if size else {}))


def _add(builder: ChainBuilder, operator: _Operator) -> None:
    """Add the row of one operator."""
    node = operator.node
    name = operator.row.name if operator.row else row_name(node, "")
    if node.op_type in UNCHANGED and not node.domain:
        return builder.leave_out(node.op_type)
    rule = _RULES.get(node.op_type)
    if rule is None or node.domain not in DOMAINS:
        return builder.refuse(f"{name} ({node.op_type}): a table of layers has no type for it.")
    try:
        cells = rule(operator)
    except _NoTableError as error:
        return builder.refuse(f"{name} ({node.op_type}): {error}")
    return builder.add({"name": name, **cells})


def _axes(operator: _Operator, name: str, rank: int, default: int = 1) -> tuple[int, ...]:
    """Return an attribute with one number for each axis. Raises ``_NoTableError``."""
    numbers = int_list(operator.node, name, (default,) * rank)
    if len(numbers) != rank:
        raise _NoTableError(f"its {name} does not have one value for each axis.")
    return numbers


def _pads(operator: _Operator, rank: int) -> tuple[int, ...]:
    """Return the padding of both sides of each axis. Raises ``_NoTableError`` where they differ."""
    word = text_attribute(operator.node, "auto_pad", "NOTSET")
    if word == "VALID":
        return (0,) * rank
    pads = int_list(operator.node, "pads", (0,) * 2 * rank)
    if word != "NOTSET" or len(pads) != 2 * rank or pads[:rank] != pads[rank:]:
        raise _NoTableError("a table of layers has no padding that is larger on one side.")
    return pads[:rank]


def _conv(operator: _Operator) -> Cells:
    """Return the cells of a convolution. Raises ``_NoTableError`` for more than three spatial axes."""
    outputs, inputs, *kernel = operator.weight
    rank, groups = len(kernel), int_attribute(operator.node, "group", 1)
    stride = _axes(operator, "strides", rank)
    same = text_attribute(operator.node, "auto_pad", "NOTSET").startswith("SAME")
    if not 1 <= rank <= 3:
        raise _NoTableError("a table of layers has at most three spatial axes.")
    return layer_cells(
        f"Conv{rank}d",
        **{"in": inputs * groups, "out": outputs},
        kernel=tuple(kernel),
        stride=stride,
        padding="same" if same and set(stride) == {1} else _pads(operator, rank),
        dilation=_axes(operator, "dilations", rank),
        groups=groups,
        bias=operator.bias,
    )


def _conv_transpose(operator: _Operator) -> Cells:
    if int_list(operator.node, "output_shape"):
        raise _NoTableError("its output_shape is the same for every input size.")
    if operator.row is None or operator.row.layer is None:
        raise _NoTableError("PyTorch has no layer with its settings.")
    return transposed_cells(operator.row.layer)


def _linear(operator: _Operator) -> Cells:
    """Return the cells of a product with one stored matrix. Raises ``_NoTableError`` for any other."""
    inputs, outputs = operator.weight[-2:]
    if len(operator.weight) > 2 or int_attribute(operator.node, "transA", 0):
        raise _NoTableError("it is not a product with one stored matrix.")
    if operator.node.op_type == "Gemm" and int_attribute(operator.node, "transB", 0):
        inputs, outputs = outputs, inputs
    return layer_cells("Linear", **{"in": inputs, "out": outputs}, bias=operator.bias)


def _norm(kind: str, operator: _Operator) -> Cells:
    """Return the cells of a normalisation. Raises ``_NoTableError`` without the shape of its scale."""
    shape = operator.shapes[1] if len(operator.shapes) > 1 else None
    if shape is None or len(shape) != 1 or not shape[0]:
        raise _NoTableError("its channels are not known.")
    cells = layer_cells(kind, out=shape[0])
    if kind == "InstanceNorm":
        return cells | {"bias": "yes" if operator.row else "no"}
    return cells | ({} if operator.bias else {"bias": "no"})


def _slopes(operator: _Operator) -> Cells:
    return layer_cells("PReLU", out=operator.row.weight_count if operator.row else 0)


def _pool(kind: str, operator: _Operator) -> Cells:
    """Return the cells of a pooling. Raises ``_NoTableError`` for dilations or ceil_mode."""
    kernel = int_list(operator.node, "kernel_shape")
    rank = len(kernel)
    if not 1 <= rank <= 3 or set(_axes(operator, "dilations", rank)) != {1}:
        raise _NoTableError("a table of layers has no column for its dilations.")
    if int_attribute(operator.node, "ceil_mode", 0):
        raise _NoTableError("a table of layers has no column for its ceil_mode.")
    cells = layer_cells(f"{kind}Pool{rank}d", kernel=kernel, padding=_pads(operator, rank))
    return cells | {"stride": axes_cell(_axes(operator, "strides", rank))}


def _global_pool(kind: str, operator: _Operator) -> Cells:
    rank = operator.rank
    return layer_cells(f"Adaptive{kind}Pool{rank}d", size=(1,) * rank)


def _flatten(operator: _Operator) -> Cells:
    if int_attribute(operator.node, "axis", 1) != 1:
        raise _NoTableError("a table of layers flattens from axis 1.")
    return layer_cells("Flatten")


def _reshape(operator: _Operator) -> Cells:
    """Return the cells of a Reshape or Flatten. Raises ``_NoTableError`` if the new shape is not stored."""
    given = operator.values[1] if len(operator.values) > 1 else int_list(operator.node, "shape")
    batch, *sizes = [int(size) for size in given or (0,)]
    if batch in (0, 1, -1) and sizes == [-1]:
        return layer_cells("Flatten")
    if not 1 <= len(sizes) <= 4 or min(sizes) < 1 or batch not in (0, 1, -1):
        raise _NoTableError("its new shape is not 1 to 4 sizes that are stored.")
    channels, *size = sizes
    if not size:
        return layer_cells("Flatten", out=channels)
    return layer_cells("Reshape", **{"in": math.prod(sizes), "out": channels}, size=tuple(size))


def _resize(operator: _Operator) -> Cells:
    """Return the cells of a resize by sizes or by whole factors. Raises ``_NoTableError`` for others."""
    if len(operator.values) > 3 and operator.values[3]:
        sizes = tuple(int(size) for size in operator.values[3])
        if not 3 <= len(sizes) <= 5:
            raise _NoTableError("its sizes are not those of 1 to 3 spatial axes.")
        return layer_cells("Upsample", size=sizes[2:])
    attribute = operator.node.attributes.get("scales")
    stored = [values for values in operator.values[1:] if values]
    scales = tuple(stored[-1]) if stored else tuple(attribute.float_values) if attribute else ()
    whole = tuple(int(scale) for scale in scales if scale in range(1, 1_025))
    if not 3 <= len(whole) == len(scales) <= 5 or whole[:2] != (1, 1):
        raise _NoTableError("its scales must be whole numbers from 1 to 1,024.")
    return layer_cells("Upsample", scale_factor=whole[2:])


def _shuffle(kind: str, operator: _Operator) -> Cells:
    return layer_cells(kind, scale_factor=(int_attribute(operator.node, "blocksize", 1),))


def _pad(operator: _Operator) -> Cells:
    """Return the cells of a padding. Raises ``_NoTableError`` unless both sides of each axis are equal."""
    values = operator.values[1] if len(operator.values) > 1 else None
    pads = tuple(int(size) for size in values or int_list(operator.node, "pads"))
    half = len(pads) // 2
    kind = {"constant": "Constant", "reflect": "Reflection", "edge": "Replication", "wrap": "Circular"}.get(
        text_attribute(operator.node, "mode", "constant")
    )
    begins = pads[2:half]
    if not kind or not 3 <= half <= 5 or pads[:half] != pads[half:] or any(pads[:2]) or min(begins) < 0:
        raise _NoTableError("a table of layers has no padding that is larger on one side.")
    return layer_cells(f"{kind}Pad{half - 2}d") | {"padding": axes_cell(begins)}


_RULES: dict[str, Callable[[_Operator], Cells]] = {
    "Conv": _conv,
    "ConvTranspose": _conv_transpose,
    "Gemm": _linear,
    "MatMul": _linear,
    "BatchNormalization": partial(_norm, "BatchNorm"),
    "InstanceNormalization": partial(_norm, "InstanceNorm"),
    "PRelu": _slopes,
    "MaxPool": partial(_pool, "Max"),
    "AveragePool": partial(_pool, "Avg"),
    "GlobalMaxPool": partial(_global_pool, "Max"),
    "GlobalAveragePool": partial(_global_pool, "Avg"),
    "Flatten": _flatten,
    "Reshape": _reshape,
    "Resize": _resize,
    "Upsample": _resize,
    "DepthToSpace": partial(_shuffle, "PixelShuffle"),
    "SpaceToDepth": partial(_shuffle, "PixelUnshuffle"),
    "Pad": _pad,
}
