"""The faults that can be planted: what each kind of code may become, and that nothing else changes."""

import pytest

from tests.helpers.paths import ROOT
from tests.mutants.__main__ import PACKAGES, draw, equivalents, modules_of
from tests.mutants.faults import faults


def planted(source: str) -> set[str]:
    """Return every text that a source may become."""
    data = source.encode()
    return {fault.planted(data).decode() for place in faults(data) for fault in place if fault.compiles(data)}


@pytest.mark.parametrize(
    ("source", "faulty"),
    [
        ("a + b", {"pass", "(a - b)"}),
        ("x = a < 7", {"pass", "x = (a <= 7)", "x = (a >= 7)", "x = a < 8", "x = a < 6"}),
        ("x = a and b", {"pass", "x = (a or b)", "x = a", "x = b"}),
        ("x = not a", {"pass", "x = a"}),
        ("x = True", {"pass", "x = False"}),
        ("x = 'Read the file.'", {"pass", "x = 'the file.'", "x = 'Read the fileX'"}),
        ("x = f'é {n:,} of'", {"pass", "x = f'éX{n:,} of'", "x = f'é {n:X} of'", "x = f'é {n:,} oX'"}),
        ("f(a, b)", {"pass", "f(b, a)"}),
        ("zip(a, strict=True)", {"pass"}),
        ("A = Literal['a', 'b']", set()),
        ("open(a, mode=m)", {"pass", "open(a)"}),
        ("x = min(a)", {"pass", "x = max(a)"}),
        ("x = min(a, b)", {"pass", "x = max(a, b)"}),
        ("x = a.partition(b)", {"pass", "x = a.rpartition(b)"}),
        ("x = a[b:c]", {"pass", "x = a[:c]", "x = a[b:]"}),
        ("x = {a, b}", {"pass", "x = {b}", "x = {a}"}),
        ("x = {a: b}", {"pass", "x = {}"}),
        ("if a: b = c", {"if (not a): b = c", "if a: pass"}),
        ("x = [a for a in b if c]", {"pass", "x = [a for a in b if True]"}),
        ("raise a", {"pass"}),
        ("x += 1", {"x -= 1", "pass", "x += 2", "x += 0"}),
        ("while a: break", {"while (not a): break", "while a: continue", "while a: pass"}),
        ("def f(a: 'A' = b) -> 'C': return a", {"def f(a: 'A' = b) -> 'C': return None"}),
        ("import a\n'''Text.'''\nMAX_ROWS = 5\nassert a\n@f(1)\nclass C: pass\n", set()),
    ],
)
def test_what_may_become_of_it(source: str, faulty: set[str]) -> None:
    assert planted(source) == faulty


def test_a_fault_changes_one_place_and_names_its_line() -> None:
    source = b"def f(n):\n    # caf\xc3\xa9\n    return [n,\n            n * 2]  # twice\n"
    [fault] = [each for place in faults(source) for each in place if each.text == "(n + 2)"]
    assert fault.planted(source) == source.replace(b"n * 2", b"(n + 2)")
    assert (fault.line, fault.before, fault.after) == (4, "n * 2] # twice", "(n + 2)] # twice")


def test_a_sample_depends_on_the_seed_alone() -> None:
    modules = modules_of(ROOT, ["core"])
    assert "calculator/core/layer.py" in modules
    first, again, other = (draw(ROOT, modules, 20, seed) for seed in (1, 1, 2))
    assert first == again != other
    assert len(first) == 20
    assert len(draw(ROOT, ["calculator/core/errors.py"], 20, 1)) < 20


def test_every_fault_that_is_not_counted_can_still_be_planted() -> None:
    assert all(modules_of(ROOT, [package]) for package in PACKAGES)
    for (module, before, after), reason in equivalents().items():
        places = faults((ROOT / module).read_bytes())
        assert any((each.before, each.after) == (before, after) for place in places for each in place), before
        assert reason.endswith(".")
