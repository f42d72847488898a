"""What an ONNX file is made of, as far as counting needs it: tensors by their shapes, nodes, graphs."""

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

from calculator.readers.containers.protobuf import Value, floats, numbers

MAX_VALUES = 64
"""Only tensors this small are ever looked into: shapes, scales, axes."""

BITS = {1: 32, 2: 8, 3: 8, 4: 16, 5: 16, 6: 32, 7: 64, 9: 8, 10: 16, 11: 64, 12: 32, 13: 64, 14: 64, 15: 128}
BITS |= {16: 16, 17: 8, 18: 8, 19: 8, 20: 8, 21: 4, 22: 4, 23: 4, 24: 8, 25: 2, 26: 2}
"""Bits of one number by ``TensorProto.DataType``."""

FLOATING = frozenset({1, 10, 11, 14, 15, 16, 17, 18, 19, 20, 23, 24, 27, 28})
FLOAT, INT32, INT64, DOUBLE = 1, 6, 7, 11
FORMATS = {FLOAT: "f", INT32: "i", INT64: "q", DOUBLE: "d"}

Shape = tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Tensor:
    """A stored tensor: its shape is known, its numbers are looked at only where they are few."""

    name: str
    shape: tuple[int, ...]
    data_type: int
    external: bool = False
    raw: memoryview | None = None
    typed: Value | None = None
    small: tuple[float, ...] | None = None

    @property
    def count(self) -> int:
        """How many numbers it holds."""
        return math.prod(self.shape)

    @property
    def floating(self) -> bool:
        """Whether its numbers are floating-point."""
        return self.data_type in FLOATING

    def values(self) -> tuple[float, ...] | None:
        """Return the numbers of a small tensor, ``None`` where it is large or they are elsewhere."""
        if self.small is not None:
            return self.small
        if self.count > MAX_VALUES or self.data_type not in FORMATS or self.external:
            return None
        if self.raw:
            return struct.unpack(f"<{self.count}{FORMATS[self.data_type]}", self.raw)
        found: list[float] = []
        if self.typed is not None and self.data_type == FLOAT:
            found = floats(self.typed)
        elif self.typed is not None and self.data_type != DOUBLE:
            found = [*numbers(self.typed)]
        return tuple(found) if len(found) == self.count else None

    def all_are(self, number: float) -> bool:
        """Return whether every number is this one; ``False`` where they are not 32-bit floats stored here."""
        data = self.raw or (self.typed if isinstance(self.typed, memoryview) else None)
        if self.data_type != FLOAT or self.external or not data:
            return False
        return bytes(data) == struct.pack("<f", number) * self.count


@dataclass(slots=True)
class Attribute:
    """One attribute of a node: whichever of the fields it uses."""

    name: str = ""
    number: int | None = None
    real: float | None = None
    text: str | None = None
    numbers: list[int] = field(default_factory=list)
    reals: list[float] = field(default_factory=list)
    tensor: Tensor | None = None
    graphs: list[int] = field(default_factory=list)
    refers: str = ""


@dataclass(slots=True)
class Node:
    """One call of an operator. ``""`` stands for an input that is left out."""

    name: str = ""
    type: str = ""
    domain: str = ""
    overload: str = ""
    inputs: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    attributes: dict[str, Attribute] = field(default_factory=dict)
    repeated: bool = False


@dataclass(slots=True)
class Graph:
    """A graph, the body of a loop or branch, or of a function."""

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
class File:
    """A whole file: ``graphs[0]`` is the model, the others are bodies that attributes point to."""

    graphs: list[Graph] = field(default_factory=list)
    functions: dict[tuple[str, str, str], Graph] = field(default_factory=dict)
    producer: str = ""
    opset: int = 0
    sparse: int = 0


def ints(node: Node, name: str, default: Sequence[int] = ()) -> tuple[int, ...]:
    """Return a list attribute of a node."""
    found = node.attributes.get(name)
    return tuple(found.numbers) if found is not None and found.numbers else tuple(default)


def number(node: Node, name: str, default: int) -> int:
    """Return a number attribute of a node."""
    found = node.attributes.get(name)
    return default if found is None or found.number is None else found.number


def word(node: Node, name: str, default: str) -> str:
    """Return a text attribute of a node."""
    found = node.attributes.get(name)
    return default if found is None or found.text is None else found.text
