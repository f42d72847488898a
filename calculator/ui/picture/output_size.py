"""The output size in each framework, the settings for a wanted size, and the ordinary convolution."""

import streamlit as st

from calculator.core.formatting import axis_names, format_count, format_product
from calculator.core.layer import ConvTranspose
from calculator.frameworks.code import convolution_code
from calculator.geometry.inverse import ambiguous_sizes, restores_size
from calculator.geometry.size_solver import Solutions, solve, unreachable_reason
from calculator.settings import FIELD, Settings
from calculator.tables.picture import size_table, solutions_table, ways_table
from calculator.ui.components import inputs
from calculator.ui.components.layer_output import layer_with_output
from calculator.ui.components.markdown import escape_markdown, isolated
from calculator.ui.components.table import table
from calculator.ui.session import state
from calculator.ui.session.callbacks import callback

LETTERS = (
    "*i* input size, *s* stride, *p* padding, *op* output_padding, *d* dilation, *k* kernel size; "
    "*K* = *d*(*k* − 1) + 1 positions are covered by the kernel. The frameworks differ in what they crop, "
    "never in the number of parameters."
)


def output_size_view(settings: Settings) -> None:
    """Draw the output size in each framework and, unless presenting, the solver and the way back."""
    layer = layer_with_output(settings)
    sizes = settings.spatial("input_size")
    if layer is not None:
        if not settings.presenting:
            st.markdown(f"## Output size from {format_product(sizes)} in each framework", anchors=False)
        st.markdown(f"For each axis: {LETTERS}")
        table(
            size_table(layer, sizes, brief=settings.presenting),
            key="sizes",
            caption="Output size by framework",
        )
    if settings.presenting:
        return
    _solver(settings)
    if layer is not None:
        _ordinary_convolution(layer, sizes)


def _solver(settings: Settings) -> None:
    """Draw the wanted size, every solution, and the arguments of each framework for that size."""
    st.markdown("## Find the padding for a wanted output size", anchors=False)
    with st.container(key="rows.wanted_size"):
        inputs.per_axis("One wanted size per axis", ("wanted_size",))
        inputs.spatial("wanted_size")
    layer = settings.unpadded_layer()
    sizes, wanted = settings.spatial("input_size"), settings.spatial("wanted_size")
    solutions = solve(layer, sizes, wanted)
    # Axes with the same settings have the same reason. Keyed by the settings, it is drawn once; the
    # reversed order lets the first of these axes give its name to the sentence.
    reasons = {
        (layer.kernel_size[axis], layer.stride[axis], layer.dilation[axis], sizes[axis], wanted[axis]): (
            unreachable_reason(layer, axis, sizes[axis], wanted[axis])
        )
        for axis, axis_solutions in reversed(tuple(enumerate(solutions)))
        if not axis_solutions
    }
    for reason in reasons.values():
        st.info(escape_markdown(reason))
    if all(solutions):
        _solutions(settings, solutions)
    title = f"Arguments for an output of {format_product(wanted)}"
    st.markdown(f"**{title}, in each framework**")
    table(ways_table(layer, sizes, wanted), key="ways", caption=title)
    st.button(
        "Find other kernels and strides for this size",
        key="wanted.more",
        icon=":material/compare:",
        help="Opens Compare with every layer, and every chain of layers, that gives this size.",
        on_click=callback(_find_others),
    )


def _find_others() -> None:
    state.change(compare_view="size")
    state.open_page("pages/compare.py")


def _solutions(settings: Settings, solutions: tuple[Solutions, ...]) -> None:
    """Draw every solution with a button that applies it; axes with the same solutions share one table."""
    alike = len(set(solutions)) == 1
    for axis, axis_solutions in enumerate(solutions[:1] if alike else solutions):
        name = "every axis" if alike else axis_names(settings.dimensions)[axis]
        if settings.dimensions > 1:
            st.markdown(f"Solutions for {name}:")

        def apply(row: int, axis: int = axis) -> None:
            _apply(settings, solutions, None if alike else axis, row)

        table(
            solutions_table(axis_solutions),
            key=f"solutions.{axis}",
            caption=f"Padding and output padding, {name}",
            action="these values",
            actions=["Use" if _settable(solution) else None for solution in axis_solutions],
            on_action=apply,
        )
    if len(solutions[0]) > 1 or not alike:
        st.caption("All solutions give the same output size. They differ in which positions are kept.")


def _settable(solution: tuple[int, int]) -> bool:
    padding, output_padding = solution
    return padding <= FIELD["padding"].maximum and output_padding <= FIELD["output_padding"].maximum


def _apply(settings: Settings, solutions: tuple[Solutions, ...], axis: int | None, row: int) -> None:
    """Set padding and output_padding of ``axis``, or of all axes where it is ``None``."""
    if axis is None:
        padding, output_padding = solutions[0][row]
        state.change(padding=(padding,), output_padding=(output_padding,))
        return
    paddings, output_paddings = list(settings.spatial("padding")), list(settings.spatial("output_padding"))
    paddings[axis], output_paddings[axis] = solutions[axis][row]
    state.change(padding=tuple(paddings), output_padding=tuple(output_paddings))


def _ordinary_convolution(layer: ConvTranspose, sizes: tuple[int, ...]) -> None:
    """Draw the ordinary convolution with the same settings, and whether it restores the input size."""
    st.markdown("## The ordinary convolution in the other direction", anchors=False)
    st.code(convolution_code(layer), language="python", wrap_lines=True)
    output = layer.output_size(sizes)
    back = f"{format_product(output)} back to {format_product(sizes)}"
    if restores_size(layer, sizes):
        sentence = f"It takes {back}. It restores the size, but not the values."
    elif 0 in output:
        sentence = f"It does not take {back}: an output of size 0 has no values to start from."
    else:
        sentence = (
            f"It does not take {back}: with an output_padding of a stride or more, it gives a larger size."
        )
    if any(len(ambiguous_sizes(layer, axis, size)) > 1 for axis, size in enumerate(sizes)):
        meaning = (
            "The ordinary convolution rounds down, so several sizes give the same result. In the other "
            "direction the size is therefore ambiguous; output_padding selects one of the sizes."
        )
    else:
        meaning = (
            "No two sizes give the same result here, so the size in the other direction is not ambiguous."
        )
    items = "\n".join(_ambiguous_item(layer, axis, size) for axis, size in enumerate(sizes))
    st.markdown(
        f"{sentence}\n\nAlong each axis, it turns these sizes into the input size:\n\n{items}\n\n{meaning}"
    )


def _ambiguous_item(layer: ConvTranspose, axis: int, size: int) -> str:
    """Return the sizes that the ordinary convolution maps to ``size``, as an item of a markdown list."""
    sizes = ambiguous_sizes(layer, axis, size)
    name = axis_names(layer.rank)[axis]
    if not sizes:
        return f"- {name}: no size becomes {format_count(size)}"
    first, last = format_count(sizes[0]), format_count(sizes[-1])
    text = first if len(sizes) == 1 else f"{first} and {last}" if len(sizes) == 2 else f"{first} to {last}"
    return f"- {name}: {isolated(f'{text} → {format_count(size)}')}"
