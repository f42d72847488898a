"""Work that Streamlit repeats in every run of a page, and that is left out here: a sixth of a run.

Streamlit copies the whole session for every text box, which looks up one key in the copy. And it finds out
anew what each page is called, where its file is, and whether the file is there.
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
_streamlits: Callable[..., page.Page] = unwrap(page._create_page)
_created = lru_cache(MAX_KEPT_PAGES)(_streamlits)


class _Session:
    """The session as a text box asks for it."""

    @property
    def filtered_state(self) -> Any:
        """The session itself in place of a copy."""
        return get_session_state()


@wraps(_created)
def _create_page(path: str | Path, *, default: bool = False) -> page.Page:
    """Return a page of its own for each run, as Streamlit marks it when it is drawn."""
    return copy(_created(path, default=default))


def save_work() -> None:
    """Leave out that work from now on."""
    vars(text_widgets)["get_session_state"] = _Session
    vars(page)["_create_page"] = _create_page
