"""A table that sorts in the browser, with exact digits and, if wanted, a button in each row.

It is written by hand because ``st.dataframe``

- rounds whole numbers above 2⁵³, and sorts them by letters when they are passed as text;
- has no button in a row that starts a callback;
- draws on a canvas, which screen readers and the browser's search do not read.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd
import streamlit as st

from calculator.core.formatting import format_count, format_factor, format_product
from calculator.ui.components.downloads import file_buttons, refusal
from calculator.ui.session.callbacks import callback
from calculator.ui.session.sent_data import sent
from calculator.ui.session.viewport import palette

_SOURCE = Path(__file__)
_HTML = '<div class="table" role="region" tabindex="0"></div>'

COLOURS = ("background", "weights", "biases", "muted", "grid")

# Streamlit requires that a component is registered once, when its module is loaded.
_table = st.components.v2.component(
    "sorted_table",
    html=_HTML,
    css=_SOURCE.with_suffix(".css").read_text(encoding="utf-8"),
    js=_SOURCE.with_suffix(".js").read_text(encoding="utf-8"),
)


@dataclass(frozen=True)
class Cell:
    """The text of a cell, and the number that sorts it, as text that keeps every digit."""

    text: str
    sort: str | None = None


def cell(value: object) -> Cell:
    """Return a cell with exact digits. Sizes are sorted by their number of positions.

    >>> cell(10**20), cell(None)
    (Cell(text='100,000,000,000,000,000,000', sort='100000000000000000000'), Cell(text='—', sort=None))
    >>> cell((32, 64)), cell("Keras")
    (Cell(text='32 × 64', sort='2048'), Cell(text='Keras', sort=None))
    """
    if value is None:
        return Cell("—")
    if isinstance(value, int):
        return Cell(format_count(value).replace("-", "−"), str(value))
    if isinstance(value, tuple):
        return Cell(format_product(value), str(math.prod(value)))
    if isinstance(value, Fraction):
        return Cell(format_factor(value), repr(float(value)))
    return Cell(str(value))


def table(
    frame: pd.DataFrame,
    *,
    key: str,
    caption: str,
    action: str = "",
    actions: Sequence[str | None] = (),
    on_action: Callable[[int], None] | None = None,
    marks: Mapping[int, str] = MappingProxyType({}),
    everything: Callable[[], pd.DataFrame] | None = None,
    total: int = 0,
) -> None:
    """Draw ``frame`` as a table, and below it the button that exports it, or exports ``everything``.

    ``actions`` has the text on the button of each row (``None``: no button); a press calls ``on_action`` with
    the number of the row. ``marks`` highlights rows: ``"best"`` or ``"yours"``; ``"aside"`` greys them.
    ``everything`` returns the complete table, of ``total`` rows, where ``frame`` is only a part of it.
    """

    def pressed() -> None:
        row = st.session_state[key].row
        # The event may come from a row that the last rerun removed.
        if on_action is not None and isinstance(row, int) and 0 <= row < len(actions) and actions[row]:
            on_action(row)

    # All at once: to ask pandas for rows or columns takes longer than to draw them.
    values: list[list[object]] = frame.to_numpy(dtype=object).tolist()
    numeric = [_numeric([row[column] for row in values]) for column in range(len(frame.columns))]
    rows = [
        {
            "id": index,
            "cells": [vars(cell(value)) for value in row],
            "action": actions[index] if actions else None,
            "mark": marks.get(index, ""),
        }
        for index, row in enumerate(values)
    ]
    data: dict[str, Any] = {
        "caption": caption,
        "columns": [
            {"name": str(name), "numeric": is_numeric}
            for name, is_numeric in zip(frame, numeric, strict=True)
        ],
        "rows": rows,
        "action": action,
        "colours": {name: getattr(palette(), name) for name in COLOURS},
    }
    _table(key=key, data=sent(data), on_row_change=callback(pressed))
    make_table = everything or (lambda: frame)
    export_button(make_table, key=f"{key}.export", title=caption, rows=max(total, len(frame)))


def _numeric(column: Sequence[object]) -> bool:
    """Return whether a column contains numbers or sizes, apart from missing values."""
    values = [value for value in column if value is not None]
    return bool(values) and all(isinstance(value, int | tuple | Fraction) for value in values)


def export_button(make_table: Callable[[], pd.DataFrame], *, key: str, title: str, rows: int) -> None:
    """Draw the button that opens the downloads of a table of ``rows`` rows in every format."""
    box = st.popover("Export", key=key, icon=":material/download:", on_change=callback())
    if box.open:
        name = "-".join(key.removesuffix(".export").split("."))
        with box:
            if refused := refusal(rows):
                st.markdown(refused)
                return
            file_buttons(make_table(), name=name, title=title, key=key, named=False)
