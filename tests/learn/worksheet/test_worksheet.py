"""Worksheets: any title, every seed, and the same bytes in every process."""

import hashlib
import os
import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calculator.core.errors import LayerError
from calculator.learn.worksheet.html import sheet_html
from calculator.learn.worksheet.markdown import sheet_markdown
from calculator.learn.worksheet.sheet import Sheet, source
from calculator.learn.worksheet.worksheet import DEFAULT_TITLE, neighbour_seed, read_title, sheet
from tests.helpers.addresses import linked
from tests.helpers.paths import ROOT
from tests.helpers.sheets import MADE, NASTY, PLAIN, read_html, squeezed, unescaped, without_escapes

TITLES = (
    "<script>alert(1)</script>",
    "</title></style><b>R&D</b> \"quoted\" 'too' &amp;",
    "# *Bold* _it_ `code` [x](https://x.org) ![i](y) ~~z~~ | a | $m$ \\*b\\",
    "1. + > ``` <!-- --> @someone www.example.org a@b.org https://x.org :tada:",
    "חשבון פרמטרים",
    "عدد المعاملات ٣",
    "می\u200cشود 反卷积 — 轉置 👩\u200d🔬 é \u00a0x",
    "x" * 80,
    "漢" * 80,
)


@pytest.mark.parametrize("key", [False, True])
def test_seed_and_level_stand_on_top_and_at_the_foot_of_every_page(key: bool) -> None:
    made = sheet(4711, 1, 12, "")
    document = read_html(sheet_html(made, key=key))
    said = "Level 1 · seed 4711 · 12 questions"
    assert said in document.text("header")
    assert f'@bottom-left {{ content: "{said}"' in document.text("style")
    assert said in sheet_markdown(made, key=key).splitlines()
    assert "1 question\n" in sheet_markdown(sheet(1, 1, 1, ""), key=key)


@pytest.mark.parametrize("key", [False, True])
@pytest.mark.parametrize("title", TITLES, ids=lambda title: ascii(title[:12]))
def test_a_title_is_text_and_nothing_else(title: str, key: bool) -> None:
    assert read_title(title) == title
    html = sheet_html(replace(MADE, title=title), key=key)
    document, usual = read_html(html), read_html(sheet_html(MADE, key=key))
    assert document.faults == []
    assert document.tags == usual.tags
    assert document.text("h1") == title
    assert document.text("title") == (f"Answer key: {title}" if key else title)
    assert document.values("h1", "dir") == ["auto"]
    heading, *_ = sheet_markdown(replace(MADE, title=title), key=key).splitlines()
    assert without_escapes(heading) == (f"# Answer key: {title}" if key else f"# {title}")
    assert unescaped(heading[1:]) == ""
    assert linked(heading.removeprefix("# ").removeprefix("Answer key: "), "<!-- -->") == []


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=100))
@settings(max_examples=200)
def test_any_text_becomes_a_title_or_is_refused_with_a_sentence(text: str) -> None:
    try:
        title = read_title(text)
    except LayerError as error:
        said = str(error)
    else:
        said = ""
    if said:
        assert said.startswith("A title must be one line of 1 to 80 visible characters, received ")
        assert len(said) < 150
        return
    assert title == (text.strip() or DEFAULT_TITLE)
    document = read_html(sheet_html(replace(MADE, title=title), key=False))
    assert document.text("h1") == title
    heading = sheet_markdown(replace(MADE, title=title), key=False).splitlines()[0]
    assert len(heading.replace("<!-- -->", "")) <= 2 * 80 + 2


@pytest.mark.parametrize(
    "text",
    [
        *("a\nb", "a\tb", "a\x00", "a\x7f", "a\x85b", "a\u2028b", "a\u202eb", "\u2066a", "\ud800", "\u200d"),
        *("x" * 81, "x" * 100_000),
    ],
    ids=lambda text: ascii(text[:12]),
)
def test_a_title_that_cannot_be_seen_on_one_line_is_refused(text: str) -> None:
    with pytest.raises(
        LayerError, match=r"^A title must be one line of 1 to 80 visible characters, received "
    ):
        sheet(1, 1, 1, text)


