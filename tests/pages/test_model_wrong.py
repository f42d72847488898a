"""Invalid files on the model page: each one is refused with an error sentence, and nothing else changes."""

import logging

import pytest

from calculator.readers import Model, read
from calculator.ui.model import source
from tests.helpers.wrong_files import HARMLESS, MARK, WRONG, Wrong
from tests.pages.conftest import MODEL, Visit

GOOD = "Net(\n  (up): ConvTranspose2d(64, 32, kernel_size=(4, 4))\n  (norm): BatchNorm2d(32)\n)"
LINK = {"net": "unet", "in": "5", "k": "3"}
MAX_VALUE = 5_000_000
"""The largest upload that the server accepts, in bytes."""

PASTED = [wrong for wrong in WRONG if isinstance(wrong.data, str) and len(wrong.data) <= source.MAX_PASTED]
OPENED = [wrong for wrong in WRONG if isinstance(wrong.data, bytes) and len(wrong.data) < MAX_VALUE]

BY_ITSELF = ("a page called model.pt", "half a state dict", "members that overlap", "Evaluated by protocol 2")
"""Cases that are read in a subprocess here too, as every file of a visitor is."""


def read_here(data: str | bytes, *, name: str, owner: object) -> Model:
    """Return what a process of its own would, for any visitor."""
    return read(data, name=name)


pytestmark = pytest.mark.usefixtures("canary")


@pytest.fixture
def visitor() -> Visit:
    """Return a visitor with settings, a pasted model and a search in its layers."""
    page = Visit(LINK, page=MODEL, view="layers")
    give(page, Wrong("a good one", GOOD, ""))
    [box] = [box for box in page.all("text_input") if box.key == "model.search"]
    box.set_value("up")
    return page.flip("model.heavy")


def give(page: Visit, wrong: Wrong) -> Visit:
    """Paste the text of a case, or open its file."""
    if isinstance(wrong.data, str):
        [area] = page.all("text_area")
        area.set_value(wrong.data)
        return page.press("model.read")
    [box] = page.all("file_uploader")
    box.set_value((wrong.file, wrong.data, "application/octet-stream"))
    return page.run()


def state(page: Visit) -> list[object]:
    """Return everything that a refusal must not change."""
    [search] = [box.value for box in page.all("text_input") if box.key == "model.search"]
    [heavy] = [toggle.value for toggle in page.all("toggle") if toggle.key == "model.heavy"]
    words = [line for line in page.text.split("\n") if " parameters" in line]
    return [page.query, search, heavy, words, page.table("layers"), page.settings]


def refused(page: Visit, wrong: Wrong, before: list[object]) -> None:
    [sentence] = give(page, wrong).errors
    assert wrong.words in sentence, wrong.case
    assert sentence.endswith(" The previous model is still shown."), wrong.case
    assert state(page) == before, wrong.case


def test_each_has_its_sentence_and_loses_nothing(
    visitor: Visit, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    before = state(visitor)
    assert visitor.errors == []
    assert visitor.query == LINK
    assert [row[0] for row in visitor.table("layers").rows] == ["up"]
    # Read in this process to be quick: the subprocess gives the result of ``read``.
    monkeypatch.setattr(source, "read_in_subprocess", read_here)
    caplog.set_level(logging.INFO)
    for wrong in [*PASTED, *OPENED]:
        refused(visitor, wrong, before)
    assert not any(MARK in record.getMessage() for record in caplog.records)
    assert (len(PASTED) > 40, len(OPENED) > 80) == (True, True)
    give(visitor, Wrong("another good one", GOOD.replace("up", "upper"), ""))
    assert visitor.errors == []
    assert [row[0] for row in visitor.table("layers").rows] == ["upper"]


def test_visitors_files_go_to_a_process_of_their_own(visitor: Visit) -> None:
    before = state(visitor)
    for case in BY_ITSELF:
        [wrong] = [wrong for wrong in WRONG if wrong.case == case]
        refused(visitor, wrong, before)


def test_what_is_read_all_the_same_is_shown(visitor: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "read_in_subprocess", read_here)
    for wrong in HARMLESS:
        give(visitor, wrong)
        assert visitor.errors == []
        assert " parameters · " in visitor.text
