"""Two models side by side: pairs of rows with the differences first, their reasons and both totals.

Why this is hand-written:

- tools that compare models compare values of tensors, and need both models in one library;
- here the counts of two readers meet, so each sum must be exact or not shown.
"""

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from calculator.core.formatting import format_count, join_first, plural
from calculator.core.schema import versioned
from calculator.readers.difference.matching import match_rows, moved_pairs, plain_name, unrolled
from calculator.readers.difference.reasons import (
    Explanation,
    Reason,
    Side,
    Status,
    explain_pair,
    explain_rows,
    pair_status,
)
from calculator.readers.model import MAX_ROWS, Model, Row
from calculator.readers.totals import not_counted_sentence, total_text

NAMED_ROWS = 3
"""The maximum number of rows that a sentence on rows that are not counted names."""

TABLE_TITLES = ("Layer", "Left", "Right", "Difference", "Reason")


@dataclass(frozen=True)
class Pair:
    """A layer as both models have it; a row that one model does not have is ``None``.

    >>> pair = Pair(Row("up", "Linear", None, 6), Row("net/up", "Dense", None, 6, 2), Status.DIFFERENT)
    >>> pair.title, pair.difference
    ('up', 2)
    """

    left: Row | None
    right: Row | None
    status: Status
    reason: Reason | None = None
    explanation: str = ""

    @property
    def title(self) -> str:
        """Return the name of the layer on the left, or on the right where only the right has it."""
        row = self.left or self.right
        return row.title if row else ""

    @property
    def counted_difference(self) -> int:
        """Return right minus left, of what is counted: a row that is not counted or missing counts as 0."""
        left, right = (row.parameter_count if row and row.known else 0 for row in (self.left, self.right))
        return right - left

    @property
    def difference(self) -> int | None:
        """Return right minus left, or ``None`` where a row is not counted."""
        known = all(row is None or row.known for row in (self.left, self.right))
        return self.counted_difference if known else None


@dataclass(frozen=True)
class Comparison:
    """Two models and the pairs of their rows: those that differ first, with the largest difference first.

    Every row is in exactly one pair. A row that stands for equal layers is taken apart where the other model
    has them one by one. Every difference is right minus left.
    """

    left: Model
    right: Model
    pairs: tuple[Pair, ...]
    moved: tuple[str, ...] = ()
    """The layers of the left that stand at another place on the right."""

    @property
    def differs(self) -> bool:
        """Return whether a layer differs or is in one model only. Rows that are not counted show nothing."""
        return any(pair.status not in (Status.SAME, Status.UNKNOWN) for pair in self.pairs)

    @property
    def complete(self) -> bool:
        """Return whether both models are counted completely."""
        return self.left.complete and self.right.complete

    @property
    def counted_difference(self) -> int:
        """Return right minus left, of what is counted."""
        return self.right.parameter_count - self.left.parameter_count

    @cached_property
    def differences(self) -> dict[Reason, tuple[int, int]]:
        """Return the counted difference and the number of pairs of each reason. The differences add up."""
        found: dict[Reason, tuple[int, int]] = {}
        for reason in Reason:
            pairs = [pair for pair in self.pairs if pair.reason is reason]
            if pairs:
                found[reason] = sum(pair.counted_difference for pair in pairs), len(pairs)
        return found

    @property
    def unexplained(self) -> int:
        """Return the counted difference that no rule explains. Differences of two rows may cancel out."""
        return self.differences.get(Reason.UNEXPLAINED, (0, 0))[0]

    def sentences(self) -> tuple[str, ...]:
        """Return both totals, the difference, what each reason explains and what remains unexplained.

        >>> left, right = (Model((Row("a", "Linear", None, 6, bias),), "") for bias in (0, 2))
        >>> for sentence in compare_models(left, right).sentences():
        ...     print(sentence)
        Parameters: left 6, right 8. The right has 2 more.
        Explained by biases that one side has: +2, in 1 layer.
        Everything is explained.
        """
        return tuple(self._sentences())

    def _sentences(self) -> Iterator[str]:
        """Yield the sentences of the summary: both totals, uncounted parts, the order, each reason."""
        size = self.counted_difference
        counted = "" if self.complete else " counted"
        more = f"The {'right' if size > 0 else 'left'} has {format_count(abs(size))} more{counted}."
        same = "Both totals are equal." if self.complete else "What is counted is equal in total."
        totals = f"left {total_text(self.left)}, right {total_text(self.right)}"
        yield f"Parameters: {totals}. {more if size else same}"
        for side, model in (("left", self.left), ("right", self.right)):
            missing = not_counted_sentence(model, NAMED_ROWS)
            if missing:
                yield f"On the {side}: {missing}"
        if self.moved:
            names = join_first(self.moved, NAMED_ROWS)
            yield f"The layers stand in another order. Matched at another place: {names}."
        for reason, (difference, pairs) in self.differences.items():
            if reason is not Reason.UNEXPLAINED:
                yield f"Explained by {reason.value}: {signed(difference)}, in {plural(pairs, 'layer')}."
        if Reason.UNEXPLAINED in self.differences:
            difference, pairs = self.differences[Reason.UNEXPLAINED]
            yield f"Not explained by any rule here: {signed(difference)}, in {plural(pairs, 'layer')}."
        elif self.differs:
            yield "Everything is explained." if self.complete else "Every counted difference is explained."
        elif self.complete:
            yield "No layer differs."


