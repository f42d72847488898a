"""The learn page under the hands of a class: by keyboard, on a phone, on a projector; sheets to print."""

from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from calculator.core.formatting import unbroken
from calculator.learn.exercises.generator import exercise
from calculator.learn.lesson.lesson import STEP_COUNT, lesson_step
from calculator.learn.worksheet.markdown import sheet_markdown
from calculator.learn.worksheet.worksheet import sheet
from calculator.settings import Settings
from tests.browser.browser_visitor import go_to, view_button
from tests.browser.conftest import Pages
from tests.browser.page import PHONE, PROJECTOR, rerun, serious_violations, settled
from tests.browser.test_look import divided, overflowing
from tests.helpers.plain_text import plain


def press(page: Page, key: str) -> None:
    with rerun(page):
        page.keyboard.press(key)


def bottom(page: Page, selector: str) -> float:
    found = page.locator(selector).first.bounding_box()
    assert found, selector
    return found["y"] + found["height"]


def test_the_lesson_is_taught_by_keyboard_alone(open_page: Pages) -> None:
    page = open_page("/learn")
    for place in range(1, STEP_COUNT + 1):
        step = lesson_step(Settings(), place)
        expect(page.get_by_role("heading", name=step.question)).to_be_visible()
        expect(page.get_by_text(step.conclusion)).to_have_count(0)
        press(page, "v")
        expect(page.get_by_text(step.conclusion)).to_be_visible()
        press(page, "v")
        expect(page.get_by_text(step.conclusion)).to_have_count(0)
        if place < STEP_COUNT:
            press(page, "n")
            assert page.url.endswith(f"step={place + 1}")
    press(page, "b")
    assert page.url.endswith(f"step={STEP_COUNT - 1}")
    # In a box the same keys are letters.
    box = page.get_by_role("textbox", name="Your prediction")
    box.press_sequentially("nbv")
    assert box.input_value() == "nbv"
    assert page.url.endswith(f"step={STEP_COUNT - 1}")
    press(page, "Enter")
    expect(page.get_by_role("alert")).to_contain_text("must be")
    box.fill("3136")
    press(page, "Enter")
    expect(page.get_by_text("Right: 3,136.")).to_be_visible()


def written_around(page: Page) -> list[float]:
    """Return the heights of the letters around a figure."""
    found: list[float] = page.evaluate(
        """() => [...document.querySelectorAll(".drawing > svg > text")]
            .map(text => parseFloat(getComputedStyle(text).fontSize))"""
    )
    return found


def test_no_quick_press_is_lost_and_the_keys_can_be_switched_off(open_page: Pages) -> None:
    page = open_page("/learn")
    for key in "nnnnb":
        page.keyboard.press(key)
    page.wait_for_url("**/learn?step=4")
    settled(page)
    # All at once, and one that reveals: what it presses is the button of the step it was meant for.
    page.evaluate(
        """() => { for (const key of "nnv")
            document.body.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true})); }"""
    )
    expect(page.get_by_text(lesson_step(Settings(), 6).conclusion)).to_be_visible()
    page.wait_for_url("**/learn?step=6")  # the link is written last; no setting of the layer has changed
    expect(page.get_by_role("status").filter(has_text="The answer is 3,136.")).to_have_count(1)
    go_to(page, "")
    switch = page.get_by_role("switch", name="Keys: N next")
    with rerun(page):
        switch.locator("xpath=ancestor::label").click()
    page.keyboard.press("n")
    # What the key did not press would come before what this does.
    with rerun(page):
        page.get_by_role("button", name="Reveal").click()
    assert urlsplit(page.url).query == ""
    with rerun(page):
        view_button(page, "Exercises").click()
    expect(page.get_by_role("switch", name="Keys: N next")).not_to_be_checked()
    with rerun(page):
        page.get_by_role("switch", name="Keys: N next").locator("xpath=ancestor::label").click()
    # The exercises are worked by keyboard too.
    press(page, "n")
    assert page.url.endswith("no=2")
    press(page, "b")
    page.get_by_role("textbox", name="Parameters").focus()
    page.keyboard.type(str(exercise(1, 1, 1).answer))
    press(page, "Enter")
    expect(page.get_by_text("Right: ")).to_be_visible()


