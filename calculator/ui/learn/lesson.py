"""The lesson: one idea a step, a prediction, the reveal with its working, a live figure."""

from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

from calculator.charts.descriptions import tally_finding, tensor_finding, variants_finding
from calculator.charts.lesson import tally_figure, variants_figure
from calculator.charts.weight_grid import tensor_figure
from calculator.core.formatting import format_count, format_product
from calculator.geometry.weight_grid import tensor_view
from calculator.learn.lesson.layer_steps import variants
from calculator.learn.lesson.lesson import STEPS, WORKED, judge, lesson_step
from calculator.learn.lesson.step import LessonStep
from calculator.settings import FIELD, Settings
from calculator.settings.link import encode
from calculator.ui.components import inputs
from calculator.ui.components.answer_box import answered
from calculator.ui.components.examples import example_buttons
from calculator.ui.components.keyboard import keys, keys_switch, shortcut
from calculator.ui.components.markdown import escape_markdown, steps_text
from calculator.ui.components.plotly_chart import show
from calculator.ui.components.svg_chart import draw
from calculator.ui.session import state
from calculator.ui.session.viewport import palette, width

UNCHANGED = 6
"""The step about what does not matter."""

REVEALED, PREDICTED = "learn.revealed", "learn.predicted"
"""Steps that are revealed; for each step the question and the number that was predicted."""

MOVED: dict[int, tuple[str, ...]] = {
    1: ("kernel_size",),
    2: ("in_channels", "kernel_size"),
    3: ("in_channels", "out_channels"),
    4: ("in_channels", "out_channels", "bias"),
    5: ("in_channels", "out_channels", "groups"),
    6: ("stride", "padding", "output_padding", "dilation", "input_size"),
    7: ("batch_norm", "frozen", "second"),
}
"""The settings that each step lets one move."""

PRESENTING = """
html { font-size: clamp(16px, 1.25vw, 28px) !important; }
.st-key-footer { display: none; }
.st-key-lesson-controls .stSlider { margin-bottom: -.8rem; }
[data-testid="stMainBlockContainer"] { padding-top: .1rem; }
.st-key-lesson-words p { font-size: 1.25rem; line-height: 1.4; }
.st-key-lesson-words h2 { font-size: 1.6rem; line-height: 1.25; }
.st-key-lesson-words label p { font-size: 1rem; }
"""


def headline(held: Settings) -> None:
    """Draw where the lesson stands, and the way on and back."""
    step = lesson_step(held, held.step)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="lesson.top"):
        st.button(
            "Back", key="lesson.back", on_click=_go, args=(-1,), disabled=held.step == 1,
            shortcut=shortcut("B"),
            icon=":material/arrow_back:",
        )  # fmt: skip
        st.button(
            "Next", key="lesson.next", on_click=_go, args=(1,), disabled=held.step == STEPS,
            shortcut=shortcut("N"),
            icon=":material/arrow_forward:", type="primary",
        )  # fmt: skip
        st.markdown(f"**{step.number}** of {STEPS} · {step.title}", width="content")
        if held.presenting or width() != "narrow":
            inputs.switch("presenting")


def _go(by: int) -> None:
    """Open the step before or after; a late press stays within the lesson."""
    state.change(step=min(max(state.current().step + by, 1), STEPS))


def lesson(held: Settings) -> None:
    """Draw the step that is open."""
    if held.presenting:
        st.html(f"<style>{PRESENTING}</style>")
    step = lesson_step(held, held.step)
    words, figure = st.columns([6, 5], gap="large")
    with words, st.container(key="lesson.words"):
        st.markdown(step.idea)
        if step.instead:
            st.caption(escape_markdown(step.instead))
        _question(step)
    with figure:
        _controls(held, step)
        _figure(held, step, revealed=step.number in _revealed())
    if not held.presenting:
        _examples()
        st.markdown(NAME)
        st.page_link(
            "pages/picture.py", label="See both matrices, one the transpose of the other",
            query_params=encode(held.change(picture_view="transposed")), icon=":material/visibility:",
        )  # fmt: skip
        keys_switch("N next, B back, V reveal and hide")
    said = f"The answer is {format_count(step.answer)}." if step.number in _revealed() else ""
    keys(_keys(held), leave=True, said=said)


def _keys(held: Settings) -> dict[str, Callable[[], None]]:
    """Return what the keys do. A projector's remote control sends the last two, which elsewhere scroll."""
    on, back = partial(_go, 1), partial(_go, -1)
    does: dict[str, Callable[[], None]] = {"n": on, "b": back, "v": _turn}
    return does | ({"PageDown": on, "PageUp": back} if held.presenting else {})


