"""A whole model: its totals, where its parameters are, what there is to advise."""

import streamlit as st

from calculator.charts.descriptions import model_finding, work_finding
from calculator.charts.model import BARS, TILES, heaviest, layers_figure, treemap_figure
from calculator.comparison.advice import advice
from calculator.core.formatting import format_count, plural
from calculator.networks.builtin import Network, network
from calculator.readers import Model, Row
from calculator.readers.layer_table.link_form import MAX_LINKED
from calculator.readers.layer_table.table import TABLE
from calculator.readers.model_json import write_model
from calculator.settings import Settings
from calculator.settings.settings import settable
from calculator.tables.model import advice_table, layers_table, memory_table
from calculator.ui.components.downloads import ready
from calculator.ui.components.markdown import escape_markdown
from calculator.ui.components.plotly_chart import show
from calculator.ui.components.table import export_button, table
from calculator.ui.model.source import chosen, is_given
from calculator.ui.session import state
from calculator.ui.session.viewport import palette

SHOWN = 300
"""Layers that the table draws at once; searching finds the others, the export has them all."""

KINDS = {"all": "All", "transposed": "Transposed", "frozen": "Not trained", "unknown": "Not known"}


def headline(model: Model) -> None:
    """Draw the totals: all, in transposed layers, trained."""
    transposed = sum(row.transposed for row in model.rows)
    layers = plural(transposed, "transposed layer")
    unknown = f" · :orange[{format_count(len(model.unknown))} of unknown size]" if model.unknown else ""
    trained = model.trainable_count
    words = "all trained" if trained == model.parameter_count else f"{format_count(trained)} trained"
    st.markdown(
        f"**{format_count(model.parameter_count)}** parameters · "
        f":blue[{format_count(model.transposed_count)} in {layers}] "
        f":gray[· {words}]{unknown}"
    )


def about(held: Settings, model: Model) -> None:
    """Say what was read and what was assumed; of a built-in network whose total it is."""
    if not is_given() and not chosen(held).own:
        st.markdown(f"{_published(network(held.network))}  \n{escape_markdown(work_finding(model))}")
        return
    lines = "".join(f"\n- {escape_markdown(sentence)}" for sentence in model.assumptions)
    count = plural(len(model.rows), "layer")
    st.markdown(
        f"**{escape_markdown(model.name)}**, read as {escape_markdown(model.format)}: "
        f"{count} with parameters. "
        f"{escape_markdown(work_finding(model))}{lines}{_outside(model)}"
    )


def _outside(model: Model) -> str:
    """Return why a table of layers that is shown is not in the link, "" for any other model."""
    if not is_given() or model.format != TABLE:
        return ""
    return (
        "\n- It is not in the link: only a table that is pasted is, and there it may take at most "
        f"{format_count(MAX_LINKED)} characters."
    )


def _published(one: Network) -> str:
    """Return whose total it is, and by which rule it comes out."""
    standing = {
        "exact": f"The source prints {one.figure}, and so does the recount.",
        "rounded": f"The source prints {one.figure}, to which the recount rounds.",
        "recount": "The source prints no total; this is a recount.",
    }[one.standing]
    return (
        f"**{escape_markdown(one.name)}**. {standing} {escape_markdown(one.rule)} "
        f"Source: [{escape_markdown(one.source)}]({one.address})"
    )


def where(held: Settings, model: Model) -> None:
    """Draw the model as nested areas and its layers as bars."""
    if not model.parameter_count:
        st.info("No layer of it has parameters that are known.")
        return
    finding, colours = model_finding(model), palette()
    st.markdown(escape_markdown(finding))
    show(treemap_figure(model, colours), key="treemap", alt=finding, picture=held.picture)
    bars = heaviest(model, BARS)
    whole = len(bars) == sum(row.parameter_count > 0 for row in model.rows)
    st.markdown(
        ("**Layer by layer**" if whole else f"**The {BARS} heaviest layers**, in the order of the model")
        + ": :blue[weights], :orange[biases]; transposed convolutions in bold"
    )
    show(layers_figure(model, colours), key="bars", alt=_bars_finding(bars), picture=held.picture)
    if len(model.rows) > TILES:
        st.caption(f"The areas show the {TILES} heaviest layers one by one.")


def _bars_finding(rows: list[Row]) -> str:
    maximum = max(rows, key=lambda row: row.parameter_count)
    count = plural(maximum.parameter_count, "parameter")
    return f"{plural(len(rows), 'layer')}; the largest is {maximum.title} with {count}."


def layers(model: Model) -> None:
    """Draw the table of layers, searched and filtered."""
    rows = _chosen(model)
    count = plural(sum(row.parameter_count for row in rows), "parameter")
    first = f"; the first {SHOWN} are drawn, the export has all" if len(rows) > SHOWN else ""
    st.markdown(f"{format_count(len(rows))} of {plural(len(model.rows), 'layer')}, {count}{first}")
    drawn = tuple(rows[:SHOWN])
    table(
        layers_table(drawn),
        key="layers",
        caption="Layers",
        action="in the calculator",
        actions=["Open" if row.layer is not None and settable(row.layer) else None for row in drawn],
        on_action=lambda place: _open(drawn[place]),
        marks={place: "best" for place, row in enumerate(drawn) if row.transposed},
        everything=lambda: layers_table(tuple(rows)),
    )
    st.download_button(
        "The whole model as JSON",
        ready(lambda: write_model(model), rows=len(model.rows)),
        file_name="model.json",
        mime="application/json",
        key="model.json",
        icon=":material/data_object:",
        on_click="ignore",
    )


def _chosen(model: Model) -> list[Row]:
    """Draw what to search for and what to show, and return those layers."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        wanted = st.text_input(
            "Search", key="model.search", placeholder="name or type", on_change=state.touched
        )
        kind = st.segmented_control(
            "Show",
            list(KINDS),
            key="model.kind",
            default="all",
            format_func=lambda key: KINDS[key],
            required=True,
            on_change=state.touched,
        )
        heavy = st.toggle("Heaviest first", key="model.heavy", on_change=state.touched)
    rows = [row for row in model.rows if _is(row, str(kind)) and _matches(row, str(wanted or ""))]
    if heavy:
        rows.sort(key=lambda row: -row.parameter_count)
    return rows


def _is(row: Row, kind: str) -> bool:
    return {
        "transposed": row.transposed,
        "frozen": row.frozen_count > 0 or not row.trainable,
        "unknown": not row.known,
    }.get(kind, True)


def _matches(row: Row, wanted: str) -> bool:
    """Return whether every word that was searched for stands in a row's name or type."""
    text = f"{row.title} {row.type}".lower()
    return all(word in text for word in wanted.lower().split())


def _open(row: Row) -> None:
    """Take the layer to the calculator."""
    if row.layer is not None:
        state.take_layer(row.layer)
        state.open_page("app.py")


def advised(model: Model) -> None:
    """Draw each piece of advice with its size."""
    found = advice(model)
    if not found:
        st.markdown("Nothing to advise: no rule here applies to these layers.")
        return
    for one in found:
        size = f" :gray[· {plural(one.parameters, 'parameter')}]" if one.parameters else ""
        st.markdown(f"**{one.rule[0].upper()}{one.rule[1:]}**{size}  \n{escape_markdown(one.sentence)}")
    export_button(lambda: advice_table(found), key="advice.export", title="Advice")


def memory(model: Model) -> None:
    """Draw what the parameters take in memory."""
    st.markdown("Parameters only: activations come on top. Frozen ones need neither gradients nor moments.")
    table(memory_table(model), key="memory", caption="Memory")
