"""Exports of every format: what they have in common."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculator.tables.export import FORMATS, export
from tests.helpers.export_files import HUGE, SHELF, frame, sheet_of


def test_the_formats() -> None:
    assert [(form.name, form.suffix) for form in FORMATS] == [
        ("CSV", "csv"),
        ("Excel", "xlsx"),
        ("Markdown", "md"),
        ("LaTeX", "tex"),
    ]
    assert all(re.fullmatch(r"[a-z]+/[a-z.-]+", form.mime) for form in FORMATS)
    for form in FORMATS:
        assert export(SHELF, form.name, title="Shelf") == form.write(SHELF, "Shelf")


@pytest.mark.parametrize("name", ["csv", "", "PDF", None])
def test_an_unknown_format_is_refused(name: Any) -> None:
    with pytest.raises(ValueError, match="format_name must be one of CSV, Excel, Markdown, LaTeX, received"):
        export(SHELF, name, title="Shelf")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_title_can_be_written(title: str) -> None:
    for form in FORMATS:
        assert export(SHELF, form.name, title=title)
    assert len(sheet_of(export(SHELF, "Excel", title=title)).title) <= 31
    # A title is one line: what follows would be another paragraph, or no longer a comment.
    markdown, latex = (export(SHELF, name, title=title).decode() for name in ("Markdown", "LaTeX"))
    assert len(markdown.splitlines()) == 2 + 2 + len(SHELF)
    assert len(latex.splitlines()) == 8 + len(SHELF)


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_equal_tables_make_equal_files(form: Any) -> None:
    assert form.write(SHELF, "x") == form.write(SHELF.copy(), "x")


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_a_huge_count_is_exact(form: Any) -> None:
    data = export(frame(("漢字 🧪", HUGE)), form.name, title="x")
    if form.name == "Excel":
        sheet = sheet_of(data)
        assert (sheet["A2"].value, sheet["B2"].value) == ("漢字 🧪", str(HUGE))
    else:
        text = data.decode("utf-8-sig")
        assert "漢字 🧪" in text
        assert str(HUGE) in text.replace(",", "")


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_a_table_without_rows(form: Any) -> None:
    data = export(frame(), form.name, title="x")
    if form.name == "Excel":
        assert [cell.value for cell in sheet_of(data)[1]] == ["Name", "Parameters", "Output size"]
    else:
        assert "Parameters" in data.decode()
