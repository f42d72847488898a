"""Why the counts of two rows differ. A reason is given only where the numbers fit exactly.

Why this is hand-written:

- the reasons are conventions of tools, which no library knows;
- a difference that no rule fits must stay unexplained, and never get the most likely reason.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from calculator.core.formatting import format_count, format_shape, plural
from calculator.readers.difference.matching import (
    CONVOLUTION,
    EMBEDDING,
    LINEAR,
    NORMALISATION,
    TRANSPOSED,
    family,
    plain_name,
    same_shape,
    statistics_count,
)
from calculator.readers.model import GAPS, Model, Row
from calculator.readers.printed_tables.torchinfo import RECURSIVE

MAX_TIMES = 100
"""The maximum number of times for which a count counts as counted several times."""

SIDES = ("left", "right")

EXPORTED = ("ONNX", "TensorFlow Lite")
"""How the names of formats begin whose exporters merge normalisations."""

SHARED_ONCE = "Shared parameters are counted once:"

_OF_PYTORCH = frozenset(
    {"Linear", *(f"Conv{kind}{rank}d" for kind in ("", "Transpose") for rank in (1, 2, 3))}
)
"""Types whose weights have the axis order of PyTorch."""


class Status(Enum):
    """Whether two rows have the same counts. ``UNKNOWN`` means that one of them is not counted."""

    DIFFERENT = "different"
    ONLY_LEFT = "only left"
    ONLY_RIGHT = "only right"
    UNKNOWN = "unknown"
    SAME = "same"


class Reason(Enum):
    """Why counts differ. The value is a phrase for "a difference because of …"."""

    STATISTICS = "running means and variances that one side counts"
    SEVERAL_TIMES = "layers that are counted several times"
    SHARED = "shared weights that one side counts once"
    BIAS = "biases that one side has"
    MERGED = "normalisations that were merged into the layer before"
    NOT_COUNTED = "layers that one side does not count"
    LEFT_OUT = "lines that one side leaves out"
    WEIGHT_NORM = "magnitudes of weight norm that one side counts"
    SIZE = "layers of different sizes"
    UNEXPLAINED = "no rule here"


Explanation = tuple[Reason, str]

UNEXPLAINED = "No rule here explains it."


@dataclass(frozen=True)
class Side:
    """One side of the comparison: its model, its rows one by one and the partner of each row by index."""

    model: Model
    rows: Sequence[Row]
    partners: dict[int, int]


def pair_status(left: Row | None, right: Row | None) -> Status:
    """Return the status of two rows, one of which may be missing.

    >>> pair_status(Row("a", "Linear", None, 6), Row("a", "Dense", None, 6)).value
    'same'
    """
    if left is None or right is None:
        return Status.ONLY_RIGHT if left is None else Status.ONLY_LEFT
    if not (left.known and right.known):
        return Status.UNKNOWN
    same = left.parameter_count == right.parameter_count and same_shape(left, right) is not False
    return Status.SAME if same else Status.DIFFERENT


def explain_pair(left: Row, right: Row) -> Explanation:
    """Return why two known rows that are the same layer have different counts, with a sentence.

    >>> keras = Row("n", "BatchNormalization", (8,), 8, 8, 16)
    >>> explain_pair(Row("n", "BatchNorm2d", (8,), 8, 8), keras)[1]
    'The right counts the running mean and variance too: 2 × 8.'
    """
    difference = right.parameter_count - left.parameter_count
    if not difference:
        return Reason.SIZE, f"The counts are equal, but not the shapes: {_shapes(left, right)}."
    small, large, side = (left, right, "right") if difference > 0 else (right, left, "left")
    size = abs(difference)
    same = same_shape(left, right)
    if same is False and large.times == small.times:
        return Reason.SIZE, f"The layers differ in size: their weights are {_shapes(left, right)}."
    kinds = {family(left), family(right)}
    if kinds == {NORMALISATION}:
        found = _statistics(small, large, size, side)
        if found:
            return found
    elif kinds <= {CONVOLUTION, TRANSPOSED, LINEAR}:
        if _has_magnitudes(small, large, size):
            return Reason.WEIGHT_NORM, (
                f"The {side} counts the {plural(size, 'magnitude')} that weight norm adds to the weight."
            )
        if _is_bias(small, large, size):
            return Reason.BIAS, f"Only the {side} has a bias here: {plural(size, 'parameter')}."
    times, rest = divmod(large.parameter_count, small.parameter_count or large.parameter_count + 1)
    if rest or not 2 <= times <= MAX_TIMES:
        return Reason.UNEXPLAINED, UNEXPLAINED
    many = f"The {side} has exactly {times} times as many"
    if large.times == times * small.times:
        return Reason.SEVERAL_TIMES, f"{many}, as it counts {format_count(large.times)} equal layers here."
    if same:
        return Reason.SEVERAL_TIMES, f"{many}: it counts the layer {times} times."
    # Without the shapes a layer with more channels would fit as well.
    return (
        Reason.UNEXPLAINED,
        f"{many}: either it counts the layer {times} times, or the layer is larger there.",
    )


def explain_rows(left: Side, right: Side) -> tuple[dict[int, Explanation], dict[int, Explanation]]:
    """Return why rows differ where this depends on other rows, by the index of the row on its side.

    >>> embedding, head = Row("e", "Embedding", (9, 2), 18), Row("head", "Linear", (9, 2), 18)
    >>> sides = [Side(Model(rows, ""), rows, {0: 0}) for rows in ((embedding, head), (embedding,))]
    >>> explain_rows(*sides)[0][1][1]
    'Its weights have the size of those of e: the right counts them once.'
    """
    return _explain_side(left, right, SIDES), _explain_side(right, left, SIDES[::-1])


def _explain_side(own: Side, other: Side, names: Sequence[str]) -> dict[int, Explanation]:
    """Return the explanations of the rows of one side; ``names`` has the names of this and the other side."""
    found: dict[int, Explanation] = {}
    gaps = {plain_name(row.name): row for row in other.rows if not row.known}
    weights, shared, repeated = _weights(own), _shared_names(other.model), _repeated(own, other)
    for index, row in enumerate(own.rows):
        partner = own.partners.get(index)
        match = None if partner is None else other.rows[partner]
        if _is_merged(own, other, index):
            if match is None:
                before = own.rows[index - 1]
                found[index] = (
                    Reason.MERGED,
                    f"The {names[1]} has it merged into {before.title}, with its bias.",
                )
                found[index - 1] = (
                    Reason.MERGED,
                    f"The {names[1]} has the normalisation after it merged into it.",
                )
        elif match is None:
            found[index] = (
                _uncounted(row, names[0])
                or _tied(row, None, weights, shared, names[1])
                or _run_again(row, repeated, names[0])
                or _in_gap(row, gaps, names[1])
                or (Reason.UNEXPLAINED, f"Only the {names[0]} has it. {UNEXPLAINED}")
            )
        elif row.known and match.known and row.parameter_count > match.parameter_count:
            tied = _tied(row, match, weights, shared, names[1])
            found |= {index: tied} if tied else {}
    return found


def _shapes(left: Row, right: Row) -> str:
    return f"{format_shape(left.weight_shape)} left and {format_shape(right.weight_shape)} right"


def _channels(row: Row) -> int:
    """Return the number of channels of a normalisation, or 0 where it is not known."""
    if row.weight_shape:
        return row.weight_shape[-1]
    separated = row.weight_count or row.bias_count
    return (separated or (row.parameter_count - statistics_count(row)) // 2) // row.times


def _statistics(small: Row, large: Row, size: int, side: str) -> Explanation | None:
    """Return the explanation of a normalisation by the running mean and variance of each channel."""
    channels = _channels(large) or _channels(small)
    counted = statistics_count(large) == size and not statistics_count(small)
    parts = (small.weight_count, small.bias_count) == (large.weight_count, large.bias_count) != (0, 0)
    batch = all("batch" in row.type.lower() for row in (small, large))
    if counted or (batch and parts and size == 2 * channels * large.times):
        return Reason.STATISTICS, (
            f"The {side} counts the running mean and variance too: 2 × {format_count(size // 2)}."
        )
    if batch and large.parameter_count == 2 * small.parameter_count:
        return Reason.UNEXPLAINED, (
            f"The {side} has exactly 2 times as many: it counts the layer twice, or the running mean and "
            "variance too."
        )
    return None


def _outputs(row: Row) -> int:
    """Return the number of output channels of all layers of a row, or 0 where it is not known."""
    if row.layer is not None:
        return row.layer.out_channels * row.times
    shape, kind = row.weight_shape, row.type
    if not shape or len(shape) < 2:
        return 0
    if kind in _OF_PYTORCH and family(row) != TRANSPOSED:
        return shape[0] * row.times
    if kind in ("Dense", "Conv1D", "Conv2D", "Conv3D"):
        return shape[-1] * row.times
    return 0


def _is_bias(small: Row, large: Row, size: int) -> bool:
    """Return whether the larger row has the weights of the smaller one and a bias of ``size`` values."""
    if large.bias_count:
        return large.bias_count == size and not small.bias_count
    separated = small.weight_count and not small.bias_count and not small.other_count
    return bool(separated) and not large.weight_count and _outputs(small) == size


def _has_magnitudes(small: Row, large: Row, size: int) -> bool:
    """Return whether the larger row has what the smaller one has, and magnitudes of weight norm."""
    if "weight norm" in large.note and "weight norm" not in small.note:
        return large.other_count == size
    if (
        not small.bias_count
        or small.weight_shape is None
        or small.other_count
        or small.type not in _OF_PYTORCH
    ):
        return False
    if large.weight_count and (
        large.bias_count != small.bias_count or large.weight_count == small.weight_count
    ):
        return False
    # torch.nn.utils.weight_norm has a magnitude for each index of the first axis, unless told otherwise.
    return small.weight_shape[0] * small.times == size


def _weights(side: Side) -> dict[tuple[str, int], Row]:
    """Return the first matched embedding and linear layer of each number of weights."""
    found: dict[tuple[str, int], Row] = {}
    for index in sorted(side.partners):
        row = side.rows[index]
        if row.known and not row.bias_count:
            found.setdefault((family(row), row.weight_count or row.parameter_count), row)
    return found


def _shared_names(model: Model) -> set[str]:
    """Return the layers whose weight the source states to be that of another layer."""
    texts = [text for text in model.assumptions if text.startswith(SHARED_ONCE)]
    words = (word for text in texts for word in text.removeprefix(SHARED_ONCE).split())
    return {plain_name(word.strip(".,:").removesuffix(".weight")) for word in words if ".weight" in word}


def _tied(
    row: Row, match: Row | None, weights: dict[tuple[str, int], Row], shared: set[str], other: str
) -> Explanation | None:
    """Return the explanation of missing weights.

    The other side states that they are shared, or an embedding or linear layer on the same side has as many.
    """
    kinds = {EMBEDDING: LINEAR, LINEAR: EMBEDDING}
    kind = family(row)
    missing = row.parameter_count - (match.parameter_count if match else 0)
    if not row.known or missing != (row.weight_count or row.parameter_count):
        return None
    if plain_name(row.name) in shared:
        return Reason.SHARED, f"The {other} states that its weights are those of another layer."
    twin = weights.get((kinds[kind], missing)) if kind in kinds else None
    if twin is not None and same_shape(row, twin) is not False:
        return (
            Reason.SHARED,
            f"Its weights have the size of those of {twin.title}: the {other} counts them once.",
        )
    return None


def _uncounted(row: Row, side: str) -> Explanation | None:
    """Return the explanation of a row that only one side has, and does not count."""
    if row.known:
        return None
    if row.type in GAPS:
        return Reason.LEFT_OUT, f"The {side} leaves lines out here."
    return Reason.NOT_COUNTED, f"Only the {side} has it, and does not count it."


def _run_again(row: Row, repeated: Mapping[tuple[object, ...], Row], side: str) -> Explanation | None:
    """Return the explanation of one more row of a layer that runs again."""
    first = repeated.get(_content(row))
    if first is None:
        return None
    return (
        Reason.SEVERAL_TIMES,
        f"It has the counts of {first.title}: the {side} counts a layer each time it runs.",
    )


def _in_gap(row: Row, gaps: Mapping[str, Row], side: str) -> Explanation | None:
    """Return the explanation by the row, or a module around it, that the other side does not count."""
    name = plain_name(row.name)
    while gaps and name not in gaps and name:
        name = name.rpartition(".")[0]
    gap = gaps.get(name)
    if gap is None:
        return None
    if gap.type in GAPS:
        return Reason.LEFT_OUT, f"The {side} leaves lines out here."
    return Reason.NOT_COUNTED, f"It belongs to {gap.title} ({gap.type}), which the {side} does not count."


def _repeated(side: Side, other: Side) -> dict[tuple[object, ...], Row]:
    """Return the matched layers by what they have, if the other side counts layers that run again once."""
    if "torchsummary" not in side.model.format and RECURSIVE not in other.model.assumptions:
        return {}
    found: dict[tuple[object, ...], Row] = {}
    for index in sorted(side.partners):
        found.setdefault(_content(side.rows[index]), side.rows[index])
    return found


def _content(row: Row) -> tuple[object, ...]:
    return row.type, row.weight_shape, row.weight_count, row.bias_count, row.other_count


def _is_merged(own: Side, other: Side, index: int) -> bool:
    """Return whether the other side has the normalisation at ``index`` in the layer before, with its bias."""
    row = own.rows[index]
    if not index or family(row) != NORMALISATION or index - 1 not in own.partners:
        return False
    before, after = own.rows[index - 1], other.rows[own.partners[index - 1]]
    if family(before) not in (CONVOLUTION, TRANSPOSED, LINEAR) or not (before.known and after.known):
        return False
    if not after.bias_count or after.bias_count != _channels(row) * row.times:
        return False
    gained = before.parameter_count == after.parameter_count - after.bias_count
    exported = other.model.format.startswith(EXPORTED)
    return gained or (exported and before.parameter_count == after.parameter_count)
