"""The alternatives for one upsampling layer: costs in a table, a scatter with its best front, and code."""

import streamlit as st

from calculator.charts.compare import Choice, scatter_figure
from calculator.charts.descriptions import front_finding
from calculator.comparison.alternative import Alternative, Missing
from calculator.comparison.alternatives import alternatives
from calculator.comparison.operations import code
from calculator.comparison.pareto_front import learned_front, learns_space
from calculator.core.errors import LayerError
from calculator.core.formatting import format_count, format_product, join_words, plural
from calculator.core.layer import ConvTranspose
from calculator.core.memory import training_parts
from calculator.settings import Settings
from calculator.settings.settings import settable
from calculator.tables.compare import alternatives_table, memory_text
from calculator.ui.components import inputs
from calculator.ui.components.expander import lazy_expander
from calculator.ui.components.markdown import escape_markdown
from calculator.ui.components.svg_chart import draw
from calculator.ui.components.table import table
from calculator.ui.session import state
from calculator.ui.session.viewport import palette, width

Choices = tuple[Alternative | Missing, ...]


def choices(held: Settings) -> Choices:
    """Return the alternatives for the layer's channels; its stride is the scale."""
    return alternatives(
        held.in_channels,
        held.out_channels,
        held.spatial("stride"),
        bias=held.bias,
        groups=held.used_groups,
        kernel_size=held.spatial("kernel_size"),
    )


def headline(held: Settings, every: Choices) -> None:
    """Draw what the least costs beside what the layer costs."""
    found = [one for one in every if isinstance(one, Alternative)]
    minimum = min(found, key=lambda one: one.parameter_count)
    layer = held.counted_layer()
    noun = plural(layer.parameter_count, "parameter").split()[1]
    sizes = held.spatial("input_size")
    scaled = format_product(minimum.output_shape(sizes)[1])
    st.markdown(
        f"**{format_count(layer.parameter_count)}** {noun} as it is, "
        f"{format_count(minimum.parameter_count)} as {escape_markdown(minimum.name)} "
        f":gray[· {format_count(held.in_channels)} → {format_count(held.out_channels)} channels, "
        f"{format_product(sizes)} → {scaled}]"
    )


def alternatives_view(held: Settings, every: Choices) -> None:
    """Draw the scatter, the table, and what each pays and gets."""
    found = [one for one in every if isinstance(one, Alternative)]
    front, own = learned_front(found, held.spatial("input_size")), _own(found, held)
    _scatter(held, found, front, own)
    inputs.choice("number_type")
    _costs(held, found, front, own)
    _notes(every)
    _unlike(held)
    with lazy_expander("As PyTorch code", key="alternatives.code") as opened:
        if opened:
            st.code("\n\n".join(_code(one) for one in found), language="python", wrap_lines=True)


def _scatter(held: Settings, found: list[Alternative], front: tuple[int, ...], own: int | None) -> None:
    """Draw parameters against multiply–accumulates, and say who is on the front."""
    sizes = held.spatial("input_size")
    drawn = [
        Choice(
            one.name,
            one.parameter_count,
            one.multiply_accumulates(sizes),
            best=n in front,
            fixed=not learns_space(one),
            own=n == own,
        )
        for n, one in enumerate(found)
    ]
    named = [found[n].name for n in front]
    hollow = " Hollow points learn nothing about space." if any(one.fixed for one in drawn) else ""
    st.markdown(
        f"Every row takes {format_product(sizes)} to "
        f"{format_product(found[0].output_shape(sizes)[1])}; the scale is the "
        "stride. Of the layers whose weights decide about space, none is both smaller and cheaper than "
        f"**{escape_markdown(join_words(named))}**. That says nothing about quality.{hollow}"
    )
    across = {"narrow": 340, "usual": 850, "wide": 1000}[width()]
    figure = scatter_figure(drawn, palette(), across=across)
    draw(figure, key="scatter", alt=front_finding(named), picture=held.picture)


def _costs(held: Settings, found: list[Alternative], front: tuple[int, ...], own: int | None) -> None:
    """Draw the table of costs, and what its bytes hold."""
    table(
        alternatives_table(found, held.spatial("input_size"), held.number_type),
        key="alternatives",
        caption="Ways to upsample",
        action="as your layer",
        actions=[None if n == own or not _usable(one) else "Use" for n, one in enumerate(found)],
        on_action=lambda row: _use(found[row]),
        marks=dict.fromkeys(front, "best") | ({} if own is None else {own: "yours"}),
    )
    marks = "Blue: the best front." + ("" if own is None else " Orange: your layer.")
    memory = memory_text(held.counted_layer().parameter_count, held.number_type)
    st.caption(
        f"{marks} Training, in bytes per parameter: "
        f"{escape_markdown(training_parts(held.number_type))}; activations "
        f"come on top, one sample's are in the table. Your layer: {escape_markdown(memory)}."
    )


def _single(one: Alternative) -> ConvTranspose | None:
    """Return the layer of an alternative that is one transposed convolution."""
    only = one.operations[0]
    return only if len(one.operations) == 1 and isinstance(only, ConvTranspose) else None


def _usable(one: Alternative) -> bool:
    layer = _single(one)
    return layer is not None and settable(layer)


def _own(found: list[Alternative], held: Settings) -> int | None:
    """Return which alternative has the kernel and the groups of the layer; none of them is dilated."""
    layer = held.counted_layer()
    for n, one in enumerate(found):
        single = _single(one)
        if single and (single.kernel_size, single.groups) == (layer.kernel_size, layer.groups):
            return n if set(held.spatial("dilation")) == {1} else None
    return None


def _use(one: Alternative) -> None:
    layer = _single(one)
    if layer is not None:
        state.take_layer(layer)


def _notes(every: Choices) -> None:
    """Draw what each gets and pays, and why one is not here."""
    lines = [
        f"- **{escape_markdown(one.name)}**: {escape_markdown(one.gets)} {escape_markdown(one.pays)}"
        if isinstance(one, Alternative)
        else f"- **{escape_markdown(one.name)}**: not here. {escape_markdown(one.reason)}"
        for one in every
    ]
    st.markdown("\n".join(lines))


def _unlike(held: Settings) -> None:
    """Say what of the layer is not in the table: its dilation, its padding."""
    sizes = held.spatial("input_size")
    if set(held.spatial("dilation")) != {1}:
        dilation = format_product(held.dilation)
        st.info(
            f"Your layer has dilation {dilation}; every layer here has dilation 1, so yours is not among "
            "them."
        )
        return
    scaled = tuple(size * stride for size, stride in zip(sizes, held.spatial("stride"), strict=True))
    try:
        output: tuple[int, ...] | None = held.layer().output_size(sizes)
    except LayerError:
        output = None
    if output != scaled:
        has = "has no output" if output is None else f"gives {format_product(output)}"
        st.info(
            f"With its own padding your layer {has}; here padding is chosen so that every row gives "
            f"{format_product(scaled)}."
        )


def _code(one: Alternative) -> str:
    """Return an alternative as PyTorch code, its layers one after the other."""
    lines = [code(op) for op in one.operations]
    head = f"# {one.name}: {format_count(one.parameter_count)} parameters"
    if len(lines) == 1 or any(line.startswith("#") for line in lines):
        return "\n".join([head, *lines])
    return "\n".join([head, "nn.Sequential(", *(f"    {line}," for line in lines), ")"])
