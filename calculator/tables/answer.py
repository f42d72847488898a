"""The table of the working."""

from collections.abc import Iterable

import pandas as pd

from calculator.core.derivation import Step
from calculator.tables.exact_frame import exact_frame


def working(steps: Iterable[Step]) -> pd.DataFrame:
    """Return the steps of a calculation, one row for each: columns ``what``, ``expression``, ``value``.

    >>> working([Step("Weights in one kernel", "4 × 4", 16, "weights")]).values.tolist()
    [['Weights in one kernel', '4 × 4', 16]]
    """
    return exact_frame(
        [(step.what, step.expression, step.value) for step in steps], ("what", "expression", "value")
    )
