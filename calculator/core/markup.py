"""Escaping of untrusted text for Markdown, on the page and in files, and for the cells of spreadsheets.

Why this is hand-written: no writer of Markdown in the standard library or among our libraries escapes the
signs of GitHub's and Streamlit's extensions. A backslash alone does not stop their automatic links: they
look for addresses in the text *after* the backslashes are taken away (mdast-util-gfm-autolink-literal on the
page, cmark-gfm for mail addresses on GitHub). So every address is also cut by an element that shows nothing.
"""

import re

# The full-width signs count too: some spreadsheets read them as their ASCII forms.
_FORMULA_START = re.compile(r"[=+\-@\t\r\n＝＋－＠]")

_BREAK = re.compile(r"[\r\n]")
_PAGE_MARKS = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:&^=@'\"/])")
_FILE_MARKS = re.compile(r"([\\`*_\[\]<>|~$&:@#^{}!])")

_IN_ADDRESS = re.compile(r"(?=://|@)|(?<=www)(?=\.)", re.IGNORECASE)
"""The places where addresses are cut: before ``://``, before ``@``, and between ``www`` and its dot."""

INVISIBLE_ON_PAGE = ":small[]"
"""An element of Streamlit's Markdown without text. Streamlit would show a comment."""

_INVISIBLE_IN_FILE = "<!-- -->"
"""A comment, which every dialect of CommonMark has."""


def escape_markdown(text: str, *, page: bool = False) -> str:
    r"""Return ``text`` as Markdown that shows exactly these characters, without markup and without links.

    With ``page``, it is Streamlit's Markdown on one line. Otherwise it is for a file in GitHub's dialect,
    where only characters with a meaning inside a line are escaped, so that the file is readable too.

    >>> print(escape_markdown("a-b *c* <d>"), escape_markdown("a-b *c* <d>", page=True))
    a-b \*c\* \<d\> a\-b \*c\* \<d\>
    >>> print(escape_markdown("www.a.b x@y.z"), escape_markdown("https://a.b", page=True))
    www<!-- -->.a.b x<!-- -->\@y.z https:small[]\:\/\/a\.b
    """
    marks, invisible = (_PAGE_MARKS, INVISIBLE_ON_PAGE) if page else (_FILE_MARKS, _INVISIBLE_IN_FILE)
    line = _BREAK.sub(" ", text) if page else text
    return invisible.join(marks.sub(r"\\\1", part) for part in _IN_ADDRESS.split(line))


def escape_formula(text: str) -> str:
    """Return ``text`` for a cell, with an apostrophe in front where a spreadsheet would read a formula.

    >>> escape_formula("=1+1"), escape_formula("wide")
    ("'=1+1", 'wide')
    """
    return f"'{text}" if _FORMULA_START.match(text) else text
