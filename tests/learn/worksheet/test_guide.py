"""The teacher's guide, with every number of every step. ``tests/browser/test_lesson.py`` prints it."""

import re

from hypothesis import given

from calculator.core.formatting import format_count
from calculator.learn.lesson.lesson import STAGES, STEP_COUNT, lesson_step
from calculator.learn.lesson.vote import vote
from calculator.learn.worksheet.guide import guide_html
from calculator.settings import Settings
from tests.helpers.sheets import read_html, squeezed
from tests.settings.test_settings import any_settings

LINKS = {
    "link": "https://example.org/learn?present=1&x=%3Cb%3E",
    "exercises": "https://example.org/learn?no=2",
}


@given(any_settings())
def test_every_step_is_in_the_guide(held: Settings) -> None:
    document = read_html(guide_html(held, **LINKS))
    assert document.faults == []
    text = squeezed(document.text("body"))
    for number in range(1, STEP_COUNT + 1):
        step = lesson_step(held, number)
        assert squeezed(f"{number}. {step.title}", step.question) in text.replace("\n", "")
        assert squeezed(f"= {format_count(step.answer)}") in text
        for option in vote(step):
            name = option.mistake.name if option.mistake else "right"
            assert squeezed(f"{option.letter} {format_count(option.value)}: {name}") in text
    for stage in STAGES:
        for ask in stage.asks:
            assert squeezed(ask.question, "→", ask.listen_for) in text


def test_the_plan_fills_three_quarters_of_an_hour() -> None:
    text = read_html(guide_html(Settings(), **LINKS)).text("table")
    plan = [tuple(map(int, found)) for found in re.findall(r"(\d+)–(\d+)(?=\d\. )", text)]
    assert [start for start, _ in plan] == [0, *(end for _, end in plan[:-1])]
    assert plan[-1][1] == sum(stage.minutes for stage in STAGES) == 45
    assert len(plan) == len(STAGES)


def test_the_links_are_links_and_nothing_else_is_fetched() -> None:
    document = read_html(guide_html(Settings(), **LINKS))
    assert document.values("a", "href") == [LINKS["link"], LINKS["exercises"]]
    assert not {"script", "img", "link", "iframe"} & set(document.tags)
