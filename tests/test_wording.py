"""The form of the sentences that a visitor reads: each begins and ends as a sentence does."""

import ast
import re
from collections.abc import Iterator

from tests.helpers.paths import ROOT

ERRORS = ("ReadError", "LayerError")
VALUE = "{}"
"""Stands for a value that an f-string inserts."""

NAMED = r"[a-z_]+( and [a-z_]+)? (needs .* to be|must (be|have|leave|divide|fit))"
BEGINS = re.compile(rf"[A-Z“\"'{{]|{NAMED}|onnxruntime |the kernel must ")
"""A capital letter, a quotation, an inserted value, or the name of a setting or library as it is spelled."""

ENDS = re.compile(r"([.?!:]|\{\})[”\"']?\s*", re.DOTALL)


def text_of(node: ast.expr) -> str | None:
    """Return the text of a literal, with ``VALUE`` for what is inserted; ``None`` for other code."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else VALUE for part in node.values)
    return None


def refusals() -> Iterator[tuple[str, str]]:
    """Yield the place and the text of every refusal that the sources raise."""
    for file in sorted((ROOT / "calculator").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            call = node.exc if isinstance(node, ast.Raise) else None
            if isinstance(call, ast.Call) and ast.unparse(call.func) in ERRORS and call.args:
                text = text_of(call.args[0])
                if text is not None:
                    yield f"{file.relative_to(ROOT)}:{call.lineno}", text


def test_every_refusal_is_a_sentence() -> None:
    found = list(refusals())
    assert len(found) > 150
    assert [(at, text) for at, text in found if not ENDS.search(text[-3:])] == []
    assert [(at, text) for at, text in found if not BEGINS.match(text)] == []


def constants() -> Iterator[tuple[str, str]]:
    """Yield the place and the text of every constant of a module that holds four words or more."""
    for file in sorted((ROOT / "calculator").rglob("*.py")):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            text = text_of(node.value) if isinstance(node, ast.Assign) else None
            if text and len(text.split()) > 3 and text.rstrip().endswith("."):
                yield f"{file.relative_to(ROOT)}:{node.lineno}", text


CONTINUED = re.compile(r"[:* -]|(fastai|torchinfo|torchsummary|pytorch_model_summary|the shapes of its) ")
"""What goes on in a sentence, is marked up, or names a tool as it is spelled."""


def test_every_constant_that_is_a_sentence_begins_as_one() -> None:
    found = [(at, text) for at, text in constants() if not CONTINUED.match(text)]
    assert len(found) > 50
    assert [(at, text) for at, text in found if not BEGINS.match(text)] == []


NO = re.compile(r"(?<!here )\b(is|are|was|were) (no|none)\b(?! longer)")
"""What is to be written as "is not a". "There is no …" is right, and so is "no longer"."""


def test_nothing_is_no_thing() -> None:
    files = [*(ROOT / "calculator").rglob("*.py"), *(ROOT / "calculator").rglob("*.js"), *ROOT.glob("*.py")]
    files += [*(ROOT / "pages").glob("*.py"), *(ROOT / "docs").glob("*.md"), *ROOT.glob("*.md")]
    files.remove(ROOT / "CONTRIBUTING.md")  # It names what not to write.
    assert [file.name for file in files if NO.search(file.read_text(encoding="utf-8"))] == []
