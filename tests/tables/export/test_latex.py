"""LaTeX tables: every one is read back cell by cell, and no text in it is a command."""

import re

import pandas as pd
import pytest
from hypothesis import example, given

from calculator import ConvTranspose, printed
from calculator.tables.compare import tools_table
from calculator.tables.export import export
from tests.helpers.export_files import LATEX_NAMES, SHELF, as_displayed, cells, frame, tables


def read_latex(text: str) -> list[list[str]]:
    """Return the cells of a tabular as the text they are set as; fails where LaTeX would.

    Everything must be known here: two comments, one environment with a letter for each column, the rules of
    booktabs around the head and the body, as many cells in every row, and in the cells only ``TOKEN``.
    """
    found = FILE.fullmatch(text)
    assert found
    rows = []
    for line in (found["head"] + found["body"]).splitlines():
        assert line.endswith(r" \\")
        rows.append([plain(cell) for cell in re.split(r"(?<!\\) ?& ?", line[:-3])])
    assert {len(row) for row in rows} == {len(found["columns"])}
    return rows


FILE = re.compile(
    r"(?:%.*\n){2}\\begin\{tabular\}\{(?P<columns>[lr]+)\}\n\\toprule\n(?P<head>.*\n)\\midrule\n(?P<body>(?:.*\n)*)"
    r"\\bottomrule\n\\end\{tabular\}\n"
)


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
        said += LATEX_NAMES[match[kind]] if kind in ("math", "word") else fixed.get(kind, match[kind])
        place = match.end()
    return said.strip()


@given(tables())
@example(SHELF)
@example(frame((r"\input{x}", "a & b", "100 % ~ ^ # $x$ {_}"), ("[x]", "*", r"\\")))
def test_latex_is_read_back(table: pd.DataFrame) -> None:
    head, *rows = read_latex(export(table, "LaTeX", title="Shelf").decode())
    assert head == [as_displayed(name) for name in table.columns]
    for read, written in zip(rows, cells(table), strict=True):
        for cell, value in zip(read, written, strict=True):
            expected = f"{value:,}".replace("-", "−") if isinstance(value, float) else as_displayed(value)
            assert cell == expected


@pytest.mark.parametrize(("word", "sign"), LATEX_NAMES.items())
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


def test_the_table_of_other_tools_has_only_signs_of_pdflatex() -> None:
    # The letters of Latin-1, dashes, quotes and … are those of its fonts: texdoc utf8ienc.
    table = tools_table(printed(ConvTranspose(64, 32, 4, 2, 1, groups=4), 16))
    text = export(table, "LaTeX", title="tools").decode()
    assert len(read_latex(text)) == 1 + len(table)
    assert r"$\lfloor$" in text
    assert {sign for sign in text if ord(sign) > 0xFF} <= set("–—‘’“”…")
