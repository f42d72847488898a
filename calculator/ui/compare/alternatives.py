"""The alternatives to one upsampling layer: a recommendation, a scatter of costs, a table, and code."""

from functools import lru_cache

import pandas as pd
import streamlit as st

from calculator.charts.compare import Choice, scatter_figure
from calculator.charts.descriptions import front_finding
from calculator.charts.figure import UnvalidatedFigure
from calculator.core.errors import LayerError
from calculator.core.formatting import format_count, format_product, join_words, noun_for, unbroken
from calculator.core.memory import training_parts
from calculator.palette import Palette
from calculator.settings import Settings
from calculator.settings.settings import settable
from calculator.tables.compare import DECIDING, alternatives_table, memory_text
from calculator.ui.charts.chart import MAX_KEPT_FIGURES, chart
from calculator.ui.components import inputs
from calculator.ui.components.expander import lazy_expander
from calculator.ui.components.markdown import escape_markdown, isolated, kept_together, large_number
from calculator.ui.components.table import table
from calculator.ui.session import state
from calculator.ui.session.viewport import palette, width
from calculator.upsampling.alternative import Alternative
from calculator.upsampling.form_code import form_code
from calculator.upsampling.ranking import Ranking, ranking, single_layer, verdict
from calculator.upsampling.recommendation import aims_text, difference_text, inputs_seen

SIZES = {"narrow": 340, "usual": 850, "wide": 1000}
"""The width of the chart in pixels for which the labels are placed."""


def choices(settings: Settings) -> Ranking:
    """Return the alternatives for the layer's channels; the stride is the scale factor."""
    return ranking(settings.unpadded_layer(), settings.spatial("input_size"), settings.aims)


def headline(settings: Settings, every: Ranking) -> None:
    """Draw the parameters of the layer and the recommendation, which ``sentence`` draws on a phone."""
    layer = settings.counted_layer()
    noun = noun_for(layer.parameter_count, "parameter")
    sizes = settings.spatial("input_size")
    # A long line may end at the arrow between the sizes.
    before, after = (unbroken(format_product(each)) for each in (sizes, _scaled(settings)))
    channels = f"{format_count(settings.in_channels)} → {format_count(settings.out_channels)}"
    sentence = f"\n\n{_advice(settings, every)}" if width() != "narrow" else ""
    st.markdown(
        f"{large_number(layer.parameter_count)} {noun} in your layer "
        f":gray[· {kept_together(channels)} channels, {isolated(f'{before} → {after}')}]{sentence}"
    )


def sentence(settings: Settings, every: Ranking) -> None:
    """Draw the recommendation on a phone, where it would cover too much if it stayed in sight."""
    if width() == "narrow":
        st.markdown(_advice(settings, every))


def _scaled(settings: Settings) -> tuple[int, ...]:
    """Return the output size of every alternative: the input size times the stride."""
    pairs = zip(settings.spatial("input_size"), settings.spatial("stride"), strict=True)
    return tuple(size * stride for size, stride in pairs)


def _advice(settings: Settings, every: Ranking) -> str:
    """Return the sentence with the recommended form for the aims, and how it differs from the layer."""
    # The style enlarges bold text at the beginning of a paragraph, unless another element stands before it.
    aims = f":gray[For {aims_text(settings.aims)}:]"
    name, rest = verdict(every, settings.unpadded_layer(), settings.spatial("input_size"))
    return f"{aims} **{escape_markdown(name)}** {kept_together(rest)}" if name else f"{aims} {rest}"


def alternatives_view(settings: Settings, every: Ranking) -> None:
    """Draw the aims, the scatter, the table, the advantages and costs of each alternative, and the code."""
    inputs.choices("aims")
    _wider(settings, every)
    rows = every.shown(settings.every_form)
    _scatter(settings, every)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        inputs.choice("number_type")
        inputs.switch("every_form")
        inputs.switch("every_column")
    _costs(settings, every, rows)
    st.markdown(_notes(every, settings.every_form))
    _differences(settings)
    with lazy_expander("As PyTorch code", key="alternatives.code") as opened:
        if opened:
            blocks = [form_code(every.available[index]) for index in rows]
            st.code(
                "\n\n".join(["import torch\nfrom torch import nn", *blocks]),
                language="python",
                wrap_lines=True,
            )


def _wider(settings: Settings, every: Ranking) -> None:
    """Draw the best form that sees as many inputs as the layer, where the recommended form sees fewer."""
    best = every.recommended
    if best is None or best.wider == best.index:
        return
    needed = format_product(inputs_seen(settings.unpadded_layer()))
    if best.wider is None:
        st.caption(f"No form for these aims sees as many inputs per output as your layer ({needed}).")
        return
    if best.wider == every.own:
        st.caption(
            f"Of the forms that see as many inputs per output as your layer ({needed}), yours is the best."
        )
        return
    way = every.available[best.wider]
    difference = difference_text(way, settings.unpadded_layer(), settings.spatial("input_size"))
    st.caption(
        f"Of the forms that see as many inputs per output as your layer ({needed}), the best is "
        f"**{escape_markdown(way.name)}**: it {difference}."
    )


def _scatter(settings: Settings, every: Ranking) -> None:
    """Draw parameters against multiply–accumulates, and which alternatives are on the front."""
    sizes = settings.spatial("input_size")
    figure, numbered = _figure(every, settings.every_form, sizes, palette(), SIZES[width()])
    names = [every.available[index].name for index in every.front]
    full = len(every.compared)
    chart(figure, key="scatter", alt=front_finding(names, full), image_format=settings.image_format)
    if width() == "narrow":
        st.caption(numbered)
    st.markdown(
        f"All {len(every.available)} forms here enlarge {format_product(sizes)} to "
        f"{format_product(_scaled(settings))}; the stride is the scale factor. "
        f"{full} of them mix all channels and learn spatial weights. Of these, the Pareto front (blue) "
        f"is **{escape_markdown(join_words(names))}**: no other form has both fewer parameters and fewer "
        "multiply–accumulates (MACs). Quality is not compared. Besides shuffles, one layer of a form changes "
        "the number of channels: a second one, as in a bottleneck, could make it smaller."
    )
    if full < len(every.available):
        st.caption(
            "Hollow points are not compared with the others: they never mix the channels of different "
            "groups, have no learned spatial weights (training changes only how channels mix), or leave "
            "output positions empty."
        )


