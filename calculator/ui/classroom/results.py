"""The results of a class: both votes of every question, the gain, and the mistakes that went or stayed."""

from fractions import Fraction

import streamlit as st

from calculator.classroom.questions import questions
from calculator.classroom.results import HEADER, Asked, changes, class_gain, gain, table
from calculator.classroom.room import Room
from calculator.classroom.store import Store
from calculator.core.formatting import format_count, plural
from calculator.tables.exact_frame import exact_frame
from calculator.tables.export import export
from calculator.ui.components.markdown import escape_markdown

KNOWN = "class.asked"
"""The session key of the votes of a room that were read last, with the version of the room."""

GAIN = (
    "The normalised gain of the class is ⟨g⟩ = (after − before) ÷ (1 − before): the share of the possible "
    "improvement that the second vote achieved ([Hake 1998](https://doi.org/10.1119/1.18809))."
)


def results(store: Store, present: Room) -> None:
    """Draw the results of all questions so far, and their downloads."""
    asked = _asked(store, present)
    st.markdown(f"## {_headline(asked)}", anchors=False)
    st.markdown(_shares(asked))
    st.caption(GAIN)
    if gone := changes(asked):
        lines = "\n".join(
            f"| {escape_markdown(one.name)} | {format_count(one.before)} | {format_count(one.after)} "
            f"| {_word(one.before, one.after)} |"
            for one in gone
        )
        st.markdown(f"| Mistake | first vote | second vote | |\n|---|--:|--:|---|\n{lines}")
    # The file is written when the button is pressed, and not at every look for news.
    st.download_button(
        "Results as CSV",
        lambda: export(exact_frame(table(asked), HEADER), "CSV", title="Results of a class"),
        file_name="class.csv",
        mime="text/csv",
        key="class.file",
        on_click="ignore",
        icon=":material/download:",
    )


def _asked(store: Store, present: Room) -> tuple[Asked, ...]:
    """Return the questions so far with their votes. They are read once: nothing changes after a reveal."""
    known: tuple[str, int, tuple[Asked, ...]] | None = st.session_state.get(KNOWN)
    if known is not None and known[:2] == (present.code, present.version):
        return known[2]
    asked = []
    for place, question in enumerate(questions(present.plan)[: present.question + 1]):
        rounds = [store.votes(present.code, place, number) for number in (1, 2)]
        twice = bool(rounds[1]) or (place == present.question and present.round == 2)
        asked.append(Asked(place + 1, question, tuple(rounds if twice else rounds[:1])))
    st.session_state[KNOWN] = present.code, present.version, tuple(asked)
    return tuple(asked)


def _headline(asked: tuple[Asked, ...]) -> str:
    """Return the gain of the class in a sentence."""
    found = class_gain(asked)
    if found is None:
        return "No question was voted on twice, so there is no gain to show"
    count, before, after, gained = found
    shares = (
        f"From {_percent(before)} to {_percent(after)} right in {plural(count, 'question')} voted on twice"
    )
    if gained is None:
        return f"{shares}: everybody was right in the first vote, so the gain is not defined"
    return f"{shares}: ⟨g⟩ = {_decimal(gained)}"


def _shares(asked: tuple[Asked, ...]) -> str:
    """Return the table of the shares right, a row for each question."""
    rows = []
    for one in asked:
        shares = [*one.shares, None][:2]
        pair = one.pair
        gained = gain(*pair) if pair else None
        text = _decimal(gained) if gained is not None else "not defined" if pair else "–"
        cells = [_percent(share) if share is not None else "–" for share in shares]
        rows.append(
            f"| {one.number} | {escape_markdown(one.question.title)} | {cells[0]} | {cells[1]} | {text} |"
        )
    return "| | Question | first vote | second vote | ⟨g⟩ |\n|--:|---|--:|--:|--:|\n" + "\n".join(rows)


def _word(before: int, after: int) -> str:
    if not before:
        return "new"
    return "went" if not after else "stayed"


def _percent(share: Fraction) -> str:
    return f"{float(share * 100):.0f} %"


def _decimal(value: Fraction) -> str:
    """Return a gain with two decimals and a proper minus.

    >>> _decimal(Fraction(1, 2)), _decimal(Fraction(-1, 3))
    ('0.50', '−0.33')
    """
    return f"{float(value):.2f}".replace("-", "−")
