"""Interpreter of a pickle that finds the tensors it describes. Nothing is imported, called or built.

A pickle is a program for a stack machine (https://docs.python.org/3/library/pickletools.html). This machine
moves placeholder objects: a class or function that the pickle names becomes an inert mark, and only the names
of tensors have a meaning (torch/_utils.py of PyTorch). Why this is hand-written:

- ``pickle`` imports and calls whatever a file names; restricting the names still builds the objects.
- ``torch.load(weights_only=True)`` needs PyTorch, and allocates every tensor.
- ``pickletools.dis`` only prints opcodes; its ``genops`` is used here to split the pickle into opcodes.
"""

import io
import pickletools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from calculator.core.formatting import short_repr
from calculator.readers.model import MAX_COUNT, ReadError
from calculator.readers.pytorch_files.forbidden_names import runs_code
from calculator.readers.pytorch_files.pickle_values import (
    STORAGE_BYTES,
    Global,
    PickledDict,
    PickledList,
    PickledObject,
    Storage,
    StoredTensor,
    dotted_name,
    rebuild_tensor,
    rebuild_typed_tensor,
    refusal,
)

MAX_STEPS = 4_000_000
"""The maximum number of opcodes. A tensor takes about fifty."""

_DICTS = frozenset({
    *("collections.OrderedDict", "collections.defaultdict", "collections.Counter"),
    *("builtins.dict", "__builtin__.dict"),
})  # fmt: skip
_TENSORS = {
    "torch._utils._rebuild_tensor": rebuild_tensor,
    "torch._utils._rebuild_tensor_v2": rebuild_tensor,
    "torch._utils._rebuild_tensor_v3": rebuild_typed_tensor,
}
"""Functions that rebuild a tensor from a storage."""

_FROM_TYPE = frozenset({"torch._tensor._rebuild_from_type_v2", "torch.tensor._rebuild_from_type_v2"})
_PARAMETERS = frozenset({
    *("torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state"),
    *("torch.nn.parameter.Parameter", "torch.autograd.variable.Variable"),
})  # fmt: skip
"""Functions and classes whose arguments begin with a tensor and ``requires_grad``."""

_MOVED = "torch._utils._rebuild_device_tensor_from_cpu_tensor"
_UNREAD_TENSORS = (
    *("torch._utils._rebuild_", "torch._tensor._rebuild_", "torch.tensor._rebuild_"),
    "torch.storage._load_from_bytes",
)
"""The beginnings of the names of all other functions that return a tensor."""

_ATTRIBUTE = frozenset({"builtins.getattr", "__builtin__.getattr"})

_OBJECT = frozenset({"copyreg._reconstructor", "copy_reg._reconstructor", "copyreg.__newobj__"})
"""Functions that return an object of the class that is their first argument."""

_MARK = Global("", "")
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


class Unpickled(NamedTuple):
    """The object that a pickle describes, the position behind the pickle, and the storages by their keys."""

    content: object
    end: int
    storages: dict[str, Storage]


def read_pickle(data: bytes, start: int = 0) -> Unpickled:
    r"""Return the object that the pickle at ``start`` describes: a ``PickledDict``, ``StoredTensor`` …

    Raises ``ReadError`` for a damaged pickle, and for a name that would run code.

    >>> read_pickle(b"\x80\x02}X\x01\x00\x00\x00aK\x01s.").content.items
    {'a': 1}
    >>> read_pickle(b"cpathlib\nPosixPath\n)R.").content.name
    'pathlib.PosixPath'
    >>> read_pickle(b"cos\nsystem\n.")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    calculator.readers.model.ReadError: ...names os.system, which would run code: refused...
    """
    try:
        return _Machine(data, start).run()
    except (ValueError, IndexError, KeyError, TypeError, OverflowError) as error:
        if isinstance(error, ReadError):
            raise
        raise ReadError("The pickle in the file is damaged or cut short.") from None


