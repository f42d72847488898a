"""The output size by framework, the way to a wanted size, and the convolution that is undone."""

import streamlit as st

from calculator.core.formatting import axis_names, collapse_axes, format_count, format_product
from calculator.core.layer import ConvTranspose
from calculator.frameworks.code import convolution_code
from calculator.geometry.inverse import ambiguous_sizes, restores_size
from calculator.geometry.size_solver import Solutions, solve, unreachable_reason
from calculator.settings import FIELD, Settings
from calculator.tables.picture import size_table, solutions_table, ways_table
from calculator.ui.components import inputs
from calculator.ui.components.markdown import escape_markdown
from calculator.ui.components.table import table
from calculator.ui.picture.weights import checked_layer
from calculator.ui.session import state


def output_size(held: Settings) -> None:
    """Draw the sizes side by side, the solver, and the ordinary convolution."""
    layer = checked_layer(held)
    sizes = held.spatial("input_size")
    if layer is not None:
        st.markdown(f"### From {format_product(sizes)}, framework by framework", anchors=False)
        st.markdown(f"Per axis: {LETTERS}")
        table(size_table(layer, sizes), key="sizes", caption="Output size by framework")
    _solver(held)
    if layer is not None:
        _undone(layer, sizes)


LETTERS = (
    "*i* input, *s* stride, *p* padding, *op* output_padding, *K* = *d*(*k* − 1) + 1 positions that the "
    "kernel covers. Where the frameworks differ, it is in what they crop, never in the count."
)


def _solver(held: Settings) -> None:
    """Draw the wanted size, every solution, and each framework's way to it."""
    st.markdown("### Solve for a size", anchors=False)
    inputs.per_axis("One wanted size per axis", ("wanted_size",))
    inputs.spatial("wanted_size")
    layer, sizes, wanted = held.unpadded_layer(), held.spatial("input_size"), held.spatial("wanted_size")
    solutions = solve(layer, sizes, wanted)
    # Axes with the same settings have the same reason: it is said once.
    reasons = {
        (layer.kernel_size[axis], layer.stride[axis], layer.dilation[axis], sizes[axis], wanted[axis]): (
            unreachable_reason(layer, axis, sizes[axis], wanted[axis])
        )
        for axis, found in reversed(tuple(enumerate(solutions)))
        if not found
    }
    for reason in reasons.values():
        st.info(escape_markdown(reason))
    if all(solutions):
        _solutions(held, solutions)
    st.markdown(f"**Each framework's way to {format_product(wanted)}**")
    table(ways_table(layer, sizes, wanted), key="ways", caption=f"Ways to {format_product(wanted)}")


def _solutions(held: Settings, solutions: tuple[Solutions, ...]) -> None:
    """Draw every solution with a click that takes it; axes that agree share one table."""
    alike = len(collapse_axes(solutions)) == 1
    for axis, found in enumerate(collapse_axes(solutions)):
        name = "every axis" if alike else axis_names(held.dimensions)[axis]
        if held.dimensions > 1:
            st.markdown(f"On {name}:")

        def take(row: int, axis: int = axis) -> None:
            _take(held, solutions, None if alike else axis, row)

        usable = ["Use" if _settable(pair) else None for pair in found]
        table(
            solutions_table(found),
            key=f"solutions.{axis}",
            caption=f"Padding and output padding, {name}",
            action="take it",
            actions=usable,
            on_action=take,
        )
    if len(solutions[0]) > 1 or not alike:
        st.caption("All give the same size. They differ in which positions are kept.")


def _settable(pair: tuple[int, int]) -> bool:
    return pair[0] <= FIELD["padding"].maximum and pair[1] <= FIELD["output_padding"].maximum


def _take(held: Settings, solutions: tuple[Solutions, ...], axis: int | None, row: int) -> None:
    """Set padding and output_padding of one axis, or of all."""
    if axis is None:
        padding, extra = solutions[0][row]
        state.change(padding=(padding,), output_padding=(extra,))
        return
    paddings, extras = list(held.spatial("padding")), list(held.spatial("output_padding"))
    paddings[axis], extras[axis] = solutions[axis][row]
    state.change(padding=tuple(paddings), output_padding=tuple(extras))


def _undone(layer: ConvTranspose, sizes: tuple[int, ...]) -> None:
    """Say which ordinary convolution this undoes, and which sizes that one confuses."""
    st.markdown("### Which convolution this undoes", anchors=False)
    st.code(convolution_code(layer), language="python", wrap_lines=True)
    output = layer.output_size(sizes)
    back = f"{format_product(output)} back to {format_product(sizes)}"
    if restores_size(layer, sizes):
        st.markdown(f"It takes {back}: the sizes are undone, not the values.")
    elif 0 in output:
        st.markdown(f"It does not take {back}: there is nothing to take back.")
    else:
        st.markdown(f"It does not take {back}: output_padding has added a whole stride.")
    st.markdown("\n".join(_confused(layer, axis, size) for axis, size in enumerate(sizes)))
    if any(len(ambiguous_sizes(layer, axis, size)) > 1 for axis, size in enumerate(sizes)):
        st.markdown(
            "Going down, the convolution rounds off, so several sizes end at the same one. Going up there is "
            "no telling which it was: that is what output_padding is for, it picks one of them."
        )
    else:
        st.markdown("Nothing is rounded off, so there is only one size to go back to and nothing to pick.")


def _confused(layer: ConvTranspose, axis: int, size: int) -> str:
    """Return the sizes that the convolution maps to ``size``, as an item of a list."""
    found = ambiguous_sizes(layer, axis, size)
    name = axis_names(layer.rank)[axis]
    if not found:
        return f"- {name}: no size becomes {format_count(size)}"
    first, last = format_count(found[0]), format_count(found[-1])
    sizes = first if len(found) == 1 else f"{first} and {last}" if len(found) == 2 else f"{first} to {last}"
    return f"- {name}: {sizes} → {format_count(size)}"
