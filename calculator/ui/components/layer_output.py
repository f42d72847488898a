"""A layer that has an output, or the sentence that explains why its settings give none."""

import streamlit as st

from calculator.core.errors import LayerError
from calculator.core.formatting import format_count
from calculator.core.layer import ConvTranspose
from calculator.settings import Settings
from calculator.ui.components.markdown import escape_markdown


def layer_with_output(settings: Settings) -> ConvTranspose | None:
    """Return the layer if it has an output; otherwise draw the reason and return ``None``.

    An output of size 0 counts as an output: ``EMPTY_OUTPUT`` is the sentence about it.
    """
    try:
        layer = settings.layer()
        layer.output_size(settings.spatial("input_size"))
    except LayerError as error:
        st.error(f"**No output with these settings.** {escape_markdown(str(error))}")
        count = format_count(settings.counted_layer().parameter_count)
        st.markdown(f"The number of parameters does not depend on the output: it stays {count}.")
        return None
    return layer
