"""Tables of the model page: its layers, its totals, the memory it takes."""

import pandas as pd

from calculator.comparison.advice import Advice
from calculator.core.formatting import format_bytes
from calculator.core.memory import NUMBER_TYPES, training_bytes, weight_bytes
from calculator.readers.model import Model, Row
from calculator.tables.exact_frame import exact_frame

COLUMNS = ("layer", "type", "parameters", "weights", "biases", "others", "weight shape", "trained", "note")


def layers_table(rows: tuple[Row, ...]) -> pd.DataFrame:
    """Return a row for each layer. Sizes and multiply–accumulates only where some row has them.

    A layer whose class is not known has no counts.

    >>> row = Row("up", "ConvTranspose2d", (64, 32, 4, 4), 32768, 32)
    >>> layers_table((row, Row("head", "MyHead", known=False)))[["layer", "parameters"]].values.tolist()
    [['up', 32800], ['head', None]]
    """
    frame = exact_frame([_cells(row) for row in rows], COLUMNS)
    sizes = [row.output_size for row in rows]
    if any(size is not None for size in sizes):
        place = len(COLUMNS) - 1
        frame.insert(place, "output size", pd.Series(sizes, dtype=object, index=frame.index))
        works = [row.multiply_accumulates for row in rows]
        frame.insert(place + 1, "multiply–accumulates", pd.Series(works, dtype=object, index=frame.index))
        # pandas puts NaN where an exact integer is missing.
        frame = frame.astype(object).where(frame.notna(), None)
    return frame


def _cells(row: Row) -> tuple[object, ...]:
    shape = str(row.weight_shape).replace(",)", ")") if row.weight_shape else None
    if not row.known:
        return (row.title, row.type, None, None, None, None, shape, "not known", row.note)
    trained = "no" if not row.trainable else "partly" if row.frozen_count else "yes"
    counts = (row.parameter_count, row.weight_count, row.bias_count, row.other_count)
    return (row.title, row.type, *counts, shape, trained, row.note)


def memory_table(model: Model) -> pd.DataFrame:
    """Return what the parameters take in memory, by number type, to use the model and to train it with Adam.

    >>> row = Row("up", "ConvTranspose2d", (64, 32, 4, 4), 32768, 32)
    >>> memory_table(Model((row,), "")).values.tolist()[1]
    ['float32', 131200, '≈128 KiB', 524800, '≈512 KiB']
    """
    names = ("number type", "weights, bytes", "≈", "to train with Adam, bytes", "≈ training")
    rows = []
    for name in NUMBER_TYPES:
        held = weight_bytes(model.parameter_count, name)
        training = _training(model, name)
        told = None if training is None else format_bytes(training)
        rows.append((name, held, format_bytes(held), training, told))
    return exact_frame(rows, names)


def _training(model: Model, number_type: str) -> int | None:
    """Return the bytes to train: frozen parameters need no gradient and no moments."""
    trained = training_bytes(model.trainable_count, number_type)
    frozen = model.parameter_count - model.trainable_count
    return None if trained is None else trained + weight_bytes(frozen, number_type)


def advice_table(found: tuple[Advice, ...]) -> pd.DataFrame:
    """Return each piece of advice with its rule and its size in parameters.

    >>> advice_table((Advice("uneven overlap", "…", (0,)),)).values.tolist()
    [['uneven overlap', 0, '…']]
    """
    rows = [(one.rule, one.parameters, one.sentence) for one in found]
    return exact_frame(rows, ("rule", "parameters", "what it says"))
