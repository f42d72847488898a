"""Worksheets on paper and on a phone: the browser's own PDF pages, and the page as it prints."""

import io
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from pypdf import PdfReader

from calculator.core.derivation import Step
from calculator.learn.exercise import Exercise
from calculator.learn.worksheet.html import sheet_html
from calculator.learn.worksheet.sheet import Sheet
from calculator.learn.worksheet.worksheet import sheet
from calculator.ui.shell.share import qr_svg
from tests.browser.page import LAPTOP, PHONE, serious_violations

LINK = "https://example.org/learn?view=exercises&level=1&seed=2021&count=12"
CODE = qr_svg(LINK)

MEDIA: tuple[Literal["print", "screen"], ...] = ("print", "screen")
PAPERS = {"A4": (210, 297), "Letter": (215.9, 279.4)}
"""Millimetres."""
MARGINS = (2 * 15, 13 + 17)
"""Of the style sheet's ``@page``: across and down, in millimetres."""
EVERY = [*product((1, 2, 3, 4), (False, True))]
EACH = pytest.mark.parametrize(("level", "key"), EVERY, ids=lambda value: str(value))

# Every element that reaches over the side of the page, and every text that is cut off.
OVERFLOW = """
() => [...document.querySelectorAll("body *")].filter(element => {
  const box = element.getBoundingClientRect();
  return box.right > innerWidth + 0.5 || box.left < -0.5 || element.scrollWidth > element.clientWidth + 1
      && getComputedStyle(element).display !== "inline";
}).map(element => element.outerHTML.slice(0, 80))
"""

# The colour, background and size of every text, in points.
TEXTS = """
() => [...document.querySelectorAll("body, body *")].filter(element =>
  [...element.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim())
).map(element => {
  const style = getComputedStyle(element);
  return {color: style.color, size: parseFloat(style.fontSize) * 0.75};
})
"""


@pytest.fixture(scope="module")
def visitor(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context(color_scheme="dark", viewport=LAPTOP) as visitor:
        yield visitor


@pytest.fixture
def paper(visitor: BrowserContext) -> Iterator[Page]:
    """Return a page that asks nobody for anything."""
    page = visitor.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: asked.append(str(error)))
    yield page
    page.close()
    assert [url for url in asked if not url.startswith("data:image/svg+xml;base64,")] == []


def shown(page: Page, made: Sheet, *, key: bool) -> Page:
    page.set_content(sheet_html(made, key=key, qr_svg=CODE, link=LINK), wait_until="load")
    return page


def squeezed(text: str) -> str:
    return "".join(text.split())


def printed(page: Page, paper: str, only: str = "") -> list[str]:
    """Return the text of each page of the PDF, without space; check that the pages have the paper's size.

    With ``only``, such as "1-2", return these pages alone.
    """
    return page_texts(PdfReader(io.BytesIO(page.pdf(format=paper, page_ranges=only))), paper)


def page_texts(reader: PdfReader, paper: str) -> list[str]:
    """Return the text of each page, without space; check that the pages have the paper's size."""
    for one in reader.pages:
        size = (float(one.mediabox.width) / 72 * 25.4, float(one.mediabox.height) / 72 * 25.4)
        assert size == pytest.approx(PAPERS[paper], abs=0.5)
    return [squeezed(one.extract_text()) for one in reader.pages]


def beginning(exercise: Exercise) -> str:
    return squeezed(f"Question {exercise.number}.{exercise.question}{exercise.listing}")


def label(exercise: Exercise) -> str:
    return squeezed(f"{exercise.quantity[0].upper()}{exercise.quantity[1:]} =")


@pytest.mark.parametrize("paper_size", PAPERS)
@EACH
def test_every_question_is_whole_on_one_page_and_no_page_is_left_half_empty(
    paper: Page, level: int, key: bool, paper_size: str
) -> None:
    # To print a sheet costs most: it is printed once for all questions.
    made = sheet(2021, level, 10, "")
    reader = PdfReader(io.BytesIO(shown(paper, made, key=key).pdf(format=paper_size)))
    pages = page_texts(reader, paper_size)
    for exercise in made.exercises:
        holding = [text for text in pages if beginning(exercise) in text]
        assert len(holding) == 1
        end = f"{label(exercise)}{exercise.answer:,}" if key else label(exercise)
        rest = holding[0].partition(beginning(exercise))[2]
        assert rest.partition(f"Question{exercise.number + 1}.")[0].startswith(end)
    order = [text.index(f"Question{n}.") + 10**6 * at for n, (at, text) in _places(pages, made)]
    assert order == sorted(order)
    for number, text in enumerate(pages, start=1):
        assert f"Level{level}·seed2021·10questions" in text
        assert f"Page{number}of{len(pages)}" in text
    if key:
        filled(reader, level)
    elif level <= 2:
        asked = [text.count("Question") for text in pages]
        assert sum(asked) == 10
        assert all(4 <= count <= 6 for count in asked[:-1])


# Where the last line of each page of a key ends, as a part of the page's height.
FILLED = 0.7


