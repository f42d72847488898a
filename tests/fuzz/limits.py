"""The limits of the readers, each as low as a model needs it to be read, and lower by one."""

import ast
import importlib
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from types import FrameType
from typing import Any, NamedTuple

from calculator.readers import ReadError, read
from tests.fuzz import tried
from tests.helpers.paths import ROOT

ENOUGH = 3
"""The models of each limit are so many, each refused by another sentence or read as another model."""

MAX_ASKED = 30
"""The maximum number of models that are asked about a limit."""

MAX_NEEDED = 10_000
"""A limit that a model needs to be higher is not for that model."""


LIMIT = re.compile("_?MAX_")
READERS = str(ROOT / "calculator/readers")


class Limit(NamedTuple):
    """A limit as a module of the readers knows it."""

    module: str
    name: str

    @contextmanager
    def set_to(self, value: int) -> Iterator[None]:
        """Set the limit to another value for a while."""
        module = importlib.import_module(self.module)
        usual = getattr(module, self.name)
        setattr(module, self.name, value)
        try:
            yield
        finally:
            setattr(module, self.name, usual)

    def needed(self, outcome: Callable[[], object]) -> int | None:
        """Return the lowest value that changes no ``outcome``; ``None`` where 0 or a high one changes it.

        A value is not for a model either if with one below it something else than a refusal happens.
        """
        usual = outcome()

        def is_usual(value: int) -> bool:
            with self.set_to(value), suppress(Exception):
                return outcome() == usual
            return False

        low, high = 0, MAX_NEEDED
        if is_usual(low) or not is_usual(high):
            return None
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if is_usual(middle) else (middle, high)
        return high


def limits() -> Iterator[tuple[Limit, set[int]]]:
    """Yield every limit of the readers, with the lines of the module that use it."""
    for file in sorted((ROOT / "calculator/readers").rglob("*.py")):
        module = ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        names = [node for node in ast.walk(ast.parse(file.read_bytes())) if isinstance(node, ast.Name)]
        known = vars(importlib.import_module(module))
        for name in sorted({node.id for node in names if LIMIT.match(node.id)}):
            if isinstance(known.get(name), int):
                yield Limit(module, name), {node.lineno for node in names if node.id == name}


def cases(outcome: Callable[[str | bytes], str]) -> Iterator[str]:
    """Yield a limit, the lowest value that a model needs, and the number of the model in ``tried.kept``."""
    models = sorted(enumerate(tried.kept()), key=lambda model: len(model[1]))
    reached: dict[tuple[str, int], list[int]] = {}
    for number, data in models:
        for file, line in steps(data):
            reached.setdefault((file, line), []).append(number)
    for limit, lines in limits():
        file = str(importlib.import_module(limit.module).__file__)
        asked = dict.fromkeys(number for line in sorted(lines) for number in reached.get((file, line), []))
        said = set[str]()
        for number in list(asked)[:MAX_ASKED]:
            read_it = partial(outcome, tried.kept()[number])
            needed = limit.needed(read_it)
            if needed is None:
                continue
            sentence = ""
            with limit.set_to(needed - 1), suppress(Exception):
                sentence = re.sub(r"\d[\d,]*", "0", read_it())
            if sentence and sentence not in said and len(said) < ENOUGH:
                said.add(sentence)
                yield f"{limit.module} {limit.name} {needed} {number}"


def steps(data: str | bytes) -> set[tuple[str, int]]:
    """Return (file, line) of each line that runs when ``data`` are read, in functions that use a limit."""
    found: set[tuple[str, int]] = set()

    def trace(frame: FrameType, event: str, argument: object) -> Callable[..., Any] | None:
        file, used = frame.f_code.co_filename, frame.f_code.co_names

        def note(frame: FrameType, event: str, argument: object) -> Callable[..., Any]:
            if event == "line":
                found.add((file, frame.f_lineno))
            return note

        return note if file.startswith(READERS) and any(map(LIMIT.match, used)) else None

    sys.settrace(trace)
    try:
        read(data)
    except ReadError:
        pass
    finally:
        sys.settrace(None)
    return found
