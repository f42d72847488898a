"""The views of a whole model: its totals, where its parameters are, its layers, advice and memory."""

from dataclasses import replace

import streamlit as st

from calculator.charts.descriptions import model_finding, work_finding
from calculator.charts.model import BARS, TILES, heaviest, layers_figure, treemap_figure
from calculator.comparison.advice import HEAVY, advice
from calculator.core.formatting import format_count, noun_for, plural
from calculator.networks.builtin import Network, network
from calculator.readers import Model, Row
from calculator.readers.model_json import write_model
from calculator.readers.readable import with_article
from calculator.readers.totals import (
    activation_values,
    at_least,
    not_counted_text,
    trainable_text,
    transposed_text,
)
from calculator.settings import Settings
from calculator.settings.settings import settable
from calculator.tables.advice import advice_table
from calculator.tables.model import layers_table, memory_table
from calculator.ui.charts.chart import chart
from calculator.ui.components.downloads import MAX_EXPORTED, ready, refusal
from calculator.ui.components.markdown import escape_markdown, large_number
from calculator.ui.components.table import export_button, table
from calculator.ui.model.chain import edit_sentence
from calculator.ui.model.source import chosen, is_given
from calculator.ui.session import state
from calculator.ui.session.callbacks import callback
from calculator.ui.session.viewport import palette

MAX_ROWS = 300
"""Layers that the table draws; a search finds the other layers, and the export contains all of them."""

KINDS = {
    "all": "All",
    "transposed": "Transposed",
    "undecided": "Undecided",
    "frozen": "Non-trainable",
    "unknown": "Not counted",
}


def headline(model: Model) -> None:
    """Draw the totals: all parameters, those in transposed layers, and the trainable ones.

    Where something is not counted, or a type is undecided, the numbers say so themselves.
    """
    transposed = sum(row.times for row in model.rows if row.transposed)
    undecided = sum(row.times for row in model.rows if row.undecided)
    layers = plural(transposed, "transposed layer")
    if undecided:
        layers += f", {format_count(undecided)} undecided"
    missing = not_counted_text(model)
    st.markdown(
        f"{at_least(model, model.parameter_count, large_number)} parameters · "
        + (f":orange[{missing}] · " if missing else "")
        + f":blue[{transposed_text(model)} in {layers}] "
        f":gray[· {trainable_text(model)} trainable]"
    )


def about(settings: Settings, model: Model) -> None:
    """Draw the format and the assumptions of the model; for a built-in network, the source of its total."""
    if not is_given() and not chosen(settings).own:
        st.markdown(f"{_published(network(settings.network))}  \n{escape_markdown(work_finding(model))}")
        return
    made = "" if is_given() else edit_sentence(settings)
    sentences = (made, *model.assumptions) if made else model.assumptions
    lines = "".join(f"\n- {escape_markdown(sentence)}" for sentence in sentences)
    count = plural(sum(row.times for row in model.rows if row.known), "layer")
    st.markdown(
        f"**{escape_markdown(model.name)}**, read as {escape_markdown(with_article(model.format))}: "
        f"{count} with parameters. "
        f"{escape_markdown(work_finding(model))}{lines}"
    )


def _published(built_in: Network) -> str:
    """Return the published total of a network, its source, and the rule of the count, as markdown."""
    standing = {
        "exact": f"The source states {built_in.figure}, and the recount gives the same.",
        "rounded": f"The source states {built_in.figure}; the recount, rounded, gives the same.",
        "recount": "The source states no total; this total is a recount.",
    }[built_in.standing]
    return (
        f"**{escape_markdown(built_in.name)}**. {standing} {escape_markdown(built_in.rule)} "
        f"Source: [{escape_markdown(built_in.source)}]({built_in.address})"
    )


def where_view(settings: Settings, model: Model) -> None:
    """Draw the model as nested areas and its layers as bars."""
    if not model.parameter_count:
        st.info("No layer of this model has a known number of parameters.")
        return
    finding, colours = model_finding(model), palette()
    st.markdown(escape_markdown(finding))
    chart(treemap_figure(model, colours), key="treemap", alt=finding, image_format=settings.image_format)
    bars = heaviest(model, BARS)
    complete = len(bars) == sum(row.parameter_count > 0 for row in model.rows)
    st.markdown(
        ("**Layer by layer**" if complete else f"**The {BARS} largest layers**, in the order of the model")
        + ": :blue[weights], :orange[biases]; transposed convolutions in bold"
    )
    chart(
        layers_figure(model, colours), key="bars", alt=_bars_finding(bars), image_format=settings.image_format
    )
    if len(model.rows) > TILES:
        st.caption(f"The areas show the {TILES} largest layers one by one, and the others together.")


def _bars_finding(rows: list[Row]) -> str:
    """Return the text alternative of the bars."""
    largest = max(rows, key=lambda row: row.parameter_count)
    count = plural(largest.parameter_count, "parameter")
    return f"{plural(len(rows), 'layer')}; the largest is {largest.title} with {count}."


