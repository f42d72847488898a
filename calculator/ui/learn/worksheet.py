"""Worksheets: the preview of a sheet, and the downloads of the sheet and its answer key."""

from dataclasses import replace
from functools import partial

import streamlit as st

from calculator.core.errors import LayerError
from calculator.core.formatting import plural
from calculator.learn.worksheet.html import sheet_html
from calculator.learn.worksheet.markdown import sheet_markdown
from calculator.learn.worksheet.sheet import Sheet, source
from calculator.learn.worksheet.worksheet import DEFAULT_TITLE, neighbour_seed, sheet
from calculator.settings import FIELD, Settings
from calculator.settings.values import read_value
from calculator.ui.components import inputs
from calculator.ui.components.markdown import escape_markdown, question_markdown
from calculator.ui.learn.exercises import choose_seed
from calculator.ui.learn.exports import export_exercises
from calculator.ui.learn.lesson_end import exercises_link
from calculator.ui.session import state
from calculator.ui.session.callbacks import callback
from calculator.ui.session.widget_keys import widget_key
from calculator.ui.shell.share import fits_qr_code, only_here, qr_svg

FILES = (
    ("Worksheet to print", False, "html"),
    ("Answer key to print", True, "html"),
    ("Worksheet as Markdown", False, "md"),
    ("Answer key as Markdown", True, "md"),
)
"""The downloads: label, whether the file is the answer key, and format."""


MAX_PREVIEW = 3
"""Questions of the sheet that the page shows."""


def headline(settings: Settings) -> None:
    """Draw the number of questions, the level and the seed."""
    st.markdown(
        f"**{plural(settings.questions, 'question')}** :gray[· level {settings.level} · seed {settings.seed}]"
    )


def worksheet(settings: Settings) -> None:
    """Draw the controls of the sheet, its downloads and its first questions."""
    if settings.sheet_letter == "B":
        settings = settings.change(seed=neighbour_seed(settings.seed))
    current_sheet = replace(
        sheet(settings.seed, settings.level, settings.questions, settings.sheet_title),
        letter="" if settings.sheet_letter == "all" else settings.sheet_letter,
    )
    choose, paper = st.columns([4, 7], gap="large")
    with choose, st.container(key="controls", gap="xxsmall"):
        _title(settings)
        inputs.whole_number("questions")
        inputs.choice("sheet_letter")
        choose_seed(settings)
    with paper, st.container(key="question"):
        _downloads(settings, current_sheet)
        st.markdown(f"## {escape_markdown(current_sheet.title)}", anchors=False)
        st.caption(escape_markdown(source(current_sheet)))
        for exercise in current_sheet.exercises[:MAX_PREVIEW]:
            st.markdown(f"**{exercise.number}.** {question_markdown(exercise.question)}")
            if exercise.listing:
                st.code(exercise.listing, language=None, wrap_lines=True)
        if len(current_sheet.exercises) > MAX_PREVIEW:
            st.caption(f"… and {len(current_sheet.exercises) - MAX_PREVIEW} more on the sheet.")


def _title(settings: Settings) -> None:
    """Draw the box for the title."""
    field, key = FIELD["sheet_title"], widget_key("sheet_title", settings.sheet_title)
    st.text_input(
        field.label, settings.sheet_title, key=key, help=field.help, icon="", validate="", autocomplete="off",
        placeholder=DEFAULT_TITLE, on_change=callback(_titled, key=key), args=(key,),
    )  # fmt: skip
    inputs.problem("sheet_title")


def _titled(key: str) -> None:
    """Store the typed title, or refuse it with a sentence."""
    try:
        title = read_value(FIELD["sheet_title"], str(st.session_state[key]), 2)
    except LayerError as error:
        previous = state.current().sheet_title
        inputs.keep_previous("sheet_title", key, error, previous, empty="The default title is kept.")
        return
    state.change(sheet_title=title)


def _downloads(settings: Settings, current_sheet: Sheet) -> None:
    """Draw the downloads: HTML for printing, Markdown for the pages of a course.

    A file is written when its button is clicked, never at a rerun.
    """
    link = exercises_link(settings)
    if not fits_qr_code(link):
        st.info("The link to these exercises is too long for a QR code. The sheet contains the link as text.")
    letter = f"-{current_sheet.letter.lower()}" if current_sheet.letter else ""
    name = f"transposed-convolutions-level-{settings.level}-seed-{settings.seed}{letter}"
    with st.container(horizontal=True, gap="small"):
        for label, key, form in FILES:
            st.download_button(
                label,
                partial(_written, current_sheet, link, form, key=key),
                file_name=f"{name}{'-key' if key else ''}.{form}",
                mime="text/html" if form == "html" else "text/markdown",
                key=f"sheet.{form}.{key}",
                on_click="ignore",
                icon=":material/print:" if form == "html" else ":material/download:",
            )
        export_exercises(current_sheet, name=name)
    note = " Other devices cannot open its link; Share explains why." if only_here(link) else ""
    st.caption(
        "Open the HTML file and print it on A4 or Letter paper. Its QR code opens the same exercises on this "
        f"page.{note}"
    )


def _written(current_sheet: Sheet, link: str, form: str, *, key: bool) -> str:
    """Return the text of a download: the sheet or its answer key, as HTML or Markdown."""
    if form == "md":
        return sheet_markdown(current_sheet, key=key, link=link)
    code = qr_svg(link) if fits_qr_code(link) else ""
    return sheet_html(current_sheet, key=key, qr_svg=code, link=link)
