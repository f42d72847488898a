"""The layer in each framework: shapes, output size, limitations and code."""

import streamlit as st

from calculator.core.errors import LayerError
from calculator.core.formatting import format_product, format_shape
from calculator.core.layer import ConvTranspose
from calculator.frameworks import FRAMEWORKS, SNIPPETS
from calculator.frameworks.framework import Framework
from calculator.settings import Settings
from calculator.ui.components import inputs
from calculator.ui.components.markdown import escape_markdown
from calculator.ui.home.unchanged import OUTPUT_SETTINGS

SHOWN = ("stride", "padding")
"""The settings that stand beside the code: of those that change it, the ones that every layer has."""


def frameworks_view(settings: Settings) -> None:
    """Draw a table with a row for each framework, and a tab for each kind of code beside its settings.

    On a wall, where lines of code are long, the settings stand beside the table. There is no room for all
    warnings there, so each stands in the tab of its framework.
    """
    try:
        layer = settings.layer()
    except LayerError as error:
        st.error(f"**No framework accepts this layer.** {escape_markdown(str(error))}")
        _controls()
        return
    sizes = settings.spatial("input_size")
    rows = [_row(framework, layer, sizes) for framework in FRAMEWORKS.values()]
    title = f"output for {format_product(sizes)}"
    head = f"| | weight shape | bias shape | {title} | can express this layer |\n|---|---|---|---|---|\n"
    beside = st.container(key="beside") if settings.presenting else None
    with (beside or st).container(key="shapes"):
        st.markdown(head + "\n".join(rows))
    if beside:
        with beside:
            _controls()
    else:
        for framework in FRAMEWORKS.values():
            _warning(framework, layer, sizes)
    below = st.container() if beside else st.container(key="halves")
    with below.container(key="snippets"):
        tabs = st.tabs([title for title, _, _ in SNIPPETS.values()], key="code")
        for tab, (_, framework, code) in zip(tabs, SNIPPETS.values(), strict=True):
            with tab:
                # Where a framework has no such layer, its code says why.
                if beside and not framework.problems(layer):
                    _warning(framework, layer, sizes)
                st.code(code(layer), language="python", wrap_lines=True)
    if not beside:
        with below:
            _controls()


def _warning(framework: Framework, layer: ConvTranspose, sizes: tuple[int, ...]) -> None:
    """Draw why ``framework`` cannot express the layer, or does not accept the input size, if so."""
    if problems := framework.problems(layer):
        st.warning(f"**{framework.title} cannot express this layer.** {escape_markdown(' '.join(problems))}")
        return
    try:
        _output(framework, layer, sizes)
    except LayerError as error:
        st.warning(f"**{framework.title} does not accept this input size.** {escape_markdown(str(error))}")


def _controls() -> None:
    """Draw stride and padding, which the code has and the number of parameters does not depend on."""
    with st.container(key="rows.code", gap="xxsmall"):
        inputs.per_axis("One value per axis", OUTPUT_SETTINGS)
        for name in SHOWN:
            inputs.spatial(name, together=OUTPUT_SETTINGS)


def _row(framework: Framework, layer: ConvTranspose, sizes: tuple[int, ...]) -> str:
    """Return one framework as a row of a markdown table."""
    try:
        weights = format_shape(framework.weight_shape(layer))
    except LayerError:
        weights = "not possible"
    try:
        output = format_product(_output(framework, layer, sizes))
    except LayerError:
        output = "not possible"
    verdict = "no" if framework.problems(layer) else "yes"
    cells = (weights, format_shape(framework.bias_shape(layer)), output, verdict)
    return f"| **{framework.title}** | " + " | ".join(escape_markdown(cell) for cell in cells) + " |"


def _output(framework: Framework, layer: ConvTranspose, sizes: tuple[int, ...]) -> tuple[int, ...]:
    """Return the output size of exactly the code on the page. Raise ``LayerError`` if it has no output."""
    padding, output_padding = framework.layer_padding(layer)
    return framework.output_size(layer, sizes, padding=padding, output_padding=output_padding)
