"""DataFrames whose integers stay exact."""

from collections.abc import Iterable, Sequence

import pandas as pd


def exact_frame(rows: Iterable[Sequence[object]], columns: Sequence[str]) -> pd.DataFrame:
    """Return rows as a DataFrame with columns of type ``object``, which keeps Python's integers.

    The integers of pandas wrap silently at 2⁶³.

    >>> exact_frame([(2**64, (32, 32))], ("count", "size")).values.tolist()
    [[18446744073709551616, (32, 32)]]
    """
    return pd.DataFrame([list(row) for row in rows], columns=list(columns), dtype=object)
