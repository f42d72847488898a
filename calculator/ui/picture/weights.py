"""What the weights do: the stamp, the weight tensor, the two matrices, the overlap."""

import streamlit as st

from calculator.charts.descriptions import matrices_finding, overlap_finding, tensor_finding
from calculator.charts.picture import matrices_figure, overlap_figure
from calculator.charts.weight_grid import tensor_figure
from calculator.core.errors import LayerError
from calculator.core.formatting import collapse_axes, format_count, format_product, plural
from calculator.core.layer import ConvTranspose
from calculator.geometry.matrices import convolution_matrix, line_layer
from calculator.geometry.overlap import Remedy, interior_range, overlap, remedies
from calculator.geometry.overlap_window import overlap_window
from calculator.geometry.stamp import few_values
from calculator.geometry.weight_grid import example_weight, tensor_view
from calculator.settings import Settings
from calculator.settings.settings import settable
from calculator.ui.components import inputs
from calculator.ui.components.markdown import escape_markdown
from calculator.ui.components.stamp_player import play
from calculator.ui.components.svg_chart import draw
from calculator.ui.session import state
from calculator.ui.session.viewport import palette, width

EMPTY = "An output of size 0 is allowed, as in PyTorch, but holds nothing."
MADE_UP = "The weights here are made up; training finds the real ones."
PLAIN = "Even overlap is necessary, not sufficient: trained weights can still make a pattern."


def headline(held: Settings) -> None:
    """Draw what goes in, what comes out, and the count that none of it changes."""
    count = plural(held.counted_layer().parameter_count, "parameter")
    sizes = held.spatial("input_size")
    try:
        output = f"**{format_product(held.layer().output_size(sizes))}**"
    except LayerError:
        output = "**no output**"
    st.markdown(f"{output} from {format_product(sizes)} :gray[· the same {count} at every position]")


def checked_layer(held: Settings) -> ConvTranspose | None:
    """Return the layer where it has an output; else say why not."""
    try:
        layer = held.layer()
        layer.output_size(held.spatial("input_size"))
    except LayerError as error:
        st.error(f"**No output with these settings.** {escape_markdown(str(error))}")
        count = format_count(held.counted_layer().parameter_count)
        st.markdown(f"The count does not need one: it stays {count}.")
        return None
    return layer


def stamp_view(held: Settings) -> None:
    """Draw the stamp, or why it cannot be drawn and a click that makes it small enough."""
    layer = checked_layer(held)
    if layer is None:
        return
    if 0 in layer.output_size(held.spatial("input_size")):
        st.info(EMPTY)
        return
    try:
        play(held, layer)
    except LayerError as error:
        _too_large(error, "stamp.smaller")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        inputs.choice("fill")
        pair = held.used_pair
        st.caption(
            f"The kernel from input channel {format_count(pair[0] + 1)} to output channel "
            f"{format_count(pair[1] + 1)}, "
            f"one of {format_count(layer.kernel_count)}. {MADE_UP}"
        )


def _too_large(error: LayerError, key: str) -> None:
    """Say why there is no picture, with a click that makes the layer small enough for one."""
    st.info(f"**No picture small enough to read.** {escape_markdown(str(error))}")
    st.button("Set kernel 4, stride 2, padding 1", key=key, on_click=_smaller)


def _smaller() -> None:
    state.change(kernel_size=(4,), stride=(2,), padding=(1,), output_padding=(0,), dilation=(1,))


def tensor(held: Settings) -> None:
    """Draw the grid of kernels, and how it is the weight tensor's shape."""
    layer = held.counted_layer()
    pair = held.used_pair
    narrow = width() == "narrow"
    view = tensor_view(layer, pair, max_rows=6 if narrow else 7, max_columns=6 if narrow else 10)
    shape, per_input = layer.weight_shape, layer.out_channels // layer.groups
    st.markdown(
        f"**weight_shape = ({', '.join(format_count(size) for size in shape)})**: "
        f"{format_count(shape[0])} rows "
        f"(input channels) × {format_count(per_input)} kernels each{_per_group(layer)} × "
        f"{format_product(layer.kernel_size)} weights "
        f"= :blue[{plural(layer.weight_count, 'weight')}]. {_bias_words(layer)}"
    )
    draw(tensor_figure(view, palette()), key="tensor", alt=tensor_finding(view), picture=held.picture)
    shown = (
        f"{format_count(view.kernels_shown)} of {format_count(layer.kernel_count)} "
        "kernels; the dots stand for the rest"
    )
    st.caption(MADE_UP if view.whole else f"Shown: {shown}. {MADE_UP}")
    with st.container(horizontal=True):
        inputs.whole_number("pair_in")
        inputs.whole_number("pair_out")
    if (held.pair_in - 1, held.pair_out - 1) != pair:
        st.warning(
            f"The layer has no kernel from input channel {format_count(held.pair_in)} to output channel "
            f"{format_count(held.pair_out)}; {format_count(pair[0] + 1)} to "
            f"{format_count(pair[1] + 1)} is framed instead."
        )


