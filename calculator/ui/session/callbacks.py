"""Callbacks of widgets: every one marks the session as changed, and outdated reports are ignored."""

from collections.abc import Callable
from typing import Any

from streamlit.runtime.scriptrunner import RerunException

from calculator.ui.session import state
from calculator.ui.session.widget_keys import is_stale


def callback(function: Callable[..., None] | None = None, *, key: str = "") -> Callable[..., None]:
    """Return ``function`` as the callback of a widget; without a function the session is only marked.

    Without the mark, the link of the previous run would replace the settings (see ``state``), so
    every widget needs it. A test of the architecture finds callbacks that this function did not create. With
    the ``key`` of a widget from ``widget_key``, an event of an outdated key is ignored.
    """

    def run(*arguments: Any, **settings: Any) -> None:
        state.mark_changed()
        if function is not None and not (key and is_stale(key)):
            function(*arguments, **settings)

    def run_to_the_end(*arguments: Any, **settings: Any) -> None:
        try:
            run(*arguments, **settings)
        except RerunException:
            # Streamlit interrupts a callback at any access to the session where the browser has sent a newer
            # event meanwhile, and never calls it again: what the visitor changed first would be lost.
            run(*arguments, **settings)
            raise

    return run_to_the_end
