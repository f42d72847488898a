"""The last part of the lesson: what to remember, and the code that leads the class to the exercises."""

import streamlit as st

from calculator.learn.lesson.lesson import TOPICS
from calculator.settings import Settings
from calculator.settings.link import page_link
from calculator.ui.components.markdown import equation, escape_markdown
from calculator.ui.session import state
from calculator.ui.session.callbacks import callback
from calculator.ui.shell.share import ONLY_HERE, base_address, only_here, qr_code


def exercises_link(settings: Settings) -> str:
    """Return the link to the first exercise of the visitor's level and seed."""
    return page_link(
        base_address(st.context.url),
        Settings(learn_view="exercises", seed=settings.seed, level=settings.level),
    )


def lesson_end(settings: Settings) -> None:
    """Draw what to remember on the left, and the way to the exercises with its code on the right."""
    link = exercises_link(settings)
    words, code = st.columns([6, 7], gap="large")
    with words, st.container(key="lesson.words"):
        st.markdown("## What to remember", anchors=False)
        st.markdown("\n".join(f"1. {escape_markdown(topic.recap)}" for topic in TOPICS))
        st.markdown(equation(settings.counted_layer()))
        scan = f"Scan the code: exercises of level {settings.level}, the same ones for everybody."
        st.markdown(f"**Now you.** {ONLY_HERE if only_here(link) else scan}")
        st.code(link, language=None, wrap_lines=True)
        st.button("Open the exercises", key="lesson.exercises", type="primary", on_click=callback(_exercises))
    with code, st.container(key="lesson.code"):
        qr_code(link)


def _exercises() -> None:
    state.change(learn_view="exercises", exercise=1, presenting=False)
