"""The offline sheet as text: small, closed, without requests. ``tests/browser/test_offline.py`` opens it."""

import base64
import json
import re
import zlib
from typing import Any

from calculator.learn.exports.offline import MAX_BYTES, sheet_offline_html
from calculator.learn.worksheet.sheet import Sheet
from calculator.learn.worksheet.worksheet import sheet
from tests.helpers.exported import check_feedback, thousand
from tests.helpers.sheets import MADE, Document, read_html


def packed(document: Document) -> list[dict[str, Any]]:
    [data] = [text for path, text in document.texts if path[-1:] == ("script",) and text.startswith("{")]
    found: list[dict[str, Any]] = json.loads(zlib.decompress(base64.b64decode(json.loads(data)["packed"])))
    return found


def test_a_thousand_exercises_are_in_the_files_with_every_mistake() -> None:
    for one in thousand():
        html = sheet_offline_html(one)
        assert len(html.encode()) <= MAX_BYTES
        for exercise, data in zip(one.exercises, packed(read_html(html)), strict=True):
            assert data["answer"] == str(exercise.answer)
            known = {int(number): text for number, text in data["known"].items()}
            check_feedback(exercise, known, pairs=True)


def test_the_file_asks_nobody_for_anything() -> None:
    html = sheet_offline_html(MADE)
    document = read_html(html)
    assert document.faults == []
    assert not {"link", "img", "iframe", "object", "embed", "base", "a"} & set(document.tags)
    assert not [
        name for _, name, _ in document.attributes if name.startswith("on") or name in ("src", "href")
    ]
    assert not re.search(r"url\(|@import|http:|https:|fetch|eval\(|Function|innerHTML", html)
    assert document.values("meta", "content")[1] == (
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
    )


def test_no_text_becomes_markup() -> None:
    title = '</title><script>alert(1)</script> & "x"'
    made = Sheet(MADE.seed, MADE.level, title, MADE.exercises)
    document = read_html(sheet_offline_html(made))
    assert document.faults == []
    assert document.text("h1") == document.text("title") == title
    assert document.tags.count("script") == 2
    assert MADE.exercises[0].question in document.sections[0]
    assert MADE.exercises[0].listing in document.sections[0]


def test_a_full_sheet_of_each_level_with_a_long_title_fits() -> None:
    for level in (1, 2, 3):
        assert len(sheet_offline_html(sheet(999_999_999, level, 30, "&" * 80)).encode()) <= MAX_BYTES


def test_the_answer_cannot_be_read_in_the_file_at_a_glance() -> None:
    assert "1234567" not in sheet_offline_html(MADE)
