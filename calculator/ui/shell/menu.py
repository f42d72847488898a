"""The menu: the links to the other pages, and the button that opens the share dialog.

It is one component of our own because Streamlit's links to pages

- are separate elements, each of which the browser draws again after every press on a slider;
- contain the settings in their address, so all of them change with every setting. Here the browser makes the
  address when a link is about to be used;
- are not in a navigation landmark.

Its first link skips the menu, because Streamlit's own skip link leads to the main part, which has the menu.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from calculator.ui.session import state
from calculator.ui.session.callbacks import callback
from calculator.ui.session.sent_data import sent
from calculator.ui.shell.pages import PAGES, Page

_SOURCE = Path(__file__)

# Streamlit requires that a component is registered once, when its module is loaded.
_menu = st.components.v2.component(
    "menu",
    html='<a class="skip" href="#">Skip the menu</a><nav aria-label="Pages"></nav>',
    css=_SOURCE.with_suffix(".css").read_text(encoding="utf-8"),
    js=_SOURCE.with_suffix(".js").read_text(encoding="utf-8"),
)


def menu(here: Page, *, on_share: Callable[[], None], whole_page: str) -> None:
    """Draw links to all pages, on page ``here``, and the button that calls ``on_share``.

    Inside a course page there is only a link to ``whole_page``.
    """
    scripts = {page.address: page.script for page in PAGES}

    def chosen() -> None:
        # The browser may send anything; only our own pages are opened.
        asked = st.session_state["menu"].page
        if isinstance(asked, str) and asked in scripts and asked != here.address:
            state.open_page(scripts[asked])

    def shared() -> None:
        if st.session_state["menu"].share:
            on_share()

    data: dict[str, Any] = {
        "here": here.address,
        "pages": [{"address": page.address, "name": page.name} for page in PAGES],
        "whole": whole_page,
    }
    _menu(key="menu", data=sent(data), on_page_change=callback(chosen), on_share_change=callback(shared))
