"""Buttons that download a table, in every format; a file is made when its button is clicked."""

from collections.abc import Callable
from functools import partial

import pandas as pd
import streamlit as st

from calculator.exports import FORMATS, export


def file_buttons(
    made: Callable[[], pd.DataFrame], *, name: str, title: str, key: str, named: bool = True
) -> None:
    """Draw a button for each format of the table that ``made`` returns; files are called ``name``.

    A button shows the file's name, or where only one table is in question (``named=False``) the format's.
    """
    for form in FORMATS:
        st.download_button(
            f"{name}.{form.suffix}" if named else form.name,
            partial(_file, made, form.name, title),
            file_name=f"{name}.{form.suffix}",
            mime=form.mime,
            key=f"{key}.{form.suffix}",
            help=f"{title}, as {form.name}",
            on_click="ignore",
        )


def _file(made: Callable[[], pd.DataFrame], format_name: str, title: str) -> bytes:
    return export(made(), format_name, title=title)
