"""Which rows of two models are the same layer: by name, then by type, shape and count, then by position.

Rows with equal names, or with equal types, shapes and counts, belong together in any order.

Why this is hand-written:

- ``difflib.SequenceMatcher`` needs quadratic time for many equal rows, and depends on which side is first;
- names, types and axis orders of PyTorch, Keras and ONNX differ for the same layer.
"""

import bisect
import dataclasses
import functools
import itertools
import math
import re
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Hashable, Iterator, Sequence

from calculator.readers.keras.layer_rules import BATCH_NORMS
from calculator.readers.model import GAPS, MAX_ROWS, Row, Shape

Indices = list[tuple[int, int]]

MAX_CELLS = 1_000_000
"""The maximum of left times right rows that are aligned exactly. More rows are aligned with ``MAX_LOOK``."""

MAX_LOOK = 40
"""The maximum number of rows that are skipped to find the next equal rows among very many."""

MAX_PREFIX = 5
"""The maximum number of modules around a whole model whose names are ignored."""

TRANSPOSED, CONVOLUTION, LINEAR = "transposed convolution", "convolution", "linear"
NORMALISATION, EMBEDDING = "normalisation", "embedding"
OTHER = "other"
_FAMILIES = (
    ("attention", re.compile(r"attention|mha")),
    ("recurrent", re.compile(r"lstm|gru|rnn")),
    (NORMALISATION, re.compile(r"norm")),
    (EMBEDDING, re.compile(r"embed")),
    (TRANSPOSED, re.compile(r"transpose|deconv")),
    (CONVOLUTION, re.compile(r"conv")),
    (LINEAR, re.compile(r"linear|dense|gemm|matmul|innerproduct|fullyconnected")),
)
_WRAPPERS = frozenset({"_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module"})
_RANGE = re.compile(r"(\d{1,9})-(\d{1,9})")


def family(row: Row) -> str:
    """Return the kind of layer, which is the same for the type names of PyTorch, Keras and ONNX.

    >>> [family(Row("", kind)) for kind in ("Conv2DTranspose", "BatchNorm2d", "Dense", "ConvLSTM2D", "PReLU")]
    ['transposed convolution', 'normalisation', 'linear', 'recurrent', 'other']
    """
    if row.transposed:
        return TRANSPOSED
    return _family_of_type(row.type)


@functools.lru_cache(maxsize=1024)
def _family_of_type(kind: str) -> str:
    lower = kind.lower()
    return next((name for name, pattern in _FAMILIES if pattern.search(lower)), OTHER)


def statistics_count(row: Row) -> int:
    """Return the number of running means and variances among the counts of a row of Keras.

    >>> statistics_count(Row("n", "BatchNormalization", None, 8, 8, 16))
    16
    """
    if row.type not in BATCH_NORMS:
        return 0
    return row.other_count if row.weight_count or row.bias_count else row.frozen_count


def same_shape(left: Row, right: Row) -> bool | None:
    """Return whether the weights have the same axes in any order; ``None`` where a shape is unknown.

    >>> same_shape(Row("", "Conv2d", (8, 3, 5, 5)), Row("", "Conv2D", (5, 5, 3, 8)))
    True
    """
    if left.weight_shape is None or right.weight_shape is None or "Depthwise" in left.type + right.type:
        return None
    return _axes(left) == _axes(right)


def plain_name(name: str) -> str:
    """Return a name with ``.`` between modules, without the modules that wrappers of PyTorch add.

    >>> plain_name("model/up/0"), plain_name("_orig_mod.up")
    ('model.up.0', 'up')
    """
    return ".".join(part for part in name.replace("/", ".").split(".") if part not in _WRAPPERS)


def unrolled(
    rows: Sequence[Row], kept: frozenset[tuple[str, int]] = frozenset(), maximum: int = MAX_ROWS
) -> list[Row]:
    """Return rows that each stand for one layer, where the name of a row says which layers it stands for.

    A row whose plain name and ``times`` are in ``kept`` stays, as do all rows where there would be more than
    ``maximum``.

    >>> [(row.name, row.weight_count) for row in unrolled([Row("h.0-1.fc", "Linear", (2, 4), 16, times=2)])]
    [('h.0.fc', 8), ('h.1.fc', 8)]
    """
    chosen = [
        row.times > 1 and (plain_name(row.name), row.times) not in kept and _names_its_layers(row)
        for row in rows
    ]
    layers = sum(row.times for row, is_chosen in zip(rows, chosen, strict=True) if is_chosen)
    if len(rows) + layers > maximum:
        return list(rows)
    found: list[Row] = []
    for is_chosen, group in itertools.groupby(zip(chosen, rows, strict=True), key=lambda pair: pair[0]):
        together = [row for _, row in group]
        found += _each_layer(together) if is_chosen else together
    return found


