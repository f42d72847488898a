"""A pickle read for the tensors it describes. Nothing in it is imported, called or built.

A pickle is a program for a stack machine (https://docs.python.org/3/library/pickletools.html). This machine
moves opaque marks about: it knows the few names that a state dict needs, and refuses every other.
"""

import io
import pickletools
from collections.abc import Callable, Iterator, Sequence

from calculator.core.formatting import short_repr
from calculator.readers.model import MAX_COUNT, ReadError
from calculator.readers.pytorch.pickle_values import (
    STORAGES,
    Dict,
    List,
    Named,
    Opaque,
    Stored,
    Tensor,
    refusal,
    tensor_from,
)
from calculator.readers.tensors.names import usable_name

MAX_STEPS = 4_000_000
"""Opcodes that are read; a tensor takes about fifty."""

_DICT = ("collections", "OrderedDict")
_TENSOR = ("torch._utils", "_rebuild_tensor_v2")
_PARAMETER = ("torch._utils", "_rebuild_parameter")
_ALLOWED = frozenset({_DICT, _TENSOR, _PARAMETER, *(("torch", name) for name in STORAGES)})


_MARK = Opaque()
_OPAQUE = Opaque()
_CONSTANTS = frozenset(
    {
        *("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT"),
        *("BINSTRING", "SHORT_BINSTRING", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8"),
        *("UNICODE", "SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8"),
    }
)
"""Opcodes that push what is written after them."""

_LINES = {b"S": "STRING", b"i": "INST", b"P": "PERSID"}


def tensors_of(pickle: bytes) -> object:
    r"""Return what ``pickle`` describes: a ``Dict``, a ``Tensor``, or something opaque. Raises ``ReadError``.

    >>> tensors_of(b"\x80\x02}X\x01\x00\x00\x00aK\x01s.").items
    {'a': 1}
    >>> tensors_of(b"cos\nsystem\n.")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    calculator.readers.model.ReadError: ...names os.system, which would run code: refused...
    """
    try:
        return _Machine(pickle).run()
    except (ValueError, IndexError, KeyError, TypeError, OverflowError) as error:
        if isinstance(error, ReadError):
            raise
        raise ReadError("The pickle in the file is damaged or cut short.") from None


class _Machine:
    """The stack, the marks and the memo of one pickle."""

    def __init__(self, pickle: bytes) -> None:
        self.pickle = pickle
        self.stack: list[object] = []
        self.memo: dict[int, object] = {}

    def run(self) -> object:
        for step, (opcode, argument) in enumerate(_operations(self.pickle)):
            if step >= MAX_STEPS:
                raise ReadError(f"The pickle in the file has more than {MAX_STEPS:,} steps.")
            if opcode in _CONSTANTS:
                self.stack.append(argument)
            elif opcode == "STOP":
                return self.stack.pop()
            elif opcode in _STEPS:
                _STEPS[opcode](self, argument)
            else:
                raise refusal(f"the opcode {opcode}", self.pickle)
        raise ReadError("The pickle in the file is cut short.")

    def to_mark(self) -> list[object]:
        """Take and return everything above the last mark."""
        place = len(self.stack) - 1
        while self.stack[place] is not _MARK:
            place -= 1
            if place < 0:
                raise IndexError
        taken = self.stack[place + 1 :]
        del self.stack[place:]
        return taken

    def take(self, count: int) -> tuple[object, ...]:
        if count > len(self.stack):
            raise IndexError
        taken = tuple(self.stack[len(self.stack) - count :])
        del self.stack[len(self.stack) - count :]
        return taken

    def drop(self, _: Sequence[object]) -> None:
        """Forget what was taken."""

    def named(self, module: object, name: object) -> None:
        if not isinstance(module, str) or not isinstance(name, str):
            raise TypeError
        if (module, name) not in _ALLOWED:
            raise refusal(f"{module}.{name}", self.pickle)
        self.stack.append(Named(module, name))

    def put(self, pairs: Sequence[object]) -> None:
        """Set keys and values, in turn, of the dictionary on top."""
        held = self.stack[-1]
        if len(pairs) % 2 or not isinstance(held, Dict):
            raise ValueError
        for key, value in zip(pairs[::2], pairs[1::2], strict=True):
            if type(key) is str and key in held.items:
                raise ReadError(
                    f"The pickle in the file names {short_repr(key)} twice, so it cannot be trusted."
                )
            # A long integer is hashed anew each time: no key of a state dict is one.
            if isinstance(key, str) or (isinstance(key, int) and abs(key) < 1 << 63):
                held.items[usable_name(key) if isinstance(key, str) else key] = value

    def append(self, values: Sequence[object]) -> None:
        held = self.stack[-1]
        if isinstance(held, List):
            held.items += values
        elif held is not _OPAQUE:
            raise ValueError

    def call(self) -> None:
        """Do what REDUCE would, for the three names that are known."""
        called, arguments = self.take(2)
        if not isinstance(called, Named) or not isinstance(arguments, tuple):
            raise TypeError
        asked = (called.module, called.name)
        if asked == _DICT and arguments == ():
            self.stack.append(Dict())
        elif asked == _TENSOR:
            self.stack.append(tensor_from(arguments))
        elif asked == _PARAMETER and len(arguments) == 3 and isinstance(arguments[0], Tensor):
            held, trained = arguments[0], bool(arguments[1])
            self.stack.append(Tensor(held.stored, held.offset, held.shape, held.stride, trained))
        else:
            raise refusal(f"a call of {called.module}.{called.name}", self.pickle)

    def persistent(self) -> None:
        """Take ('storage', class, key, device, count), which stands for a member of the archive."""
        held = self.stack.pop()
        if not isinstance(held, tuple) or len(held) != 5:
            raise ValueError
        word, kind, key, _, count = held
        if not isinstance(kind, Named) or kind.name not in STORAGES or type(count) is not int:
            raise ValueError
        if word != "storage" or type(key) is not str or not 0 <= count <= MAX_COUNT:
            raise ValueError
        self.stack.append(Stored(kind.name, key, count))

    def build(self) -> None:
        """Leave out the state that BUILD would set: a state dict keeps its versions there."""
        self.stack.pop()
        if not isinstance(self.stack[-1], Dict):
            raise TypeError


def _operations(pickle: bytes) -> Iterator[tuple[str, object]]:
    stream = io.BytesIO(pickle)
    steps = pickletools.genops(stream)
    while True:
        # Python's own reader warns about escapes in lines of text; torch writes no such thing.
        start = stream.tell()
        code = pickle[start : start + 1]
        if code in _LINES:
            raise refusal(f"the opcode {_LINES[code]}", pickle)
        if code == b"c" and b"\\" in pickle[start : pickle.find(b"\n", pickle.find(b"\n", start) + 1)]:
            raise ValueError
        step = next(steps, None)
        if step is None:
            return
        yield step[0].name, step[1]


def _remember(machine: _Machine, place: object) -> None:
    if not isinstance(place, int):
        raise TypeError
    machine.memo[place] = machine.stack[-1]


def _recall(machine: _Machine, place: object) -> None:
    machine.stack.append(machine.memo[place])  # type: ignore[index]


def _pushes(make: Callable[[_Machine], object]) -> Callable[[_Machine, object], None]:
    return lambda machine, _: machine.stack.append(make(machine))


def _dict(machine: _Machine, _: object) -> None:
    pairs = machine.to_mark()
    machine.stack.append(Dict())
    machine.put(pairs)


def _global(machine: _Machine, argument: object) -> None:
    module, _, name = str(argument).partition(" ")
    machine.named(module, name)


_STEPS: dict[str, Callable[[_Machine, object], None]] = {
    **dict.fromkeys(("PROTO", "FRAME"), lambda machine, _: None),
    "MARK": _pushes(lambda _: _MARK),
    "POP": lambda machine, _: machine.drop(machine.take(1)),
    "POP_MARK": lambda machine, _: machine.drop(machine.to_mark()),
    "DUP": _pushes(lambda machine: machine.stack[-1]),
    "NONE": _pushes(lambda _: None),
    "NEWTRUE": _pushes(lambda _: True),
    "NEWFALSE": _pushes(lambda _: False),
    "EMPTY_DICT": _pushes(lambda _: Dict()),
    "EMPTY_LIST": _pushes(lambda _: List()),
    "EMPTY_TUPLE": _pushes(lambda _: ()),
    "EMPTY_SET": _pushes(lambda _: _OPAQUE),
    "DICT": _dict,
    "LIST": _pushes(lambda machine: List(machine.to_mark())),
    "TUPLE": _pushes(lambda machine: tuple(machine.to_mark())),
    "TUPLE1": _pushes(lambda machine: machine.take(1)),
    "TUPLE2": _pushes(lambda machine: machine.take(2)),
    "TUPLE3": _pushes(lambda machine: machine.take(3)),
    "FROZENSET": _pushes(lambda machine: machine.to_mark()[:0]),
    "BYTEARRAY8": _pushes(lambda _: _OPAQUE),
    "APPEND": lambda machine, _: machine.append(machine.take(1)),
    "APPENDS": lambda machine, _: machine.append(machine.to_mark()),
    "ADDITEMS": lambda machine, _: machine.append(machine.to_mark()),
    "SETITEM": lambda machine, _: machine.put(machine.take(2)),
    "SETITEMS": lambda machine, _: machine.put(machine.to_mark()),
    **dict.fromkeys(("PUT", "BINPUT", "LONG_BINPUT"), _remember),
    **dict.fromkeys(("GET", "BINGET", "LONG_BINGET"), _recall),
    "MEMOIZE": lambda machine, _: _remember(machine, len(machine.memo)),
    "GLOBAL": _global,
    "STACK_GLOBAL": lambda machine, _: machine.named(*machine.take(2)),
    "REDUCE": lambda machine, _: machine.call(),
    "BUILD": lambda machine, _: machine.build(),
    "BINPERSID": lambda machine, _: machine.persistent(),
}
"""What is done for each opcode that a file of tensors may have."""
