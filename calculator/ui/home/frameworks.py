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
from calculator.ui.session import run_values
from calculator.ui.session.callbacks import callback
from calculator.ui.session.widget_keys import widget_key

OPEN = "code.open"
"""Session key: the kind of code that is open."""

SHOWN = ("stride", "padding")
"""The settings that have controls beside the code."""


def frameworks_view(settings: Settings) -> None:
    """Draw a table with a row for each framework, and the code of one of them beside its settings.

    In the presenter's view lines of code are long, so the settings stand beside the table. There is no room
    for all warnings, so only that of the framework whose code is open is drawn.
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
        _, framework, code = SNIPPETS[_kind_of_code()]
        with st.container(key="snippet"):
            # Where a framework has no such layer, its code says why.
            if beside and not framework.problems(layer):
                _warning(framework, layer, sizes)
            st.code(code(layer), language="python", wrap_lines=True)
    if not beside:
        with below:
            _controls()


def _kind_of_code() -> str:
    """Draw the choice of the code that is open, and return its key in ``SNIPPETS``.

    It is one choice instead of tabs: a browser colours the code of all tabs again after every press.
    """
    kind = run_values.read(OPEN, lambda: next(iter(SNIPPETS)))
    key = widget_key("code", kind)
    st.segmented_control(
        "Code",
        list(SNIPPETS),
        default=kind,
        key=key,
        format_func=lambda each: SNIPPETS[each][0],
        required=True,
        label_visibility="collapsed",
        on_change=callback(_opened, key=key),
        args=(key,),
    )
    return kind


def _opened(key: str) -> None:
    run_values.write(OPEN, st.session_state[key])


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
