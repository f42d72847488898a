"""Keys that work wherever the focus is: on a slider or a switch, and after a number was entered.

Streamlit's own shortcuts rest while any input has the focus, and its sliders and switches are inputs: who
has just moved one would press in vain. In a box for text, letters stay letters.
"""

from collections.abc import Mapping

import streamlit as st

_JS = """
export default function ({ data }) {
  const press = key => document.querySelector(`.st-key-${key} button:not(:disabled)`)?.click();
  const heard = event => {
    if (event.ctrlKey || event.metaKey || event.altKey || !event.target.matches) return;
    const typing = event.target.matches("input:not([type=range], [type=checkbox]), textarea");
    // What was entered is read first; the focus then leaves the box, so that the next key is a key.
    if (typing && event.key === "Enter" && data.leave) setTimeout(() => event.target.blur());
    const buttons = data.keys[event.key];
    if (!buttons || (typing && event.key.length === 1)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (event.target.matches("input")) event.target.blur();
    buttons.forEach(press);
  };
  const app = document.querySelector(".stApp");
  window.removeEventListener("keydown", app.ourKeys, true);
  window.addEventListener("keydown", heard, true);
  app.ourKeys = heard;
  return () => window.removeEventListener("keydown", app.ourKeys, true);
}
"""

# Streamlit wants a component registered once, when its module is loaded.
_keys = st.components.v2.component("keys", js=_JS)


def keys(pressed: Mapping[str, tuple[str, ...]], *, leave: bool = False) -> None:
    """Let each key press the buttons with these keys, those that are there; ``leave`` a box on Enter."""
    names = {key: [name.replace(".", "-") for name in buttons] for key, buttons in pressed.items()}
    _keys(key="keys", data={"keys": names, "leave": leave})
