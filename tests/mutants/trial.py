"""Trials of planted faults: whether the tests notice them, in a copy of the tree."""

import importlib.util
import multiprocessing
import os
import shutil
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

import hypothesis  # noqa: F401  # Loaded once, for all the processes that are forked.
import pytest

from tests.mutants.faults import Fault
from tests.test_architecture import TESTED_ELSEWHERE

IGNORED = shutil.ignore_patterns(".git", ".venv*", "__pycache__", ".*_cache", ".hypothesis", "test-results")
WIDER = ("cli", "settings", "networks", "comparison", "tables", "charts")
"""Folders of tests that call nearly everything; slower ones (pages, a browser, random damage) are not asked."""

NOT_ASKED = ("tests/readers/test_fuzz.py",)
PATIENCE = 5.0
"""A trial may last so many times as long as the same tests without a fault, and ``GRACE`` more seconds."""

GRACE = 10.0
_fork = multiprocessing.get_context("fork")


class Tree:
    """A copy of the tree of the product in ``folder``, in which one fault at a time is planted."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.root = Path(shutil.copytree(root, folder / "tree", ignore=IGNORED))
        self._seconds: dict[tuple[str, ...], float] = {}

    def notices(self, module: str, fault: Fault) -> bool:
        """Return whether a test fails, or does not end, with ``fault`` in the module, a path from the root.

        Raises ``RuntimeError`` if the tests fail without it: then they could notice nothing.
        """
        file = self.root / module
        source = file.read_bytes()
        for stage in stages(self.root, module):
            limit = self._time_limit(stage)
            try:
                file.write_bytes(fault.planted(source))
                _forget(file)
                if not self._pass(stage, limit, planted=True):
                    return True
            finally:
                file.write_bytes(source)
                _forget(file)
        return False

    def _time_limit(self, stage: tuple[str, ...]) -> float:
        if stage not in self._seconds:
            begun = time.monotonic()
            if not self._pass(stage, None, planted=False):
                raise RuntimeError(f"The tests fail without a fault: {' '.join(stage)}")
            self._seconds[stage] = time.monotonic() - begun
        return PATIENCE * self._seconds[stage] + GRACE

    def _pass(self, stage: tuple[str, ...], limit: float | None, *, planted: bool) -> bool:
        """Return whether all tests of a stage pass within the limit, in seconds."""
        process = _fork.Process(target=_run, args=(self.root, stage, planted))
        process.start()
        process.join(limit)
        if process.exitcode is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid or 0, signal.SIGKILL)
            process.join()
        return process.exitcode == pytest.ExitCode.OK


def stages(root: Path, module: str) -> list[tuple[str, ...]]:
    """Return the tests that a fault in a module is tried with, the likeliest first.

    >>> from tests.helpers.paths import ROOT
    >>> stages(ROOT, "calculator/core/layer.py")[0]
    ('calculator/core/layer.py', 'tests/core/test_layer.py')
    """
    path = Path(module)
    inner = path.relative_to("calculator")
    own = TESTED_ELSEWHERE.get(".".join(path.with_suffix("").parts), f"tests/{inner.parent}/test_{inner.name}")
    near = [module, *([own] if (root / own).is_file() else [])]
    folders = [f"tests/{folder}" for folder in [*inner.parents][:-1]]
    groups = [near, *([folder] for folder in folders if (root / folder).is_dir())]
    return [*map(tuple, groups), tuple(f"tests/{name}" for name in WIDER if (root / "tests" / name).is_dir())]


def _forget(file: Path) -> None:
    """Remove the bytecode of a source: Python compares only seconds and sizes, and faults come faster."""
    Path(importlib.util.cache_from_source(str(file))).unlink(missing_ok=True)


def _run(root: Path, stage: tuple[str, ...], planted: bool) -> None:
    """Run tests in the copy, as the leader of a new group of processes, and leave with the status of pytest."""
    os.setsid()
    with open(os.environ.get("MUTLOG", os.devnull), "a", encoding="utf-8") as nothing:  # noqa: PTH123
        os.dup2(nothing.fileno(), 1)
        os.dup2(nothing.fileno(), 2)
    for name in [name for name in sys.modules if name.partition(".")[0] in ("calculator", "tests")]:
        del sys.modules[name]
    sys.path[0] = str(root)
    os.chdir(root)
    sys.dont_write_bytecode = planted
    if planted:
        os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    asked = ["-x", "-q", "--doctest-modules", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning", *(f"--ignore={name}" for name in NOT_ASKED)]
    # Leaves at once, whatever thread a test has left behind.
    os._exit(pytest.main([*asked, *stage]))
