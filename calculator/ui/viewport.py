"""Whether the visitor's window is narrow. Only the browser knows; CSS cannot rearrange a chart."""

import streamlit as st

NARROW = "(max-width: 760px)"
_JS = f"""
export default function ({{ setStateValue, data }}) {{
  const query = window.matchMedia("{NARROW}");
  const tell = () => setStateValue("narrow", query.matches);
  if (query.matches !== data.narrow) tell();
  query.onchange = tell;
  return () => {{ query.onchange = null; }};
}}
"""

_viewport = st.components.v2.component("viewport", js=_JS)


def narrow() -> bool:
    """Return whether the window is as narrow as a phone's; wide until the browser has said so."""
    held = st.session_state.get("viewport.narrow", False)
    told = _viewport(key="viewport.told", data={"narrow": held}, on_narrow_change=_told)
    return bool(told.narrow)


def _told() -> None:
    st.session_state["viewport.narrow"] = bool(st.session_state["viewport.told"].narrow)