def test_the_presenters_view_is_led_by_keys_wherever_the_focus_is(open_page: Pages) -> None:
    page = open_page("/learn?step=2", size=PROJECTOR)
    with rerun(page):
        page.locator("[class*=st-key-presenting] label").click()
    press(page, "PageDown")
    assert page.url.endswith("step=3&present=1")
    page.get_by_role("slider", name="Input channels").focus()
    press(page, "ArrowRight")
    assert "in=4" in page.url
    press(page, "v")
    expect(page.get_by_text("There is one kernel for every pair of channels")).to_be_visible()
    page.get_by_role("slider", name="Input channels").focus()
    press(page, "PageDown")
    assert "in=4" in page.url
    assert "step=4" in page.url
    page.get_by_role("textbox", name="Your prediction").fill("7")
    press(page, "Enter")
    press(page, "n")
    assert "step=5" in page.url
    page.get_by_role("switch").last.focus()
    press(page, "PageUp")
    assert "step=4" in page.url
    # The code is for phones: it opens the step, not the presenter's view.
    with rerun(page):
        page.get_by_role("button", name="Share").click()
    code = page.get_by_role("img", name="QR code of")
    expect(code).to_be_visible()
    assert (code.get_attribute("alt") or "").endswith("in=4&step=4")
    # A phone that opens the link of the view itself has the same step.
    go_to(page, "k=5&in=16&out=8&bias=0&step=3&present=1")
    question = lesson_step(Settings(kernel_size=(5,), in_channels=16, out_channels=8, bias=False), 3).question
    expect(page.get_by_role("heading", name=question)).to_be_visible()
    phone = open_page(f"/learn?{urlsplit(page.url).query}", size=PHONE, touch=True)
    expect(phone.get_by_role("heading", name=question)).to_be_visible()
    phone.get_by_role("textbox", name="Your prediction").fill("25")
    with rerun(phone):
        phone.get_by_role("textbox", name="Your prediction").press("Enter")
    expect(phone.get_by_role("alert")).to_contain_text("25 is the result with only one kernel counted")
    assert not overflowing(phone)


def check_room(page: Page, place: object) -> None:
    """Fail unless all of a step is on the screen at once, so that nothing has to be scrolled."""
    for selector in (".st-key-lesson-words", ".st-key-lesson-controls", ".drawing"):
        assert bottom(page, selector) <= PROJECTOR["height"], (place, selector)


def test_the_presenters_view_reads_from_the_back_row(open_page: Pages) -> None:
    page = open_page("/learn?present=1", size=PROJECTOR)
    for place in range(1, STEP_COUNT + 1):
        press(page, "v")
        check_room(page, place)
        sizes = page.evaluate(
            """() => [...document.querySelectorAll(".st-key-lesson-words :is(p, h2)")]
                .map(node => parseFloat(getComputedStyle(node).fontSize))"""
        )
        assert min(sizes) >= 22, place
        assert max(sizes) >= 36, place
        assert min(written_around(page)) >= 22, place
        assert not overflowing(page)
        # What the remote control of a projector sends.
        if place < STEP_COUNT:
            press(page, "PageDown")
    press(page, "PageUp")
    assert page.url.endswith(f"step={STEP_COUNT - 1}&present=1")
    assert not serious_violations(page)
    with rerun(page):
        page.emulate_media(color_scheme="dark")
    assert not serious_violations(page)
    assert min(written_around(page)) >= 22

    # There is room for a value per axis too.
    go_to(page, "present=1&step=6&dim=3&k=3x4x5&s=1x2x3&p=0x1x1&n=7x8x9&op=0x1x2&d=1x2x2")
    press(page, "v")
    check_room(page, "a value per axis")
    stride = page.get_by_role("textbox", name="Stride, depth, exact value")
    stride.fill("4")
    with rerun(page):
        stride.press("Enter")
    assert "s=4x2x3" in page.url
    page.get_by_role("textbox", name="Padding, width, exact value", exact=True).fill("half")
    press(page, "Enter")
    expect(page.get_by_role("alert")).to_contain_text("1 is kept")