def match_rows(left: Sequence[Row], right: Sequence[Row]) -> Indices:
    """Return the indices of the rows that belong together, by ascending left index.

    Each row is in at most one pair, and the pairs do not depend on which model is the left one.

    >>> match_rows([Row("a", "Linear"), Row("n", "BatchNorm2d")], [Row("model/n", "BatchNormalization")])
    [(1, 0)]
    """
    swap = list(map(_order, left)) > list(map(_order, right))
    pairs = _Matching(right, left).pairs() if swap else _Matching(left, right).pairs()
    return sorted((b, a) if swap else (a, b) for a, b in pairs)


def moved_pairs(pairs: Indices) -> list[int]:
    """Return the indices on the left of the fewest pairs without which the others have one order.

    >>> moved_pairs([(0, 0), (1, 3), (2, 1), (3, 2)])
    [1]
    """
    # The longest ascending subsequence of the right indices, by patience sorting. ``ends[n]`` is the smallest
    # index at which n + 1 ascending pairs can end; ``lengths`` has the longest such length for each pair.
    ends: list[int] = []
    lengths = []
    for _, right in pairs:
        place = bisect.bisect_left(ends, right)
        ends[place : place + 1] = [right]
        lengths.append(place + 1)
    # Backwards, the first pair of each length belongs to one longest sequence; every other pair has moved.
    moved, length = [], len(ends)
    for (left, _), own in zip(reversed(pairs), reversed(lengths), strict=True):
        if own == length:
            length -= 1
        else:
            moved.append(left)
    return moved[::-1]


def align(left: Sequence[Hashable], right: Sequence[Hashable]) -> Indices:
    """Return the indices of equal values in the same order: a longest common subsequence, if short enough.

    >>> align("abcd", "xbd")
    [(1, 1), (3, 2)]
    """
    start = 0
    while start < min(len(left), len(right)) and left[start] == right[start]:
        start += 1
    end = 0
    while end < min(len(left), len(right)) - start and left[-1 - end] == right[-1 - end]:
        end += 1
    found = [(index, index) for index in range(start)]
    middle = left[start : len(left) - end], right[start : len(right) - end]
    exact = len(middle[0]) * len(middle[1]) <= MAX_CELLS
    found += [(start + a, start + b) for a, b in (_longest if exact else _look_ahead)(*middle)]
    return found + [(len(left) - step, len(right) - step) for step in range(end, 0, -1)]


def _longest(left: Sequence[Hashable], right: Sequence[Hashable]) -> Iterator[tuple[int, int]]:
    """Yield the indices of a longest common subsequence."""
    # ``lengths[a][b]`` is the length for the values from a and from b on, so the walk below can go forwards.
    lengths = [[0] * (len(right) + 1)]
    for value in reversed(left):
        below, line = lengths[-1], [0] * (len(right) + 1)
        for b in range(len(right) - 1, -1, -1):
            line[b] = below[b + 1] + 1 if value == right[b] else max(below[b], line[b + 1])
        lengths.append(line)
    lengths.reverse()
    a = b = 0
    while a < len(left) and b < len(right):
        if left[a] == right[b]:
            yield a, b
            a, b = a + 1, b + 1
        elif lengths[a + 1][b] >= lengths[a][b + 1]:
            a += 1
        else:
            b += 1


def _look_ahead(left: Sequence[Hashable], right: Sequence[Hashable]) -> Iterator[tuple[int, int]]:
    """Yield the indices of equal values, each found with the fewest values skipped since the last."""
    # Small numbers are compared faster than what they stand for.
    numbers: dict[Hashable, int] = {}
    left, right = ([numbers.setdefault(value, len(numbers)) for value in side] for side in (left, right))
    a_end, b_end = len(left), len(right)
    a = b = 0
    while a < a_end and b < b_end:
        for a_step, b_step in _STEPS:
            x, y = a + a_step, b + b_step
            if x < a_end and y < b_end and left[x] == right[y]:
                yield x, y
                a, b = x + 1, y + 1
                break
        else:
            # Nothing is alike nearby: half of the reach is skipped, so the time stays linear.
            a, b = a + MAX_LOOK // 2, b + MAX_LOOK // 2


