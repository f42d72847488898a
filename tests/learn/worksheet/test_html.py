"""Worksheets as HTML: complete questions and keys, and nothing that loads or runs."""

import base64
import re
from collections import Counter

from calculator.learn.worksheet.html import sheet_html
from calculator.learn.worksheet.sheet import Sheet
from calculator.palette import LIGHT
from tests.helpers.sheets import (
    EACH,
    LINK,
    MADE,
    SVG,
    check_mistakes,
    label,
    read_html,
    squeezed,
    working_rows,
)


@EACH
def test_the_sheet_asks_every_question_and_tells_nothing(made: Sheet) -> None:
    document = read_html(sheet_html(made, key=False, qr_svg=SVG, link=LINK))
    assert document.faults == []
    assert len(document.sections) == len(made.exercises)
    for exercise, section in zip(made.exercises, document.sections, strict=True):
        heading = f"Question {exercise.number}."
        assert squeezed(section) == squeezed(heading, exercise.question, exercise.listing, label(exercise))
    assert "table" not in document.tags
    assert "Answer key" not in document.text("html")


@EACH
def test_the_key_works_every_question_out(made: Sheet) -> None:
    document = read_html(sheet_html(made, key=True))
    assert document.faults == []
    assert "Answer key" in document.text("header")
    for exercise, section, rows in zip(made.exercises, document.sections, document.rows, strict=True):
        result = f"{label(exercise)} {exercise.answer:,}"
        heading = f"Question {exercise.number}."
        asking = squeezed(heading, exercise.question, exercise.listing, result)
        assert squeezed(section).startswith(asking)
        count = len(exercise.working)
        assert rows[0] == ["Working", "Calculation", "Value"]
        assert rows[1 : count + 1] == working_rows(exercise)
        assert rows[count + 1 : count + 2] == [["Answer", "Common mistake", "Step"]] * bool(exercise.mistakes)
        check_mistakes(exercise, rows[count + 2 :])


def test_a_page_needs_nothing_else_and_runs_nothing() -> None:
    for key in (False, True):
        html = sheet_html(MADE, key=key, qr_svg=SVG, link=LINK)
        document = read_html(html)
        assert html.startswith('<!DOCTYPE html>\n<html lang="en">\n')
        assert document.values("meta", "charset") == ["utf-8"]
        assert not {"script", "link", "iframe", "object", "embed", "base", "form"} & set(document.tags)
        assert not [name for _, name, _ in document.attributes if name.startswith("on") or name == "style"]
        sources = [value for _, name, value in document.attributes if name in ("src", "srcset", "href")]
        assert all(value == LINK or value.startswith("data:image/svg+xml;base64,") for value in sources)
        assert not re.search(r"url\(|@import|http", document.text("style"))


def test_the_code_and_the_link_are_on_the_sheet_when_given() -> None:
    document = read_html(sheet_html(MADE, key=False, qr_svg=SVG, link=LINK))
    [picture] = document.values("img", "src")
    assert base64.b64decode(picture.partition(",")[2]).decode() == SVG
    assert document.values("img", "alt") == ["QR code of the link below the title"]
    assert document.values("a", "href") == [LINK]
    assert document.text("a") == LINK
    assert f"The same exercises live: {LINK}" in document.text("header")
    bare = read_html(sheet_html(MADE, key=False))
    assert not {"img", "a", "figure"} & set(bare.tags)
    assert "live" not in bare.text("header")
    key = read_html(sheet_html(MADE, key=True, qr_svg=SVG, link=LINK))
    assert "img" not in key.tags
    assert key.text("a") == LINK


def test_each_class_has_a_rule_and_each_rule_a_place() -> None:
    used: set[str] = set()
    for key in (False, True):
        document = read_html(sheet_html(MADE, key=key, qr_svg=SVG, link=LINK))
        classes = [value for _, name, value in document.attributes if name == "class"]
        used.update(" ".join(classes).split())
        assert used <= (ruled := set(re.findall(r"\.([a-z-]+)", document.text("style"))))
    assert used == ruled


def test_weights_and_biases_have_their_colours_on_the_key() -> None:
    html = sheet_html(MADE, key=True)
    kinds = Counter(
        value for _, name, value in read_html(html).attributes if name == "class" and "value" in value
    )
    assert (kinds["value weights"], kinds["value biases"]) == (2, 2)
    assert f".weights {{ color: {LIGHT.weights}; }}" in html
    assert f".biases {{ color: {LIGHT.biases}; }}" in html
