"""Trials of planted faults: whether the tests notice them, in a copy of the tree."""

import compileall
import functools
import importlib.util
import inspect
import json
import multiprocessing
import os
import re
import resource
import shutil
import signal
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np  # noqa: F401  # Loaded once, for all the processes that are forked.
import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.mutants.faults import Fault
from tests.test_architecture import TESTED_ELSEWHERE

IGNORED = shutil.ignore_patterns(".git", ".venv*", "__pycache__", ".*_cache", ".hypothesis", "test-results")
WIDER = ("cli", "settings", "networks", "comparison", "tables", "charts")
"""Tests that call nearly everything; slower ones (pages, a browser, random damage) are not asked."""

NOT_ASKED = ("tests/pages/", "tests/browser/", "tests/ui/")

WIDTHS = 5
"""The tests of a module, of its users, of its package, of the package round that one, and ``WIDER``."""

OPTIONS = (
    *("-x", "-q", "--doctest-modules", "-p", "no:cacheprovider", "--ignore=tests/readers/test_fuzz.py"),
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),  # hypothesis is loaded already.
)
WORDING = "tests/test_wording.py"
"""Tests that hold each sentence and its form: they come second for each module."""

OUTCOMES = "tests/readers/test_outcomes.py"
"""Tests that hold all that the readers say: they come second for each module of the readers."""

TEST_SECONDS = 40
"""A test that computes for longer has noticed an endless loop. Waiting for a busy machine is not counted."""

SLOWER = 10
"""So has a test that computes this many times as long as it did without noticing anything, and a bit more."""

SLOW_SECONDS = 20
"""A test that computed for longer is not asked again."""

ALL_SECONDS = 3_600
MAX_MEMORY = 8_000_000_000
_fork = multiprocessing.get_context("fork")


