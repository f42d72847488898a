"""The widest layers within a budget of parameters: for each kernel, and along the frontier of channels."""

import dataclasses

import streamlit as st

from calculator.charts.compare import frontier_figure
from calculator.charts.descriptions import budget_finding
from calculator.comparison.budget import BudgetRow, budget_rows, frontier
from calculator.core.formatting import format_count, plural
from calculator.core.layer import ConvTranspose
from calculator.core.validation import MAX_CHANNELS
from calculator.settings import Settings
from calculator.tables.compare import budget_table, frontier_table
from calculator.ui.components import inputs
from calculator.ui.components.chart import chart
from calculator.ui.components.expander import lazy_expander
from calculator.ui.components.table import table
from calculator.ui.session import state
from calculator.ui.session.viewport import palette

MAX_ROWS = 200
"""Rows of the frontier that the page draws; the export contains all rows."""


def budget_view(settings: Settings) -> None:
    """Draw the frontier as a chart, the widest layer for each kernel, and the frontier as a table."""
    layer = settings.counted_layer()
    inputs.exact("budget")
    rows = budget_rows(layer, settings.budget)
    pairs = frontier(layer, settings.budget)
    if not pairs:
        st.info(
            "No layer with this kernel and these groups fits in "
            f"{plural(settings.budget, 'parameter')}; the smallest needs "
            f"{format_count(_smallest(layer).parameter_count)}."
        )
    st.markdown(_remaining(layer, settings.budget))
    here = (layer.in_channels, layer.out_channels, layer.parameter_count)
    figure = frontier_figure(pairs, here, settings.budget, palette())
    chart(
        figure,
        key="frontier",
        alt=budget_finding(layer, settings.budget, pairs),
        image_format=settings.image_format,
        on_point=lambda pair: _open_point(layer, pairs, pair),
    )
    st.markdown(
        "**The widest layer for each kernel**, with your groups and bias and at most "
        f"{format_count(MAX_CHANNELS)} channels"
    )
    table(
        budget_table(rows),
        key="budget",
        caption=f"Widest channels within {format_count(settings.budget)} parameters",
        action="in the calculator",
        actions=[_row_label(layer, row) for row in rows],
        on_action=lambda row: _open_row(layer, rows[row]),
    )
    _frontier(layer, pairs)


def _remaining(layer: ConvTranspose, budget: int) -> str:
    """Return how much of the budget the layer leaves, or by how much it exceeds the budget."""
    left = budget - layer.parameter_count
    used = format_count(layer.parameter_count)
    if left >= 0:
        return f"Your layer uses {used} of {plural(budget, 'parameter')} and leaves {format_count(left)}."
    return f"Your layer uses {used}: {format_count(-left)} more than the budget of {format_count(budget)}."


def _smallest(layer: ConvTranspose) -> ConvTranspose:
    return dataclasses.replace(layer, in_channels=layer.groups, out_channels=layer.groups)


def _frontier(layer: ConvTranspose, pairs: tuple[tuple[int, int], ...]) -> None:
    """Draw the frontier as a table. Of many rows only the first are drawn."""
    if not pairs:
        return
    label = f"The frontier: {plural(len(pairs), 'pair')} in which neither channel count can be raised"
    with lazy_expander(label, key="budget.frontier") as opened:
        if not opened:
            return
        if len(pairs) > MAX_ROWS:
            st.caption(f"Only the first {format_count(MAX_ROWS)} pairs are drawn; the export contains all.")
        table(
            frontier_table(layer, pairs[:MAX_ROWS]),
            key="pairs",
            caption="The frontier",
            action="in the calculator",
            actions=["Open"] * min(len(pairs), MAX_ROWS),
            on_action=lambda row: _open(layer, *pairs[row]),
            everything=lambda: frontier_table(layer, pairs),
        )


def _row_label(layer: ConvTranspose, row: BudgetRow) -> str | None:
    """Return the label of the button in a row; ``None`` for no button."""
    if row.out_channels is None:
        return None
    return f"{format_count(layer.in_channels)} → {format_count(row.out_channels)}"


def _open_row(layer: ConvTranspose, row: BudgetRow) -> None:
    _open(dataclasses.replace(layer, kernel_size=row.kernel_size), layer.in_channels, row.out_channels or 1)


def _open_point(layer: ConvTranspose, pairs: tuple[tuple[int, int], ...], point: tuple[object, ...]) -> None:
    # The event may come from a point that the last rerun removed, so only a pair of this frontier is used.
    for pair in pairs:
        if pair == point:
            _open(layer, *pair)


def _open(layer: ConvTranspose, in_channels: int, out_channels: int) -> None:
    """Open the calculator with ``layer``, but with these channels."""
    state.take_count(dataclasses.replace(layer, in_channels=in_channels, out_channels=out_channels))
    state.open_page("app.py")
