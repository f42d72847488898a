"""The browser window: its width class, and light or dark mode.

CSS cannot rearrange or recolour a chart, and choosing a theme in the menu does not run the page again.
On every page, the component also

- runs the page again after a lost connection. Streamlit does not: after a restart of the server it would
  show the old page, and the next press would only begin a new session;
- lets a swipe that begins on a slider scroll the page, where Streamlit's slider takes it as a new value;
- measures the answer, which stays at the top, for what stays below it (``--our-answer`` in the stylesheet);
- makes one entry in the browser's history of a run of presses, so that Back returns to where it began.
"""

from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from calculator.palette import PALETTES, Mode, Palette
from calculator.ui.session import run_values, state
from calculator.ui.session.callbacks import callback
from calculator.ui.session.sent_data import sent

WINDOW = "window"
NARROW, WIDE = "(max-width: 760px)", "(min-width: 1700px)"

# Streamlit requires that a component is registered once, when its module is loaded.
_viewport = st.components.v2.component(
    "viewport", js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
)


def ask_window() -> None:
    """Ask the browser for its window. The page runs again where the guess was wrong."""
    data = {"width": width(), "mode": mode(), "narrow": NARROW, "wide": WIDE}
    _viewport(key="viewport", data=sent(data), on_window_change=callback(_reported))


def width() -> str:
    """Return ``"narrow"`` (a phone), ``"wide"`` (a projector) or ``"usual"``: a guess at first."""
    return _window()[0]


def mode() -> Mode:
    """Return whether the window is light or dark; Streamlit's own value until the browser answers."""
    return "dark" if _window()[1] == "dark" else "light"


def _window() -> tuple[str, str]:
    """Return width and mode."""
    return run_values.read(WINDOW, _guess)


def _guess() -> tuple[str, str]:
    """Return width and mode as they are most likely."""
    width = "narrow" if "Mobi" in st.context.headers.get("User-Agent", "") else "usual"
    return width, st.context.theme.type or "light"


def is_projected() -> bool:
    """Return whether the page is in the presenter's view, and not on a phone, which has no room for it."""
    return state.current().presenting and width() != "narrow"


def controls_and_results(*, controls_first: bool = False) -> tuple[DeltaGenerator, DeltaGenerator]:
    """Return the containers for controls and results.

    They are side by side; on a phone the results come first, or the controls with ``controls_first``. The
    stylesheet makes the columns, because those of Streamlit are two elements more.
    """
    body = st.container(key="body")
    if width() == "narrow" and not controls_first:
        results = body.container()
        return body.container(key="controls", gap="xxsmall"), results
    return body.container(key="controls", gap="xxsmall"), body.container()


def palette() -> Palette:
    """Return the colours of the theme the visitor sees."""
    return PALETTES[mode()]


def _reported() -> None:
    width, mode = st.session_state["viewport"].window.split()
    run_values.write(WINDOW, (width, mode))
