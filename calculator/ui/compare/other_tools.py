"""What other tools print for the layer's multiply–accumulates, and who is right."""

import streamlit as st

from calculator.comparison.other_tools import printed
from calculator.core.derivation import derive_multiply_accumulates
from calculator.core.errors import LayerError
from calculator.core.formatting import format_count, format_product
from calculator.settings import Settings
from calculator.tables.compare import tools_table
from calculator.ui.components.expander import lazy_expander
from calculator.ui.components.markdown import escape_markdown
from calculator.ui.components.table import table


def tools_view(held: Settings) -> None:
    """Draw each tool's number, its rule and a verdict."""
    sizes = held.spatial("input_size")
    try:
        layer = held.layer()
        steps = derive_multiply_accumulates(layer, sizes)
        found = printed(layer, sizes)
    except LayerError as error:
        st.error(f"**No output with these settings.** {escape_markdown(str(error))}")
        return
    st.markdown(
        f"The work of this layer on {format_product(sizes)}, counted by input: "
        f"{escape_markdown(steps[-1].expression)} = "
        f"**{format_count(steps[-1].value)}** multiply–accumulates. "
        f"{len([tool for tool in found if tool.right])} "
        "of "
        f"{len(found)} tools print that, by their own convention."
    )
    table(tools_table(found), key="tools", caption="What other tools print")
    st.markdown(
        "One FLOP is an addition *or* a multiplication to some and a multiply–accumulate to others: "
        "PyTorch's counter "
        "prints two for each, fvcore one, under the same name. Products in the border that padding crops "
        "are counted "
        "by everyone who counts by input."
    )
    with lazy_expander("The calls", key="tools.calls") as opened:
        if opened:
            calls = [f"# {tool.tool} {tool.version}\n{tool.call}\n" for tool in found]
            st.code("\n".join(calls), language="python", wrap_lines=True)
