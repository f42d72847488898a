"""Keys that work wherever the focus is: on a slider or a switch, and after a number was entered.

Streamlit's own shortcuts rest while any input has the focus, and its sliders and switches are inputs: who
has just moved one would press in vain. In a box for text, letters stay letters.
"""

import secrets
from collections.abc import Callable, Mapping
from functools import partial

import streamlit as st

from calculator.ui.session.callbacks import callback

_ON, _VISIT, _HEARD = "keys.on", "keys.visit", "keys.heard"

# Streamlit makes one press of several while the page runs. So each report holds all presses of which the
# page has not heard yet, by number, and those of another visit (of a server since restarted) mean nothing.
_JS = """
export default function ({ data, parentElement, setStateValue }) {
  const app = document.querySelector(".stApp");
  const status = parentElement.querySelector("[role=status]");
  if (status.textContent !== data.said) status.textContent = data.said;
  // This is called again with new data: what is on its way meanwhile is kept on the app.
  if (app.ourKeys?.visit !== data.visit) {
    window.removeEventListener("keydown", app.ourKeys?.heard, true);
    app.ourKeys = { visit: data.visit, from: data.heard, pressed: [] };
  }
  const held = app.ourKeys;
  held.pressed.splice(0, data.heard - held.from);
  held.from = data.heard;
  const heard = event => {
    if (event.ctrlKey || event.metaKey || event.altKey || !event.target.matches) return;
    const typing = event.target.matches("input:not([type=range], [type=checkbox]), textarea");
    // What was entered is read first; the focus then leaves the box, so that the next key is a key.
    if (typing && event.key === "Enter" && data.leave) setTimeout(() => event.target.blur());
    if (!data.keys.includes(event.key) || (typing && event.key.length === 1)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (event.repeat) return;
    if (event.target.matches("input")) event.target.blur();
    held.pressed.push(event.key);
    setStateValue("pressed", { visit: held.visit, from: held.from, keys: [...held.pressed] });
  };
  window.removeEventListener("keydown", held.heard, true);
  window.addEventListener("keydown", held.heard = heard, true);
  return () => window.removeEventListener("keydown", held.heard, true);
}
"""

_CSS = "span { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }"

# Streamlit wants a component registered once, when its module is loaded.
_keys = st.components.v2.component("keys", html="<span role='status'></span>", css=_CSS, js=_JS)


def keys(does: Mapping[str, Callable[[], None]], *, leave: bool = False, said: str = "") -> None:
    """Let each key do something, as a button does; ``leave`` a box on Enter.

    What is ``said`` is read out by screen readers when it changes: what a key brought is not where the
    focus is.
    """
    data = {
        "keys": [key for key in does if on() or len(key) > 1],
        "visit": st.session_state.setdefault(_VISIT, secrets.token_hex(8)),
        "heard": st.session_state.setdefault(_HEARD, 0),
        "leave": leave,
        "said": said,
    }
    _keys(key="keys", data=data, on_pressed_change=callback(partial(_pressed, does)))


def _pressed(does: Mapping[str, Callable[[], None]]) -> None:
    """Do what the keys mean that were pressed since the last report, in their order."""
    for key in unheard(st.session_state["keys"].pressed):
        if key in does:
            does[key]()


def unheard(report: object) -> list[str]:
    """Return the keys of a report by the browser that are new, and take note of them."""
    match report:
        case {"visit": str(visit), "from": int(first), "keys": list(pressed)}:
            heard = st.session_state.get(_HEARD, 0)
            if visit == st.session_state.get(_VISIT) and first <= heard <= first + len(pressed):
                st.session_state[_HEARD] = first + len(pressed)
                return [key for key in pressed[heard - first :] if isinstance(key, str)]
    return []


def on() -> bool:
    """Return whether letters do something, as they do until the visitor says no."""
    return bool(st.session_state.get(_ON, True))


def shortcut(key: str) -> str | None:
    """Return the letter to write on a button, if letters do something."""
    return key if on() else None


def keys_switch(told: str) -> None:
    """Draw the switch for letters: who speaks to the computer would press them unawares."""
    st.toggle(f"Keys: {told}", value=on(), key="keys.switch", on_change=callback(_switched))


def _switched() -> None:
    st.session_state[_ON] = st.session_state["keys.switch"]
