"""The downloads of the exercises of a sheet for learning platforms, and for devices without a network."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import streamlit as st

from calculator.core.formatting import format_count
from calculator.learn.exports.gift import sheet_gift
from calculator.learn.exports.markdown import sheet_replies_markdown
from calculator.learn.exports.moodle_xml import sheet_moodle_xml
from calculator.learn.exports.offline import MAX_BYTES, sheet_offline_html
from calculator.learn.exports.qti import sheet_qti
from calculator.learn.worksheet.sheet import Sheet
from calculator.ui.session.callbacks import callback


@dataclass(frozen=True)
class Format:
    """A file format: its key and label, what it is for, the end of the file's name, and how it is written."""

    key: str
    label: str
    purpose: str
    ending: str
    mime: str
    write: Callable[[Sheet], str | bytes]


FORMATS = (
    Format(
        "offline",
        "Offline sheet (HTML)",
        "One file that checks and explains answers without a network, at most "
        f"{format_count(MAX_BYTES // 1000)} kB: send it by messenger and open it in a browser.",
        "-offline.html",
        "text/html",
        sheet_offline_html,
    ),
    Format(
        "moodle",
        "Moodle XML",
        "For Moodle's question bank.",
        "-moodle.xml",
        "application/xml",
        sheet_moodle_xml,
    ),
    Format(
        "gift",
        "GIFT",
        "Moodle's text format, which other tools read too.",
        ".gift.txt",
        "text/plain",
        sheet_gift,
    ),
    Format(
        "qti",
        "QTI 2.1",
        "A package for platforms that import QTI 2.1.",
        "-qti21.zip",
        "application/zip",
        sheet_qti,
    ),
    Format(
        "markdown",
        "Markdown with replies",
        "Every known answer with its reply, as text.",
        "-replies.md",
        "text/markdown",
        sheet_replies_markdown,
    ),
)
"""The formats in the order of their buttons."""


def export_exercises(sheet: Sheet, *, name: str) -> None:
    """Draw the button that opens the downloads of ``sheet``; the files' names begin with ``name``.

    A file is written when its button is clicked, never at a rerun.
    """
    box = st.popover(
        "Take the exercises with you", key="exports", icon=":material/send:", on_change=callback()
    )
    if not box.open:
        return
    with box, st.container(gap="xxsmall"):
        st.markdown("Each file has the exercises of this sheet, and a reply to each common mistake.")
        for form in FORMATS:
            st.download_button(
                form.label,
                partial(form.write, sheet),
                file_name=f"{name}{form.ending}",
                mime=form.mime,
                key=f"exports.{form.key}",
                on_click="ignore",
                icon=":material/download:",
            )
            st.caption(form.purpose)
