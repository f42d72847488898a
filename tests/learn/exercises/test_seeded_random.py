"""Drawing numbers: by the rule that is written down, in every interpreter the same."""

import collections
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculator.learn.exercises import seeded_random
from calculator.learn.exercises.seeded_random import VERSION, SeededRandom
from tests.helpers.paths import ROOT

PRINT = (
    "from calculator.learn.exercises.generator import exercises; import hashlib; "
    "print(hashlib.sha256(repr([exercises(5, level, 6) for level in (1, 2, 3)]).encode()).hexdigest())"
)


def by_hand(key: str, place: int, limit: int) -> int:
    return int(hashlib.sha256(f"1:{key}:{place}".encode()).hexdigest(), 16) % limit


@given(st.text(max_size=20), st.lists(st.integers(1, 1000), max_size=8))
def test_numbers_follow_the_rule(key: str, limits: list[int]) -> None:
    draws = SeededRandom(key)
    assert VERSION == "1"
    assert [draws.below(limit) for limit in limits] == [
        by_hand(key, place, limit) for place, limit in enumerate(limits)
    ]


def test_a_known_draw() -> None:
    # SHA-256 of "1:1:0:1:0", by sha256sum.
    digest = "764dbc56027dddd983742208e448885d896b6ef45b02411cb8b9ab1e52307e41"
    assert SeededRandom("1:0:1").below(2**256) == int(digest, 16)


@given(st.text(max_size=20), st.lists(st.integers(), min_size=1, max_size=8))
def test_shuffled_and_picked_are_of_the_choices(key: str, choices: list[int]) -> None:
    assert sorted(SeededRandom(key).shuffled(choices)) == sorted(choices)
    assert SeededRandom(key).pick(choices) == choices[SeededRandom(key).below(len(choices))]
    assert SeededRandom(key).chance(3) == (SeededRandom(key).below(3) == 0)


@pytest.mark.parametrize("limit", [2, 3, 6, 24])
def test_every_number_is_as_likely(limit: int) -> None:
    counts = collections.Counter(SeededRandom(f"{limit}:{seed}").below(limit) for seed in range(6000))
    expected = 6000 / limit
    # Chi-squared; a fair generator is above this bound once in about a million.
    surplus = sum((counts[value] - expected) ** 2 / expected for value in range(limit))
    assert surplus < limit + 5 * (2 * limit) ** 0.5 + 24


def test_every_order_is_as_likely() -> None:
    orders = collections.Counter("".join(SeededRandom(str(seed)).shuffled("abc")) for seed in range(3000))
    assert len(orders) == 6
    assert min(orders.values()) > 400


def test_every_interpreter_draws_the_same() -> None:
    answers = set()
    for hash_seed in ("0", "1", "99"):
        done = subprocess.run(
            [sys.executable, "-c", PRINT],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)},
        )
        answers.add(done.stdout)
    assert len(answers) == 1


def test_nothing_random_is_imported() -> None:
    files = list((ROOT / "calculator" / "learn").rglob("*.py"))
    assert Path(seeded_random.__file__) in files
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert "import random" not in text, file
        assert "from random" not in text, file
        assert "import secrets" not in text, file
        assert " hash(" not in text, file
