"""A worksheet as Markdown in GitHub's dialect (https://github.github.com/gfm).

Why this is hand-written, and not done by a library:

- Libraries such as markdown-it read Markdown; the standard library neither reads nor writes it.
- A sheet needs headings, paragraphs, one code block and tables, which are a few lines of text each.
- Titles are typed by visitors, so every character with a meaning in GitHub's Markdown must be escaped.
"""

from urllib.parse import quote

from calculator.core.formatting import format_count, unbroken
from calculator.core.markup import escape_markdown
from calculator.learn.exercise import Exercise
from calculator.learn.worksheet.sheet import (
    KEY,
    LIVE,
    MISTAKE_COLUMNS,
    WORKING_COLUMNS,
    Sheet,
    answer_label,
    source,
    working_rows,
    wrong_answers,
)

_BLANK = "………………………………"


def sheet_markdown(sheet: Sheet, *, key: bool, link: str = "") -> str:
    r"""Return the sheet, or its answer key when ``key``, as Markdown.

    ``link`` opens the same exercises on the page; it is left out when "".

    >>> print(sheet_markdown(Sheet(seed=2021, level=1, title="*One*", exercises=()), key=True), end="")
    # Answer key: \*One\*
    <BLANKLINE>
    Level 1 · seed 2021 · 0 questions
    """
    title = escape_markdown(sheet.title)
    parts = [f"# {KEY}: {title}" if key else f"# {title}", source(sheet)]
    if link:
        parts.append(f"{LIVE}: <{_address(link)}>")
    if not key:
        parts.append(f"Name: {_BLANK} Date: ……………… Score: ……… of {len(sheet.exercises)}")
    if key and sheet.exercises:
        numbers = [(one.number, answer_label(one), format_count(one.answer)) for one in sheet.exercises]
        parts.append(
            "\n".join(f"{number}. {escape_markdown(label)} **{value}**" for number, label, value in numbers)
        )
    for exercise in sheet.exercises:
        parts += _question(exercise)
        parts += _answer(exercise) if key else _lines_to_fill(exercise)
    return "\n\n".join(parts) + "\n"


def _address(link: str) -> str:
    """Return a link with the characters quoted that would end a link in angle brackets."""
    return quote(link, safe=":/?#[]@!$&'()*+,;=%~")


def _question(exercise: Exercise) -> list[str]:
    """Return the heading, the text and the listing of a question."""
    parts = [f"## Question {exercise.number}", escape_markdown(unbroken(exercise.question))]
    return parts + ([f"```text\n{exercise.listing}\n```"] if exercise.listing else [])


def _lines_to_fill(exercise: Exercise) -> list[str]:
    return [f"Working: {_BLANK}", f"**{escape_markdown(answer_label(exercise))}** {_BLANK}"]


def _answer(exercise: Exercise) -> list[str]:
    """Return the answer, the working and the wrong answers of common mistakes."""
    wrong = [(format_count(row.value), row.mistakes, row.steps) for row in wrong_answers(exercise)]
    return [
        f"**{escape_markdown(answer_label(exercise))} {format_count(exercise.answer)}**",
        _table(WORKING_COLUMNS, working_rows(exercise), ":--- | :--- | ---:"),
        *([_table(MISTAKE_COLUMNS, wrong, "---: | :--- | ---:")] if wrong else []),
    ]


def _table(columns: tuple[str, str, str], rows: list[tuple[str, str, str]], alignment: str) -> str:
    """Return a table; ``alignment`` is the line between its head and its rows."""
    head, *lines = [" | ".join(map(escape_markdown, row)) for row in [columns, *rows]]
    return "\n".join(f"| {line} |" for line in [head, alignment, *lines])
