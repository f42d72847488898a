"""How far somebody is: what was tried, what was right at once, and where the working was looked at."""

from collections.abc import Iterable
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Attempt:
    """One exercise: the answers given to it, whether one was right, and whether the working was shown before.

    >>> Attempt().answered(12, right=False).answered(16, right=True).solved
    True
    """

    given: tuple[int, ...] = ()
    solved: bool = False
    shown: bool = False

    def answered(self, value: int, *, right: bool) -> "Attempt":
        """Return the attempt after one more answer. What comes after the right one changes nothing."""
        if self.solved:
            return self
        return replace(self, given=(*self.given, value), solved=right)

    def looked(self) -> "Attempt":
        """Return the attempt after the working was shown; shown after the right answer it does not count."""
        return self if self.solved else replace(self, shown=True)


def score_text(attempts: Iterable[Attempt]) -> str:
    """Return the score in words.

    >>> first, second = Attempt().answered(3136, right=True), Attempt().looked().answered(550, right=True)
    >>> score_text([first, second, Attempt((12,))])
    '2 of 3 solved: 1 at the first try, 1 with the working shown.'
    """
    tried = [one for one in attempts if one.given or one.shown]
    if not tried:
        return "Nothing tried yet."
    solved = [one for one in tried if one.solved]
    parts = {
        "at the first try": sum(len(one.given) == 1 and not one.shown for one in solved),
        "after a wrong answer": sum(len(one.given) > 1 and not one.shown for one in solved),
        "with the working shown": sum(one.shown for one in solved),
    }
    told = ", ".join(f"{count} {how}" for how, count in parts.items() if count)
    looked = sum(one.shown for one in tried if not one.solved)
    open_ones = f" {looked} shown and not solved." if looked else ""
    return f"{len(solved)} of {len(tried)} solved{': ' + told if told else ''}.{open_ones}"
