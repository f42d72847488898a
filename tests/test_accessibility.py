"""The document of WCAG 2.2: every criterion of levels A and AA with a test that exists, or its gap."""

import ast
import re
from functools import cache

from tests.helpers.paths import ROOT

DOCUMENT = (ROOT / "docs/accessibility.md").read_text(encoding="utf-8")

# https://www.w3.org/TR/WCAG22/: the numbers of the criteria of each level. 4.1.1 was removed from WCAG 2.2.
LEVELS = {
    "A": """
        1.1.1 1.2.1 1.2.2 1.2.3 1.3.1 1.3.2 1.3.3 1.4.1 1.4.2 2.1.1 2.1.2 2.1.4 2.2.1 2.2.2 2.3.1 2.4.1 2.4.2
        2.4.3 2.4.4 2.5.1 2.5.2 2.5.3 2.5.4 3.1.1 3.2.1 3.2.2 3.2.6 3.3.1 3.3.2 3.3.7 4.1.2
    """,
    "AA": """
        1.2.4 1.2.5 1.3.4 1.3.5 1.4.3 1.4.4 1.4.5 1.4.10 1.4.11 1.4.12 1.4.13 2.4.5 2.4.6 2.4.7 2.4.11 2.5.7
        2.5.8 3.1.2 3.2.3 3.2.4 3.3.3 3.3.4 3.3.8 4.1.3
    """,
}
VERDICTS = ("supports", "partly", "not applicable")


def rows() -> list[list[str]]:
    """Return the cells of the table of criteria."""
    lines = [line for line in DOCUMENT.splitlines() if re.match(r"\| \d+\.\d+\.\d+ ", line)]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@cache
def functions_of(file: str) -> frozenset[str]:
    """Return the names of the functions of a file."""
    module = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in module.body if isinstance(node, ast.FunctionDef))


def named(text: str) -> list[tuple[str, str]]:
    """Return the file and the test of every test that a text names."""
    return re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", text)


def test_every_criterion_has_a_verdict_once() -> None:
    assert (len(LEVELS["A"].split()), len(LEVELS["AA"].split())) == (31, 24)
    levels = {number: level for level, numbers in LEVELS.items() for number in numbers.split()}
    assert {row[0].split()[0]: row[1] for row in rows()} == levels
    assert len(rows()) == len(levels) == 55
    assert all(row[2] in VERDICTS for row in rows())


def test_every_test_that_is_named_exists() -> None:
    found = named(DOCUMENT)
    assert len(found) > 40
    assert [pair for pair in found if pair[1] not in functions_of(pair[0])] == []
    # No test is named in another form, which the line above would not see.
    assert len(re.findall(r"test_\w+`", DOCUMENT)) == len(found)


def test_what_is_supported_is_shown_and_what_is_not_is_said() -> None:
    for number, _, verdict, evidence in rows():
        if verdict == "supports":
            assert named(evidence), number
        else:
            assert re.search(r"[a-z][^`]*\.", evidence), number


def test_the_check_of_names_can_fail() -> None:
    assert named("`tests/test_accessibility.py::test_gone`") == [("tests/test_accessibility.py", "test_gone")]
    assert "test_gone" not in functions_of("tests/test_accessibility.py")


def test_nothing_flashes() -> None:
    script = (ROOT / "calculator/ui/charts/stamp_player.js").read_text(encoding="utf-8")
    [beat] = re.findall(r"BEAT = (\d+)", script)
    # At most three changes a second are not flashes: success criterion 2.3.1.
    assert int(beat) >= 1000 / 3
    styles = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "calculator").rglob("*.css"))
    assert "@keyframes" not in styles
