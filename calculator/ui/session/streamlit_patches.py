"""Patches of Streamlit that leave out work repeated in every run of a page, a sixth of a run.

Streamlit copies the whole session for every text box, which looks up one key in the copy. It also determines
again the name of each page, the place of its file, and whether the file exists.
"""

from collections.abc import Callable
from copy import copy
from functools import lru_cache, wraps
from inspect import unwrap
from pathlib import Path
from typing import Any

from streamlit.elements.widgets import text_widgets
from streamlit.navigation import page
from streamlit.runtime.state import get_session_state

MAX_KEPT_PAGES = 32
"""The number of pages that are kept: more than there are."""

# If this module is loaded again, the module of Streamlit already has the function below.
_original: Callable[..., page.Page] = unwrap(page._create_page)
_created = lru_cache(MAX_KEPT_PAGES)(_original)


class _Session:
    """The session as a text box asks for it."""

    @property
    def filtered_state(self) -> Any:
        """The session itself in place of a copy."""
        return get_session_state()


@wraps(_created)
def _create_page(path: str | Path, *, default: bool = False) -> page.Page:
    """Return a copy of the page for each run, because Streamlit marks a page when it is drawn."""
    return copy(_created(path, default=default))


def skip_repeated_work() -> None:
    """Replace the functions of Streamlit that repeat work, for the life of the process."""
    vars(text_widgets)["get_session_state"] = _Session
    vars(page)["_create_page"] = _create_page
