"""Moodle XML, read back by libxml2 and held to the rules of Moodle's own importer.

No package ships an XSD of this format, so the rules are those of https://docs.moodle.org/en/Moodle_XML_format,
with the section in each comment.
"""

from html import unescape
from typing import Any

import pytest
from lxml import etree

from calculator.learn.exports.moodle_xml import category_path, sheet_moodle_xml
from calculator.learn.worksheet.sheet import Sheet
from tests.helpers.exported import check_feedback, thousand
from tests.helpers.sheets import MADE

SIMPLE = {"defaultgrade": "1", "penalty": "0.3333333", "hidden": "0"}


def read(sheet: Sheet) -> list[Any]:
    quiz = etree.fromstring(sheet_moodle_xml(sheet).encode())
    assert quiz.tag == "quiz"
    return list(quiz)


def text(element: Any, path: str) -> str:
    [found] = element.findall(f"{path}/text")
    assert not len(found)
    return str(found.text)


def shown(html: str) -> str:
    assert "<" not in html
    return unescape(html)


def test_a_thousand_exercises_are_read_back_with_every_mistake() -> None:
    count = 0
    for sheet in thousand():
        category, *questions = read(sheet)
        # "Specifying a category": a question of its own, before the questions in it.
        assert category.get("type") == "category"
        assert text(category, "category") == f"$course$/top/{sheet.title}"
        for exercise, question in zip(sheet.exercises, questions, strict=True):
            check(exercise, question)
            count += 1
    assert count > 1000


def check(exercise: Any, question: Any) -> None:
    # "Tags common to all question types": name, questiontext with a format, and each tag once.
    assert question.get("type") == "numerical"
    assert (
        text(question, "name")
        == f"Level {exercise.level} · seed {exercise.seed} · question {exercise.number}"
    )
    body = etree.fromstring(f"<div>{text(question, 'questiontext')}</div>")
    assert body[0].text == exercise.question
    assert body.findtext("pre", "") == exercise.listing
    assert {one.get("format") for one in question.iterfind("questiontext")} == {"html"}
    assert {one.get("format") for one in question.iter("feedback")} == {"html"}
    assert {one.tag: one.text for one in question if one.tag in SIMPLE} == SIMPLE
    working = etree.fromstring(text(question, "generalfeedback"))
    assert [line.text.partition(":")[0] for line in working] == [step.what for step in exercise.working]
    # "Numerical": one or more answers, each with a number or *, a fraction, a feedback and a tolerance.
    *known, other = question.findall("answer")
    assert [one.get("fraction") for one in known] == ["100"] + ["0"] * (len(known) - 1)
    assert {one.findtext("tolerance") for one in (*known, other)} == {"0"}
    assert {one.get("format") for one in (*known, other)} == {"moodle_auto_format"}
    numbers = [int(one.findtext("text")) for one in known]
    assert len(set(numbers)) == len(numbers)
    assert numbers[0] == exercise.answer
    sentences = [shown(text(one, "feedback")) for one in known]
    check_feedback(exercise, dict(zip(numbers, sentences, strict=True)), pairs=True)
    # The first answer that fits is taken, and * fits every number: it is the last.
    assert (other.findtext("text"), other.get("fraction")) == ("*", "0")
    assert exercise.working[0].what in shown(text(other, "feedback"))


@pytest.mark.parametrize(
    ("title", "path"),
    [
        ("Week 3", "$course$/top/Week 3"),
        ("a/b", "$course$/top/a//b"),
        ("/a", "$course$/top/ //a"),
        ("a/", "$course$/top/a// "),
        ("/a/", "$course$/top/ //a// "),
        ("<b> & ]]>", "$course$/top/<b> & ]]>"),
    ],
)
def test_a_title_is_one_category(title: str, path: str) -> None:
    assert category_path(title) == path
    category, *_ = read(Sheet(MADE.seed, MADE.level, title, MADE.exercises))
    assert text(category, "category") == path
