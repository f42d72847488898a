"""Markdown tables: every one is read back cell by cell, and no text in it is markup."""

import pandas as pd
from hypothesis import example, given

from calculator.tables.export import export
from tests.helpers.export_files import SHELF, as_displayed, cells, frame, read_markdown, tables


@given(tables())
@example(SHELF)
@example(frame(("a\\", "b\\|"), ("|", "\\\\"), columns=("x", "y")))
def test_markdown_is_read_back(table: pd.DataFrame) -> None:
    text = export(table, "Markdown", title="Shelf").decode()
    head, *rows = read_markdown(text)
    assert head == [as_displayed(name) for name in table.columns]
    for read, written in zip(rows, cells(table), strict=True):
        for cell, value in zip(read, written, strict=True):
            expected = f"{value:,}".replace("-", "−") if isinstance(value, float) else as_displayed(value)
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
