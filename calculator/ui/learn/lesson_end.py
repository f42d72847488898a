"""The last part of the lesson: what to remember, and the code that leads the class to the exercises."""

import segno
import streamlit as st

from calculator.learn.lesson.lesson import TOPICS
from calculator.settings import Settings
from calculator.settings.link import page_link
from calculator.ui.components.markdown import equation, escape_markdown
from calculator.ui.session import state
from calculator.ui.session.callbacks import callback
from calculator.ui.shell.share import ONLY_HERE, base_address, only_here, qr_svg

CODE = """
.st-key-lesson-code img {
  width: min(74vh, 44vw) !important; max-width: none !important; aspect-ratio: 1; margin: 0 auto;
}
@media (max-width: 760px) { .st-key-lesson-code img { width: min(70vh, 84vw) !important; } }
"""


def exercises_link(settings: Settings) -> str:
    """Return the link to the first exercise of the visitor's level and seed."""
    return page_link(
        base_address(st.context.url),
        Settings(learn_view="exercises", seed=settings.seed, level=settings.level),
    )


def lesson_end(settings: Settings) -> None:
    """Draw what to remember on the left, and the way to the exercises with its code on the right."""
    st.html(f"<style>{CODE}</style>")
    words, code = st.columns([6, 5], gap="large")
    with words, st.container(key="lesson.words"):
        st.markdown("## What to remember", anchors=False)
        st.markdown("\n".join(f"1. {escape_markdown(topic.recap)}" for topic in TOPICS))
        st.markdown(equation(settings.counted_layer()))
        st.markdown(
            f"**Now you.** Scan the code: exercises of level {settings.level}, the same ones for everybody. "
            "The page explains each wrong number by the mistake that gives it."
        )
        st.button("Open the exercises", key="lesson.exercises", type="primary", on_click=callback(_exercises))
    with code, st.container(key="lesson.code"):
        _code(exercises_link(settings))


def _code(link: str) -> None:
    """Draw the QR code of a link, with the link as text."""
    try:
        st.image(qr_svg(link), width="stretch", alt=f"QR code of {link}")
    except segno.DataOverflowError:
        st.info("This link is too long for a QR code: write it on the board, or send it.")
    if only_here(link):
        st.info(ONLY_HERE)
    st.code(link, language=None, wrap_lines=True)


def _exercises() -> None:
    state.change(learn_view="exercises", exercise=1, presenting=False)
