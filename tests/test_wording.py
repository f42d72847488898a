"""The form of the sentences that a visitor reads: each begins and ends as a sentence does."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise

from tests.helpers import reader_constants, recorded_texts
from tests.helpers.paths import OTHER_CONSTANTS, ROOT

ERRORS = ("ReadError", "LayerError")
CONTINUING = ("line.error", "self.error", "blank.error", "UnclearError", "UnknownCountError")
"""Errors whose text ends a sentence that begins elsewhere, or stands in it."""

VALUE = "{}"
"""Stands for a value that an f-string inserts."""

NAMED = r"[a-z_]+( and [a-z_]+)? (needs .* to be|must (be|have|leave|divide|fit))"
BEGINS = re.compile(rf"[A-Z“\"'{{]|{NAMED}|onnxruntime |the kernel must ")
"""A capital letter, a quotation, an inserted value, or the name of a setting or library as it is spelled."""

ENDS = re.compile(r"([.?!:]|\{\})[”\"']?\s*\Z")


@cache
def trees() -> dict[str, ast.Module]:
    """Return the parsed sources by their paths."""
    files = sorted((ROOT / "calculator").rglob("*.py"))
    return {str(file.relative_to(ROOT)): ast.parse(file.read_text(encoding="utf-8")) for file in files}


def text_of(node: ast.expr) -> str | None:
    """Return the text of a literal, with ``VALUE`` for what is inserted; ``None`` for other code."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else VALUE for part in node.values)
    return None


def refusals(errors: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield the place and the text of every refusal that the sources raise with one of ``errors``."""
    for file, tree in trees().items():
        for node in ast.walk(tree):
            call = node.exc if isinstance(node, ast.Raise) else None
            if isinstance(call, ast.Call) and ast.unparse(call.func) in errors and call.args:
                text = text_of(call.args[0])
                if text is not None:
                    yield f"{file}:{call.lineno}", text


def test_every_refusal_is_a_sentence() -> None:
    found, continuing = list(refusals(ERRORS)), list(refusals(CONTINUING))
    assert (len(found) > 150, len(continuing) > 50) == (True, True)
    assert [(at, text) for at, text in found if not BEGINS.match(text)] == []
    assert [(at, text) for at, text in found + continuing if not ENDS.search(text)] == []


def sentences() -> Iterator[tuple[str, str]]:
    """Yield the place and the text of every literal of four words or more that ends as a sentence does."""
    for file, tree in trees().items():
        nodes = list(ast.walk(tree))
        inner = {id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
        inner |= {id(node.value) for node in nodes if isinstance(node, ast.Expr)}  # Docstrings.
        for node in nodes:
            if not isinstance(node, ast.expr) or id(node) in inner:
                continue
            text = text_of(node)
            if (
                text
                and len(text.split()) > 3
                and text.rstrip().endswith((".", "?", ".)"))
                and "\\" not in text
            ):
                yield f"{file}:{node.lineno}", text


CONTINUED = re.compile(
    r"[\s:*%−…\d-]|(its?|is|an?|the|no|none|[a-z]+_[a-z_]+) |(names|contains) \{\}|"
    r"(fastai|torchinfo|torchsummary|pytorch_model_summary|summary\(\)) "
)
"""What goes on in a sentence, is marked up, or names a tool as it is spelled."""


def test_every_sentence_begins_as_one() -> None:
    found = [(at, text) for at, text in sentences() if not CONTINUED.match(text)]
    assert len(found) > 1_000
    assert [(at, text) for at, text in found if not BEGINS.match(text)] == []


FORMATS = frozenset({",", ",.0f", ",.3f", ".0f", ".1f", ".2f", ".3g", ".6g", "#.3g", "8", "f", "g"})
"""The formats of numbers; a count has commas."""


def test_numbers_are_written_in_few_ways() -> None:
    nodes = [node for tree in trees().values() for node in ast.walk(tree)]
    inserted = [node for node in nodes if isinstance(node, ast.FormattedValue)]
    found = [text_of(node.format_spec) for node in inserted if node.format_spec]
    assert {text for text in found if text and VALUE not in text} == FORMATS
    assert found.count(",") > 150


PHRASES = {
    *("_per_group(layer)", "counted", "ends", "groups", "in_groups", "meaning", "more", "norm", "position"),
    "sample",
}
"""What stands right behind a word because it is empty or begins with a space or a comma."""


def joined() -> Iterator[tuple[str, str]]:
    """Yield the place and the code of each value that a text of four words inserts right behind a letter."""
    for file, tree in trees().items():
        texts = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
        for text in texts:
            if len((text_of(text) or "").split()) < 4:
                continue
            for word, part in pairwise(text.values):
                last = str(word.value)[-1:] if isinstance(word, ast.Constant) else ""
                value = part.value if isinstance(part, ast.FormattedValue) else None
                if last.isalpha() and value and not isinstance(value, ast.IfExp):
                    yield f"{file}:{text.lineno}", f"{last}{ast.unparse(value)}"


def test_a_value_stands_apart_from_the_word_before_it() -> None:
    found = [(at, code) for at, code in joined() if code[1:] not in PHRASES]
    # A class of torch.nn, a unit that is part of a word of SVG, and a pattern.
    assert [code for _, code in found] == ["M1 - 1 / zoom", "elayer.rank", "b_PARTS"]


NO = re.compile(r"(?<!here )\b(is|are|was|were) (no|none)\b(?! longer)")
"""What is to be written as "is not a". "There is no …" is right, and so is "no longer"."""


def test_nothing_is_no_thing() -> None:
    files = [*(ROOT / "calculator").rglob("*.py"), *(ROOT / "calculator").rglob("*.js"), *ROOT.glob("*.py")]
    files += [*(ROOT / "pages").glob("*.py"), *(ROOT / "docs").glob("*.md"), *ROOT.glob("*.md")]
    files.remove(ROOT / "CONTRIBUTING.md")  # It names what not to write.
    assert [file.name for file in files if NO.search(file.read_text(encoding="utf-8"))] == []


def test_every_constant_is_what_it_was() -> None:
    """It is not judged here; ``python -m tests.helpers.reader_constants`` records what is meant."""
    now, before = list(reader_constants.other_lines()), OTHER_CONSTANTS.read_text("utf-8").splitlines()
    assert set(now) ^ set(before) == set()
    assert now == before
    assert len(now) > 400


def test_every_text_is_what_it_was() -> None:
    """Likewise; ``python -m tests.helpers.recorded_texts`` records what is meant."""
    now, before = dict(recorded_texts.texts()), recorded_texts.kept()
    changed = [(name, text, before.get(name)) for name, text in now.items() if text != before.get(name)]
    assert changed[:3] == []
    assert len(now) == len(before) > 10_000
