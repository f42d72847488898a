"""Worksheets: what stands on them and what does not, told by readers of their own for HTML and Markdown."""

import base64
import hashlib
import os
import re
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calculator.core.derivation import Step
from calculator.core.errors import LayerError
from calculator.learn.exercise import Exercise, Mistake
from calculator.learn.worksheet.html import sheet_html
from calculator.learn.worksheet.markdown import sheet_markdown
from calculator.learn.worksheet.sheet import Sheet
from calculator.learn.worksheet.worksheet import DEFAULT_TITLE, read_title, sheet
from calculator.palette import LIGHT
from tests.helpers.paths import ROOT

VOID = frozenset({"meta", "img", "br", "hr", "link", "input"})
LINK = 'https://example.org/learn?level=1&seed=7&q="<b>"'
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path d="M0 0h1v1z"/></svg>'

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


def steps(*values: int) -> tuple[Step, ...]:
    parts = ("weights", "biases", "parameters")
    return tuple(
        Step(f"Thing <{n}>", f"{value} × 1 | {n}", value, parts[n % 3]) for n, value in enumerate(values)
    )


def mistake(name: str, value: int, parts_at: int) -> Mistake:
    return Mistake(name.partition(" ")[0], name, value, steps(1, 2, value), parts_at, "Think again.")


NASTY = Exercise(
    level=3,
    seed=7,
    number=1,
    question="Is a < b & c_d *here*? `Yes`, |a|: <script>alert(1)</script>",
    listing="(0): ConvTranspose2d(3, 64, kernel_size=(4, 4))\n(1): <ReLU> & *more*",
    asked="trainable parameters",
    answer=1_234_567,
    working=steps(1_000_000, 64, 1_234_567),
    mistakes=(
        mistake("the biases forgotten", 9_000, 1),
        mistake("k instead of <k²>", 77, 0),
        mistake("in_channels swapped", 9_000, 0),
    ),
)
PLAIN = replace(NASTY, number=2, listing="", mistakes=(), asked="kernel size", answer=5, question="Which?")
MADE = Sheet(seed=7, level=3, title="Made by hand", exercises=(NASTY, PLAIN))

SHEETS = [MADE, *(sheet(seed, level, 30, "") for level, seed in ((1, 0), (2, 2021), (3, 999_999_999)))]
EACH = pytest.mark.parametrize("made", SHEETS, ids=["by hand", "level 1", "level 2", "level 3"])


@dataclass
class Document(HTMLParser):
    """What a page holds, read without a browser: texts by the tags they stand in, tables, attributes."""

    open: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    attributes: list[tuple[str, str, str]] = field(default_factory=list)
    texts: list[tuple[tuple[str, ...], str]] = field(default_factory=list)
    sections: list[str] = field(default_factory=list)
    rows: list[list[list[str]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)
        if tag == "section":
            self.sections.append("")
            self.rows.append([])
        elif tag == "tr":
            self.rows[-1].append([])
        elif tag in ("td", "th"):
            self.rows[-1][-1].append("")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing")

    def handle_data(self, data: str) -> None:
        self.texts.append((tuple(self.open), data))
        if "section" in self.open:
            self.sections[-1] += data
        if self.open[-1:] in (["td"], ["th"]):
            self.rows[-1][-1][-1] += data

    def text(self, tag: str) -> str:
        return "".join(text for path, text in self.texts if tag in path)

    def values(self, tag: str, name: str) -> list[str]:
        return [value for at, attribute, value in self.attributes if (at, attribute) == (tag, name)]


def read(html: str) -> Document:
    document = Document()
    document.feed(html)
    document.close()
    document.faults += [f"<{tag}> is left open" for tag in document.open]
    return document


def plain(text: str) -> str:
    """Take the backslashes away that keep signs from acting, and the marks for bold."""
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text.replace("**", ""))


def unescaped(text: str) -> str:
    """Return the signs of Markdown that could act: those without a backslash."""
    return "".join(re.findall(r"[`*_\[\]<>|~$&@#^{}!]", re.sub(r"\\.", "", text)))


def questions(markdown: str) -> list[str]:
    """Return the parts of a Markdown sheet from one heading of a question to the next."""
    return re.split(r"^(?=## )", markdown, flags=re.MULTILINE)[1:]


