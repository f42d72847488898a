"""The totals of a model as text: a bare number only where everything is counted, else "at least …"."""

from calculator.core.formatting import format_count, join_words, plural
from calculator.readers.model import LEFT_OUT, Model


def at_least(model: Model, count: int) -> str:
    """Return ``count``, a total of ``model``, as text: without everything counted it is a minimum.

    >>> from calculator.readers.model import Row
    >>> at_least(Model((Row("a", "Linear", weight_count=5),), ""), 1234)
    '1,234'
    >>> at_least(Model((Row("a", "MyLayer", known=False),), ""), 1234)
    'at least 1,234'
    """
    return format_count(count) if model.complete else f"at least {format_count(count)}"


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
    if not undecided:
        return at_least(model, model.transposed_count)
    if not model.complete:
        return f"{at_least(model, model.transposed_count)}, and {format_count(undecided)} undecided"
    return f"{format_count(model.transposed_count)} to {format_count(model.transposed_count + undecided)}"


def trainable_text(model: Model, *, in_words: bool = True) -> str:
    """Return the number of parameters that are trained; ``in_words``, all of them are "all".

    >>> from calculator.readers.model import Row
    >>> model = Model((Row("a", "Linear", weight_count=1234),), "")
    >>> trainable_text(model), trainable_text(model, in_words=False)
    ('all', '1,234')
    """
    if in_words and model.trainable_count == model.parameter_count:
        return "all" if model.complete else "all that are counted"
    return at_least(model, model.trainable_count)


def not_counted_text(model: Model) -> str:
    """Return what is not counted, or "" where everything is.

    >>> from calculator.readers.model import Row, left_out_row
    >>> rows = Row("a", "Own", known=False, times=6), left_out_row("", "")
    >>> not_counted_text(Model(rows, ""))
    '6 modules not counted, and lines left out'
    """
    modules = sum(row.times for row in model.rows if not row.known and row.type != LEFT_OUT)
    parts = [f"{plural(modules, 'module')} not counted"] if modules else []
    if any(row.type == LEFT_OUT for row in model.rows):
        parts.append(LEFT_OUT)
    return ", and ".join(parts)


def not_counted_sentence(model: Model, maximum: int) -> str:
    """Return the names of what is not counted, at most ``maximum`` of them; "" where everything is counted.

    >>> from calculator.readers.model import Row
    >>> not_counted_sentence(Model((Row("b", "Own", known=False),), ""), 3)
    'Not counted, so that every total is a minimum: b (Own).'
    """
    names = [f"{row.title} ({row.type})" for row in model.unknown]
    if not names:
        return ""
    listed = join_words(names[:maximum], more=max(len(names) - maximum, 0))
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
