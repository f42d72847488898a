"""Tables of the model page: the layers, the memory and the advice."""

import dataclasses
import itertools

import pandas as pd

from calculator.comparison.advice import Advice
from calculator.comparison.lighter_block import activation_values
from calculator.core.formatting import format_bytes
from calculator.core.memory import NUMBER_TYPES, OPTIMISERS, training_bytes, weight_bytes
from calculator.readers.difference.comparison import Comparison
from calculator.readers.model import Model, Row
from calculator.tables.exact_frame import exact_frame

COLUMNS = ("layer", "type", "parameters", "weights", "biases", "others", "weight shape", "trained", "note")


def layers_table(rows: tuple[Row, ...]) -> pd.DataFrame:
    """Return the layers, one row for each.

    The columns for the output size and the multiply–accumulates exist only where a layer has one; next to
    output sizes the multiply–accumulates always have a column.
    A layer of unknown class has no counts. The column "equal layers" exists where a row stands for several.

    >>> row = Row("up", "ConvTranspose2d", (64, 32, 4, 4), 32768, 32)
    >>> layers_table((row, Row("head", "MyHead", known=False)))[["layer", "parameters"]].values.tolist()
    [['up', 32800], ['head', None]]
    """
    frame = exact_frame([_cells(row) for row in rows], COLUMNS)
    if any(row.times > 1 for row in rows):
        times = pd.Series([row.times for row in rows], dtype=object, index=frame.index)
        frame.insert(COLUMNS.index("type") + 1, "equal layers", times)
    more: dict[str, list[object]] = {
        "multiply–accumulates": [row.multiply_accumulates for row in rows],
        "output size": [row.output_size for row in rows],
    }
    for name, values in more.items():
        if any(value is not None for value in (*values, *more["output size"])):
            frame.insert(len(COLUMNS) - 1, name, pd.Series(values, dtype=object, index=frame.index))
            # pandas puts NaN where an exact integer is missing.
            frame = frame.astype(object).where(frame.notna(), None)
    return frame


def _cells(row: Row) -> tuple[object, ...]:
    """Return the cells of one layer, in the order of ``COLUMNS``."""
    shape = f"({', '.join(map(str, row.weight_shape))})" if row.weight_shape else None
    if not row.known:
        return (row.title, row.type, None, None, None, None, shape, "not known", row.note)
    trained = "no" if not row.trainable else "partly" if row.frozen_count else "yes"
    counts = (row.parameter_count, row.weight_count, row.bias_count, row.other_count)
    return (row.title, row.type, *counts, shape, trained, row.note)


def memory_table(model: Model) -> pd.DataFrame:
    """Return the memory of the parameters, and of the activations of one sample, for each number type.

    The columns are the bytes to use the model and to train it with each optimiser, exact, and rounded for
    Adam. Where sizes are known, a column has the bytes of the outputs of the layers with parameters. Names
    begin with "at least" where something in the model is not counted.

    >>> row = Row("up", "ConvTranspose2d", (64, 32, 4, 4), 32768, 32)
    >>> memory_table(Model((row,), "")).values.tolist()[1]
    ['float32', 131200, '≈128 KiB', 524800, '≈512 KiB', 262400, 393600]
    """
    others = tuple(name for name in OPTIMISERS if name != "Adam")
    names = (
        *("weights, bytes", "≈", "to train with Adam, bytes", "≈ training"),
        *(f"to train with {optimiser}, bytes" for optimiser in others),
    )
    values, missing = activation_values(model)
    if not model.complete:  # Something is not counted, so every number is a minimum.
        names = tuple(f"at least: {name}" for name in names)
    if values:
        names = (*names, f"{'at least: ' if missing else ''}outputs of the layers, bytes")
    rows = []
    for name in NUMBER_TYPES:
        weights = weight_bytes(model.minimum(model.parameter_count), name)
        adam, *rest = (_training_bytes(model, name, optimiser) for optimiser in ("Adam", *others))
        rounded = None if adam is None else format_bytes(adam)
        outputs = (weight_bytes(values, name),) if values else ()
        rows.append((name, weights, format_bytes(weights), adam, rounded, *rest, *outputs))
    return exact_frame(rows, ("number type", *names))


def _training_bytes(model: Model, number_type: str, optimiser: str) -> int | None:
    """Return the bytes to train the model, or ``None``. Frozen parameters need no gradient and no moments."""
    if not model.trained_known:
        return None
    trained = model.minimum(model.trainable_count)
    trainable = training_bytes(trained, number_type, optimiser)
    frozen = model.minimum(model.parameter_count) - trained
    return None if trainable is None else trainable + weight_bytes(frozen, number_type)


def advice_table(pieces: tuple[Advice, ...]) -> pd.DataFrame:
    """Return the advice, one row for each piece: its rule, its parameters, what it changes, its sentence.

    >>> advice_table((Advice("uneven overlap", "…", (0,)),)).values.tolist()
    [['uneven overlap', 0, None, None, None, None, None, None, '…']]
    """
    rows = [(piece.rule, piece.parameters, *_change(piece), piece.sentence) for piece in pieces]
    nouns = ("parameters", "multiply–accumulates", "activations kept")
    costs = (f"{noun}, {when}" for noun in nouns for when in ("before", "after"))
    return exact_frame(rows, ("rule", "parameters", *costs, "advice"))


def _change(piece: Advice) -> tuple[int | None, ...]:
    """Return parameters, work and activations before and after, in pairs; ``None`` where there are none."""
    if piece.before is None or piece.after is None:
        return (None,) * 6
    before, after = dataclasses.astuple(piece.before), dataclasses.astuple(piece.after)
    return tuple(itertools.chain.from_iterable(zip(before, after, strict=True)))


def difference_table(comparison: Comparison) -> pd.DataFrame:
    """Return the layers of two models, one row for each pair, with those that differ first.

    A count is missing where a model does not have the layer, or where it is not counted.

    >>> from calculator.readers.difference.comparison import compare_models
    >>> left, right = (Model((Row("a", "Linear", None, 6, bias),), "") for bias in (0, 2))
    >>> difference_table(compare_models(left, right)).values.tolist()
    [['a', 6, 8, 2, 'Only the right has a bias here: 2 parameters.']]
    """
    rows = [
        (pair.title, _count(pair.left), _count(pair.right), pair.difference, pair.explanation)
        for pair in comparison.pairs
    ]
    return exact_frame(rows, ("layer", "left", "right", "right − left", "reason"))


def _count(row: Row | None) -> int | None:
    return row.parameter_count if row and row.known else None
