"""Placeholder objects for the contents of a pickle. No real tensor, class or dictionary is created.

Why this is hand-written:

- ``pickle.Unpickler`` with restricted names still builds the objects of the pickle.
- ``torch.load(weights_only=True)`` allocates the tensors, and counting needs only their shapes.
"""

from dataclasses import dataclass, field

from calculator.core.formatting import short_repr
from calculator.readers.model import MAX_AXES, MAX_COUNT, ReadError, Shape

STORAGE_BYTES = {
    **{"FloatStorage": 4, "DoubleStorage": 8, "HalfStorage": 2, "BFloat16Storage": 2},
    **{"LongStorage": 8, "IntStorage": 4, "ShortStorage": 2},
    **{"CharStorage": 1, "ByteStorage": 1, "BoolStorage": 1},
    **{"ComplexFloatStorage": 8, "ComplexDoubleStorage": 16},
}
"""The number of bytes of one value, by the storage class of PyTorch."""

INTEGER_STORAGES = frozenset(
    {"LongStorage", "IntStorage", "ShortStorage", "CharStorage", "ByteStorage", "BoolStorage"}
)


@dataclass(frozen=True, eq=False)
class Global:
    """A class or function that the pickle names. It is never imported."""

    module: str
    name: str


@dataclass(frozen=True, eq=False)
class Storage:
    """The values of one or more tensors: storage class, member of the archive, number of values."""

    type: str
    key: str
    count: int


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
    def reach(self) -> int:
        """Return how many values the storage must have for this tensor."""
        if 0 in self.shape:
            return 0
        steps = zip(self.shape, self.stride, strict=True)
        return self.offset + sum((size - 1) * step for size, step in steps) + 1


@dataclass(eq=False)
class PickledDict:
    """A dictionary of the pickle, limited to the entries whose key is a text or a whole number."""

    items: dict[str | int, object] = field(default_factory=dict)


class Opaque:
    """Any other object of the pickle, which is not needed for counting."""


@dataclass(eq=False)
class PickledList:
    """A list of the pickle."""

    items: list[object] = field(default_factory=list)


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
    return StoredTensor(storage, offset, sizes, steps)


def _parse_sizes(value: object) -> Shape:
    """Return ``value`` as a shape. Raises ``ValueError`` for anything but a tuple of possible sizes."""
    if not isinstance(value, tuple) or len(value) > MAX_AXES:
        raise ValueError
    sizes = tuple(size for size in value if type(size) is int and 0 <= size <= MAX_COUNT)
    if len(sizes) != len(value):
        raise ValueError
    return sizes


def refusal(name: str, pickle: bytes) -> ReadError:
    """Return the error about a ``name`` or an opcode that files of tensors do not need."""
    name = name if name.isprintable() and len(name) <= 80 else short_repr(name)
    sentence = f"The pickle in the file names {name}, which would run code: refused."
    # Only a pickled module has these attributes of ``torch.nn.Module``.
    if b"_parameters" in pickle and b"_modules" in pickle:
        return ReadError(
            f"{sentence} It is a whole module rather than its state dict: save model.state_dict(), or run "
            "the snippet beside the model and paste its JSON."
        )
    return ReadError(f"{sentence} Save the state dict alone: torch.save(model.state_dict(), path).")
