"""Tables to export, and readers that read the files back by other means than the product's."""

import csv
import io
import re
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import pandas as pd
from hypothesis import strategies as st

from tests.helpers.addresses import linked

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
MARKDOWN_SIGNS = "\\`*_[]<>|~$&:@#^{}!"
LATEX_NAMES = {
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
    "lfloor": "⌊",
    "rfloor": "⌋",
    "lceil": "⌈",
    "rceil": "⌉",
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
    """Return a cell that is not text with bare digits, without separators."""
    if isinstance(value, tuple):
        return " × ".join(f"{item}" for item in value)
    return "" if value is None else str(value)


def as_displayed(value: Any) -> str:
    """Return a cell as the page displays it, computed in another way than the product does."""
    if isinstance(value, tuple):
        return " × ".join(as_displayed(item) for item in value)
    if isinstance(value, bool):
        return {True: "yes", False: "no"}[value]
    if isinstance(value, int):
        grouped = re.sub(r"(?<=\d)(?=(\d{3})+$)", ",", str(abs(value)))
        return f"−{grouped}" if value < 0 else grouped
    return re.sub(r"\s+", " ", digits(value)).strip()


def read_csv(data: bytes) -> list[list[str]]:
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))


def sheet_of(data: bytes) -> Any:
    book = openpyxl.load_workbook(io.BytesIO(data))
    [sheet] = book.worksheets
    return sheet


def read_markdown(text: str) -> list[list[str]]:
    """Return the cells of a Markdown table without their escapes; fails for markup that is not escaped."""
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
    assert linked(text, "<!-- -->") == []
    text = text.replace("<!-- -->", "")
    assert not set(re.sub(r"\\.", "", text)) & set(MARKDOWN_SIGNS)
    return re.sub(r"\\(.)", r"\1", text)
