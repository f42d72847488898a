"""The command of the shell for a file that is too large to be opened on the page.

The uploader refuses such a file in the browser, so the server never learns its name. This component reads the
name and the size in the browser, where the file is chosen or dropped.
"""

import streamlit as st

COMMAND_HTML = '<div role="status" hidden><p></p><code></code></div>'
COMMAND_CSS = """
[role=status] { font-size: .9rem; color: var(--st-text-color); }
p { margin: 0 0 .3rem; }
code { display: block; padding: .5rem .7rem; overflow-x: auto; white-space: pre; user-select: all;
  border-radius: var(--st-base-radius); font-family: var(--st-code-font);
  background: var(--st-secondary-background-color); }
"""
"""A sentence and a command of the shell, hidden until there is something to say."""

_JS = """
// One word for a shell: quotation marks around it, and around each quotation mark in it.
const quoted = name => `'${name.replaceAll("'", `'"'"'`)}'`;

export default function ({ parentElement, data }) {
  const box = parentElement.querySelector("[role=status]");
  const look = files => {
    if (!files.length) return;  // The uploader empties its input after each file.
    const file = [...files].find(one => one.size > data.maximum);
    box.hidden = !file;
    if (!file) return;
    const size = (file.size / 2 ** 20).toFixed(1);
    box.querySelector("p").textContent = `${file.name} has ${size} MiB. In the folder with this file, run:`;
    box.querySelector("code").textContent = `${data.command} ${quoted(file.name)}`;
  };
  const inside = event => event.composedPath().some(part => part.classList?.contains(data.uploader));
  const chosen = event => { if (event.target.type === "file" && inside(event)) look(event.target.files); };
  const dropped = event => { if (inside(event)) look(event.dataTransfer.files); };
  // Called again with new data. What it returns is called once this place is gone from the page, or newer
  // data came at once: it removes only what this call adds.
  box.stop?.();
  document.addEventListener("change", chosen, true);
  document.addEventListener("drop", dropped, true);
  return box.stop = () => {
    document.removeEventListener("change", chosen, true);
    document.removeEventListener("drop", dropped, true);
  };
}
"""

# Streamlit requires that a component is registered once, when its module is loaded.
_large_file = st.components.v2.component("large_file", html=COMMAND_HTML, css=COMMAND_CSS, js=_JS)


def large_file(uploader: str, *, key: str, command: str, maximum: int) -> None:
    """Draw ``command`` with the name of a file of more than ``maximum`` bytes, once such a file is chosen.

    ``uploader`` is the key of the uploader in which the file is chosen.
    """
    data = {"uploader": f"st-key-{uploader.replace('.', '-')}", "command": command, "maximum": maximum}
    _large_file(key=key, data=data)
