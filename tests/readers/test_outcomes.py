"""Whatever the readers say of thousands of models, damaged and real, changes only where that is meant.

What they say is not judged here: a change of it is seen, in every row, note and sentence. ``python -m
tests.fuzz.outcomes`` records it anew.
"""

from tests.fuzz import outcomes


def test_every_model_is_read_or_refused_as_it_was() -> None:
    now, before = list(outcomes.outcomes()), outcomes.kept()
    changed = [(old, new) for old, new in zip(before, now, strict=False) if old != new]
    assert changed[:10] == []
    assert len(now) == len(before) > 3_500


def test_the_models_are_a_mix() -> None:
    kept = outcomes.kept()
    refused = {line.partition("\t")[2] for line in kept if " rows, parameters (" not in line}
    assert len(refused) > 300
    assert sum(" rows, parameters (" in line for line in kept) > 1_400
