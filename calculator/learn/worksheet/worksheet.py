"""Worksheets to print: a sheet of exercises and its answer key. The same seed makes the same sheet."""

from calculator.core.errors import LayerError
from calculator.core.formatting import short_repr
from calculator.core.parsing import parse_line
from calculator.learn.exercises.generator import MAX_QUESTIONS, exercises
from calculator.learn.worksheet.html import sheet_html
from calculator.learn.worksheet.markdown import sheet_markdown
from calculator.learn.worksheet.sheet import Sheet

__all__ = ["DEFAULT_TITLE", "TITLE_LENGTH", "Sheet", "read_title", "sheet", "sheet_html", "sheet_markdown"]

DEFAULT_TITLE = "Counting the parameters of transposed convolutions"
TITLE_LENGTH = 80
"""Characters of the longest title."""


def sheet(seed: int, level: int, count: int, title: str) -> Sheet:
    """Return the first ``count`` exercises of a seed and level as a worksheet.

    Raises ``LayerError`` for what ``exercises`` or ``read_title`` refuses, and for a sheet without questions.

    >>> made = sheet(2021, 1, 5, "")
    >>> made.title, len(made.exercises)
    ('Counting the parameters of transposed convolutions', 5)
    >>> made.exercises[:3] == sheet(2021, 1, 3, "Homework").exercises
    True
    """
    made = exercises(seed, level, count)
    if not made:
        raise LayerError(
            f"count must be a whole number from 1 to {MAX_QUESTIONS}, received {short_repr(count)}."
        )
    return Sheet(seed, level, read_title(title), made)


def read_title(text: str) -> str:
    """Return ``text`` as a title: one line of 1 to 80 visible characters; without any, the usual one.

    >>> read_title("  Homework 3 "), read_title(" ") == DEFAULT_TITLE
    ('Homework 3', True)
    >>> read_title("x" * 81)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    calculator.core.errors.LayerError: A title must be one line of 1 to 80 visible characters, \
received 'xxx...
    """
    return parse_line(text, "A title", maximum=TITLE_LENGTH) if text.strip() else DEFAULT_TITLE
