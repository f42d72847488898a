"""GIFT: no sign of a text acts. ``tests/browser/test_exports.py`` reads whole files with another program."""

import re

from hypothesis import given
from hypothesis import strategies as st

from calculator.learn.exports.gift import escape_gift, sheet_gift
from tests.helpers.exported import thousand
from tests.helpers.sheets import MADE


@given(st.text(alphabet="ab\\~=#{}: n\n"))
def test_every_text_can_be_read_back(text: str) -> None:
    escaped = escape_gift(text)
    assert "\n" not in escaped
    back = re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], escaped)
    assert back == text
    assert not re.search("[~=#{}:]", re.sub(r"\\.", "", escaped))


def test_an_empty_line_stands_only_between_questions() -> None:
    for sheet in (MADE, *thousand()[::12]):
        category, *questions = sheet_gift(sheet).rstrip("\n").split("\n\n")
        assert category == f"$CATEGORY: $course$/top/{sheet.title}"
        assert len(questions) == len(sheet.exercises)
        for question in questions:
            assert question.startswith("::Level ")
            assert question.endswith("\n}")
            assert not re.search(r"^\s*(//|$)", question, re.MULTILINE)


def test_a_question_is_written_as_moodle_writes_it() -> None:
    question = sheet_gift(MADE).split("\n\n")[1].splitlines()
    assert question[0].startswith("::Level 3 · seed 7 · question 1::[html]<p>Is a &lt; b &amp; c_d *here*?")
    assert question[0].endswith("{#")
    assert question[1] == "\t=%100%1234567:0#Right\\: 1,234,567."
    assert question[2].startswith("\t=%0%64:0#Not yet\\: ")
    assert question[-3].startswith("\t~#Not yet\\: no known mistake")
    assert question[-2].startswith("\t####<ol><li>Thing &lt;0&gt;\\: ")
