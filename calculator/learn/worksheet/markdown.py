"""A worksheet as Markdown of GitHub's kind (https://github.github.com/gfm)."""

import re
from urllib.parse import quote

from calculator.core.formatting import format_count
from calculator.learn.exercise import Exercise
from calculator.learn.worksheet.sheet import KEY, LIVE, STEPS, WRONG, Sheet, asked, source, wrong_answers

_ACTS = re.compile(r"([\\`*_\[\]<>|~$&:@#^{}!]|(?<=www)\.)", re.IGNORECASE)
_BLANK = "………………………………"


def sheet_markdown(sheet: Sheet, *, key: bool, link: str = "") -> str:
    r"""Return the sheet, or with ``key`` its answers, as Markdown; ``link`` opens the same exercises live.

    >>> print(sheet_markdown(Sheet(seed=2021, level=1, title="*One*", exercises=()), key=True), end="")
    # Answer key: \*One\*
    <BLANKLINE>
    Level 1 · seed 2021 · 0 questions
    """
    title = escaped(sheet.title)
    parts = [f"# {KEY}: {title}" if key else f"# {title}", source(sheet)]
    if link:
        parts.append(f"{LIVE}: <{_address(link)}>")
    if not key:
        parts.append(f"Name: {_BLANK} Date: ……………… Score: ……… of {len(sheet.exercises)}")
    for exercise in sheet.exercises:
        parts += _asking(exercise)
        parts += (
            _answered(exercise) if key else [f"Working: {_BLANK}", f"**{escaped(asked(exercise))}** {_BLANK}"]
        )
    return "\n\n".join(parts) + "\n"


def escaped(text: str) -> str:
    r"""Return ``text`` so that no sign in it is a mark of Markdown.

    >>> print(escaped("<b> [x](http://a.b) in_channels"))
    \<b\> \[x\](http\://a.b) in\_channels
    """
    return _ACTS.sub(r"\\\1", text)


def _address(link: str) -> str:
    """Return a link without the signs that would end it."""
    return quote(link, safe=":/?#[]@!$&'()*+,;=%~")


def _asking(exercise: Exercise) -> list[str]:
    parts = [f"## Question {exercise.number}", escaped(exercise.question)]
    return parts + ([f"```text\n{exercise.listing}\n```"] if exercise.listing else [])


def _answered(exercise: Exercise) -> list[str]:
    steps = [
        (f"{place}. {step.what}", step.expression, f"= {format_count(step.value)}")
        for place, step in enumerate(exercise.working, start=1)
    ]
    wrong = [(format_count(row.value), row.mistakes, row.steps) for row in wrong_answers(exercise)]
    return [
        f"**{escaped(asked(exercise))} {format_count(exercise.answer)}**",
        _table(STEPS, steps, ":--- | :--- | ---:"),
        *([_table(WRONG, wrong, "---: | :--- | ---:")] if wrong else []),
    ]


def _table(heads: tuple[str, str, str], rows: list[tuple[str, str, str]], rule: str) -> str:
    lines = [" | ".join(map(escaped, row)) for row in [heads, *rows]]
    return "\n".join(f"| {line} |" for line in [lines[0], rule, *lines[1:]])
