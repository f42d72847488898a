"""The totals of a model as text: a bare number only where it is certain, else "at least …" or a range."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from calculator.core.formatting import format_count, join_first, plural
from calculator.readers.model import ANOTHER_PART, GAPS, LEFT_OUT, MAX_NAME_SHOWN, Model, Row

MAX_PARTS = 20
"""The maximum number of parts of a text that are read."""

TOO_MANY = f"only {MAX_PARTS} parts of a text are read"

MAX_REASON = 300
"""The maximum number of characters of the reason for which a part is not read."""


DISAGREE = "rows and stated total disagree"
PERHAPS_TIED = "tensors may be shared"


def at_least(model: Model, count: int, write: Callable[[int], str] = format_count) -> str:
    """Return ``count``, a total of ``model``, as text: without everything counted it is a minimum.

    Where the rows exceed the total that the source states, it is a range. ``write`` writes each number.

    >>> from calculator.readers.model import Row
    >>> at_least(Model((Row("a", "Linear", weight_count=5),), ""), 1234)
    '1,234'
    >>> at_least(Model((Row("a", "MyLayer", known=False),), ""), 1234)
    'at least 1,234'
    >>> at_least(Model((Row("a", "Linear", weight_count=5),), "", surplus=3), 5)
    '2 to 5'
    """
    low = model.minimum(count)
    if model.unknown:
        return f"at least {write(low)}"
    return write(low) if low == count else f"{write(low)} to {write(count)}"


def counted_text(model: Model) -> str:
    """Return the number of parameters for a sentence about their share, which holds for counted ones alone.

    >>> from calculator.readers.model import Row
    >>> counted_text(Model((Row("a", "Linear", weight_count=5), Row("b", "Own", known=False)), ""))
    '5 parameters that are counted'
    """
    counted = "" if model.complete else " that are counted"
    return f"{plural(model.parameter_count, 'parameter')}{counted}"


def total_text(model: Model) -> str:
    """Return the number of parameters, and what is not counted.

    >>> from calculator.readers.model import Row
    >>> total_text(Model((Row("a", "Linear", weight_count=1234), Row("b", "Own", known=False)), ""))
    'at least 1,234 · 1 module not counted'
    """
    return " · ".join(filter(None, (at_least(model, model.parameter_count), not_counted_text(model))))


def transposed_text(model: Model) -> str:
    """Return the number of parameters in transposed convolutions: a range where types are undecided.

    >>> from calculator.readers.model import Row
    >>> up = Row("a", "", weight_count=1500, transposed=True)
    >>> transposed_text(Model((up, Row("b", "", weight_count=100, undecided=True)), ""))
    '1,500 to 1,600'
    """
    undecided = model.undecided_count
    if undecided and model.unknown:
        return f"{at_least(model, model.transposed_count)}, and {format_count(undecided)} undecided"
    more = replace(model, surplus=model.surplus + undecided) if undecided else model
    return at_least(more, model.transposed_count + undecided)


def trainable_text(model: Model, *, in_words: bool = True) -> str:
    """Return the number of parameters that are trained; ``in_words``, all of them are "all".

    It is "?" where the source does not show how many are trained.

    >>> from calculator.readers.model import Row
    >>> model = Model((Row("a", "Linear", weight_count=1234),), "")
    >>> trainable_text(model), trainable_text(model, in_words=False)
    ('all', '1,234')
    """
    if not model.trained_known:
        return "?"
    if in_words and model.trainable_count == model.parameter_count:
        return "all" if model.complete else "all that are counted"
    return at_least(model, model.trainable_count)


def not_counted_text(model: Model) -> str:
    """Return what is not counted or not certain, or "" where everything is counted.

    >>> from calculator.readers.model import Row, left_out_row
    >>> rows = Row("a", "Own", known=False, times=6), left_out_row("", "")
    >>> not_counted_text(Model(rows, ""))
    '6 modules not counted, and lines left out'
    """
    modules = sum(row.times for row in model.rows if not row.known and row.type not in GAPS)
    parts = [f"{plural(modules, 'module')} not counted"] if modules else []
    types = [row.type for row in model.rows]
    if others := types.count(ANOTHER_PART):
        parts.append(f"{plural(others, 'part')} of the text not counted")
    if LEFT_OUT in types:
        parts.append(LEFT_OUT)
    if model.surplus and not others:
        parts.append(PERHAPS_TIED if model.perhaps_tied else DISAGREE)
    return ", and ".join(parts)


def not_counted_sentence(model: Model, maximum: int) -> str:
    """Return the names of what is not counted, at most ``maximum`` of them; "" where everything is counted.

    >>> from calculator.readers.model import Row
    >>> not_counted_sentence(Model((Row("b", "Own", known=False),), ""), 3)
    'Not counted, so that every total is a minimum: b (Own).'
    """
    # Another part of the text has a sentence of its own.
    names = [f"{row.title} ({row.type})" for row in model.unknown if row.type != ANOTHER_PART]
    if not names:
        return ""
    listed = join_first(names, maximum)
    return f"Not counted, so that every total is a minimum: {listed}."


def undecided_sentence(model: Model) -> str:
    """Return how much is undecided between transposed and ordinary convolutions; "" where nothing is.

    >>> from calculator.readers.model import Row
    >>> undecided_sentence(Model((Row("b", "", weight_count=9, undecided=True),), ""))
    'Undecided, as each may be or contain a transposed convolution, or not: 9 parameters in 1 layer.'
    """
    count = sum(row.times for row in model.rows if row.undecided)
    if not count:
        return ""
    return (
        "Undecided, as each may be or contain a transposed convolution, or not: "
        f"{plural(model.undecided_count, 'parameter')} in {plural(count, 'layer')}."
    )


def with_others(model: Model, others: Sequence[Model | str]) -> Model:
    """Return ``model`` with a sentence for each other part of its text: a model, or why it is not read.

    A part with another total becomes a row without a count, so that the total is a minimum: the smallest
    total of all formats.

    >>> from calculator.readers.model import Row
    >>> one, two = (Model((Row("a", "Linear", weight_count=n),), f"format {n}") for n in (5, 6))
    >>> total_text(with_others(one, [two]))
    'at least 5 · 1 part of the text not counted'
    >>> with_others(one, [two]).assumptions[0]
    'The text also has a part that is not counted (format 6), with 6 parameters; the part that is counted \
(format 5) has 5: one of them is wrong, or they are two models.'
    """
    counted = f"the part that is counted ({model.format})"
    compared = [*others[: MAX_PARTS - 1], *([TOO_MANY] if len(others) >= MAX_PARTS else [])]
    sentences = dict.fromkeys(_sentence(model, other, counted) for other in compared)
    models = [other for other in compared if isinstance(other, Model)]
    rows = dict.fromkeys(
        another_part_row(_title(model, other), other) for other in models if _differs(model, other)
    )
    smaller = [
        other.parameter_count for other in models if other.format != model.format and _differs(model, other)
    ]
    assumptions = (*sentences, *model.assumptions)
    more = replace(model, rows=(*model.rows, *rows), assumptions=assumptions)
    return more.with_surplus(model.parameter_count - min(smaller, default=model.parameter_count))


def _same(model: Model, other: Model) -> bool:
    """Return whether the counts of two parts show that they are of one model."""
    if not (model.complete and other.complete) or model.parameter_count != other.parameter_count:
        return False
    counts = [sorted(row.parameter_count for row in each.rows) for each in (model, other)]
    return model.format != other.format or counts[0] == counts[1]


def _differs(model: Model, other: Model) -> bool:
    """Return whether the counts of two parts show that they are not of one model, or that one is wrong."""
    more = other.parameter_count > model.parameter_count
    return model.complete and not _same(model, other) and (more or other.complete)


def another_part_row(title: str, other: Model) -> Row:
    """Return the row that stands for ``other``, a part of a text that is not counted.

    >>> another_part_row("decoder", Model((Row("a", "Linear", weight_count=5),), "")).note
    'It has 5 parameters, which no total contains.'
    """
    note = f"It has {at_least(other, other.parameter_count)} parameters, which no total contains."
    return Row(title, ANOTHER_PART, note=note, known=False)


def _title(model: Model, other: Model) -> str:
    """Return what another part of the text of ``model`` is called."""
    if other.format != model.format:
        return other.format
    named = other.name not in ("", model.name)
    return other.format + (f" “{other.name[:MAX_NAME_SHOWN]}”" if named else ", another one")


def _sentence(model: Model, other: Model | str, counted: str) -> str:
    """Return the sentence about another part of the text of ``model``, which is called ``counted``."""
    if isinstance(other, str):
        reason = other[:MAX_REASON].rstrip(".")
        return (
            f"The text also has a part that is not read ({reason}): whether {counted} is of the same "
            "model is unknown."
        )
    also = f"The text also has a part that is not counted ({_title(model, other)}), with"
    complete = model.complete and other.complete
    if _same(model, other):
        return f"{also} as many parameters as {counted}: both are taken for the same model."
    says = (
        "they are two models, or a model and a part of it"
        if complete and model.format == other.format
        else "one of them is wrong, or they are two models"
        if complete
        else "whether both are of one model is unknown"
    )
    return (
        f"{also} {at_least(other, other.parameter_count)} parameters; {counted} has "
        f"{at_least(model, model.parameter_count)}: {says}."
    )


def output_values(row: Row) -> int | None:
    """Return the values in the output of a layer for one sample, or ``None`` where they are not known.

    >>> output_values(Row("norm", "BatchNorm2d", (64,), 64, 64, output_size=(8, 8)))
    4096
    """
    if row.type in ("Linear", "Dense"):
        # A layer of features is used once for every position.
        outputs = (row.bias_count or 0) if row.weight_shape is None else row.weight_shape[row.type == "Dense"]
        work = row.multiply_accumulates
        return (
            None if work is None or not row.weight_count else outputs * work // row.weight_count * row.times
        )
    if row.output_size is None or row.weight_shape is None:
        return None
    if row.layer is not None:
        channels = row.layer.out_channels
    else:  # Only Keras stores the output channels of a convolution last; a norm has one number per channel.
        keras = row.type in ("Conv1D", "Conv2D", "Conv3D")
        channels = row.weight_shape[-1 if keras else 0]
    return channels * math.prod(row.output_size) * row.times


def activation_values(model: Model) -> tuple[int, int]:
    """Return the values that the layers with parameters put out for one sample, and the layers without one.

    Activation functions, pooling and other layers without parameters are not included.

    >>> known = Row("norm", "BatchNorm2d", (64,), 64, 64, output_size=(8, 8))
    >>> activation_values(Model((known, Row("head", "Head", known=False)), ""))
    (4096, 1)
    """
    values = [output_values(row) for row in model.rows]
    known = [count for count in values if count is not None]
    return sum(known), len(values) - len(known)