class _Machine:
    """The stack and the memo of one pickle.

    The methods raise ``ValueError``, ``TypeError``, ``IndexError`` or ``KeyError`` for a damaged pickle.
    """

    def __init__(self, data: bytes, start: int) -> None:
        self.data, self.start = data, start
        self.stack: list[object] = []
        self.memo: dict[int, object] = {}
        self.storages: dict[str, Storage] = {}
        # A tuple has no place for a mark of its own, so the tuples with tensors are kept by their identity.
        self.tuples_with_tensors: dict[int, object] = {}

    def run(self) -> Unpickled:
        """Return the object on top of the stack at the end of the pickle."""
        for step, (opcode, argument, end) in enumerate(_operations(self.data, self.start)):
            if step >= MAX_STEPS:
                raise ReadError(f"The pickle in the file has more than {MAX_STEPS:,} steps.")
            if opcode in _CONSTANTS:
                self.stack.append(argument)
            elif opcode == "STOP":
                return Unpickled(self.stack.pop(), end, self.storages)
            elif opcode in _STEPS:
                _STEPS[opcode](self, argument)
            else:
                raise refusal(f"the opcode {opcode}")
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

    def push_tuple(self, values: Sequence[object]) -> None:
        """Push the tuple of ``values``."""
        made = tuple(values)
        self.stack.append(made)
        if any(self.has_tensors(value) for value in made):
            self.tuples_with_tensors[id(made)] = made

    def has_tensors(self, value: object) -> bool:
        """Return whether ``value`` is a tensor, or had one among its parts when they were added."""
        if isinstance(value, PickledDict | PickledList):
            return value.has_tensors
        return isinstance(value, Storage | StoredTensor) or (
            isinstance(value, tuple) and id(value) in self.tuples_with_tensors
        )

    def push_global(self, module: object, name: object) -> None:
        """Push the placeholder of a class or function. Raises ``ReadError`` for a forbidden name."""
        if not isinstance(module, str) or not isinstance(name, str):
            raise TypeError
        if runs_code(module, name):
            raise refusal(f"{module}.{name}")
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
                target.items[key] = value
            target.has_tensors |= self.has_tensors(value)

    def extend(self, values: Sequence[object]) -> None:
        """Add ``values`` to the list on top of the stack; the items of a set or a deque are not kept."""
        target = self.stack[-1]
        if isinstance(target, PickledList):
            target.items += values
        elif not isinstance(target, PickledObject):
            raise TypeError
        target.has_tensors |= any(self.has_tensors(value) for value in values)

    def reduce(self) -> None:
        """Push the placeholder of a call. Nothing is called.

        Raises ``ReadError`` for a call of what another call would return, and for a forbidden attribute.
        """
        called, arguments = self.pop(2)
        if isinstance(called, PickledObject):
            raise refusal(f"a call of what {called.name} returns")
        if not isinstance(called, Global) or not isinstance(arguments, tuple):
            raise TypeError
        name = f"{called.module}.{called.name}"
        if name in _ATTRIBUTE and len(arguments) > 1 and isinstance(arguments[1], str):
            owner = arguments[0]
            inside = f"{owner.module}.{owner.name}" if isinstance(owner, Global) else "object"
            if runs_code(inside, arguments[1]):
                raise refusal(f"{inside}.{arguments[1]}")
        if name in _DICTS:
            self.push_dict(name, arguments)
        elif name == "torch.Size" and len(arguments) == 1 and isinstance(arguments[0], tuple):
            self.stack.append(arguments[0])
        else:
            self.stack.append(self.rebuild(name, arguments))

    def rebuild(self, name: str, arguments: tuple[object, ...]) -> object:
        """Return the tensor that a call of ``name`` describes, or an inert mark."""
        if name in _FROM_TYPE and len(arguments) > 2:
            function, _, inner, *_ = arguments
            if isinstance(function, Global) and isinstance(inner, tuple):
                rebuilt = self.rebuild(f"{function.module}.{function.name}", inner)
                return rebuilt if isinstance(rebuilt, StoredTensor) else self.mark(name, arguments)
        if name in _TENSORS:
            return _TENSORS[name](arguments)
        if name in _PARAMETERS and arguments and isinstance(arguments[0], StoredTensor):
            stated = arguments[1] if len(arguments) > 1 and isinstance(arguments[1], bool) else None
            return replace(arguments[0], requires_grad=stated)
        if name == _MOVED and arguments and isinstance(arguments[0], StoredTensor):
            return arguments[0]
        if name in _OBJECT and arguments and isinstance(arguments[0], Global):
            name = f"{arguments[0].module}.{arguments[0].name}"
        return self.mark(name, arguments)

    def mark(self, name: str, arguments: tuple[object, ...] = ()) -> PickledObject:
        """Return the inert mark of an object of the class ``name``, or of what a function would return."""
        has_tensors = self.has_tensors(arguments) or name.startswith(_UNREAD_TENSORS)
        return PickledObject(has_tensors=has_tensors, name=name)

    def push_dict(self, name: str, arguments: tuple[object, ...]) -> None:
        """Push a dictionary, with the pairs that Python 2 writes as the argument of ``OrderedDict``."""
        self.stack.append(PickledDict())
        pairs = arguments[0] if name == "collections.OrderedDict" and arguments else None
        if isinstance(pairs, PickledList):
            for pair in pairs.items:
                items = pair.items if isinstance(pair, PickledList) else pair
                if not isinstance(items, list | tuple) or len(items) != 2:
                    raise ValueError
                self.set_items(items)
        elif isinstance(pairs, PickledDict):
            self.stack[-1] = pairs

    def new_object(self, count: int) -> None:
        """Replace a class and its ``count`` arguments by the inert mark of an object."""
        kind, *arguments = self.pop(count + 1)
        if not isinstance(kind, Global) or not all(
            isinstance(part, tuple | PickledDict) for part in arguments
        ):
            raise TypeError
        name = f"{kind.module}.{kind.name}"
        self.stack.append(PickledDict() if name in _DICTS else self.mark(name, (self.joined(arguments),)))

    def joined(self, parts: Sequence[object]) -> object:
        """Return a part with tensors, or ``None`` where no part has one."""
        return next((part for part in parts if self.has_tensors(part)), None)

    def push_storage(self) -> None:
        """Replace a persistent identity by the storage or the class that it describes.

        A storage is ('storage', class, key, device, count), and before PyTorch 1.6 with a view at the end:
        ``None`` or (key, start, count). A class is ('module', class, file, source).
        """
        identity = self.stack.pop()
        if not isinstance(identity, tuple) or not 4 <= len(identity) <= 6:
            raise ValueError
        if identity[0] == "module" and len(identity) == 4 and isinstance(identity[1], Global):
            self.stack.append(identity[1])
            return
        word, kind, key, _, count, view = (*identity, None)[:6]
        if isinstance(kind, Global) and kind.name not in STORAGE_BYTES:
            title = dotted_name(kind.name)
            if title.startswith("Q"):
                raise ReadError(
                    f"The file has quantised values ({title}), whose scales are not parameters: save the "
                    "state dict of the model before quantisation instead."
                )
            raise ReadError(f"The file has values of the type {title}, which is not known.")
        if not isinstance(kind, Global) or kind.name not in STORAGE_BYTES or type(count) is not int:
            raise ValueError
        if word != "storage" or type(key) is not str or not 0 <= count <= MAX_COUNT:
            raise ValueError
        start = 0
        if view is not None:
            if not isinstance(view, tuple) or len(view) != 3 or type(view[1]) is not int or view[1] < 0:
                raise ValueError
            start = view[1]
        storage = Storage(kind.name, key, count, start)
        first = self.storages.setdefault(key, storage)
        if (first.type, first.count) != (storage.type, storage.count):
            raise ValueError
        self.stack.append(storage)

    def set_state(self) -> None:
        """Keep the attributes that BUILD would set on an object; ignore those of a dictionary or tensor."""
        state = self.stack.pop()
        target = self.stack[-1]
        if not isinstance(target, PickledDict | StoredTensor):
            raise TypeError
        if isinstance(target, PickledObject):
            target.has_tensors |= self.has_tensors(state)
            if isinstance(state, PickledDict):
                target.state = state


