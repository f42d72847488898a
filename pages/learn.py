"""Can I do it by hand?"""

import streamlit as st

from calculator.ui.components.tabs import views
from calculator.ui.learn import exercises, lesson, worksheet
from calculator.ui.session import state
from calculator.ui.shell.frame import frame

VIEWS = {"lesson": "Lesson", "exercises": "Exercises", "worksheet": "Worksheet"}

with frame("pages/learn.py"):
    held = state.current()
    heads = {
        "lesson": lesson.headline,
        "exercises": exercises.headline,
        "worksheet": worksheet.headline,
    }
    draw = {
        "lesson": lambda: lesson.lesson(held),
        "exercises": lambda: exercises.exercises(held),
        "worksheet": lambda: worksheet.worksheet(held),
    }
    with st.container(key="answer"):
        heads[held.learn_view](held)
    if held.presenting and held.learn_view == "lesson":
        lesson.lesson(held)
    else:
        views(VIEWS, draw, "learn_view")
