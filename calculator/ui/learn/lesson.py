"""The lesson: an idea, a prediction, the answer with its working, and a figure that follows the controls."""

from itertools import product
from pathlib import Path

import streamlit as st

from calculator.charts.descriptions import tally_finding, tensor_finding, variants_finding
from calculator.charts.lesson import tally_figure, variants_figure
from calculator.charts.weight_grid import cell_size, draws_weights, tensor_figure
from calculator.core.formatting import format_count, unbroken
from calculator.core.layer import ConvTranspose
from calculator.geometry.weight_grid import TensorView, tensor_view
from calculator.learn.calculation import number
from calculator.learn.lesson.layer_steps import variants
from calculator.learn.lesson.lesson import STAGES, STEP_COUNT, TOPICS, WORKED_EXAMPLES, lesson_step
from calculator.learn.lesson.step import LessonStep, Offer
from calculator.learn.lesson.vote import Option, vote
from calculator.learn.lesson.weight_steps import kernels_text
from calculator.learn.mistakes.diagnosis import diagnose
from calculator.settings import FIELD, Settings
from calculator.settings.link import encode
from calculator.ui.browser.keyboard import class_key, keys, keys_switch, move, move_keys, shortcut
from calculator.ui.charts.chart import chart
from calculator.ui.components import inputs
from calculator.ui.components.answer_box import EXAMPLE, answered
from calculator.ui.components.examples import examples
from calculator.ui.components.markdown import (
    escape_markdown,
    kept_together,
    large_number,
    question_markdown,
    steps_text,
)
from calculator.ui.components.presenter_view import LETTERS
from calculator.ui.learn.lesson_end import lesson_end
from calculator.ui.learn.teacher import teacher_notes
from calculator.ui.session import state
from calculator.ui.session.callbacks import callback
from calculator.ui.session.viewport import is_projected, palette, width
from calculator.ui.session.widget_keys import widget_key

STEPS = range(1, len(STAGES) + 1)
"""The numbers of the parts of the lesson."""

REVEALED, PREDICTED = "learn.revealed", "learn.predicted"
"""Session keys: the revealed steps; for each step the question and the calculation that was predicted."""

_HERE = Path(__file__)
STYLE = _HERE.with_suffix(".css").read_text(encoding="utf-8")
PRESENTING = _HERE.with_name("presenting.css").read_text(encoding="utf-8")
"""The style of the lesson, and what the presenter's view adds."""


LONG = 10**9
"""From this number on, the numbers to vote for are smaller."""


def headline(settings: Settings) -> None:
    """Draw the map of the lesson, the title of the step, and the buttons to the other steps."""
    stage = STAGES[settings.step - 1]
    projected = is_projected()
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="lesson.top"):
        st.button(
            "Back", key="lesson.back", on_click=callback(move), args=("step", STEPS, -1),
            disabled=settings.step == 1, shortcut=shortcut("B"),
            icon=":material/arrow_back:",
        )  # fmt: skip
        st.button(
            "Next", key="lesson.next", on_click=callback(move), args=("step", STEPS, 1),
            disabled=settings.step == len(STAGES), shortcut=shortcut("N"),
            icon=":material/arrow_forward:", type="primary",
        )  # fmt: skip
        if projected:  # The map has the number and the name too, and large type has no room for both.
            _map(settings)
        else:
            place = f"**{settings.step}** of {len(STAGES)} · {stage.title}"
            st.markdown(f"{place} :gray[· {stage.minutes} min]", width="content")
        if settings.presenting or width() != "narrow":
            inputs.switch("presenting")
    if not projected:
        _map(settings)


def _map(settings: Settings) -> None:
    """Draw the parts of the lesson as a row, with the current one marked; on a phone by their numbers."""
    key = widget_key("step", settings.step)
    names = {
        place: f"{place}" if width() == "narrow" else f"{place} {stage.short}"
        for place, stage in enumerate(STAGES, start=1)
    }
    st.segmented_control(
        "Steps of the lesson", names, default=settings.step, key=key, format_func=names.__getitem__,
        required=True, label_visibility="collapsed", wrap=False, on_change=callback(_chosen, key=key),
        args=(key,),
    )  # fmt: skip


def _chosen(key: str) -> None:
    state.change(step=st.session_state[key])


