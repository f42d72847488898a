"""The downloads of a worksheet for other systems: offered when opened, written when clicked."""

from dataclasses import replace
from typing import Any

import pytest

from calculator.learn.worksheet.sheet import Sheet
from calculator.ui.learn import exports
from tests.pages.conftest import LEARN, Visit

KEYS = {"exports.offline", "exports.moodle", "exports.gift", "exports.qti", "exports.markdown"}


def offered(page: Visit) -> set[str]:
    return {button.key for button in page.all("download_button") if button.key.startswith("exports.")}


def test_the_files_are_offered_when_opened_and_not_written_before_a_click(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written: list[Any] = []

    def write(sheet: Sheet) -> str:
        written.append(sheet)
        return ""

    monkeypatch.setattr(exports, "FORMATS", tuple(replace(form, write=write) for form in exports.FORMATS))
    page = Visit({"seed": "9", "level": "2", "q": "5"}, page=LEARN, view="worksheet")
    assert offered(page) == set()
    page.open("exports")
    assert offered(page) == KEYS
    assert "a reply to each common mistake" in page.text
    page.run()
    assert offered(page) == KEYS
    assert written == []


def test_every_format_says_what_it_is_for() -> None:
    page = Visit({}, page=LEARN, view="worksheet").open("exports")
    for form in exports.FORMATS:
        assert form.purpose in page.text
    assert "at most 150 kB" in page.text
