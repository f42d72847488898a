"""Exercises: a question, the box for the answer, the diagnosis of a wrong answer, and the working."""

import secrets
from collections.abc import Sequence
from functools import partial

import streamlit as st

from calculator.charts.decoder_grid import DecoderRow, decoder_figure, decoder_legend
from calculator.charts.weight_grid import Counted, legend, tensor_figure
from calculator.core.formatting import format_count, plural
from calculator.geometry.weight_grid import tensor_view
from calculator.learn.calculation import Calculation
from calculator.learn.exercise import Exercise, Mistake
from calculator.learn.exercises.generator import LEVELS, exercise
from calculator.learn.exercises.progress import (
    MAX_KEPT,
    ExerciseKey,
    Progress,
    read_progress,
    write_progress,
)
from calculator.learn.exercises.published import PUBLISHED
from calculator.learn.exercises.score import Attempt, score_text
from calculator.learn.mistakes.coverage import Coverage, DecoderCoverage, coverage, decoder_coverage
from calculator.learn.mistakes.diagnosis import diagnose, why_right
from calculator.settings import FIELD, Settings
from calculator.ui.browser.kept_in_tab import keep_in_tab
from calculator.ui.browser.keyboard import class_key, keys, keys_switch, move, shortcut
from calculator.ui.browser.question_on_screen import question_on_screen
from calculator.ui.charts.chart import chart
from calculator.ui.components import inputs
from calculator.ui.components.answer_box import EXAMPLE, answered
from calculator.ui.components.markdown import escape_markdown, question_markdown, steps_text
from calculator.ui.session import state
from calculator.ui.session.callbacks import callback
from calculator.ui.session.viewport import palette

ATTEMPTS, LAST, BACK = "learn.attempts", "learn.last", "learn.back"
"""Session keys: the attempts and last answers of this visitor, by exercise; the progress that came back."""


NUMBERS = "exercise", range(1, FIELD["exercise"].maximum + 1)
"""The setting of the number of the exercise, and its values."""


def headline(settings: Settings) -> None:
    """Draw the number of the exercise and the score."""
    st.markdown(
        f"**Exercise {settings.exercise}** :gray[of {FIELD['exercise'].maximum}, level {settings.level}] · "
        f":gray[{escape_markdown(score_text(_attempts().values()))}]"
    )


def exercises(settings: Settings) -> None:
    """Draw the current exercise, and the controls to choose another."""
    current = exercise(settings.seed, settings.level, settings.exercise)
    _came_back()
    question_on_screen(f"{settings.level}.{settings.seed}.{settings.exercise}")
    words, choose = st.columns([7, 4], gap="large")
    with words, st.container(key="question"):
        st.markdown(f"## {question_markdown(current.question)}", anchors=False)
        if current.listing:
            st.code(current.listing, language=None, wrap_lines=True)
        _answer(settings, current)
        _working(settings, current)
    with choose, st.container(key="controls", gap="xxsmall"):
        _choose(settings)
        keep_in_tab(write_progress(_attempts(), _last_answers()), key="learn.kept", on_return=_returned)


def _returned(record: Sequence[object], _: bool) -> None:
    """Take the progress of the previous session; the attempts of this session are newer."""
    back = st.session_state[BACK] = read_progress(record)
    st.session_state[ATTEMPTS] = back.attempts | _attempts()
    st.session_state[LAST] = back.last | _last_answers()


def _came_back() -> None:
    """Draw that the answers of the previous session came back, and what could not be read."""
    back: Progress | None = st.session_state.get(BACK)
    if back is not None:
        invalid = f" {plural(back.invalid, 'exercise')} could not be read." if back.invalid else ""
        st.caption(
            "The server was restarted or the page was loaded again. Your answers came back from your "
            f"browser.{invalid}"
        )


