"""Buttons that download a table, in every format."""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

import pandas as pd
import streamlit as st

from calculator.core.formatting import format_count
from calculator.tables.export import FORMATS, export

Data = TypeVar("Data", str, bytes)

LONG = 2_000
"""The number of rows from which a file is written only when its button is clicked.

A browser may then ask whether the page may download several files, because a download long after the click
looks unrequested. The files of shorter tables are ready before the click.
"""


MAX_EXPORTED = 10_000
"""The maximum number of rows of a file that the page writes: a second of work for the slowest format."""

MODEL_COMMAND = "python -m calculator model"
"""The command of the shell that reads a model; the name of the file follows."""


def refusal(rows: int) -> str:
    """Return why the page writes no file with so many rows, as Markdown, or "".

    >>> refusal(10_000), refusal(50_000)[:49]
    ('', 'The page exports at most 10,000 rows, and these a')
    """
    if rows <= MAX_EXPORTED:
        return ""
    return (
        f"The page exports at most {format_count(MAX_EXPORTED)} rows, and these are {format_count(rows)}. "
        f"Search for fewer layers, or export the whole model in the shell: `{MODEL_COMMAND} FILE --json`"
    )


def ready(write: Callable[[], Data], *, rows: int) -> Data | Callable[[], Data]:
    """Return the data of a download button: the file, or for many rows the function that writes it."""
    return write if rows >= LONG else write()


def file_buttons(table: pd.DataFrame, *, name: str, title: str, key: str, named: bool = True) -> None:
    """Draw a button for each format of ``table``; the files are called ``name``.

    A button shows the name of the file, or with ``named=False`` the name of the format.
    """
    for form in FORMATS:
        write: Callable[[], bytes] = partial(export, table, form.name, title=title)
        st.download_button(
            f"{name}.{form.suffix}" if named else form.name,
            ready(write, rows=len(table)),
            file_name=f"{name}.{form.suffix}",
            mime=form.mime,
            key=f"{key}.{form.suffix}",
            on_click="ignore",
        )