def test_an_exercise_is_answered_wrongly_and_then_rightly_on_a_phone(open_page: Pages) -> None:
    page = open_page("/learn?learn=exercises&seed=3", size=PHONE, touch=True)
    made = exercise(3, 1, 1)
    mistake = made.mistakes[0]
    box = page.get_by_role("textbox", name="Parameters")
    box.fill(f"{mistake.value:,}")
    with rerun(page):
        page.get_by_role("button", name="Check").tap()
    expect(page.get_by_role("alert")).to_contain_text(mistake.name)
    box.fill("3.1k")
    with rerun(page):
        box.press("Enter")
    expect(page.get_by_text("which is rounded: write all the digits")).to_be_visible()
    box.fill(str(made.answer))
    with rerun(page):
        box.press("Enter")
    expect(page.get_by_text(f"Right: {made.answer:,}.")).to_be_visible()
    assert page.locator(".st-key-answer").inner_text().endswith("1 of 1 solved: 1 after a wrong answer.")
    with rerun(page):
        page.get_by_role("button", name="Next exercise").tap()
    expect(page.get_by_text(exercise(3, 1, 2).question)).to_be_visible()
    link = "learn=exercises&seed=3&no=2"
    assert page.url.endswith(link)
    fresh = open_page(f"/learn?{link}")
    expect(fresh.get_by_text(exercise(3, 1, 2).question)).to_be_visible()
    assert "Nothing tried yet." in fresh.locator(".st-key-answer").inner_text()


def test_a_question_is_whole_on_a_phone_and_the_next_one_too(open_page: Pages) -> None:
    page = open_page("/learn?learn=exercises", size=PHONE, touch=True)
    box = page.get_by_role("textbox", name="Parameters")
    box.fill("5*16")
    with rerun(page):
        box.press("Enter")
    told = page.get_by_role("alert").inner_text()
    assert "In 5 × 16 the factor 3 is missing (out_channels)." in plain(told)
    button = page.get_by_role("button", name="Next exercise")
    button.scroll_into_view_if_needed()
    expect(page.get_by_role("heading", name=exercise(1, 1, 1).question)).not_to_be_in_viewport()
    with rerun(page):
        button.tap()
    question = page.get_by_role("heading", name=exercise(1, 1, 2).question)
    expect(question).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("textbox", name="Parameters")).to_be_in_viewport(ratio=0.9)
    # The heading that stays at the top does not cover the question.
    place = question.bounding_box()
    assert place is not None
    assert bottom(page, ".st-key-answer") <= place["y"]
    assert not overflowing(page)
    # No name of a question is divided.
    found = {}
    for level, number in [(1, 1), (1, 4), (2, 2), (3, 1), (3, 2), (4, 1)]:
        go_to(page, f"learn=exercises&level={level}&seed=3&no={number}")
        asked = page.locator(".st-key-question h2")
        # What is copied is the question, so that code can be run.
        assert asked.evaluate("asked => asked.innerText") == unbroken(exercise(3, level, number).question)
        found[level, number] = divided(page, ".st-key-question")
    assert {place: words for place, words in found.items() if words} == {}


def test_a_sheet_is_downloaded_and_its_code_opens_the_same_exercises(open_page: Pages) -> None:
    page = open_page("/learn?learn=worksheet&seed=11&level=2&q=6&title=Week%203%20%26%20more")
    made = sheet(11, 2, 6, "Week 3 & more")
    files = {}
    for label in ("Worksheet to print", "Answer key to print", "Worksheet as Markdown"):
        with page.expect_download() as download:
            page.get_by_role("button", name=label).click()
        files[label] = download.value
    text = files["Worksheet to print"].path().read_text(encoding="utf-8")
    assert files["Worksheet to print"].suggested_filename == "transposed-convolutions-level-2-seed-11.html"
    assert text.count("<svg") + text.count("data:image/svg") == 1
    link = page.url.partition("?")[0] + "?learn=exercises&seed=11&level=2"
    markdown = files["Worksheet as Markdown"].path().read_text(encoding="utf-8")
    assert markdown == sheet_markdown(made, key=False, link=link)
    page.goto(link)
    expect(settled(page).get_by_text(made.exercises[0].question)).to_be_visible()
