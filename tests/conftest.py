"""What holds for every test."""

import gc
import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.helpers.paths import CANARY

# A slow machine is not a finding: examples have no deadline. The same examples come on every run.
settings.register_profile("project", deadline=None, derandomize=True)
settings.load_profile("project")


def pytest_collection_finish() -> None:
    """Spare the garbage collector ten thousand tests, which stay to the end, and let it look less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give a process the tests of a file together, which share what they cache, and browser tests one by one.

    The files with the most tests come first, and the browser tests last: no process is left alone for long.
    """
    if config.getoption("dist") != "loadgroup":
        return None
    scheduling: Any = importlib.import_module("xdist.scheduler").LoadGroupScheduling(config, log)
    group_of = scheduling._split_scope

    def unit_of(nodeid: str) -> str:
        group: str = group_of(nodeid)
        alone = nodeid.startswith("tests/browser/")
        return group if alone or group != nodeid else nodeid.partition("::")[0]

    scheduling._split_scope = unit_of
    return scheduling


@pytest.fixture
def canary() -> Iterator[Path]:
    """Yield the file that no test may find afterwards: only code in a wrong file would write it."""
    CANARY.unlink(missing_ok=True)
    yield CANARY
    written = CANARY.exists()
    CANARY.unlink(missing_ok=True)
    assert not written
