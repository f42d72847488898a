"""Exercises with the reply to each known answer as Markdown in GitHub's dialect."""

from calculator.core.formatting import format_count
from calculator.core.markup import escape_markdown
from calculator.learn.exercise import Exercise
from calculator.learn.exports.replies import Reply, any_other_reply, replies
from calculator.learn.worksheet.sheet import Sheet, answer_label, source


def sheet_replies_markdown(sheet: Sheet) -> str:
    """Return the exercises of a sheet, each with a list of its known answers and their replies."""
    parts = [f"# {escape_markdown(sheet.title)}", source(sheet)]
    for exercise in sheet.exercises:
        parts += _question(exercise)
    return "\n\n".join(parts) + "\n"


def _question(exercise: Exercise) -> list[str]:
    """Return the heading, the text, the listing, and the replies with the right answer first."""
    listing = [f"```text\n{exercise.listing}\n```"] if exercise.listing else []
    lines = [
        *map(_reply, replies(exercise)),
        f"- Any other number: {escape_markdown(any_other_reply(exercise))}",
    ]
    return [
        f"## Question {exercise.number}",
        escape_markdown(exercise.question),
        *listing,
        f"**{escape_markdown(answer_label(exercise))} ?**",
        "\n".join(lines),
    ]


def _reply(reply: Reply) -> str:
    number = format_count(reply.value)
    return f"- **{number}**: {escape_markdown(reply.sentence)}"
