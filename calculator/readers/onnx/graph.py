"""The parts of an ONNX file that counting needs: tensors by their shapes, nodes with attributes, graphs.

The names follow https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
"""

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

from calculator.readers.containers.protobuf import Value, floats, numbers

MAX_VALUES = 64
"""Largest number of values of a tensor that are read, which is enough for shapes, scales and axes."""

BITS = {1: 32, 2: 8, 3: 8, 4: 16, 5: 16, 6: 32, 7: 64, 9: 8, 10: 16, 11: 64, 12: 32, 13: 64, 14: 64, 15: 128}
BITS |= {16: 16, 17: 8, 18: 8, 19: 8, 20: 8, 21: 4, 22: 4, 23: 4, 24: 8, 25: 2, 26: 2}
"""Bits of one value by ``TensorProto.DataType``. Text, which has no fixed size, is missing."""

FLOATING = frozenset({1, 10, 11, 14, 15, 16, 17, 18, 19, 20, 23, 24, 27, 28})
"""The data types of real and complex numbers, including the types of 4, 6 and 8 bits."""

FLOAT, INT32, INT64, DOUBLE = 1, 6, 7, 11
FORMATS = {FLOAT: "f", INT32: "i", INT64: "q", DOUBLE: "d"}
"""The format of ``struct`` for the data types whose values are read."""

Size = int | None
Shape = tuple[Size, ...]
"""The sizes of a value; ``None`` is a size that is not known."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """A stored tensor. Its values are read only where they are few.

    ``raw_data`` and ``typed_data`` are the two fields in which a file may store values; ``inline_values`` are
    those of a Constant node. The values of an ``external`` tensor are in another file.
    """

    name: str
    shape: tuple[int, ...]
    data_type: int
    external: bool = False
    raw_data: memoryview | None = None
    typed_data: Value | None = None
    inline_values: tuple[float, ...] | None = None

    @property
    def count(self) -> int:
        """Number of values."""
        return math.prod(self.shape)

    @property
    def floating(self) -> bool:
        """Whether the values are floating-point numbers."""
        return self.data_type in FLOATING

    def small_values(self) -> tuple[float, ...] | None:
        """Return the values of a small tensor, or ``None`` where it is large or they are not in the file."""
        if self.inline_values is not None:
            return self.inline_values
        if self.count > MAX_VALUES or self.data_type not in FORMATS or self.external:
            return None
        if self.raw_data:
            return struct.unpack(f"<{self.count}{FORMATS[self.data_type]}", self.raw_data)
        values: list[float] = []
        if self.typed_data is not None and self.data_type == FLOAT:
            values = floats(self.typed_data)
        elif self.typed_data is not None and self.data_type != DOUBLE:
            values = [*numbers(self.typed_data)]
        return tuple(values) if len(values) == self.count else None

    def all_equal(self, value: float) -> bool:
        """Return whether all values are ``value``. False unless they are 32-bit floats in this file."""
        # Comparing bytes is fast for large tensors too, and packed float_data has the bytes of raw_data.
        data = self.raw_data or (self.typed_data if isinstance(self.typed_data, memoryview) else None)
        if self.data_type != FLOAT or self.external or not data:
            return False
        return bytes(data) == struct.pack("<f", value) * self.count


@dataclass(slots=True)
class Attribute:
    """One attribute of a node. Only the field of its type is set.

    ``graphs`` are indices into ``OnnxFile.graphs``. Inside a function, ``ref_attr_name`` is the name of the
    attribute of the call that replaces this one.
    """

    name: str = ""
    int_value: int | None = None
    float_value: float | None = None
    text_value: str | None = None
    int_values: list[int] = field(default_factory=list)
    float_values: list[float] = field(default_factory=list)
    tensor: Tensor | None = None
    graphs: list[int] = field(default_factory=list)
    ref_attr_name: str = ""


@dataclass(slots=True)
class Node:
    """One call of an operator. An input that is left out has the name ``""``.

    ``in_control_flow`` is set for nodes in the body of a branch or loop: how often they run is not known.
    """

    name: str = ""
    op_type: str = ""
    domain: str = ""
    overload: str = ""
    inputs: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    attributes: dict[str, Attribute] = field(default_factory=dict)
    in_control_flow: bool = False

    def input(self, index: int) -> str:
        """Return the name of an input, ``""`` where it is left out.

        >>> Node(inputs=["x", "weight"]).input(2)
        ''
        """
        return self.inputs[index] if index < len(self.inputs) else ""


@dataclass(slots=True)
class Graph:
    """A graph: the model itself, the body of a branch or loop, or the body of a function."""

    name: str = ""
    domain: str = ""
    overload: str = ""
    nodes: list[Node] = field(default_factory=list)
    tensors: dict[str, Tensor] = field(default_factory=dict)
    shapes: dict[str, Shape] = field(default_factory=dict)
    inputs: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    defaults: dict[str, Attribute] = field(default_factory=dict)
    depth: int = 0


@dataclass(slots=True)
class OnnxFile:
    """The contents of a file. ``graphs[0]`` is the model; the others are bodies that attributes refer to."""

    graphs: list[Graph] = field(default_factory=list)
    functions: dict[tuple[str, str, str], Graph] = field(default_factory=dict)
    sparse: int = 0


def int_list(node: Node, name: str, default: Sequence[int] = ()) -> tuple[int, ...]:
    """Return the attribute ``name``, a list of whole numbers, or ``default`` where it is missing or empty."""
    attribute = node.attributes.get(name)
    return tuple(attribute.int_values if attribute is not None and attribute.int_values else default)


def int_attribute(node: Node, name: str, default: int) -> int:
    """Return the attribute ``name``, a whole number, or ``default`` where it is missing."""
    attribute = node.attributes.get(name)
    return default if attribute is None or attribute.int_value is None else attribute.int_value


def text_attribute(node: Node, name: str, default: str) -> str:
    """Return the attribute ``name``, a text, or ``default`` where it is missing."""
    attribute = node.attributes.get(name)
    return default if attribute is None or attribute.text_value is None else attribute.text_value