@pytest.mark.parametrize("text", ["", " ", "\n", "\u3000"])
def test_without_a_title_there_is_the_usual_one(text: str) -> None:
    assert sheet(1, 1, 1, text).title == "Counting the parameters of transposed convolutions"


def test_a_sheet_holds_the_exercises_of_its_seed() -> None:
    long = sheet(2021, 1, 30, "")
    assert [exercise.number for exercise in long.exercises] == list(range(1, 31))
    assert (long.seed, long.level) == (2021, 1)
    assert sheet(2021, 1, 7, "Other").exercises == long.exercises[:7]
    assert sheet(2022, 1, 7, "").exercises != long.exercises[:7]


@pytest.mark.parametrize(
    ("seed", "level", "count"),
    [(-1, 1, 5), (10**9, 1, 5), (1, 0, 5), (1, 5, 5), (1, 1, 0), (1, 1, -1), (1, 1, 31), (1, 1, True)],
)
def test_what_no_sheet_is_made_of_is_refused(seed: int, level: int, count: int) -> None:
    with pytest.raises(LayerError, match=" must be a whole number from "):
        sheet(seed, level, count, "")


def test_neighbours_have_other_numbers_and_a_letter() -> None:
    first, second = sheet(7, 1, 10, ""), sheet(neighbour_seed(7), 1, 10, "")
    assert not {one.question for one in first.exercises} & {one.question for one in second.exercises}
    assert neighbour_seed(second.seed) == first.seed
    assert source(replace(second, letter="B")) == "Sheet B · level 1 · seed 500000007 · 10 questions"


def test_a_size_is_not_divided_by_the_end_of_a_line() -> None:
    one = next(one for one in sheet(1, 1, 30, "").exercises if "an image of" in one.question)
    size = one.question.partition("an image of ")[2].partition(".")[0].replace(" ", "\u00a0")
    made = Sheet(1, 1, "One", (one,))
    assert f"an image of {size}." in sheet_html(made, key=False)
    assert f"an image of {size}." in sheet_markdown(made, key=True)


def test_there_is_room_for_a_name_and_the_working() -> None:
    text = read_html(sheet_html(MADE, key=False)).text("header")
    assert squeezed(text).endswith("NameDateScoreof2")
    assert "Name: …" in sheet_markdown(MADE, key=False)
    assert "Name" not in sheet_markdown(MADE, key=True) + read_html(sheet_html(MADE, key=True)).text("header")
    [one, several] = sheet_html(replace(MADE, exercises=(PLAIN, NASTY)), key=False).split("</section>")[:2]
    assert (one.count("<i></i>"), several.count("<i></i>")) == (3 + 3, 5)


PRINTED = """
import hashlib
from calculator.learn.worksheet.html import sheet_html
from calculator.learn.worksheet.markdown import sheet_markdown
from calculator.learn.worksheet.sheet import Sheet, source
from calculator.learn.worksheet.worksheet import sheet
made = [sheet(5, level, 9, "Same") for level in (1, 2, 3)]
texts = [write(one, key=key) for one in made for write in (sheet_html, sheet_markdown)
         for key in (False, True)]
print(hashlib.sha256("".join(texts).encode()).hexdigest())
"""


def test_the_same_seed_makes_the_same_bytes_in_every_process() -> None:
    made = [sheet(5, level, 9, "Same") for level in (1, 2, 3)]
    writers = (sheet_html, sheet_markdown)
    texts = [write(one, key=key) for one in made for write in writers for key in (False, True)]
    expected = hashlib.sha256("".join(texts).encode()).hexdigest()
    for seed in ("1", "2"):
        command = [sys.executable, "-c", PRINTED]
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, env=environment)
        assert done.stdout.strip() == expected
