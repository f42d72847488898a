"""The texts and files that the tests of the readers read.

A test asserts what it is about. ``tests.fuzz.outcomes`` records all the rest that is read from the same data.
``python -m tests.fuzz.tried`` collects the data anew, for which it runs those tests.
"""

import importlib
import io
import json
import lzma
import time
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache, wraps
from typing import Any

import pytest

from tests.fuzz import noted
from tests.fuzz.variants import variants
from tests.helpers.paths import ROOT, TRIED

TESTS = ("tests/readers", "tests/cli", "tests/networks")
LEFT_OUT = ("test_fuzz.py", "test_outcomes.py", "test_real_models.py")
"""Tests whose data are made or kept elsewhere."""

MAX_LENGTH = 12_000
"""The maximum number of characters or bytes. Longer data are for the limits."""

ENOUGH = 4
"""The data with which an expression has the same kind of value are so many."""

MAX_SECONDS = 1
"""Data that take longer, with all values noted, are for the limits too."""


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
    """Return ``function``, which adds its first argument, or the file in it, to ``found`` if short enough."""

    @wraps(function)
    def noting(*given: Any, **named: Any) -> Any:
        first = given[0] if given else None
        data = first.getvalue() if isinstance(first, io.BytesIO) else first
        if isinstance(data, str | bytes) and len(data) <= MAX_LENGTH:
            found[data] = None
        return function(*given, **named)

    return noting


def chosen(models: Iterable[str | bytes]) -> list[str | bytes]:
    """Return the data, the shortest first, with which something in the readers is as with few before.

    After them come variants of all of them. What the other parts of ``outcomes`` show is known already.
    """
    noted.install()
    outcomes = importlib.import_module("tests.fuzz.outcomes")
    times, last = Counter[Hashable](), outcomes.NO_MODEL

    def new(models: Iterable[str | bytes]) -> Iterator[str | bytes]:
        nonlocal last
        for data in models:
            noted.NOTED.clear()
            begun = time.process_time()
            _, model = outcomes.outcome(data, last)
            is_rare = any(times[feature] < ENOUGH for feature in noted.NOTED)
            if is_rare and time.process_time() - begun < MAX_SECONDS:
                times.update(noted.NOTED)
                last = model
                yield data

    others = [part for part in outcomes.parts() if part not in (*outcomes.shares(), outcomes.LIMITS)]
    for part in others:
        list(new(data for _, data in outcomes.models(part)))
    some = list(new(sorted(models, key=len)))
    files = [data for _, data in outcomes.models(outcomes.FILES)]
    return [*some, *new(variants([*some, *files], seed=1))]


if __name__ == "__main__":
    with ProcessPoolExecutor(1) as other:  # The tests run with the readers as they are.
        given = dict.fromkeys([*kept(), *other.submit(collected).result()])
    written = [{"file": data.hex()} if isinstance(data, bytes) else data for data in chosen(given)]
    TRIED.write_bytes(lzma.compress(json.dumps(written).encode("ascii"), preset=9))
    print(f"{len(written):,} texts and files")
