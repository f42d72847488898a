"""The share dialog: link, QR code, frame for a course page and tables, computed only when it opens."""

import io
from html import escape
from urllib.parse import urlsplit, urlunsplit

import segno
import streamlit as st

from calculator.core.derivation import derive_parameters
from calculator.learn.exercises.mystery import mystery_settings
from calculator.settings import Settings
from calculator.settings.link import page_link
from calculator.tables.answer import working
from calculator.tables.sweeps import plane_grid, sweeps
from calculator.ui.browser.copy_button import copy_button
from calculator.ui.components.downloads import file_buttons
from calculator.ui.session import run_values, state
from calculator.ui.session.callbacks import callback
from calculator.ui.shell.pages import PAGES

FRAME_HEIGHT = 900
ONLY_HERE = (
    "Other devices cannot open this address. Open the page at this computer's network address "
    "(the server prints it when it starts), or host it."
)
"""The sentence about a link that only works on the computer where it was created."""

OPEN = "share.open"

MAX_QR_BYTES = 2_953
"""The longest link that fits into a QR code with the lowest error correction (ISO/IEC 18004, table 7)."""


def frame_snippet(link: str) -> str:
    """Return the HTML that shows the page inside a course page.

    >>> frame_snippet("https://example.org/?embed=true&in=64")[:62]
    '<iframe src="https://example.org/?embed=true&amp;in=64" title='
    """
    return (
        f'<iframe src="{escape(link)}" title="Transposed-convolution calculator" '
        f'width="100%" height="{FRAME_HEIGHT}" style="border: 0" allow="clipboard-write"></iframe>'
    )


def qr_svg(link: str) -> str:
    """Return the QR code of ``link`` as SVG: dark on white in both themes, with its quiet zone.

    A screen is never damaged, so the code corrects few errors, which makes its squares larger.
    Raises ``segno.DataOverflowError`` for a link that does not fit (``fits_qr_code``).
    """
    out = io.BytesIO()
    segno.make(link, error="l", micro=False).save(
        out, kind="svg", scale=8, border=4, dark="#000", light="#fff", xmldecl=False, omitsize=True
    )
    return out.getvalue().decode()


def fits_qr_code(link: str) -> bool:
    """Return whether ``link`` is short enough for a QR code.

    >>> fits_qr_code("https://example.org/"), fits_qr_code("https://example.org/?table=" + 3_000 * "a")
    (True, False)
    """
    return len(link.encode()) <= MAX_QR_BYTES


def qr_code(link: str, too_long: str = "This link is too long for a QR code: send the link instead.") -> None:
    """Draw the QR code of ``link``, or the sentence ``too_long`` where the link does not fit."""
    if fits_qr_code(link):
        st.image(qr_svg(link), width="stretch", alt=f"QR code of {link}")
    else:
        st.info(too_long)


def base_address(url: str | None) -> str:
    """Return the address of the page without its query, from the address in the browser.

    Streamlit Community Cloud runs an app inside a frame at ``/~/+/``, which must not be shared.

    >>> base_address("https://example.org"), base_address("https://example.org/~/+/sources")
    ('https://example.org/', 'https://example.org/sources')
    """
    parts = urlsplit(url or "http://localhost:8501")
    path = parts.path.replace("/~/+", "", 1) or "/"
    return urlunsplit((parts.scheme, parts.netloc, path, "", ""))


def calculator_address(base: str) -> str:
    """Return the address of the calculator, from the address of any page.

    >>> calculator_address("https://example.org/a"), calculator_address("https://example.org/a/picture")
    ('https://example.org/a', 'https://example.org/a/')
    """
    parent, _, name = base.rpartition("/")
    return f"{parent}/" if name in {page.address for page in PAGES} else base


def only_here(link: str) -> bool:
    """Return whether ``link`` only works on the computer where it was created.

    >>> only_here("http://localhost:8501/?in=64"), only_here("https://example.org/")
    (True, False)
    """
    host = urlsplit(link).hostname or ""
    return host in ("localhost", "::1") or host.startswith("127.")


def whole_page_link() -> str:
    """Return the link to the whole page, for a page that is shown inside a course page."""
    return page_link(base_address(st.context.url), state.current())


def open_share() -> None:
    """Have the dialog drawn from now on, until it is closed."""
    run_values.write(OPEN, True)


def share_dialog_if_open() -> None:
    """Draw the dialog if it is open."""
    if run_values.read(OPEN, bool):
        share_dialog()


def _closed() -> None:
    run_values.write(OPEN, False)


@st.dialog("Share this layer", width="large", on_dismiss=callback(_closed))
def share_dialog() -> None:
    """Draw the link, the QR code, the frame and the tables."""
    settings = state.current().change(room="")  # What is shared is a layer, never somebody's class.
    base = base_address(st.context.url)
    link = page_link(base, settings)
    left, right = st.columns([3, 2], gap="medium")
    with right:
        st.markdown("**Link.** It contains every setting; no setting is stored anywhere else.")
        st.code(link, language=None, wrap_lines=True)
        copy_button(link, key="copy.link")
        if only_here(link):
            st.info(ONLY_HERE)
        st.markdown("**What do you think?** This link shows the layer and asks for a prediction first.")
        mystery = page_link(calculator_address(base), mystery_settings(settings))
        st.code(mystery, language=None, wrap_lines=True)
        copy_button(mystery, key="copy.mystery", label="Copy question")
        st.markdown("**For a course page**")
        snippet = frame_snippet(page_link(base, settings, embed=True))
        st.code(snippet, language="html", wrap_lines=True)
        copy_button(snippet, key="copy.frame", label="Copy frame")
        st.markdown("**Tables**")
        _tables(settings)
    with left, st.container(key="qr"):
        qr_code(
            # The presenter's view is for a projector; people scan the code with a phone.
            page_link(base, settings.change(presenting=False)),
            "This link is too long for a QR code: copy it, or shorten the names and tables in it.",
        )


def _tables(settings: Settings) -> None:
    """Draw the downloads of each table behind the calculator, and of its working."""
    layer = settings.counted_layer()
    tables = {
        "growth": ("How the count grows", sweeps(layer)),
        "plane": ("Counts by channels", plane_grid(layer)),
        "working": ("The working", working(derive_parameters(layer))),
    }
    for name, (title, table) in tables.items():
        with st.container(horizontal=True, gap="xsmall"):
            file_buttons(table, name=name, title=title, key=f"share.{name}")
