"""Markdown with replies, read back by markdown-it: every text is text, and nothing is a link or HTML."""

from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from calculator.learn.exports.markdown import sheet_replies_markdown
from calculator.learn.worksheet.sheet import answer_label
from tests.helpers.exported import check_feedback, thousand

READER = MarkdownIt("commonmark")


def shown(token: Token) -> str:
    """Return the text of a line as it is read; comments are not shown, and nothing else may be HTML."""
    assert token.children is not None
    kinds = {"text", "html_inline", "text_special", "strong_open", "strong_close"}
    assert {part.type for part in token.children} <= kinds
    assert {part.content for part in token.children if part.type == "html_inline"} <= {"<!-- -->"}
    return "".join(part.content for part in token.children if part.type != "html_inline")


def parts(tokens: Sequence[Token]) -> Iterator[tuple[str, str]]:
    """Yield the texts with the element around them: h1, h2, p, li or code."""
    around: list[str] = []
    for token in tokens:
        if token.type == "fence":
            yield "code", token.content.rstrip("\n")
        elif token.type == "inline":
            yield "li" if "li" in around else around[-1], shown(token)
        elif token.nesting == 1:
            around.append(token.tag)
        else:
            assert token.nesting == -1
            around.pop()


def test_a_thousand_exercises_are_read_back_with_every_mistake() -> None:
    count = 0
    for sheet in thousand():
        found = parts(READER.parse(sheet_replies_markdown(sheet)))
        assert next(found) == ("h1", sheet.title)
        assert next(found)[1].startswith(f"Level {sheet.level} · seed {sheet.seed}")
        left = list(found)
        for exercise in sheet.exercises:
            question = [("h2", f"Question {exercise.number}"), ("p", exercise.question)]
            question += [("code", exercise.listing)] if exercise.listing else []
            question += [("p", f"{answer_label(exercise)} ?")]
            assert left[: len(question)] == question
            left = left[len(question) :]
            lines = []
            while left and left[0][0] == "li":
                lines.append(left.pop(0)[1])
            assert lines.pop().startswith("Any other number: Not yet: no known mistake")
            pairs = [line.partition(": ") for line in lines]
            check_feedback(exercise, {int(number.replace(",", "")): text for number, _, text in pairs})
            count += 1
        assert not left
    assert count > 1000
