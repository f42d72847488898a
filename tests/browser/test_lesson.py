"""The lesson before a class: readable from the back row, without scrolling, by keyboard, and on paper."""

import io
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader

from calculator.learn.lesson.lesson import STAGES, STEP_COUNT, TOPICS, lesson_step
from calculator.learn.worksheet.guide import guide_html
from calculator.settings import Settings
from tests.browser.conftest import Pages
from tests.browser.page import LAPTOP, PHONE, PROJECTOR, rerun, serious_violations, settled
from tests.browser.test_look import overflowing

MIN_DIGITS = 24
"""The smallest height in pixels of the letters of a number on the wall."""

MAX_TABS = 12

# Every number that is on the screen, with the size of its letters: in texts, in drawings and in boxes.
NUMBERS = r"""
() => {
  const found = [], seen = node => {
    const box = node.getBoundingClientRect();
    const visible = node.checkVisibility({visibilityProperty: true, opacityProperty: true});
    return visible && box.width > 2 && box.height > 2;
  };
  const walker = document.createTreeWalker(document.querySelector(".stMain"), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.data.trim(), parent = walker.currentNode.parentElement;
    if (/\d/.test(text) && !parent.closest("style, script") && seen(parent))
      found.push([text, parseFloat(getComputedStyle(parent).fontSize)]);
  }
  for (const box of document.querySelectorAll("input"))
    if (/\d/.test(box.value) && box.type !== "range" && seen(box))
      found.push([`box ${box.value}`, parseFloat(getComputedStyle(box).fontSize)]);
  return found;
}
"""

# The name of what has the focus, without the letter of its shortcut.
FOCUSED = """
() => {
  let node = document.activeElement;
  while (node.shadowRoot?.activeElement) node = node.shadowRoot.activeElement;
  const name = node.getAttribute("aria-label") || node.innerText || node.labels?.[0]?.innerText;
  return (name || node.nodeName).split("\\n").find(line => line.trim() && !line.includes("_")).trim();
}
"""

# How far the page and each of its parts reach down.
DOWN = """
() => {
  const parts = document.querySelectorAll(".stMain :is(h2, p, .drawing, button, input, img, table)");
  const ends = [...parts].filter(node => node.checkVisibility())
    .map(node => node.getBoundingClientRect().bottom);
  return Math.max(...ends);
}
"""

# How far the text of the question ends above what follows it.
BELOW_QUESTION = """
() => {
  const question = document.createRange();
  question.selectNodeContents(document.querySelector(".st-key-lesson-words h2"));
  const next = document.querySelector(".st-key-lesson-words :is(table, input, ol)");
  return next.getBoundingClientRect().top - question.getBoundingClientRect().bottom;
}
"""

LAYERS = {
    "first": "",
    "per axis in 3-D": "dim=3&k=3x4x5&s=1x2x3&p=0x1x1&n=7x8x9&op=0x1x2&d=1x2x2&in=12&out=8&g=4&bn=1&two=1",
    "largest": "dim=3&in=65536&out=65536&k=128x127x126&s=128x127x126&p=128x127x126&op=127x126x125"
    "&d=128x127x126&n=65536x65535x65534",
}


def press(page: Page, key: str) -> None:
    with rerun(page):
        page.keyboard.press(key)


@pytest.mark.parametrize(
    ("name", "scheme"),
    [("first", "light"), ("first", "dark"), ("per axis in 3-D", "light"), ("per axis in 3-D", "dark"),
     ("largest", "light")],
)  # fmt: skip
def test_every_step_fits_on_the_wall_and_its_numbers_are_large(
    open_page: Pages, name: str, scheme: Literal["light", "dark"]
) -> None:
    page = open_page(f"/learn?present=1&{LAYERS[name]}", size=PROJECTOR, scheme=scheme)
    found = {}
    for place in range(1, len(STAGES) + 1):
        for state in ("asked", "revealed"):
            if state == "revealed" and place <= STEP_COUNT:
                press(page, "v")
            numbers: list[tuple[str, float]] = page.evaluate(NUMBERS)
            assert len(numbers) > 5
            assert page.evaluate(BELOW_QUESTION) >= 0
            small = {text: size for text, size in numbers if size < MIN_DIGITS - 0.01}
            down = page.evaluate(DOWN)
            if small or down > PROJECTOR["height"] or overflowing(page):
                found[place, state] = small, down, overflowing(page)
        if place < len(STAGES):
            press(page, "PageDown")
    assert found == {}


