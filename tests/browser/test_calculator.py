"""The calculator's controls under the hands of a visitor: keys, typed numbers, haste."""

import itertools
import re

from playwright.sync_api import Page

from calculator.settings import FIELD
from calculator.settings.examples import EXAMPLES
from tests.browser.browser_visitor import (
    TABS,
    box,
    click,
    enter,
    linked,
    press,
    screen,
    slider,
    switch,
    view_button,
)
from tests.browser.conftest import Pages
from tests.browser.page import rerun

NEXT_FRAME = "() => new Promise(requestAnimationFrame)"
UNUSABLE = {
    "zero": "0",
    "negative": "-3",
    "not whole": "12.7",
    "infinite": "inf",
    "not a number": "nan",
    "overflow": "1e400",
    "5,000 digits": "9" * 5000,
    "Arabic digits": "١٢",
    "script": "<script>alert(1)</script>",
}


def test_an_arrow_key_moves_everything_together(open_page: Pages) -> None:
    page = open_page()
    now = screen(page)
    assert now.query == {}
    assert now.answer == (3_136, 3_072, 64)
    assert now.tab == "How the count grows"
    assert now.sliders == {"Kernel size": "4", "Input channels": "3", "Output channels": "64", "Groups": "1"}
    assert now.alerts == ()
    now = press(page, "Kernel size", "ArrowRight")
    assert now.query == {"k": "5"}
    assert now.answer == (4_864, 4_800, 64)
    assert press(page, "Kernel size", "ArrowLeft").query == {}
    for label, key in (("Kernel size", "k"), ("Input channels", "in"), ("Output channels", "out")):
        maximum = next(field.slider_maximum for field in FIELD.values() if field.key == key)
        assert press(page, label, "End").query == {key: str(maximum)}
        assert press(page, label, "Home").query == {key: "1"}
        click(page, page.get_by_role("radio", name="3 → 64"))
    # So does an example.
    for name, answer in (
        ("16 → 8", (3_200, 3_200, 0)),
        ("6 → 10", (550, 540, 10)),
        ("3-D U-Net", (2_097_152, 2_097_152, 0)),
        ("MuseGAN", (66_560, 65_536, 1_024)),
    ):
        assert click(page, page.get_by_role("radio", name=name, exact=True)).answer == answer
    metrics = page.get_by_test_id("stMetricValue").all_inner_texts()
    assert metrics == ["99,360", "101,472", "103,584"]


def test_a_held_arrow_key_arrives_where_it_was_led(open_page: Pages) -> None:
    page = open_page("/?in=30")
    slider(page, "Input channels").focus()
    for pace, led in (("at once", (("75", 45), ("55", -20))), ("a frame apart", (("85", 30), ("70", -15)))):
        for arrives, way in led:
            direction = "ArrowRight" if way > 0 else "ArrowLeft"
            for _ in range(abs(way)):
                page.keyboard.down(direction)
                if pace == "a frame apart":
                    page.evaluate(NEXT_FRAME)
            page.keyboard.up(direction)
            linked(page, **{"in": arrives})
    # It stops at the end.
    slider(page, "Kernel size").focus()
    for _ in range(30):
        page.keyboard.down("ArrowRight")
    page.keyboard.up("ArrowRight")
    assert linked(page, k="16", **{"in": "70"}).answer == (70 * 64 * 256 + 64, 70 * 64 * 256, 64)


def focused(page: Page) -> str:
    """Return the accessible name of what has the focus."""
    name: str = page.evaluate(
        """() => {
          let at = document.activeElement;
          while (at.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
          return at.ariaLabel || at.innerText || at.tagName;
        }"""
    )
    return name.strip().split("\n")[-1]


def tab_to(page: Page, name: str) -> list[str]:
    """Press Tab until something called ``name`` has the focus; return what was passed on the way."""
    passed: list[str] = []
    while focused(page) != name:
        assert len(passed) < 60, passed
        page.keyboard.press("Tab")
        passed.append(focused(page))
    return passed