def table_rows(part: str) -> list[list[str]]:
    lines = [line for line in part.splitlines() if line.startswith("| ")]
    return [[plain(cell) for cell in re.split(r" (?<!\\)\| ", line[2:-2])] for line in lines]


def label(exercise: Exercise) -> str:
    return f"{exercise.asked[0].upper()}{exercise.asked[1:]} ="


def squeezed(*texts: str) -> str:
    return "".join("".join(texts).split())


def working_rows(exercise: Exercise) -> list[list[str]]:
    return [
        [f"{place}. {step.what}", step.expression, f"= {step.value:,}"]
        for place, step in enumerate(exercise.working, 1)
    ]


def check_mistakes(exercise: Exercise, rows: list[list[str]]) -> None:
    """Each number has one row, the rows go up, and each mistake stands in the row of its number."""
    numbers = [int(row[0].replace(",", "")) for row in rows]
    assert numbers == sorted(set(numbers))
    assert set(numbers) == {mistake.value for mistake in exercise.mistakes}
    for at, row in zip(numbers, rows, strict=True):
        behind = [mistake for mistake in exercise.mistakes if mistake.value == at]
        assert row[1].split("; or ") == [mistake.name for mistake in behind]
        assert {int(step) - 1 for step in row[2].split(" or ")} == {mistake.parts_at for mistake in behind}


@EACH
def test_the_sheet_asks_every_question_and_tells_nothing(made: Sheet) -> None:
    document = read(sheet_html(made, key=False, qr_svg=SVG, link=LINK))
    assert document.faults == []
    assert len(document.sections) == len(made.exercises)
    for exercise, section in zip(made.exercises, document.sections, strict=True):
        heading = f"Question {exercise.number}."
        assert squeezed(section) == squeezed(heading, exercise.question, exercise.listing, label(exercise))
    assert "table" not in document.tags
    assert "Answer key" not in document.text("html")


@EACH
def test_the_markdown_sheet_asks_every_question_and_tells_nothing(made: Sheet) -> None:
    parts = questions(sheet_markdown(made, key=False, link=LINK))
    assert len(parts) == len(made.exercises)
    for exercise, part in zip(made.exercises, parts, strict=True):
        listing = f"```text\n{exercise.listing}\n```" if exercise.listing else ""
        rest = [f"## Question {exercise.number}", exercise.question, listing, "Working:", label(exercise)]
        assert squeezed(plain(part.replace("…", ""))) == squeezed(*rest)


@EACH
def test_the_key_works_every_question_out(made: Sheet) -> None:
    document = read(sheet_html(made, key=True))
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


@EACH
def test_the_markdown_key_works_every_question_out(made: Sheet) -> None:
    text = sheet_markdown(made, key=True)
    assert text.startswith("# Answer key: ")
    parts = questions(text)
    for exercise, part in zip(made.exercises, parts, strict=True):
        assert part.startswith(f"## Question {exercise.number}\n")
        assert f"\n**{label(exercise)} {exercise.answer:,}**\n" in part
        assert squeezed(exercise.question) in squeezed(plain(part))
        count = len(exercise.working)
        rows = table_rows(part)
        assert rows[0] == ["Working", "Calculation", "Value"]
        assert rows[1] == [":---", ":---", "---:"]
        assert rows[2 : count + 2] == working_rows(exercise)
        if exercise.mistakes:
            assert rows[count + 2] == ["Answer", "Common mistake", "Step"]
            assert rows[count + 3] == ["---:", ":---", "---:"]
        check_mistakes(exercise, rows[count + 4 :])


