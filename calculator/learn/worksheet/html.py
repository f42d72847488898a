"""A worksheet as one HTML file without scripts or external resources, for printing or reading on a phone.

Why this is hand-written, and not done by a template engine such as Jinja2:

- The page has one layout and no logic besides "a question" and "an answered question"; functions that return
  strings are shorter than a template with its loader, and type-checked.
- The calculator's logic depends on the standard library only, so that it also runs without a server.
- Every text that is not a constant of this module passes through ``html.escape`` in the function that writes
  the element. A title is typed by a visitor, so a test checks that no title adds an element.
"""

from base64 import b64encode
from html import escape

from calculator.core.formatting import format_count, unbroken
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
from calculator.learn.worksheet.stylesheet import style

LINES, LISTING_LINES = 2, 4
"""Empty lines for the working below a question, and below a question with a listing of layers.

The line of the answer has space for the working too.
"""

_NAME_LINE = (
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
    """Return the sheet, or its answer key when ``key``, as an HTML document.

    ``link`` opens the same exercises on the page; ``qr_svg`` is the QR code of the link as an SVG document.
    Both are left out when "". The answer key never has the QR code.

    >>> page = sheet_html(Sheet(seed=2021, level=1, title="1 < 2", exercises=()), key=True)
    >>> "<title>Answer key: 1 &lt; 2</title>" in page
    True
    """
    sections = [_answered(exercise) if key else _question(exercise) for exercise in sheet.exercises]
    if key and sections:
        sections.insert(0, _numbers(sheet))
    return document(
        f"{KEY}: {sheet.title}" if key else sheet.title,
        style(source(sheet)),
        _header(sheet, key, "" if key else qr_svg, link),
        "\n".join(sections),
    )


def document(title: str, style_sheet: str, header: str, main: str) -> str:
    """Return an HTML document. ``title`` is text; the other parts are CSS and HTML."""
    return _PAGE.format(name=escape(title), style=style_sheet, header=header, main=main)


def _header(sheet: Sheet, key: bool, qr_svg: str, link: str) -> str:
    """Return the title, the source, the link with its QR code, and the line for the student's name."""
    # dir="auto": a title in Hebrew or Arabic is written from right to left.
    lines = [f'<h1 dir="auto">{escape(sheet.title)}</h1>']
    lines += [f'<p class="kind">{KEY}</p>'] if key else []
    lines.append(f'<p class="source">{escape(source(sheet))}</p>')
    if link:
        address = escape(link)
        lines.append(f'<p class="live">{LIVE}: <a href="{address}">{address}</a></p>')
    code = [_qr_code(qr_svg)] if qr_svg else []
    name_line = [] if key else [_NAME_LINE.format(count=len(sheet.exercises))]
    return "\n".join(['<div class="top">', "<div>", *lines, "</div>", *code, "</div>", *name_line])


def _qr_code(qr_svg: str) -> str:
    """Return the QR code as an image element."""
    # As an image, the SVG can neither run scripts nor share element ids with the page.
    data = b64encode(qr_svg.encode()).decode()
    image = f'<img src="data:image/svg+xml;base64,{data}" alt="QR code of the link below the title">'
    return f"<figure>\n{image}\n<figcaption>Scan to try them live</figcaption>\n</figure>"


def _question_lines(exercise: Exercise) -> list[str]:
    """Return the number and the text of a question, and its listing of layers."""
    lines = [f"<h2>Question {exercise.number}.</h2>", f"<p>{escape(unbroken(exercise.question))}</p>"]
    if exercise.listing:
        layers = "\n".join(f"<span>{escape(line)}</span>" for line in exercise.listing.splitlines())
        lines.append(f"<pre>{layers}</pre>")
    return lines


def _question(exercise: Exercise) -> str:
    """Return a question with empty lines for the working and the answer."""
    room = "<i></i>" * (LISTING_LINES if exercise.listing else LINES)
    answer = f'<p class="answer">{escape(answer_label(exercise))}<i></i></p>'
    return "\n".join(
        ["<section>", *_question_lines(exercise), f'<div class="room">{room}</div>', answer, "</section>"]
    )


def _numbers(sheet: Sheet) -> str:
    """Return the answers without anything else, which is the first page of the key."""
    items = [
        f'<li value="{exercise.number}">{escape(answer_label(exercise))} '
        f"<b>{format_count(exercise.answer)}</b></li>"
        for exercise in sheet.exercises
    ]
    return "\n".join(['<ol class="numbers">', *items, "</ol>"])


def _answered(exercise: Exercise) -> str:
    """Return a question with its answer, its working and the wrong answers of common mistakes.

    A page may end between two rows: keeping a whole answer together would leave half of a page empty.
    """
    result = f'<p class="result">{escape(answer_label(exercise))} {format_count(exercise.answer)}</p>'
    working = [
        _row((name, ""), (calculation, ""), (value, _value_class(step.part)))
        for (name, calculation, value), step in zip(working_rows(exercise), exercise.working, strict=True)
    ]
    wrong = [
        _row((format_count(row.value), "value"), (row.mistakes, ""), (row.steps, "value"))
        for row in wrong_answers(exercise)
    ]
    tables = [_table(WORKING_COLUMNS, ("", "", "value"), working)]
    tables += [_table(MISTAKE_COLUMNS, ("value", "", "value"), wrong)] if wrong else []
    opening = '<section class="key long">' if exercise.listing else '<section class="key">'
    head = ['<div class="head">', *_question_lines(exercise), result, "</div>"]
    return "\n".join([opening, *head, '<div class="tables">', *tables, "</div>", "</section>"])


def _value_class(part: str) -> str:
    return f"value {part}" if part in ("weights", "biases") else "value"


def _row(*cells: tuple[str, str]) -> str:
    """Return a row of a table; each cell is its text and its CSS classes."""
    return f"<tr>{''.join(_cell('td', *cell) for cell in cells)}</tr>"


def _table(columns: tuple[str, ...], classes: tuple[str, ...], rows: list[str]) -> str:
    """Return a table; ``classes`` are the CSS classes of the column heads."""
    head = "".join(_cell('th scope="col"', *cell) for cell in zip(columns, classes, strict=True))
    return "\n".join(["<table>", f"<thead><tr>{head}</tr></thead>", "<tbody>", *rows, "</tbody>", "</table>"])


def _cell(tag: str, text: str, classes: str) -> str:
    opening = f'{tag} class="{classes}"' if classes else tag
    return f"<{opening}>{escape(text)}</{tag.partition(' ')[0]}>"
