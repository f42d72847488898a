"""The downloads for other systems; and GIFT read back by gift-pegjs 1.0.2 (``tests/helpers/gift_pegjs``)."""

import json
from html import unescape
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from calculator.learn.exports.gift import sheet_gift
from calculator.learn.worksheet.worksheet import sheet
from calculator.ui.learn.exports import FORMATS
from tests.browser.conftest import Pages
from tests.browser.page import rerun
from tests.helpers.exported import check_feedback, thousand
from tests.helpers.paths import ROOT

PARSER = (ROOT / "tests/helpers/gift_pegjs/parser.js").read_text(encoding="utf-8")
LOAD = "parser => { window.gift = new Function('module', parser + ';return module')({}).exports; }"
READ = "texts => JSON.stringify(JSON.parse(texts).flatMap(text => window.gift.parse(text)))"
"""There and back as one text: Playwright takes longer for lists."""


def shown(text: dict[str, str]) -> str:
    assert text["format"] == "html"
    assert "<" not in text["text"]
    return unescape(text["text"])


def check(exercise: Any, question: Any) -> None:
    assert question["type"] == "Numerical"
    assert question["title"] == f"Level {exercise.level} · seed {exercise.seed} · question {exercise.number}"
    html = unescape(question["stem"]["text"])
    assert html.startswith(f"<p>{exercise.question}</p>")
    assert ("<pre>" in html) == bool(exercise.listing)
    assert exercise.listing in html
    *known, other = question["choices"]
    assert [one["weight"] for one in known] == [100] + [0] * (len(known) - 1)
    assert {one["text"]["range"] for one in known} == {0}
    numbers = [one["text"]["number"] for one in known]
    assert numbers[0] == exercise.answer
    assert len(set(numbers)) == len(numbers)
    sentences = [shown(one["feedback"]) for one in known]
    check_feedback(exercise, dict(zip(numbers, sentences, strict=True)), pairs=True)
    assert (other["text"]["text"], shown(other["feedback"])[:30]) == ("*", "Not yet: no known mistake give")
    assert exercise.working[0].what in unescape(question["globalFeedback"]["text"])


def test_another_program_reads_a_thousand_exercises_with_every_mistake(browser: Browser) -> None:
    count = 0
    with browser.new_context() as visitor:
        page = visitor.new_page()
        page.evaluate(LOAD, PARSER)
        for number, sheet in enumerate(thousand()):
            # The time of this parser grows faster than a text. One file in ten is read as a whole.
            text = sheet_gift(sheet)
            texts = text.split("\n\n") if number % 10 else [text]
            category, *questions = json.loads(page.evaluate(READ, json.dumps(texts)))
            assert category == {"type": "Category", "title": f"$course$/top/{sheet.title}"}
            for exercise, question in zip(sheet.exercises, questions, strict=True):
                check(exercise, question)
                count += 1
    assert count > 1000


def test_each_file_comes_as_it_is_written(open_page: Pages, tmp_path: Path) -> None:
    page = open_page("learn?learn=worksheet&seed=9&level=3&q=4&title=Week+3")
    made = sheet(9, 3, 4, "Week 3")
    with rerun(page):
        page.get_by_text("Take the exercises with you").click()
    for form in FORMATS:
        with page.expect_download() as coming:
            page.get_by_role("button", name=form.label, exact=True).click()
        name = f"transposed-convolutions-level-3-seed-9{form.ending}"
        assert coming.value.suggested_filename == name
        coming.value.save_as(tmp_path / name)
        written = form.write(made)
        expected = written.encode() if isinstance(written, str) else written
        assert (tmp_path / name).read_bytes() == expected
