"""A button that copies text and confirms it. Streamlit's own copy icon is visible only on hover."""

import streamlit as st

_HTML = '<button type="button"></button><span role="status"></span>'
_CSS = """
button { font: inherit; color: var(--st-text-color); background: var(--st-background-color);
  border: 1px solid var(--st-border-color); border-radius: var(--st-button-radius); padding: .35rem .8rem;
  cursor: pointer; }
button:hover, button:focus-visible { border-color: var(--st-primary-color); color: var(--st-primary-color); }
span { margin-left: .6rem; color: var(--st-text-color); }
"""
_JS = """
export default function ({ parentElement, data }) {
  const button = parentElement.querySelector("button");
  const status = parentElement.querySelector("span");
  button.textContent = data.label;
  button.onclick = async () => {
    try {
      await navigator.clipboard.writeText(data.text);
      status.textContent = "Copied";
    } catch (error) {
      status.textContent = "The browser refused; select the text above and copy it.";
    }
  };
}
"""

# Streamlit requires that a component is registered once, when its module is loaded.
_copy = st.components.v2.component("copy_button", html=_HTML, css=_CSS, js=_JS)


def copy_button(text: str, *, key: str, label: str = "Copy link") -> None:
    """Draw a button that puts ``text`` on the clipboard."""
    _copy(key=key, data={"text": text, "label": label})
