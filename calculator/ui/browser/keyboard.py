"""Keys that work wherever the focus is: on a slider or a switch, and after a number was entered.

They are handled by our own component because Streamlit's own shortcuts

- do nothing while any input has the focus, and its sliders and switches are inputs;
- do not include Enter in a box, or PageDown and PageUp, which a projector's remote control sends;
- report several presses during one run as a single press.

In a text box a letter is text, and not a shortcut.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import streamlit as st

from calculator.classroom.room import read_code
from calculator.settings.fields import Value
from calculator.ui.session import state
from calculator.ui.session.callbacks import callback

CLASS, CLASS_KEY = "pages/class.py", "e"
"""The page of the class, and the key that leads back to it, which is the key that led to the lesson."""

_ON, _PROCESSED = "keys.on", "keys.processed"

# Streamlit merges several presses during one run into one. So each report contains all presses that the
# server has not processed yet, numbered. Reports of another visit (before a restart) are ignored.
_JS = """
export default function ({ data, parentElement, setStateValue }) {
  const app = document.querySelector(".stApp");
  const status = parentElement.querySelector("[role=status]");
  if (status.textContent !== data.said) status.textContent = data.said;
  // Streamlit calls this again with new data, so the presses that are on their way are stored on the app.
  if (app.ourKeys?.visit !== data.visit) {
    window.removeEventListener("keydown", app.ourKeys?.listener, true);
    app.ourKeys = { visit: data.visit, from: data.processed, pressed: [] };
  }
  const queue = app.ourKeys;
  queue.pressed.splice(0, data.processed - queue.from);
  queue.from = data.processed;
  const listener = event => {
    if (event.ctrlKey || event.metaKey || event.altKey || !event.target.matches) return;
    const typing = event.target.matches("input:not([type=range], [type=checkbox]), textarea");
    // The entered text is read first. Then the focus leaves the box, so that the next key is a shortcut.
    if (typing && event.key === "Enter" && data.leave) setTimeout(() => event.target.blur());
    if (!data.keys.includes(event.key) || (typing && event.key.length === 1)) return;
    // Space presses the button that has the focus, also one inside of a component.
    const focused = event.composedPath()[0];
    if (event.key === " " && focused.matches("button, a, summary, input, [role=button]")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (event.repeat) return;
    if (event.target.matches("input")) event.target.blur();
    queue.pressed.push(event.key);
    setStateValue("pressed", { visit: queue.visit, from: queue.from, keys: [...queue.pressed] });
  };
  window.removeEventListener("keydown", queue.listener, true);
  window.addEventListener("keydown", queue.listener = listener, true);
  // Called once this place is gone from the page, or newer data came at once. By then another call may have
  // added its own listener, which stays.
  return () => window.removeEventListener("keydown", listener, true);
}
"""

_CSS = "span { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }"

# Streamlit requires that a component is registered once, when its module is loaded.
_keys = st.components.v2.component("keys", html="<span role='status'></span>", css=_CSS, js=_JS)


def keys(does: Mapping[str, Callable[[], None]], *, leave: bool = False, said: str = "") -> None:
    """Call the function of each key in ``does`` when the key is pressed; on Enter, ``leave`` the box.

    Screen readers read ``said`` aloud when it changes, because the effect of a key is away from the focus.
    """
    data = {
        "keys": [key for key in does if on() or len(key) > 1],
        "visit": state.visit(),
        "processed": st.session_state.setdefault(_PROCESSED, 0),
        "leave": leave,
        "said": said,
    }
    _keys(key="keys", data=data, on_pressed_change=callback(partial(_pressed, does)))


def move(name: str, order: Sequence[Value], by: int) -> None:
    """Give setting ``name`` the value that is ``by`` places further in ``order``.

    A press may arrive late, so the place is kept within ``order``.
    """
    place = order.index(getattr(state.current(), name)) + by
    state.change(**{name: order[min(max(place, 0), len(order) - 1)]})


def move_keys(name: str, order: Sequence[Value], *, remote: bool = False) -> dict[str, Callable[[], None]]:
    """Return the functions of N, B and the digits, which give setting ``name`` another value of ``order``.

    With ``remote`` also of PageDown and PageUp, which the remote control of a projector sends. They scroll an
    ordinary page.
    """
    forward, back = partial(move, name, order, 1), partial(move, name, order, -1)
    does = {"n": forward, "b": back} | ({"PageDown": forward, "PageUp": back} if remote else {})
    digits = {str(place): partial(state.change, **{name: value}) for place, value in enumerate(order, 1)}
    return {**does, **digits}


def open_class() -> None:
    """Open the page of the class."""
    state.open_page(CLASS)


def class_key() -> dict[str, Callable[[], None]]:
    """Return the function of the key that leads back to the class that is open; without a class, nothing."""
    return {CLASS_KEY: open_class} if read_code(state.current().room) else {}


def _pressed(does: Mapping[str, Callable[[], None]]) -> None:
    """Call the functions of the keys pressed since the last report, in order."""
    for key in new_keys(st.session_state["keys"].pressed):
        if key in does:
            does[key]()


def new_keys(report: object) -> list[str]:
    """Return the new keys in a report of the browser, and record that they were processed."""
    match report:
        case {"visit": str(visit), "from": int(first), "keys": list(pressed)}:
            processed = st.session_state.get(_PROCESSED, 0)
            if visit == state.visit() and first <= processed <= first + len(pressed):
                st.session_state[_PROCESSED] = first + len(pressed)
                return [key for key in pressed[processed - first :] if isinstance(key, str)]
    return []


def on() -> bool:
    """Return whether letters are shortcuts; they are until the visitor switches them off."""
    return bool(st.session_state.get(_ON, True))


def shortcut(key: str) -> str | None:
    """Return the letter to show on a button, or ``None`` while letters are switched off."""
    return key if on() else None


def keys_switch(description: str) -> None:
    """Draw the switch for letters, which speech input could press by accident (WCAG 2.1.4)."""
    st.toggle(f"Keys: {description}", value=on(), key="keys.switch", on_change=callback(_switched))


def _switched() -> None:
    st.session_state[_ON] = st.session_state["keys.switch"]
