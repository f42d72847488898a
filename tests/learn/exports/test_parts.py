"""The parts of a question as XHTML: every character is shown as it is, and the elements are closed."""

from xml.etree import ElementTree

from calculator.learn.exports.parts import DIGITS, question_name, question_xhtml, working_xhtml
from tests.helpers.sheets import NASTY, PLAIN


def test_a_question_is_shown_as_it_is() -> None:
    body = ElementTree.fromstring(f"<div>{question_xhtml(NASTY)}</div>")
    assert [(part.tag, part.text) for part in body] == [
        ("p", NASTY.question),
        ("pre", NASTY.listing),
        ("p", DIGITS),
    ]
    assert "<pre>" not in question_xhtml(PLAIN)


def test_the_working_has_a_line_for_each_step() -> None:
    lines = ElementTree.fromstring(working_xhtml(NASTY))
    assert [line.text for line in lines] == [
        "Thing <0>: 1000000 × 1 | 0 = 1,000,000",
        "Thing <1>: 64 × 1 | 1 = 64",
        "Thing <2>: 1234567 × 1 | 2 = 1,234,567",
    ]


def test_a_name_says_where_the_question_comes_from() -> None:
    assert question_name(NASTY) == "Level 3 · seed 7 · question 1"
