"""A worksheet as HTML: one file that needs no other, to print or to read on a phone."""

from base64 import b64encode
from html import escape

from calculator.core.derivation import Step
from calculator.core.formatting import format_count
from calculator.learn.exercise import Exercise
from calculator.learn.worksheet.sheet import KEY, LIVE, STEPS, WRONG, Sheet, asked, source, wrong_answers
from calculator.learn.worksheet.stylesheet import style

ROOM, MORE_ROOM = 2, 4
"""Whole lines to work on below a question, and below one about several layers.

The line of the answer has room in front of it too.
"""

_WHO = (
    '<p class="who"><span class="name">Name<i></i></span><span>Date<i></i></span>'
    "<span>Score<i></i>of {count}</span></p>"
)

_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{name}</title>
<style>
{style}</style>
</head>
<body>
<header>
{header}
</header>
<main>
{main}
</main>
</body>
</html>
"""


def sheet_html(sheet: Sheet, *, key: bool, qr_svg: str = "", link: str = "") -> str:
    """Return the sheet, or with ``key`` its answers, as a whole HTML document without scripts.

    ``link`` opens the same exercises live, ``qr_svg`` is its QR code as an SVG document; a key has no code.

    >>> page = sheet_html(Sheet(seed=2021, level=1, title="1 < 2", exercises=()), key=True)
    >>> "<title>Answer key: 1 &lt; 2</title>" in page
    True
    """
    blocks = [_answered(exercise) if key else _question(exercise) for exercise in sheet.exercises]
    return _PAGE.format(
        name=escape(f"{KEY}: {sheet.title}" if key else sheet.title),
        style=style(source(sheet)),
        header=_header(sheet, key, "" if key else qr_svg, link),
        main="\n".join(blocks),
    )


def _header(sheet: Sheet, key: bool, qr_svg: str, link: str) -> str:
    lines = [f'<h1 dir="auto">{escape(sheet.title)}</h1>']
    lines += [f'<p class="kind">{KEY}</p>'] if key else []
    lines.append(f'<p class="source">{escape(source(sheet))}</p>')
    if link:
        address = escape(link)
        lines.append(f'<p class="live">{LIVE}: <a href="{address}">{address}</a></p>')
    code = [_code(qr_svg)] if qr_svg else []
    who = [] if key else [_WHO.format(count=len(sheet.exercises))]
    return "\n".join(['<div class="top">', "<div>", *lines, "</div>", *code, "</div>", *who])


def _code(qr_svg: str) -> str:
    """Return the QR code as a picture: no name or script in it can meddle with the page."""
    data = b64encode(qr_svg.encode()).decode()
    picture = f'<img src="data:image/svg+xml;base64,{data}" alt="QR code of the link below the title">'
    return f"<figure>\n{picture}\n<figcaption>Scan to try them live</figcaption>\n</figure>"


def _asking(exercise: Exercise) -> list[str]:
    lines = [f"<h2>Question {exercise.number}.</h2>", f"<p>{escape(exercise.question)}</p>"]
    if exercise.listing:
        layers = "\n".join(f"<span>{escape(line)}</span>" for line in exercise.listing.splitlines())
        lines.append(f"<pre>{layers}</pre>")
    return lines


def _question(exercise: Exercise) -> str:
    room = "<i></i>" * (MORE_ROOM if exercise.listing else ROOM)
    answer = f'<p class="answer">{escape(asked(exercise))}<i></i></p>'
    return "\n".join(
        ["<section>", *_asking(exercise), f'<div class="room">{room}</div>', answer, "</section>"]
    )


def _answered(exercise: Exercise) -> str:
    result = f'<p class="result">{escape(asked(exercise))} {format_count(exercise.answer)}</p>'
    steps = [_step(place, step) for place, step in enumerate(exercise.working, start=1)]
    wrong = [
        _row(("value", format_count(row.value)), ("", row.mistakes), ("value", row.steps))
        for row in wrong_answers(exercise)
    ]
    tables = [_table(STEPS, ("", "", "value"), steps)]
    tables += [_table(WRONG, ("value", "", "value"), wrong)] if wrong else []
    opening, head = "<section>", [*_asking(exercise), result]
    if exercise.listing:  # too tall to be kept on one page: that would leave the page before it empty
        opening, head = '<section class="long">', ['<div class="head">', *head, "</div>"]
    return "\n".join([opening, *head, '<div class="tables">', *tables, "</div>", "</section>"])


def _step(place: int, step: Step) -> str:
    kind = f"value {step.part}" if step.part in ("weights", "biases") else "value"
    return _row(("", f"{place}. {step.what}"), ("", step.expression), (kind, f"= {format_count(step.value)}"))


def _row(*cells: tuple[str, str]) -> str:
    return f"<tr>{''.join(_cell('td', kind, text) for kind, text in cells)}</tr>"


def _table(heads: tuple[str, ...], kinds: tuple[str, ...], rows: list[str]) -> str:
    head = "".join(_cell('th scope="col"', *cell) for cell in zip(kinds, heads, strict=True))
    return "\n".join(["<table>", f"<thead><tr>{head}</tr></thead>", "<tbody>", *rows, "</tbody>", "</table>"])


def _cell(tag: str, kind: str, text: str) -> str:
    opening = f'{tag} class="{kind}"' if kind else tag
    return f"<{opening}>{escape(text)}</{tag.partition(' ')[0]}>"
