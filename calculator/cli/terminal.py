"""Text for a terminal: aligned columns, and printing with the characters that the terminal has.

Why this is hand-written:

- the command line needs the standard library only, and so starts in a fraction of a second;
- the tables are plain text that other programs read too: no borders, no line breaks, and colours only on a
  terminal.
"""

import os
import re
import sys
from collections.abc import Sequence

from calculator.core.formatting import ASCII_SIGNS

_STYLES = {"Weights": "34", "Biases": "33", "Parameters": "1", "Total": "1", "All parameters": "1"}
"""Codes of ECMA-48 by the beginning of a line: blue and yellow as on the page, and bold."""

_STYLED = re.compile(rf"^ *(?:{'|'.join(_STYLES)})(?=  | \(|,)", re.MULTILINE)


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


def print_text(text: str, *, styled: bool = False) -> int:
    """Print ``text`` and return the exit status: 0, or 1 if the reader has closed the pipe (``… | head``).

    On a terminal, lines of a ``styled`` text that begin with a count have the colour of that count.
    """
    try:
        shown = printable(text, sys.stdout.encoding)
        print(_styled(shown) if styled and _has_colours() else shown, flush=True)
    except BrokenPipeError:
        # Python flushes stdout again at exit. Without this line that flush would print a traceback.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return 0


def _has_colours() -> bool:
    """Return whether the output is a terminal with colours that nobody has switched off (no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _styled(text: str) -> str:
    r"""Return ``text`` whose counts have the colours of a terminal.

    >>> _styled("Biases  64")
    '\x1b[33mBiases\x1b[0m  64'
    """
    return _STYLED.sub(lambda match: f"\x1b[{_STYLES[match[0].strip()]}m{match[0]}\x1b[0m", text)


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
        return text.translate(ASCII_SIGNS).encode(encoding, "backslashreplace").decode(encoding)
    return text