_STEPS = tuple((step, total - step) for total in range(MAX_LOOK) for step in range(total + 1))


class _Matching:
    """The state while the rows of two models are matched."""

    def __init__(self, left: Sequence[Row], right: Sequence[Row]) -> None:
        self._rows = left, right
        undecided = any(row.undecided for row in itertools.chain(left, right))
        self._families = tuple([self._family(row, undecided) for row in rows] for rows in self._rows)
        self._partner: tuple[dict[int, int], dict[int, int]] = {}, {}

    def pairs(self) -> Indices:
        """Return the pairs by name, then by what the rows have, then by position."""
        self._match_names()
        # The strictest key first: a row with a partner cannot be taken by a weaker key. Equal shapes alone
        # say too little to match rows that stand in another order.
        for key in (_whole_key, _count_key, _shape_key):
            self._match_keys(key)
            if key is not _shape_key:
                self._match_anywhere(key)
        self._match_positions()
        return list(self._partner[0].items())

    def _add(self, a: int, b: int) -> None:
        self._partner[0][a] = b
        self._partner[1][b] = a

    def _free(self, side: int) -> Iterator[int]:
        return (index for index in range(len(self._rows[side])) if index not in self._partner[side])

    @staticmethod
    def _family(row: Row, undecided: bool) -> str:
        """Return the family; where types are undecided, transposed and other convolutions are one family."""
        name = family(row)
        return (
            CONVOLUTION
            if undecided and name == TRANSPOSED
            else f"{name} {row.type}"
            if name == OTHER
            else name
        )

    def _match_names(self) -> None:
        """Match the rows whose names occur once on each side, and whose types do not contradict."""
        names = [[plain_name(row.name) for row in rows] for rows in self._rows]
        best = _without_prefix(*names)
        places = [_unique_places(side) for side in best]
        for name, a in places[0].items():
            b = places[1].get(name)
            if b is None:
                continue
            left, right = self._rows[0][a], self._rows[1][b]
            kinds = self._families[0][a], self._families[1][b]
            # A class of no known family contradicts none: it may be the same layer in another framework.
            if kinds[0] != kinds[1] and not any(kind.startswith(OTHER) for kind in kinds):
                continue
            # Numbers that a tool gives out in turn are not names: conv2d_1 can be another layer's elsewhere.
            automatic = _is_automatic(left) and _is_automatic(right)
            if not automatic or _core_count(left) == _core_count(right):
                self._add(a, b)

    def _match_keys(self, key: Callable[[Row], Hashable | None]) -> None:
        """Match rows with equal families and keys in the same order."""
        sides: list[list[tuple[int, Hashable]]] = []
        for side in (0, 1):
            keys = ((index, key(self._rows[side][index])) for index in self._free(side))
            sides.append([(index, (self._families[side][index], it)) for index, it in keys if it is not None])
        # What stands on one side only can match nothing and would make the table of ``_longest`` larger.
        common = {it for _, it in sides[0]} & {it for _, it in sides[1]}
        left, right = ([pair for pair in side if pair[1] in common] for side in sides)
        for a, b in align([it for _, it in left], [it for _, it in right]):
            self._add(left[a][0], right[b][0])

    def _match_anywhere(self, key: Callable[[Row], Hashable | None]) -> None:
        """Match rows with equal families and keys that stand in another order."""
        places: dict[Hashable, deque[int]] = defaultdict(deque)
        for b in self._free(1):
            places[self._families[1][b], key(self._rows[1][b])].append(b)
        for a in list(self._free(0)):
            row, value = self._rows[0][a], key(self._rows[0][a])
            found = places.get((self._families[0][a], value)) if value is not None else None
            if found and same_shape(row, self._rows[1][found[0]]) is not False:
                self._add(a, found.popleft())

    def _match_positions(self) -> None:
        """Match the rest after the same matched rows, family by family, in order."""
        groups: tuple[dict[Hashable, list[int]], ...] = defaultdict(list), defaultdict(list)
        for side in (0, 1):
            before = -1
            for index, row in enumerate(self._rows[side]):
                if index in self._partner[side]:
                    before = self._partner[0][index] if side == 0 else index
                elif row.type not in GAPS:
                    groups[side][before, self._families[side][index]].append(index)
        for place, members in groups[0].items():
            for a, b in zip(members, groups[1].get(place, ()), strict=False):
                self._add(a, b)