def test_everything_is_reached_and_worked_by_keyboard(open_page: Pages) -> None:
    page = open_page("/?in=12&out=18")
    order = tab_to(page, "Dumoulin & Visin 2016")
    numbers = ("Kernel size", "Input channels", "Output channels", "Groups")
    wanted = [
        *("Calculator", "Sources", "Share"),
        EXAMPLES[0].name,  # One stop for all of them: the arrow keys go on from there.
        "One kernel size per axis",
        *(name for label in numbers for name in (label, f"{label}, exact value")),
        *("Bias", "Show the steps", "How the count grows"),
    ]
    assert [name for name in order if name in wanted] == wanted
    # The help of a control and the choices beside it are stops too.
    assert {"Help for Kernel size", "Help for Bias", "Help for Dimensions"} <= set(order)
    assert re.search(r"[123]-D", " ".join(order))
    assert re.search(r"linear|log", " ".join(order))

    page.get_by_role("link", name="Calculator").focus()
    tab_to(page, "Groups")
    with rerun(page):
        page.keyboard.press("ArrowRight")
    assert screen(page).query == {"in": "12", "out": "18", "g": "2"}
    tab_to(page, "Bias")
    with rerun(page):
        page.keyboard.press("Space")
    assert screen(page).query == {"in": "12", "out": "18", "g": "2", "bias": "0"}
    tab_to(page, "How the count grows")
    page.keyboard.press("ArrowRight")
    with rerun(page):
        page.keyboard.press("Space")
    assert screen(page).tab == "Input against output channels"
    for _ in range(len(TABS) - 2):
        page.keyboard.press("ArrowRight")
    with rerun(page):
        page.keyboard.press("Space")
    assert screen(page).tab == list(TABS.values())[-1]
    page.get_by_role("radio", name="2-D", exact=True).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    assert linked(page, **{"in": "12", "out": "18", "g": "2", "bias": "0"}, dim="3", view="frameworks")


def test_a_typed_value_goes_beyond_the_slider(open_page: Pages) -> None:
    page = open_page()
    now = enter(page, "Kernel size", "100")
    assert now.query == {"k": "100"}
    assert now.answer == (3 * 64 * 10_000 + 64, 3 * 64 * 10_000, 64)
    box(page, "Input channels").fill("65,536")
    with rerun(page):
        box(page, "Output channels").focus()  # Leaving a box is as good as Enter.
    assert screen(page).query == {"k": "100", "in": "65536"}
    now = press(page, "Input channels", "ArrowLeft")
    assert now.query == {"k": "100", "in": "65535"}
    assert enter(page, "Kernel size", "6").query == {"k": "6", "in": "65535"}
    assert press(page, "Kernel size", "End").query == {"k": "16", "in": "65535"}


def test_unusable_text_is_explained_beside_its_box_and_changes_nothing(open_page: Pages) -> None:
    page = open_page("/?k=5&in=12&bias=0&scale=log")
    before = screen(page)
    assert before.alerts == ()
    label = "Input channels"
    for leave in ("Enter", "Tab"):
        for text in UNUSABLE.values():
            box(page, label).fill(text)
            with rerun(page):
                box(page, label).press(leave)
            now = screen(page)
            [alert] = now.alerts
            assert alert.startswith("Input channels must be a whole number from 1 to 65,536")
            assert alert.endswith(" 12 is kept.")
            assert text[:20] in alert
            assert (now.query, now.answer, now.boxes) == (before.query, before.answer, before.boxes)
    row = page.locator("[class*='st-key-in_channels-slider']").bounding_box()
    said = page.get_by_role("alert").bounding_box()
    after = page.locator("[class*='st-key-out_channels-slider']").bounding_box()
    assert row
    assert said
    assert after
    assert row["y"] + row["height"] <= said["y"] <= said["y"] + said["height"] <= after["y"]
    assert enter(page, label, "13").alerts == ()


def test_quick_changes_by_different_widgets_all_stay(open_page: Pages) -> None:
    page = open_page("/?in=12")
    for frames, (first, second, query) in itertools.product(
        (0, 1, 2, 4, 8),
        (("Bias", "Show the steps", {"bias": "0", "w": "1"}), ("Show the steps", "Bias", {})),
    ):
        page.evaluate(
            """async ([first, second, frames]) => {
              document.querySelector(`[role=switch][aria-label="${first}"]`).click();
              for (let n = 0; n < frames; n += 1) await new Promise(requestAnimationFrame);
              document.querySelector(`[role=switch][aria-label="${second}"]`).click();
            }""",
            [first, second, frames],
        )
        linked(page, **{"in": "12"}, **query)
    # So do a key, a switch and a view in a row.
    slider(page, "Kernel size").press("ArrowRight")
    switch(page, "Bias").click()
    view_button(page, "In your framework").click()
    slider(page, "Output channels").press("ArrowRight")
    linked(page, **{"in": "12"}, k="5", bias="0", view="frameworks", out="65")
