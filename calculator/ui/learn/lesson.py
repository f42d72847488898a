"""The lesson: an idea, a prediction, the answer with its working, and a figure that follows the controls."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from calculator.charts.descriptions import tally_finding, tensor_finding, variants_finding
from calculator.charts.lesson import tally_figure, variants_figure
from calculator.charts.weight_grid import tensor_figure
from calculator.core.formatting import format_count, format_product, unbroken
from calculator.core.layer import ConvTranspose
from calculator.geometry.weight_grid import tensor_view
from calculator.learn.calculation import number
from calculator.learn.lesson.layer_steps import variants
from calculator.learn.lesson.lesson import STEP_COUNT, TOPICS, WORKED_EXAMPLES, lesson_step
from calculator.learn.lesson.step import LessonStep
from calculator.learn.mistakes.diagnosis import diagnose
from calculator.settings import FIELD, Settings
from calculator.settings.link import encode
from calculator.ui.components import inputs
from calculator.ui.components.answer_box import EXAMPLE, answered
from calculator.ui.components.chart import chart
from calculator.ui.components.examples import examples
from calculator.ui.components.keyboard import keys, keys_switch, shortcut
from calculator.ui.components.markdown import escape_markdown, steps_text
from calculator.ui.session import state
from calculator.ui.session.callbacks import callback
from calculator.ui.session.viewport import palette, width

REVEALED, PREDICTED = "learn.revealed", "learn.predicted"
"""Session keys: the revealed steps; for each step the question and the calculation that was predicted."""

PRESENTING = """
html { font-size: clamp(16px, 1.25vw, 28px) !important; }
.st-key-lesson-controls .stSlider { margin-bottom: -.8rem; }
[data-testid="stMainBlockContainer"] { padding-top: .1rem; }
.st-key-lesson-words p { font-size: 1.25rem; line-height: 1.4; }
.st-key-lesson-words h2 { font-size: 1.6rem; line-height: 1.25; }
.st-key-lesson-words label p { font-size: 1rem; }
"""


def headline(settings: Settings) -> None:
    """Draw the number and title of the step, and the buttons to the other steps."""
    step = lesson_step(settings, settings.step)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="lesson.top"):
        st.button(
            "Back", key="lesson.back", on_click=callback(_go), args=(-1,), disabled=settings.step == 1,
            shortcut=shortcut("B"),
            icon=":material/arrow_back:",
        )  # fmt: skip
        st.button(
            "Next", key="lesson.next", on_click=callback(_go), args=(1,),
            disabled=settings.step == STEP_COUNT, shortcut=shortcut("N"),
            icon=":material/arrow_forward:", type="primary",
        )  # fmt: skip
        st.markdown(f"**{step.number}** of {STEP_COUNT} · {step.title}", width="content")
        if settings.presenting or width() != "narrow":
            inputs.switch("presenting")


def _go(by: int) -> None:
    """Open another step. A button press may arrive late, so the number is kept within the lesson."""
    state.change(step=min(max(state.current().step + by, 1), STEP_COUNT))


def lesson(settings: Settings) -> None:
    """Draw the current step."""
    if settings.presenting:
        st.html(f"<style>{PRESENTING}</style>")
    step = lesson_step(settings, settings.step)
    words, figure = st.columns([6, 5], gap="large")
    with words, st.container(key="lesson.words"):
        st.markdown(step.idea)
        if step.layer_note:
            st.caption(escape_markdown(step.layer_note))
        _question(step)
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
        keys_switch("N next, B back, V reveal and hide")
    announcement = f"The answer is {format_count(step.answer)}." if step.number in _revealed() else ""
    keys(_keys(settings), leave=True, said=announcement)


def _keys(settings: Settings) -> dict[str, Callable[[], None]]:
    """Return the callback of each key."""
    forward, back = partial(_go, 1), partial(_go, -1)
    callbacks: dict[str, Callable[[], None]] = {"n": forward, "b": back, "v": _toggle_answer}
    # The remote control of a projector sends PageDown and PageUp, which scroll an ordinary page.
    return callbacks | ({"PageDown": forward, "PageUp": back} if settings.presenting else {})


def _toggle_answer() -> None:
    """Reveal the answer of the current step, or hide it again."""
    step = state.current().step
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
    """Draw the controls of this step.

    In the presenter's view, values per axis have a box and no slider, because the large type leaves no room.
    """
    with st.container(key="lesson.controls", gap="xxsmall"):
        for name in TOPICS[step.number - 1].controls:
            if name == "groups":
                inputs.groups()
            elif FIELD[name].kind == "spatial":
                inputs.spatial(name, boxes=settings.presenting and width() != "narrow")
            elif FIELD[name].kind == "switch":
                inputs.switch(name)
            else:
                inputs.whole_number(name)


def _question(step: LessonStep) -> None:
    """Draw the question and the box for a prediction, and after the reveal the answer with its working."""
    st.markdown(f"## {escape_markdown(unbroken(step.question))}", anchors=False)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        key = _box(step.number)
        st.text_input(
            "Your prediction", key=key, type="phone", icon="", placeholder=EXAMPLE, validate="",
            autocomplete="off", width=220, on_change=callback(_predict), args=(key, step.number),
        )  # fmt: skip
        if step.number in _revealed():
            st.button(
                "Hide", key="lesson.hide", on_click=callback(_hide), args=(step.number,),
                shortcut=shortcut("V"),
            )  # fmt: skip
        else:
            st.button(
                "Reveal", key="lesson.reveal", on_click=callback(_reveal), args=(step.number,),
                shortcut=shortcut("V"),
            )  # fmt: skip
    inputs.problem(key)
    if step.number not in _revealed():
        return
    question, prediction = st.session_state.get(PREDICTED, {}).get(step.number, ("", number(0)))
    # A control may have changed the layer since: then the prediction was for another question.
    if question == step.question:
        diagnosis = diagnose(step, prediction.value, revealed=True, calculation=prediction)
        (st.success if diagnosis.correct else st.warning)(escape_markdown(diagnosis.sentence))
    st.markdown(steps_text(step.working))
    st.markdown(f"**{format_count(step.answer)}**. {escape_markdown(step.conclusion)}")


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
            tally_figure(tallies, palette()),
            key="tallies",
            alt=tally_finding(tallies),
            image_format=settings.image_format,
            presenting=settings.presenting,
        )
        for item in tallies:
            st.markdown(f"**{item.what}: {format_count(item.value)}** · {escape_markdown(item.reason)}")
    elif figure == "variants":
        rows = variants(settings)
        chart(
            variants_figure(rows, palette(), counted=revealed),
            key="variants",
            alt=variants_finding(rows, counted=revealed),
            image_format=settings.image_format,
            presenting=settings.presenting,
        )
    else:
        _weight_grid(settings, step.layer, revealed=revealed)


def _weight_grid(settings: Settings, layer: ConvTranspose, *, revealed: bool) -> None:
    """Draw the weights of a layer as a grid of as many kernels as the window has room for."""
    narrow = width() == "narrow"
    view = tensor_view(layer, (0, 0), max_rows=6 if narrow else 7, max_columns=6 if narrow else 8)
    chart(
        tensor_figure(view, palette()),
        key="lesson.tensor",
        alt=tensor_finding(view),
        image_format=settings.image_format,
        presenting=settings.presenting,
    )
    if revealed and not view.complete:
        drawn, kernels = format_count(view.kernels_shown), format_count(layer.kernel_count)
        size = format_product(layer.kernel_size)
        st.caption(f"The figure shows {drawn} of {kernels} kernels of {size}.")
