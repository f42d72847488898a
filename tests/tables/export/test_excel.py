"""Workbooks: every one is read back cell by cell, and text in it stays text."""

import io
import math
import re
import zipfile
from typing import Any
from xml.etree import ElementTree

import openpyxl  # type: ignore[import-untyped]
import pandas as pd
import pytest
from hypothesis import example, given

from calculator.tables.export import export
from calculator.tables.export.excel import EXACT_IN_EXCEL
from tests.helpers.export_files import ACTING, HUGE, SHELF, cells, digits, frame, sheet_of, tables


@given(tables())
@example(SHELF)
def test_excel_is_read_back(table: pd.DataFrame) -> None:
    sheet = sheet_of(export(table, "Excel", title="Shelf"))
    for column, name in enumerate(table.columns, start=1):
        head = sheet.cell(1, column)
        assert (unescaped_xml(head.value), head.data_type, head.font.bold) == (name, "s", True)
    for place, row in enumerate(cells(table), start=2):
        for column, value in enumerate(row, start=1):
            check_cell(sheet.cell(place, column), value)
    assert sheet.max_row <= len(table) + 1


def unescaped_xml(text: str) -> str:
    """Return text without the escapes of Office Open XML (ISO 29500-1, 22.4.2.4), which openpyxl keeps."""
    return re.sub("_x([0-9A-F]{4})_", lambda match: chr(int(match[1], 16)), text)


def check_cell(cell: Any, value: Any) -> None:
    assert cell.hyperlink is None
    if value in (None, ""):
        assert cell.value in (None, "")
    elif isinstance(value, bool):
        assert (cell.value, cell.data_type) == (value, "b")
    elif isinstance(value, int) and abs(value) < 10**15:
        assert (cell.value, cell.data_type, cell.number_format) == (value, "n", "#,##0")
    elif isinstance(value, float):
        assert cell.data_type == "n"
        assert math.isclose(cell.value, value, rel_tol=1e-15)
    else:
        text = value if isinstance(value, str) else digits(value)
        assert (unescaped_xml(cell.value), cell.data_type) == (text, "s")


@pytest.mark.parametrize(
    "text", [*ACTING, "http://x.org", "mailto:a@b.org", "internal:A1", "{=1}", "12", "1e5", "TRUE"]
)
def test_excel_text_is_text(text: str) -> None:
    data = export(pd.DataFrame({text: [text]}), "Excel", title=text)
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
        kinds = [cell.get("t") for cell in ElementTree.fromstring(sheet).iter() if cell.tag.endswith("}c")]
        assert kinds == ["s", "s"]
        assert "<f" not in sheet
        assert "hyperlink" not in sheet
        assert not [name for name in parts.namelist() if "rels" in name and "sheet" in name]


def test_excel_shows_every_digit() -> None:
    # Excel keeps 15 significant digits: one more would be as_displayed as 0.
    assert EXACT_IN_EXCEL == 999_999_999_999_999
    values = [EXACT_IN_EXCEL, -EXACT_IN_EXCEL, EXACT_IN_EXCEL + 1, -EXACT_IN_EXCEL - 1, 2**53 + 1, HUGE]
    sheet = sheet_of(export(frame(*[("x", value) for value in values]), "Excel", title="x"))
    kept = [sheet.cell(row, 2).value for row in range(2, 8)]
    assert kept == [
        999_999_999_999_999,
        -999_999_999_999_999,
        str(10**15),
        str(-(10**15)),
        str(2**53 + 1),
        str(HUGE),
    ]
    assert {sheet.cell(row, 2).alignment.horizontal for row in range(4, 8)} == {"right"}


def test_excel_sheet() -> None:
    data = export(SHELF, "Excel", title="Kept layers")
    sheet = sheet_of(data)
    assert sheet.title == "Kept layers"
    assert sheet.freeze_panes == "A2"
    widths = [sheet.column_dimensions[letter].width for letter in "ABC"]
    longest = [len("50 % | _a_"), len("100,000,000,000,000,000,000"), len("Output size")]
    assert all(has <= width <= has + 4 for has, width in zip(longest, widths, strict=True))
    long = sheet_of(export(frame(("x" * 5000,)), "Excel", title="x"))
    assert long.column_dimensions["A"].width < 70
    assert openpyxl.load_workbook(io.BytesIO(data)).properties.title == "Kept layers"


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("", "Table"),
        ("History", "Table"),
        ("[:*?/\\]", "Table"),
        ("'quoted'", "quoted"),
        ("a" * 30 + "'b", "a" * 30),
        ("Cost: 3/4", "Cost 34"),
        ("x\n\x00y <&>", "x y <&>"),
        ("漢字 🧪", "漢字 🧪"),
    ],
)
def test_any_title_makes_a_sheet(title: str, name: str) -> None:
    assert sheet_of(export(SHELF, "Excel", title=title)).title == name


def test_control_signs_do_not_break_a_workbook() -> None:
    data = export(frame(("a\x01b\x1f",)), "Excel", title="x")
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        for name in parts.namelist():
            ElementTree.fromstring(parts.read(name))
        assert "a_x0001_b_x001F_" in parts.read("xl/sharedStrings.xml").decode()


def test_a_workbook_does_not_say_when_it_was_made() -> None:
    with zipfile.ZipFile(io.BytesIO(export(SHELF, "Excel", title="x"))) as parts:
        assert {part.date_time[0] for part in parts.infolist()} == {1980}
        said = re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z", parts.read("docProps/core.xml").decode())
    assert set(said) == {"2000-01-01T00:00:00Z"}
