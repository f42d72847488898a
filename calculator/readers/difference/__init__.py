"""The comparison of two models: which rows belong together, where their counts differ, and why."""

from calculator.readers.difference.comparison import (
    TABLE_TITLES,
    Comparison,
    Pair,
    compare_models,
    signed,
    table_rows,
    write_comparison,
)
from calculator.readers.difference.reasons import Reason, Status

__all__ = [
    "TABLE_TITLES",
    "Comparison",
    "Pair",
    "Reason",
    "Status",
    "compare_models",
    "signed",
    "table_rows",
    "write_comparison",
]
