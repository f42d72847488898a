"""Every pattern of the readers takes time in proportion to the length of a text, also of a hostile one.

The time itself is not judged, only how it grows: eight times the text may take at most ``MAX_GROWTH`` times
as long. A quadratic pattern takes 64 times as long. A pattern that looks ahead by a fixed number of
characters may look quadratic in short texts, so such a pattern is measured again in longer texts.
"""

import ast
import importlib
import pkgutil
import re
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from re import _parser as parser  # type: ignore[attr-defined]
from types import ModuleType
from typing import Any

import pytest

import calculator.readers
from tests.helpers.paths import ROOT

MAX_GROWTH = 24.0
SHORT = 1_000
LEAST = 0.001
"""Seconds below which a time says nothing about growth."""

MAX_LITERALS = 8
"""The literals of a pattern that are repeated; a list of class names has more, which are alike."""

UNITS = (
    *('\\"', '"', "'", "(", ")", "[", "]", "{", "}", "()", "(a", '"a', " ", "\t", "\n", " \n", "\\", "\x1b["),
    *(
        "1",
        "1,",
        "1 ",
        "1x",
        "1-1",
        ",",
        ", ",
        ":",
        "a:",
        "a",
        "A",
        "aA",
        "_",
        "a_",
        ".",
        "a.",
        "a ",
        "-",
        "=",
    ),
    *("#", "*", "<", ">", "&", "|", "/", "~", "`", "├─", " (", "->", "9 x ", "é", "\u200b"),
)
"""What a hostile text repeats."""


def modules() -> list[ModuleType]:
    """Return all modules of the readers."""
    found = pkgutil.walk_packages(calculator.readers.__path__, "calculator.readers.")
    return [importlib.import_module(module.name) for module in found]


def patterns_in(value: object) -> Iterator[re.Pattern[Any]]:
    """Yield the compiled patterns in a value, also those inside of tuples, lists and dictionaries."""
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        yield from patterns_in([*value.items()])
    elif isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from patterns_in(item)


def named_patterns() -> dict[str, re.Pattern[Any]]:
    """Return every pattern at the top level of a module, by the name of its module and its own."""
    return {
        f"{module.__name__}.{name}" + (f"[{index}]" if index else ""): pattern
        for module in modules()
        for name, value in vars(module).items()
        for index, pattern in enumerate(patterns_in(value))
    }


PATTERNS = named_patterns()


@cache
def methods() -> dict[str, set[str]]:
    """Return which methods are called on each name of a module."""
    found: dict[str, set[str]] = {}
    for file in (ROOT / "calculator").rglob("*.py"):
        module = ".".join(file.relative_to(ROOT).with_suffix("").parts)
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                found.setdefault(f"{module}.{node.value.id}", set()).add(node.attr)
    return found


def literals(pattern: re.Pattern[Any]) -> list[str]:
    """Return the runs of characters that a pattern looks for literally."""
    runs = [""]

    def walk(value: object) -> None:
        if isinstance(value, tuple) and len(value) == 2 and str(value[0]) == "LITERAL":
            runs[-1] += chr(value[1])
            return
        if isinstance(value, parser.SubPattern | list | tuple):
            for item in value:
                walk(item)
            runs.append("")

    walk(parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE & ~re.ASCII))
    return list(dict.fromkeys(filter(None, runs)))


def search_of(name: str, pattern: re.Pattern[Any]) -> Callable[[Any], object]:
    """Return the use of a pattern that takes longest: at every place of a text, or only at its beginning."""
    name = name.partition("[")[0]
    # A loop calls each pattern of a tuple "pattern".
    used = methods().get(name) or methods().get(f"{name.rpartition('.')[0]}.pattern", set())
    if used and used <= {"match", "fullmatch"}:
        return lambda text: (pattern.match(text), pattern.fullmatch(text))
    return lambda text: sum(1 for _ in pattern.finditer(text))


def seconds(search: Callable[[Any], object], text: str | bytes) -> float:
    """Return the processor time of a search."""
    begun = time.thread_time()
    search(text)
    return time.thread_time() - begun


def grows(search: Callable[[Any], object], text: Callable[[int], str | bytes], size: int) -> bool:
    """Return whether eight times the text takes too many times as long."""
    short, long = text(size), text(8 * size)
    # What a busy machine adds is not there every time. Most searches end in the first comparison.
    return all(
        (taken := seconds(search, long)) > MAX_GROWTH * LEAST
        and taken > MAX_GROWTH * min(seconds(search, short) for _ in range(3))
        for _ in range(4)
    )


def hostile(
    name: str, pattern: re.Pattern[Any], sizes: tuple[int, ...] = (SHORT, 8 * SHORT)
) -> Iterator[str]:
    """Yield the beginnings and repeated parts of the texts for which a pattern is not linear."""
    search, own = search_of(name, pattern), literals(pattern)
    joined = [word + more for word in own[:MAX_LITERALS] for more in ("", " ", "1")]
    for unit in dict.fromkeys((*UNITS, *joined)):
        for begin in dict.fromkeys(("", own[0] if own else "(")):

            def text(size: int, unit: str = unit, begin: str = begin) -> str | bytes:
                made = (begin + unit * (size // len(unit)))[:size] + "\x00"
                return made.encode() if isinstance(pattern.pattern, bytes) else made

            if all(grows(search, text, size) for size in sizes):
                yield f"{begin!r} and then {unit!r} many times"


@pytest.mark.parametrize("name", PATTERNS)
def test_every_pattern_is_linear(name: str) -> None:
    assert next(hostile(name, PATTERNS[name]), None) is None


@pytest.mark.parametrize("pattern", [r"\s*x", r'"(?:\\.|[^"])*"x', r"\d+x", r"(?:a|b)*c"])
def test_a_pattern_that_is_not_linear_is_found(pattern: str) -> None:
    assert next(hostile("", re.compile(pattern), sizes=(SHORT,)), None)


def test_the_patterns_are_found() -> None:
    assert len(PATTERNS) > 150
    assert "calculator.readers.pasted_text._TAG" in PATTERNS
    sources = [Path(module.__file__ or "").read_text(encoding="utf-8") for module in modules()]
    assert sum(source.count("re.compile(") for source in sources) <= len(PATTERNS)
