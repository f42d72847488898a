"""Can I do it by hand?"""

import streamlit as st

from calculator.ui.components.views import of_view, views
from calculator.ui.learn import exercises, lesson, worksheet
from calculator.ui.session import state
from calculator.ui.shell.frame import frame

BLOCKS = (lesson, exercises, worksheet)
"""The block of each view, in the order of the choice."""

with frame("pages/learn.py"):
    settings = state.current()
    with st.container(key="answer"):
        of_view("learn_view", BLOCKS).headline(settings)
    if settings.presents_lesson:
        lesson.lesson(settings)
    else:
        views(
            "learn_view",
            [
                lambda: lesson.lesson(settings),
                lambda: exercises.exercises(settings),
                lambda: worksheet.worksheet(settings),
            ],
        )
