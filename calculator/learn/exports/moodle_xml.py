"""Exercises as Moodle XML (https://docs.moodle.org/en/Moodle_XML_format), one numerical question each.

Moodle takes the first answer that fits a number, so the answer ``*``, which fits every number, is the last.
Two mistakes at once have their feedback too.

Why this is hand-written:

- A question needs about ten elements, which ``xml.etree`` writes and escapes.
- Exports need the standard library only, so that they also run without a server.
"""

from html import escape
from xml.etree import ElementTree

from calculator.learn.exercise import Exercise
from calculator.learn.exports.parts import question_name, question_xhtml, working_xhtml
from calculator.learn.exports.replies import any_other_reply, replies
from calculator.learn.worksheet.sheet import Sheet

PENALTY = "0.3333333"
"""The share of the mark that each further try costs, which is Moodle's default."""


def sheet_moodle_xml(sheet: Sheet) -> str:
    """Return the exercises of a sheet as a Moodle XML document, in a category with the sheet's title."""
    quiz = ElementTree.Element("quiz")
    category = ElementTree.SubElement(quiz, "question", type="category")
    _text(category, "category", category_path(sheet.title))
    for exercise in sheet.exercises:
        _question(quiz, exercise)
    ElementTree.indent(quiz)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(quiz, encoding="unicode")}\n'


def category_path(title: str) -> str:
    """Return the path of the category in the course's collection of questions.

    A slash in the title is doubled. At an end of the title a space separates the slash from other slashes,
    and Moodle removes the space.

    >>> category_path("Week 1/2"), category_path("/a/")
    ('$course$/top/Week 1//2', '$course$/top/ //a// ')
    """
    name = title.replace("/", "//")
    before = " " if name.startswith("/") else ""
    after = " " if name.endswith("/") else ""
    return f"$course$/top/{before}{name}{after}"


def _question(quiz: ElementTree.Element, exercise: Exercise) -> None:
    """Append an exercise as a numerical question."""
    question = ElementTree.SubElement(quiz, "question", type="numerical")
    _text(question, "name", question_name(exercise))
    _text(question, "questiontext", question_xhtml(exercise), format="html")
    _text(question, "generalfeedback", working_xhtml(exercise), format="html")
    for tag, value in (("defaultgrade", "1"), ("penalty", PENALTY), ("hidden", "0")):
        ElementTree.SubElement(question, tag).text = value
    for reply in replies(exercise, pairs=True):
        _answer(question, str(reply.value), "100" if reply.correct else "0", reply.sentence)
    _answer(question, "*", "0", any_other_reply(exercise))


def _answer(question: ElementTree.Element, value: str, fraction: str, sentence: str) -> None:
    """Append an answer, with the percentage of the mark that it earns and the feedback."""
    answer = ElementTree.SubElement(question, "answer", fraction=fraction, format="moodle_auto_format")
    ElementTree.SubElement(answer, "text").text = value
    _text(answer, "feedback", escape(sentence), format="html")
    ElementTree.SubElement(answer, "tolerance").text = "0"


def _text(parent: ElementTree.Element, tag: str, text: str, **attributes: str) -> None:
    ElementTree.SubElement(ElementTree.SubElement(parent, tag, attributes), "text").text = text
