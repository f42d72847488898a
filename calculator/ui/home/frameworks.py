"""In your framework: shapes, output size, whether it can express this layer, and the code to copy."""

import streamlit as st

from calculator.core.errors import LayerError
from calculator.core.formatting import format_product, format_shape
from calculator.core.layer import ConvTranspose
from calculator.frameworks import FRAMEWORKS
from calculator.frameworks.framework import Framework
from calculator.settings import Settings
from calculator.ui.components.markdown import escape_markdown


def in_your_framework(held: Settings) -> None:
    """Draw the four frameworks side by side in a table, and the code of each in a tab."""
    try:
        layer = held.layer()
    except LayerError as error:
        st.error(f"**No framework has this layer.** {escape_markdown(str(error))}")
        return
    sizes = held.spatial("input_size")
    rows = [_row(framework, layer, sizes) for framework in FRAMEWORKS.values()]
    title = f"output for {format_product(sizes)}"
    head = f"| | weight shape | bias shape | {title} | this layer? |\n|---|---|---|---|---|\n"
    with st.container(key="shapes"):
        st.markdown(head + "\n".join(rows))
    for framework in FRAMEWORKS.values():
        problems = framework.problems(layer)
        if problems:
            st.warning(
                f"**{framework.title} cannot express this layer.** {escape_markdown(' '.join(problems))}"
            )
            continue
        try:
            _output(framework, layer, sizes)
        except LayerError as error:
            st.warning(f"**{framework.title} refuses this input.** {escape_markdown(str(error))}")
    tabs = st.tabs([framework.title for framework in FRAMEWORKS.values()], key="code")
    for tab, framework in zip(tabs, FRAMEWORKS.values(), strict=True):
        tab.code(framework.code(layer), language="python", wrap_lines=True)


def _row(framework: Framework, layer: ConvTranspose, sizes: tuple[int, ...]) -> str:
    """Return one framework as a row of a markdown table."""
    try:
        weights = format_shape(framework.weight_shape(layer))
    except LayerError:
        weights = "none"
    try:
        padding, output_padding = framework.layer_padding(layer)
        output = format_product(
            framework.output_size(layer, sizes, padding=padding, output_padding=output_padding)
        )
    except LayerError:
        output = "none"
    verdict = "no" if framework.problems(layer) else "yes"
    cells = (weights, format_shape(framework.bias_shape(layer)), output, verdict)
    return f"| **{framework.title}** | " + " | ".join(escape_markdown(cell) for cell in cells) + " |"


def _output(framework: Framework, layer: ConvTranspose, sizes: tuple[int, ...]) -> tuple[int, ...]:
    """Return the output size of exactly the code shown. Raises ``LayerError`` where there is none."""
    padding, output_padding = framework.layer_padding(layer)
    return framework.output_size(layer, sizes, padding=padding, output_padding=output_padding)
