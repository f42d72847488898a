"""Exports: every file is read back by another reader, cell by cell, and no text in it does anything."""

import csv
import io
import math
import re
import zipfile
from fractions import Fraction
from typing import Any
from xml.etree import ElementTree

import numpy as np
import openpyxl  # type: ignore[import-untyped]
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from calculator import ConvTranspose
from calculator.tables.export import EXACT_IN_EXCEL, FORMATS, export
from calculator.tables.sweeps import sweeps

HUGE = 10**20
ACTING = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    '=HYPERLINK("http://x")',
    "＝1",
    "=cmd|' /C calc'!A0",
]
HARMLESS = [
    "wide",
    "3 → 64, k 4",
    "1-2",
    " =1",
    "'=1",
    "a,b",
    'say "x"',
    "−3",
    "漢字 🧪",
    "é",
    "www.x.org",
    "x;y",
]
MARKS = "\\`*_[]<>|~$&:@#^{}!"
NAMED = {
    "textbackslash": "\\",
    "textasciitilde": "~",
    "textasciicircum": "^",
    "textless": "<",
    "textgreater": ">",
    "textbar": "|",
    "times": "×",
    "rightarrow": "→",
    "cdot": "·",
    "approx": "≈",
    "leq": "≤",
    "geq": "≥",
    "div": "÷",
    "prod": "∏",
}


def frame(
    *rows: tuple[Any, ...], columns: tuple[str, ...] = ("Name", "Parameters", "Output size")
) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=list(columns[: len(rows[0])] if rows else columns), dtype=object)


SHELF = frame(
    ("wide, k 4", 31_037_633, (32, 32)),
    ("50 % | _a_", HUGE, (1024, 7)),
    ("=1+1", -24_608, None),
)

TEXTS = st.one_of(
    st.sampled_from(ACTING + HARMLESS),
    st.text(st.sampled_from("=+-@'\"&%$#_{}[]()<>~^\\|*`!:.,;?/ aw1×→−½é漢")),
    st.text(st.characters(exclude_categories=["C", "Z"])),
)
CELLS = st.one_of(
    TEXTS,
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([2**53, -(2**53), 10**15, 10**15 - 1, 2**63, HUGE, -HUGE]),
    st.floats(-1e300, 1e300),
    st.lists(st.integers(0, 10**9), min_size=1, max_size=3).map(tuple),
)


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    width = draw(st.integers(1, 4))
    columns = draw(st.lists(TEXTS.filter(str.strip), min_size=width, max_size=width))
    rows = draw(st.lists(st.tuples(*[CELLS] * width), max_size=4))
    return pd.DataFrame(rows, columns=columns, dtype=object)


def cells(table: pd.DataFrame) -> list[list[Any]]:
    return [list(row) for row in table.itertuples(index=False, name=None)]


def digits(value: Any) -> str:
    """Return what a cell that is no text says, written with bare digits."""
    if isinstance(value, tuple):
        return " × ".join(f"{item}" for item in value)
    return "" if value is None else str(value)


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


# CSV


def read_csv(data: bytes) -> list[list[str]]:
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))


@given(tables())
@example(SHELF)
def test_csv_is_read_back(table: pd.DataFrame) -> None:
    head, *rows = read_csv(export(table, "CSV", title="x"))
    for read, written in zip([head, *rows], [list(table.columns), *cells(table)], strict=True):
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
    assert max(table["count"]) > 2**63


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


# Excel


def sheet_of(data: bytes) -> Any:
    book = openpyxl.load_workbook(io.BytesIO(data))
    [sheet] = book.worksheets
    return sheet


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
    # Excel keeps 15 significant digits: one more would be shown as 0.
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


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_title_can_be_written(title: str) -> None:
    for form in FORMATS:
        assert export(SHELF, form.name, title=title)
    assert len(sheet_of(export(SHELF, "Excel", title=title)).title) <= 31
    # A title is one line: what follows would be another paragraph, or no longer a comment.
    markdown, latex = (export(SHELF, name, title=title).decode() for name in ("Markdown", "LaTeX"))
    assert len(markdown.splitlines()) == 2 + 2 + len(SHELF)
    assert len(latex.splitlines()) == 8 + len(SHELF)


