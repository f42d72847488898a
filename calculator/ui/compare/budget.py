"""The budget: how wide a layer may be, for each kernel and along the frontier."""

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
from calculator.ui.components.expander import lazy_expander
from calculator.ui.components.svg_chart import draw
from calculator.ui.components.table import table
from calculator.ui.session import state
from calculator.ui.session.viewport import palette

SHOWN = 200
"""Rows of the frontier that the page shows; the export has them all."""


def budget_view(held: Settings) -> None:
    """Draw the widest channels for each kernel, the frontier on the plane and as a table."""
    layer = held.counted_layer()
    inputs.exact("budget")
    rows = budget_rows(layer, held.budget)
    pairs = frontier(layer, held.budget)
    if not pairs:
        st.info(
            f"{plural(held.budget, 'parameter')} will not buy a single layer with "
            "this kernel and these "
            f"groups; the smallest takes {format_count(_smallest(layer).parameter_count)}."
        )
    st.markdown(_words(layer, held.budget))
    here = (layer.in_channels, layer.out_channels, layer.parameter_count)
    drawn = frontier_figure(pairs, here, held.budget, palette())
    draw(
        drawn,
        key="frontier",
        alt=budget_finding(layer, held.budget, pairs),
        picture=held.picture,
        on_point=lambda pair: _open_point(layer, pairs, pair),
    )
    st.markdown(
        "**The widest layer at each kernel**, your groups and bias; up to "
        f"{format_count(MAX_CHANNELS)} channels"
    )
    table(
        budget_table(rows),
        key="budget",
        caption=f"Widest channels within {format_count(held.budget)} parameters",
        action="in the calculator",
        actions=[_opens(layer, row) for row in rows],
        on_action=lambda row: _open_row(layer, rows[row]),
    )
    _frontier(layer, pairs)


def _words(layer: ConvTranspose, budget: int) -> str:
    left = budget - layer.parameter_count
    spent = f"spends {format_count(layer.parameter_count)} of {format_count(budget)}"
    if left >= 0:
        return f"Your layer {spent}: {format_count(left)} are left."
    return f"Your layer {spent}: {format_count(-left)} too many."


def _smallest(layer: ConvTranspose) -> ConvTranspose:
    return dataclasses.replace(layer, in_channels=layer.groups, out_channels=layer.groups)


def _frontier(layer: ConvTranspose, pairs: tuple[tuple[int, int], ...]) -> None:
    """Draw the frontier as a table, its first rows where there are many."""
    if not pairs:
        return
    label = f"The frontier: {plural(len(pairs), 'pair')} of which neither channel count can be raised"
    with lazy_expander(label, key="budget.frontier") as opened:
        if not opened:
            return
        if len(pairs) > SHOWN:
            st.caption(f"The first {format_count(SHOWN)}; the export has all.")
        table(
            frontier_table(layer, pairs[:SHOWN]),
            key="pairs",
            caption="The frontier",
            action="in the calculator",
            actions=["Open"] * min(len(pairs), SHOWN),
            on_action=lambda row: _open(layer, *pairs[row]),
            everything=lambda: frontier_table(layer, pairs),
        )


def _opens(layer: ConvTranspose, row: BudgetRow) -> str | None:
    """Return what the button of a row opens, as its label."""
    if row.out_channels is None:
        return None
    return f"{format_count(layer.in_channels)} → {format_count(row.out_channels)}"


def _open_row(layer: ConvTranspose, row: BudgetRow) -> None:
    _open(dataclasses.replace(layer, kernel_size=row.kernel_size), layer.in_channels, row.out_channels or 1)


def _open_point(layer: ConvTranspose, pairs: tuple[tuple[int, int], ...], pair: tuple[object, ...]) -> None:
    # A browser in haste may click a point that the last run took away.
    for known in pairs:
        if known == pair:
            _open(layer, *known)


def _open(layer: ConvTranspose, in_channels: int, out_channels: int) -> None:
    """Take the layer to the calculator."""
    state.take_count(dataclasses.replace(layer, in_channels=in_channels, out_channels=out_channels))
    state.open_page("app.py")