def _turn() -> None:
    """Reveal the step that is open, or hide its answer again."""
    step = state.current().step
    (_hide if step in _revealed() else _reveal)(step)


NAME = (
    '**Why not "deconvolution"?** To deconvolve is to undo a convolution: to get back what went in. This '
    "layer does not. It takes over the *shape* that went in, by the transpose of the convolution's matrix, "
    "and learns its own weights; what it returns is something new. Hence the name transposed convolution."
)


def _examples() -> None:
    """Draw the examples that everyone meets first: each is a layer to take through the steps."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="lesson.examples"):
        st.markdown("Take through the steps:", width="content")
        example_buttons(WORKED, _begin)


def _controls(held: Settings, step: LessonStep) -> None:
    """Draw what this step lets one move; on a wall a value per axis has no slider, for want of room."""
    with st.container(key="lesson.controls", gap="xxsmall"):
        for name in MOVED[step.number]:
            if name == "groups":
                inputs.groups()
            elif FIELD[name].kind == "spatial":
                inputs.spatial(name, boxes=held.presenting and width() != "narrow")
            elif FIELD[name].kind == "switch":
                inputs.switch(name)
            else:
                inputs.whole_number(name)


def _question(step: LessonStep) -> None:
    """Draw the question, the box for a prediction, and once it is revealed the answer with its working."""
    st.markdown(f"## {escape_markdown(step.question)}", anchors=False)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        key = _box(step.number)
        st.text_input(
            "Your prediction", key=key, type="phone", icon="", placeholder="", validate="",
            autocomplete="off", width=220, on_change=_predicted, args=(key, step.number),
        )  # fmt: skip
        if step.number in _revealed():
            st.button(
                "Hide", key="lesson.hide", on_click=_hide, args=(step.number,),
                shortcut=shortcut("V"),
            )  # fmt: skip
        else:
            st.button(
                "Reveal", key="lesson.reveal", on_click=_reveal, args=(step.number,),
                shortcut=shortcut("V"),
            )  # fmt: skip
    inputs.problem(key)
    if step.number not in _revealed():
        return
    question, given = st.session_state.get(PREDICTED, {}).get(step.number, ("", 0))
    if question == step.question:
        right, sentence = judge(step, given)
        (st.success if right else st.warning)(escape_markdown(sentence))
    st.markdown(steps_text(step.working))
    st.markdown(f"**{format_count(step.answer)}**. {escape_markdown(step.so)}")


def _revealed() -> set[int]:
    steps: set[int] = st.session_state.setdefault(REVEALED, set())
    return steps


def _reveal(number: int) -> None:
    _revealed().add(number)
    state.touched()


def _hide(number: int) -> None:
    """Hide the answer again, and clear the box for another prediction."""
    _revealed().discard(number)
    st.session_state[_box(number)] = ""
    state.touched()


def _box(number: int) -> str:
    return f"learn.prediction.{number}"


def _begin(settings: Settings) -> None:
    """Take another layer through the steps: nothing of it is revealed yet."""
    for step in tuple(_revealed()):
        _hide(step)
    state.open_example(settings)


def _predicted(key: str, number: int) -> None:
    """Take a prediction, and reveal the answer to it."""
    state.touched()
    if not str(st.session_state[key]).strip() or (given := answered(key)) is None:
        return
    question = lesson_step(state.current(), number).question
    st.session_state.setdefault(PREDICTED, {})[number] = question, given
    _reveal(number)


def _figure(held: Settings, step: LessonStep, *, revealed: bool) -> None:
    """Draw the figure of a step; what would give the answer away waits for the reveal."""
    look: dict[str, Any] = {"picture": held.picture, "wall": held.presenting}
    if step.tallies:
        tallies = step.tallies if revealed else step.tallies[:1]
        show(tally_figure(tallies, palette()), key="tallies", alt=tally_finding(tallies), **look)
        for item in tallies:
            st.markdown(f"**{item.what}: {format_count(item.value)}** · {escape_markdown(item.reason)}")
        return
    if step.number == UNCHANGED:
        rows = variants(held)
        finding = variants_finding(rows, counted=revealed)
        show(variants_figure(rows, palette(), counted=revealed), key="variants", alt=finding, **look)
        return
    narrow = width() == "narrow"
    view = tensor_view(step.layer, (0, 0), max_rows=6 if narrow else 7, max_columns=6 if narrow else 8)
    draw(tensor_figure(view, palette()), key="lesson.tensor", alt=tensor_finding(view), **look)
    if revealed and not view.whole:
        kernel = format_product(step.layer.kernel_size)
        some = f"{format_count(view.kernels_shown)} of {format_count(step.layer.kernel_count)}"
        st.caption(f"Drawn: {some} kernels of {kernel}.")
