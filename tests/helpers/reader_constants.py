"""What the product knows, as text: every default, and every constant, such as a class, pattern or sentence.

``python -m tests.helpers.reader_constants`` records it anew, after a change that is meant.
"""

import ast
import dataclasses
import functools
import importlib
import inspect
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FunctionType, GenericAlias, ModuleType

from tests.helpers.paths import CONSTANTS, OTHER_CONSTANTS, ROOT

NAME = re.compile(r"_?[A-Z][A-Z0-9_]+")
OTHERS = ("core", "frameworks", "geometry", "learn")
LEFT_OUT = re.compile(r" MAX_| Settings\{|^\S+ _SCRIPT ")
"""Limits, which are a choice, settings, which links have, and JavaScript, which has its own tests."""

LONG = 200
"""A constant with more entries is made by a formula."""


def other_lines() -> Iterator[str]:
    """Yield a line for each entry of every constant of ``OTHERS`` that is not a limit."""
    for package in OTHERS:
        yield from (line for line in lines(package) if not LEFT_OUT.search(line))


def lines(package: str = "readers") -> Iterator[str]:
    """Yield a line for each entry of every constant of a package, and for each function with defaults."""
    for file in sorted((ROOT / "calculator" / package).rglob("*.py")):
        path = ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        module = importlib.import_module(path)
        for name in sorted(_constants(file.read_text(encoding="utf-8"))):
            value = getattr(module, name)
            if isinstance(value, GenericAlias | Path) or sys.executable in _shown(value):
                continue  # A type, or where this checkout and its Python are.
            if isinstance(value, Mapping):
                entries = sorted(f"{_shown(key)}: {_shown(entry)}" for key, entry in value.items())
            elif isinstance(value, set | frozenset):
                entries = sorted(map(_shown, value))
            else:
                entries = list(map(_shown, value)) if isinstance(value, tuple | list) else [_shown(value)]
            yield from (f"{path} {name} {entry}" for entry in entries[:LONG])
        yield from (f"{path} {name}{defaults}" for name, defaults in _defaults(module))


def _defaults(module: ModuleType) -> Iterator[tuple[str, str]]:
    """Yield the functions of a module that have defaults, and those."""
    for name, function in sorted(vars(module).items()):
        if isinstance(function, FunctionType) and function.__module__ == module.__name__:
            given = inspect.signature(function).parameters.values()
            stated = {each.name: each.default for each in given if each.default is not each.empty}
            if stated:
                yield name, _shown(stated)


def _constants(source: str) -> set[str]:
    """Return the names in capital letters that a source assigns at its outermost level."""
    statements = [node for node in ast.parse(source).body if isinstance(node, ast.Assign | ast.AnnAssign)]
    targets = [target for node in statements for target in getattr(node, "targets", [node])]
    found = {node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)}
    return {name for name in found if NAME.fullmatch(name)}


def _shown(value: object) -> str:
    """Return a value as text: a function by its name, a pattern by its text, sets and tables in order."""
    if isinstance(value, functools.partial):
        return f"{_shown(value.func)}{_shown(value.args)}"
    if isinstance(value, re.Pattern):
        return f"{value.pattern!r} {value.flags}"
    if isinstance(value, set | frozenset):
        return f"{{{', '.join(sorted(map(_shown, value)))}}}"
    if isinstance(value, tuple | list):
        return f"({', '.join(map(_shown, value))})"
    if isinstance(value, Mapping):
        return f"{{{', '.join(sorted(f'{_shown(key)}: {_shown(entry)}' for key, entry in value.items()))}}}"
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        # Without what a cached property may have added.
        held = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        return f"{type(value).__name__}{_shown(held)}"
    return getattr(value, "__qualname__", None) or re.sub(r" at 0x\w+", "", repr(value))


if __name__ == "__main__":
    for kept, written in ((CONSTANTS, lines()), (OTHER_CONSTANTS, other_lines())):
        kept.write_text("\n".join(written) + "\n", encoding="utf-8")