def filled(reader: PdfReader, level: int) -> None:
    """Check that no page of a key of ten questions is left half empty."""
    for one in reader.pages[1:-1]:
        height = float(one.mediabox.height)
        lines: list[float] = []

        def note(
            text: str, page: list[float], place: list[float], *rest: Any, lines: list[float] = lines
        ) -> None:
            if text.strip():
                lines.append(place[4] * page[1] + place[5] * page[3] + page[5])

        one.extract_text(visitor_text=note)
        foot = 17 / 25.4 * 72
        lowest = min(line for line in lines if line > foot)
        assert height - lowest > FILLED * height
    assert len(reader.pages) <= (8 if level == 3 else 6)


def _places(pages: list[str], made: Sheet) -> Iterator[tuple[int, tuple[int, str]]]:
    for exercise in made.exercises:
        for at, text in enumerate(pages):
            if f"Question{exercise.number}." in text:
                yield exercise.number, (at, text)


@pytest.mark.parametrize("paper_size", PAPERS)
def test_four_questions_are_on_one_page(paper: Page, paper_size: str) -> None:
    assert [len(printed(shown(paper, sheet(3, 1, 4, ""), key=False), paper_size))] == [1]


@pytest.mark.parametrize("paper_size", PAPERS)
@pytest.mark.parametrize("level", [1, 2, 3, 4])
def test_the_first_page_of_a_key_has_the_numbers_alone(paper: Page, level: int, paper_size: str) -> None:
    for count in (4, 30):
        made = sheet(3, level, count, "")
        first, second = printed(shown(paper, made, key=True), paper_size, only="1-2")
        for one in made.exercises:
            assert f"{one.number}.{label(one)}{one.answer:,}" in first
        assert "Working" not in first
        assert beginning(made.exercises[0]) in second
        assert f"{label(made.exercises[0])}{made.exercises[0].answer:,}WorkingCalculationValue" in second


@pytest.mark.parametrize("paper_size", PAPERS)
@EACH
def test_nothing_reaches_over_the_edge_or_is_cut(paper: Page, level: int, key: bool, paper_size: str) -> None:
    across, down = (
        int((side - margin) / 25.4 * 96) for side, margin in zip(PAPERS[paper_size], MARGINS, strict=True)
    )
    paper.set_viewport_size({"width": across, "height": down})
    paper.emulate_media(media="print")
    for seed in (0, 999_999_999):
        shown(paper, sheet(seed, level, 30, "W" * 80), key=key)
        assert paper.evaluate(OVERFLOW) == []
        heights = paper.evaluate(
            "() => [...document.querySelectorAll('section')].map(one => one.getBoundingClientRect().height)"
        )
        assert len(heights) == 30
        assert max(heights) < (down if not key or paper_size == "A4" else down * 1.1)


def test_a_working_longer_than_a_page_goes_on_between_two_rows(paper: Page) -> None:
    [one] = sheet(2021, 1, 1, "").exercises
    sums = {n: f"a{n} + {' + '.join(['1,234,567'] * 14)} + z{n}" for n in range(1001, 1061)}
    long = tuple(Step("Weights", text, n, "weights") for n, text in sums.items())
    made = Sheet(2021, 1, "Long", (replace(one, working=long, mistakes=()),))
    pages = printed(shown(paper, made, key=True), "A4")
    assert len(pages) > 1
    for n in sums:
        [holding] = [text for text in pages if f"a{n}+" in text]
        assert f"+z{n}" in holding
    assert ["WorkingCalculationValue" in text for text in pages] == [False] + [True] * (len(pages) - 1)


@EACH
def test_a_phone_and_paper_read_it_black_on_white_large_enough_and_not_sideways(
    paper: Page, level: int, key: bool
) -> None:
    # A sheet is shown once for all questions.
    paper.set_viewport_size(PHONE)
    shown(paper, sheet(2021, level, 8, "W" * 80), key=key)
    assert paper.evaluate(OVERFLOW) == []
    assert paper.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert not paper.locator("figure").is_visible()
    assert serious_violations(paper) == []
    paper.set_viewport_size(LAPTOP)
    for media in MEDIA:
        paper.emulate_media(media=media, color_scheme="dark")
        texts: list[dict[str, Any]] = paper.evaluate(TEXTS)
        assert min(text["size"] for text in texts) >= 10.99
        coloured = {text["color"] for text in texts} - {"rgb(0, 0, 0)"}
        assert coloured == ({"rgb(11, 92, 173)", "rgb(179, 71, 0)"} if key else set())
        assert paper.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert serious_violations(paper) == []


def test_the_code_is_drawn_on_paper_and_on_a_laptop(paper: Page) -> None:
    for media in MEDIA:
        paper.emulate_media(media=media)
        shown(paper, sheet(2021, 1, 3, ""), key=False)
        box = paper.locator("figure img").bounding_box()
        assert box is not None
        assert box["width"] == pytest.approx(box["height"], abs=1)
        assert box["width"] / 96 * 25.4 > 30
        drawn = "image => image.complete && image.naturalWidth > 0"
        assert paper.locator("figure img").evaluate(drawn)


@pytest.mark.parametrize("title", ['حشבון <script>alert(1)</script> & "x"', "反卷积 👩\u200d🔬 # *a*"])
def test_a_title_of_any_script_is_shown_as_it_is(paper: Page, title: str) -> None:
    shown(paper, sheet(2021, 1, 2, title), key=False)
    assert paper.locator("h1").inner_text() == title
    assert paper.title() == title
    assert paper.locator("script").count() == 0
