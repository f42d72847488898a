"""Buttons that download a table, in every format."""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

import pandas as pd
import streamlit as st

from calculator.tables.export import FORMATS, export

Data = TypeVar("Data", str, bytes)

LONG = 2_000
"""Rows from which a file is only made when its button is clicked.

A browser may then ask whether the page is to download several files, for a download that comes late
looks like one that nobody asked for. Shorter tables are ready before the click.
"""


def ready(made: Callable[[], Data], *, rows: int) -> Data | Callable[[], Data]:
    """Return what a download button takes: the file itself, or of so many rows what makes it."""
    return made if rows >= LONG else made()


def file_buttons(table: pd.DataFrame, *, name: str, title: str, key: str, named: bool = True) -> None:
    """Draw a button for each format of ``table``; the files are called ``name``.

    A button shows the file's name, or where only one table is in question (``named=False``) the format's.
    """
    for form in FORMATS:
        made: Callable[[], bytes] = partial(export, table, form.name, title=title)
        st.download_button(
            f"{name}.{form.suffix}" if named else form.name,
            ready(made, rows=len(table)),
            file_name=f"{name}.{form.suffix}",
            mime=form.mime,
            key=f"{key}.{form.suffix}",
            on_click="ignore",
        )
