"""Cells of exported tables: values of pandas and numpy, fractions and missing values."""

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest

from calculator.tables.export import FORMATS, export
from tests.helpers.export_files import frame, read_csv, read_markdown, sheet_of


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_values_of_pandas_are_unwrapped(form: Any) -> None:
    wrapped = pd.DataFrame({"a": np.array([1, 2**40]), "b": [0.5, math.nan], "c": [np.True_, np.False_]})
    bare = frame((1, 0.5, True), (2**40, None, False), columns=("a", "b", "c"))
    assert export(wrapped, form.name, title="x") == export(bare, form.name, title="x")
    boxed = frame((np.int64(1), np.float64(0.5), np.True_), (2**40, None, np.False_), columns=("a", "b", "c"))
    assert export(boxed, form.name, title="x") == export(bare, form.name, title="x")
    missing = frame((pd.NA, pd.NaT, math.nan), columns=("a", "b", "c"))
    none = frame((None, None, None), columns=("a", "b", "c"))
    assert export(missing, form.name, title="x") == export(none, form.name, title="x")


def test_a_fraction_is_a_number_of_six_digits() -> None:
    table = frame(("x", Fraction(193, 49)), ("y", Fraction(1, 2)))
    assert [row[1] for row in read_csv(export(table, "CSV", title="x"))[1:]] == ["3.93878", "0.5"]
    written = read_markdown(export(table, "Markdown", title="x").decode())
    assert [row[1] for row in written[1:]] == ["3.93878", "0.5"]
    assert sheet_of(export(table, "Excel", title="x"))["B2"].value == 3.93878
