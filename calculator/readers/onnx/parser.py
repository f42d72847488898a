"""Read an ONNX file into its parts: nodes, attributes, tensors by their shapes, functions.

Field numbers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto. A tensor's numbers stay where they
are; what is stored in other files is never looked for.
"""

import math
import struct

from calculator.core.formatting import short_repr
from calculator.readers.containers.protobuf import Value, Wire, floats, numbers, signed, text
from calculator.readers.model import MAX_COUNT, MAX_DEPTH, ReadError
from calculator.readers.onnx.graph import BITS, Attribute, File, Graph, Node, Shape, Tensor

MAX_AXES = 64


def read_graphs(data: bytes | memoryview) -> File:
    """Return the parts of an ONNX file. Raises ``ReadError`` for what is none, or is damaged."""
    return _Parser().file(memoryview(data))


def _domain(value: Value) -> str:
    name = text(value)
    return "" if name == "ai.onnx" else name


class _Parser:
    """Reads graph by graph: a graph inside an attribute waits in a queue."""

    def __init__(self) -> None:
        self.wire = Wire()
        self.result = File()
        self.queue: list[tuple[memoryview, Graph]] = []

    def file(self, data: memoryview) -> File:
        functions = []
        for number, value in self.wire.fields(data):
            if number == 2:
                self.result.producer = text(value)
            elif isinstance(value, int):
                continue
            elif number == 7 and self.result.graphs:
                raise ReadError("The ONNX file holds two graphs, and only one can be the model.")
            elif number == 7:
                self._wait(value, 0)
            elif number == 8:
                self._opset(value)
            elif number == 25:
                functions.append(value)
        if not self.result.graphs:
            raise ReadError(
                "The ONNX file holds no graph: it is cut short, or of another format that begins alike, as "
                "Core ML's does."
            )
        for value in functions:
            self._function(value)
        while self.queue:
            self._graph(*self.queue.pop())
        return self.result

    def _wait(self, data: memoryview, depth: int) -> int:
        """Queue a graph and return the place that it will have."""
        if depth > MAX_DEPTH:
            raise ReadError(f"The graphs of the ONNX file are nested more than {MAX_DEPTH} deep.")
        self.result.graphs.append(Graph(depth=depth))
        self.queue.append((data, self.result.graphs[-1]))
        return len(self.result.graphs) - 1

    def _opset(self, data: memoryview) -> None:
        found = dict(self.wire.fields(data))
        version = found.get(2, 0)
        if not _domain(found.get(1, 0)) and isinstance(version, int):
            self.result.opset = version

    def _function(self, data: memoryview) -> None:
        body = Graph()
        for number, value in self.wire.fields(data):
            if number == 1:
                body.name = text(value)
            elif number in (4, 5):
                (body.inputs if number == 4 else body.outputs).append(text(value))
            elif number == 10:
                body.domain = _domain(value)
            elif number == 13:
                body.overload = text(value)
            elif isinstance(value, memoryview):
                if number == 7:
                    body.nodes.append(self._node(value, 0))
                elif number == 11:
                    default = self._attribute(value, 0)
                    body.defaults[default.name] = default
        self.result.functions[body.domain, body.name, body.overload] = body

    def _graph(self, data: memoryview, graph: Graph) -> None:
        for number, value in self.wire.fields(data):
            if isinstance(value, int):
                continue
            if number == 1:
                graph.nodes.append(self._node(value, graph.depth))
            elif number == 2:
                graph.name = text(value)
            elif number in (5, 15):
                tensor = self._tensor(value) if number == 5 else self._sparse(value)
                graph.tensors[tensor.name] = tensor
            elif number in (11, 12, 13):
                name, shape = self._value(value)
                if shape is not None:
                    graph.shapes[name] = shape
                if number != 13:
                    (graph.inputs if number == 11 else graph.outputs).append(name)

    def _node(self, data: memoryview, depth: int) -> Node:
        node = Node()
        for number, value in self.wire.fields(data):
            if number == 1:
                node.inputs.append(text(value))
            elif number == 2:
                node.outputs.append(text(value))
            elif number == 3:
                node.name = text(value if isinstance(value, int) else value[-300:])
            elif number == 4:
                node.type = text(value)
            elif number == 5 and isinstance(value, memoryview):
                attribute = self._attribute(value, depth)
                node.attributes[attribute.name] = attribute
            elif number == 7:
                node.domain = _domain(value)
            elif number == 8:
                node.overload = text(value)
        return node

    def _attribute(self, data: memoryview, depth: int) -> Attribute:
        found = Attribute()
        for number, value in self.wire.fields(data):
            if number == 1:
                found.name = text(value)
            elif number == 21:
                found.refers = text(value)
            elif number == 3 and isinstance(value, int):
                found.number = signed(value)
            elif number == 8:
                found.numbers += numbers(value)
            elif isinstance(value, memoryview):
                if number == 2 and len(value) == 4:
                    found.real = float(struct.unpack("<f", value)[0])
                elif number == 4:
                    found.text = text(value)
                elif number == 5:
                    found.tensor = self._tensor(value)
                elif number in (6, 11):
                    found.graphs.append(self._wait(value, depth + 1))
                elif number == 7:
                    found.reals += floats(value)
                elif number == 22:
                    found.tensor = self._sparse(value)
        return found

    def _tensor(self, data: memoryview) -> Tensor:
        name, kind, external = "", 0, False
        dims: list[int] = []
        raw: memoryview | None = None
        typed: Value | None = None
        for number, value in self.wire.fields(data):
            if number == 1:
                dims += numbers(value)
            elif number == 2 and isinstance(value, int):
                kind = value
            elif number in (4, 5, 7, 10):
                typed = value
            elif number == 8:
                name = text(value)
            elif number == 9 and isinstance(value, memoryview):
                raw = value
            elif number == 13 or (number == 14 and value == 1):
                external = True
        tensor = Tensor(name, checked_shape(name, dims), kind, external, raw, typed)
        return tensor if external or not raw else _fitting(tensor, len(raw))

    def _sparse(self, data: memoryview) -> Tensor:
        """Return a sparse tensor as the dense one that it stands for: values = 1, dims = 3."""
        dims: list[int] = []
        values = Tensor("", (0,), 0)
        for number, value in self.wire.fields(data):
            if number == 3:
                dims += numbers(value)
            elif number == 1 and isinstance(value, memoryview):
                values = self._tensor(value)
        self.result.sparse += 1
        return Tensor(values.name, checked_shape(values.name, dims), values.data_type, values.external)

    def _value(self, data: memoryview) -> tuple[str, Shape | None]:
        """Return the name of a value and its shape: type = 2, tensor_type = 1, shape = 2, dim = 1."""
        name, shape = "", None
        for number, value in self.wire.fields(data):
            if number == 1:
                name = text(value)
            elif number == 2:
                shape = self._inner(self._inner(value, 1), 2)
        return name, None if shape is None else self._dims(shape)

    def _inner(self, data: Value | None, wanted: int) -> memoryview | None:
        """Return the last field of this number in a message."""
        result = None
        for number, value in self.wire.fields(data) if isinstance(data, memoryview) else ():
            if number == wanted and isinstance(value, memoryview):
                result = value
        return result

    def _dims(self, data: memoryview) -> Shape:
        """Return the sizes of a shape; one that is a word, absent, or impossible is ``None``."""
        result: list[int | None] = []
        for number, value in self.wire.fields(data):
            if number == 1 and isinstance(value, memoryview) and len(result) <= MAX_AXES:
                size = dict(self.wire.fields(value)).get(1)
                result.append(size if isinstance(size, int) and 0 < size <= MAX_COUNT else None)
        return tuple(result)


def checked_shape(name: str, dims: list[int]) -> tuple[int, ...]:
    """Return ``dims`` as a shape. Raises ``ReadError`` below 0, above ``MAX_COUNT``, and for too many axes.

    >>> checked_shape("up.weight", [64, 32, 4, 4])
    (64, 32, 4, 4)
    """
    if len(dims) > MAX_AXES:
        raise ReadError(f"The tensor {short_repr(name)} of the ONNX file has more than {MAX_AXES} axes.")
    if any(not 0 <= size <= MAX_COUNT for size in dims) or math.prod(dims) > MAX_COUNT:
        raise ReadError(
            f"The tensor {short_repr(name)} of the ONNX file has the shape "
            f"{short_repr(tuple(dims))}, which cannot be."
        )
    return tuple(dims)


def _fitting(tensor: Tensor, size: int) -> Tensor:
    """Return the tensor, or raise ``ReadError`` where its stored bytes are not those of its shape."""
    bits = BITS.get(tensor.data_type)
    if bits and size != -(-tensor.count * bits // 8):
        raise ReadError(
            f"The tensor {short_repr(tensor.name)} of the ONNX file has the shape "
            f"{tensor.shape}, and {size:,} "
            "bytes stored for it, which do not fit."
        )
    return tensor
