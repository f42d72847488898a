"""Exercises in Moodle's text format GIFT (https://docs.moodle.org/en/GIFT_format), as numerical questions.

Two mistakes at once have their feedback too.

Why this is hand-written:

- The format is text with a few marks, so a writer is shorter than the call of a library.
- Exports need the standard library only, so that they also run without a server.
- Every text passes through ``escape_gift``; in the tests a parser of the format reads it back.
"""

import re
from html import escape

from calculator.learn.exercise import Exercise
from calculator.learn.exports.moodle_xml import category_path
from calculator.learn.exports.parts import question_name, question_xhtml, working_xhtml
from calculator.learn.exports.replies import any_other_reply, replies
from calculator.learn.worksheet.sheet import Sheet

_MARKS = re.compile(r"([\\~=#{}:])")


def sheet_gift(sheet: Sheet) -> str:
    """Return the exercises of a sheet as GIFT, in a category with the sheet's title."""
    questions = map(_question, sheet.exercises)
    return "\n\n".join([f"$CATEGORY: {category_path(sheet.title)}", *questions]) + "\n"


def escape_gift(text: str) -> str:
    r"""Return ``text`` on one line, so that GIFT shows exactly these characters.

    >>> print(escape_gift("bias=True: {a}\n#1"))
    bias\=True\: \{a\}\n\#1
    """
    return _MARKS.sub(r"\\\1", text).replace("\n", r"\n")


def _question(exercise: Exercise) -> str:
    """Return an exercise; an empty line would end the question, so no text has a line break."""
    answers = [
        f"\t=%{100 if reply.correct else 0}%{reply.value}:0#{escape_gift(escape(reply.sentence))}"
        for reply in replies(exercise, pairs=True)
    ]
    lines = [
        f"::{escape_gift(question_name(exercise))}::[html]{escape_gift(question_xhtml(exercise))}{{#",
        *answers,
        f"\t~#{escape_gift(escape(any_other_reply(exercise)))}",
        f"\t####{escape_gift(working_xhtml(exercise))}",
        "}",
    ]
    return "\n".join(lines)
