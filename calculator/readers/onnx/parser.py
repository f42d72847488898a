"""Parser of ONNX files: nodes, attributes, functions, and tensors by their shapes.

The field numbers are those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto

Why the ``onnx`` package is not used:

- It copies every value of every tensor into memory. Here the values stay where they are, unread.
- It may open other files that a model names. Here no other file is opened.
- It depends on protobuf and NumPy, which nothing else in the readers needs.
"""

import math
import struct

from calculator.core.formatting import short_repr
from calculator.readers.containers.protobuf import Value, Wire, floats, numbers, signed, text
from calculator.readers.model import MAX_AXES, MAX_COUNT, MAX_DEPTH, ReadError
from calculator.readers.onnx.flatten import MAX_NAME
from calculator.readers.onnx.graph import BITS, Attribute, Graph, Node, OnnxFile, Shape, Size, Tensor


def parse_file(data: bytes | memoryview) -> OnnxFile:
    """Return the parts of an ONNX file. Raises ``ReadError`` for other and for damaged files."""
    return _Parser().file(memoryview(data))


def _domain(value: Value) -> str:
    """Return a domain; ``ai.onnx`` is another name of the default domain."""
    name = text(value)
    return "" if name == "ai.onnx" else name


class _Parser:
    """Parses graph by graph.

    A graph inside an attribute waits in a queue, so that deeply nested graphs need no recursion.
    """

    def __init__(self) -> None:
        self.wire = Wire()
        self.result = OnnxFile()
        self.queue: list[tuple[memoryview, Graph]] = []

    def file(self, data: memoryview) -> OnnxFile:
        """Return the parts of a ModelProto."""
        functions = []
        for number, value in self.wire.fields(data):
            if isinstance(value, int):
                continue
            if number == 7 and self.result.graphs:
                raise ReadError("The ONNX file contains two graphs, and only one can be the model.")
            if number == 7:
                self._enqueue(value, 0)
            elif number == 25:
                functions.append(value)
        # Only the first four bytes of the format are recognised, and other protobuf formats share them.
        if not self.result.graphs:
            raise ReadError(
                "The ONNX file contains no graph: it is cut off, or has another format with the same "
                "beginning, such as Core ML."
            )
        for value in functions:
            self._function(value)
        while self.queue:
            self._graph(*self.queue.pop())
        return self.result

    def _enqueue(self, data: memoryview, depth: int) -> int:
        """Put a graph into the queue and return its index in ``OnnxFile.graphs``."""
        if depth > MAX_DEPTH:
            raise ReadError(f"The graphs of the ONNX file are nested more than {MAX_DEPTH} deep.")
        self.result.graphs.append(Graph(depth=depth))
        self.queue.append((data, self.result.graphs[-1]))
        return len(self.result.graphs) - 1

    def _function(self, data: memoryview) -> None:
        """Add a FunctionProto to the functions of the file."""
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
        """Fill ``graph`` from a GraphProto."""
        for number, value in self.wire.fields(data):
            if isinstance(value, int):
                continue
            if number == 1:
                graph.nodes.append(self._node(value, graph.depth))
            elif number in (5, 15):  # initializer, sparse_initializer
                tensor = self._tensor(value) if number == 5 else self._sparse(value)
                graph.tensors[tensor.name] = tensor
            elif number in (11, 12, 13):  # input, output, value_info
                name, shape = self._value(value)
                if shape is not None:
                    graph.shapes[name] = shape
                if number == 11:
                    graph.inputs.append(name)

    def _node(self, data: memoryview, depth: int) -> Node:
        """Return a NodeProto; ``depth`` is that of the graph around it."""
        node = Node()
        for number, value in self.wire.fields(data):
            if number == 1:
                node.inputs.append(text(value))
            elif number == 2:
                node.outputs.append(text(value))
            elif number == 3:
                node.name = text(value if isinstance(value, int) else value[-MAX_NAME:])
            elif number == 4:
                node.op_type = text(value)
            elif number == 5 and isinstance(value, memoryview):
                attribute = self._attribute(value, depth)
                node.attributes[attribute.name] = attribute
            elif number == 7:
                node.domain = _domain(value)
            elif number == 8:
                node.overload = text(value)
        return node

    def _attribute(self, data: memoryview, depth: int) -> Attribute:
        """Return an AttributeProto; its graphs are put into the queue."""
        attribute = Attribute()
        for number, value in self.wire.fields(data):
            if number == 1:
                attribute.name = text(value)
            elif number == 21:
                attribute.ref_attr_name = text(value)
            elif number == 3 and isinstance(value, int):
                attribute.int_value = signed(value)
            elif number == 8:
                attribute.int_values += numbers(value)
            elif isinstance(value, memoryview):
                if number == 2 and len(value) == 4:
                    attribute.float_value = float(struct.unpack("<f", value)[0])
                elif number == 4:
                    attribute.text_value = text(value)
                elif number == 5:
                    attribute.tensor = self._tensor(value)
                elif number in (6, 11):  # g, graphs
                    attribute.graphs.append(self._enqueue(value, depth + 1))
                elif number == 7:
                    attribute.float_values += floats(value)
                elif number == 22:
                    attribute.tensor = self._sparse(value)
        return attribute

    def _tensor(self, data: memoryview) -> Tensor:
        """Return a TensorProto. Raises ``ReadError`` for a shape that is impossible or unlike its data."""
        name, data_type, external = "", 0, False
        dims: list[int] = []
        raw_data: memoryview | None = None
        typed_data: Value | None = None
        for number, value in self.wire.fields(data):
            if number == 1:
                dims += numbers(value)
            elif number == 2 and isinstance(value, int):
                data_type = value
            elif number in (4, 5, 7, 10):  # float_data, int32_data, int64_data, double_data
                typed_data = value
            elif number == 8:
                name = text(value)
            elif number == 9 and isinstance(value, memoryview):
                raw_data = value
            elif number == 13 or (number == 14 and value == 1):  # external_data, data_location = EXTERNAL
                external = True
        tensor = Tensor(name, checked_shape(name, dims), data_type, external, raw_data, typed_data)
        if raw_data and not external:
            _check_size(tensor, len(raw_data))
        return tensor

    def _sparse(self, data: memoryview) -> Tensor:
        """Return a SparseTensorProto as a dense tensor: its parameters include the zeros."""
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
        """Return the name of a ValueInfoProto and its shape, ``None`` where it has none.

        The shape is in the field type (2), tensor_type (1), shape (2).
        """
        name, shape = "", None
        for number, value in self.wire.fields(data):
            if number == 1:
                name = text(value)
            elif number == 2:
                shape = self._submessage(self._submessage(value, 1), 2)
        return name, None if shape is None else self._dims(shape)

    def _submessage(self, data: Value | None, wanted: int) -> memoryview | None:
        """Return the last field with the number ``wanted``: by protobuf's rules the last one counts."""
        result = None
        for number, value in self.wire.fields(data) if isinstance(data, memoryview) else ():
            if number == wanted and isinstance(value, memoryview):
                result = value
        return result

    def _dims(self, data: memoryview) -> Shape:
        """Return the sizes of a TensorShapeProto. A size is ``None`` where it is symbolic or impossible."""
        result: list[Size] = []
        for number, value in self.wire.fields(data):
            if number == 1 and isinstance(value, memoryview) and len(result) <= MAX_AXES:
                size = dict(self.wire.fields(value)).get(1)
                result.append(size if isinstance(size, int) and 0 < size <= MAX_COUNT else None)
        return tuple(result)