def test_control_signs_do_not_break_a_workbook() -> None:
    data = export(frame(("a\x01b\x1f",)), "Excel", title="x")
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        for name in parts.namelist():
            ElementTree.fromstring(parts.read(name))
        assert "a_x0001_b_x001F_" in parts.read("xl/sharedStrings.xml").decode()


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_equal_tables_make_equal_files(form: Any) -> None:
    assert form.write(SHELF, "x") == form.write(SHELF.copy(), "x")


def test_a_workbook_does_not_say_when_it_was_made() -> None:
    with zipfile.ZipFile(io.BytesIO(export(SHELF, "Excel", title="x"))) as parts:
        assert {part.date_time[0] for part in parts.infolist()} == {1980}
        said = re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z", parts.read("docProps/core.xml").decode())
    assert set(said) == {"2000-01-01T00:00:00Z"}


# Markdown and LaTeX


def shown(value: Any) -> str:
    """Return a cell as the page shows it, by other means than the module's."""
    if isinstance(value, tuple):
        return " × ".join(shown(item) for item in value)
    if isinstance(value, bool):
        return {True: "yes", False: "no"}[value]
    if isinstance(value, int):
        grouped = re.sub(r"(?<=\d)(?=(\d{3})+$)", ",", str(abs(value)))
        return f"−{grouped}" if value < 0 else grouped
    return re.sub(r"\s+", " ", digits(value)).strip()


def read_markdown(text: str) -> list[list[str]]:
    """Return the cells of a table of pipes, without the escapes; fails for a mark that is not escaped."""
    rows = []
    for line in text.splitlines()[2:]:
        assert line[:2] == "| "
        assert line[-2:] == " |"
        parts = re.split(r"(?<!\\)((?:\\\\)*) \| ", f" | {line[2:-2]} | ")
        # The pieces before a bar and the backslashes that close them come in turns.
        row = [(parts[at] + parts[at + 1]).strip() for at in range(2, len(parts) - 1, 2)]
        rows.append(row)
    head, rule, *body = rows
    assert all(re.fullmatch(r":-{2,}|-{2,}:", dashes) for dashes in rule)
    return [[unescaped(cell) for cell in row] for row in (head, *body)]


def unescaped(text: str) -> str:
    bare = re.sub(r"\\.", "", text)
    assert not set(bare) & set(MARKS)
    assert "www." not in bare.lower()
    return re.sub(r"\\(.)", r"\1", text)


@given(tables())
@example(SHELF)
@example(frame(("a\\", "b\\|"), ("|", "\\\\"), columns=("x", "y")))
def test_markdown_is_read_back(table: pd.DataFrame) -> None:
    text = export(table, "Markdown", title="Shelf").decode()
    head, *rows = read_markdown(text)
    assert head == [shown(name) for name in table.columns]
    for read, written in zip(rows, cells(table), strict=True):
        for cell, value in zip(read, written, strict=True):
            expected = f"{value:,}".replace("-", "−") if isinstance(value, float) else shown(value)
            assert cell == expected
    assert len({len(line) for line in text.splitlines()[2:]}) == 1


def test_markdown_as_it_stands() -> None:
    assert export(SHELF, "Markdown", title="Kept | layers").decode() == (
        "**Kept \\| layers**\n"
        "\n"
        "| Name          |                  Parameters | Output size |\n"
        "| :------------ | --------------------------: | ----------: |\n"
        "| wide, k 4     |                  31,037,633 |     32 × 32 |\n"
        "| 50 % \\| \\_a\\_ | 100,000,000,000,000,000,000 |   1,024 × 7 |\n"
        "| =1+1          |                     −24,608 |             |\n"
    )


def read_latex(text: str) -> list[list[str]]:
    """Return the cells of a tabular as the text they are set as; fails for any command not known here."""
    body = text.split("\\toprule\n")[1].split("\n\\bottomrule")[0]
    rows = []
    for line in body.replace("\n\\midrule", "").split("\n"):
        assert line.endswith(r" \\")
        rows.append([plain(cell) for cell in re.split(r"(?<!\\) ?& ?", line[:-3])])
    return rows


