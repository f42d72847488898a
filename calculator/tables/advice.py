"""The table of the advice on a model."""

import dataclasses
import itertools

import pandas as pd

from calculator.comparison.advice import Advice
from calculator.tables.exact_frame import exact_frame


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
