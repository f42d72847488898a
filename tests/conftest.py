"""What holds for every test."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.helpers.paths import CANARY

# A slow machine is no finding: examples have no deadline. The same examples come on every run.
settings.register_profile("project", deadline=None, derandomize=True)
settings.load_profile("project")


def pytest_collection_finish() -> None:
    """Spare the garbage collector ten thousand tests, which stay to the end, and let it look less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


@pytest.fixture
def canary() -> Iterator[Path]:
    """Yield the file that no test may find afterwards: only code in a wrong file would write it."""
    CANARY.unlink(missing_ok=True)
    yield CANARY
    written = CANARY.exists()
    CANARY.unlink(missing_ok=True)
    assert not written