def _core_count(row: Row) -> int:
    return row.parameter_count - statistics_count(row)


def _axes(row: Row) -> Shape:
    """Return the axes of the weight in ascending order, without those of size 1."""
    # Frameworks store the axes in different orders, and some keep an axis of size 1 that others leave out.
    return tuple(sorted(size for size in row.weight_shape or () if size != 1))


def _whole_key(row: Row) -> Hashable | None:
    return (_axes(row), _core_count(row), row.times) if row.known and row.weight_shape else None


def _count_key(row: Row) -> Hashable | None:
    return (_core_count(row), row.times) if row.known else None


def _shape_key(row: Row) -> Hashable | None:
    return (_axes(row), row.times) if row.known and row.weight_shape else None


def _order(row: Row) -> tuple[object, ...]:
    """Return values by which two models have a fixed order, so that no result depends on the sides."""
    counts = row.weight_count, row.bias_count, row.other_count, row.frozen_count, row.times
    return row.name, row.type, row.weight_shape or (), counts, row.known, row.undecided, row.transposed


def _is_automatic(row: Row) -> bool:
    """Return whether the name is the type with a number, such as ``conv2d_1`` or ``Conv2d: 1-1``."""
    name = row.name.rpartition("/")[2].rstrip("0123456789-_: .").replace("_", "").lower()
    return name != "" and name == row.type.lower()


def _unique_places(names: Sequence[str]) -> dict[str, int]:
    counts = Counter(names)
    return {name: index for index, name in enumerate(names) if counts[name] == 1}


def _without_prefix(left: list[str], right: list[str]) -> tuple[list[str], list[str]]:
    """Return the names without those prefixes without which the most names are equal."""
    choices = [[names, *(_cut(names, prefix) for prefix in _prefixes(names))] for names in (left, right)]
    pairs = [(a, b) for a in choices[0] for b in choices[1]]
    return max(pairs, key=lambda pair: len(_unique_places(pair[0]).keys() & _unique_places(pair[1]).keys()))


def _prefixes(names: Sequence[str]) -> list[str]:
    """Return the first modules that at least half of the names have."""
    found: list[str] = []
    rest = list(names)
    while len(found) < MAX_PREFIX:
        heads = Counter(name.partition(".")[0] for name in rest if "." in name)
        if not heads:
            break
        head, count = max(heads.items(), key=lambda item: (item[1], item[0]))
        if 2 * count < len(names):
            break
        found.append(f"{found[-1] if found else ''}{head}.")
        rest = [name[len(head) + 1 :] for name in rest if name.startswith(f"{head}.")]
    return found


def _cut(names: Sequence[str], prefix: str) -> list[str]:
    return [name.removeprefix(prefix) for name in names]


def _names_its_layers(row: Row) -> bool:
    """Return whether the ranges in the name of a row give the number of its layers."""
    ranges = [found for part in row.name.split(".") if (found := _RANGE.fullmatch(part))]
    sizes = [int(found[2]) - int(found[1]) + 1 for found in ranges]
    return bool(sizes) and min(sizes) > 0 and math.prod(sizes) == row.times


def _each_layer(rows: Sequence[Row]) -> list[Row]:
    """Return the rows of every layer, block after block, as a model has them that lists them one by one."""
    found: list[Row] = []
    at = 0
    while at < len(rows):
        parts = rows[at].name.split(".")
        place = next((n for n, part in enumerate(parts) if _RANGE.fullmatch(part)), None)
        if place is None:
            found.append(rows[at])
            at += 1
            continue
        end = at
        while end < len(rows) and rows[end].name.split(".")[: place + 1] == parts[: place + 1]:
            end += 1
        first, last = map(int, parts[place].split("-"))
        for number in range(first, last + 1):
            found += _each_layer([_one_of(row, place, number, last - first + 1) for row in rows[at:end]])
        at = end
    return found


def _one_of(row: Row, place: int, number: int, count: int) -> Row:
    """Return the row of one of ``count`` equal blocks, whose number stands at ``place`` in the path."""
    parts = row.name.split(".")
    work = row.multiply_accumulates
    return dataclasses.replace(
        row,
        name=".".join([*parts[:place], str(number), *parts[place + 1 :]]),
        weight_count=row.weight_count // count,
        bias_count=row.bias_count // count,
        other_count=row.other_count // count,
        frozen_count=row.frozen_count // count,
        multiply_accumulates=None if work is None else work // count,
        times=row.times // count,
    )
