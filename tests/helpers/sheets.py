"""Worksheets for tests, and readers of their HTML and Markdown that do not use the product."""

import re
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

import pytest

from calculator.core.derivation import Step
from calculator.learn.exercise import Exercise, Mistake
from calculator.learn.worksheet.sheet import Sheet
from calculator.learn.worksheet.worksheet import sheet

VOID = frozenset({"meta", "img", "br", "hr", "link", "input"})


LINK = 'https://example.org/learn?level=1&seed=7&q="<b>"'


SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path d="M0 0h1v1z"/></svg>'


def steps(*values: int) -> tuple[Step, ...]:
    parts = ("weights", "biases", "parameters")
    return tuple(
        Step(f"Thing <{n}>", f"{value} × 1 | {n}", value, parts[n % 3]) for n, value in enumerate(values)
    )


def mistake(name: str, value: int, differs_at: int) -> Mistake:
    wrong = steps(1, 2, value)
    correct = tuple(step._replace(value=-1) if n >= differs_at else step for n, step in enumerate(wrong))
    return Mistake.from_working(name.partition(" ")[0], name, "Think again.", correct, wrong)


NASTY = Exercise(
    level=3,
    seed=7,
    number=1,
    question="Is a < b & c_d *here*? `Yes`, |a|: <script>alert(1)</script>",
    listing="(0): ConvTranspose2d(3, 64, kernel_size=(4, 4))\n(1): <ReLU> & *more*",
    quantity="trainable parameters",
    answer=1_234_567,
    layer=None,
    working=steps(1_000_000, 64, 1_234_567),
    mistakes=(
        mistake("the biases forgotten", 9_000, 1),
        mistake("k instead of <k²>", 77, 0),
        mistake("in_channels swapped", 9_000, 0),
    ),
)


PLAIN = replace(NASTY, number=2, listing="", mistakes=(), quantity="kernel size", answer=5, question="Which?")


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
        elif tag == "tr" and self.rows:
            self.rows[-1].append([])
        elif tag in ("td", "th") and self.rows:
            self.rows[-1][-1].append("")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing")

    def handle_data(self, data: str) -> None:
        self.texts.append((tuple(self.open), data))
        if "section" in self.open:
            self.sections[-1] += data
        if self.open[-1:] in (["td"], ["th"]) and self.rows:
            self.rows[-1][-1][-1] += data

    def text(self, tag: str) -> str:
        return "".join(text for path, text in self.texts if tag in path)

    def values(self, tag: str, name: str) -> list[str]:
        return [value for at, attribute, value in self.attributes if (at, attribute) == (tag, name)]


def read_html(html: str) -> Document:
    document = Document()
    document.feed(html)
    document.close()
    document.faults += [f"<{tag}> is left open" for tag in document.open]
    return document


def without_escapes(text: str) -> str:
    """Take away the backslashes and comments that keep signs from acting, and the marks for bold."""
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text.replace("<!-- -->", "").replace("**", ""))


def unescaped(text: str) -> str:
    """Return the signs of Markdown that could act: those without a backslash, apart from empty comments."""
    return "".join(re.findall(r"[`*_\[\]<>|~$&@#^{}!]", re.sub(r"\\.|<!-- -->", "", text)))


def questions(markdown: str) -> list[str]:
    """Return the parts of a Markdown sheet from one heading of a question to the next."""
    return re.split(r"^(?=## )", markdown, flags=re.MULTILINE)[1:]


def table_rows(part: str) -> list[list[str]]:
    lines = [line for line in part.splitlines() if line.startswith("| ")]
    return [[without_escapes(cell) for cell in re.split(r" (?<!\\)\| ", line[2:-2])] for line in lines]


def label(exercise: Exercise) -> str:
    return f"{exercise.quantity[0].upper()}{exercise.quantity[1:]} ="


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
        assert {int(step) - 1 for step in row[2].split(" or ")} == {mistake.differs_at for mistake in behind}
