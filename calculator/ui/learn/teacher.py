"""Notes for the teacher: the time plan, questions to ask the class, and the guide to print."""

from functools import partial

import streamlit as st

from calculator.learn.lesson.lesson import STAGES
from calculator.learn.worksheet.guide import guide_html
from calculator.settings import Settings
from calculator.settings.link import page_link
from calculator.ui.components.expander import lazy_expander
from calculator.ui.components.markdown import escape_markdown
from calculator.ui.learn.lesson_end import exercises_link
from calculator.ui.shell.share import base_address


def teacher_notes(settings: Settings) -> None:
    """Draw the notes for the current part, folded away: the presenter's view never shows them."""
    with lazy_expander("Notes for the teacher", key="lesson.notes") as unfolded:
        if unfolded:
            _notes(settings)


def _notes(settings: Settings) -> None:
    """Draw the questions to ask in this part, its place in the plan, and the download of the guide."""
    before = sum(stage.minutes for stage in STAGES[: settings.step - 1])
    stage = STAGES[settings.step - 1]
    total = sum(one.minutes for one in STAGES)
    st.markdown(f"**Minutes {before} to {before + stage.minutes}** of {total}. Ask the class:")
    st.markdown(
        "\n".join(
            f"- {escape_markdown(ask.question)} → *{escape_markdown(ask.listen_for)}*" for ask in stage.asks
        )
    )
    link = page_link(base_address(st.context.url), settings.change(presenting=True, step=1))
    st.download_button(
        "Teacher's guide, one page to print",
        partial(guide_html, settings, link=link, exercises=exercises_link(settings)),
        file_name="transposed-convolutions-teachers-guide.html",
        mime="text/html",
        key="lesson.guide",
        on_click="ignore",
        icon=":material/print:",
    )
    st.caption(
        "The guide has every question with its answer, what each vote means and what to ask, for the layer "
        "that is set here. In the presenter's view each question offers four numbers, A to D, for a vote by "
        "raised hands."
    )
