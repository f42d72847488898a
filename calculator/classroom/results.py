"""The results of a class: bars by named mistake, what peer instruction asks next, the gain, and a table.

Everything is computed from how many seats gave each number. Nothing here knows a person or a seat.

Sources: C. H. Crouch and E. Mazur, "Peer Instruction: Ten years of experience and results", American Journal
of Physics 69 (2001) 970–977, for the limits of 30 and 80 per cent; R. R. Hake, "Interactive-engagement versus
traditional methods", American Journal of Physics 66 (1998) 64–74, for the normalised gain.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from calculator.classroom.questions import ClassQuestion
from calculator.core.formatting import format_count, plural

Votes = Mapping[int, int]
"""Number that was answered → seats that answered it, in one round."""

MAX_BARS = 6
"""The maximum number of mistakes with a bar of their own. The rest share one bar, so that all bars fit on
the projected screen."""

MAX_LISTED = 6
"""Numbers that the label of a bar lists."""

EXPLAIN_BELOW, NEXT_ABOVE = Fraction(30, 100), Fraction(80, 100)
"""Below the first share of right answers another vote does not help; above the second it is not needed. A
share that equals a limit leads to a discussion."""


class Kind(StrEnum):
    """The kinds of bars."""

    RIGHT = "right"
    MISTAKE = "mistake"
    MORE = "more"
    OTHER = "other"


class Advice(StrEnum):
    """The advice of peer instruction after a vote."""

    EXPLAIN = "explain"
    DISCUSS = "discuss"
    NEXT = "next"


@dataclass(frozen=True)
class Bar:
    """One bar: the answers with the same explanation. ``votes`` has the number of seats in each round.

    ``formula`` is without "=", "" for several calculations. ``keys`` are those of the mistakes.
    """

    kind: Kind
    name: str
    formula: str
    values: tuple[int, ...]
    votes: tuple[int, ...]
    keys: tuple[str, ...] = ()

    @property
    def numbers(self) -> str:
        """The numbers of the bar, the formula before a single one: "5 × 3 × 16 + 0 = 240"."""
        listed = ", ".join(map(format_count, self.values[:MAX_LISTED]))
        more = len(self.values) - MAX_LISTED
        listed += f" and {format_count(more)} more" if more > 0 else ""
        return f"{self.formula} = {listed}" if self.formula not in ("", listed) else listed


def bars(question: ClassQuestion, *rounds: Votes) -> tuple[Bar, ...]:
    """Return the bars of one or two rounds: right, then mistakes, the most frequent first, then others.

    The right answer has a bar even if nobody gave it. Nothing else has a bar without votes.

    >>> from calculator.classroom.questions import plan, questions
    >>> from calculator.settings import Settings
    >>> question = questions(plan(Settings(class_source="exercises")))[0]
    >>> for bar in bars(question, {243: 20, 240: 12, 80: 5, 99: 1, 1000: 2}):
    ...     print(bar.kind, bar.votes, bar.name, "|", bar.numbers)
    right (20,) right | 5 × 3 × 16 + 3 = 243
    mistake (12,) the biases forgotten | 5 × 3 × 16 + 0 = 240
    mistake (5,) the biases forgotten and the output channels forgotten | 5 × 16 + 0 = 80
    other (3,) other numbers | 99, 1,000
    """
    named: dict[int, Bar] = {}
    others: list[int] = []
    for value in sorted({value for votes in rounds for value, seats in votes.items() if seats}):
        if value == question.answer:
            continue
        found = question.named(value)
        if found is None:
            others.append(value)
        else:
            counts = _counts(rounds, [value])
            named[value] = Bar(Kind.MISTAKE, found.name, found.formula, (value,), counts, found.keys)
    right = Bar(
        Kind.RIGHT,
        "right",
        question.formula,
        (question.answer,),
        _counts(rounds, [question.answer]),
    )
    mistakes = sorted(named.values(), key=lambda bar: (-max(bar.votes), bar.values))
    # If they do not all fit, the last bar is for all rarer mistakes together.
    shown = len(mistakes) if len(mistakes) <= MAX_BARS else MAX_BARS - 1
    rarer = [bar.values[0] for bar in mistakes[shown:]]
    together = (
        (Kind.MORE, plural(len(rarer), "rarer mistake"), rarer),
        (Kind.OTHER, "other numbers", others),
    )
    return (
        right,
        *mistakes[:shown],
        *(
            Bar(kind, name, "", tuple(values), _counts(rounds, values))
            for kind, name, values in together
            if values
        ),
    )


def _counts(rounds: Sequence[Votes], values: Sequence[int]) -> tuple[int, ...]:
    return tuple(sum(votes.get(value, 0) for value in values) for votes in rounds)


def share_right(question: ClassQuestion, votes: Votes) -> Fraction | None:
    """Return the share of right answers among those given; ``None`` where nobody answered."""
    total = sum(votes.values())
    return Fraction(votes.get(question.answer, 0), total) if total else None


def advice(share: Fraction | None, round_number: int) -> Advice:
    """Return what peer instruction asks after a vote in which ``share`` of the answers were right.

    There is no third vote: after a second vote with too few right answers the question is explained. Without
    answers there is nothing to discuss, so the question is explained too.

    >>> advice(Fraction(29, 100), 1), advice(Fraction(3, 10), 1), advice(Fraction(4, 5), 1)
    (<Advice.EXPLAIN: 'explain'>, <Advice.DISCUSS: 'discuss'>, <Advice.DISCUSS: 'discuss'>)
    >>> advice(Fraction(81, 100), 1), advice(Fraction(1, 2), 2)
    (<Advice.NEXT: 'next'>, <Advice.EXPLAIN: 'explain'>)
    """
    if share is None or share < EXPLAIN_BELOW:
        return Advice.EXPLAIN
    if share > NEXT_ABOVE:
        return Advice.NEXT
    return Advice.DISCUSS if round_number == 1 else Advice.EXPLAIN


def gain(before: Fraction, after: Fraction) -> Fraction | None:
    """Return the normalised gain ⟨g⟩ = (after − before) ÷ (1 − before): the part gained of what was missing.

    ``None`` is returned where everybody was right before, because nothing was missing.

    >>> gain(Fraction(1, 2), Fraction(3, 4)), gain(Fraction(1, 2), Fraction(1, 4))
    (Fraction(1, 2), Fraction(-1, 2))
    >>> gain(Fraction(1), Fraction(1)) is None
    True
    """
    return None if before == 1 else (after - before) / (1 - before)


@dataclass(frozen=True)
class Asked:
    """One question with the votes of its rounds; a question that was not asked has none."""

    number: int
    question: ClassQuestion
    rounds: tuple[Votes, ...]

    @property
    def shares(self) -> tuple[Fraction | None, ...]:
        """The share right in each round."""
        return tuple(share_right(self.question, votes) for votes in self.rounds)

    @property
    def pair(self) -> tuple[Fraction, Fraction] | None:
        """The share right in the first and in the second round; ``None`` without answers in both."""
        match self.shares:
            case (Fraction() as before, Fraction() as after):
                return before, after
        return None


@dataclass(frozen=True)
class Change:
    """A mistake in the questions that were voted on twice, and the seats that made it in each round."""

    name: str
    before: int
    after: int


def class_gain(asked: Sequence[Asked]) -> tuple[int, Fraction, Fraction, Fraction | None] | None:
    """Return how many questions were voted on twice, the mean shares right before and after, and their gain.

    ``None`` is returned if no question was voted on twice. The gain is that of the class: of the mean shares,
    as Hake defines it, and not the mean of the gains of the questions.
    """
    pairs = [one.pair for one in asked if one.pair is not None]
    if not pairs:
        return None
    before, after = (sum((pair[place] for pair in pairs), Fraction()) / len(pairs) for place in (0, 1))
    return len(pairs), before, after, gain(before, after)


def changes(asked: Sequence[Asked]) -> tuple[Change, ...]:
    """Return every mistake in the questions that were voted on twice, the most frequent before first.

    Numbers that no formula explains are one entry.
    """
    before: Counter[str] = Counter()
    after: Counter[str] = Counter()
    for one in asked:
        if one.pair is None:
            continue
        for votes, counter in zip(one.rounds, (before, after), strict=True):
            for value, seats in votes.items():
                if value != one.question.answer:
                    found = one.question.named(value)
                    counter[found.name if found else "other numbers"] += seats
    names = sorted({*before, *after}, key=lambda name: (-before[name], -after[name], name))
    return tuple(Change(name, before[name], after[name]) for name in names)


HEADER = ("question", "round", "number", "answers", "right", "explanation", "formula", "text")
"""The columns of the table."""


def table(asked: Sequence[Asked]) -> Iterator[tuple[int | str, ...]]:
    """Yield a row for each number that was answered in each round, in the columns of ``HEADER``."""
    for one in asked:
        for place, votes in enumerate(one.rounds):
            for value in sorted(votes):
                found = one.question.named(value)
                right = value == one.question.answer
                yield (
                    one.number,
                    place + 1,
                    value,
                    votes[value],
                    int(right),
                    "right" if right else found.name if found else "unknown",
                    one.question.formula if right else found.formula if found else "",
                    one.question.text,
                )
