"""An ONNX model as one list of nodes: functions written out where they are called, bodies after their node.

Every value gets one key in the whole file, so that what is used twice is seen to be the same.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from calculator.readers.model import MAX_DEPTH, ReadError
from calculator.readers.onnx.graph import FLOAT, INT64, Attribute, File, Graph, Node, Shape, Tensor

MAX_NODES = 300_000
"""Nodes after functions are written out: a function that calls two others, and so on, grows without end."""

MAX_WORK = 4_000_000
"""Names that are written out, a long one counting for more."""

LONGEST_NAME = 300

BODIES = frozenset({"If", "Loop", "Scan", "SequenceMap"})


@dataclass(slots=True)
class Flat:
    """Nodes in order with keys for names, the stored tensors and the known shapes by key."""

    nodes: list[Node] = field(default_factory=list)
    tensors: dict[str, Tensor] = field(default_factory=dict)
    shapes: dict[str, Shape] = field(default_factory=dict)
    constant: set[str] = field(default_factory=set)
    """The tensors that stand in Constant nodes, and not in initializers."""
    work: int = 0

    def spend(self, names: Iterable[str], more: int = 1) -> None:
        """Count what writing out costs, by names and their lengths. Raises ``ReadError`` for too much."""
        self.work += more + sum(1 + len(name) // 64 for name in names)
        if self.work > MAX_WORK or len(self.nodes) > MAX_NODES:
            raise ReadError(
                f"The ONNX file has more than {MAX_NODES:,} nodes or their names: it is too large."
            )


@dataclass(slots=True)
class _Scope:
    """The names of one graph, each with its key; a body sees the names around it, a function does not."""

    mark: str
    path: str = ""
    parent: "_Scope | None" = None
    keys: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, Attribute] = field(default_factory=dict)
    repeated: bool = False

    def find(self, name: str) -> str:
        """Return the key of a name."""
        scope: _Scope | None = self if name else None
        while scope is not None:
            if name in scope.keys:
                return scope.keys[name]
            scope = scope.parent
        return self.define(name)

    def define(self, name: str) -> str:
        """Return a key for a name that is made here."""
        return self.keys.setdefault(name, f"{self.mark}{name}") if name else ""


def flattened(file: File) -> Flat:
    """Return all nodes of a model in order. Raises ``ReadError`` where functions nest or multiply too far."""
    flat, marks = Flat(), iter(range(1, MAX_NODES * 2))
    top = _Scope("")
    _enter(flat, file.graphs[0], top)
    waiting: list[tuple[Iterator[Node], _Scope]] = [(iter(file.graphs[0].nodes), top)]
    while waiting:
        nodes, scope = waiting[-1]
        node = next(nodes, None)
        if node is None:
            waiting.pop()
            continue
        if len(waiting) > MAX_DEPTH:
            raise ReadError(f"The functions and bodies of the ONNX file are nested over {MAX_DEPTH} deep.")
        function = file.functions.get((node.domain, node.type, node.overload))
        flat.spend([*node.inputs, *node.outputs], 1 + len(node.attributes))
        called = _resolved(node, scope)
        if function is not None:
            flat.spend([*function.inputs, *function.outputs], 40 + len(function.defaults))
            inner = _call(called, function, f"\0{next(marks)}\0", scope)
            waiting.append((iter(function.nodes), inner))
            continue
        _keep(flat, called)
        for place in reversed([place for item in called.attributes.values() for place in item.graphs]):
            body = file.graphs[place]
            repeated = scope.repeated or node.type in BODIES
            inner = _Scope(f"\0{next(marks)}\0", scope.path, scope, {}, scope.attributes, repeated)
            _enter(flat, body, inner)
            waiting.append((iter(body.nodes), inner))
    return flat


def _enter(flat: Flat, graph: Graph, scope: _Scope) -> None:
    """Give the inputs, stored tensors and known shapes of a graph their keys."""
    flat.spend([*graph.inputs, *graph.tensors, *graph.shapes])
    for name in graph.inputs:
        scope.define(name)
    for name, tensor in graph.tensors.items():
        flat.tensors[scope.define(name)] = tensor
    for name, shape in graph.shapes.items():
        flat.shapes[scope.define(name)] = shape


def _call(node: Node, function: Graph, mark: str, outer: _Scope) -> _Scope:
    """Return the scope of a function called by ``node``, whose names are keys already."""
    scope = _Scope(
        mark, node.name or node.type, None, {}, {**function.defaults, **node.attributes}, outer.repeated
    )
    inputs = [*node.inputs, *[""] * len(function.inputs)]
    scope.keys |= dict(zip(function.inputs, inputs, strict=False))
    scope.keys |= dict(zip(function.outputs, node.outputs, strict=False))
    return scope


def _resolved(node: Node, scope: _Scope) -> Node:
    """Return the node with keys for names, and with the attributes of the call that its own refer to."""
    attributes = {}
    for name, attribute in node.attributes.items():
        if not attribute.refers:
            attributes[name] = attribute
        elif attribute.refers in scope.attributes:
            attributes[name] = scope.attributes[attribute.refers]
    return replace(
        node,
        name="/".join(part for part in (scope.path, node.name) if part)[-LONGEST_NAME:],
        inputs=[scope.find(name) for name in node.inputs],
        outputs=[scope.define(name) for name in node.outputs],
        attributes=attributes,
        repeated=scope.repeated,
    )


def _keep(flat: Flat, node: Node) -> None:
    """Add a node; a Constant becomes a stored tensor instead."""
    tensor = _constant(node) if node.type == "Constant" and node.outputs else None
    if tensor is None:
        flat.nodes.append(node)
    else:
        flat.tensors[node.outputs[0]] = tensor
        flat.constant.add(node.outputs[0])


def _constant(node: Node) -> Tensor | None:
    """Return what a Constant node holds, however it is written."""
    found = {name: item for name, item in node.attributes.items() if name.startswith(("value", "sparse_"))}
    for item in found.values():
        if item.tensor is not None:
            return replace(item.tensor, name=node.outputs[0])
        if item.real is not None or item.reals:
            shape = (len(item.reals),) if item.reals else ()
            return Tensor(node.outputs[0], shape, FLOAT, small=tuple(item.reals) or (item.real or 0.0,))
        if item.number is not None or item.numbers:
            shape = (len(item.numbers),) if item.numbers else ()
            return Tensor(node.outputs[0], shape, INT64, small=tuple(item.numbers) or (item.number or 0,))
    return None
