"""The alternatives to one upsampling layer: a scatter of their costs, a table, and PyTorch code."""

import streamlit as st

from calculator.charts.compare import Choice, scatter_figure
from calculator.charts.descriptions import front_finding
from calculator.comparison.alternative import Alternative, Missing
from calculator.comparison.alternatives import alternatives
from calculator.comparison.operations import code
from calculator.comparison.pareto_front import learned_front, learns_space
from calculator.core.errors import LayerError
from calculator.core.formatting import format_count, format_product, join_words, noun_for
from calculator.core.layer import ConvTranspose
from calculator.core.memory import training_parts
from calculator.settings import Settings
from calculator.settings.settings import settable
from calculator.tables.compare import alternatives_table, memory_text
from calculator.ui.components import inputs
from calculator.ui.components.chart import chart
from calculator.ui.components.expander import lazy_expander
from calculator.ui.components.markdown import escape_markdown
from calculator.ui.components.table import table
from calculator.ui.session import state
from calculator.ui.session.viewport import palette, width

Choices = tuple[Alternative | Missing, ...]
"""Every way to upsample: with its costs, or missing for a reason."""


def choices(settings: Settings) -> Choices:
    """Return the alternatives for the layer's channels; the stride is the scale factor."""
    return alternatives(
        settings.in_channels,
        settings.out_channels,
        settings.spatial("stride"),
        bias=settings.bias,
        groups=settings.used_groups,
        kernel_size=settings.spatial("kernel_size"),
    )


def headline(settings: Settings, every: Choices) -> None:
    """Draw the parameters of the layer and of the smallest alternative."""
    smallest = min(_available(every), key=lambda alternative: alternative.parameter_count)
    layer = settings.counted_layer()
    noun = noun_for(layer.parameter_count, "parameter")
    sizes = settings.spatial("input_size")
    scaled = format_product(smallest.output_shape(sizes)[1])
    st.markdown(
        f"**{format_count(layer.parameter_count)}** {noun} in your layer; the smallest alternative has "
        f"{format_count(smallest.parameter_count)} ({escape_markdown(smallest.name)}) "
        f":gray[· {format_count(settings.in_channels)} → {format_count(settings.out_channels)} channels, "
        f"{format_product(sizes)} → {scaled}]"
    )


def alternatives_view(settings: Settings, every: Choices) -> None:
    """Draw the scatter, the table, the advantages and costs of each alternative, and the code."""
    available = _available(every)
    front = learned_front(available, settings.spatial("input_size"))
    own = _own(available, settings)
    _scatter(settings, available, front, own)
    inputs.choice("number_type")
    _costs(settings, available, front, own)
    _notes(every)
    _differences(settings)
    with lazy_expander("As PyTorch code", key="alternatives.code") as opened:
        if opened:
            code_blocks = [_code(alternative) for alternative in available]
            st.code("\n\n".join(code_blocks), language="python", wrap_lines=True)


def _available(every: Choices) -> list[Alternative]:
    return [choice for choice in every if isinstance(choice, Alternative)]


def _scatter(
    settings: Settings, available: list[Alternative], front: tuple[int, ...], own: int | None
) -> None:
    """Draw parameters against multiply–accumulates, and which alternatives are on the front."""
    sizes = settings.spatial("input_size")
    points = [
        Choice(
            alternative.name,
            alternative.parameter_count,
            alternative.multiply_accumulates(sizes),
            best=index in front,
            fixed=not learns_space(alternative),
            own=index == own,
        )
        for index, alternative in enumerate(available)
    ]
    names = [available[index].name for index in front]
    st.markdown(
        f"Every alternative enlarges {format_product(sizes)} to "
        f"{format_product(available[0].output_shape(sizes)[1])}; the stride is the scale factor. "
        f"The Pareto front (blue) is **{escape_markdown(join_words(names))}**: no other alternative with "
        "learned spatial weights has both fewer parameters and fewer multiply–accumulates (MACs). Quality is "
        "not compared."
    )
    across = {"narrow": 340, "usual": 850, "wide": 1000}[width()]
    figure = scatter_figure(points, palette(), across=across)
    chart(figure, key="scatter", alt=front_finding(names), image_format=settings.image_format)
    if any(point.fixed for point in points):
        st.caption(
            "Hollow points have no learned spatial weights (training changes only how channels mix), or they "
            "leave output positions empty. They are on the front only if there are no other points."
        )


def _costs(settings: Settings, available: list[Alternative], front: tuple[int, ...], own: int | None) -> None:
    """Draw the table of costs, and the meaning of its colours and bytes."""
    table(
        alternatives_table(available, settings.spatial("input_size"), settings.number_type),
        key="alternatives",
        caption="Ways to upsample",
        action="as your layer",
        actions=[
            None if index == own or not _usable(alternative) else "Use"
            for index, alternative in enumerate(available)
        ],
        on_action=lambda row: _use(available[row]),
        marks=dict.fromkeys(front, "best") | ({} if own is None else {own: "yours"}),
    )
    colours = "Blue rows are on the Pareto front." + ("" if own is None else " The orange row is your layer.")
    memory = memory_text(settings.counted_layer().parameter_count, settings.number_type)
    st.caption(
        f"{colours} Memory for training: {escape_markdown(training_parts(settings.number_type))}. "
        "Activations need more memory; the table has those of one sample. "
        f"Your layer needs {escape_markdown(memory)}."
    )


def _single_layer(alternative: Alternative) -> ConvTranspose | None:
    """Return the layer of an alternative that is one transposed convolution."""
    first = alternative.operations[0]
    return first if len(alternative.operations) == 1 and isinstance(first, ConvTranspose) else None


def _usable(alternative: Alternative) -> bool:
    layer = _single_layer(alternative)
    return layer is not None and settable(layer)


def _own(available: list[Alternative], settings: Settings) -> int | None:
    """Return the index of the alternative that is the visitor's layer; ``None`` if no alternative is.

    The alternatives have no dilation, so a layer with dilation is not one of them.
    """
    layer = settings.counted_layer()
    for index, alternative in enumerate(available):
        single = _single_layer(alternative)
        if single and (single.kernel_size, single.groups) == (layer.kernel_size, layer.groups):
            return index if set(settings.spatial("dilation")) == {1} else None
    return None


def _use(alternative: Alternative) -> None:
    layer = _single_layer(alternative)
    if layer is not None:
        state.take_layer(layer)


def _notes(every: Choices) -> None:
    """Draw the advantages and costs of each alternative, or why it is not in the table."""
    lines = [
        f"- **{escape_markdown(choice.name)}**: {escape_markdown(choice.gets)} {escape_markdown(choice.pays)}"
        if isinstance(choice, Alternative)
        else f"- **{escape_markdown(choice.name)}**: not in the table. {escape_markdown(choice.reason)}"
        for choice in every
    ]
    st.markdown("\n".join(lines))


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
    scaled = tuple(size * stride for size, stride in zip(sizes, settings.spatial("stride"), strict=True))
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


def _code(alternative: Alternative) -> str:
    """Return an alternative as PyTorch code, its layers one after the other."""
    lines = [code(operation) for operation in alternative.operations]
    head = f"# {alternative.name}: {format_count(alternative.parameter_count)} parameters"
    if len(lines) == 1 or any(line.startswith("#") for line in lines):
        return "\n".join([head, *lines])
    return "\n".join([head, "nn.Sequential(", *(f"    {line}," for line in lines), ")"])
