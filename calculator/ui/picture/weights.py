"""The effect of the weights: the stamp, the weight tensor, the two matrices, the overlap."""

from functools import lru_cache

import streamlit as st

from calculator.charts.descriptions import matrices_finding, overlap_finding, tensor_finding
from calculator.charts.figure import UnvalidatedFigure
from calculator.charts.picture import matrices_figure, overlap_figure
from calculator.charts.weight_grid import draws_weights, tensor_figure
from calculator.core.derivation import EMPTY_OUTPUT
from calculator.core.errors import LayerError
from calculator.core.formatting import collapse_axes, format_count, format_product, plural
from calculator.core.layer import ConvTranspose
from calculator.geometry.matrices import convolution_matrix, line_layer
from calculator.geometry.overlap import Remedy, interior_range, overlap, remedies
from calculator.geometry.overlap_window import overlap_window
from calculator.geometry.stamp import few_values
from calculator.geometry.weight_grid import TensorView, example_weight, tensor_view
from calculator.palette import Palette
from calculator.settings import Settings
from calculator.settings.settings import settable
from calculator.ui.charts.chart import MAX_KEPT_FIGURES, chart
from calculator.ui.charts.stamp_player import play, small_stamp
from calculator.ui.components import inputs
from calculator.ui.components.layer_output import layer_with_output
from calculator.ui.components.markdown import escape_markdown, kept_together
from calculator.ui.session import state
from calculator.ui.session.callbacks import callback
from calculator.ui.session.viewport import palette, width

MADE_UP = "**The numbers are made up.**"
NOT_SUFFICIENT = (
    "Even overlap is necessary, not sufficient, to avoid checkerboard patterns: trained weights can still "
    "produce them."
)


def headline(settings: Settings) -> None:
    """Draw the output size, the input size and the count, which is the same at every position."""
    count = plural(settings.counted_layer().parameter_count, "parameter")
    sizes = settings.spatial("input_size")
    try:
        output = f"Output **{format_product(settings.layer().output_size(sizes))}**"
    except LayerError:
        output = "**No output**"
    st.markdown(
        f"{output} from input {kept_together(format_product(sizes))} "
        f":gray[· the same {count} at every position]"
    )


def stamp_view(settings: Settings) -> None:
    """Draw the stamp; for a layer too large to draw, the reason and a button that makes the layer smaller."""
    layer = layer_with_output(settings)
    if layer is None:
        return
    if 0 in layer.output_size(settings.spatial("input_size")):
        st.info(EMPTY_OUTPUT)
        return
    try:
        played = small_stamp(settings, layer)
    except LayerError as error:
        _too_large(error, "stamp.smaller")
        return
    pair = settings.used_pair
    # Beside the picture: who sees the numbers sees what they are.
    hint = "" if settings.presenting else " Touch an output cell: where does its value come from?"
    st.caption(
        f"{MADE_UP} Kernel from input channel {format_count(pair[0] + 1)} to output channel "
        f"{format_count(pair[1] + 1)}, one of {format_count(layer.kernel_count)}.{hint}"
    )
    play(settings, played)
    if not settings.presenting:
        inputs.choice("fill")


def _too_large(error: LayerError, key: str) -> None:
    """Draw why the layer cannot be drawn, and a button that makes it small enough."""
    st.info(f"**This layer is too large to draw.** {escape_markdown(str(error))}")
    st.button("Set kernel 4, stride 2, padding 1", key=key, on_click=callback(_make_smaller))


def _make_smaller() -> None:
    state.change(kernel_size=(4,), stride=(2,), padding=(1,), output_padding=(0,), dilation=(1,))