def layers_view(model: Model) -> None:
    """Draw the table of the layers that match the search and the filter."""
    rows = _matching(model)
    summed = sum(row.parameter_count for row in rows)
    count = f"{at_least(replace(model, rows=tuple(rows)), summed)} {noun_for(summed, 'parameter')}"
    first = f"; the first {MAX_ROWS} are drawn" if len(rows) > MAX_ROWS else ""
    if first and len(rows) <= MAX_EXPORTED:
        first += ", the export contains all"
    st.markdown(f"{format_count(len(rows))} of {plural(len(model.rows), 'layer')}, {count}{first}")
    drawn = tuple(rows[:MAX_ROWS])
    shown = layers_table(drawn)
    if not any(row.other_count for row in model.rows):  # A laptop then has room for the weight shapes.
        shown = shown.drop(columns="others")
    table(
        shown,
        key="layers",
        caption="Layers",
        action="in the calculator",
        actions=["Open" if row.layer is not None and settable(row.layer) else None for row in drawn],
        on_action=lambda index: _open(drawn[index]),
        marks={index: "best" for index, row in enumerate(drawn) if row.transposed},
        everything=lambda: layers_table(tuple(rows)),
        total=len(rows),
    )
    if refusal(len(model.rows)):
        return
    st.download_button(
        "The whole model as JSON",
        ready(lambda: write_model(model), rows=len(model.rows)),
        file_name="model.json",
        mime="application/json",
        key="model.json",
        icon=":material/data_object:",
        on_click="ignore",
    )


def _matching(model: Model) -> list[Row]:
    """Draw the search and the filter, and return the layers that match both."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        words = st.text_input("Search", key="model.search", placeholder="name or type", on_change=callback())
        kind = st.segmented_control(
            "Show",
            list(KINDS),
            key="model.kind",
            default="all",
            format_func=lambda key: KINDS[key],
            required=True,
            on_change=callback(),
        )
        largest_first = st.toggle("Largest first", key="model.heavy", on_change=callback())
    rows = [row for row in model.rows if _of_kind(row, str(kind)) and _matches(row, str(words or ""))]
    if largest_first:
        rows.sort(key=lambda row: -row.parameter_count)
    return rows


def _of_kind(row: Row, kind: str) -> bool:
    """Return whether a row belongs to one of ``KINDS``."""
    return {
        "transposed": row.transposed,
        "undecided": row.undecided,
        "frozen": row.frozen_count > 0 or not row.trainable,
        "unknown": not row.known,
    }.get(kind, True)


def _matches(row: Row, words: str) -> bool:
    """Return whether the name and type of a row contain every one of ``words``."""
    text = f"{row.title} {row.type}".lower()
    return all(word in text for word in words.lower().split())


def _open(row: Row) -> None:
    """Open the calculator with the layer of ``row``."""
    if row.layer is not None:
        state.take_layer(row.layer)
        state.open_page("app.py")


def advice_view(model: Model) -> None:
    """Draw each piece of advice, with the number of parameters that it concerns."""
    pieces = advice(model)
    if not pieces:
        st.markdown("There is no advice: none of the rules here applies to these layers.")
        return
    for piece in pieces:
        size = f" :gray[· {plural(piece.parameters, 'parameter')}]" if piece.parameters else ""
        st.markdown(f"**{piece.rule[0].upper()}{piece.rule[1:]}**{size}  \n{escape_markdown(piece.sentence)}")
    condition = f" Work and activations hold {escape_markdown(model.condition)}." if model.condition else ""
    st.caption(
        f"Variants are given for convolutions with at least 1/{HEAVY} of all parameters, and for the largest "
        "transposed one. Work is in multiply–accumulates of one sample; “activations kept to train” are the "
        f"inputs of the layers with weights.{condition}"
    )
    export_button(lambda: advice_table(pieces), key="advice.export", title="Advice", rows=len(pieces))


def memory_view(model: Model) -> None:
    """Draw the memory of the parameters and of the outputs of the layers, by number type."""
    values, missing = activation_values(model)
    if values:
        layers = plural(len(model.rows) - missing, "layer")
        activations = (
            f"The outputs of {layers} with parameters have {format_count(values)} values for one sample"
            f"{f' {model.condition}' if model.condition else ''}; activation functions and layers without "
            "parameters may keep more."
        )
        if missing:
            activations += f" The output size of {plural(missing, 'other layer')} is not known."
    else:
        activations = (
            "Activations need more; with an input size, where the layers form a chain, they are counted."
        )
    st.markdown(
        "This is the memory of the parameters. To train, each one has a gradient, and the numbers of its "
        "optimiser: none for SGD, one with momentum, two for Adam. In 16 bits these have 32 bits, and there "
        "is a master copy. Frozen parameters need only their own memory.  \n"
        f"{escape_markdown(activations)}"
    )
    table(memory_table(model), key="memory", caption="Memory")
