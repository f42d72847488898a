"""An ONNX model as one list of nodes.

A function is replaced by its nodes wherever it is called. The bodies of a branch or loop follow their node.
Every value gets a key that is unique in the file, so that a tensor used twice is recognised as one tensor.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from calculator.readers.model import MAX_DEPTH, ReadError
from calculator.readers.onnx.graph import FLOAT, INT64, Attribute, Graph, Node, OnnxFile, Shape, Tensor

MAX_NODES = 300_000
"""Largest number of nodes after functions are replaced, which double at each level that calls twice."""

MAX_WORK = 4_000_000
"""Largest number of names that are written, where a long name counts more."""

MAX_NAME = 300
"""Largest number of characters of a node name that are kept."""

CONTROL_FLOW = frozenset({"If", "Loop", "Scan", "SequenceMap"})
"""Operators whose bodies run never, once or often, depending on the data."""


@dataclass(slots=True)
class FlatGraph:
    """The nodes in order, and the stored tensors and known shapes by key.

    ``constant_nodes`` are the keys of the tensors that are stored in Constant nodes, not in initializers.
    """

    nodes: list[Node] = field(default_factory=list)
    tensors: dict[str, Tensor] = field(default_factory=dict)
    shapes: dict[str, Shape] = field(default_factory=dict)
    constant_nodes: set[str] = field(default_factory=set)
    work: int = 0

    def add_work(self, names: Iterable[str], more: int = 1) -> None:
        """Add the cost of writing these names. Raises ``ReadError`` above the maximum."""
        self.work += more + sum(1 + len(name) // 64 for name in names)
        if self.work > MAX_WORK or len(self.nodes) > MAX_NODES:
            raise ReadError(
                f"The ONNX file has more than {MAX_NODES:,} nodes or their names: it is too large."
            )


@dataclass(slots=True)
class _Scope:
    """The names of one graph and their keys.

    The body of a branch or loop also sees the names of the graph around it (``parent``). A function sees only
    its own names, and the ``attributes`` of its call.
    """

    prefix: str
    path: str = ""
    parent: "_Scope | None" = None
    keys: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, Attribute] = field(default_factory=dict)
    in_control_flow: bool = False

    def key_of(self, name: str) -> str:
        """Return the key of a name that is used in this scope; a name that is not defined gets a new key."""
        scope: _Scope | None = self if name else None
        while scope is not None:
            if name in scope.keys:
                return scope.keys[name]
            scope = scope.parent
        return self.define(name)

    def define(self, name: str) -> str:
        """Return the key of a name that this scope defines, ``""`` for an output that is left out."""
        return self.keys.setdefault(name, f"{self.prefix}{name}") if name else ""


def flatten(file: OnnxFile) -> FlatGraph:
    """Return all nodes of a model in order.

    Raises ``ReadError`` where functions and bodies are nested too deeply, or become too many nodes.
    """
    flat, numbers = FlatGraph(), iter(range(1, MAX_NODES * 2))
    top = _Scope("")
    _define_values(flat, file.graphs[0], top)
    # A stack instead of recursion: the depth of a hostile file must not depend on Python's own limit.
    stack: list[tuple[Iterator[Node], _Scope]] = [(iter(file.graphs[0].nodes), top)]
    while stack:
        nodes, scope = stack[-1]
        node = next(nodes, None)
        if node is None:
            stack.pop()
            continue
        if len(stack) > MAX_DEPTH:
            raise ReadError(f"The functions and bodies of the ONNX file are nested over {MAX_DEPTH} deep.")
        function = file.functions.get((node.domain, node.op_type, node.overload))
        flat.add_work([*node.inputs, *node.outputs], 1 + len(node.attributes))
        resolved = _resolve(node, scope)
        if function is not None:
            flat.add_work([*function.inputs, *function.outputs], 40 + len(function.defaults))
            stack.append((iter(function.nodes), _function_scope(resolved, function, _prefix(numbers), scope)))
            continue
        _add_node(flat, resolved)
        # The stack reverses the order, so the first body is pushed last.
        for index in reversed([index for item in resolved.attributes.values() for index in item.graphs]):
            # Bodies of If, Loop and Scan may use values of the graph around them without declaring them
            # (https://github.com/onnx/onnx/blob/main/docs/IR.md), so an inner scope has a parent.
            body = file.graphs[index]
            inner = _Scope(
                _prefix(numbers),
                scope.path,
                scope,
                attributes=scope.attributes,
                in_control_flow=scope.in_control_flow or node.op_type in CONTROL_FLOW,
            )
            _define_values(flat, body, inner)
            stack.append((iter(body.nodes), inner))
    return flat


def _prefix(numbers: Iterator[int]) -> str:
    """Return a new prefix for keys, between NULs, which the names of real models do not contain."""
    return f"\0{next(numbers)}\0"


def _define_values(flat: FlatGraph, graph: Graph, scope: _Scope) -> None:
    """Give the inputs, stored tensors and known shapes of a graph their keys."""
    flat.add_work([*graph.inputs, *graph.tensors, *graph.shapes])
    for name in graph.inputs:
        scope.define(name)
    for name, tensor in graph.tensors.items():
        flat.tensors[scope.define(name)] = tensor
    for name, shape in graph.shapes.items():
        flat.shapes[scope.define(name)] = shape


def _function_scope(node: Node, function: Graph, prefix: str, outer: _Scope) -> _Scope:
    """Return the scope of a function that ``node`` calls. The names of ``node`` are keys already."""
    scope = _Scope(
        prefix,
        node.name or node.op_type,
        attributes={**function.defaults, **node.attributes},
        in_control_flow=outer.in_control_flow,
    )
    # A call may leave out inputs at the end.
    inputs = [*node.inputs, *[""] * len(function.inputs)]
    scope.keys |= dict(zip(function.inputs, inputs, strict=False))
    scope.keys |= dict(zip(function.outputs, node.outputs, strict=False))
    return scope


def _resolve(node: Node, scope: _Scope) -> Node:
    """Return the node with keys for names, and with attributes of the call in place of references to them."""
    attributes = {}
    for name, attribute in node.attributes.items():
        if not attribute.ref_attr_name:
            attributes[name] = attribute
        elif attribute.ref_attr_name in scope.attributes:
            attributes[name] = scope.attributes[attribute.ref_attr_name]
    return replace(
        node,
        name="/".join(part for part in (scope.path, node.name) if part)[-MAX_NAME:],
        inputs=[scope.key_of(name) for name in node.inputs],
        outputs=[scope.define(name) for name in node.outputs],
        attributes=attributes,
        in_control_flow=scope.in_control_flow,
    )


def _add_node(flat: FlatGraph, node: Node) -> None:
    """Add a node. A Constant node becomes a stored tensor."""
    tensor = _constant_tensor(node) if node.op_type == "Constant" and node.outputs else None
    if tensor is None:
        flat.nodes.append(node)
    else:
        flat.tensors[node.outputs[0]] = tensor
        flat.constant_nodes.add(node.outputs[0])


def _constant_tensor(node: Node) -> Tensor | None:
    """Return the tensor of a Constant node, in any of the attributes that may contain its value."""
    key = node.outputs[0]
    for name, item in node.attributes.items():
        if not name.startswith(("value", "sparse_")):
            continue
        if item.tensor is not None:
            return replace(item.tensor, name=key)
        if item.float_value is not None or item.float_values:
            shape = (len(item.float_values),) if item.float_values else ()
            floats = tuple(item.float_values) or (item.float_value or 0.0,)
            return Tensor(key, shape, FLOAT, inline_values=floats)
        if item.int_value is not None or item.int_values:
            shape = (len(item.int_values),) if item.int_values else ()
            return Tensor(key, shape, INT64, inline_values=tuple(item.int_values) or (item.int_value or 0,))
    return None
