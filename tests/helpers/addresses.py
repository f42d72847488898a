"""What turns an address in a text into a link, by the patterns of the libraries that do so."""

import re

# mdast-util-gfm-autolink-literal 2.0.1 (lib/index.js) looks for these in the text that escapes leave, node by
# node; cmark-gfm (extensions/autolink.c) looks for no others but mailto: and xmpp:, which have an @ too.
FOUND = re.compile(
    r"(https?://|www(?=\.))([-.\w]+)([^ \t\r\n]*)|(?:^|[\W_])([-.\w+]+)@([-\w]+(?:\.[-\w]+)+)", re.IGNORECASE
)

ADDRESSES = (
    "https://example.org/a?b=c",
    "HTTP://EXAMPLE.ORG",
    "www.example.org",
    "WWW.EXAMPLE.ORG",
    "a@example.org",
    "mailto:a@example.org",
    "xmpp:a@example.org/b",
    "ftp://example.org",
    "(https://example.org)",
    "x:@example.org a@b.c@d.e http://www.a@b.org",
    "<https://example.org> [x](https://example.org) ![x](https://example.org/x.png)",
    "[x]: https://example.org",
    "<a href='https://example.org'>x</a> &lt;https://example.org&gt;",
)
"""Texts that contain addresses, in the forms that some dialect of Markdown turns into links."""

EVERY_ADDRESS = " ".join(ADDRESSES)


def text_nodes(markdown: str, invisible: str) -> list[str]:
    """Return the texts between the elements that show nothing, as they are without backslashes."""
    nodes = markdown.split(invisible)
    assert not any(re.search(r"(?<!\\)(?:\\\\)*[<\[\]`]", node) for node in nodes), markdown
    return [re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", node) for node in nodes]


def linked(markdown: str, invisible: str) -> list[str]:
    """Return what would be a link in Markdown whose only elements are those that show nothing."""
    return [found[0] for node in text_nodes(markdown, invisible) for found in FOUND.finditer(node)]
