"""The browser window: its width class, and light or dark mode.

CSS cannot rearrange or recolour a chart, and choosing a theme in the menu does not run the page again.
On every page, the component also

- gives the focus back to a tab: while a page is drawn again Streamlit may disable all tabs for an instant,
  and the next arrow key would be lost;
- runs the page again after a lost connection. Streamlit does not: after a restart of the server it would
  show the old page, and the next press would only begin a new session.
"""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from calculator.palette import PALETTES, Mode, Palette
from calculator.ui.session.callbacks import callback

WINDOW = "window"
NARROW, WIDE = "(max-width: 760px)", "(min-width: 1700px)"
_JS = f"""
export default function ({{ setStateValue, setTriggerValue, data }}) {{
  const narrow = window.matchMedia("{NARROW}");
  const wide = window.matchMedia("{WIDE}");
  const app = document.querySelector(".stApp");
  const report = () => {{
    const width = narrow.matches ? "narrow" : wide.matches ? "wide" : "usual";
    const [red, green, blue] = getComputedStyle(app).backgroundColor.match(/[0-9]+/g).map(Number);
    const mode = red + green + blue < 384 ? "dark" : "light";
    if (width !== data.width || mode !== data.mode) setStateValue("window", `${{width}} ${{mode}}`);
  }};
  report();
  narrow.onchange = wide.onchange = report;
  // Streamlit calls this again with new data. It calls the returned function only when the page is left.
  app.theme?.disconnect();
  app.theme = new MutationObserver(() => {{
    report();
    const connected = app.dataset.testConnectionState === "CONNECTED";
    if (connected && app.away) setTriggerValue("reconnected", true);
    app.away = !connected;
  }});
  app.theme.observe(app, {{ attributes: true, attributeFilter: ["class", "data-test-connection-state"] }});
  app.removeEventListener("focusout", app.left);
  app.left = ({{ target: tab }}) => {{
    if (tab.role !== "tab" || tab.hasAttribute("tabindex")) return;
    const back = new MutationObserver(() => {{
      back.disconnect();
      if (document.activeElement === document.body) tab.focus();
    }});
    back.observe(tab, {{ attributes: true, attributeFilter: ["tabindex"] }});
  }};
  app.addEventListener("focusout", app.left);
  return () => {{
    narrow.onchange = wide.onchange = null;
    app.theme.disconnect();
    app.removeEventListener("focusout", app.left);
  }};
}}
"""

# Streamlit requires that a component is registered once, when its module is loaded.
_viewport = st.components.v2.component("viewport", js=_JS)


def ask_window() -> None:
    """Ask the browser for its window. The page runs again where the guess was wrong."""
    _viewport(key="viewport", data={"width": width(), "mode": mode()}, on_window_change=callback(_reported))


def width() -> str:
    """Return ``"narrow"`` (a phone), ``"wide"`` (a projector) or ``"usual"``: a guess at first."""
    return _window()[0]


def mode() -> Mode:
    """Return whether the window is light or dark; Streamlit's own value until the browser answers."""
    return "dark" if _window()[1] == "dark" else "light"


def _window() -> tuple[str, str]:
    """Return width and mode. The guess is stored: Streamlit is slow to look up a missing key."""
    if WINDOW not in st.session_state:
        guess = "narrow" if "Mobi" in st.context.headers.get("User-Agent", "") else "usual"
        st.session_state[WINDOW] = guess, st.context.theme.type or "light"
    window: tuple[str, str] = st.session_state[WINDOW]
    return window


def controls_and_results() -> tuple[DeltaGenerator, DeltaGenerator]:
    """Return the containers for controls and results: side by side, or on a phone the results first."""
    if width() == "narrow":
        results = st.container()
        return st.container(), results
    controls, results = st.columns([3, 8], gap="medium")
    return controls, results


def palette() -> Palette:
    """Return the colours of the theme the visitor sees."""
    return PALETTES[mode()]


def _reported() -> None:
    width, mode = st.session_state["viewport"].window.split()
    st.session_state[WINDOW] = width, mode
