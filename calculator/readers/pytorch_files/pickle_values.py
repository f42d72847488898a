"""Placeholder objects for the contents of a pickle. No real tensor, class or dictionary is created.

Why this is hand-written:

- ``pickle.Unpickler`` with restricted names still builds the objects of the pickle.
- ``torch.load(weights_only=True)`` allocates the tensors, and counting needs only their shapes.
"""

import math
from dataclasses import dataclass, field

from calculator.core.formatting import short_repr
from calculator.readers.model import MAX_AXES, MAX_COUNT, ReadError, Shape

STORAGE_BYTES = {
    **{"FloatStorage": 4, "DoubleStorage": 8, "HalfStorage": 2, "BFloat16Storage": 2},
    **{"LongStorage": 8, "IntStorage": 4, "ShortStorage": 2},
    **{"CharStorage": 1, "ByteStorage": 1, "BoolStorage": 1, "UntypedStorage": 1},
    **{"ComplexFloatStorage": 8, "ComplexDoubleStorage": 16},
    **{"uint16": 2, "uint32": 4, "uint64": 8},
    **dict.fromkeys(("float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz", "float8_e5m2fnuz"), 1),
    "float8_e8m0fnu": 1,
}
"""The number of bytes of one value, by the storage class of PyTorch. Newer types have no class of their own:
their values are in an ``UntypedStorage``, and the type is stated beside it."""

INTEGER_STORAGES = frozenset({
    *("LongStorage", "IntStorage", "ShortStorage", "CharStorage", "ByteStorage", "BoolStorage"),
    *("uint16", "uint32", "uint64"),
})  # fmt: skip


@dataclass(frozen=True, eq=False)
class Global:
    """A class or function that the pickle names. It is never imported."""

    module: str
    name: str


@dataclass(frozen=True, eq=False)
class Storage:
    """The values of one or more tensors: storage class, key in the file, number of values.

    ``start`` is the first value of a view on a part of the storage, which PyTorch before 0.4 wrote.
    """

    type: str
    key: str
    count: int
    start: int = 0


@dataclass(frozen=True, eq=False)
class StoredTensor:
    """A tensor as the pickle describes it. ``requires_grad`` is ``None`` where it is not stated."""

    storage: Storage
    offset: int
    shape: Shape
    stride: Shape
    requires_grad: bool | None = None

    @property
    def location(self) -> tuple[object, ...]:
        """Return a key that is equal for two names of the same tensor."""
        return self.storage.key, self.offset, self.shape, self.stride

    @property
    def count(self) -> int:
        """Return the number of values of the tensor."""
        return math.prod(self.shape)

    @property
    def reach(self) -> int:
        """Return how many values the storage must have for this tensor."""
        if 0 in self.shape:
            return 0
        steps = zip(self.shape, self.stride, strict=True)
        return self.offset + sum((size - 1) * step for size, step in steps) + 1


@dataclass(eq=False)
class PickledDict:
    """A dictionary of the pickle, limited to the entries whose key is a text or a whole number.

    ``has_tensors`` is whether a tensor is among the values, at any depth.
    """

    items: dict[str | int, object] = field(default_factory=dict)
    has_tensors: bool = False


@dataclass(eq=False)
class PickledObject(PickledDict):
    """Any other object: an inert mark with the name of its class, or of the function that would return it.

    ``state`` has the attributes that the pickle states. The object is never built.
    """

    name: str = ""
    state: PickledDict | None = None


@dataclass(eq=False)
class PickledList:
    """A list of the pickle. ``has_tensors`` is whether a tensor is among the items, at any depth."""

    items: list[object] = field(default_factory=list)
    has_tensors: bool = False


def dotted_name(name: str) -> str:
    """Return ``name`` for a sentence: a name that cannot be displayed is quoted and escaped."""
    return name if name.isprintable() and len(name) <= 80 else short_repr(name)


def rebuild_tensor(arguments: tuple[object, ...]) -> StoredTensor:
    """Return the tensor that ``torch._utils._rebuild_tensor_v2`` describes with ``arguments``.

    Raises ``ValueError`` for arguments that PyTorch does not write.
    """
    storage, offset, shape, stride = arguments[:4]
    if not isinstance(storage, Storage) or type(offset) is not int or not 0 <= offset <= MAX_COUNT:
        raise ValueError
    sizes, steps = _parse_sizes(shape), _parse_sizes(stride)
    if len(sizes) != len(steps):
        raise ValueError
    # A state dict states False for every tensor, so that False tells nothing here.
    trained = True if len(arguments) > 4 and arguments[4] is True else None
    return StoredTensor(storage, storage.start + offset, sizes, steps, trained)


def rebuild_typed_tensor(arguments: tuple[object, ...]) -> StoredTensor:
    """Return the tensor that ``torch._utils._rebuild_tensor_v3`` describes: its type is stated apart.

    Raises ``ValueError`` for arguments that PyTorch does not write.
    """
    storage, kind = arguments[0], arguments[6]
    if not isinstance(storage, Storage) or not isinstance(kind, Global) or kind.name not in STORAGE_BYTES:
        raise ValueError
    count, rest = divmod(storage.count, STORAGE_BYTES[kind.name])
    if rest or storage.type != "UntypedStorage":
        raise ValueError
    return rebuild_tensor((Storage(kind.name, storage.key, count), *arguments[1:5]))


def _parse_sizes(value: object) -> Shape:
    """Return ``value`` as a shape. Raises ``ValueError`` for anything but a tuple of possible sizes."""
    if not isinstance(value, tuple) or len(value) > MAX_AXES:
        raise ValueError
    sizes = tuple(size for size in value if type(size) is int and 0 <= size <= MAX_COUNT)
    if len(sizes) != len(value):
        raise ValueError
    return sizes


def refusal(name: str) -> ReadError:
    """Return the error about a ``name`` or an opcode that would run code, and that no model needs."""
    return ReadError(
        f"The pickle in the file names {dotted_name(name)}, which would run code: refused. "
        "Save the state dict alone: torch.save(model.state_dict(), path)."
    )
