"""Text for a terminal: aligned columns, and printing with the characters that the terminal has.

Why this is hand-written:

- the command line needs the standard library only, and so starts in a fraction of a second;
- the tables are plain text that other programs read too: no colours, no borders, no line breaks.
"""

import os
import sys
from collections.abc import Sequence

_ASCII_SIGNS = str.maketrans({"×": "x", "−": "-", "–": "-", "÷": "/", "½": "1/2", "…": "...", "≈": "~"})


def align_columns(rows: Sequence[Sequence[str]], sides: str) -> list[str]:
    """Return one line per row; ``sides`` has ``<`` (left) or ``>`` (right) for each column.

    The last cell of a row with fewer cells extends over the remaining columns.

    >>> for line in align_columns([("layer", "weights"), ("up", "3,072"), ("total",)], "<>"):
    ...     print(line)
    layer  weights
    up       3,072
    total
    """
    widths = [0] * len(sides)
    for row in rows:
        fixed = row if len(row) == len(sides) else row[:-1]
        for column, cell in enumerate(fixed):
            widths[column] = max(widths[column], len(cell))
    lines = []
    for row in rows:
        cells = zip(row, sides, widths, strict=False)
        lines.append("  ".join(f"{cell:{side}{width}}" for cell, side, width in cells).rstrip())
    return lines


def print_text(text: str) -> int:
    """Print ``text`` and return the exit status: 0, or 1 if the reader has closed the pipe (``… | head``)."""
    try:
        print(printable(text, sys.stdout.encoding), flush=True)
    except BrokenPipeError:
        # Python flushes stdout again at exit. Without this line that flush would print a traceback.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return 0


def printable(text: str, encoding: str | None) -> str:
    r"""Return ``text`` with ASCII signs if ``encoding`` lacks some of its characters.

    A character without an ASCII sign becomes its escape sequence.

    >>> printable("64 × 32 − 1", "ascii"), printable("größer", "ascii")
    ('64 x 32 - 1', 'gr\\xf6\\xdfer')
    """
    encoding = encoding or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(_ASCII_SIGNS).encode(encoding, "backslashreplace").decode(encoding)
    return text