TOKEN = re.compile(
    r"\\(?P<sign>[&%$#_{}])|\$\\(?P<math>[a-z]+)\$|\\(?P<word>text[a-z]+)\{\}|(?P<quote>\{\\char34\})"
    r"|(?P<minus>\$-\$)|(?P<half>\$\\frac\{1\}\{2\}\$)|\{(?P<boxed>[\[*])\}|(?P<other>[^\\&%$#_{}~^<>|\"\[*])"
)


def plain(cell: str) -> str:
    place, said = 0, ""
    while place < len(cell):
        match = TOKEN.match(cell, place)
        assert match, cell[place:]
        kind = str(match.lastgroup)
        fixed = {"quote": '"', "minus": "−", "half": "½"}
        said += NAMED[match[kind]] if kind in ("math", "word") else fixed.get(kind, match[kind])
        place = match.end()
    return said.strip()


@given(tables())
@example(SHELF)
@example(frame((r"\input{x}", "a & b", "100 % ~ ^ # $x$ {_}"), ("[x]", "*", r"\\")))
def test_latex_is_read_back(table: pd.DataFrame) -> None:
    head, *rows = read_latex(export(table, "LaTeX", title="Shelf").decode())
    assert head == [shown(name) for name in table.columns]
    for read, written in zip(rows, cells(table), strict=True):
        for cell, value in zip(read, written, strict=True):
            expected = f"{value:,}".replace("-", "−") if isinstance(value, float) else shown(value)
            assert cell == expected


@pytest.mark.parametrize(("word", "sign"), NAMED.items())
def test_latex_signs_are_commands(word: str, sign: str) -> None:
    # Without XeLaTeX, the bare sign is an error or another one.
    assert latex_cell(f"a{sign}b") in (f"a\\{word}{{}}b", f"a$\\{word}$b")


def latex_cell(text: str) -> str:
    return export(frame((text,)), "LaTeX", title="x").decode().splitlines()[6].removesuffix(r" \\")


def test_latex_as_it_stands() -> None:
    assert export(SHELF, "LaTeX", title="Kept\nlayers").decode() == (
        "% Kept layers\n"
        "% Needs \\usepackage{booktabs}; with letters beyond Latin ones also XeLaTeX or LuaLaTeX.\n"
        "\\begin{tabular}{lrr}\n"
        "\\toprule\n"
        "Name & Parameters & Output size \\\\\n"
        "\\midrule\n"
        "wide, k 4 & 31,037,633 & 32 $\\times$ 32 \\\\\n"
        "50 \\% \\textbar{} \\_a\\_ & 100,000,000,000,000,000,000 & 1,024 $\\times$ 7 \\\\\n"
        "=1+1 & $-$24,608 &  \\\\\n"
        "\\bottomrule\n"
        "\\end{tabular}\n"
    )


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
def test_values_of_pandas_are_unwrapped(form: Any) -> None:
    wrapped = pd.DataFrame({"a": np.array([1, 2**40]), "b": [0.5, math.nan], "c": [np.True_, np.False_]})
    bare = frame((1, 0.5, True), (2**40, None, False), columns=("a", "b", "c"))
    assert export(wrapped, form.name, title="x") == export(bare, form.name, title="x")
    boxed = frame((np.int64(1), np.float64(0.5), np.True_), (2**40, None, np.False_), columns=("a", "b", "c"))
    assert export(boxed, form.name, title="x") == export(bare, form.name, title="x")
    missing = frame((pd.NA, pd.NaT, math.nan), columns=("a", "b", "c"))
    none = frame((None, None, None), columns=("a", "b", "c"))
    assert export(missing, form.name, title="x") == export(none, form.name, title="x")


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_a_table_without_rows(form: Any) -> None:
    data = export(frame(), form.name, title="x")
    if form.name == "Excel":
        assert [cell.value for cell in sheet_of(data)[1]] == ["Name", "Parameters", "Output size"]
    else:
        assert "Parameters" in data.decode()


def test_a_fraction_is_a_number_of_six_digits() -> None:
    table = frame(("x", Fraction(193, 49)), ("y", Fraction(1, 2)))
    assert [row[1] for row in read_csv(export(table, "CSV", title="x"))[1:]] == ["3.93878", "0.5"]
    written = read_markdown(export(table, "Markdown", title="x").decode())
    assert [row[1] for row in written[1:]] == ["3.93878", "0.5"]
    assert sheet_of(export(table, "Excel", title="x"))["B2"].value == 3.93878