def lesson(settings: Settings) -> None:
    """Draw the current step."""
    st.html(f"<style>{STYLE}{LETTERS + PRESENTING if settings.presenting else ''}</style>")
    if settings.step > STEP_COUNT:
        lesson_end(settings)
        said = ""
    else:
        step = lesson_step(settings, settings.step)
        _step(settings, step)
        said = f"The answer is {format_count(step.answer)}." if step.number in _revealed() else ""
    if not settings.presenting:
        teacher_notes(settings)
        keys_switch(f"N next, B back, V reveal and hide, 1 to {len(STAGES)} a step")
    does = move_keys("step", STEPS, remote=settings.presenting) | {"v": _toggle_answer}
    keys(does | class_key(), leave=True, said=said)


def _step(settings: Settings, step: LessonStep) -> None:
    """Draw a step with its question: the words on the left, controls and figure on the right."""
    words, figure = st.columns([6, 5], gap="large")
    with words, st.container(key="lesson.words"):
        st.markdown(step.idea)
        _question(settings, step)
    with figure:
        _controls(settings, step)
        _figure(settings, step, revealed=step.number in _revealed())
    if not settings.presenting:
        _examples()
        st.markdown(DECONVOLUTION)
        st.page_link(
            "pages/picture.py", label="See both matrices, one the transpose of the other",
            query_params=encode(settings.change(picture_view="transposed")), icon=":material/visibility:",
        )  # fmt: skip


def _toggle_answer() -> None:
    """Reveal the answer of the current step, or hide it again. The last part has no question."""
    step = state.current().step
    if step <= STEP_COUNT:
        (_hide if step in _revealed() else _reveal)(step)


DECONVOLUTION = (
    '**Why not "deconvolution"?** A deconvolution undoes a convolution: it restores the original input. This '
    "layer restores only the *shape* of the input, with the transpose of the convolution's matrix. The "
    "layer has its own weights and computes new values. Hence the name transposed convolution."
)


def _examples() -> None:
    """Draw the worked examples, whose layers open in the lesson."""
    examples("Example layers", WORKED_EXAMPLES, _open_example)


def _controls(settings: Settings, step: LessonStep) -> None:
    """Draw the controls of this step, only those of settings that the step uses.

    In the presenter's view, values per axis have a box and no slider, because the large type leaves no room.
    """
    with st.container(key="lesson.controls", gap="xxsmall"):
        if step.layer_note:
            st.caption(escape_markdown(step.layer_note))
        _offers(step)
        for name in TOPICS[step.number - 1].controls:
            if name in step.other:
                continue
            if name == "groups":
                inputs.groups()
            elif FIELD[name].kind == "spatial":
                inputs.spatial(name)
            elif FIELD[name].kind == "switch":
                inputs.switch(name)
            else:
                inputs.whole_number(name)


def _offers(step: LessonStep) -> None:
    """Draw a button for each change of the layer that makes the step about the visitor's own layer."""
    if not step.offers:
        return
    with st.container(horizontal=True, gap="small"):
        for place, offer in enumerate(step.offers):
            st.button(offer.label, key=f"lesson.offer.{place}", on_click=callback(_take), args=(offer,))


def _take(offer: Offer) -> None:
    state.change(**offer.changes)


def _question(settings: Settings, step: LessonStep) -> None:
    """Draw the question and the box for a prediction, and after the reveal the answer with its working."""
    revealed = step.number in _revealed()
    st.markdown(f"## {question_markdown(step.question)}", anchors=False)
    if settings.presenting:
        _vote(vote(step), revealed=revealed)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        key = _box(step.number)
        st.text_input(
            "Your prediction", key=key, type="phone", icon="", placeholder=EXAMPLE, validate="",
            autocomplete="off", width=330 if is_projected() else 220,
            on_change=callback(_predict), args=(key, step.number),
            label_visibility="collapsed" if settings.presenting else "visible",
        )  # fmt: skip
        st.button(
            "Hide" if revealed else "Reveal",
            key="lesson.hide" if revealed else "lesson.reveal",
            on_click=callback(_hide if revealed else _reveal),
            args=(step.number,),
            shortcut=shortcut("V"),
        )
    inputs.problem(key)
    if revealed:
        _answer(step)


def _answer(step: LessonStep) -> None:
    """Draw the diagnosis of the prediction, the working, the answer in large type, and the conclusion."""
    question, prediction = st.session_state.get(PREDICTED, {}).get(step.number, ("", number(0)))
    # A control may have changed the layer since: then the prediction was for another question.
    if question == step.question:
        diagnosis = diagnose(step, prediction.value, revealed=True, calculation=prediction)
        (st.success if diagnosis.correct else st.warning)(escape_markdown(diagnosis.sentence))
    if step.working[1:]:
        st.markdown(steps_text(step.working[:-1]))
    with st.container(key="lesson.answer"):
        st.markdown(steps_text(step.working[-1:]))
    st.markdown(escape_markdown(unbroken(step.conclusion)))


