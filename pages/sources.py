"""What is counted, and from which sources?"""

import streamlit as st

from calculator.networks.builtin import NETWORKS
from calculator.readers.readable import readable_lines
from calculator.ui.shell.frame import frame
from calculator.ui.sources.texts import CHECKS, COUNTED, NOT_COUNTED, SOURCES
from calculator.ui.sources.weight_orders import orders_table

with frame("pages/sources.py"):
    counted, left_out = st.columns(2, gap="medium")
    counted.markdown("## Counted\n\n" + "\n".join(f"- {item}" for item in COUNTED), anchors=False)
    left_out.markdown("## Not counted\n\n" + "\n".join(f"- {item}" for item in NOT_COUNTED), anchors=False)
    st.markdown("## The weight order of each framework", anchors=False)
    orders_table()
    st.markdown(
        "## How the numbers are checked\n\n" + "\n".join(f"- {item}" for item in CHECKS), anchors=False
    )
    st.markdown(f"## What the Model page reads, and how exact it is\n\n{readable_lines()}", anchors=False)
    networks = (f"- {net.name}: {net.published:,}. [{net.source}]({net.address})" for net in NETWORKS)
    st.markdown("## Built-in networks\n\n" + "\n".join(networks), anchors=False)
    st.markdown(
        "## Sources\n\n" + "\n".join(f"- [{name}]({url}): {what}" for name, url, what in SOURCES),
        anchors=False,
    )
