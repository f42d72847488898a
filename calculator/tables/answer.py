"""Tables of the answer: the parts of the count, and the working."""

from collections.abc import Iterable

import pandas as pd

from calculator.core.derivation import Step
from calculator.core.layer import ConvTranspose
from calculator.tables.exact_frame import exact_frame


def split(layer: ConvTranspose) -> pd.DataFrame:
    """Return the parts of the parameter count: columns ``part`` and ``count``, weights first.

    >>> print(split(ConvTranspose(in_channels=3, out_channels=64, kernel_size=4)).to_string(index=False))
       part count
    weights  3072
     biases    64
    """
    return exact_frame([("weights", layer.weight_count), ("biases", layer.bias_count)], ("part", "count"))


def working(steps: Iterable[Step]) -> pd.DataFrame:
    """Return the steps of a calculation, one row for each: columns ``what``, ``expression``, ``value``.

    >>> working([Step("Weights in one kernel", "4 × 4", 16, "weights")]).values.tolist()
    [['Weights in one kernel', '4 × 4', 16]]
    """
    return exact_frame(
        [(step.what, step.expression, step.value) for step in steps], ("what", "expression", "value")
    )
