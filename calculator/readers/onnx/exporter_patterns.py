"""What exporters write as several operators: a bias as an Add behind its layer, a norm in single steps."""

from calculator.readers.onnx.flatten import Flat
from calculator.readers.onnx.graph import Node, ints
from calculator.readers.onnx.names import automatic_name

Consumers = dict[str, list[tuple[int, int]]]
"""For each value, the nodes that take it: (place in the list, which input)."""

PASSING = frozenset(
    {"Identity", "Cast", "Slice", "Squeeze", "Unsqueeze", "Reshape", "Transpose", "Pad", "Mul"}
)
MAX_STEPS = 4

NORMS = {("Sub", "Div"): "LayerNormalization", ("InstanceNormalization", "Reshape"): "GroupNormalization"}
"""What the two operators before the scale give away."""

Norm = tuple[str, tuple[str, ...], tuple[str, ...], str]


def consumers_of(flat: Flat) -> Consumers:
    """Return who takes each value."""
    found: Consumers = {}
    for index, node in enumerate(flat.nodes):
        for place, name in enumerate(node.inputs):
            if name:
                found.setdefault(name, []).append((index, place))
    return found


def _only(flat: Flat, consumers: Consumers, name: str) -> Node | None:
    """Return the one node that takes a value."""
    uses = consumers.get(name, [])
    return flat.nodes[uses[0][0]] if len(uses) == 1 else None


def added_bias(flat: Flat, consumers: Consumers, node: Node, width: int) -> str:
    """Return the stored tensor of ``width`` numbers that is added behind a layer; ``""`` where none is.

    The Add may stand behind a few operators that only move, crop or cast. The tensor has ``width``
    numbers along one axis: (C,), or (1, C, 1, 1), or what the layer's channels have become.
    """
    matrix = node.type not in ("ConvTranspose",) and not node.type.endswith(("Conv", "ConvInteger"))
    rank, behind = 0, 0 if matrix else None
    weight = flat.tensors.get(node.inputs[1]) if len(node.inputs) > 1 else None
    if not matrix and weight is not None:
        rank = len(weight.shape)
        behind = rank - 2
    name = node.outputs[0] if node.outputs else ""
    for _ in range(MAX_STEPS):
        after = _only(flat, consumers, name)
        if after is None or not after.outputs or after.domain:
            return ""
        if after.type == "Add":
            return _addend(flat, after, name, width, behind)
        if after.type not in PASSING or after.inputs[0] != name:
            return ""
        if after.type == "Transpose" and behind is not None:
            order = ints(after, "perm")
            axis = len(order) - 1 - behind
            behind = len(order) - 1 - order.index(axis) if axis in order else None
        elif after.type in ("Reshape", "Squeeze", "Unsqueeze"):
            behind = None
        name = after.outputs[0]
    return ""


def _addend(flat: Flat, node: Node, name: str, width: int, behind: int | None) -> str:
    """Return the stored tensor that an Add adds, where it fits channels ``behind`` axes before the last."""
    key = next((other for other in node.inputs if other != name), "")
    tensor = flat.tensors.get(key)
    if tensor is None or not tensor.floating or tensor.count != width or not tensor.shape:
        return ""
    if len(tensor.shape) == 1 or width == 1 or behind is None:
        return key
    place = len(tensor.shape) - 1 - behind
    return key if place >= 0 and tensor.shape[place] == width else ""


def made_up(flat: Flat, node: Node) -> bool:
    """Return whether an exporter made up a norm's scale of ones and B of zeros, under names of its own.

    PyTorch's exporter does so for an InstanceNorm without parameters.
    """
    found = [flat.tensors.get(name) for name in [*node.inputs, "", "", ""][1:3]]
    pairs = zip(found, (1.0, 0.0), strict=True)
    return all(tensor and automatic_name(tensor.name) and tensor.all_are(value) for tensor, value in pairs)


def norm_written_out(
    flat: Flat, consumers: Consumers, made: dict[str, Node], origins: dict[str, tuple[str, ...]], node: Node
) -> Norm | None:
    """Return (type, weights, biases, note) where a Mul is the scale of a norm in single steps.

    LayerNormalization: Sub, Div, Mul, Add. GroupNormalization: InstanceNormalization, Reshape, Mul, Add.
    """
    if node.type != "Mul" or len(node.inputs) != 2 or not node.outputs:
        return None
    fixed = [name for name in node.inputs if name in origins]
    before = [made[name] for name in node.inputs if name not in origins and name in made]
    if len(fixed) != 1 or len(before) != 1 or not before[0].inputs:
        return None
    earlier = made.get(before[0].inputs[0])
    steps = (earlier.type if earlier else "", before[0].type)
    weights = _single(flat, origins, fixed[0])
    kind = NORMS.get(steps)
    if kind is None or not weights:
        return None
    after = _only(flat, consumers, node.outputs[0])
    added: tuple[str, ...] = ()
    if after is not None and after.type == "Add":
        names = [name for name in after.inputs if name in origins]
        added = _single(flat, origins, names[0]) if len(names) == 1 else ()
        if added and flat.tensors[added[0]].count != flat.tensors[weights[0]].count:
            added = ()
    return kind, weights, added, "The file holds it as single operators."


def _single(flat: Flat, origins: dict[str, tuple[str, ...]], name: str) -> tuple[str, ...]:
    """Return the one stored tensor behind a value, if it can be a norm's: floats along some axis."""
    keys = origins[name]
    good = len(keys) == 1 and flat.tensors[keys[0]].floating and flat.tensors[keys[0]].shape
    return keys if good else ()
