"""The offline sheet, opened from a file: the diagnosis of the page, on a phone, on paper, for everybody."""

import io
import json
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page
from pypdf import PdfReader

from calculator import LayerError
from calculator.learn.exercise import Exercise
from calculator.learn.exercises.answer import read_answer
from calculator.learn.exports.offline import sheet_offline_html
from calculator.learn.mistakes.diagnosis import diagnose
from calculator.learn.worksheet.sheet import Sheet
from calculator.learn.worksheet.worksheet import sheet
from tests.browser.page import LAPTOP, PHONE, violations
from tests.browser.test_look import divided
from tests.helpers.exported import thousand

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")

# Types each text into the box of its question and presses Enter; returns what is said about it.
ASK = """
async asked => {
  const all = [];
  for (const [index, texts] of JSON.parse(asked).entries()) {
    const form = document.forms[index], box = form.querySelector("input");
    const place = document.getElementById(box.getAttribute("aria-describedby")), said = [];
    for (const text of texts) {
      box.value = text;
      place.textContent = "";
      form.requestSubmit();
      await Promise.resolve();
      for (let turn = 0; turn < 100 && !place.textContent; turn++) {
        await new Promise(later => setTimeout(later));
      }
      said.push([place.textContent, place.dataset.state]);
    }
    all.push(said);
  }
  return JSON.stringify(all);
}
"""


def ask(page: Page, *texts: list[str]) -> list[list[list[str]]]:
    """Type the texts for the first question, for the second and so on; return what is said about each.

    All go there and back as one text: Playwright takes longer for lists than the page for the answers.
    """
    said: list[list[list[str]]] = json.loads(page.evaluate(ASK, json.dumps(texts)))
    return said


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """Return a page on a phone without a network; every request but for the file fails the test."""
    with browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True, offline=True) as visitor:
        page = visitor.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: asked.append(str(error)))
        page.on("console", lambda message: asked.append(message.text))
        yield page
        assert [one for one in asked if not one.startswith("file:///")] == []
        assert len(set(asked)) <= 40


def opened(page: Page, made: Sheet, folder: Path) -> Page:
    """Open a sheet from a file, as it is sent by a messenger."""
    path = folder / "sheet.html"
    path.write_text(sheet_offline_html(made), encoding="utf-8")
    page.goto(path.as_uri())
    page.wait_for_function("() => document.getElementById('score').textContent")
    return page


