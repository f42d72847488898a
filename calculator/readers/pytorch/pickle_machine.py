"""Interpreter of a pickle that finds the tensors it describes. Nothing is imported, called or built.

A pickle is a program for a stack machine (https://docs.python.org/3/library/pickletools.html). This machine
moves placeholder objects. It accepts only the names that a state dict needs. Why this is hand-written:

- ``pickle`` imports and calls whatever a file names; restricting the names still builds the objects.
- ``torch.load(weights_only=True)`` needs PyTorch, and allocates every tensor.
- ``pickletools.dis`` only prints opcodes; its ``genops`` is used here to split the pickle into opcodes.
"""

import io
import pickletools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from calculator.core.formatting import short_repr
from calculator.readers.model import MAX_COUNT, ReadError
from calculator.readers.pytorch.pickle_values import (
    STORAGE_BYTES,
    Global,
    Opaque,
    PickledDict,
    PickledList,
    Storage,
    StoredTensor,
    rebuild_tensor,
    refusal,
)
from calculator.readers.tensors.names import usable_name

MAX_STEPS = 4_000_000
"""The maximum number of opcodes. A tensor takes about fifty."""

_DICT = ("collections", "OrderedDict")
_TENSOR = ("torch._utils", "_rebuild_tensor_v2")
_PARAMETER = ("torch._utils", "_rebuild_parameter")
_ALLOWED = frozenset({_DICT, _TENSOR, _PARAMETER, *(("torch", name) for name in STORAGE_BYTES)})

