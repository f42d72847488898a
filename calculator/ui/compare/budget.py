"""The widest layers within a budget of parameters, work or memory: for each kernel, and on the frontier."""

import dataclasses

import streamlit as st

from calculator.charts.compare import frontier_figure
from calculator.charts.descriptions import budget_finding
from calculator.comparison.budget import BudgetRow, Cost, budget_rows, frontier
from calculator.core.errors import LayerError
from calculator.core.formatting import format_count, format_product, plural
from calculator.core.layer import ConvTranspose
from calculator.core.memory import training_parts
from calculator.core.validation import MAX_CHANNELS
from calculator.settings import Settings
from calculator.tables.compare import budget_table, frontier_table
from calculator.ui.charts.chart import chart
from calculator.ui.components import inputs
from calculator.ui.components.expander import lazy_expander
from calculator.ui.components.markdown import escape_markdown
from calculator.ui.components.table import table
from calculator.ui.session import state
from calculator.ui.session.viewport import palette

MAX_ROWS = 200
"""Rows of the frontier that the page draws; the export contains all rows."""


def budget_view(settings: Settings) -> None:
    """Draw the frontier as a chart, the widest layer for each kernel, and the frontier as a table."""
    inputs.choice("budget_of")
    cost = Cost(settings.budget_of, settings.spatial("input_size"), settings.number_type)  # type: ignore[arg-type]
    if settings.budget_of in ("memory", "training"):
        inputs.choice("number_type")
    inputs.exact("budget")
    try:
        # Only the memory of the output depends on padding, with which a layer may have no output.
        layer = settings.layer() if settings.budget_of == "memory" else settings.counted_layer()
        used = cost.of(layer)
    except LayerError as error:
        st.error(f"No cost with these settings. {escape_markdown(str(error))}")
        return
    rows = budget_rows(layer, settings.budget, cost=cost)
    pairs = frontier(layer, settings.budget, cost=cost)
    if not pairs:
        st.info(
            "No layer with this kernel and these groups fits in "
            f"{plural(settings.budget, cost.noun)}; the smallest needs "
            f"{format_count(cost.of(_smallest(layer)))}."
        )
    st.markdown(f"{_remaining(settings.budget, used, cost)}{_meaning(settings)}")
    here = (layer.in_channels, layer.out_channels, used)
    chart(
        frontier_figure(pairs, here, settings.budget, palette()),
        key="frontier",
        alt=budget_finding(layer, settings.budget, pairs, used, cost.noun),
        image_format=settings.image_format,
        on_point=lambda pair: _open_point(layer, pairs, pair),
    )
    st.markdown(
        "**The widest layer for each kernel**, with your groups and bias and at most "
        f"{format_count(MAX_CHANNELS)} channels"
    )
    table(
        budget_table(rows, f"{cost.noun}s"),
        key="budget",
        caption=f"Widest channels within {plural(settings.budget, cost.noun)}",
        action="in the calculator",
        actions=[_row_label(layer, row) for row in rows],
        on_action=lambda row: _open_row(layer, rows[row]),
    )
    _frontier(layer, pairs, cost)


def _remaining(budget: int, used: int, cost: Cost) -> str:
    """Return how much of the budget the layer leaves, or by how much it exceeds the budget."""
    text, left = f"Your layer uses {format_count(used)}", budget - used
    if left >= 0:
        return f"{text} of {plural(budget, cost.noun)} and leaves {format_count(left)}."
    return f"{text}: {format_count(-left)} more than the budget of {format_count(budget)}."


def _meaning(settings: Settings) -> str:
    """Return which numbers the cost adds up, beginning with a space; "" for parameters."""
    sample = f" for one sample of {format_product(settings.spatial('input_size'))}"
    parts = escape_markdown(training_parts(settings.number_type))
    return {
        "work": f" Work is counted{sample}, by input.",
        "memory": f" Memory to run is that of the parameters, the input and the output{sample}, as "
        f"{settings.number_type}.",
        "training": f" Memory to train is {parts}, and the layer's input, which is kept{sample}.",
    }.get(settings.budget_of, "")


def _smallest(layer: ConvTranspose) -> ConvTranspose:
    return dataclasses.replace(layer, in_channels=layer.groups, out_channels=layer.groups)


def _frontier(layer: ConvTranspose, pairs: tuple[tuple[int, int], ...], cost: Cost) -> None:
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
            frontier_table(layer, pairs[:MAX_ROWS], cost),
            key="pairs",
            caption="The frontier",
            action="in the calculator",
            actions=["Open"] * min(len(pairs), MAX_ROWS),
            on_action=lambda row: _open(layer, *pairs[row]),
            everything=lambda: frontier_table(layer, pairs, cost),
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
