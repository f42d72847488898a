"""The frame around every page: configuration, style, menu, link and footer."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from calculator import __version__
from calculator.classroom.room import read_code
from calculator.settings import Settings
from calculator.settings.link import encode
from calculator.ui.browser.keyboard import CLASS, CLASS_KEY, open_class, shortcut
from calculator.ui.components.markdown import escape_markdown
from calculator.ui.session import state
from calculator.ui.session.callbacks import callback
from calculator.ui.session.run_values import one_run
from calculator.ui.session.streamlit_patches import skip_repeated_work
from calculator.ui.session.viewport import ask_window, mode, palette, width
from calculator.ui.session.widget_keys import renew_keys
from calculator.ui.shell.menu import menu
from calculator.ui.shell.pages import ICON, PAGES, PRODUCT
from calculator.ui.shell.share import open_share, share_dialog_if_open, whole_page_link
from calculator.ui.shell.style import Written, style

LEARN = "pages/learn.py"
FOOTER = (
    f"{PRODUCT} {__version__} · Formulas: [Dumoulin & Visin 2016](https://arxiv.org/abs/1603.07285), "
    "relationship 14, and the frameworks' own documentation (see Sources) · "
    "Privacy: nothing you set is stored on the server; your link is the only copy. Until you close "
    "the tab, your browser keeps in it the text in the box for a model and your answers to exercises. A "
    "class stores its questions and answers without names or addresses, until it ends or for 24 hours."
)
"""The version, the source of the formulas and the note on privacy."""


skip_repeated_work()


@contextmanager
def frame(script: str) -> Iterator[None]:
    """Draw the frame of the page ``script``. The content of the page is drawn inside the ``with``."""
    with one_run():
        yield from _framed(script)


def _framed(script: str) -> Iterator[None]:
    """Draw the frame before and after the content, which is drawn at the ``yield``."""
    page = next(page for page in PAGES if page.script == script)
    st.set_page_config(page_title=page.title, page_icon=ICON, layout="wide")
    renew_keys(script, width(), mode())
    state.read_link()
    if script_to_open := state.requested_page():
        st.switch_page(script_to_open, query_params=encode(state.current()))
    st.html(Written(f"<style>{style(palette())}</style>"))
    st.markdown(f"# {page.question}", anchors=False)
    menu(page, on_share=open_share, whole_page=whole_page_link() if st.context.is_embedded else "")
    _ignored()
    code = read_code(state.current().room)
    if code and script != CLASS:
        _way_back(code)
    yield
    if not _presents(script, state.current()):
        st.caption(FOOTER)
    share_dialog_if_open()
    ask_window()
    state.write_link()


def _way_back(code: str) -> None:
    """Draw the way back to the class that is open, in a corner of the window."""
    with st.container(key="class.corner"):
        st.button(
            f"Back to class {code}",
            key="class.return",
            type="tertiary",
            icon=":material/groups:",
            on_click=callback(open_class),
            shortcut=shortcut(CLASS_KEY.upper()),
        )


def _presents(script: str, settings: Settings) -> bool:
    """Return whether the page shows one idea on the whole screen."""
    presented = {
        "app.py": settings.presenting and not settings.hidden,
        "pages/picture.py": settings.presenting,
        LEARN: settings.presents_lesson,
        CLASS: bool(read_code(settings.room)),
    }
    return presented.get(script, False)


def _ignored() -> None:
    """Draw which parts of the link could not be used. All other parts were used."""
    sentences = state.ignored()
    if sentences:
        lines = "\n".join(f"- {escape_markdown(sentence)}" for sentence in sentences)
        st.warning(f"Parts of the link could not be used:\n\n{lines}")