class Tree:
    """A copy of the tree of the product in ``folder``, in which one fault at a time is planted."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.root = Path(shutil.copytree(root, folder / "tree", ignore=IGNORED))
        compileall.compile_dir(self.root / "calculator", quiet=2)
        self._log = folder / "test"
        self._passing: dict[str, bool] = {}
        """Whether a test passes without a fault: it is asked when it first fails with one."""

    def notices(self, module: str, fault: Fault, tests: tuple[str, ...], asked: tuple[str, ...] = ()) -> bool:
        """Return whether one of ``tests`` fails, or does not end, with ``fault`` in a module.

        ``module``, ``tests`` and ``asked``, the tests that were asked before, are paths from the root.
        A test that fails without a fault, on a busy machine for one, notices nothing.
        """
        left_out = [f"--deselect={test}" for test, passes in self._passing.items() if not passes]
        left_out += [f"--ignore={test}" for test in asked]
        with self._planted(self.root / module, fault):
            status = self._run(tests, left_out)
        if status in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            return False
        # Without the name of a test the fault stopped the run before the first: a module that does not load.
        failed = self._log.read_text(encoding="utf-8") if self._log.exists() else ""
        if failed and failed not in self._passing:
            self._passing[failed] = self._run((failed,), []) == pytest.ExitCode.OK
        return self._passing.get(failed, True) or self.notices(module, fault, tests, asked)

    @contextmanager
    def _planted(self, file: Path, fault: Fault) -> Iterator[None]:
        source = file.read_bytes()
        # Python compares only seconds and sizes of a source and its bytecode, and faults come faster.
        bytecode = Path(importlib.util.cache_from_source(str(file)))
        try:
            bytecode.unlink(missing_ok=True)
            file.write_bytes(fault.planted(source))
            yield
        finally:
            file.write_bytes(source)
            bytecode.unlink(missing_ok=True)

    def _run(self, tests: tuple[str, ...], left_out: list[str]) -> int | None:
        """Return the status of pytest, or another number if it was stopped."""
        self._log.unlink(missing_ok=True)
        process = _fork.Process(target=_run, args=(self.root, tests, left_out, self._log))
        process.start()
        process.join(ALL_SECONDS)
        with suppress(ProcessLookupError):  # With all that a test has started.
            os.killpg(process.pid or 0, signal.SIGKILL)
        process.join()
        return process.exitcode


def stages(root: Path, module: str) -> tuple[tuple[str, ...], ...]:
    """Return ``WIDTHS`` groups of tests for a fault in a module, the likeliest first; some are empty."""
    inner = Path(module).relative_to("calculator")
    own = _tests_of(module)
    package, whole = f"tests/{inner.parent.as_posix()}", f"tests/{inner.parts[0]}"
    around, _, name = _dotted(module).rpartition(".")
    imports = re.compile(rf"from {_dotted(module)} |from {around} import (?:\([^)]*|.*)\b{name}\b")
    users = {_tests_of(user) for user, text in _sources(root).items() if imports.search(text)}
    users |= {WORDING, OUTCOMES} if whole == "tests/readers" else {WORDING}
    asked = sorted(test for test in users - {own} if not test.startswith(NOT_ASKED))
    wider = tuple(f"tests/{name}" for name in WIDER)
    first = (module,) if own.startswith(NOT_ASKED) else (module, own)
    named = (first, tuple(asked), (package,), (whole,) if whole != package else (), wider)
    return tuple(tuple(name for name in names if (root / name).exists()) for names in named)


def _dotted(module: str) -> str:
    return module.removesuffix(".py").replace("/", ".")


def _tests_of(module: str) -> str:
    """Return the file that tests a module; both are paths from the root."""
    inner = Path(module).relative_to("calculator")
    usual = f"tests/{inner.with_name(f'test_{inner.name}').as_posix()}"
    return TESTED_ELSEWHERE.get(_dotted(module), usual)


@functools.cache
def _sources(root: Path) -> dict[str, str]:
    """Return the text of each module of the product by its path from the root."""
    files = sorted((root / "calculator").rglob("*.py"))
    return {file.relative_to(root).as_posix(): file.read_text(encoding="utf-8") for file in files}


class _QuickestFirst:
    """A plugin of pytest: files, and the tests of a file, run in the order of the seconds they last took."""

    def __init__(self, root: Path, log: Path) -> None:
        """Write the name of each test to ``log`` before it runs."""
        self.kept, self.log = root / "seconds.json", log
        self.seconds: dict[str, float] = {}
        self.begun = 0.0
        with suppress(FileNotFoundError):
            self.seconds = json.loads(self.kept.read_text(encoding="utf-8"))

    def pytest_collection(self) -> None:
        # One example that fails is enough: it is not made smaller or explained.
        # A machine that is busy with other things is not a fault either.
        settings.register_profile(
            "trial",
            settings.default,
            phases=(Phase.explicit, Phase.generate),
            suppress_health_check=list(HealthCheck),
        )
        settings.load_profile("trial")

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [
            item for item in items if not _measures_time(item) and self._expected(item) < SLOW_SECONDS
        ]
        files = defaultdict[Path, float](float)
        for item in items:
            files[item.path] += self._expected(item)
        items.sort(key=lambda item: (files[item.path], item.path, self._expected(item)))

    def _expected(self, item: pytest.Item) -> float:
        many = hasattr(getattr(item, "obj", None), "hypothesis")
        return self.seconds.get(item.nodeid, 1.0 if many else 0.01)

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self.log.write_text(nodeid, encoding="utf-8")  # The last of these failed, or did not end.
        usual = self.seconds.get(nodeid, TEST_SECONDS)
        signal.setitimer(signal.ITIMER_VIRTUAL, min(TEST_SECONDS, (1 + usual) * SLOWER))
        self.begun = _computed()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.passed and report.when == "call":
            self.seconds[report.nodeid] = _computed() - self.begun

    def pytest_sessionfinish(self) -> None:
        self.kept.write_text(json.dumps(self.seconds), encoding="utf-8")


def _computed() -> float:
    """Return the seconds that this process and those that it started and that ended have computed."""
    return sum(os.times()[:4])


def _measures_time(item: pytest.Item) -> bool:
    """Return whether a test holds a limit of seconds: on a busy machine it fails without a fault."""
    return isinstance(item, pytest.Function) and "process_time" in inspect.getsource(item.function)


def _run(root: Path, tests: tuple[str, ...], left_out: list[str], log: Path) -> None:
    """Run tests in the copy, as the leader of a group of processes, and leave with the status of pytest."""
    os.setsid()
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)
    for name in [name for name in sys.modules if name.partition(".")[0] in ("calculator", "tests")]:
        del sys.modules[name]
    sys.path[0] = str(root)
    os.chdir(root)
    sys.dont_write_bytecode = True
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    # Leaves at once, whatever thread a test has left behind.
    os._exit(pytest.main([*OPTIONS, *left_out, *tests], plugins=[_QuickestFirst(root, log)]))
