"""Text for a terminal: columns are aligned, and no encoding makes printing fail."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculator.cli.terminal import align_columns, printable


def test_columns_are_aligned() -> None:
    rows = [
        ("", "weights", "total"),
        ("kernel_size", "×4", "about ×3.94"),
        ("groups", "groups must be 1."),
    ]
    assert align_columns(rows, "<>>") == [
        "             weights        total",
        "kernel_size       ×4  about ×3.94",
        "groups       groups must be 1.",
    ]
    assert align_columns([("a", ""), ("", "b")], "<<") == ["a", "   b"]
    assert align_columns([], "<>") == []


@given(st.text(), st.sampled_from(["ascii", "latin-1", "cp437", "cp1252", "utf-8", None]))
def test_printable_text_can_be_encoded(text: str, encoding: str | None) -> None:
    text = text.encode("utf-8", "ignore").decode()
    shown = printable(text, encoding)
    shown.encode(encoding or "utf-8")
    if text.isascii() or encoding in (None, "utf-8"):
        assert shown == text


@pytest.mark.parametrize(("text", "shown"), [("≈½ × 2 − 1…", "~1/2 x 2 - 1..."), ("größer", r"gr\xf6\xdfer")])
def test_ascii_signs(text: str, shown: str) -> None:
    assert printable(text, "ascii") == shown