@lru_cache(MAX_KEPT_FIGURES)
def _figure(
    every: Ranking, every_form: bool, sizes: tuple[int, ...], palette: Palette, across: int
) -> tuple[UnvalidatedFigure, str]:
    """Return the scatter, and the names behind its numbers as markdown."""
    rows, available, full = every.shown(every_form), every.available, set(every.compared)
    # Later points are drawn above earlier points, so the forms without a name come first.
    order = [*(n for n in range(len(available)) if n not in rows), *reversed(rows)]
    named = {index: number for number, index in enumerate(rows, 1)}
    points = [
        Choice(
            available[index].name,
            available[index].parameter_count,
            available[index].multiply_accumulates(sizes),
            best=index in every.front,
            fixed=index not in full,
            own=index == every.own,
            number=named.get(index, 0) if named.get(index, 0) <= MAX_NAMED else 0,
            recommended=every.recommended is not None and index == every.recommended.index,
        )
        for index in order
    ]
    numbered = " · ".join(
        f"**{point.number}** {escape_markdown(point.name)}" for point in reversed(points) if point.number
    )
    return scatter_figure(points, palette, across=across), numbered


MAX_NAMED = 40
"""The maximum number of points with a name."""


def _costs(settings: Settings, every: Ranking, rows: list[int]) -> None:
    """Draw the table of costs, and the meaning of its colours and bytes."""
    shown = [every.available[index] for index in rows]
    sizes, number_type = settings.spatial("input_size"), settings.number_type
    places = {index: row for row, index in enumerate(rows)}
    full = set(every.compared)
    marks = {row: "aside" for row, index in enumerate(rows) if index not in full}
    marks |= {places[index]: "best" for index in every.front}
    if every.own is not None:
        marks[places[every.own]] = "yours"
    table(
        _costs_table(every, settings.every_form, settings.every_column, sizes, number_type),
        key="alternatives",
        caption="Ways to upsample",
        action="as your layer",
        actions=[
            None if index == every.own or not _usable(every.available[index]) else "Use" for index in rows
        ],
        on_action=lambda row: _use(shown[row]),
        marks=marks,
        everything=lambda: alternatives_table(every.available, sizes, number_type),
        total=len(every.available),
    )
    colours = "Blue rows are on the Pareto front, grey ones are not compared." + (
        "" if every.own is None else " The orange row is your layer."
    )
    memory = memory_text(settings.counted_layer().parameter_count, number_type)
    st.caption(
        f"{colours} The first row is the recommended form. The export has all forms and columns. Memory for "
        f"training: {escape_markdown(training_parts(number_type))}. "
        "Activations need more memory; the table has those of one sample. "
        f"Your layer needs {escape_markdown(memory)}."
    )


@lru_cache(MAX_KEPT_FIGURES)
def _costs_table(
    every: Ranking, every_form: bool, every_column: bool, sizes: tuple[int, ...], number_type: str
) -> pd.DataFrame:
    """Return the costs of the shown alternatives."""
    shown = [every.available[index] for index in every.shown(every_form)]
    whole = alternatives_table(shown, sizes, number_type)
    return whole if every_column else whole[whole.columns[:DECIDING]]


def _usable(alternative: Alternative) -> bool:
    layer = single_layer(alternative)
    return layer is not None and settable(layer)


def _use(alternative: Alternative) -> None:
    layer = single_layer(alternative)
    if layer is not None:
        state.take_layer(layer)


@lru_cache(MAX_KEPT_FIGURES)
def _notes(every: Ranking, every_form: bool) -> str:
    """Return the advantages and costs of the usual forms and the best, and why others are missing."""
    ways = [(index, every.available[index]) for index in every.shown(every_form)]
    lines = [_note(way) for index, way in ways if way.usual or index in every.front]
    lines += [
        f"- **{escape_markdown(choice.name)}**: not in the table. {escape_markdown(choice.reason)}"
        for choice in every.missing
    ]
    return "\n".join(lines)


def _note(way: Alternative) -> str:
    """Return what an alternative is also called, its advantage, its cost and what computes the same."""
    also = f" ({escape_markdown(way.also)})" if way.also else ""
    same = f" The same functions: {escape_markdown(join_words(way.equal))}." if way.equal else ""
    return f"- **{escape_markdown(way.name)}**{also}: {escape_markdown(f'{way.gets} {way.pays}')}{same}"


def _differences(settings: Settings) -> None:
    """Draw how the layer differs from the table: in its dilation, or in its padding."""
    sizes = settings.spatial("input_size")
    if set(settings.spatial("dilation")) != {1}:
        dilation = format_product(settings.dilation)
        st.info(
            f"Your layer has dilation {dilation}; every layer in the table has dilation 1, so your layer is "
            "not in the table."
        )
        return
    scaled = _scaled(settings)
    try:
        output: tuple[int, ...] | None = settings.layer().output_size(sizes)
    except LayerError:
        output = None
    if output != scaled:
        result = "has no output" if output is None else f"gives {format_product(output)}"
        st.info(
            f"With its own padding your layer {result}; here padding is chosen so that every row gives "
            f"{format_product(scaled)}."
        )