_MARK = Opaque()
_OPAQUE = Opaque()
_CONSTANTS = frozenset(
    {
        *("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT"),
        *("BINSTRING", "SHORT_BINSTRING", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8"),
        *("UNICODE", "SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8"),
    }
)
"""Opcodes that push their own argument."""

_TEXT_OPCODES = {b"S": "STRING", b"i": "INST", b"P": "PERSID"}
"""Opcodes of protocol 0 whose argument is a line of text."""


def read_pickle(pickle: bytes) -> object:
    r"""Return the object that ``pickle`` describes: ``PickledDict``, ``StoredTensor`` or another placeholder.

    Raises ``ReadError`` for a damaged pickle, and for a name that would run code.

    >>> read_pickle(b"\x80\x02}X\x01\x00\x00\x00aK\x01s.").items
    {'a': 1}
    >>> read_pickle(b"cos\nsystem\n.")  # doctest: +ELLIPSIS
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
    """The stack and the memo of one pickle.

    The methods raise ``ValueError``, ``TypeError``, ``IndexError`` or ``KeyError`` for a damaged pickle.
    """

    def __init__(self, pickle: bytes) -> None:
        self.pickle = pickle
        self.stack: list[object] = []
        self.memo: dict[int, object] = {}

    def run(self) -> object:
        """Return the object on top of the stack at the end of the pickle."""
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

    def pop_to_mark(self) -> list[object]:
        """Remove the last mark and the objects above it, and return these objects."""
        position = len(self.stack) - 1
        while self.stack[position] is not _MARK:
            position -= 1
            # A negative index would start again at the end of the stack.
            if position < 0:
                raise IndexError
        objects = self.stack[position + 1 :]
        del self.stack[position:]
        return objects

    def pop(self, count: int) -> tuple[object, ...]:
        """Remove and return the last ``count`` objects."""
        if count > len(self.stack):
            raise IndexError
        objects = tuple(self.stack[len(self.stack) - count :])
        del self.stack[len(self.stack) - count :]
        return objects

    def discard(self, _: Sequence[object]) -> None:
        """Do nothing with objects that were removed."""

    def push_global(self, module: object, name: object) -> None:
        """Push the placeholder of a class or function. Raises ``ReadError`` for a forbidden name."""
        if not isinstance(module, str) or not isinstance(name, str):
            raise TypeError
        if (module, name) not in _ALLOWED:
            raise refusal(f"{module}.{name}", self.pickle)
        self.stack.append(Global(module, name))

    def set_items(self, pairs: Sequence[object]) -> None:
        """Add ``pairs`` to the dictionary on top of the stack: a key, its value, the next key …"""
        target = self.stack[-1]
        if len(pairs) % 2 or not isinstance(target, PickledDict):
            raise ValueError
        for key, value in zip(pairs[::2], pairs[1::2], strict=True):
            if type(key) is str and key in target.items:
                raise ReadError(
                    f"The pickle in the file names {short_repr(key)} twice, so it cannot be trusted."
                )
            # Long integers, which no state dict has as keys, are left out: each lookup hashes all digits.
            if isinstance(key, str) or (isinstance(key, int) and abs(key) < 1 << 63):
                target.items[usable_name(key) if isinstance(key, str) else key] = value

    def extend(self, values: Sequence[object]) -> None:
        """Add ``values`` to the list on top of the stack; a set there stays opaque."""
        target = self.stack[-1]
        if isinstance(target, PickledList):
            target.items += values
        elif target is not _OPAQUE:
            raise ValueError

    def reduce(self) -> None:
        """Push the placeholder of a call, for the three known names. Nothing is called."""
        called, arguments = self.pop(2)
        if not isinstance(called, Global) or not isinstance(arguments, tuple):
            raise TypeError
        name = (called.module, called.name)
        if name == _DICT and arguments == ():
            self.stack.append(PickledDict())
        elif name == _TENSOR:
            self.stack.append(rebuild_tensor(arguments))
        elif name == _PARAMETER and len(arguments) == 3 and isinstance(arguments[0], StoredTensor):
            self.stack.append(replace(arguments[0], requires_grad=bool(arguments[1])))
        else:
            raise refusal(f"a call of {called.module}.{called.name}", self.pickle)

    def push_storage(self) -> None:
        """Replace ('storage', class, key, device, count) by the storage that these values describe."""
        identity = self.stack.pop()
        if not isinstance(identity, tuple) or len(identity) != 5:
            raise ValueError
        word, kind, key, _, count = identity
        if not isinstance(kind, Global) or kind.name not in STORAGE_BYTES or type(count) is not int:
            raise ValueError
        if word != "storage" or type(key) is not str or not 0 <= count <= MAX_COUNT:
            raise ValueError
        self.stack.append(Storage(kind.name, key, count))

    def discard_state(self) -> None:
        """Ignore the attributes that BUILD would set: a state dict keeps only version numbers there."""
        self.stack.pop()
        if not isinstance(self.stack[-1], PickledDict):
            raise TypeError


def _operations(pickle: bytes) -> Iterator[tuple[str, object]]:
    """Yield (opcode, argument) for each step of the pickle, and refuse the opcodes of ``_TEXT_OPCODES``."""
    stream = io.BytesIO(pickle)
    steps = pickletools.genops(stream)
    while True:
        # ``genops`` warns about invalid escapes in lines of text. PyTorch writes no escapes.
        start = stream.tell()
        code = pickle[start : start + 1]
        if code in _TEXT_OPCODES:
            raise refusal(f"the opcode {_TEXT_OPCODES[code]}", pickle)
        if code == b"c" and b"\\" in pickle[start : pickle.find(b"\n", pickle.find(b"\n", start) + 1)]:
            raise ValueError
        step = next(steps, None)
        if step is None:
            return
        yield step[0].name, step[1]


def _remember(machine: _Machine, index: object) -> None:
    if not isinstance(index, int):
        raise TypeError
    machine.memo[index] = machine.stack[-1]


def _recall(machine: _Machine, index: object) -> None:
    machine.stack.append(machine.memo[index])  # type: ignore[index]


def _push(make: Callable[[_Machine], object]) -> Callable[[_Machine, object], None]:
    return lambda machine, _: machine.stack.append(make(machine))


def _dict(machine: _Machine, _: object) -> None:
    pairs = machine.pop_to_mark()
    machine.stack.append(PickledDict())
    machine.set_items(pairs)


def _global(machine: _Machine, argument: object) -> None:
    module, _, name = str(argument).partition(" ")
    machine.push_global(module, name)


_STEPS: dict[str, Callable[[_Machine, object], None]] = {
    **dict.fromkeys(("PROTO", "FRAME"), lambda machine, _: None),
    "MARK": _push(lambda _: _MARK),
    "POP": lambda machine, _: machine.discard(machine.pop(1)),
    "POP_MARK": lambda machine, _: machine.discard(machine.pop_to_mark()),
    "DUP": _push(lambda machine: machine.stack[-1]),
    "NONE": _push(lambda _: None),
    "NEWTRUE": _push(lambda _: True),
    "NEWFALSE": _push(lambda _: False),
    "EMPTY_DICT": _push(lambda _: PickledDict()),
    "EMPTY_LIST": _push(lambda _: PickledList()),
    "EMPTY_TUPLE": _push(lambda _: ()),
    "EMPTY_SET": _push(lambda _: _OPAQUE),
    "DICT": _dict,
    "LIST": _push(lambda machine: PickledList(machine.pop_to_mark())),
    "TUPLE": _push(lambda machine: tuple(machine.pop_to_mark())),
    "TUPLE1": _push(lambda machine: machine.pop(1)),
    "TUPLE2": _push(lambda machine: machine.pop(2)),
    "TUPLE3": _push(lambda machine: machine.pop(3)),
    "FROZENSET": _push(lambda machine: machine.pop_to_mark()[:0]),
    "BYTEARRAY8": _push(lambda _: _OPAQUE),
    "APPEND": lambda machine, _: machine.extend(machine.pop(1)),
    "APPENDS": lambda machine, _: machine.extend(machine.pop_to_mark()),
    "ADDITEMS": lambda machine, _: machine.extend(machine.pop_to_mark()),
    "SETITEM": lambda machine, _: machine.set_items(machine.pop(2)),
    "SETITEMS": lambda machine, _: machine.set_items(machine.pop_to_mark()),
    **dict.fromkeys(("PUT", "BINPUT", "LONG_BINPUT"), _remember),
    **dict.fromkeys(("GET", "BINGET", "LONG_BINGET"), _recall),
    "MEMOIZE": lambda machine, _: _remember(machine, len(machine.memo)),
    "GLOBAL": _global,
    "STACK_GLOBAL": lambda machine, _: machine.push_global(*machine.pop(2)),
    "REDUCE": lambda machine, _: machine.reduce(),
    "BUILD": lambda machine, _: machine.discard_state(),
    "BINPERSID": lambda machine, _: machine.push_storage(),
}
"""The action of each opcode that a file of tensors may contain."""
