"""Text of a page as it reads, without the invisible signs that keep numbers from left to right."""

import re


def plain(text: str) -> str:
    """Return ``text`` without the signs around products and arrows.

    >>> plain("\u20663 → 64\u2069 channels")
    '3 → 64 channels'
    """
    return re.sub("[\u2066\u2069]", "", text)
