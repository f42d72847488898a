"""What all tables are made with: columns that keep Python's own exact integers."""

from collections.abc import Iterable, Sequence

import pandas as pd


def exact_frame(rows: Iterable[Sequence[object]], columns: Sequence[str]) -> pd.DataFrame:
    """Return rows as a frame of ``object`` columns: pandas' own integers wrap silently at 2⁶³.

    >>> exact_frame([(2**64, (32, 32))], ("count", "size")).values.tolist()
    [[18446744073709551616, (32, 32)]]
    """
    return pd.DataFrame([list(row) for row in rows], columns=list(columns), dtype=object)