def compare_models(left: Model, right: Model, maximum: int = MAX_ROWS) -> Comparison:
    """Return the comparison of two models, whose rows are matched by name, type, shape, count and position.

    Rows that stand for equal layers are not taken apart where a model would then have more than ``maximum``.

    >>> norm = Row("norm", "BatchNorm2d", (8,), 8, 8)
    >>> keras = Row("batch_normalization", "BatchNormalization", None, 8, 8, 16, frozen_count=16)
    >>> [pair] = compare_models(Model((norm,), "PyTorch's print"), Model((keras,), "Keras summary")).pairs
    >>> pair.difference, pair.reason.name, pair.explanation
    (16, 'STATISTICS', 'The right counts the running mean and variance too: 2 × 8.')
    """
    blocks = [
        frozenset((plain_name(row.name), row.times) for row in model.rows if row.times > 1)
        for model in (left, right)
    ]
    rows = unrolled(left.rows, blocks[1], maximum), unrolled(right.rows, blocks[0], maximum)
    partners = dict(match_rows(*rows))
    backwards = {b: a for a, b in partners.items()}
    sides = Side(left, rows[0], partners), Side(right, rows[1], backwards)
    explained = explain_rows(*sides)
    pairs = []
    for a, b in _in_order(len(rows[0]), len(rows[1]), partners, backwards):
        by_rows = explained[0].get(-1 if a is None else a) or explained[1].get(-1 if b is None else b)
        pairs.append(_pair(None if a is None else rows[0][a], None if b is None else rows[1][b], by_rows))
    # The sort is stable: rows with equal differences, and those without, stay in the order of the model.
    pairs.sort(key=lambda pair: (_RANKS[pair.status], -abs(pair.counted_difference)))
    moved = tuple(rows[0][a].title for a in moved_pairs(sorted(partners.items())))
    return Comparison(left, right, tuple(pairs), moved)


_RANKS = dict.fromkeys(Status, 0) | {Status.UNKNOWN: 1, Status.SAME: 2}


def signed(difference: int) -> str:
    """Return a difference with its sign.

    >>> signed(1234), signed(-5), signed(0)
    ('+1,234', '−5', '0')
    """
    sign = "" if not difference else "+" if difference > 0 else "−"
    return sign + format_count(abs(difference))


def table_rows(comparison: Comparison) -> list[tuple[str, str, str, str, str]]:
    """Return the cells of ``TABLE_TITLES`` for each pair; "?" stands for what is not counted.

    >>> left, right = (Model((Row("a", "Linear", None, 6, bias),), "") for bias in (0, 2))
    >>> table_rows(compare_models(left, right))
    [('a', '6', '8', '+2', 'Only the right has a bias here: 2 parameters.')]
    """
    return [
        (
            pair.title,
            _count_text(pair.left),
            _count_text(pair.right),
            "?" if pair.difference is None else signed(pair.difference),
            pair.explanation,
        )
        for pair in comparison.pairs
    ]