@pytest.mark.parametrize("key", [False, True])
def test_seed_and_level_stand_on_top_and_at_the_foot_of_every_page(key: bool) -> None:
    made = sheet(4711, 1, 12, "")
    document = read(sheet_html(made, key=key))
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
    document, usual = read(html), read(sheet_html(MADE, key=key))
    assert document.faults == []
    assert document.tags == usual.tags
    assert document.text("h1") == title
    assert document.text("title") == (f"Answer key: {title}" if key else title)
    assert document.values("h1", "dir") == ["auto"]
    heading, *_ = sheet_markdown(replace(MADE, title=title), key=key).splitlines()
    assert plain(heading) == (f"# Answer key: {title}" if key else f"# {title}")
    assert unescaped(heading[1:]) == ""
    assert not re.search(r"(?<!\\):|www\.|@(?<!\\@)", heading.replace("key:", ""))


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
    document = read(sheet_html(replace(MADE, title=title), key=False))
    assert document.text("h1") == title
    assert len(sheet_markdown(replace(MADE, title=title), key=False).splitlines()[0]) <= 2 * 80 + 2


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
    [(-1, 1, 5), (10**9, 1, 5), (1, 0, 5), (1, 4, 5), (1, 1, 0), (1, 1, -1), (1, 1, 31), (1, 1, True)],
)
def test_what_no_sheet_is_made_of_is_refused(seed: int, level: int, count: int) -> None:
    with pytest.raises(LayerError, match=" must be a whole number from "):
        sheet(seed, level, count, "")


def test_a_page_needs_nothing_else_and_runs_nothing() -> None:
    for key in (False, True):
        html = sheet_html(MADE, key=key, qr_svg=SVG, link=LINK)
        document = read(html)
        assert html.startswith('<!DOCTYPE html>\n<html lang="en">\n')
        assert document.values("meta", "charset") == ["utf-8"]
        assert not {"script", "link", "iframe", "object", "embed", "base", "form"} & set(document.tags)
        assert not [name for _, name, _ in document.attributes if name.startswith("on") or name == "style"]
        sources = [value for _, name, value in document.attributes if name in ("src", "srcset", "href")]
        assert all(value == LINK or value.startswith("data:image/svg+xml;base64,") for value in sources)
        assert not re.search(r"url\(|@import|http", document.text("style"))


def test_the_code_and_the_link_are_on_the_sheet_when_given() -> None:
    document = read(sheet_html(MADE, key=False, qr_svg=SVG, link=LINK))
    [picture] = document.values("img", "src")
    assert base64.b64decode(picture.partition(",")[2]).decode() == SVG
    assert document.values("img", "alt") == ["QR code of the link below the title"]
    assert document.values("a", "href") == [LINK]
    assert document.text("a") == LINK
    assert f"The same exercises live: {LINK}" in document.text("header")
    bare = read(sheet_html(MADE, key=False))
    assert not {"img", "a", "figure"} & set(bare.tags)
    assert "live" not in bare.text("header")
    key = read(sheet_html(MADE, key=True, qr_svg=SVG, link=LINK))
    assert "img" not in key.tags
    assert key.text("a") == LINK


def test_the_link_is_in_the_markdown_when_given() -> None:
    line = "The same exercises live: <https://example.org/learn?level=1&seed=7&q=%22%3Cb%3E%22>"
    for key in (False, True):
        assert line in sheet_markdown(MADE, key=key, link=LINK).splitlines()
        assert "live" not in sheet_markdown(MADE, key=key)


def test_there_is_room_for_a_name_and_the_working() -> None:
    text = read(sheet_html(MADE, key=False)).text("header")
    assert squeezed(text).endswith("NameDateScoreof2")
    assert "Name: …" in sheet_markdown(MADE, key=False)
    assert "Name" not in sheet_markdown(MADE, key=True) + read(sheet_html(MADE, key=True)).text("header")
    [one, several] = sheet_html(replace(MADE, exercises=(PLAIN, NASTY)), key=False).split("</section>")[:2]
    assert (one.count("<i></i>"), several.count("<i></i>")) == (3 + 3, 5)


def test_weights_and_biases_have_their_colours_on_the_key() -> None:
    html = sheet_html(MADE, key=True)
    kinds = Counter(value for _, name, value in read(html).attributes if name == "class" and "value" in value)
    assert (kinds["value weights"], kinds["value biases"]) == (2, 2)
    assert f".weights {{ color: {LIGHT.weights}; }}" in html
    assert f".biases {{ color: {LIGHT.biases}; }}" in html


PRINTED = """
import hashlib
from calculator.learn.worksheet.worksheet import sheet, sheet_html, sheet_markdown
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
