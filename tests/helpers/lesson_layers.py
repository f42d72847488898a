"""Small layers for the lesson, and their parameters counted by allocating arrays."""

import numpy as np
from hypothesis import strategies as st

from calculator.settings import Settings

small_layers = st.builds(
    Settings,
    dimensions=st.just(2),
    in_channels=st.integers(1, 24),
    out_channels=st.integers(1, 24),
    kernel_size=st.one_of(st.tuples(st.integers(1, 7)), st.tuples(st.integers(1, 7), st.integers(1, 7))),
    groups=st.integers(1, 8),
    bias=st.booleans(),
    batch_norm=st.booleans(),
    frozen=st.booleans(),
    second=st.booleans(),
)


def allocated(held: Settings, *, groups: int = 1, bias: bool = True) -> int:
    """Count by allocating: an array of kernels for each group, and a bias vector."""
    kernel = held.spatial("kernel_size")
    inputs, outputs = held.in_channels // groups, held.out_channels // groups
    weights = [np.zeros((inputs, outputs, *kernel)) for _ in range(groups)]
    return sum(one.size for one in weights) + (np.zeros(held.out_channels).size if bias else 0)
