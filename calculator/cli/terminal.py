"""Printing for a terminal, whatever signs it has, and for a reader that may leave early."""

import os
import sys

_PLAIN_SIGNS = str.maketrans({"×": "x", "−": "-", "–": "-", "÷": "/", "½": "1/2", "…": "...", "≈": "~"})


def printed(text: str) -> int:
    """Print ``text`` and return 0, or 1 when nobody reads on, as in ``… | head -1``."""
    try:
        print(printable(text, sys.stdout.encoding), flush=True)
    except BrokenPipeError:
        # Python flushes stdout once more as it exits; give it somewhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return 0


def printable(text: str, encoding: str | None) -> str:
    """Return ``text`` with plain signs where the encoding lacks × and −, and others by their number.

    >>> printable("64 × 32 − 1", "ascii")
    '64 x 32 - 1'
    """
    encoding = encoding or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(_PLAIN_SIGNS).encode(encoding, "backslashreplace").decode(encoding)
    return text
