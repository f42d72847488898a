"""Worksheets: a printable sheet and its answer key, made from a seed."""

import segno
import streamlit as st

from calculator.core.errors import LayerError
from calculator.core.formatting import plural
from calculator.learn.worksheet.html import sheet_html
from calculator.learn.worksheet.markdown import sheet_markdown
from calculator.learn.worksheet.sheet import Sheet
from calculator.learn.worksheet.worksheet import DEFAULT_TITLE, sheet
from calculator.settings import FIELD, Settings
from calculator.settings.values import read_value
from calculator.ui.components import inputs
from calculator.ui.components.markdown import escape_markdown
from calculator.ui.learn.exercises import choose_seed
from calculator.ui.session import state
from calculator.ui.session.widget_keys import is_stale, widget_key
from calculator.ui.shell.share import base_address, only_here, page_link, qr_svg

FILES = (
    ("The sheet, to print", False, "html"),
    ("Its answer key", True, "html"),
    ("Sheet, Markdown", False, "md"),
    ("Key, Markdown", True, "md"),
)
"""The downloads: their labels, whether they are the key, their format."""

SHOWN = 3
"""Questions of the sheet that the page shows."""


def headline(held: Settings) -> None:
    """Draw what the sheet is."""
    st.markdown(f"**{plural(held.questions, 'question')}** :gray[· level {held.level} · seed {held.seed}]")


def worksheet(held: Settings) -> None:
    """Draw what makes a sheet, its downloads and how it begins."""
    made = sheet(held.seed, held.level, held.questions, held.sheet_title)
    choose, paper = st.columns([4, 7], gap="large")
    with choose, st.container(key="controls", gap="xxsmall"):
        _title(held)
        inputs.whole_number("questions")
        choose_seed(held)
    with paper, st.container(key="question"):
        _downloads(held, made)
        st.markdown(f"## {escape_markdown(made.title)}", anchors=False)
        for one in made.exercises[:SHOWN]:
            st.markdown(f"**{one.number}.** {escape_markdown(one.question)}")
            if one.listing:
                st.code(one.listing, language=None, wrap_lines=True)
        if len(made.exercises) > SHOWN:
            st.caption(f"… and {len(made.exercises) - SHOWN} more on the sheet.")


def _title(held: Settings) -> None:
    field, key = FIELD["sheet_title"], widget_key("sheet_title", held.sheet_title)
    st.text_input(
        field.label, held.sheet_title, key=key, help=field.help, icon="", validate="", autocomplete="off",
        placeholder=DEFAULT_TITLE, on_change=_titled, args=(key,),
    )  # fmt: skip
    inputs.problem("sheet_title")


def _titled(key: str) -> None:
    if is_stale(key):
        return
    try:
        title = read_value(FIELD["sheet_title"], str(st.session_state[key]), 2)
    except LayerError as error:
        kept = state.current().sheet_title
        st.session_state[key] = kept
        state.refuse("sheet_title", f"{error} {kept or 'The usual title'} is kept.")
        return
    state.change(sheet_title=title)


def _downloads(held: Settings, made: Sheet) -> None:
    """Draw the downloads: for print as HTML, for a course's own pages as Markdown."""
    link = page_link(base_address(st.context.url), _live(held))
    try:
        code = qr_svg(link)
    except segno.DataOverflowError:
        code = ""
        st.info("The link of these exercises is too long for a QR code; the sheet has it as text.")
    name = f"transposed-convolutions-level-{held.level}-seed-{held.seed}"
    with st.container(horizontal=True, gap="small"):
        for label, key, form in FILES:
            if form == "html":
                text = sheet_html(made, key=key, qr_svg=code, link=link)
            else:
                text = sheet_markdown(made, key=key, link=link)
            st.download_button(
                label,
                text,
                file_name=f"{name}{'-key' if key else ''}.{form}",
                mime="text/html" if form == "html" else "text/markdown",
                key=f"sheet.{form}.{key}",
                on_click="ignore",
                icon=":material/print:" if form == "html" else ":material/download:",
            )
    where = " Other devices cannot open its link: see Share." if only_here(link) else ""
    st.caption(
        f"Open the HTML file and print it: A4 or Letter. Its QR code opens the same exercises live.{where}"
    )


def _live(held: Settings) -> Settings:
    """Return the settings that open the exercises of the sheet, from the first one."""
    return Settings(learn_view="exercises", seed=held.seed, level=held.level)
