"""Exercises: a question, an answer, what the answer says about a mistake, and the working at any time."""

import secrets
from functools import partial

import streamlit as st

from calculator.core.formatting import format_count
from calculator.learn.exercise import Exercise
from calculator.learn.exercises.diagnosis import diagnose
from calculator.learn.exercises.generator import LEVELS, exercise
from calculator.learn.exercises.score import Attempt, score_text
from calculator.settings import FIELD, Settings
from calculator.ui.components import inputs
from calculator.ui.components.answer_box import answered
from calculator.ui.components.keyboard import keys, keys_switch, shortcut
from calculator.ui.components.markdown import escape_markdown, steps_text
from calculator.ui.session import state

ATTEMPTS, LAST = "learn.attempts", "learn.last"
"""What this visitor tried, while the page is open: by level, seed and number."""

Place = tuple[int, int, int]


def headline(held: Settings) -> None:
    """Draw which exercise it is and the score so far."""
    tried = _attempts()
    st.markdown(
        f"**Exercise {held.exercise}** :gray[of {FIELD['exercise'].maximum}, level {held.level}] · "
        f":gray[{escape_markdown(score_text(tried.values()))}]"
    )


def exercises(held: Settings) -> None:
    """Draw the exercise that is open, and where to find others."""
    made = exercise(held.seed, held.level, held.exercise)
    words, choose = st.columns([7, 4], gap="large")
    with words, st.container(key="question"):
        st.markdown(f"## {escape_markdown(made.question)}", anchors=False)
        if made.listing:
            st.code(made.listing, language=None, wrap_lines=True)
        _answer(held, made)
        _working(held, made)
    with choose, st.container(key="controls", gap="xxsmall"):
        _choose(held)


def choose_seed(held: Settings) -> None:
    """Draw level and seed, which together make the same exercises for everybody."""
    inputs.choice("level")
    st.caption(f"Level {held.level}: {escape_markdown(LEVELS[held.level])}")
    inputs.exact("seed")
    st.button("Another seed", key="learn.reseed", icon=":material/casino:", on_click=_reseed)


def _choose(held: Settings) -> None:
    with st.container(horizontal=True, gap="small"):
        first, last = held.exercise == 1, held.exercise == FIELD["exercise"].maximum
        st.button(
            "Back", key="exercise.back", on_click=_go, args=(-1,), disabled=first, shortcut=shortcut("B")
        )
        st.button(
            "Next exercise", key="exercise.next", on_click=_go, args=(1,), disabled=last,
            shortcut=shortcut("N"), type="primary" if _attempt(held).solved else "secondary",
        )  # fmt: skip
    choose_seed(held)
    st.caption(
        "The link holds level, seed and number: whoever opens it gets this exercise. What you answer is kept "
        "while the page is open, and stored nowhere."
    )
    keys_switch("N next, B back")
    keys({"n": partial(_go, 1), "b": partial(_go, -1)})


def _reseed() -> None:
    state.change(seed=secrets.randbelow(1_000_000), exercise=1)


def _go(by: int) -> None:
    maximum = FIELD["exercise"].maximum
    state.change(exercise=min(max(state.current().exercise + by, 1), maximum))


def _answer(held: Settings, made: Exercise) -> None:
    """Draw the box for an answer, and what the last answer says."""
    key = f"learn.answer.{made.level}.{made.seed}.{made.number}"
    with st.form(f"form.{key}", border=False, enter_to_submit=True):
        st.text_input(
            made.asked[0].upper() + made.asked[1:], key=key, type="phone", icon="", placeholder="",
            validate="",
            autocomplete="off", width=240,
        )  # fmt: skip
        st.form_submit_button("Check", key="learn.check", on_click=_checked, args=(key,), type="primary")
    inputs.problem(key)
    attempt = _attempt(held)
    if not attempt.given:
        return
    said = diagnose(made, _last()[made.level, made.seed, made.number])
    if said.right:
        st.success(escape_markdown(said.sentence))
        return
    st.warning(escape_markdown(said.sentence))
    told = set()
    for place, mistake in enumerate(said.mistakes):
        # The sentence has the first one's hint.
        hint = f" {escape_markdown(mistake.hint)}" if place else ""
        step = f"it parts from the working at step {mistake.parts_at + 1}"
        st.markdown(
            f"**How {format_count(mistake.value)} comes out**, {escape_markdown(mistake.name)}; {step}.{hint}"
        )
        # Only from where it parts: what is right before may be the answer already.
        wrong = mistake.working[mistake.parts_at :]
        working = tuple((one.expression, one.value) for one in wrong)
        if working not in told:  # mistakes with one number may have one working, too
            st.markdown(steps_text(wrong))
        told.add(working)


def _checked(key: str) -> None:
    """Take the answer to the exercise that was on the screen."""
    state.touched()
    level, seed, place = (int(part) for part in key.split(".")[-3:])
    made = exercise(seed, level, place)
    if (given := answered(key)) is None:
        return
    where = level, seed, place
    attempt = _attempts().get(where, Attempt())
    _attempts()[where] = attempt.answered(given, right=given == made.answer)
    _last()[where] = given


def _working(held: Settings, made: Exercise) -> None:
    """Draw the working once it is asked for, which the score then says."""
    attempt = _attempt(held)
    if not (attempt.shown or attempt.solved):
        st.button(
            "Show me the working", key="learn.show", icon=":material/visibility:", on_click=_show,
            args=(made.level, made.seed, made.number),
        )  # fmt: skip
        return
    st.markdown(f"**The working**  \n{steps_text(made.working)}")
    if made.layer is not None:
        st.button("Open it in the calculator", key="learn.open", on_click=_open, args=(made,))


def _show(level: int, seed: int, place: int) -> None:
    where = level, seed, place
    _attempts()[where] = _attempts().get(where, Attempt()).looked()
    state.touched()


def _open(made: Exercise) -> None:
    if made.layer is not None:
        state.take_layer(made.layer)
        state.open_page("app.py")


def _attempts() -> dict[Place, Attempt]:
    tried: dict[Place, Attempt] = st.session_state.setdefault(ATTEMPTS, {})
    return tried


def _last() -> dict[Place, int]:
    """Return what was answered last, by place; the score may know a right one before it."""
    given: dict[Place, int] = st.session_state.setdefault(LAST, {})
    return given


def _attempt(held: Settings) -> Attempt:
    return _attempts().get((held.level, held.seed, held.exercise), Attempt())
