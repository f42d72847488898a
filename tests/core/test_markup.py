"""Escaped Markdown: every character is shown, and no address is a link."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculator.core.markup import escape_markdown
from tests.helpers.addresses import ADDRESSES, FOUND, linked, text_nodes

PIECES = st.sampled_from(
    (*ADDRESSES, "https", "http", "://", ":", "/", "www", ".", "@", "a", "-", "_", "+", " ", "\\", "é", "[]")
)
TEXTS = st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=12).map("".join))
DIALECTS = ((True, ":small[]"), (False, "<!-- -->"))


@pytest.mark.parametrize("text", [text for text in ADDRESSES if text[:3] not in ("ftp", "[x]")])
def test_the_patterns_of_the_libraries_find_these_addresses(text: str) -> None:
    assert FOUND.search(text)


@pytest.mark.parametrize(("page", "invisible"), DIALECTS)
@given(text=TEXTS)
def test_no_address_is_a_link_and_nothing_is_lost(page: bool, invisible: str, text: str) -> None:
    escaped = escape_markdown(text, page=page)
    assert linked(escaped, invisible) == []
    shown = text.replace("\r", " ").replace("\n", " ") if page else text
    assert "".join(text_nodes(escaped, invisible)) == shown


def test_text_without_an_address_is_only_escaped() -> None:
    assert escape_markdown("a *b*: 3-D", page=True) == r"a \*b\*\: 3\-D"
    assert escape_markdown("a *b*: 3-D") == r"a \*b\*\: 3-D"