def _operations(data: bytes, start: int) -> Iterator[tuple[str, object, int]]:
    """Yield (opcode, argument, position behind it), and refuse the opcodes of ``_TEXT_OPCODES``."""
    stream = io.BytesIO(data)
    stream.seek(start)
    steps = pickletools.genops(stream)
    while True:
        # ``genops`` warns about invalid escapes in lines of text. PyTorch writes no escapes.
        code = data[start : start + 1]
        if code in _TEXT_OPCODES:
            raise refusal(f"the opcode {_TEXT_OPCODES[code]}")
        if code == b"c" and b"\\" in data[start : data.find(b"\n", data.find(b"\n", start) + 1)]:
            raise ValueError
        step = next(steps, None)
        if step is None:
            return
        start = stream.tell()
        yield step[0].name, step[1], start


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


def _list(machine: _Machine, _: object) -> None:
    items = machine.pop_to_mark()
    machine.stack.append(PickledList())
    machine.extend(items)


def _frozenset(machine: _Machine, _: object) -> None:
    machine.pop_to_mark()
    machine.stack.append(PickledObject(name="builtins.frozenset"))


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
    "EMPTY_SET": _push(lambda _: PickledObject(name="builtins.set")),
    "DICT": _dict,
    "LIST": _list,
    "TUPLE": lambda machine, _: machine.push_tuple(machine.pop_to_mark()),
    "TUPLE1": lambda machine, _: machine.push_tuple(machine.pop(1)),
    "TUPLE2": lambda machine, _: machine.push_tuple(machine.pop(2)),
    "TUPLE3": lambda machine, _: machine.push_tuple(machine.pop(3)),
    "FROZENSET": _frozenset,
    "BYTEARRAY8": _push(lambda _: PickledObject(name="builtins.bytearray")),
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
    "NEWOBJ": lambda machine, _: machine.new_object(1),
    "NEWOBJ_EX": lambda machine, _: machine.new_object(2),
    "BUILD": lambda machine, _: machine.set_state(),
    "BINPERSID": lambda machine, _: machine.push_storage(),
}
"""The action of each opcode that a file of torch.save may contain."""
