"""What a pickle of tensors is made of, as marks: none is a tensor, a class or a dictionary of the file's."""

from dataclasses import dataclass, field

from calculator.core.formatting import short_repr
from calculator.readers.model import MAX_COUNT, ReadError

MAX_TENSOR_AXES = 64

STORAGES = {
    **{"FloatStorage": 4, "DoubleStorage": 8, "HalfStorage": 2, "BFloat16Storage": 2},
    **{
        "LongStorage": 8,
        "IntStorage": 4,
        "ShortStorage": 2,
        "CharStorage": 1,
        "ByteStorage": 1,
        "BoolStorage": 1,
    },
    **{"ComplexFloatStorage": 8, "ComplexDoubleStorage": 16},
}
"""Bytes of one value, by the class of torch that holds them."""

WHOLE = frozenset({"LongStorage", "IntStorage", "ShortStorage", "CharStorage", "ByteStorage", "BoolStorage"})


@dataclass(frozen=True, eq=False)
class Named:
    """A name that the pickle asks for: never looked up."""

    module: str
    name: str


@dataclass(frozen=True, eq=False)
class Stored:
    """The values of one or more tensors: the class of torch, the member of the archive, how many."""

    type: str
    key: str
    count: int


@dataclass(frozen=True, eq=False)
class Tensor:
    """A tensor as the pickle describes it. ``trained`` is ``None`` where it does not say."""

    stored: Stored
    offset: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]
    trained: bool | None = None

    @property
    def place(self) -> tuple[object, ...]:
        """What two tensors that are one and the same have in common."""
        return self.stored.key, self.offset, self.shape, self.stride

    @property
    def reach(self) -> int:
        """How many values of the storage it needs."""
        if 0 in self.shape:
            return 0
        steps = zip(self.shape, self.stride, strict=True)
        return self.offset + sum((size - 1) * step for size, step in steps) + 1


@dataclass(eq=False)
class Dict:
    """A dictionary: only what has a text or a whole number as its key."""

    items: dict[str | int, object] = field(default_factory=dict)


class Opaque:
    """Anything else: it was in the pickle, and is of no interest."""


@dataclass(eq=False)
class List:
    """A list."""

    items: list[object] = field(default_factory=list)


def tensor_from(arguments: tuple[object, ...]) -> Tensor:
    """Return the tensor that ``_rebuild_tensor_v2`` would make of ``arguments``. Raises ``ValueError``."""
    stored, offset, shape, stride = arguments[:4]
    if not isinstance(stored, Stored) or type(offset) is not int or not 0 <= offset <= MAX_COUNT:
        raise ValueError
    sizes, steps = _whole(shape), _whole(stride)
    if len(sizes) != len(steps):
        raise ValueError
    return Tensor(stored, offset, sizes, steps)


def _whole(value: object) -> tuple[int, ...]:
    if not isinstance(value, tuple) or len(value) > MAX_TENSOR_AXES:
        raise ValueError
    sizes = tuple(size for size in value if type(size) is int and 0 <= size <= MAX_COUNT)
    if len(sizes) != len(value):
        raise ValueError
    return sizes


def refusal(asked: str, pickle: bytes) -> ReadError:
    """Return the error about something that is not needed for tensors."""
    asked = asked if asked.isprintable() and len(asked) <= 80 else short_repr(asked)
    why = f"The pickle in the file names {asked}, which would run code: refused."
    if b"_parameters" in pickle and b"_modules" in pickle:
        return ReadError(
            f"{why} It is a whole module rather than its state dict: save model.state_dict(), or run the "
            "snippet beside the model and paste its JSON."
        )
    return ReadError(f"{why} Save the state dict alone: torch.save(model.state_dict(), path).")
