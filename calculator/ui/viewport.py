"""How wide the visitor's window is. Only the browser knows, and CSS cannot rearrange a chart."""

import streamlit as st

NARROW, WIDE = "(max-width: 760px)", "(min-width: 1700px)"
_JS = f"""
export default function ({{ setStateValue, data }}) {{
  const narrow = window.matchMedia("{NARROW}");
  const wide = window.matchMedia("{WIDE}");
  const tell = () => {{
    const width = narrow.matches ? "narrow" : wide.matches ? "wide" : "usual";
    if (width !== data.width) setStateValue("width", width);
  }};
  tell();
  narrow.onchange = wide.onchange = tell;
  return () => {{ narrow.onchange = wide.onchange = null; }};
}}
"""

_viewport = st.components.v2.component("viewport", js=_JS)


def ask_width() -> None:
    """Ask the browser for its width; it answers with another run where that is not the usual one."""
    _viewport(key="viewport", data={"width": width()}, on_width_change=_told)


def width() -> str:
    """Return ``"narrow"`` (a phone), ``"wide"`` (a projector) or ``"usual"``, also until it is told."""
    return str(st.session_state.get("viewport.width", "usual"))


def _told() -> None:
    st.session_state["viewport.width"] = st.session_state["viewport"].width
