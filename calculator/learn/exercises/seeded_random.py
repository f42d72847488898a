"""Random whole numbers that a key determines, the same in every Python version.

Why this is hand-written, and not ``random.Random(seed)``:

- Printed worksheets contain a seed, so a seed must give the same exercises for as long as the sheets exist.
  Python guarantees only the sequence of ``random.random()`` for a seed; the algorithms of ``randrange``,
  ``choice`` and ``shuffle`` have changed between versions.
- SHA-256 is a published standard with an implementation in every language, so anybody can check an exercise.
- Every exercise has its own key and starts its own sequence, so no exercise depends on how many numbers
  another exercise used.
"""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

Choice = TypeVar("Choice")

VERSION = "1"
"""The beginning of every key. A version that has been published must give the same numbers for ever."""


class SeededRandom:
    """A sequence of whole numbers that ``key`` determines.

    Number n (from 0) is the SHA-256 digest of "version:key:n" as one integer, modulo the limit.

    >>> rng = SeededRandom("an example")
    >>> [rng.below(6) + 1 for _ in range(8)]
    [1, 1, 1, 6, 2, 6, 4, 4]
    """

    def __init__(self, key: str) -> None:
        self._key = f"{VERSION}:{key}"
        self._count = 0

    def below(self, limit: int) -> int:
        """Return a number from 0 to ``limit`` − 1, each with the same probability."""
        digest = hashlib.sha256(f"{self._key}:{self._count}".encode()).digest()
        self._count += 1
        # The modulo prefers small numbers by less than limit / 2**256, which nobody can measure.
        return int.from_bytes(digest, "big") % limit

    def pick(self, choices: Sequence[Choice]) -> Choice:
        """Return one of ``choices``; a choice that is listed twice has twice the probability."""
        return choices[self.below(len(choices))]

    def chance(self, one_in: int) -> bool:
        """Return ``True`` with a probability of 1 / ``one_in``."""
        return self.below(one_in) == 0

    def shuffled(self, choices: Sequence[Choice]) -> list[Choice]:
        """Return ``choices`` in a random order, each order with the same probability (Fisher and Yates).

        >>> SeededRandom("another").shuffled("abcd")
        ['b', 'a', 'd', 'c']
        """
        left = list(choices)
        return [left.pop(self.below(len(left))) for _ in range(len(left))]
