"""The limit of a text box, held in the browser: a longer text is refused with a sentence and never cut.

Streamlit's own limit cuts a pasted text in silence, and a message above ``server.maxMessageSize`` breaks the
connection. This component refuses such a text before it is in the box.
"""

import streamlit as st

from calculator.ui.browser.large_file import COMMAND_CSS, COMMAND_HTML

_JS = """
const counted = number => number.toLocaleString("en-US");
// The property that React overrides on each box, as React itself must see the change undone.
const write = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set;

export default function ({ parentElement, data }) {
  const status = parentElement.querySelector("[role=status]");
  const { maximum, command } = data;
  const isBox = box => box.matches?.(`.${data.box} textarea`);
  const refuse = (event, length) => {
    status.hidden = length <= maximum;
    if (status.hidden) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    status.querySelector("p").textContent = `Nothing was inserted: the text would have ${counted(length)} `
      + `characters, and the box takes at most ${counted(maximum)}. Save the text in a file and run:`;
    status.querySelector("code").textContent = `${command} FILE`;
  };
  const previous = status.previous ??= new WeakMap();
  // A paste or a drop is refused before it is in the box, because drawing a very long text takes long.
  const before = event => {
    const box = event.target;
    if (!isBox(box)) return;
    previous.set(box, box.value);
    const added = event.data ?? event.dataTransfer?.getData("text/plain") ?? "";
    if (added) refuse(event, box.value.length - (box.selectionEnd - box.selectionStart) + added.length);
  };
  // Everything else, such as an extension of the browser, is undone.
  const after = event => {
    const box = event.target;
    if (!isBox(box)) return;
    refuse(event, box.value.length);
    if (status.hidden) previous.set(box, box.value);
    else write.call(box, previous.get(box) ?? box.defaultValue);
  };
  // Called again with new data. What it returns is called once this place is gone from the page, or newer
  // data came at once: it removes only what this call adds.
  status.stop?.();
  document.addEventListener("beforeinput", before, true);
  document.addEventListener("input", after, true);
  return status.stop = () => {
    document.removeEventListener("beforeinput", before, true);
    document.removeEventListener("input", after, true);
  };
}
"""

# Streamlit requires that a component is registered once, when its module is loaded.
_text_limit = st.components.v2.component("text_limit", html=COMMAND_HTML, css=COMMAND_CSS, js=_JS)


def text_limit(box: str, *, key: str, command: str, maximum: int) -> None:
    """Refuse a text of more than ``maximum`` characters in the text area ``box``, and draw why.

    The browser counts a character outside of Unicode's basic plane as two. ``command`` is the command of the
    shell that reads a longer text from a file.
    """
    data = {"box": f"st-key-{box.replace('.', '-')}", "command": command, "maximum": maximum}
    _text_limit(key=key, data=data)