def choose_seed(settings: Settings) -> None:
    """Draw the controls for level and seed, which determine the exercises."""
    inputs.choice("level")
    st.caption(f"Level {settings.level}: {escape_markdown(LEVELS[settings.level])}")
    inputs.exact("seed")
    with st.container(horizontal=True, gap="small"):
        st.button("Another seed", key="learn.reseed", icon=":material/casino:", on_click=callback(_reseed))
        st.button("Exercise of a real course", key="learn.published", on_click=callback(_open_published))
    if published := PUBLISHED.get((settings.level, settings.seed)):
        st.caption(
            f"Questions 1 to {len(published.layers)} have the layers of a published exercise: "
            f"{escape_markdown(published.source)}. The others have the same form."
        )


def _choose(settings: Settings) -> None:
    """Draw the buttons to the previous and the next exercise, and the controls for level and seed."""
    with st.container(horizontal=True, gap="small"):
        first, last = settings.exercise == 1, settings.exercise == FIELD["exercise"].maximum
        st.button(
            "Back",
            key="exercise.back",
            on_click=callback(move),
            args=(*NUMBERS, -1),
            disabled=first,
            shortcut=shortcut("B"),
        )
        st.button(
            "Next exercise", key="exercise.next", on_click=callback(move), args=(*NUMBERS, 1), disabled=last,
            shortcut=shortcut("N"), type="primary" if _attempt(settings).solved else "secondary",
        )  # fmt: skip
    choose_seed(settings)
    st.caption(
        "The link contains level, seed and number, so it opens this exercise for everybody. Only your "
        f"browser keeps your answers, to the last {MAX_KEPT} exercises, until you close this tab."
    )
    keys_switch("N next, B back")
    keys({"n": partial(move, *NUMBERS, 1), "b": partial(move, *NUMBERS, -1)} | class_key())


def _reseed() -> None:
    state.change(seed=secrets.randbelow(1_000_000), exercise=1)


def _open_published() -> None:
    """Open the published exercise, as a worksheet with no other questions."""
    (level, seed), published = next(iter(PUBLISHED.items()))
    state.change(level=level, seed=seed, exercise=1, questions=len(published.layers))


def _answer(settings: Settings, current: Exercise) -> None:
    """Draw the box for an answer, and the diagnosis of the last answer."""
    key = f"learn.answer.{current.level}.{current.seed}.{current.number}"
    with st.form(f"form.{key}", border=False, enter_to_submit=True):
        st.text_input(
            current.quantity[0].upper() + current.quantity[1:], key=key, type="phone", icon="",
            placeholder=EXAMPLE, validate="", autocomplete="off", width=240,
        )  # fmt: skip
        st.form_submit_button(
            "Check", key="learn.check", on_click=callback(_checked), args=(key,), type="primary"
        )
    inputs.problem(key)
    if not _attempt(settings).answers:
        return
    last = _last_answers()[current.level, current.seed, current.number]
    diagnosis = diagnose(current, last.value, calculation=last)
    (st.success if diagnosis.correct else st.warning)(escape_markdown(diagnosis.sentence))
    if diagnosis.correct:
        adds = LEVELS.get(settings.level + 1, "")
        following = f"  \nLevel {settings.level + 1} adds: {adds[0].lower()}{adds[1:]}." if adds else ""
        st.markdown(f"{escape_markdown(why_right(current))}{following}")
    _wrong_workings(diagnosis.mistakes)
    if diagnosis.mistakes:
        if counted := coverage(current, diagnosis.mistakes[0]):
            _counted(settings, counted)
        if covered := decoder_coverage(current, diagnosis.mistakes[0]):
            _counted_decoder(settings, covered)


def _counted_decoder(settings: Settings, covered: DecoderCoverage) -> None:
    """Draw the parts of a decoder that a wrong answer counted, and the kernels of the first wrong layer."""
    rows = [DecoderRow(layer.name, layer.parts) for layer in covered.layers]
    words = f"{covered.sentence} {decoder_legend(rows)}"
    chart(
        decoder_figure(rows, palette()),
        key="exercise.decoder",
        alt=f"The layers of the decoder. {words}",
        image_format=settings.image_format,
    )
    st.caption(escape_markdown(words))
    if covered.first:
        _counted(settings, covered.first, f"Layer ({covered.index}). ")


