"""Drawing whole numbers that are the same everywhere and forever: from SHA-256, never from ``random``."""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

Choice = TypeVar("Choice")

VERSION = "1"
"""The first word of every key. Exercises that are printed must stay: what is drawn from it never changes."""


class SeededRandom:
    """Whole numbers drawn one after the other, all of them given by ``key``.

    The n-th (from 0) is the SHA-256 of "version:key:n" as one number, modulo the limit.

    >>> draws = SeededRandom("an example")
    >>> [draws.below(6) + 1 for _ in range(8)]
    [1, 1, 1, 6, 2, 6, 4, 4]
    """

    def __init__(self, key: str) -> None:
        self._key = f"{VERSION}:{key}"
        self._drawn = 0

    def below(self, limit: int) -> int:
        """Return a number from 0 to ``limit`` − 1, each as likely as the others."""
        digest = hashlib.sha256(f"{self._key}:{self._drawn}".encode()).digest()
        self._drawn += 1
        return int.from_bytes(digest, "big") % limit

    def pick(self, choices: Sequence[Choice]) -> Choice:
        """Return one of ``choices``; one that stands there twice is twice as likely."""
        return choices[self.below(len(choices))]

    def chance(self, one_in: int) -> bool:
        """Return whether something happens that does so once in ``one_in`` times."""
        return self.below(one_in) == 0

    def shuffled(self, choices: Sequence[Choice]) -> list[Choice]:
        """Return ``choices`` in an order of chance, each order as likely (Fisher and Yates).

        >>> SeededRandom("another").shuffled("abcd")
        ['b', 'a', 'd', 'c']
        """
        left = list(choices)
        return [left.pop(self.below(len(left))) for _ in range(len(left))]
