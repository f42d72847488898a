"""CSV files: every one is read back cell by cell, and no text in it is a formula."""

import io
import re

import pandas as pd
import pytest
from hypothesis import example, given

from calculator import Alternative, ConvTranspose, alternatives, printed
from calculator.core.formatting import ASCII_SIGNS
from calculator.tables.compare import alternatives_table, tools_table
from calculator.tables.export import export
from calculator.tables.sweeps import sweeps
from tests.helpers.export_files import ACTING, HARMLESS, HUGE, SHELF, cells, digits, frame, read_csv, tables


@given(tables())
@example(SHELF)
def test_csv_is_read_back(table: pd.DataFrame) -> None:
    head, *rows = read_csv(export(table, "CSV", title="x"))
    names = [str(name).translate(ASCII_SIGNS) for name in table.columns]
    for read, written in zip([head, *rows], [names, *cells(table)], strict=True):
        for text, value in zip(read, written, strict=True):
            if isinstance(value, str):
                assert text in (value, f"'{value}")
                assert not re.match(r"[=+\-@\t\r\n＝＋－＠]", text)
                assert (text != value) is bool(re.match(r"[=+\-@\t\r\n＝＋－＠]", value))
            else:
                assert text == digits(value)


def test_csv_is_read_back_by_pandas() -> None:
    table = sweeps(ConvTranspose(in_channels=2**31, out_channels=2**31, kernel_size=(2**20,)))
    data = export(table, "CSV", title="x")
    back = pd.read_csv(io.BytesIO(data), dtype=str, keep_default_na=False, encoding="utf-8-sig")
    assert list(back.columns) == list(table.columns)
    assert back.to_numpy().tolist() == [[str(value) for value in row] for row in cells(table)]
    assert max(table["weights"]) > 2**63


def test_csv_is_what_pandas_writes_where_nothing_acts() -> None:
    table = frame(("a", 1, 0.1), ("b,c", -HUGE, None), ('"', 3, 1e300))
    assert export(table, "CSV", title="x") == table.to_csv(index=False, lineterminator="\r\n").encode(
        "utf-8-sig"
    )


@pytest.mark.parametrize("text", ACTING)
def test_csv_formulas_are_inert(text: str) -> None:
    table = pd.DataFrame({"Name": [text], text: [-5]}, dtype=object)
    assert read_csv(export(table, "CSV", title="x")) == [["Name", f"'{text}"], [f"'{text}", "-5"]]


@pytest.mark.parametrize("text", HARMLESS)
def test_csv_leaves_the_rest_alone(text: str) -> None:
    assert read_csv(export(frame((text,)), "CSV", title="x"))[1] == [text]


def test_names_of_columns_are_ascii() -> None:
    layer = ConvTranspose(64, 32, 4, 2, 1)
    ways = [way for way in alternatives(64, 32, (2, 2)) if isinstance(way, Alternative)]
    for table in (alternatives_table(ways, 16, "float32"), tools_table(printed(layer, 16)), sweeps(layer)):
        assert export(table, "CSV", title="x").decode("utf-8-sig").splitlines()[0].isascii()