def write_comparison(comparison: Comparison) -> str:
    """Return a comparison as a JSON document.

    ``left`` and ``right`` have ``format``, ``name``, ``complete``, ``parameter_count`` (``null`` where
    something is not counted or certain), ``at_least`` and ``at_most``. ``difference`` is right minus left
    (``null`` where a model is not complete) and ``counted_difference`` that of what is counted. ``differs``
    is whether a layer differs. ``pairs`` has for each layer ``status``, ``left``, ``right`` (``null`` where
    the model does not have it, else ``name``, ``type``, ``weight_shape``, ``times`` and ``parameter_count``),
    ``difference``, ``reason`` and ``explanation``. ``reasons`` has ``reason``, ``difference`` and ``pairs``.

    >>> model = Model((Row("a", "Linear", (2, 3), 6),), "a table")
    >>> document = json.loads(write_comparison(compare_models(model, model)))
    >>> document["difference"], document["differs"], document["pairs"][0]["status"]
    (0, False, 'same')
    """
    size = comparison.counted_difference
    document = {
        "left": _write_model(comparison.left),
        "right": _write_model(comparison.right),
        "difference": size if comparison.complete else None,
        "counted_difference": size,
        "differs": comparison.differs,
        "unexplained": comparison.unexplained,
        "reasons": [
            {"reason": reason.name.lower(), "difference": difference, "pairs": pairs}
            for reason, (difference, pairs) in comparison.differences.items()
        ],
        "sentences": list(comparison.sentences()),
        "pairs": [
            {
                "status": pair.status.value,
                "left": _write_row(pair.left),
                "right": _write_row(pair.right),
                "difference": pair.difference,
                "reason": pair.reason and pair.reason.name.lower(),
                "explanation": pair.explanation,
            }
            for pair in comparison.pairs
        ],
    }
    return json.dumps(versioned("difference", document), ensure_ascii=False)


def _pair(left: Row | None, right: Row | None, by_rows: Explanation | None) -> Pair:
    """Return the pair with its status and reason; ``by_rows`` is the reason that other rows give."""
    status = pair_status(left, right)
    if status is Status.SAME:
        return Pair(left, right, status)
    if left is None or right is None:
        return Pair(left, right, status, *(by_rows or ()))
    if status is Status.UNKNOWN:
        sides = " and the ".join(side for side, row in (("left", left), ("right", right)) if not row.known)
        verb = "do" if not (left.known or right.known) else "does"
        return Pair(left, right, status, Reason.NOT_COUNTED, f"The {sides} {verb} not count it.")
    return Pair(left, right, status, *(by_rows or explain_pair(left, right)))


def _in_order(
    left: int, right: int, partners: dict[int, int], backwards: dict[int, int]
) -> Iterator[tuple[int | None, int | None]]:
    """Yield each pair of indices in the order of the left; rows of the right alone after their neighbour."""
    places: dict[int, list[int]] = {}
    before = -1
    for index in range(right):
        if index in backwards:
            before = backwards[index]
        else:
            places.setdefault(before, []).append(index)
    for a in itertools.chain([-1], range(left)):
        if a >= 0:
            yield a, partners.get(a)
        for b in places.get(a, ()):
            yield None, b


def _count_text(row: Row | None) -> str:
    if row is None:
        return ""
    return format_count(row.parameter_count) if row.known else "?"


def _write_model(model: Model) -> dict[str, object]:
    """Return one of the two models for the JSON of a comparison, without its rows."""
    return {
        "format": model.format,
        "name": model.name,
        "complete": model.complete,
        "parameter_count": model.parameter_count if model.complete else None,
        "at_least": model.minimum(model.parameter_count),
        "at_most": None if model.unknown else model.parameter_count,
    }


def _write_row(row: Row | None) -> dict[str, object] | None:
    """Return what the document says of a row, or ``None`` for a row that does not exist."""
    if row is None:
        return None
    return {
        "name": row.name,
        "type": row.type,
        "weight_shape": row.weight_shape,
        "times": row.times,
        "parameter_count": row.parameter_count if row.known else None,
    }
