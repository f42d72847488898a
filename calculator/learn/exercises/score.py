"""The score of a visitor: exercises tried, solved on the first try, solved with the working shown."""

from collections.abc import Iterable
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Attempt:
    """One exercise: its answers, whether one was correct, and whether the working was shown before that.

    >>> Attempt().with_answer(12, correct=False).with_answer(16, correct=True).solved
    True
    """

    answers: tuple[int, ...] = ()
    solved: bool = False
    working_shown: bool = False

    def with_answer(self, value: int, *, correct: bool) -> "Attempt":
        """Return the attempt after one more answer. Answers after the correct one change nothing."""
        if self.solved:
            return self
        return replace(self, answers=(*self.answers, value), solved=correct)

    def with_working_shown(self) -> "Attempt":
        """Return the attempt after the working was shown. After the correct answer that changes nothing."""
        return self if self.solved else replace(self, working_shown=True)


def score_text(attempts: Iterable[Attempt]) -> str:
    """Return the score as a sentence.

    >>> first = Attempt().with_answer(3136, correct=True)
    >>> second = Attempt().with_working_shown().with_answer(550, correct=True)
    >>> score_text([first, second, Attempt((12,))])
    '2 of 3 solved: 1 on the first try, 1 with the working shown.'
    """
    tried = [attempt for attempt in attempts if attempt.answers or attempt.working_shown]
    if not tried:
        return "Nothing tried yet."
    solved = [attempt for attempt in tried if attempt.solved]
    counts = {
        "on the first try": sum(
            len(attempt.answers) == 1 and not attempt.working_shown for attempt in solved
        ),
        "after a wrong answer": sum(
            len(attempt.answers) > 1 and not attempt.working_shown for attempt in solved
        ),
        "with the working shown": sum(attempt.working_shown for attempt in solved),
    }
    details = ", ".join(f"{count} {how}" for how, count in counts.items() if count)
    unsolved = sum(attempt.working_shown for attempt in tried if not attempt.solved)
    ending = f" {unsolved} not solved, with the working shown." if unsolved else ""
    return f"{len(solved)} of {len(tried)} solved{': ' + details if details else ''}.{ending}"