def test_the_lesson_is_within_twelve_tabs(open_page: Pages) -> None:
    page = open_page("/learn?step=2")
    reached: list[str] = []
    while "Reveal" not in reached and len(reached) < 2 * MAX_TABS:
        page.keyboard.press("Tab")
        reached.append(page.evaluate(FOCUSED))
        if reached[-1] == "Skip the menu":
            page.keyboard.press("Enter")
            assert "Back" in page.evaluate(FOCUSED)
    assert len(reached) < MAX_TABS, reached
    assert {"1 Kernel", "Your prediction", "Reveal"} <= set(reached)
    with rerun(page):
        page.keyboard.press("Enter")
    expect(page.get_by_text(lesson_step(Settings(), 2).conclusion)).to_be_visible()
    page.mouse.click(2, 400)
    # The digits go to any step, from wherever the focus is but a box.
    page.mouse.click(2, 400)
    for place in (7, 3, len(STAGES), 1):
        press(page, str(place))
        expect(page.get_by_text(f"{place} of {len(STAGES)} · {STAGES[place - 1].title}")).to_be_visible()
    box = page.get_by_role("textbox", name="Your prediction")
    box.press_sequentially("37")
    assert box.input_value() == "37"
    expect(page.get_by_text(f"1 of {len(STAGES)} · ")).to_be_visible()


@pytest.mark.parametrize("size", [LAPTOP, PHONE, PROJECTOR], ids=["laptop", "phone", "wall"])
def test_the_end_leads_to_the_exercises(open_page: Pages, size: dict[str, int]) -> None:
    presenting = "&present=1" if size == PROJECTOR else ""
    page = open_page(f"/learn?step=8&level=2&seed=5{presenting}", size=size, touch=size == PHONE)  # type: ignore[arg-type]
    code = page.get_by_role("img", name="QR code of")
    box = code.bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= {390: 280, 1366: 420, 1920: 720}[size["width"]]
    for topic in TOPICS:
        expect(page.get_by_text(topic.recap)).to_be_visible()
    assert not overflowing(page)
    assert not serious_violations(page)
    with rerun(page):
        page.get_by_role("button", name="Open the exercises").click()
    assert "learn=exercises" in page.url
    assert "level=2" in page.url


PRINTED = (
    Settings(),
    Settings(in_channels=16, out_channels=8, kernel_size=(5,), bias=False, groups=4, batch_norm=True),
    Settings(
        dimensions=3,
        in_channels=65_536,
        out_channels=65_536,
        kernel_size=(128, 127, 126),
        groups=32_768,
        stride=(3, 4, 5),
        input_size=(7, 8, 9),
        batch_norm=True,
        second=True,
        frozen=True,
    ),
)


@pytest.mark.parametrize("held", PRINTED, ids=["first", "grouped", "largest"])
def test_the_guide_is_one_page_of_paper(browser: Browser, held: Settings) -> None:
    page = browser.new_page()
    link = (
        "https://transposed-convolutions.example.org/learn?present=1&dim=3&in=65536&out=65536&k=128x127x126"
    )
    page.set_content(guide_html(held, link=link, exercises="https://example.org/learn?learn=exercises"))
    [paper] = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages
    assert [round(float(side) / 72 * 25.4) for side in paper.mediabox[2:]] == [210, 297]
    text = "".join(paper.extract_text().split())
    for number in range(1, STEP_COUNT + 1):
        step = lesson_step(held, number)
        assert "".join(f"{number}. {step.title}".split()) in text
        assert f"={step.answer:,}" in text
    for stage in STAGES:
        assert "".join(stage.asks[-1].listen_for.split()) in text
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert not serious_violations(page)
    page.close()


def test_the_guide_is_downloaded_from_the_notes(open_page: Pages) -> None:
    page = open_page("/learn?in=16&out=8&step=3")
    with rerun(page):
        page.get_by_text("Notes for the teacher").click()
    expect(page.get_by_text(TOPICS[2].asks[0].question)).to_be_visible()
    with page.expect_download() as coming:
        page.get_by_role("button", name="Teacher's guide").click()
    assert coming.value.suggested_filename == "transposed-convolutions-teachers-guide.html"
    text = coming.value.path().read_text(encoding="utf-8")
    assert "16 → 8 channels" in text
    assert "/learn?in=16&amp;out=8&amp;present=1" in text
    settled(page)