def weight_tensor_view(settings: Settings) -> None:
    """Draw the grid of kernels, and how the grid follows from the shape of the weight tensor."""
    layer = settings.counted_layer()
    pair = settings.used_pair
    narrow = width() == "narrow"
    columns = 6 if narrow else 7 if settings.presenting else 10  # Large digits need large cells.
    shown = (6 if narrow else 7, columns)
    view, figure, drawn_weights = _tensor(layer, pair, shown, palette(), presenting=settings.presenting)
    shape, per_input = layer.weight_shape, layer.out_channels // layer.groups
    st.markdown(
        f"**weight_shape = ({', '.join(format_count(size) for size in shape)})**: "
        f"{plural(shape[0], 'row')} "
        f"(one per input channel) × {plural(per_input, 'kernel')} per row{_per_group(layer)} × "
        f"{format_product(layer.kernel_size)} weights per kernel "
        f"= :blue[{plural(layer.weight_count, 'weight')}]. {_bias_sentence(layer)}"
    )
    chart(
        figure,
        key="tensor",
        alt=tensor_finding(view),
        image_format=settings.image_format,
        presenting=settings.presenting,
    )
    drawn = (
        f"{format_count(view.kernels_shown)} of {format_count(layer.kernel_count)} kernels are drawn; the "
        "dots stand for the others."
    )
    cells = MADE_UP if drawn_weights else "A kernel is one block: its weights are too many to draw."
    st.caption(cells if view.complete else f"{drawn} {cells}")
    if settings.presenting:
        return
    with st.container(key="rows.pair"):
        inputs.whole_number("pair_in")
        inputs.whole_number("pair_out")
    if (settings.pair_in - 1, settings.pair_out - 1) != pair:
        st.warning(
            f"The layer has no kernel from input channel {format_count(settings.pair_in)} to output channel "
            f"{format_count(settings.pair_out)}; the kernel from {format_count(pair[0] + 1)} to "
            f"{format_count(pair[1] + 1)} is framed instead."
        )


@lru_cache(MAX_KEPT_FIGURES)
def _tensor(
    layer: ConvTranspose, pair: tuple[int, int], shown: tuple[int, int], palette: Palette, *, presenting: bool
) -> tuple[TensorView, UnvalidatedFigure, bool]:
    """Return at most so many rows and columns of the grid, its figure, and whether that draws each weight."""
    view = tensor_view(layer, pair, max_rows=shown[0], max_columns=shown[1])
    return view, tensor_figure(view, palette, presenting=presenting), draws_weights(view)


def _per_group(layer: ConvTranspose) -> str:
    """Return how groups reduce the kernels per row, in brackets; "" without groups."""
    if layer.groups == 1:
        return ""
    out, groups = format_count(layer.out_channels), format_count(layer.groups)
    return (
        f" ({out} output channels ÷ {groups} groups: channels of different groups are not connected, so the "
        "empty places have no kernel)"
    )


def _bias_sentence(layer: ConvTranspose) -> str:
    """Return how many biases the layer has, as markdown."""
    if not layer.bias:
        return "No biases are added: the switch “Bias” is off."
    return (
        f"Each output channel has a single bias: :orange[{plural(layer.bias_count, 'bias')}], not one "
        "per kernel or position."
    )


def matrices_view(settings: Settings) -> None:
    """Draw the matrix of an ordinary convolution and its transpose, for one line of the kernel."""
    layer = layer_with_output(settings)
    if layer is None:
        return
    line, input_size = line_layer(layer), settings.spatial("input_size")[-1]
    if 0 in line.output_size(input_size):
        st.info(EMPTY_OUTPUT)
        return
    try:
        size = few_values(line, input_size)
    except LayerError as error:
        _too_large(error, "matrix.smaller")
        return
    output = line.output_size(size)
    kernel = [example_weight(0, 0, tap) for tap in range(line.kernel_volume)]
    matrix = convolution_matrix(line, size, kernel)
    shift = plural(line.stride[0], "position")
    st.markdown(
        f"Both matrices use one line of the kernel: {', '.join(map(str, kernel))}. **C** is the ordinary "
        f"convolution: each row contains the kernel, shifted by {shift} from the row "
        f"above{'; what padding crops is left out' if line.padding[0] else ''}. With rows and columns "
        "exchanged, the same numbers give **Cᵀ**, the *transposed* convolution: it makes "
        f"{output[0]} values out of {size}, and each *column* is one stamp."
    )
    chart(
        matrices_figure(matrix, palette(), across=width() != "narrow", presenting=settings.presenting),
        key="matrices",
        alt=matrices_finding(matrix),
        image_format=settings.image_format,
        presenting=settings.presenting,
    )
    if settings.presenting:
        return
    st.markdown(
        "Cᵀ reverses the change of size, but it does not restore the values: Cᵀ·C is not the identity "
        "matrix. In signal processing, “deconvolution” means recovering the input, so that name is a "
        "misnomer for this layer."
    )


