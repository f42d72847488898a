"""The multiply–accumulates that other tools print for the layer, and which tools are right."""

import streamlit as st

from calculator.comparison.other_tools import printed
from calculator.core.derivation import derive_multiply_accumulates
from calculator.core.formatting import format_count, format_product
from calculator.settings import Settings
from calculator.tables.compare import tools_table
from calculator.ui.components.expander import lazy_expander
from calculator.ui.components.layer_output import layer_with_output
from calculator.ui.components.markdown import escape_markdown
from calculator.ui.components.table import table


def tools_view(settings: Settings) -> None:
    """Draw the number of each tool, the rule behind the number, and a verdict."""
    layer = layer_with_output(settings)
    if layer is None:
        return
    sizes = settings.spatial("input_size")
    work = derive_multiply_accumulates(layer, sizes)[-1]
    tools = printed(layer, sizes)
    st.markdown(
        f"For an input of {format_product(sizes)}, counted by input, this layer needs "
        f"{escape_markdown(work.expression)} = **{format_count(work.value)}** multiply–accumulates (MACs). "
        f"{len([tool for tool in tools if tool.right])} of these {len(tools)} tools agree with that, each in "
        "its own unit and in the version that the table names."
    )
    table(tools_table(tools), key="tools", caption="What other tools print")
    st.markdown(
        "Some tools call one addition *or* one multiplication a FLOP, others one multiply–accumulate: "
        "PyTorch's counter prints two FLOPs for each multiply–accumulate, and fvcore prints one. Every tool "
        "that counts by input also counts the products that padding crops away."
    )
    with lazy_expander("The calls", key="tools.calls") as opened:
        if opened:
            calls = [f"# {tool.tool} {tool.version}\n{tool.call}\n" for tool in tools]
            st.code("\n".join(calls), language="python", wrap_lines=True)
