"""The start of a class: what to ask, what is stored, and the button that makes a room."""

import streamlit as st

from calculator.classroom.database import StoreError
from calculator.classroom.location import open_store, visitors_sentence
from calculator.classroom.questions import plan, questions
from calculator.classroom.room import RoomError
from calculator.core.formatting import plural
from calculator.settings import Settings
from calculator.settings.link import encode
from calculator.ui.browser import script_addresses
from calculator.ui.classroom import teacher
from calculator.ui.components import inputs
from calculator.ui.components.markdown import escape_markdown, question_markdown
from calculator.ui.session import state
from calculator.ui.session.callbacks import callback
from calculator.ui.shell.share import ONLY_HERE, only_here

NOT_SERVED = (
    "This page was started without the pages for phones, so no class can be started here. "
    "Start it with **python server.py** instead."
)
STORED = (
    "**What is stored.** The questions, and for each phone a random number with its answers: no names and no "
    "addresses. Everything is deleted when you end the class, at the latest after 24 hours."
)
MAX_PREVIEW = 3
"""Questions that are shown before a class is started."""


def setup(settings: Settings) -> None:
    """Draw what to ask, the first questions, and the button that starts the class."""
    asked = questions(plan(settings))
    with st.container(key="answer"):
        st.markdown(f"**{plural(len(asked), 'question')}** :gray[for every phone in the room, by a code]")
    choose, preview = st.columns([4, 7], gap="large")
    with choose, st.container(key="rows.class", gap="small"):
        inputs.choice("class_source")
        if settings.class_source == "exercises":
            inputs.choice("level")
            inputs.exact("seed")
            inputs.whole_number("questions")
        else:
            st.page_link(
                "app.py", label="Change the layer", icon=":material/tune:", query_params=encode(settings)
            )
        _start_button()
        st.markdown(STORED)
    with preview:
        for one in asked[:MAX_PREVIEW]:
            st.markdown(f"**{one.title}.** {question_markdown(one.text)}")
            if one.listing:
                st.code(one.listing, language=None, wrap_lines=True)
        if len(asked) > MAX_PREVIEW:
            st.caption(f"… and {len(asked) - MAX_PREVIEW} more.")


def _start_button() -> None:
    """Draw the button that starts the class, or why no class can be started."""
    problem = "" if script_addresses.address(script_addresses.PHONES) else NOT_SERVED
    if not problem:
        try:
            open_store()
        except StoreError as error:
            problem = escape_markdown(visitors_sentence(error))
    st.button(
        "Start a class",
        key="class.start",
        type="primary",
        icon=":material/groups:",
        disabled=bool(problem),
        on_click=callback(_start),
    )
    if problem:
        st.info(problem)
    elif only_here(st.context.url or ""):
        st.info(ONLY_HERE)
    inputs.problem("class.start")


def _start() -> None:
    """Make a room, and open it."""
    text = plan(state.current())
    try:
        room, secret = open_store().create(text, len(questions(text)))
    except (RoomError, StoreError) as error:
        state.refuse("class.start", visitors_sentence(error))
        return
    teacher.remember(room.code, secret)
    state.change(room=room.code)
