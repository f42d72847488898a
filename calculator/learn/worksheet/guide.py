"""The teacher's guide to the lesson: one page of A4 with the plan, the questions and what each vote means.

The page is made from the same steps as the lesson, for the layer that the lesson is about.
"""

from collections.abc import Iterable
from html import escape
from pathlib import Path

from calculator.core.formatting import format_count, unbroken
from calculator.learn.lesson.lesson import ENDING, STAGES, STEP_COUNT, Ask, Stage, lesson_step
from calculator.learn.lesson.step import LessonStep
from calculator.learn.lesson.vote import vote
from calculator.learn.lesson.weight_steps import layer_text
from calculator.learn.worksheet.html import document
from calculator.settings import Settings

TITLE = "How many parameters does a transposed convolution have?"
_STYLE = Path(__file__).with_suffix(".css").read_text(encoding="utf-8")

MAX_ROOMY = 5_400
"""The most characters of a table that fits on the page in the usual size; a longer one is set smaller."""

_DENSE = "body { font-size: 7.4pt; }\n"

KEYS = (
    "Open the presenter's view on the projector. Let the class vote with raised hands on A, B, C or D, then "
    f"reveal. Keys: N next, B back, V reveal and hide, 1–{STEP_COUNT + 1} a step, PageDown and PageUp of a "
    "remote control."
)

_COLUMNS = ("Minutes, step", "Question and answer", "Ask the class → listen for", "What each vote means")


def guide_html(settings: Settings, *, link: str, exercises: str) -> str:
    """Return the guide to the lesson about the layer of ``settings`` as an HTML document.

    ``link`` opens the presenter's view, ``exercises`` the exercises at the end.

    >>> page = guide_html(Settings(), link="https://example.org/learn", exercises="https://example.org/e")
    >>> "3 → 64 channels" in page, "<script" in page
    (True, False)
    """
    total = sum(stage.minutes for stage in STAGES)
    header = [
        f"<h1>Teacher's guide: {TITLE}</h1>",
        f"<p><b>{total} minutes</b> · {escape(layer_text(settings.counted_layer()))} · "
        f"Presenter's view: {_anchor(link)}</p>",
        f"<p>{KEYS}</p>",
    ]
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in _COLUMNS)
    rows = "\n".join(_rows(settings, exercises))
    table = f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>"
    style = _STYLE + (_DENSE if len(rows) > MAX_ROOMY else "")
    return document(f"Teacher's guide: {TITLE}", style, "\n".join(header), table)


def _rows(settings: Settings, exercises: str) -> Iterable[str]:
    """Yield a row of the table for each part of the lesson."""
    start = 0
    for number, stage in enumerate(STAGES, start=1):
        when = f"{start}–{start + stage.minutes}"
        start += stage.minutes
        if stage is ENDING:
            task = (
                f"<p>Exercises, each student on a phone: the code is on the screen. {_anchor(exercises)}</p>"
            )
            yield _row(number, stage, when, task, "<p>The page names the mistake in each answer.</p>")
        else:
            step = lesson_step(settings, number)
            yield _row(number, stage, when, _question(step), _votes(step))


def _row(number: int, stage: Stage, when: str, question: str, votes: str) -> str:
    """Return a row of the table; ``question`` and ``votes`` are HTML."""
    name = f'<th scope="row">{when}<br><b>{number}. {escape(stage.title)}</b></th>'
    asks = "".join(map(_ask, stage.asks))
    return f"<tr>{name}<td>{question}</td><td>{asks}</td><td>{votes}</td></tr>"


def _ask(ask: Ask) -> str:
    return f"<p><b>{escape(ask.question)}</b> → {escape(ask.listen_for)}</p>"


def _question(step: LessonStep) -> str:
    """Return the question with the last line of its working, and why it is not about the class' layer."""
    last = step.working[-1]
    note = f"<p><i>{escape(step.layer_note)}</i></p>" if step.layer_note else ""
    return (
        f"<p>{escape(unbroken(step.question))}</p>"
        f"<p>{escape(last.what)}: {escape(unbroken(last.expression))} =\u00a0"
        f"<b>{format_count(step.answer)}</b></p>{note}"
    )


def _votes(step: LessonStep) -> str:
    """Return a line for each number of the vote: its letter, and the mistake that gives it."""
    lines = [
        f"{option.letter} {format_count(option.value)}: "
        + (escape(option.mistake.name) if option.mistake else "<b>right</b>")
        for option in vote(step)
    ]
    return f"<p>{'<br>'.join(lines)}</p>"


def _anchor(link: str) -> str:
    return f'<a href="{escape(link)}">{escape(link)}</a>'