def _per_group(layer: ConvTranspose) -> str:
    if layer.groups == 1:
        return ""
    out, groups = format_count(layer.out_channels), format_count(layer.groups)
    return f" ({out} ÷ {groups} groups: a channel meets only its own group, the grey pairs have no kernel)"


def _bias_words(layer: ConvTranspose) -> str:
    if not layer.bias:
        return "No biases: the switch is off."
    return (
        f"One bias is a single number for a whole output channel: "
        f":orange[{plural(layer.bias_count, 'bias')}], not one per kernel or position."
    )


def transposed(held: Settings) -> None:
    """Draw a convolution's matrix and its transpose on one line of the kernel."""
    layer = checked_layer(held)
    if layer is None:
        return
    line, whole = line_layer(layer), held.spatial("input_size")[-1]
    if 0 in line.output_size(whole):
        st.info(EMPTY)
        return
    try:
        size = few_values(line, whole)
    except LayerError as error:
        _too_large(error, "matrix.smaller")
        return
    output = line.output_size(size)
    kernel = [example_weight(0, 0, tap) for tap in range(line.kernel_volume)]
    matrix = convolution_matrix(line, size, kernel)
    st.markdown(
        f"One line of the kernel, {', '.join(map(str, kernel))}, as a matrix. **C** is the ordinary "
        f"convolution: each row holds the kernel, {format_count(line.stride[0])} further "
        "on than the one above"
        f"{', as far as padding leaves it' if line.padding[0] else ''}. Turned over its diagonal, the same "
        f"numbers give **Cᵀ**, the *transposed* convolution: {output[0]} values out of {size}, so each "
        "*column* is one stamp."
    )
    draw(
        matrices_figure(matrix, palette(), across=width() != "narrow"),
        key="matrices",
        alt=matrices_finding(matrix),
        picture=held.picture,
    )
    st.markdown(
        "It turns the sizes round, not the values: Cᵀ·C is not the identity. “Deconvolution”, which in "
        "signal processing means recovering the input, is therefore a misnomer."
    )


def overlapping(held: Settings) -> None:
    """Draw how many products meet at each output position, and what makes it even."""
    layer = checked_layer(held)
    if layer is None:
        return
    axes = overlap(layer)
    st.markdown(_overlap_words(layer))
    counts, whole = overlap_window(layer, held.spatial("input_size"))
    if all(counts):
        cells = 18 if width() == "narrow" else 40
        drawn = overlap_figure(counts, palette(), across=cells)
        draw(drawn, key="overlap", alt=overlap_finding(layer), picture=held.picture)
    else:
        st.info(EMPTY)
    if not whole:
        st.caption("Not all of the output: what is left out of its middle is more of the same.")
    if all(axis.even for axis in axes):
        st.markdown(PLAIN)
        return
    st.markdown(f"**What would make it even**, from {plural(layer.parameter_count, 'parameter')} now")
    for place, remedy in enumerate(remedies(layer, held.spatial("input_size"))):
        button, words = st.columns([2, 7], vertical_alignment="center")
        usable = settable(remedy.layer)
        button.button(
            _remedy_label(remedy),
            key=f"remedy.{place}",
            on_click=state.change,
            kwargs={name: collapse_axes(values) for name, values in remedy.changes},
            disabled=not usable,
            width="stretch",
        )
        told = f"{remedy.sentence} {plural(remedy.layer.parameter_count, 'parameter')}."
        words.markdown(escape_markdown(told) + ("" if usable else " More than this page can set."))
    st.markdown(PLAIN)


def _remedy_label(remedy: Remedy) -> str:
    """Return what a remedy changes besides padding."""
    changes = [(name, collapse_axes(values)) for name, values in remedy.changes if "padding" not in name]
    text = ", ".join(f"{name.replace('_', ' ')} {format_product(values)}" for name, values in changes)
    return text[0].upper() + text[1:]


def _overlap_words(layer: ConvTranspose) -> str:
    """Return the verdict on the overlap, axis by axis where they differ."""
    axes = overlap(layer)
    settings = ", ".join(
        f"{name} {format_product(getattr(layer, field))}"
        for name, field in (("kernel", "kernel_size"), ("stride", "stride"), ("dilation", "dilation"))
        if field != "dilation" or set(layer.dilation) != {1}
    )
    minimum, maximum = interior_range(layer)
    if all(axis.even for axis in axes):
        verdict = f"**Even**: away from the borders {plural(maximum, 'product')} in every position"
        return f"{verdict} ({settings}). No position is favoured by geometry alone."
    if any(axis.holes for axis in axes):
        left = "hold only the bias" if layer.bias else "stay 0"
        got = f"some positions get no product at all and {left}, others up to {format_count(maximum)}"
        return f"**Holes**: {got} ({settings})."
    meet = f"{format_count(minimum)} to {plural(maximum, 'product')}"
    return (
        f"**Uneven**: away from the borders {meet} meet in a position ({settings}). Where more meet the "
        "output is stronger, by geometry alone."
    )
