"""Damaged models of every format: a reader returns a model or raises ``ReadError``, and soon."""

import pytest

from tests.fuzz.__main__ import feed, formats


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("module", formats())
def test_only_read_errors_come_of_damaged_models(module: str, seed: int) -> None:
    assert feed(module, 500, seed) == []
