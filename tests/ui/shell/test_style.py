"""What a browser has to do for the style. How pages look is seen in ``tests/browser/test_look.py``."""

import re
from collections.abc import Iterator

from calculator.ui.shell.style import CSS
from tests.helpers.paths import ROOT

UI = ROOT / "calculator" / "ui"
OF_THE_DOCUMENT = (
    "shell/style.css",
    "components/presenter_view.css",
    "learn/lesson.css",
    "learn/presenting.css",
)
"""Style sheets of the whole page; those of components hold inside of them."""


def selectors(css: str) -> Iterator[str]:
    """Yield the selectors of all rules."""
    for selector in re.findall(r"([^{}]+)\{", re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)):
        if not selector.strip().startswith("@"):
            yield selector.strip()


def test_a_change_of_a_class_changes_the_style_of_one_element() -> None:
    """The comment in the style says what other rules cost."""
    costly = re.compile(r':has\(|\[class\*="[^"]*"\][^,]*[ >+~]')
    assert costly.search(".a:has(> .b)")
    assert costly.search('[class*="a"] .b')
    assert not costly.search('.b [class*="a"]')
    for name in OF_THE_DOCUMENT:
        css = (UI / name).read_text(encoding="utf-8")
        assert [selector for selector in selectors(css) if costly.search(selector)] == [], name


def test_all_rows_are_columns() -> None:
    text = "".join(file.read_text(encoding="utf-8") for file in UI.rglob("*.py"))
    rows = {f".st-key-rows-{name}" for name in re.findall(r'key="rows\.(\w+)"', text)}
    [columns] = [selector for selector in selectors(CSS) if selector.startswith(".st-key-controls, ")]
    named = {each.strip() for each in columns.split(",")}
    assert named == {".st-key-controls", ".st-key-lesson-controls", *rows}
    assert len(rows) > 5
