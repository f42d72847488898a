"""Can I do it by hand?"""

import streamlit as st

from calculator.ui import exercises, lesson, state, worksheets
from calculator.ui.frame import frame
from calculator.ui.views import views

VIEWS = {"lesson": "Lesson", "exercises": "Exercises", "worksheet": "Worksheet"}

with frame("pages/learn.py"):
    held = state.settings()
    heads = {
        "lesson": lesson.headline,
        "exercises": exercises.headline,
        "worksheet": worksheets.headline,
    }
    draw = {
        "lesson": lambda: lesson.lesson(held),
        "exercises": lambda: exercises.exercises(held),
        "worksheet": lambda: worksheets.worksheet(held),
    }
    with st.container(key="answer"):
        heads[held.learn_view](held)
    if held.presenting and held.learn_view == "lesson":
        lesson.lesson(held)
    else:
        views(VIEWS, draw, "learn_view")
