"""Worksheets made from a seed. The same seed always makes the same sheet."""

from calculator.core.errors import LayerError
from calculator.core.formatting import short_repr
from calculator.core.parsing import parse_line
from calculator.learn.exercises.generator import MAX_QUESTIONS, MAX_SEED, exercises
from calculator.learn.worksheet.sheet import Sheet
from calculator.settings import FIELD

DEFAULT_TITLE = "Counting the parameters of transposed convolutions"
MAX_TITLE_CHARS = FIELD["sheet_title"].maximum


def sheet(seed: int, level: int, count: int, title: str) -> Sheet:
    """Return the first ``count`` exercises of a seed and level as a worksheet.

    Raises ``LayerError`` for numbers that ``exercises`` refuses, titles that ``read_title`` refuses, and a
    sheet without questions.

    >>> homework = sheet(2021, 1, 5, "")
    >>> homework.title, len(homework.exercises)
    ('Counting the parameters of transposed convolutions', 5)
    >>> homework.exercises[:3] == sheet(2021, 1, 3, "Homework").exercises
    True
    """
    questions = exercises(seed, level, count)
    if not questions:
        raise LayerError(
            f"count must be a whole number from 1 to {MAX_QUESTIONS}, received {short_repr(count)}."
        )
    return Sheet(seed, level, read_title(title), questions)


def neighbour_seed(seed: int) -> int:
    """Return the seed of sheet B, whose neighbour has sheet A of ``seed``.

    >>> neighbour_seed(1), neighbour_seed(500_000_001)
    (500000001, 1)
    """
    return (seed + (MAX_SEED + 1) // 2) % (MAX_SEED + 1)


def read_title(text: str) -> str:
    """Return ``text`` as a title, or the default title for a blank text.

    Raises ``LayerError`` unless the title is one line of 1 to 80 visible characters.

    >>> read_title("  Homework 3 "), read_title(" ") == DEFAULT_TITLE
    ('Homework 3', True)
    >>> read_title("x" * 81)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    calculator.core.errors.LayerError: A title must be one line of 1 to 80 visible characters, \
received 'xxx...
    """
    return parse_line(text, "A title", maximum=MAX_TITLE_CHARS) if text.strip() else DEFAULT_TITLE
