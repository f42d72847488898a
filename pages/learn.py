"""Can I do it by hand?"""

import streamlit as st

from calculator.ui.components.views import views
from calculator.ui.learn import exercises, lesson, worksheet
from calculator.ui.session import state
from calculator.ui.shell.frame import frame

BLOCKS = {"lesson": lesson, "exercises": exercises, "worksheet": worksheet}

with frame("pages/learn.py"):
    settings = state.current()
    with st.container(key="answer"):
        BLOCKS[settings.learn_view].headline(settings)
    if settings.presents_lesson:
        lesson.lesson(settings)
    else:
        views(
            "learn_view",
            {
                "lesson": lambda: lesson.lesson(settings),
                "exercises": lambda: exercises.exercises(settings),
                "worksheet": lambda: worksheet.worksheet(settings),
            },
        )