def checked_shape(name: str, dims: list[int]) -> tuple[int, ...]:
    """Return ``dims`` as the shape of the tensor ``name``.

    Raises ``ReadError`` for sizes below 0, for more than ``MAX_COUNT`` values and for too many axes.

    >>> checked_shape("up.weight", [64, 32, 4, 4])
    (64, 32, 4, 4)
    """
    if len(dims) > MAX_AXES:
        raise ReadError(f"The tensor {short_repr(name)} of the ONNX file has more than {MAX_AXES} axes.")
    if any(not 0 <= size <= MAX_COUNT for size in dims) or math.prod(dims) > MAX_COUNT:
        raise ReadError(
            f"The tensor {short_repr(name)} of the ONNX file has the shape "
            f"{short_repr(tuple(dims))}, which is impossible."
        )
    return tuple(dims)


def _check_size(tensor: Tensor, size: int) -> None:
    """Raise ``ReadError`` where ``size``, the stored bytes, does not fit the shape of the tensor."""
    # Values of fewer than eight bits share a byte. A type without a size here, such as text, is not checked.
    bits = BITS.get(tensor.data_type)
    if bits and size != -(-tensor.count * bits // 8):
        raise ReadError(
            f"The tensor {short_repr(tensor.name)} of the ONNX file has the shape {tensor.shape}, but "
            f"{size:,} bytes stored for it, which do not fit."
        )