def _counted(settings: Settings, counted: Coverage, where: str = "") -> None:
    """Draw what a wrong answer counted on the grid of kernels of a layer; ``where`` names the layer."""
    view = tensor_view(counted.layer, (0, 0), max_rows=5, max_columns=6)
    figure = tensor_figure(view, palette(), Counted(counted.kernel, counted.cells, counted.biases))
    part = "" if view.complete else " Only a part of the grid is drawn."
    words = f"{where}{counted.sentence}{legend(figure)}{part}"
    chart(
        figure,
        key="exercise.counted",
        alt=f"The grid of kernels. {words}",
        image_format=settings.image_format,
    )
    st.caption(escape_markdown(words))


def _wrong_workings(mistakes: Sequence[Mistake]) -> None:
    """Draw how each of the mistakes gives its number, from the first different step on."""
    drawn = set()
    for index, mistake in enumerate(mistakes):
        hint = f" {escape_markdown(mistake.hint)}" if index else ""  # The diagnosis has the first hint.
        st.markdown(
            f"**How you get {format_count(mistake.value)}**: {escape_markdown(mistake.name)}. "
            f"The first different step is step {mistake.differs_at + 1}.{hint}"
        )
        # The equal steps before may contain the answer, so they are not drawn.
        steps = mistake.working[mistake.differs_at :]
        calculation = tuple((step.expression, step.value) for step in steps)
        if calculation not in drawn:  # Mistakes with one number may have one calculation.
            st.markdown(steps_text(steps))
        drawn.add(calculation)


def _checked(key: str) -> None:
    """Store the answer to the exercise whose box has ``key``."""
    # The exercise comes from the key, because the visitor may have opened another one meanwhile.
    level, seed, number = (int(part) for part in key.split(".")[-3:])
    if (typed := answered(key)) is None:
        return
    exercise_key = level, seed, number
    correct = typed.value == exercise(level=level, seed=seed, number=number).answer
    attempt = _attempts().get(exercise_key, Attempt())
    _attempts()[exercise_key] = attempt.with_answer(typed.value, correct=correct)
    _last_answers()[exercise_key] = typed


def _working(settings: Settings, current: Exercise) -> None:
    """Draw the working after a correct answer or on request; the score records the request."""
    attempt = _attempt(settings)
    if not (attempt.working_shown or attempt.solved):
        st.button(
            "Show me the working", key="learn.show", icon=":material/visibility:", on_click=callback(_show),
            args=(current.level, current.seed, current.number),
        )  # fmt: skip
        return
    st.markdown(f"**The working**  \n{steps_text(current.working)}")
    if current.layer is not None:
        st.button("Open it in the calculator", key="learn.open", on_click=callback(_open), args=(current,))


def _show(level: int, seed: int, number: int) -> None:
    exercise_key = level, seed, number
    _attempts()[exercise_key] = _attempts().get(exercise_key, Attempt()).with_working_shown()


def _open(current: Exercise) -> None:
    if current.layer is not None:
        state.take_layer(current.layer)
        state.open_page("app.py")


def _attempts() -> dict[ExerciseKey, Attempt]:
    """Return the attempts of this visitor; changes of the dictionary are kept in the session."""
    attempts: dict[ExerciseKey, Attempt] = st.session_state.setdefault(ATTEMPTS, {})
    return attempts


def _last_answers() -> dict[ExerciseKey, Calculation]:
    """Return the last answer to each exercise. Unlike an attempt, it may be wrong after a correct answer."""
    answers: dict[ExerciseKey, Calculation] = st.session_state.setdefault(LAST, {})
    return answers


def _attempt(settings: Settings) -> Attempt:
    return _attempts().get((settings.level, settings.seed, settings.exercise), Attempt())
