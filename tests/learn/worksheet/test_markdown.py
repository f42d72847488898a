"""Worksheets as Markdown: complete questions and keys."""

from calculator.learn.worksheet.markdown import sheet_markdown
from calculator.learn.worksheet.sheet import Sheet
from tests.helpers.sheets import (
    EACH,
    LINK,
    MADE,
    check_mistakes,
    label,
    questions,
    squeezed,
    table_rows,
    without_escapes,
    working_rows,
)


@EACH
def test_the_markdown_sheet_asks_every_question_and_tells_nothing(made: Sheet) -> None:
    parts = questions(sheet_markdown(made, key=False, link=LINK))
    assert len(parts) == len(made.exercises)
    for exercise, part in zip(made.exercises, parts, strict=True):
        listing = f"```text\n{exercise.listing}\n```" if exercise.listing else ""
        rest = [f"## Question {exercise.number}", exercise.question, listing, "Working:", label(exercise)]
        assert squeezed(without_escapes(part.replace("…", ""))) == squeezed(*rest)


@EACH
def test_the_markdown_key_works_every_question_out(made: Sheet) -> None:
    text = sheet_markdown(made, key=True)
    assert text.startswith("# Answer key: ")
    numbers = [f"{one.number}. {label(one)} **{one.answer:,}**" for one in made.exercises]
    assert "\n\n{}\n\n".format("\n".join(numbers)) in text
    parts = questions(text)
    for exercise, part in zip(made.exercises, parts, strict=True):
        assert part.startswith(f"## Question {exercise.number}\n")
        assert f"\n**{label(exercise)} {exercise.answer:,}**\n" in part
        assert squeezed(exercise.question) in squeezed(without_escapes(part))
        count = len(exercise.working)
        rows = table_rows(part)
        assert rows[0] == ["Working", "Calculation", "Value"]
        assert rows[1] == [":---", ":---", "---:"]
        assert rows[2 : count + 2] == working_rows(exercise)
        if exercise.mistakes:
            assert rows[count + 2] == ["Answer", "Common mistake", "Step"]
            assert rows[count + 3] == ["---:", ":---", "---:"]
        check_mistakes(exercise, rows[count + 4 :])


def test_the_link_is_in_the_markdown_when_given() -> None:
    line = "The same exercises live: <https://example.org/learn?level=1&seed=7&q=%22%3Cb%3E%22>"
    for key in (False, True):
        assert line in sheet_markdown(MADE, key=key, link=LINK).splitlines()
        assert "live" not in sheet_markdown(MADE, key=key)
