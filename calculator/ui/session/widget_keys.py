"""Widget keys that change when the program changes a value, so that late reports are ignored.

Streamlit has no such keys. They are needed because:

- a value set through ``session_state`` is sent once, and a run that is interrupted loses it;
- a late browser reports the previous value, which under the same key would undo the change;
- a widget of the same key on another page begins at its own default, whatever the session contains.
"""

import streamlit as st

from calculator.ui.session import run_values

_MISSING = object()
PAGE, BASE, RENEWED = "widgets.page", "widgets.first", "widgets.renewed"


def renew_keys(*page: str) -> None:
    """Replace all widget keys when ``page`` (script, width and mode) differs from that of the last run.

    To Streamlit, a widget of the same key on another page is another widget, which starts at its own default.
    The same happens to a widget that a slow browser has not drawn yet, when a second run with the layout of
    its window replaces the first run.
    """
    if run_values.read(PAGE, lambda: page) != page:
        run_values.write(PAGE, page)
        run_values.write(BASE, max((run_values.read(BASE, int), *_renewed().values())) + 1)
        run_values.write(RENEWED, {})


def widget_key(name: str, value: object) -> str:
    """Return the key for widget ``name``: a new key when the program changed its value to ``value``.

    A browser that does not know of a change yet still reports the previous value. Under an outdated key the
    report is recognised (``is_stale``); under the same key it would undo the change.

    Give the widget ``value`` as its default as well. Streamlit sends a value that is set here only once. When
    the page runs again at once, a browser may draw the widget only from the message of the second run. The
    widget would then start at its own default, such as the minimum of a slider, and report it as a change.
    """
    number = _number(name)
    key = _key(name, number)
    # Looked up once: Streamlit is slow to look up a key, and slower to say that it is missing.
    shown = st.session_state.get(key, _MISSING)
    if shown is not _MISSING and shown != value:
        _renewed()[name] = number + 1
        key, shown = _key(name, number + 1), _MISSING
    if shown is _MISSING:
        st.session_state[key] = value
    return key


def is_stale(key: str) -> bool:
    """Return whether ``key`` is outdated. Streamlit still delivers the events of outdated keys."""
    name, _, number = key.partition("~")
    return _number(name) != int(number or 0)


def _number(name: str) -> int:
    """Return the number in the current key of widget ``name``."""
    return _renewed().get(name, run_values.read(BASE, int))


def _renewed() -> dict[str, int]:
    """Return the numbers of the keys that were renewed on this page."""
    return run_values.read(RENEWED, dict[str, int])


def _key(name: str, number: int) -> str:
    return f"{name}~{number}" if number else name