def typed(exercise: Exercise, rng: random.Random) -> dict[str, int]:
    """Return texts to type, with their values: right, of each mistake, of each step, and others."""
    texts = {str(exercise.answer): exercise.answer, f" {exercise.answer:,} ": exercise.answer}
    texts |= {f"{mistake.value:,}".replace(",", " "): mistake.value for mistake in exercise.mistakes}
    texts |= {str(step.value): step.value for step in exercise.working if step.value > 1}
    texts |= {str(pair.value): pair.value for pair in exercise.pairs()}
    texts |= {f"{exercise.answer}*1+0": exercise.answer, f"{exercise.answer + 7}-7": exercise.answer}
    # Also numbers that are several times, or half more than several times, too large or too small.
    far = [exercise.answer * 5, exercise.answer * 5 // 2, exercise.answer * 7 // 2, exercise.answer // 5]
    for number in (*far, *(rng.randrange(2 * exercise.answer + 10) for _ in range(3))):
        texts[str(number)] = number
    return texts


def test_a_thousand_exercises_get_the_diagnosis_of_the_page(phone: Page, tmp_path: Path) -> None:
    rng, count, sentences = random.Random(2021), 0, 0
    for made in thousand()[1:]:
        opened(phone, made, tmp_path)
        every = [typed(exercise, rng) for exercise in made.exercises]
        for exercise, texts, said in zip(made.exercises, every, ask(phone, *map(list, every)), strict=True):
            expected = [diagnose(exercise, value) for value in texts.values()]
            assert said == [[one.sentence, "right" if one.correct else "wrong"] for one in expected]
            count, sentences = count + 1, sentences + len(said)
        assert phone.locator("#score").inner_text() == "30 of 30 right"
    assert count > 1000
    assert sentences > 20_000


CALCULATED = {
    "5*3*16+3": 243,
    "5 × 3 · 16 + 3": 243,
    "5x3X16 ⋅ 1": 240,
    "1,000*2": 2000,
    "1 000 − 1": 999,
    "10–3": 7,
    "9223372036854775807": 2**63 - 1,
    "3037000500*3037000499-3037000500*3037000499+12": 12,
    "0": 0,
    "007": 7,
    "(243)": 243,
    "3*(5*16+1)": 243,
    "(5 × 3 + 1) · 16": 256,
    "16 × (20 − (2 + 3))": 240,
    "(2-5)*(1-4)": 9,
    "(" * 10 + "7" + ")" * 10: 7,
    "(0x10)": 0,
    "\u20665 × 3\u2069 × 16 + 3": 243,  # Copied from a page.
    "3,\u2066136\u2069": 3136,
}
REFUSED = (
    "", " ", "-5", "5-", "+5", "5**2", "2^3", "(2+3)4", "1.5", "1e3", "12,34", "0x10", "5 3", "３", "1_000",
    "alert(1)", "2-3", "9223372036854775808", "9" * 300, "1+" * 99 + "1+1",
    "(", ")", "()", "5*(3+2", "5*3)", ")5(", "5(3)", "(5)(3)", "(5 3)", "5*(-3+4)", "(3-5)*2",
    "9" * 30 + "*0", "9223372036854775808-9223372036854775807", "\u2066\u2069",
    "1" + "+(1" * 11 + ")" * 11, "5*(3+)", "0x10*(1)",
)  # fmt: skip


def test_what_can_be_typed(phone: Page, tmp_path: Path) -> None:
    [exercise] = sheet(1, 1, 1, "").exercises
    opened(phone, Sheet(1, 1, "One", (exercise,)), tmp_path)
    assert exercise.answer == 243
    for text, value in CALCULATED.items():
        [[[said, _]]] = ask(phone, [text])
        assert said == diagnose(exercise, value).sentence, text
        assert read_answer(text) == value
    for text in REFUSED:
        [[[said, state]]] = ask(phone, [text])
        assert said.startswith("Write a whole number with all its digits"), text
        assert state == "wrong"
        with pytest.raises(LayerError):
            read_answer(text)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("level", [1, 3])
def test_it_is_for_everybody(
    phone: Page, tmp_path: Path, level: int, scheme: Literal["light", "dark"]
) -> None:
    made = sheet(2021, level, 5, "W" * 80)
    phone.emulate_media(color_scheme=scheme)
    opened(phone, made, tmp_path)
    box = phone.get_by_label(phone.locator("label").first.inner_text()).first
    box.fill(str(made.exercises[0].answer))
    box.press("Enter")
    phone.locator(".reply[data-state=right]").wait_for()
    phone.locator("button").nth(1).tap()
    phone.locator(".reply[data-state=wrong]").wait_for()
    assert phone.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert violations(phone) == []
    for button in phone.locator("button").all():
        size = button.bounding_box()
        assert size
        assert min(size["width"], size["height"]) >= 44


def test_no_name_of_a_question_is_divided(phone: Page, tmp_path: Path) -> None:
    opened(phone, sheet(3, 1, 6, "Homework"), tmp_path)
    assert "nn.ConvTranspose2d(in_channels=" in phone.locator("section > p").first.inner_text()
    assert divided(phone, "section > p") == []


def test_on_paper_there_is_a_line_for_each_answer_and_no_answer(phone: Page, tmp_path: Path) -> None:
    made = sheet(2021, 3, 6, "Homework")
    phone.set_viewport_size(LAPTOP)
    phone.emulate_media(color_scheme="dark")
    opened(phone, made, tmp_path)
    first = made.exercises[0]
    ask(phone, [str(first.answer)])
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(phone.pdf(format="A4"))).pages]
    text = "".join("".join(pages).split())
    for exercise in made.exercises:
        assert "".join(exercise.question.split()) in text
        assert f"Question{exercise.number}" in text
    assert "Name" in text
    assert "Check" not in text
    assert "Right:" not in text
    phone.emulate_media(media="print", color_scheme="dark")
    assert phone.evaluate("getComputedStyle(document.body).color") == "rgb(14, 21, 28)"
    assert phone.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_a_browser_that_cannot_unpack_says_so(phone: Page, tmp_path: Path) -> None:
    phone.add_init_script("delete window.DecompressionStream")
    opened(phone, replace(sheet(1, 1, 2, ""), title="Old"), tmp_path)
    assert phone.locator("#score").inner_text().startswith("This browser is too old to check answers")