def _vote(options: tuple[Option, ...], *, revealed: bool) -> None:
    """Draw the numbers to vote for by raised hands; after the reveal, which mistake each of them was."""
    rows = [
        [option.letter for option in options],
        ["---"] * len(options),
        [large_number(option.value) for option in options],
    ]
    if max(option.value for option in options) >= LONG:
        st.html("<style>.st-key-lesson-vote td strong { font-size: 1.25rem !important; }</style>")
    if revealed:
        rows.append(
            [escape_markdown(unbroken(one.mistake.name)) if one.mistake else "✓ right" for one in options]
        )
        right = next(place for place, option in enumerate(options, start=1) if option.mistake is None)
        mark = "box-shadow: inset 0 0 0 3px var(--our-weights)"
        st.html(f"<style>.st-key-lesson-vote :is(th, td):nth-child({right}) {{ {mark}; }}</style>")
    with st.container(key="lesson.vote"):
        st.markdown("\n".join(f"| {' | '.join(row)} |" for row in rows))


def _revealed() -> set[int]:
    """Return the numbers of the revealed steps; changes of the set are kept in the session."""
    steps: set[int] = st.session_state.setdefault(REVEALED, set())
    return steps


def _reveal(number: int) -> None:
    _revealed().add(number)


def _hide(number: int) -> None:
    """Hide the answer again, and empty the box for another prediction."""
    _revealed().discard(number)
    st.session_state[_box(number)] = ""


def _box(number: int) -> str:
    return f"learn.prediction.{number}"


def _open_example(settings: Settings) -> None:
    """Open another layer at the current step, with no step revealed."""
    for step in tuple(_revealed()):
        _hide(step)
    state.open_example(settings)


def _predict(key: str, number: int) -> None:
    """Store a prediction, and reveal the answer."""
    if not str(st.session_state[key]).strip() or (prediction := answered(key)) is None:
        return
    question = lesson_step(state.current(), number).question
    st.session_state.setdefault(PREDICTED, {})[number] = question, prediction
    _reveal(number)


def _figure(settings: Settings, step: LessonStep, *, revealed: bool) -> None:
    """Draw the figure of a step; before the reveal, without the parts that show the answer."""
    figure = TOPICS[step.number - 1].figure
    if figure == "totals":
        tallies = step.tallies if revealed else step.tallies[:1]
        chart(
            tally_figure(tallies, palette(), presenting=settings.presenting),
            key="tallies",
            alt=tally_finding(tallies),
            image_format=settings.image_format,
            presenting=settings.presenting,
        )
        with st.container(key="lesson.reasons", gap="xxsmall"):
            for item in tallies:
                st.markdown(f"**{item.what}**: {escape_markdown(item.reason)}")
    elif figure == "variants":
        rows = variants(settings)
        chart(
            variants_figure(rows, palette(), counted=revealed, presenting=settings.presenting),
            key="variants",
            alt=variants_finding(rows, counted=revealed),
            image_format=settings.image_format,
            presenting=settings.presenting,
        )
    else:
        _weight_grid(settings, step.layer, revealed=revealed)


def _weight_grid(settings: Settings, layer: ConvTranspose, *, revealed: bool) -> None:
    """Draw the weights of a layer as a grid of kernels."""
    view = _view(layer)
    chart(
        tensor_figure(view, palette(), presenting=settings.presenting),
        key="lesson.tensor",
        alt=tensor_finding(view),
        image_format=settings.image_format,
        presenting=settings.presenting,
    )
    if revealed and not view.complete:
        drawn, kernels = format_count(view.kernels_shown), format_count(layer.kernel_count)
        st.caption(f"The figure shows {drawn} of {kernels} {kept_together(kernels_text(layer))}.")


def _view(layer: ConvTranspose) -> TensorView:
    """Return the part of the weights to draw: of the views that show each weight, the one with large cells.

    Fewer channels leave room for larger cells. With groups, as many groups as possible are drawn.
    """
    # Each room is the maximum number of rows or columns; the largest comes first, so views[0] shows most.
    rooms = (6, 5) if width() == "narrow" else (8, 7, 6, 5)
    sizes = product(rooms, rooms)
    views = [
        *dict.fromkeys(tensor_view(layer, max_rows=rows, max_columns=columns) for rows, columns in sizes)
    ]
    if layer.groups > 1:
        return views[0]
    detailed = [view for view in views if draws_weights(view)]
    return max(detailed, key=cell_size) if detailed else views[0]