def overlap_view(settings: Settings) -> None:
    """Draw how many products meet at each output position, and the changes that make the overlap even."""
    layer = layer_with_output(settings)
    if layer is None:
        return
    st.markdown(_overlap_sentence(layer))
    counts, complete = overlap_window(layer, settings.spatial("input_size"))
    if all(counts):
        cells = 18 if width() == "narrow" else 40
        chart(
            overlap_figure(counts, palette(), across=cells, presenting=settings.presenting),
            key="overlap",
            alt=overlap_finding(layer),
            image_format=settings.image_format,
            presenting=settings.presenting,
        )
    else:
        st.info(EMPTY_OUTPUT)
    if not complete:
        st.caption("Only part of the output is drawn; the middle repeats the same pattern.")
    if not (settings.presenting or all(axis.even for axis in overlap(layer))):
        _remedies(settings, layer)
    st.markdown(NOT_SUFFICIENT)


def _remedies(settings: Settings, layer: ConvTranspose) -> None:
    """Draw each change that makes the overlap even: a button, and a sentence with its costs."""
    count = plural(layer.parameter_count, "parameter")
    st.markdown(f"**Changes that make the overlap even** (the layer has {count} now)")
    for number, remedy in enumerate(remedies(layer, settings.spatial("input_size"))):
        button, text = st.columns([2, 7], vertical_alignment="center")
        usable = settable(remedy.layer)
        button.button(
            _remedy_label(remedy),
            key=f"remedy.{number}",
            on_click=callback(state.change),
            kwargs={name: collapse_axes(values) for name, values in remedy.changes},
            disabled=not usable,
            width="stretch",
        )
        sentence = f"{remedy.sentence} {plural(remedy.layer.parameter_count, 'parameter')}."
        limit = "" if usable else " This is beyond the limits of this page."
        text.markdown(escape_markdown(sentence) + limit)


def _remedy_label(remedy: Remedy) -> str:
    """Return the changes of a remedy besides padding, as the label of its button."""
    changes = [(name, collapse_axes(values)) for name, values in remedy.changes if "padding" not in name]
    text = ", ".join(f"{name.replace('_', ' ')} {format_product(values)}" for name, values in changes)
    return text[0].upper() + text[1:]


def _overlap_sentence(layer: ConvTranspose) -> str:
    """Return whether the overlap is even, uneven or has holes, with its range, as markdown."""
    axes = overlap(layer)
    kernel = ", ".join(
        f"{name} {kept_together(format_product(getattr(layer, field)))}"
        for name, field in (("kernel", "kernel_size"), ("stride", "stride"), ("dilation", "dilation"))
        if field != "dilation" or set(layer.dilation) != {1}
    )
    minimum, maximum = interior_range(layer)
    if all(axis.even for axis in axes):
        products = plural(maximum, "product")
        return (
            f"**Even**: away from the borders, every position gets {products} ({kernel}). Geometry alone "
            "favours no position."
        )
    if any(axis.holes for axis in axes):
        content = "contain only the bias" if layer.bias else "stay 0"
        return (
            f"**Holes**: some positions get no product at all and {content}; others get up to "
            f"{format_count(maximum)} ({kernel})."
        )
    return (
        f"**Uneven**: away from the borders, a position gets {format_count(minimum)} to "
        f"{plural(maximum, 'product')} ({kernel}). Positions that get more products have a stronger "
        "output, which shows as a checkerboard pattern."
    )
