"""What the readers know, and what they say of thousands of models, changes only where that is meant.

It is not judged here: a change is seen, in every row, note, sentence and constant. Record it anew with
``python -m tests.fuzz.outcomes`` and ``python -m tests.helpers.reader_constants``.
"""

import pytest

from tests.fuzz import outcomes
from tests.helpers import reader_constants
from tests.helpers.paths import CONSTANTS


@pytest.mark.parametrize("part", outcomes.parts())
def test_every_model_is_read_or_refused_as_it_was(part: str) -> None:
    now, before = list(outcomes.outcomes(part)), outcomes.kept()[part]
    changed = [(old, new) for old, new in zip(before, now, strict=False) if old != new]
    assert changed[:10] == []
    assert len(now) == len(before)


def test_the_models_are_a_mix() -> None:
    kept = outcomes.kept()
    assert list(kept) == outcomes.parts()
    lines = [line for part in kept.values() for line in part]
    refused = {line.rpartition("\t")[2] for line in lines if " rows, parameters (" not in line}
    assert len(refused) > 1_000
    assert sum(" rows, parameters (" in line for line in lines) > 5_500
    assert len(lines) > 12_500


def test_every_constant_is_what_it_was() -> None:
    now, before = list(reader_constants.lines()), CONSTANTS.read_text(encoding="utf-8").splitlines()
    assert set(now) ^ set(before) == set()
    assert now == before  # The order of patterns that are tried one after the other matters too.
    assert len(now) > 2_500
