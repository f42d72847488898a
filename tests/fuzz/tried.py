"""The texts and files that the tests of the readers read.

A test asserts what it is about. ``tests.fuzz.outcomes`` records all the rest that is read from the same data.
``python -m tests.fuzz.tried`` collects the data anew, for which it runs those tests.
"""

import importlib
import json
import lzma
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from functools import cache, wraps
from types import FrameType
from typing import Any

import pytest

from calculator.readers import ReadError, read
from tests.fuzz.variants import variants
from tests.helpers.paths import ROOT, TRIED

TESTS = ("tests/readers", "tests/cli", "tests/networks")
LEFT_OUT = ("test_fuzz.py", "test_outcomes.py", "test_real_models.py")
"""Tests whose data are made or kept elsewhere."""

MAX_LENGTH = 4_000
"""The maximum number of characters or bytes. Longer data are for the limits."""

ENOUGH = 3
"""The data that take the same step, or lead to the same sentence, are so many."""

MAX_SECONDS = 2
"""Data that take longer, with each step noted, are for the limits too."""

READERS = str(ROOT / "calculator/readers")


@cache
def kept() -> list[str | bytes]:
    """Return the data that were collected."""
    entries = json.loads(lzma.decompress(TRIED.read_bytes()))
    return [bytes.fromhex(entry["file"]) if isinstance(entry, dict) else entry for entry in entries]


def collected() -> list[str | bytes]:
    """Return what the tests give to functions that read, without repetitions."""
    found: dict[str | bytes, None] = {}
    for file in (ROOT / "calculator/readers").rglob("*.py"):
        name = ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        module = importlib.import_module(name)
        for key, function in list(vars(module).items()):
            if key.startswith("read") and getattr(function, "__module__", "") == name:
                setattr(module, key, _noting(function, found))
    left_out = [f"--ignore={ROOT / 'tests/readers' / name}" for name in LEFT_OUT]
    pytest.main(["-q", "-p", "no:cacheprovider", *left_out, *TESTS])
    return list(found)


def _noting(function: Callable[..., Any], found: dict[str | bytes, None]) -> Callable[..., Any]:
    """Return ``function``, which adds its first argument to ``found`` where it may be kept."""

    @wraps(function)
    def noting(*given: Any, **named: Any) -> Any:
        if given and isinstance(given[0], str | bytes) and len(given[0]) <= MAX_LENGTH:
            found[given[0]] = None
        return function(*given, **named)

    return noting


def chosen(models: Iterable[str | bytes]) -> list[str | bytes]:
    """Return the shortest data with which each step and each sentence comes ``ENOUGH`` times.

    After them come variants, each with a step or a sentence that nothing before has.
    """
    times = Counter[Hashable]()
    some = list(_new(sorted(models, key=len), times, ENOUGH))
    return [*some, *_new(sorted(variants(some, seed=1), key=len), times, 1)]


def _new(models: list[str | bytes], times: Counter[Hashable], enough: int) -> Iterator[str | bytes]:
    """Yield the data with a step or a sentence that has not come ``enough`` ``times``, and count all."""
    for data in models:
        begun = time.process_time()
        features: set[Hashable] = {*steps(data), *_sentences(data)}
        if time.process_time() - begun < MAX_SECONDS and any(times[each] < enough for each in features):
            times.update(features)
            yield data


def steps(data: str | bytes) -> set[tuple[str, int, int]]:
    """Return (file, line, next line) of each step of the readers in reading ``data``."""
    found: set[tuple[str, int, int]] = set()

    def trace(frame: FrameType, event: str, argument: object) -> Callable[..., Any] | None:
        file, last = frame.f_code.co_filename, frame.f_code.co_firstlineno

        def note(frame: FrameType, event: str, argument: object) -> Callable[..., Any]:
            nonlocal last
            if event == "line":
                found.add((file, last, frame.f_lineno))
                last = frame.f_lineno
            return note

        return note if file.startswith(READERS) else None

    sys.settrace(trace)
    try:
        read(data)
    except ReadError:
        pass
    finally:
        sys.settrace(None)
    return found


def _sentences(data: str | bytes) -> Iterator[str]:
    """Yield the sentences that are said of ``data``, without their numbers and quoted names."""
    try:
        model = read(data)
        said = [*model.assumptions, *(row.note for row in model.rows)]
    except ReadError as error:
        said = [str(error)]
    for sentence in said:
        yield re.sub(r"\d[\d,]*|'[^']*'|“[^”]*”", "0", sentence)


if __name__ == "__main__":
    written = [{"file": data.hex()} if isinstance(data, bytes) else data for data in chosen(collected())]
    TRIED.write_bytes(lzma.compress(json.dumps(written).encode("ascii"), preset=9))
    print(f"{len(written):,} texts and files")
